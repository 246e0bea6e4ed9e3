//! Logs from disk, as a part of an inventory: activities, statements, streams, and what could not be read.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::chain::{Anchor, LogFile, next_line, open, streams, walk};
use super::declared;
use crate::model::activity::Activity;
use crate::model::attestation::Attestation;
use crate::model::gap::{Gap, GapStatus, Read};
use crate::model::inventory::Inventory;
use crate::model::log::{self, LogStream, Record, RecordType};
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
    let _interning = Interning::start();
    let mut logs = Logs::default();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut declarations = declared::Sources::default();
            match folder(path) {
                Ok(found) => {
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
    let mut walked = Vec::new();
    for file in files {
        if let Some(found) = logs.file(&file, anchors) {
            walked.push(found);
        }
    }
    for stream in streams(walked, anchors) {
        logs.misunderstood(&stream);
        logs.streams.push(stream);
    }
    logs
}

/// The files of a folder in the order of their names.
fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with('.') || name == DECLARATIONS;
        if !hidden && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
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
        for problem in stream.problems.iter().filter(|problem| problem.code == "not-understood") {
            let place = PathBuf::from(format!("{}:{}", problem.file, problem.line));
            self.unread(&place, GapStatus::NotUnderstood, "not-understood", &problem.message);
        }
    }

    fn file(&mut self, path: &Path, anchors: &[Anchor]) -> Option<LogFile> {
        let name = path.display().to_string();
        let mut taken = Taken::default();
        let walked = walk(path, &name, anchors, &mut |line, number, log| taken.line(line, number, log));
        match walked {
            Ok(log) => {
                taken.into(self);
                Some(log)
            }
            Err(error) => {
                self.unread(path, GapStatus::Failed, "unreadable", &error.to_string());
                None
            }
        }
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
            inventory.reads.push(Read {
                account: log::ACCOUNT.into(),
                region: log::REGION.into(),
                call: log::RECORDS.into(),
                items: self.streams.iter().map(|stream| stream.records).sum(),
                requests: 0,
                // A log without a single record shows nothing for any day before it was read.
                since: self.streams.iter().filter_map(|stream| stream.first_at).min().or(Some(inventory.captured_at)),
            });
        }
        inventory.activities.extend(self.activities);
        inventory.points.extend(self.points);
        inventory.gaps.extend(self.gaps);
        inventory.logs = self.streams;
    }
}

/// The records of one file.
#[derive(Default)]
struct Taken {
    activities: Vec<Activity>,
    attestations: Vec<Attestation>,
    /// `seq` of each activity, ascending with it.
    places: Vec<(u64, usize)>,
    /// Runs that were started and have not ended, by id.
    running: HashMap<Text, usize>,
}

impl Taken {
    fn line(&mut self, line: &[u8], number: u64, log: &mut LogFile) {
        let record: Record = match serde_json::from_slice(line) {
            Ok(record) => record,
            Err(error) => {
                log.note("not-understood", number, format!("this record is not as it should be: {error}"));
                return;
            }
        };
        if let Some(attestation) = record.attestation {
            self.attestations.push(*attestation);
        }
        let Some(activity) = record.activity else { return };
        match (record.record_type, record.corrects) {
            (RecordType::Correction, Some(seq)) => self.correct(seq, *activity, number, log),
            (RecordType::Started, _) => {
                self.running.insert(activity.id.clone(), self.activities.len());
                self.add(record.seq, *activity);
            }
            (RecordType::Finished, _) => match self.running.remove(&activity.id) {
                Some(index) => {
                    if let Some(started) = self.activities.get_mut(index) {
                        *started = *activity;
                    }
                    self.places.push((record.seq, index));
                }
                None => self.add(record.seq, *activity),
            },
            _ => self.add(record.seq, *activity),
        }
    }

    fn add(&mut self, seq: u64, activity: Activity) {
        self.places.push((seq, self.activities.len()));
        self.activities.push(activity);
    }

    /// A correction takes the place of what it corrects. One that corrects nothing here counts by itself.
    fn correct(&mut self, seq: u64, activity: Activity, number: u64, log: &mut LogFile) {
        let found = self.places.binary_search_by_key(&seq, |(seq, _)| *seq).ok();
        let place = found.and_then(|at| self.places.get(at)).and_then(|(_, index)| self.activities.get_mut(*index));
        match place {
            Some(wrong) => *wrong = activity,
            None => {
                log.note(
                    "correction",
                    number,
                    format!("it corrects the record {seq}, which is no activity of this file"),
                );
                self.activities.push(activity);
            }
        }
    }

    fn into(self, logs: &mut Logs) {
        logs.activities.extend(self.activities);
        logs.attestations.extend(self.attestations);
    }
}
