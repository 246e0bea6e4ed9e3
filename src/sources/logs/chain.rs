//! The chain of a canonical log: walking a file line by line, and saying whether it is unbroken.
//!
//! Each record names the SHA-256 of the exact bytes of the line before it, so nothing depends on how JSON
//! is written. A chain alone does not show that its end was cut off, or that all of it was written anew:
//! that takes an [`Anchor`], a head that was kept where the writer cannot reach it.

mod lines;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::Instant;
use crate::model::inventory::hex;
use crate::model::log::{LogProblem, LogStream, RecordType, SCHEMA};
use crate::model::text::Text;
use lines::{Line, Sha};

pub use lines::{Fields, Header, Read};

/// `prev` of the first record of a stream.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How far the times of neighbouring records may run backwards: writers take the time before they wait
/// for the lock.
const SKEW: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// The problems of a stream that are listed; the rest is counted.
const MOST_PROBLEMS: usize = 100;

/// The head of a stream as it was seen at some time, kept out of the writer's reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The UUID of the stream.
    pub stream: Text,
    /// The `seq` of its last record then.
    pub seq: u64,
    /// SHA-256 of that record's line.
    pub head: Text,
    /// When that was.
    pub at: Instant,
}

/// What one file of a log holds.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Its name for people.
    pub name: Text,
    /// The stream of its records; empty where it has none.
    pub stream: Text,
    /// The `seq` and `prev` of its first record.
    first: Option<(u64, Option<Sha>)>,
    /// The `seq` of its last record, and the SHA-256 of its last line.
    last: Option<(u64, Sha)>,
    /// How many records it holds.
    pub records: u64,
    /// The times of its first and last record.
    pub times: Option<(Instant, Instant)>,
    /// Whether its first line was torn, and the first record says so.
    begins_torn: bool,
    /// Anchors that it agrees with.
    agreed: Vec<Instant>,
    /// What is wrong with it.
    pub problems: Vec<LogProblem>,
    unlisted: usize,
}

impl LogFile {
    /// The `seq` of its last record, and the SHA-256 of its last line.
    pub fn end(&self) -> Option<(u64, String)> {
        self.last.map(|(seq, sha)| (seq, sha.hex()))
    }

    /// Note something that is wrong with a line.
    pub(super) fn note(&mut self, code: &str, line: u64, message: String) {
        if self.problems.len() < MOST_PROBLEMS {
            let file = self.name.clone();
            self.problems.push(LogProblem { code: Text::from(code), file, line, message: Text::from(message) });
        } else {
            self.unlisted += 1;
        }
    }
}

/// Open a log, compressed or plain.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path)?);
    if file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(file))));
    }
    Ok(Box::new(file))
}

/// Read the first line without its line feed; `None` where there is none.
pub(super) fn first_line(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    Ok(lines::next_line(input, &mut line)?.map(|()| line))
}

/// The reader of a walk that asks for the chain alone.
///
/// # Errors
/// Why it is no record.
pub fn header(line: &[u8]) -> Read<()> {
    lines::from_line(line).map(|header| (header, ()))
}

/// Walk one file: verify each record against the line before it, hand what the readers take from each to
/// `visit`, in their order and in constant memory. Large files are read by several threads, each with a reader
/// of its own.
///
/// # Errors
/// What the system says; damaged compression counts as such.
pub fn walk<T: Send, R: FnMut(&[u8]) -> Read<T>>(
    path: &Path,
    name: &str,
    anchors: &[Anchor],
    reader: impl Fn() -> R + Sync,
    visit: &mut dyn FnMut(&Header, T, u64, &mut LogFile),
) -> io::Result<LogFile> {
    let mut input = open(path)?;
    let mut log = LogFile {
        name: Text::from(name),
        stream: Text::default(),
        first: None,
        last: None,
        records: 0,
        times: None,
        begins_torn: false,
        agreed: Vec::new(),
        problems: Vec::new(),
        unlisted: 0,
    };
    let mut chain = Chain { anchors, before: None, seq: None, torn: Sha256::new(), torn_lines: Vec::new() };
    let mut number = 0_u64;
    lines::each(&mut *input, reader, &mut |Line { sha, ended, content }| {
        number += 1;
        match content {
            Ok((header, taken)) => {
                if chain.record(&header, sha, number, &mut log) && ended {
                    visit(&header, taken, number, &mut log);
                }
            }
            Err((error, bytes)) => chain.torn(&bytes, &error, number),
        }
        if !ended {
            log.note("torn-line", number, "the last line has no end: its writer died, or is writing now".into());
        }
        chain.before = Some(sha);
    })?;
    for (number, message) in std::mem::take(&mut chain.torn_lines) {
        log.note("not-understood", number, message);
    }
    if let (Some(before), Some(seq)) = (chain.before, chain.seq) {
        log.last = Some((seq, before));
    }
    Ok(log)
}

