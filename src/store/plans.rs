//! Saved plans as tables for people and programs that ask in SQL: `wave_plans`, a row for each wave of each plan, and
//! `wave_plan_slots`, a row for each task. They follow from the facts, are written with them in one transaction, and are
//! never read back.

use rusqlite::{Transaction, params};

use crate::engine::fact::What;
use crate::engine::{Fact, State, Time};
use crate::plan::backlog::TaskId;
use crate::plan::slots::{Lock, Named, PlanWave};

/// The part of a state that the tables show. Folded from the same facts by the same function.
#[derive(Debug, Default)]
pub(super) struct Shown {
    state: State,
}

impl Shown {
    /// What a state shows.
    pub(super) fn of(state: &State) -> Shown {
        let (plans, documents) = (state.plans.clone(), state.documents.clone());
        Shown { state: State { plans, documents, ..State::default() } }
    }

    /// Writes what becomes of the tables by these facts. Gives what they show then, to be kept once the transaction is
    /// committed; `None` when they show the same.
    pub(super) fn write(
        &self,
        transaction: &Transaction<'_>,
        facts: &[Fact],
    ) -> rusqlite::Result<Option<Shown>> {
        let Some(last) = facts.last() else { return Ok(None) };
        let mut state = State {
            plans: self.state.plans.clone(),
            documents: self.state.documents.clone(),
            ..State::default()
        };
        facts.iter().for_each(|fact| state.apply(fact));
        let follows_changed = |named: &Named| {
            let document = named.plan.document.as_ref();
            document.is_some_and(|path| state.documents.get(path) != self.state.documents.get(path))
        };
        let read = state.plans.iter().filter(|(_, named)| follows_changed(named)).map(|(slug, _)| slug);
        let mut slugs: Vec<&str> = state.plans.changed_since(&self.state.plans).chain(read).collect();
        slugs.sort_unstable();
        slugs.dedup();
        for slug in slugs {
            write_plan(transaction, slug, state.plans.get(slug), &state, last.at)?;
        }
        Ok(Some(Shown { state }))
    }
}

/// Whether a fact changes what the tables show.
pub(super) fn concerns(fact: &Fact) -> bool {
    matches!(
        fact.what,
        What::SlotsChanged { .. }
            | What::SlotsUndone { .. }
            | What::SlotsRedone { .. }
            | What::DocumentRead { .. }
    )
}

fn write_plan(
    transaction: &Transaction<'_>,
    slug: &str,
    named: Option<&Named>,
    state: &State,
    at: Time,
) -> rusqlite::Result<()> {
    transaction.prepare_cached("DELETE FROM wave_plan_slots WHERE slug = ?1")?.execute([slug])?;
    let waves = named.map(|named| named.plan.waves()).unwrap_or_default();
    let numbers: Vec<String> = waves.iter().map(|wave| wave.number.to_string()).collect();
    // Rows of waves that stay keep their id and the time at which they came.
    transaction
        .prepare_cached(
            "DELETE FROM wave_plans WHERE slug = ?1 AND wave_number NOT IN (SELECT value FROM json_each(?2))",
        )?
        .execute(params![slug, format!("[{}]", numbers.join(","))])?;
    let Some(named) = named else { return Ok(()) };
    for wave in waves {
        write_wave(transaction, slug, named, wave, at)?;
        write_slots(transaction, slug, named, wave, state)?;
    }
    Ok(())
}

fn write_wave(
    transaction: &Transaction<'_>,
    slug: &str,
    named: &Named,
    wave: &PlanWave,
    at: Time,
) -> rusqlite::Result<()> {
    let tasks: Vec<&TaskId> = wave.slots.iter().map(|slot| &slot.task).collect();
    let scope: Vec<&str> = named.plan.scope.iter().map(TaskId::as_str).collect();
    let epic = (!scope.is_empty()).then(|| scope.join(","));
    let tasks = serde_json::to_string(&tasks).unwrap_or_default();
    let locked_by = wave.lock.as_ref().map(|lock| &lock.by);
    let locked_at = locked_at(wave.lock.as_ref());
    let document = &named.plan.document;
    let updated = transaction
        .prepare_cached(
            "UPDATE wave_plans SET epic_id = ?1, task_ids = ?3, notes = ?4, locked_by = ?5, locked_at = ?6, document = ?8
             WHERE slug = ?7 AND wave_number = ?2",
        )?
        .execute(params![epic, wave.number, tasks, wave.notes, locked_by, locked_at, slug, document])?;
    if updated == 0 {
        transaction
            .prepare_cached(
                "INSERT INTO wave_plans
                     (epic_id, wave_number, task_ids, notes, locked_by, locked_at, slug, document, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                epic,
                wave.number,
                tasks,
                wave.notes,
                locked_by,
                locked_at,
                slug,
                document,
                at.to_string()
            ])?;
    }
    Ok(())
}

