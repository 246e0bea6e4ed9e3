//! Logs from disk, as a part of an inventory: activities, statements, streams, and what could not be read.

use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use serde::Deserialize;

use super::chain::{Anchor, LogFile, next_line, open, streams, walk};
use super::declared;
use crate::model::activity::{Activity, ActivityOutcome, Detail};
use crate::model::attestation::Attestation;
use crate::model::gap::{Gap, GapStatus, Read};
use crate::model::inventory::Inventory;
use crate::model::log::{self, LogProblem, LogStream, RecordType};
use crate::model::recovery_point::RecoveryPoint;
use crate::model::text::{Interning, Text};

/// The file in a folder of logs that declares the records of other tools.
pub const DECLARATIONS: &str = "logs.toml";

/// What logs say.
#[derive(Debug, Default)]
pub struct Logs {
    /// What happened, corrections applied.
    pub activities: Vec<Activity>,
    /// What was stated.
    pub attestations: Vec<Attestation>,
    /// What catalogues of backup tools hold.
    pub points: Vec<RecoveryPoint>,
    /// The streams, with what is wrong with each.
    pub streams: Vec<LogStream>,
    /// What could not be read or understood.
    pub gaps: Vec<Gap>,
}

/// Read logs: each path is a file or a folder of them. Nothing is left out in silence: a file in a folder
/// that is neither a log nor declared is a gap.
pub fn read(paths: &[PathBuf], anchors: &[Anchor]) -> Logs {
    let interning = Interning::start();
    let mut logs = Logs::default();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut declarations = declared::Sources::default();
            match folder(path) {
                Ok((found, folders)) => {
                    for inner in folders {
                        let message = "a folder in a folder of logs is not looked into; name it with `--logs` too";
                        logs.unread(&inner, GapStatus::NotUnderstood, "folder", message);
                    }
                    declarations.read(&path.join(DECLARATIONS), &mut logs);
                    let (others, own): (Vec<PathBuf>, Vec<PathBuf>) = found.into_iter().partition(|file| !is_log(file));
                    declarations.read_native(path, others, &mut logs);
                    files.extend(own);
                }
                Err(error) => logs.unread(path, GapStatus::Failed, "unreadable", &error.to_string()),
            }
        } else {
            files.push(path.clone());
        }
    }
    drop(interning);
    let (mut walked, taken) = logs.files(&files, anchors);
    for (index, number, message) in &taken.problems {
        if let Some(file) = walked.iter_mut().find(|(n, _)| n == index) {
            file.1.note("not-understood", *number, message.clone());
        }
    }
    let walked = walked.into_iter().map(|(_, file)| file).collect();
    taken.put_into(&mut logs);
    for stream in streams(walked, anchors) {
        logs.misunderstood(&stream);
        logs.streams.push(stream);
    }
    logs
}

/// The files and the folders in a folder, in the order of their names.
fn folder(path: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.') || name == DECLARATIONS;
        if !hidden {
            if entry.path().is_dir() { &mut folders } else { &mut files }.push(entry.path());
        }
    }
    files.sort();
    folders.sort();
    Ok((files, folders))
}

