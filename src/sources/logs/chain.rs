//! The chain of a canonical log: walking a file line by line, and saying whether it is unbroken.
//!
//! Each record names the SHA-256 of the exact bytes of the line before it, so nothing depends on how JSON
//! is written. A chain alone does not show that its end was cut off, or that all of it was written anew:
//! that takes an [`Anchor`], a head that was kept where the writer cannot reach it.

use std::borrow::Cow;
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

/// `prev` of the first record of a stream.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The longest line that is looked at: a record with the tail of a tool's output is far shorter.
const LONGEST_LINE: u64 = 16 << 20;

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

/// What verification needs of a record, borrowed from its line.
#[derive(Deserialize)]
pub(super) struct Header<'a> {
    #[serde(borrow)]
    pub(super) schema: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) stream: Cow<'a, str>,
    pub(super) seq: u64,
    #[serde(borrow)]
    pub(super) prev: Cow<'a, str>,
    pub(super) time: Instant,
    #[serde(borrow, rename = "type")]
    pub(super) record_type: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) note: Option<Cow<'a, str>>,
}

/// What one file of a log holds.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Its name for people.
    pub name: Text,
    /// The stream of its records; empty where it has none.
    pub stream: Text,
    /// The `seq` and `prev` of its first record.
    first: Option<(u64, String)>,
    /// The `seq` of its last record, and the SHA-256 of its last line.
    last: Option<(u64, String)>,
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
        self.last.clone()
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

/// Read the next line without its line feed; `None` at the end. The flag says whether it was ended by one.
pub(super) fn next_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let read = io::Read::take(&mut *input, LONGEST_LINE).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(None);
    }
    let ended = line.last() == Some(&b'\n');
    if ended {
        line.pop();
    } else if read as u64 == LONGEST_LINE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than 16 MiB; this is no log"));
    }
    Ok(Some(ended))
}

/// Walk one file: verify each record against the line before it, hand each line to `visit`, in constant
/// memory.
///
/// # Errors
/// What the system says; damaged compression counts as such.
pub fn walk(
    path: &Path,
    name: &str,
    anchors: &[Anchor],
    visit: &mut dyn FnMut(&[u8], u64, &mut LogFile),
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
    let (mut line, mut number) = (Vec::new(), 0_u64);
    while let Some(ended) = next_line(&mut *input, &mut line)? {
        number += 1;
        let is_record = chain.line(&line, number, &mut log);
        if is_record && ended {
            visit(&line, number, &mut log);
        }
        if !ended {
            log.note("torn-line", number, "the last line has no end: its writer died, or is writing now".into());
        }
        chain.before = Some(hex(&Sha256::digest(&line)));
    }
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
    /// SHA-256 of the line before.
    before: Option<String>,
    /// The `seq` of the last record.
    seq: Option<u64>,
    /// Over the bytes of the lines that are no records since the last record.
    torn: Sha256,
    /// Those lines, with what is wrong with each.
    torn_lines: Vec<(u64, String)>,
}

impl Chain<'_> {
    /// Take one line in. Whether it is a record.
    fn line(&mut self, line: &[u8], number: u64, log: &mut LogFile) -> bool {
        let header: Header<'_> = match serde_json::from_slice(line) {
            Ok(header) => header,
            Err(error) => {
                if !self.torn_lines.is_empty() {
                    self.torn.update(b"\n");
                }
                self.torn.update(line);
                self.torn_lines.push((number, format!("this is no record: {error}")));
                return false;
            }
        };
        self.link(&header, number, log);
        self.count(&header, number, log);
        if header.schema != SCHEMA {
            let message = format!("its schema is `{}`; this version of lastgood reads `{SCHEMA}`", header.schema);
            log.note("not-understood", number, message);
            return false;
        }
        let known = RecordType::parse(&header.record_type).is_some();
        if !known {
            log.note("not-understood", number, format!("the type `{}` is not known here", header.record_type));
        }
        self.anchored(&header, line, number, log);
        known
    }

    /// Whether it names the line before it.
    fn link(&mut self, header: &Header<'_>, number: u64, log: &mut LogFile) {
        let torn = std::mem::take(&mut self.torn_lines);
        if !torn.is_empty() {
            let digest = hex(&std::mem::take(&mut self.torn).finalize());
            let owned = header.record_type == "torn" && header.note.as_deref() == Some(&*digest);
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
            Some(before) if *before == header.prev => {}
            Some(_) => log.note(
                "chain-broken",
                number,
                "it does not name the line before it: one of the two was changed, or lines between them are gone"
                    .into(),
            ),
        }
        if log.first.is_none() {
            log.first = Some((header.seq, header.prev.to_string()));
        }
    }

    /// Stream, sequence and time.
    fn count(&mut self, header: &Header<'_>, number: u64, log: &mut LogFile) {
        if log.stream.is_empty() {
            log.stream = Text::from(&*header.stream);
        } else if *log.stream != *header.stream {
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

    fn anchored(&self, header: &Header<'_>, line: &[u8], number: u64, log: &mut LogFile) {
        for anchor in self.anchors.iter().filter(|anchor| anchor.seq == header.seq && *anchor.stream == *header.stream)
        {
            if hex(&Sha256::digest(line)) == *anchor.head {
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
    let mut before: Option<(u64, String)> = None;
    for file in &mut files {
        if let Some((seq, prev)) = file.first.clone() {
            let message = match &before {
                None if seq == 0 && (prev == GENESIS || file.begins_torn) => None,
                None if seq == 0 => Some("the first record names a line before it"),
                None => Some("the records before this file are not here"),
                Some((last, head)) if seq == last.saturating_add(1) && prev == *head => None,
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
        before = file.last.clone().or(before);
    }
    let last_seq = before.as_ref().map(|(seq, _)| *seq);
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
        head: before.map(|(_, head)| Text::from(head)),
        anchored_since: files.iter().flat_map(|file| &file.agreed).min().copied(),
        files: files.into_iter().map(|file| file.name).collect(),
        problems,
    }
}