/// The state of a walk.
struct Chain<'a> {
    anchors: &'a [Anchor],
    /// The line before.
    before: Option<Sha>,
    /// The `seq` of the last record.
    seq: Option<u64>,
    /// Over the bytes of the lines that are no records since the last record.
    torn: Sha256,
    /// Those lines, with what is wrong with each.
    torn_lines: Vec<(u64, String)>,
}

impl Chain<'_> {
    /// Take in a line that is no record.
    fn torn(&mut self, line: &[u8], error: &serde_json::Error, number: u64) {
        if !self.torn_lines.is_empty() {
            self.torn.update(b"\n");
        }
        self.torn.update(line);
        self.torn_lines.push((number, format!("this is no record: {error}")));
    }

    /// Take a record in. Whether it is one of those that this version knows.
    fn record(&mut self, header: &Header, sha: Sha, number: u64, log: &mut LogFile) -> bool {
        self.link(header, number, log);
        self.count(header, number, log);
        if header.schema != SCHEMA {
            let message = format!("its schema is `{}`; this version of lastgood reads `{SCHEMA}`", header.schema);
            log.note("not-understood", number, message);
            return false;
        }
        let known = RecordType::parse(&header.record_type).is_some();
        if !known {
            log.note("not-understood", number, format!("the type `{}` is not known here", header.record_type));
        }
        self.anchored(header, sha, number, log);
        known
    }

    /// Whether it names the line before it.
    fn link(&mut self, header: &Header, number: u64, log: &mut LogFile) {
        let torn = std::mem::take(&mut self.torn_lines);
        if !torn.is_empty() {
            let digest = hex(&std::mem::take(&mut self.torn).finalize());
            let owned = header.record_type == "torn" && header.note.as_ref().is_some_and(|note| *note == *digest);
            log.begins_torn |= owned && log.first.is_none();
            for (number, message) in torn {
                if owned {
                    log.note("torn-line", number, "its writer died here; the record after it says so".into());
                } else {
                    log.note("not-understood", number, message);
                }
            }
        }
        match &self.before {
            None => {}
            Some(before) if header.prev == Some(*before) => {}
            Some(_) => log.note(
                "chain-broken",
                number,
                "it does not name the line before it: one of the two was changed, or lines between them are gone"
                    .into(),
            ),
        }
        if log.first.is_none() {
            log.first = Some((header.seq, header.prev));
        }
    }

    /// Stream, sequence and time.
    fn count(&mut self, header: &Header, number: u64, log: &mut LogFile) {
        if log.stream.is_empty() {
            log.stream = header.stream.clone();
        } else if log.stream != header.stream {
            log.note("other-stream", number, format!("it belongs to the stream `{}`", header.stream));
        }
        if let Some(seq) = self.seq
            && header.seq != seq.saturating_add(1)
        {
            let message = format!("its number is {}, and {} was expected", header.seq, seq.saturating_add(1));
            log.note("seq-gap", number, message);
        }
        self.seq = Some(header.seq);
        log.records += 1;
        match &mut log.times {
            None => log.times = Some((header.time, header.time)),
            Some((_, last)) => {
                let backwards = last.signed_duration_since(header.time);
                *last = header.time.max(*last);
                if backwards > SKEW {
                    log.note(
                        "time",
                        number,
                        format!("its time {} lies before that of the records before it", header.time),
                    );
                }
            }
        }
    }

    fn anchored(&self, header: &Header, sha: Sha, number: u64, log: &mut LogFile) {
        for anchor in self.anchors.iter().filter(|anchor| anchor.seq == header.seq && anchor.stream == header.stream) {
            if *anchor.head == sha.hex() {
                log.agreed.push(anchor.at);
            } else {
                let at = anchor.at.format("%Y-%m-%d %H:%M UTC");
                log.note("anchor-mismatch", number, format!("it is not the record that was here on {at}"));
            }
        }
    }
}