fn write_slots(
    transaction: &Transaction<'_>,
    slug: &str,
    named: &Named,
    wave: &PlanWave,
    state: &State,
) -> rusqlite::Result<()> {
    let reading = named.plan.document.as_ref().and_then(|path| state.documents.get(path));
    let mut insert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO wave_plan_slots
             (slug, task_id, wave_number, position, note, locked_by, locked_at, document_line, document_column)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (position, slot) in wave.slots.iter().enumerate() {
        let written = reading.and_then(|reading| reading.slot(&slot.task)).map(|slot| slot.position);
        insert.execute(params![
            slug,
            slot.task.as_str(),
            wave.number,
            i64::try_from(position).unwrap_or(i64::MAX),
            slot.note,
            slot.lock.as_ref().map(|lock| &lock.by),
            locked_at(slot.lock.as_ref()),
            written.map(|position| position.line),
            written.map(|position| position.column),
        ])?;
    }
    Ok(())
}

fn locked_at(lock: Option<&Lock>) -> Option<String> {
    lock.map(|lock| Time(lock.at_ms).to_string())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use crate::engine::fact::What;
    use crate::engine::{Fact, Time};
    use crate::plan::document::{Ids, read};
    use crate::plan::slots::{Change, Edit, Holder, Lock, Plan};
    use crate::store::Store;

    type Row = (i64, Option<String>, u32, String, String, Option<String>, Option<String>, String, String);

    fn rows(path: &std::path::Path) -> Vec<Row> {
        let connection = Connection::open(path).unwrap();
        let mut statement = connection
            .prepare(
                "SELECT id, epic_id, wave_number, task_ids, notes, locked_by, locked_at, created_at, slug
                 FROM wave_plans ORDER BY slug, wave_number",
            )
            .unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
                row.get(7)?,
                row.get(8)?,
            ))
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    fn places(path: &std::path::Path) -> Vec<(String, u32, u32, Option<u32>)> {
        let connection = Connection::open(path).unwrap();
        let mut statement = connection
            .prepare(
                "SELECT task_id, wave_number, position, document_line FROM wave_plan_slots ORDER BY task_id",
            )
            .unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn the_tables_follow_every_fact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wavedeck.db");
        let store = Store::open(&path).unwrap().store;
        let tell = |at: u64, what: What| {
            store.append(vec![Fact { at: Time(at * 1_000), what }]).wait().unwrap();
        };
        let change = |change: Change| What::SlotsChanged { change, by: "kim".into() };
        let edit = |edit: Edit| change(Change::Edit { slug: "next".into(), edit });
        let mut plan = Plan::of([(1, vec!["T1".into(), "T2".into()]), (2, vec!["T3".into()])]);
        plan.scope = vec!["E1".into()];
        plan.document = Some("NEXT.md".into());
        tell(1, change(Change::Save { slug: "next".into(), plan }));
        tell(2, edit(Edit::Lock { of: Holder::Wave(1), lock: Lock { by: "kim".into(), at_ms: 2_000 } }));
        tell(3, edit(Edit::Move { task: "T3".into(), wave: 1, index: Some(0) }));
        tell(4, edit(Edit::Note { of: Holder::Wave(3), note: "free".into() }));
        let reading = read("\n- Wave 1: T3, T1, T2\n", &Ids::of([]));
        tell(5, What::DocumentRead { path: "NEXT.md".into(), reading: Some(Box::new(reading)) });
        let time = |seconds: u64| Time(seconds * 1_000).to_string();
        let (epic, kim) = (Some("E1".to_owned()), Some("kim".to_owned()));
        let tasks = r#"["T3","T1","T2"]"#.to_owned();
        let first = (1, epic.clone(), 1, tasks, String::new(), kim, Some(time(2)), time(1), "next".into());
        let free = (3, epic, 3, "[]".into(), "free".to_owned(), None, None, time(4), "next".into());
        assert_eq!(rows(&path), [first.clone(), free]);
        let line = Some(2);
        let expected = [("T1", 1, 1, line), ("T2", 1, 2, line), ("T3", 1, 0, line)];
        assert_eq!(places(&path), expected.map(|(id, wave, at, line)| (id.to_owned(), wave, at, line)));
        store.close().unwrap();

        let store = Store::open(&path).unwrap().store;
        let undone = What::SlotsUndone { by: "kim".into() };
        store.append(vec![Fact { at: Time(6_000), what: undone }]).wait().unwrap();
        assert_eq!(rows(&path), [first]);
        let rename = Change::Rename { from: "next".into(), to: "may".into() };
        let delete = Change::Delete { slug: "may".into() };
        store.append(vec![Fact { at: Time(7_000), what: change(rename) }]).wait().unwrap();
        assert_eq!(rows(&path).into_iter().map(|row| row.8).collect::<Vec<_>>(), ["may"]);
        store.append(vec![Fact { at: Time(8_000), what: change(delete) }]).wait().unwrap();
        assert_eq!((rows(&path), places(&path)), (Vec::new(), Vec::new()));
        store.close().unwrap();
    }
}
