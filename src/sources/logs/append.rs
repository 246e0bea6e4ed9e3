//! Writing a canonical log: one writer at a time, each record on disk before the call returns, and what
//! a dying writer left behind is closed, never removed.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::chain::{self, Fields, GENESIS, Header, header, walk};
use super::uuid::uuid;
use crate::model::Instant;
use crate::model::activity::Activity;
use crate::model::attestation::Attestation;
use crate::model::inventory::hex;
use crate::model::log::{Record, RecordType, SCHEMA};
use crate::model::text::Text;

/// What is to be written, before it has its place in the chain.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is for.
    pub record_type: RecordType,
    /// What happened.
    pub activity: Option<Activity>,
    /// What was stated.
    pub attestation: Option<Attestation>,
    /// The `seq` of the record that it corrects.
    pub corrects: Option<u64>,
    /// See [`Record::note`].
    pub note: Option<Text>,
}

impl Entry {
    /// An activity.
    pub fn activity(record_type: RecordType, activity: Activity) -> Self {
        Self { activity: Some(activity), ..Self::bare(record_type) }
    }

    /// A statement.
    pub fn attestation(attestation: Attestation) -> Self {
        Self { attestation: Some(attestation), ..Self::bare(RecordType::Attested) }
    }

    /// A record that says nothing but its type.
    pub fn bare(record_type: RecordType) -> Self {
        Self { record_type, activity: None, attestation: None, corrects: None, note: None }
    }
}

/// Why a log could not be written.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The system said no.
    #[error("cannot write the log `{}`: {error}", path.display())]
    Io {
        /// The log.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The file is something else, and must not be written to.
    #[error("`{}` is no log: {why}", path.display())]
    NoLog {
        /// The file.
        path: PathBuf,
        /// What it is.
        why: String,
    },
}

impl AppendError {
    /// How to put it right.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Io { .. } => {
                "check that the folder exists, is writable and has room; nothing that was written before is lost"
            }
            Self::NoLog { .. } => "name a log that lastgood wrote, or a file that does not exist yet",
        }
    }
}

/// Where the next record goes.
struct Head {
    stream: Text,
    seq: u64,
    prev: String,
    /// What must come first: the end of a torn line.
    close: bool,
    /// The SHA-256 of lines that are no records.
    torn: Option<String>,
    /// The old file of which this one is the continuation.
    continues: Option<String>,
}

/// Append entries as one: all of them are on disk when this returns, or none is. `writer` says who
/// writes, such as `lastgood/0.1.0@db1`.
///
/// # Errors
/// [`AppendError`]; the log then holds what it held before.
pub fn append(path: &Path, entries: Vec<Entry>, writer: &str, now: Instant) -> Result<Vec<Record>, AppendError> {
    write(path, writer, now, |_| entries)
}

/// Append those activities that neither the log nor its rotated older files hold: what is held is looked
/// up under the lock, so that of two writers of the same activity one finds that of the other.
///
/// # Errors
/// As [`append`].
pub fn append_fresh(path: &Path, entries: Vec<Entry>, writer: &str, now: Instant) -> Result<Vec<Record>, AppendError> {
    write(path, writer, now, |stream| {
        let held = held(path, stream);
        let is_held = |activity: &Activity| held.contains(&(activity.source.clone(), activity.id.clone()));
        entries.into_iter().filter(|entry| !entry.activity.as_ref().is_some_and(is_held)).collect()
    })
}

/// The activities of a stream, in the log and in the files beside it that have its older records.
fn held(path: &Path, stream: &Text) -> HashSet<(Text, Text)> {
    let older = neighbours(path).into_iter().map(|(_, name)| path.with_file_name(name));
    let mut all = HashSet::new();
    for file in older.chain([path.to_owned()]) {
        let mut here = Vec::new();
        let walked = walk(&file, "", &[], || held_by, &mut |_, named, _, _| here.extend(named));
        // What is no log, or another one, holds nothing of this one.
        if walked.is_ok_and(|log| log.stream == *stream) {
            all.extend(here);
        }
    }
    all
}