/// Join the files of each stream, and hold them against the anchors.
pub fn streams(files: Vec<LogFile>, anchors: &[Anchor]) -> Vec<LogStream> {
    let mut by_stream: BTreeMap<Text, Vec<LogFile>> = BTreeMap::new();
    for file in files {
        // A file without any record is a stream of its own, by its name.
        let key = if file.stream.is_empty() { file.name.clone() } else { file.stream.clone() };
        by_stream.entry(key).or_default().push(file);
    }
    let mut streams: Vec<LogStream> = by_stream.into_iter().map(|(id, files)| join(id, files, anchors)).collect();
    for anchor in
        anchors.iter().filter(|anchor| !streams.iter().any(|stream| stream.id == anchor.stream)).collect::<Vec<_>>()
    {
        let at = anchor.at.format("%Y-%m-%d %H:%M UTC");
        let message = format!("the stream that had {} records on {at} is not here", anchor.seq.saturating_add(1));
        let problem =
            LogProblem { code: "stream-missing".into(), file: Text::default(), line: 0, message: message.into() };
        if let Some(known) = streams.iter_mut().find(|stream| stream.id == anchor.stream) {
            known.problems.push(problem);
        } else {
            streams.push(LogStream {
                id: anchor.stream.clone(),
                files: Vec::new(),
                format: SCHEMA.into(),
                records: 0,
                first_at: None,
                last_at: None,
                head: None,
                anchored_since: None,
                problems: vec![problem],
            });
        }
    }
    streams
}

fn join(id: Text, mut files: Vec<LogFile>, anchors: &[Anchor]) -> LogStream {
    files.sort_by_key(|file| file.first.as_ref().map(|(seq, _)| *seq));
    let mut problems = Vec::new();
    let mut before: Option<(u64, Sha)> = None;
    for file in &mut files {
        if let Some((seq, prev)) = file.first {
            let message = match before {
                None if seq == 0 && (prev == Some(Sha::GENESIS) || file.begins_torn) => None,
                None if seq == 0 => Some("the first record names a line before it"),
                None => Some("the records before this file are not here"),
                Some((last, head)) if seq == last.saturating_add(1) && prev == Some(head) => None,
                Some(_) => Some("it does not go on where the file before it ends"),
            };
            if let Some(message) = message {
                file.note("chain-broken", 1, message.into());
            }
        }
        if file.unlisted > 0 {
            let message = Text::from(format!("{} more problems are not listed", file.unlisted));
            file.problems.push(LogProblem { code: "more".into(), file: file.name.clone(), line: 0, message });
        }
        problems.append(&mut file.problems);
        before = file.last.or(before);
    }
    let last_seq = before.map(|(seq, _)| seq);
    let last_file = files.last().map(|file| file.name.clone()).unwrap_or_default();
    for anchor in anchors.iter().filter(|anchor| anchor.stream == id && last_seq.is_none_or(|seq| seq < anchor.seq)) {
        let at = anchor.at.format("%Y-%m-%d %H:%M UTC");
        let message = format!("it is shorter than on {at}: then it had {} records", anchor.seq.saturating_add(1));
        let message = Text::from(message);
        problems.push(LogProblem { code: "shorter".into(), file: last_file.clone(), line: 0, message });
    }
    LogStream {
        id,
        format: SCHEMA.into(),
        records: files.iter().map(|file| file.records).sum(),
        first_at: files.iter().filter_map(|file| Some(file.times?.0)).min(),
        last_at: files.iter().filter_map(|file| Some(file.times?.1)).max(),
        head: before.map(|(_, head)| Text::from(head.hex())),
        anchored_since: files.iter().flat_map(|file| &file.agreed).min().copied(),
        files: files.into_iter().map(|file| file.name).collect(),
        problems,
    }
}
