//! The status line: which wave, how far, how many agents in which state, and for how long somebody waits for the
//! operator. Numbers keep their places while they grow.

use ratatui::layout::Rect;

use super::glyph::word;
use super::paint::Paint;
use super::text::{Span, short, width};
use super::theme::Role;
use super::told::{Link, Told};
use crate::engine::Time;
use crate::engine::state::WaveStatus;
use crate::engine::view::{Condition, Tally};

const BAR_COLUMNS: usize = 10;

/// Draws the line of a room with a plan.
pub(crate) fn draw(paint: &mut Paint<'_>, area: Rect, told: &Told, now: Time) {
    let place = Span::row(area, 0).after(1).before_last(1);
    if lost(paint, place, told) {
        return;
    }
    let roomy = area.width >= 100;
    let counts = counts(&told.tally, now, roomy, paint.glyphs);
    let wide: u16 = counts.iter().map(|(text, _)| width(text)).sum();
    let mut at = place.after(place.width.saturating_sub(wide));
    for (text, role) in &counts {
        let used = paint.put(at, text, *role);
        at = at.after(used);
    }
    let left = place.before_last(wide + 1);
    let mut used = paint.put(left, &told.project.lane, Role::Title);
    used += paint.put(left.after(used), &format!("  {}", wave_words(told, roomy)), Role::Text);
    let total = told.cards.len();
    if total == 0 {
        return;
    }
    used += paint.put(left.after(used), "  ", Role::Text);
    if roomy {
        let full = told.tally.passed * BAR_COLUMNS / total;
        let bar = |sign: char, count: usize| sign.to_string().repeat(count);
        used += paint.put(left.after(used), &bar(paint.glyphs.bar_full, full), Role::Progress);
        used += paint.put(left.after(used), &bar(paint.glyphs.bar_empty, BAR_COLUMNS - full), Role::Rule);
        used += 2;
    }
    let words = if roomy { " proven" } else { "" };
    paint.put(left.after(used), &format!("{}/{total}{words}", told.tally.passed), Role::Text);
}

/// Draws the line of a room of plain terminals.
pub(crate) fn draw_shells(paint: &mut Paint<'_>, area: Rect, told: &Told) {
    let place = Span::row(area, 0).after(1).before_last(1);
    if lost(paint, place, told) {
        return;
    }
    let running = told.sessions.iter().filter(|session| session.running).count();
    let ended = told.sessions.len() - running;
    let used = paint.put(place, "shells", Role::Title);
    let mut words = format!("  {running} running");
    if ended > 0 {
        words.push_str(&format!(", {ended} ended"));
    }
    paint.put(place.after(used), &words, Role::Muted);
}

fn lost(paint: &mut Paint<'_>, place: Span, told: &Told) -> bool {
    match &told.link {
        Link::Connected => false,
        Link::Connecting => {
            paint.put(place, "Starting the supervisor.", Role::Notice);
            true
        }
        Link::Lost { reason } => {
            let text = format!("No supervisor, connecting again: {reason}");
            paint.put(place, &text, Role::Wrong);
            true
        }
    }
}

fn wave_words(told: &Told, roomy: bool) -> String {
    let total = told.project.waves.len();
    let running = told
        .state
        .waves
        .iter()
        .find(|(key, wave)| key.lane == told.project.lane && wave.status == WaveStatus::Running);
    let closed = told
        .state
        .waves
        .iter()
        .filter(|(key, wave)| key.lane == told.project.lane && wave.status == WaveStatus::Closed)
        .count();
    match (running, roomy) {
        (Some((key, _)), true) => {
            let nth = told.project.waves.keys().position(|wave| *wave == key.number).map_or(0, |at| at + 1);
            match usize::try_from(key.number) == Ok(nth) {
                true => format!("wave {nth} of {total}"),
                false => format!("wave {} ({nth} of {total})", key.number),
            }
        }
        (Some((key, _)), false) => format!("wave {}", key.number),
        (None, true) if closed == total && total > 0 => format!("{total} waves, all closed"),
        (None, true) => format!("{total} waves, none running"),
        (None, false) => format!("{total} waves"),
    }
}

fn counts(tally: &Tally, now: Time, roomy: bool, glyphs: &super::glyph::Glyphs) -> Vec<(String, Role)> {
    let mut pieces = Vec::new();
    let mut add = |condition: Condition, count: usize| {
        let sign = glyphs.condition(condition);
        let mut room = String::new();
        let text = match (condition, roomy) {
            (Condition::Waiting, _) => {
                let waited = tally.waiting_since.map(|since| short(now.since_ms(since))).unwrap_or_default();
                // The blanks that keep the place stand outside of what shouts.
                room = " ".repeat(6usize.saturating_sub(waited.len()));
                match (roomy, count) {
                    (true, 1) => format!(" {sign} 1 waits for you {waited} "),
                    (true, _) => format!(" {sign} {count} wait for you {waited} "),
                    (false, _) => format!(" {sign}{count} {waited} "),
                }
            }
            (_, true) => format!("{sign} {count:>2} {}", word(condition)),
            (_, false) => format!("{sign}{count:>2}"),
        };
        pieces.push((text, if count == 0 { Role::Muted } else { Role::of(condition) }));
        pieces.push((format!("{room}{}", if roomy { "   " } else { " " }), Role::Text));
    };
    add(Condition::Working, tally.working);
    for (condition, count) in [
        (Condition::Waiting, tally.waiting),
        (Condition::RateLimited, tally.rate_limited),
        (Condition::Failed, tally.failed),
        (Condition::NeedsLook, tally.needs_look),
    ] {
        if count > 0 {
            add(condition, count);
        }
    }
    pieces.pop();
    pieces
}
