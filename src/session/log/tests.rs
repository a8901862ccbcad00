use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::{any, prop, proptest};

use super::{LogExtent, LogLimits, LogPiece, LogReader, LogWriter, SIZES_MAX, SizeChange};
use crate::session::screen::Size;

const SMALL: LogLimits = LogLimits { segment_bytes: 10, segments_max: 3 };

fn size(columns: u16) -> Size {
    Size { columns, rows: 24 }
}

fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn old_bytes_rotate_away_and_offsets_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = LogWriter::open(folder.path(), SMALL).unwrap();
    writer.append(b"0123456789abcdefghij").unwrap();
    let reader = LogReader::new(folder.path());
    assert_eq!(reader.extent().unwrap(), LogExtent { first: 0, end: 20 });
    writer.append(b"KLMNOPQRSTuvwxyzUVWXYZ...").unwrap();
    assert_eq!(writer.end(), 45);
    assert_eq!(reader.extent().unwrap(), LogExtent { first: 20, end: 45 });
    assert_eq!(
        files(folder.path()),
        ["00000000000000000020.raw", "00000000000000000030.raw", "00000000000000000040.raw", "sizes.jsonl"]
    );
    let chunk = reader.read(0, 1000).unwrap();
    assert_eq!((chunk.offset, chunk.bytes.as_slice()), (20, b"KLMNOPQRSTuvwxyzUVWXYZ...".as_slice()));
    let chunk = reader.read(28, 4).unwrap();
    assert_eq!((chunk.offset, chunk.bytes.as_slice()), (28, b"STuv".as_slice()));
    let chunk = reader.tail(5).unwrap();
    assert_eq!((chunk.offset, chunk.bytes.as_slice()), (40, b"YZ...".as_slice()));
    assert!(reader.read(45, 10).unwrap().bytes.is_empty());
    assert_eq!(reader.read(99, 10).unwrap().offset, 45);
}

#[test]
fn a_new_writer_goes_on_where_the_last_one_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for turn in 0..7_u8 {
        let mut writer =
            LogWriter::open(folder.path(), LogLimits { segment_bytes: 10, segments_max: 100 }).unwrap();
        let piece = vec![b'a' + turn; 6];
        writer.append(&piece).unwrap();
        expected.extend(piece);
    }
    assert_eq!(LogReader::new(folder.path()).read(0, 1000).unwrap().bytes, expected);
}

#[test]
fn a_follower_reads_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = LogWriter::open(folder.path(), SMALL).unwrap();
    let reader = LogReader::new(folder.path());
    let mut offset = 0;
    for text in ["first ", "over an end ", "third"] {
        writer.append(text.as_bytes()).unwrap();
        let chunk = reader.read(offset, 1000).unwrap();
        assert_eq!(String::from_utf8(chunk.bytes.clone()).unwrap(), text);
        offset = chunk.end();
    }
}

#[test]
fn a_log_that_is_not_there_is_empty() {
    let reader = LogReader::new(Path::new("/no/such/log"));
    assert_eq!(reader.extent().unwrap(), LogExtent { first: 0, end: 0 });
    assert!(reader.read(5, 10).unwrap().bytes.is_empty());
    assert!(reader.sizes().unwrap().is_empty());
    assert_eq!(reader.replay(0).unwrap().count(), 0);
}

#[test]
fn files_are_the_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("log");
    LogWriter::open(&directory, SMALL).unwrap().append(b"secret").unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for name in files(&directory) {
        assert_eq!(mode(&directory.join(&name)), 0o600, "{name}");
    }
}

