//! What it costs to check a lane of 1,000 waves of real size, and what a change of one of them costs then. A pass over the
//! same bytes that only counts lines stands beside it as the limit: before the table it is said, of this very run, how
//! many times that pass parsing and checking take, and how many times a change in a lane of 10 one in a lane of 1,000.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up is to stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wavedeck::plan::config::Config;
use wavedeck::plan::lane::Lane;
use wavedeck::plan::wave::format::format;
use wavedeck::plan::wave::{Context, read};
use wavedeck::plan::{Project, SourceFile, Sources};

/// Waves of the lane.
const WAVES: u32 = 1_000;

fn main() {
    // Whoever only tries whether it runs need not wait for that.
    if std::env::args().any(|word| word == "--bench") {
        say_ratios();
    }
    divan::main();
}

/// Says what checking costs beside the cheapest thing that one can do with the same bytes, and what a change costs in a long
/// lane beside a short one: both taken in this run, so that the machine does not count.
fn say_ratios() {
    let sources = lane();
    let bytes: usize = sources.waves.iter().map(|file| file.text.len()).sum();
    let megabytes = bytes as f64 / 1e6;
    let counting =
        fastest(|| sources.waves.iter().map(|file| black_box(&file.text).lines().count()).sum::<usize>());
    let parsing = fastest(|| parse(&sources));
    let checking = fastest(|| Project::read(black_box(&sources)));
    let say = |what: &str, seconds: f64| {
        let (speed, ratio) = (megabytes / seconds, seconds / counting);
        println!("{what:<22} {:>8.1} ms {speed:>8.0} MB/s {ratio:>6.1} x counting lines", seconds * 1e3);
    };
    println!("{WAVES} waves, {megabytes:.1} MB");
    say("counting their lines", counting);
    say("parsing them twice", parsing);
    say("checking the lane", checking);
    let [short, long] = [10, WAVES as usize].map(|waves| {
        let (mut lane, path, text) = one_of(waves);
        let mut turn = 0_u64;
        fastest(move || {
            turn += 1;
            lane.set(&path, Some(&changed(&text, turn)))
        })
    });
    println!(
        "one changed wave       {:>8.0} us of 10, {:.0} us of {WAVES}: {:.1} times as much\n",
        short * 1e6,
        long * 1e6,
        long / short
    );
}

/// The fastest of several runs, in seconds: what else the machine does only ever slows one down.
fn fastest<T>(mut run: impl FnMut() -> T) -> f64 {
    let times = (0..7).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

fn fixture(path: &str) -> SourceFile {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/waves/repo").join(path);
    SourceFile { path: path.into(), text: fs::read_to_string(file).unwrap() }
}

/// A lane whose waves are the four of the real repository over and over, under numbers of their own.
fn lane() -> Sources {
    let real: Vec<String> =
        [0, 1, 3, 4].map(|number| fixture(&format!("docs/plans/waves/wave-{number}.md")).text).to_vec();
    let waves = (0..WAVES).zip(real.iter().cycle()).map(|(number, text)| SourceFile {
        path: format!("docs/plans/waves/wave-{number}.md"),
        text: text.clone(),
    });
    let roles =
        ["cont-qa", "cont-eval", "integration", "documentation", "security", "design", "infra", "launcher"];
    let documents: BTreeMap<String, String> = roles
        .map(|role| fixture(&format!("docs/agents/wave-{role}-role.md")))
        .map(|file| (file.path, file.text))
        .into();
    Sources {
        lane: "main".into(),
        config: Some(fixture("wave.config.json")),
        matrix: Some(fixture("docs/plans/component-cutover-matrix.json")),
        benchmarks: Some(fixture("docs/evals/benchmark-catalog.json")),
        bundles: Some(fixture("docs/context7/bundles.json")),
        waves: waves.collect(),
        documents,
        ..Sources::default()
    }
}

fn bytes(sources: &Sources) -> BytesCount {
    BytesCount::new(sources.waves.iter().map(|file| file.text.len()).sum::<usize>())
}

/// Everything, as `wavedeck lint` does once its files are read.
#[divan::bench(sample_count = 10)]
fn check_the_lane(bencher: Bencher<'_, '_>) {
    let sources = lane();
    bencher.counter(bytes(&sources)).bench_local(|| Project::read(black_box(&sources)));
}

/// The parser alone; it reads each file twice, with its fences and as the predecessor does.
#[divan::bench(sample_count = 10)]
fn parse_the_lane(bencher: Bencher<'_, '_>) {
    let sources = lane();
    bencher.counter(bytes(&sources)).bench_local(|| parse(&sources));
}

fn parse(sources: &Sources) {
    let config = Config::for_lane(sources.config.as_ref().map(|file| file.text.as_str()), "main").0;
    let context = Context { config: &config, documents: &sources.documents, runtimes: &[] };
    for file in &sources.waves {
        black_box(read(0, &file.path, &file.text, &context));
    }
}

/// The limit: every line is seen once.
#[divan::bench(sample_count = 10)]
fn count_the_lines_of_the_lane(bencher: Bencher<'_, '_>) {
    let sources = lane();
    bencher.counter(bytes(&sources)).bench_local(|| {
        sources.waves.iter().map(|file| black_box(&file.text).lines().count()).sum::<usize>()
    });
}

/// One wave file changed, in lanes of several sizes.
#[divan::bench(args = [1, 10, 100, 1_000])]
fn check_one_changed_wave(bencher: Bencher<'_, '_>, waves: usize) {
    let (mut lane, path, text) = one_of(waves);
    let mut turn = 0_u64;
    bencher.bench_local(|| {
        turn += 1;
        lane.set(&path, Some(&changed(&text, turn)))
    });
}

/// A lane of so many waves as read, and one file of it.
fn one_of(waves: usize) -> (Lane, String, String) {
    let mut sources = lane();
    sources.waves.truncate(waves);
    let lane = Lane::read(&sources);
    let SourceFile { path, text } = sources.waves.into_iter().next().unwrap();
    (lane, path, text)
}

fn changed(text: &str, turn: u64) -> String {
    format!("{text}\n<!-- {turn} -->\n")
}

/// A lane whose waves are in their usual form already, as most are.
#[divan::bench(sample_count = 3)]
fn format_the_lane(bencher: Bencher<'_, '_>) {
    let mut sources = lane();
    for file in &mut sources.waves {
        file.text = format(&file.text);
    }
    bencher
        .counter(bytes(&sources))
        .bench_local(|| sources.waves.iter().map(|file| format(black_box(&file.text)).len()).sum::<usize>());
}
