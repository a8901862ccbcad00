//! What it costs to check a lane of 1,000 waves of real size, and what a change of one of them costs then. A pass over the
//! same bytes that only counts lines stands beside it as the limit.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up is to stop")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wavedeck::plan::config::Config;
use wavedeck::plan::lane::Lane;
use wavedeck::plan::wave::{Context, read};
use wavedeck::plan::{Project, SourceFile, Sources};

/// Waves of the lane.
const WAVES: u32 = 1_000;

fn main() {
    divan::main();
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

/// The parser alone.
#[divan::bench(sample_count = 10)]
fn parse_the_lane(bencher: Bencher<'_, '_>) {
    let sources = lane();
    let config = Config::for_lane(sources.config.as_ref().map(|file| file.text.as_str()), "main").0;
    let context = Context { config: &config, documents: &sources.documents, runtimes: &[] };
    bencher.counter(bytes(&sources)).bench_local(|| {
        for file in &sources.waves {
            black_box(read(0, &file.path, &file.text, &context));
        }
    });
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
    let mut sources = lane();
    sources.waves.truncate(waves);
    let mut lane = Lane::read(&sources);
    let SourceFile { path, text } = sources.waves.first().unwrap().clone();
    let mut turn = 0_u64;
    bencher.bench_local(|| {
        turn += 1;
        lane.set(&path, Some(&format!("{text}\n<!-- {turn} -->\n")))
    });
}