/// Source and id of the activity in a record, as far as they are understood.
fn held_by(line: &[u8]) -> chain::Read<Option<(Text, Text)>> {
    #[derive(Deserialize)]
    struct Named {
        source: Text,
        id: Text,
    }
    let named = Fields::<Named>::read(line, |activity, _, _| activity.map(|done| (done.source, done.id)));
    named.map(|(header, named)| (header, named.ok().flatten()))
}

fn write(
    path: &Path,
    writer: &str,
    now: Instant,
    choose: impl FnOnce(&Text) -> Vec<Entry>,
) -> Result<Vec<Record>, AppendError> {
    let io = |error| AppendError::Io { path: path.to_owned(), error };
    let mut file = lock(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut head = head(path, &mut file, length)?;
    let mut entries = choose(&head.stream);
    // Nothing to say; a file that is new begins all the same.
    if entries.is_empty() && length > 0 {
        return Ok(Vec::new());
    }
    if let Some(torn) = head.torn.take() {
        entries.insert(0, Entry { note: Some(Text::from(torn)), ..Entry::bare(RecordType::Torn) });
    }
    if let Some(old) = head.continues.take() {
        entries.insert(0, Entry { note: Some(Text::from(old)), ..Entry::bare(RecordType::Continued) });
    }
    let mut bytes = Vec::with_capacity(1024);
    if head.close {
        bytes.push(b'\n');
    }
    let mut records = Vec::with_capacity(entries.len());
    for entry in entries {
        let record = Record {
            schema: Text::from(SCHEMA),
            stream: head.stream.clone(),
            seq: head.seq,
            prev: Text::from(std::mem::take(&mut head.prev)),
            time: now,
            record_type: entry.record_type,
            writer: Text::from(writer),
            activity: entry.activity.map(Box::new),
            attestation: entry.attestation.map(Box::new),
            corrects: entry.corrects,
            note: entry.note,
        };
        let line = serde_json::to_vec(&record).map_err(|error| io(error.into()))?;
        head.prev = hex(&Sha256::digest(&line));
        head.seq += 1;
        bytes.extend_from_slice(&line);
        bytes.push(b'\n');
        records.push(record);
    }
    if let Err(source) = file.write_all(&bytes).and_then(|()| file.sync_data()) {
        // What of it did get to the file is taken back while the lock is held; where that is not
        // allowed either (`chattr +a`), the next writer closes the torn line.
        let _ = file.set_len(length);
        return Err(io(source));
    }
    Ok(records)
}

/// Open and lock the file that has this name when the lock is there: a rotation may have renamed it
/// while this writer waited.
fn lock(path: &Path) -> io::Result<File> {
    loop {
        let is_new = !path.exists();
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.lock()?;
        if same_file(&file, path)? {
            if is_new && let Some(folder) = path.parent() {
                // The name itself must survive a crash too. Not every system lets folders be synced.
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let _ = File::open(folder).and_then(|folder| folder.sync_all());
            }
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn same_file(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

fn head(path: &Path, file: &mut File, length: u64) -> Result<Head, AppendError> {
    let io = |error| AppendError::Io { path: path.to_owned(), error };
    if length == 0 {
        return fresh(path).map_err(io);
    }
    let tail = Tail::read(file, length).map_err(io)?;
    let Some((stream, seq)) = tail.record else {
        if tail.reached_start && !tail.looks_like_a_log {
            let why = "its first line is no record".to_owned();
            return Err(AppendError::NoLog { path: path.to_owned(), why });
        }
        return Ok(Head {
            prev: tail.last_digest,
            close: tail.open,
            torn: Some(tail.torn),
            ..fresh(path).map_err(io)?
        });
    };
    Ok(Head {
        stream,
        seq: seq + 1,
        prev: tail.last_digest,
        close: tail.open,
        torn: tail.has_torn.then_some(tail.torn),
        continues: None,
    })
}

/// A log that begins: where a rotation left the old file beside it, it goes on from there.
fn fresh(path: &Path) -> io::Result<Head> {
    let start = |stream, seq, prev, continues| Head { stream, seq, prev, close: false, torn: None, continues };
    match rotated(path) {
        Some((name, stream, seq, head)) => Ok(start(stream, seq + 1, head, Some(name))),
        None => Ok(start(uuid()?, 0, GENESIS.to_owned(), None)),
    }
}

/// The files beside a log that are named after it, each with the time of its last change: `backup.jsonl.1`,
/// `backup.jsonl-20261122`.
fn neighbours(path: &Path) -> Vec<(impl Ord, String)> {
    let Some(name) = path.file_name().and_then(std::ffi::OsStr::to_str) else { return Vec::new() };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let neighbour = |entry: std::fs::DirEntry| {
        let found = entry.file_name().to_str()?.to_owned();
        let rest = found.strip_prefix(name)?;
        let is_rotated = rest.starts_with(['.', '-']) && rest.len() > 1;
        let modified = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.modified().ok()?;
        is_rotated.then_some((modified, found))
    };
    entries.flatten().filter_map(neighbour).collect()
}

/// The newest neighbour, which holds the log's older records.
fn rotated(path: &Path) -> Option<(String, Text, u64, String)> {
    let (_, newest) = neighbours(path).into_iter().max()?;
    let log = walk(&path.with_file_name(&newest), &newest, &[], || header, &mut |_, (), _, _| {}).ok()?;
    let (seq, head) = log.end()?;
    Some((newest, log.stream.clone(), seq, head))
}

/// The end of a log that is there.
struct Tail {
    /// Stream and number of the last record.
    record: Option<(Text, u64)>,
    /// SHA-256 of the last line.
    last_digest: String,
    /// Whether the last line has no end.
    open: bool,
    /// Whether lines that are no records follow the last record, and their SHA-256.
    has_torn: bool,
    torn: String,
    reached_start: bool,
    looks_like_a_log: bool,
}

impl Tail {
    /// Read back from the end until a record is found.
    fn read(file: &mut File, length: u64) -> io::Result<Self> {
        let mut window = 1_u64 << 16;
        loop {
            let start = length.saturating_sub(window);
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            io::Read::take(&mut *file, length - start).read_to_end(&mut bytes)?;
            let tail = Self::of(&bytes, start == 0);
            if tail.record.is_some() || start == 0 {
                return Ok(tail);
            }
            window = window.saturating_mul(8);
        }
    }

    fn of(bytes: &[u8], from_start: bool) -> Self {
        let open = bytes.last() != Some(&b'\n');
        let body = if open { bytes } else { bytes.get(..bytes.len() - 1).unwrap_or_default() };
        let mut lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
        // The first line of a window may be the end of a longer one.
        if !from_start && !lines.is_empty() {
            lines.remove(0);
        }
        let last_digest = lines.last().map(|line| hex(&Sha256::digest(line))).unwrap_or_else(|| GENESIS.to_owned());
        let header =
            |line: &&[u8]| serde_json::from_slice::<Header>(line).ok().map(|header| (header.stream, header.seq));
        // A record whose line feed is missing is whole; it only gets its end.
        let found = lines.iter().enumerate().rev().find_map(|(n, line)| header(line).map(|record| (n, record)));
        let after = lines.get(found.as_ref().map_or(0, |(n, _)| n + 1)..).unwrap_or_default();
        let torn = hex(&Sha256::digest(after.join(&b'\n')));
        let looks_like_a_log = lines.first().is_some_and(|line| {
            let head = br#"{"schema":"lastgood.log/"#;
            line.starts_with(head) || head.starts_with(line)
        });
        Self {
            record: found.map(|(_, record)| record),
            last_digest,
            open,
            has_torn: !after.is_empty(),
            torn,
            reached_start: from_start,
            looks_like_a_log,
        }
    }
}

/// End the current file of a log and begin a new one, under the lock. The old file keeps its records
/// under the name that is returned.
///
/// # Errors
/// [`AppendError`]; nothing is then renamed, or the new file is begun by the next writer.
pub fn rotate(path: &Path, writer: &str, now: Instant) -> Result<PathBuf, AppendError> {
    let io = |error| AppendError::Io { path: path.to_owned(), error };
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(now.format("-%Y%m%dT%H%M%SZ").to_string());
    let old = path.with_file_name(name);
    if !path.exists() || old.exists() {
        let why = if old.exists() { "it was rotated in this second" } else { "it does not exist" };
        return Err(AppendError::NoLog { path: path.to_owned(), why: why.into() });
    }
    let file = lock(path).map_err(io)?;
    std::fs::rename(path, &old).map_err(io)?;
    drop(file);
    append(path, Vec::new(), writer, now)?;
    Ok(old)
}
