//! What a session printed, on disk: bounded, in order, byte for byte.
//!
//! A log is a folder of segments. A segment is named by the offset of its first byte, counted from the first byte that
//! the session ever printed, in 20 digits: `00000000000004194304.raw`. Segments are filled one after the other; when
//! there are too many the oldest is removed, and offsets stay what they were. Beside them `sizes.jsonl` holds a line
//! `{"at":OFFSET,"columns":C,"rows":R}` for each size the terminal had from that offset on, so that its screen can be
//! built again. One writer at a time; any number of readers, in any process.

use std::collections::VecDeque;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::screen::Size;

const SEGMENT_ENDING: &str = ".raw";
const SIZES_FILE: &str = "sizes.jsonl";

/// Most lines in `sizes.jsonl`. Beyond it, those of bytes that were rotated away go, then the oldest.
const SIZES_MAX: usize = 1024;

/// Bytes that [`LogReplay`] gives at once.
const REPLAY_BYTES: usize = 64 * 1024;

/// How much of a log is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// Bytes of a segment, at least 1.
    pub segment_bytes: u64,
    /// Segments kept, the newest; at least 1.
    pub segments_max: usize,
}

impl Default for LogLimits {
    /// 8 segments of 4 MiB.
    fn default() -> Self {
        Self { segment_bytes: 4 * 1024 * 1024, segments_max: 8 }
    }
}

/// From this offset on the terminal had this size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeChange {
    /// Offset from the first byte ever printed.
    pub at: u64,
    /// The size.
    #[serde(flatten)]
    pub size: Size,
}

/// Appends to a log. There must be one writer of a log at a time; a new one goes on where the last one stopped, whether
/// it was closed or killed. Nothing is held back in memory.
#[derive(Debug)]
pub struct LogWriter {
    directory: PathBuf,
    limits: LogLimits,
    segment: File,
    segment_start: u64,
    segment_bytes: u64,
    starts: VecDeque<u64>,
    sizes: File,
    size_last: Option<Size>,
    sizes_count: usize,
}

impl LogWriter {
    /// Opens the log in `directory` to append, creating folder (0700) and files (0600) as needed.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(directory: &Path, limits: LogLimits) -> io::Result<Self> {
        let limits = LogLimits {
            segment_bytes: limits.segment_bytes.max(1),
            segments_max: limits.segments_max.max(1),
        };
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let mut starts: VecDeque<u64> = segment_starts(directory)?.into();
        let segment_start = starts.back().copied().unwrap_or(0);
        if starts.is_empty() {
            starts.push_back(0);
        }
        let segment = open_to_append(&segment_path(directory, segment_start))?;
        let segment_bytes = segment.metadata()?.len();
        let recorded = read_sizes(directory)?;
        let mut sizes = open_to_append(&directory.join(SIZES_FILE))?;
        if recorded.ends_torn {
            // A writer was killed in the middle of a line: end that line, so that the next is one of its own.
            sizes.write_all(b"\n")?;
        }
        let mut writer = Self {
            directory: directory.to_owned(),
            limits,
            segment,
            segment_start,
            segment_bytes,
            starts,
            sizes,
            size_last: recorded.changes.last().map(|change| change.size),
            sizes_count: recorded.lines,
        };
        writer.remove_oldest();
        Ok(writer)
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// What the file system says, a full disk for instance. A part may have been written; the log stays whole, and the
    /// next append goes on after that part.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.segment_bytes >= self.limits.segment_bytes {
                self.begin_segment()?;
            }
            let room = usize::try_from(self.limits.segment_bytes - self.segment_bytes).unwrap_or(usize::MAX);
            let (part, _) = rest.split_at(rest.len().min(room));
            match self.segment.write(part) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.segment_bytes += count as u64;
                    rest = rest.get(count..).unwrap_or_default();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Notes that the terminal has this size from here on. The size it has already is not noted again.
    ///
    /// # Errors
    /// What the file system says; then the size was not noted.
    pub fn note_size(&mut self, size: Size) -> io::Result<()> {
        if self.size_last == Some(size) {
            return Ok(());
        }
        if self.sizes_count >= SIZES_MAX {
            self.shorten_sizes()?;
        }
        let line = size_line(SizeChange { at: self.end(), size })?;
        self.sizes.write_all(&line)?;
        self.sizes_count += 1;
        self.size_last = Some(size);
        Ok(())
    }

    /// Offset after the last byte: how many bytes the session printed in all.
    pub fn end(&self) -> u64 {
        self.segment_start + self.segment_bytes
    }

    fn begin_segment(&mut self) -> io::Result<()> {
        let start = self.end();
        self.segment = open_to_append(&segment_path(&self.directory, start))?;
        self.segment_start = start;
        self.segment_bytes = 0;
        self.starts.push_back(start);
        self.remove_oldest();
        Ok(())
    }

    /// A segment that cannot be removed now is tried again when the next one begins; the log itself is not hurt by it.
    fn remove_oldest(&mut self) {
        while self.starts.len() > self.limits.segments_max {
            let Some(oldest) = self.starts.front() else { return };
            match std::fs::remove_file(segment_path(&self.directory, *oldest)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return,
                _ => self.starts.pop_front(),
            };
        }
    }

    fn shorten_sizes(&mut self) -> io::Result<()> {
        let first = self.starts.front().copied().unwrap_or(0);
        let changes = read_sizes(&self.directory)?.changes;
        // The last change at or before the first kept byte is the size in force there.
        let in_force = changes.iter().rposition(|change| change.at <= first).unwrap_or(0);
        let kept = changes.get(in_force..).unwrap_or_default();
        let kept = kept.get(kept.len().saturating_sub(SIZES_MAX / 2)..).unwrap_or_default();
        let mut text = Vec::new();
        for change in kept {
            text.extend_from_slice(&size_line(*change)?);
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(&text)?;
        let path = self.directory.join(SIZES_FILE);
        file.persist(&path)?;
        self.sizes = open_to_append(&path)?;
        self.sizes_count = kept.len();
        Ok(())
    }
}