#[test]
fn a_replay_gives_sizes_and_bytes_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = LogWriter::open(folder.path(), LogLimits::default()).unwrap();
    writer.note_size(size(80)).unwrap();
    writer.append(b"at eighty").unwrap();
    writer.note_size(size(80)).unwrap();
    writer.note_size(size(100)).unwrap();
    writer.append(b"at a hundred").unwrap();
    writer.note_size(size(120)).unwrap();
    let reader = LogReader::new(folder.path());
    let pieces = |offset| reader.replay(offset).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(
        pieces(0),
        [
            LogPiece::Size(size(80)),
            LogPiece::Bytes(b"at eighty".to_vec()),
            LogPiece::Size(size(100)),
            LogPiece::Bytes(b"at a hundred".to_vec()),
            LogPiece::Size(size(120)),
        ]
    );
    assert_eq!(
        pieces(3),
        [
            LogPiece::Size(size(80)),
            LogPiece::Bytes(b"eighty".to_vec()),
            LogPiece::Size(size(100)),
            LogPiece::Bytes(b"at a hundred".to_vec()),
            LogPiece::Size(size(120)),
        ]
    );
    assert_eq!(pieces(99), [LogPiece::Size(size(120))]);
}

#[test]
fn a_torn_line_of_sizes_is_ignored_and_the_next_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = LogWriter::open(folder.path(), LogLimits::default()).unwrap();
    writer.note_size(size(80)).unwrap();
    drop(writer);
    let path = folder.path().join("sizes.jsonl");
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(b"{\"at\":17,\"colu");
    std::fs::write(&path, text).unwrap();
    let mut writer = LogWriter::open(folder.path(), LogLimits::default()).unwrap();
    writer.note_size(size(100)).unwrap();
    let sizes = LogReader::new(folder.path()).sizes().unwrap();
    assert_eq!(sizes, [SizeChange { at: 0, size: size(80) }, SizeChange { at: 0, size: size(100) }]);
}

#[test]
fn sizes_are_bounded_and_the_one_in_force_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = LogWriter::open(folder.path(), SMALL).unwrap();
    for turn in 0..SIZES_MAX * 3 {
        writer.append(b".").unwrap();
        writer.note_size(size(80 + u16::try_from(turn % 50).unwrap())).unwrap();
    }
    let reader = LogReader::new(folder.path());
    let sizes = reader.sizes().unwrap();
    assert!(sizes.len() <= SIZES_MAX, "{}", sizes.len());
    let first = reader.extent().unwrap().first;
    assert!(sizes.iter().any(|change| change.at <= first));
    assert_eq!(sizes.last().unwrap().at, writer.end());
}

#[test]
fn a_gap_left_by_someone_else_hides_what_was_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let limits = LogLimits { segment_bytes: 10, segments_max: 10 };
    LogWriter::open(folder.path(), limits).unwrap().append(&[b'x'; 45]).unwrap();
    std::fs::remove_file(folder.path().join("00000000000000000020.raw")).unwrap();
    let reader = LogReader::new(folder.path());
    assert_eq!(reader.extent().unwrap(), LogExtent { first: 30, end: 45 });
    assert_eq!(reader.read(0, 100).unwrap().bytes.len(), 15);
}

proptest! {
    #[test]
    fn what_is_kept_is_the_end_of_what_was_written(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), any::<bool>()), 0..30),
        segment_bytes in 1_u64..20,
        segments_max in 1_usize..5,
        offset in 0_u64..600,
        bytes_max in 0_usize..100,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let limits = LogLimits { segment_bytes, segments_max };
        let mut writer = LogWriter::open(folder.path(), limits).unwrap();
        let mut all = Vec::new();
        for (piece, reopen) in pieces {
            if reopen {
                writer = LogWriter::open(folder.path(), limits).unwrap();
            }
            writer.append(&piece).unwrap();
            all.extend(piece);
        }
        let reader = LogReader::new(folder.path());
        let extent = reader.extent().unwrap();
        assert_eq!(extent.end, all.len() as u64);
        assert_eq!(writer.end(), all.len() as u64);
        assert!(extent.end - extent.first <= segment_bytes * segments_max as u64);
        let chunk = reader.read(offset, bytes_max).unwrap();
        assert_eq!(chunk.offset, offset.clamp(extent.first, extent.end));
        let start = usize::try_from(chunk.offset).unwrap();
        assert_eq!(chunk.bytes, all[start..(start + bytes_max).min(all.len())]);
    }
}