/// Whether a file begins like a canonical log, as far as it goes. Unreadable and empty ones count, so
/// that reading them says what is wrong.
fn is_log(path: &Path) -> bool {
    let mut line = Vec::new();
    let first = open(path).and_then(|mut input| next_line(&mut *input, &mut line));
    match first {
        Ok(Some(_)) => line.starts_with(br#"{"schema":"lastgood.log/"#),
        Ok(None) => path.extension().is_some_and(|extension| extension == "jsonl"),
        Err(_) => path.extension().is_some_and(|extension| extension == "jsonl" || extension == "gz"),
    }
}

impl Logs {
    /// Note that a file could not be read.
    pub(super) fn unread(&mut self, path: &Path, status: GapStatus, code: &str, message: &str) {
        self.gaps.push(Gap {
            account: log::ACCOUNT.into(),
            region: log::REGION.into(),
            service: "log".into(),
            operation: "ReadRecords".into(),
            resource: Some(Text::from(path.display().to_string())),
            status,
            code: code.into(),
            message: Some(message.lines().next().unwrap_or_default().into()),
            iam_action: "the right to read the file".into(),
        });
    }

    /// Lines that were not understood are a gap of their file, each place named.
    pub(super) fn misunderstood(&mut self, stream: &LogStream) {
        // A record that was lost, because nobody can say when it was or what it says.
        let lost = |problem: &&LogProblem| matches!(problem.code.as_str(), "not-understood" | "no-time" | "incomplete");
        for problem in stream.problems.iter().filter(lost) {
            let place = PathBuf::from(format!("{}:{}", problem.file, problem.line));
            self.unread(&place, GapStatus::NotUnderstood, &problem.code, &problem.message);
        }
    }

    /// Walk all files, in order. While this thread verifies their chains, another one reads their records.
    fn files(&mut self, files: &[PathBuf], anchors: &[Anchor]) -> (Vec<(usize, LogFile)>, Taken) {
        std::thread::scope(|scope| {
            // A few batches may wait: memory stays bounded whatever the size of the log.
            let (send, receive) = mpsc::sync_channel::<Batch>(8);
            let reader = scope.spawn(move || {
                let _interning = Interning::start();
                let mut taken = Taken::default();
                receive.into_iter().for_each(|batch| taken.batch(&batch));
                taken
            });
            let mut walked = Vec::new();
            for (n, path) in files.iter().enumerate() {
                let mut batch = Batch { file: n, ..Batch::default() };
                let log = walk(path, &path.display().to_string(), anchors, &mut |line, number, _| {
                    batch.add(line, number);
                    if batch.bytes.len() > BATCH {
                        // It fails only if the reader is gone, and then its end says why.
                        let _ = send.send(std::mem::replace(&mut batch, Batch { file: n, ..Batch::default() }));
                    }
                });
                match log {
                    Ok(log) => {
                        let _ = send.send(batch);
                        walked.push((n, log));
                    }
                    Err(error) => self.unread(path, GapStatus::Failed, "unreadable", &error.to_string()),
                }
            }
            drop(send);
            match reader.join() {
                Ok(taken) => (walked, taken),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// Put everything into an inventory, in place of the logs that it held. The proof that the logs were
    /// read is given only where nothing of them is missing.
    pub fn put_into(self, inventory: &mut Inventory) {
        let of_log = |account: &str, call: &str| account == log::ACCOUNT && call == log::RECORDS;
        inventory.activities.retain(|activity| activity.account != log::ACCOUNT);
        inventory.points.retain(|point| point.account != log::ACCOUNT);
        inventory.reads.retain(|read| !of_log(&read.account, &read.call));
        inventory.gaps.retain(|gap| !of_log(&gap.account, &gap.call()));
        if self.gaps.is_empty() {
            let records = self.streams.iter().map(|stream| stream.records).sum();
            // A log without a single record shows nothing for any day before it was read.
            let since = self.streams.iter().filter_map(|stream| stream.first_at).min().or(Some(inventory.captured_at));
            inventory.reads.push(Read::declared(log::RECORDS, records, since));
        }
        add(self.activities, inventory);
        inventory.points.extend(self.points);
        inventory.gaps.extend(self.gaps);
        inventory.logs = self.streams;
    }
}

/// Add what the logs show. A run that has an id of its own, in AWS or in its tool's catalogue, is one run in
/// however many records it stands: an account that has ended counts, and of two such the first.
fn add(activities: Vec<Activity>, inventory: &mut Inventory) {
    let key =
        |activity: &Activity| (activity.kind, activity.account.clone(), activity.source.clone(), activity.id.clone());
    let is_job = |activity: &Activity| activity.source != log::SOURCE;
    let known = inventory.activities.iter().enumerate().filter(|(_, activity)| is_job(activity));
    let mut jobs: HashMap<_, usize> = known.map(|(n, activity)| (key(activity), n)).collect();
    for activity in activities {
        if !is_job(&activity) {
            inventory.activities.push(activity);
            continue;
        }
        match jobs.entry(key(&activity)) {
            Entry::Vacant(place) => {
                place.insert(inventory.activities.len());
                inventory.activities.push(activity);
            }
            Entry::Occupied(place) => {
                if let Some(held) = inventory.activities.get_mut(*place.get())
                    && held.outcome == ActivityOutcome::Running
                {
                    *held = activity;
                }
            }
        }
    }
}

/// Bytes of lines that are handed on at a time.
const BATCH: usize = 1 << 18;

/// Lines of a file, one after the other.
#[derive(Default)]
struct Batch {
    file: usize,
    bytes: Vec<u8>,
    /// Where each line ends in `bytes`, and its number in the file.
    lines: Vec<(usize, u64)>,
}

impl Batch {
    fn add(&mut self, line: &[u8], number: u64) {
        self.bytes.extend_from_slice(line);
        self.lines.push((self.bytes.len(), number));
    }
}

/// What a record says, without its place in the chain: a million different hashes are not kept.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    stream: Cow<'a, str>,
    seq: u64,
    #[serde(rename = "type")]
    record_type: RecordType,
    #[serde(default)]
    activity: Option<Box<Activity>>,
    #[serde(default)]
    attestation: Option<Box<Attestation>>,
    #[serde(default)]
    corrects: Option<u64>,
}

/// The records of all files. A run may begin in one file and end in the next, and a correction may stand
/// in another than what it corrects.
#[derive(Default)]
struct Taken {
    activities: Vec<Activity>,
    attestations: Vec<Attestation>,
    streams: Vec<Text>,
    /// Stream, `seq` and index of each activity.
    places: Vec<(u32, u64, u32)>,
    /// Runs that were started and have not ended, by id.
    running: HashMap<Text, usize>,
    /// Runs whose end was read before their start.
    ended: HashSet<Text>,
    /// Stream, `seq` of what is corrected, and what is so.
    corrections: Vec<(u32, u64, Activity)>,
    /// Details that many records may share.
    details: HashSet<Arc<Detail>>,
    /// Lines that were not understood: the file, the line, why.
    problems: Vec<(usize, u64, String)>,
}

impl Taken {
    fn batch(&mut self, batch: &Batch) {
        let mut from = 0;
        for (to, number) in &batch.lines {
            if let Some(line) = batch.bytes.get(from..*to)
                && let Err(error) = self.line(line)
            {
                let message = format!("this record is not as it should be: {error}");
                self.problems.push((batch.file, *number, message));
            }
            from = *to;
        }
    }

    fn line(&mut self, line: &[u8]) -> Result<(), serde_json::Error> {
        let mut record: Body<'_> = serde_json::from_slice(line)?;
        if let Some(detail) = record.activity.as_mut().and_then(|activity| activity.detail.as_mut()) {
            self.share(detail);
        }
        if let Some(attestation) = record.attestation {
            self.attestations.push(*attestation);
        }
        let Some(activity) = record.activity else { return Ok(()) };
        let stream = self.stream(&record.stream);
        match (record.record_type, record.corrects) {
            (RecordType::Correction, Some(seq)) => self.corrections.push((stream, seq, *activity)),
            (RecordType::Started, _) => {
                // Files are read in the order of their names, so the end may have come first.
                if !self.ended.remove(&activity.id) {
                    self.running.insert(activity.id.clone(), self.activities.len());
                    self.add(stream, record.seq, *activity);
                }
            }
            (RecordType::Finished, _) => match self.running.remove(&activity.id) {
                Some(index) => {
                    self.place(stream, record.seq, index);
                    if let Some(started) = self.activities.get_mut(index) {
                        *started = *activity;
                    }
                }
                None => {
                    self.ended.insert(activity.id.clone());
                    self.add(stream, record.seq, *activity);
                }
            },
            _ => self.add(stream, record.seq, *activity),
        }
        Ok(())
    }

    /// Keep one of equal details. Those that name an artefact or a file are each their own.
    fn share(&mut self, detail: &mut Arc<Detail>) {
        if detail.artefacts.is_empty() && detail.evidence.is_empty() {
            match self.details.get(detail) {
                Some(shared) => *detail = Arc::clone(shared),
                None => {
                    self.details.insert(Arc::clone(detail));
                }
            }
        }
    }

    fn stream(&mut self, id: &str) -> u32 {
        let known = self.streams.iter().rposition(|stream| *stream == *id);
        let index = known.unwrap_or_else(|| {
            self.streams.push(Text::from(id));
            self.streams.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn place(&mut self, stream: u32, seq: u64, index: usize) {
        self.places.extend(u32::try_from(index).map(|index| (stream, seq, index)));
    }

    fn add(&mut self, stream: u32, seq: u64, activity: Activity) {
        self.place(stream, seq, self.activities.len());
        self.activities.push(activity);
    }

    /// A correction takes the place of what it corrects. One that corrects nothing here counts by itself.
    fn put_into(mut self, logs: &mut Logs) {
        if !self.corrections.is_empty() {
            self.places.sort_unstable();
        }
        for (stream, seq, activity) in std::mem::take(&mut self.corrections) {
            let found = self.places.binary_search_by_key(&(stream, seq), |(stream, seq, _)| (*stream, *seq)).ok();
            let index = found.and_then(|at| self.places.get(at)).map(|(.., index)| *index as usize);
            match index.and_then(|index| self.activities.get_mut(index)) {
                Some(wrong) => *wrong = activity,
                None => self.activities.push(activity),
            }
        }
        logs.activities.extend(self.activities);
        logs.attestations.extend(self.attestations);
    }
}