/// Which bytes of a log are there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogExtent {
    /// Offset of the first byte kept; what was before was rotated away.
    pub first: u64,
    /// Offset after the last byte: how many there were in all.
    pub end: u64,
}

/// Bytes of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogChunk {
    /// Offset of the first of `bytes`. Greater than what was asked for when that was rotated away.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl LogChunk {
    /// Offset after the last of `bytes`: where to read on.
    pub fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }
}

/// A piece of a session's past, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogPiece {
    /// The terminal has this size from here on.
    Size(Size),
    /// The session printed these.
    Bytes(Vec<u8>),
}

/// Reads a log, also while it is written. Holds no file open; a log that is not there reads as an empty one.
#[derive(Debug, Clone)]
pub struct LogReader {
    directory: PathBuf,
}

impl LogReader {
    /// A reader of the log in `directory`.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// Which bytes are there now.
    ///
    /// # Errors
    /// What the file system says.
    pub fn extent(&self) -> io::Result<LogExtent> {
        Ok(extent_of(&segments(&self.directory)?))
    }

    /// Up to `bytes_max` bytes from `offset` on, or from the first kept byte when that is later. Nothing when there is
    /// nothing new; to follow a log, read on from [`LogChunk::end`] whenever it may have grown.
    ///
    /// # Errors
    /// What the file system says.
    pub fn read(&self, offset: u64, bytes_max: usize) -> io::Result<LogChunk> {
        loop {
            let segments = segments(&self.directory)?;
            let extent = extent_of(&segments);
            let mut chunk = LogChunk { offset: offset.clamp(extent.first, extent.end), bytes: Vec::new() };
            let wanted_end = extent.end.min(chunk.offset.saturating_add(bytes_max as u64));
            match self.read_into(&mut chunk, &segments, wanted_end) {
                // The writer removed that segment since we looked; each time round, the first kept byte is a later one.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(chunk),
            }
        }
    }

    /// The last bytes, at most `bytes_max`.
    ///
    /// # Errors
    /// What the file system says.
    pub fn tail(&self, bytes_max: usize) -> io::Result<LogChunk> {
        self.read(self.extent()?.end.saturating_sub(bytes_max as u64), bytes_max)
    }

    /// The sizes that the terminal had, in order. Lines that cannot be understood are left out.
    ///
    /// # Errors
    /// What the file system says.
    pub fn sizes(&self) -> io::Result<Vec<SizeChange>> {
        Ok(read_sizes(&self.directory)?.changes)
    }

