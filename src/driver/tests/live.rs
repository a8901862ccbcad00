//! The driver on its own thread: its channel, its timers, its watch, its end.

use super::bench::{Bench, told, wave_text};
use super::world::World;
use crate::driver::DriverError;
use crate::driver::request::{Agents, Caller, Command, Reply, ReplyTo, Request, Role};
use crate::engine::fact::What;
use crate::engine::input::{Exit, LaunchOptions};
use crate::plan::runtime::RuntimeId;
use crate::store::{Store, StoreError};

fn launch(wave: u32, timeout_ms: u64) -> Command {
    let options = LaunchOptions {
        executor: Some(RuntimeId("local".into())),
        max_retries: 0,
        timeout_ms,
        ..LaunchOptions::default()
    };
    request(1, Request::Launch { waves: vec![wave], options, command: None })
}

fn request(number: u64, request: Request) -> Command {
    let reply_to = ReplyTo { client: 1, request: number };
    Command::Request { from: Caller { reply_to, role: Role::Operator }, request: Box::new(request) }
}

fn reply(world: &World, number: u64) -> Option<Reply> {
    world.replies.iter().find(|(to, _)| to.request == number).map(|(_, reply)| reply.clone())
}

fn exited(world: &World, session: &str) -> Option<Exit> {
    world.sessions.get(session)?.exit
}

#[test]
fn a_deadline_passes_by_itself_and_the_end_is_clean() {
    let bench = Bench::new();
    let (driver, thread) = bench.spawn().unwrap();
    driver.blocking_send(launch(1, 50)).unwrap();
    let session = "main-w1-A3-t1";
    let exit = bench.until("the attempt is ended when its time is over", |world| exited(world, session));
    driver.blocking_send(Command::SessionExited { name: session.into(), exit }).unwrap();
    let verdict = bench.until("its verdict", |world| {
        world.facts.iter().find_map(|(_, fact)| match &fact.what {
            What::AttemptEnded { verdict, .. } => Some(format!("{verdict:?}")),
            _ => None,
        })
    });
    assert!(verdict.contains("timeout"), "{verdict}");
    driver.blocking_send(Command::Stop { agents: Agents::GoOn }).unwrap();
    thread.join().unwrap().unwrap();
    let opened = Store::open(&bench.paths.database()).unwrap();
    assert_eq!(opened.replayed, 0, "the state was kept");
    assert_eq!(opened.sequence, bench.world().facts.last().unwrap().0);
}

#[test]
fn what_somebody_else_saves_is_read() {
    let bench = Bench::new();
    let (driver, thread) = bench.spawn().unwrap();
    let first =
        bench.until("the first reading", |world| (world.sources_told > 0).then_some(world.sources_told));
    // Answered from within the loop, so files are watched by now.
    driver.blocking_send(request(1, Request::Snapshot)).unwrap();
    bench.until("a snapshot", |world| reply(world, 1));
    bench.write("docs/plans/waves/wave-2.md", &wave_text(2, &["A4"]));
    let path = "docs/plans/waves/wave-2.md";
    bench.until("the new wave", |world| world.wave_files_told.contains(&path.to_owned()).then_some(()));
    driver.blocking_send(request(2, Request::Snapshot)).unwrap();
    let Reply::Snapshot(snapshot) = bench.until("a snapshot", |world| reply(world, 2)) else { panic!() };
    assert_eq!(snapshot.sources.waves.len(), 3);
    assert_eq!(bench.world().sources_told, first, "a wave alone is told alone");
    bench.write("wave.config.json", "{}");
    bench.until("the configuration", |world| (world.sources_told > first).then_some(()));
    drop(driver);
    thread.join().unwrap().unwrap();
}

#[test]
fn ending_everything_cancels_agents_and_waits_for_them() {
    let bench = Bench::new();
    let (driver, thread) = bench.spawn().unwrap();
    driver.blocking_send(launch(0, 60_000)).unwrap();
    bench.until("both run", |world| (world.started.len() == 2).then_some(()));
    driver.blocking_send(Command::Stop { agents: Agents::End }).unwrap();
    for session in ["main-w0-A1-t1", "main-w0-A2-t1"] {
        let exit = bench.until("it is ended", |world| exited(world, session));
        driver.blocking_send(Command::SessionExited { name: session.into(), exit }).unwrap();
    }
    thread.join().unwrap().unwrap();
    let facts: Vec<String> = bench.world().facts.iter().map(|(_, fact)| told(fact)).collect();
    assert!(facts.last().unwrap().contains("run-ended"), "{facts:#?}");
    assert_eq!(bench.world().started.len(), 2, "nothing is started again");
}

#[test]
fn a_client_that_left_gets_no_late_reply() {
    let bench = Bench::new();
    let (driver, thread) = bench.spawn().unwrap();
    driver.blocking_send(launch(0, 60_000)).unwrap();
    bench.until("both run", |world| (world.started.len() == 2).then_some(()));
    let ask = Request::Ask { text: "which?".into(), options: Vec::new() };
    let reply_to = ReplyTo { client: 2, request: 9 };
    let from = Caller { reply_to, role: bench.role_of("main-w0-A1-t1") };
    driver.blocking_send(Command::Request { from, request: Box::new(ask) }).unwrap();
    let Reply::Asked { question } = bench.until("a ticket", |world| reply(world, 9)) else { panic!() };
    for (client, number) in [(2, 10), (3, 11)] {
        let from = Caller { reply_to: ReplyTo { client, request: number }, role: Role::Operator };
        let wait = Request::AwaitAnswer { question };
        driver.blocking_send(Command::Request { from, request: Box::new(wait) }).unwrap();
    }
    driver.blocking_send(Command::ClientGone { client: 2 }).unwrap();
    let answer = Request::Answer { question, text: "v2".into(), by: "me".into() };
    driver.blocking_send(request(12, answer)).unwrap();
    bench.until("the one who stayed is told", |world| reply(world, 11));
    bench.until("the answer is taken", |world| reply(world, 12));
    assert_eq!(reply(&bench.world(), 10), None);
    drop(driver);
    thread.join().unwrap().unwrap();
}

#[test]
fn a_project_has_one_driver() {
    let bench = Bench::new();
    let (driver, thread) = bench.spawn().unwrap();
    let second = bench.spawn().map(|_| ());
    assert!(matches!(second, Err(DriverError::Store(StoreError::Locked { .. }))), "{second:?}");
    drop(driver);
    thread.join().unwrap().unwrap();
}