    /// Everything from `offset` (or the first kept byte) to what is the end now: first the size in force there when it
    /// is known, then bytes and changes of size in their order.
    ///
    /// # Errors
    /// What the file system says.
    pub fn replay(&self, offset: u64) -> io::Result<LogReplay> {
        let extent = self.extent()?;
        let offset = offset.clamp(extent.first, extent.end);
        let mut sizes: VecDeque<SizeChange> = self.sizes()?.into();
        let in_force = sizes.iter().rposition(|change| change.at <= offset).unwrap_or(0);
        sizes.drain(..in_force);
        Ok(LogReplay { reader: self.clone(), offset, end: extent.end, sizes })
    }

    fn read_into(&self, chunk: &mut LogChunk, segments: &[Segment], end: u64) -> io::Result<()> {
        for segment in segments {
            let at = chunk.end();
            if at >= end || at < segment.start || at >= segment.end() {
                continue;
            }
            let mut file = File::open(segment_path(&self.directory, segment.start))?;
            file.seek(SeekFrom::Start(at - segment.start))?;
            file.take(end.min(segment.end()) - at).read_to_end(&mut chunk.bytes)?;
        }
        Ok(())
    }
}

/// The pieces of [`LogReader::replay`], at most 64 KiB each.
#[derive(Debug)]
pub struct LogReplay {
    reader: LogReader,
    offset: u64,
    end: u64,
    sizes: VecDeque<SizeChange>,
}

impl LogReplay {
    /// Offset that the next bytes begin at; after the last piece: where the log ended when the replay began.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl Iterator for LogReplay {
    type Item = io::Result<LogPiece>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.sizes.front().is_some_and(|change| change.at <= self.offset) {
            return self.sizes.pop_front().map(|change| Ok(LogPiece::Size(change.size)));
        }
        let until = self.sizes.front().map_or(self.end, |change| change.at.min(self.end));
        let wanted =
            usize::try_from(until.saturating_sub(self.offset)).unwrap_or(REPLAY_BYTES).min(REPLAY_BYTES);
        if wanted == 0 {
            return None;
        }
        match self.reader.read(self.offset, wanted) {
            Ok(chunk) if chunk.bytes.is_empty() => None,
            Ok(chunk) => {
                self.offset = chunk.end();
                Some(Ok(LogPiece::Bytes(chunk.bytes)))
            }
            Err(error) => {
                self.offset = self.end;
                self.sizes.clear();
                Some(Err(error))
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    start: u64,
    bytes: u64,
}

impl Segment {
    fn end(&self) -> u64 {
        self.start + self.bytes
    }
}

/// The newest segments that join without a gap.
fn segments(directory: &Path) -> io::Result<Vec<Segment>> {
    let mut segments: Vec<Segment> = Vec::new();
    for start in segment_starts(directory)? {
        let bytes = match segment_path(directory, start).metadata() {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if segments.last().is_some_and(|last| last.end() != start) {
            segments.clear();
        }
        segments.push(Segment { start, bytes });
    }
    Ok(segments)
}

fn extent_of(segments: &[Segment]) -> LogExtent {
    LogExtent {
        first: segments.first().map_or(0, |segment| segment.start),
        end: segments.last().map_or(0, Segment::end),
    }
}

fn segment_starts(directory: &Path) -> io::Result<Vec<u64>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut starts = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let start =
            name.to_str().and_then(|name| name.strip_suffix(SEGMENT_ENDING)).filter(|s| s.len() == 20);
        starts.extend(start.and_then(|start| start.parse::<u64>().ok()));
    }
    starts.sort_unstable();
    Ok(starts)
}

fn segment_path(directory: &Path, start: u64) -> PathBuf {
    directory.join(format!("{start:020}{SEGMENT_ENDING}"))
}

fn open_to_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

fn size_line(change: SizeChange) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&change)?;
    line.push(b'\n');
    Ok(line)
}

struct RecordedSizes {
    changes: Vec<SizeChange>,
    lines: usize,
    ends_torn: bool,
}

fn read_sizes(directory: &Path) -> io::Result<RecordedSizes> {
    let text = match std::fs::read(directory.join(SIZES_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    Ok(RecordedSizes {
        changes: lines.iter().filter_map(|line| serde_json::from_slice(line).ok()).collect(),
        lines: lines.len(),
        ends_torn: text.last().is_some_and(|byte| *byte != b'\n'),
    })
}

#[cfg(test)]
mod tests;
