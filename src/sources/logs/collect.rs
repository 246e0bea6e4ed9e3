//! Logs from disk, as a part of an inventory: activities, statements, streams, and what could not be read.

use std::collections::hash_map::Entry;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use super::chain::{self, Anchor, Fields, Header, LogFile, first_line, open, streams, walk};
use super::declared;
use crate::model::activity::{Activity, ActivityOutcome, Detail};
use crate::model::attestation::Attestation;
use crate::model::gap::{Gap, GapStatus, Read};
use crate::model::inventory::Inventory;
use crate::model::log::{self, LogProblem, LogStream};
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
    let (walked, taken) = logs.files(&files, anchors);
    drop(interning);
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
    match open(path).and_then(|mut input| first_line(&mut *input)) {
        Ok(Some(line)) => line.starts_with(br#"{"schema":"lastgood.log/"#),
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

    /// Walk all files, in order: their chains are verified and their records read at once.
    fn files(&mut self, files: &[PathBuf], anchors: &[Anchor]) -> (Vec<LogFile>, Taken) {
        let (mut walked, mut taken) = (Vec::new(), Taken::default());
        for path in files {
            let mut visit = |header: &Header, body: Result<Body, String>, number: u64, log: &mut LogFile| match body {
                Ok(body) => taken.record(header, body),
                Err(error) => {
                    log.note("not-understood", number, format!("this record is not as it should be: {error}"));
                }
            };
            match walk(path, &path.display().to_string(), anchors, reader, &mut visit) {
                Ok(log) => walked.push(log),
                Err(error) => self.unread(path, GapStatus::Failed, "unreadable", &error.to_string()),
            }
        }
        (walked, taken)
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

/// What a record says.
struct Body {
    activity: Option<Box<Activity>>,
    attestation: Option<Attestation>,
    corrects: Option<u64>,
}

/// A reader of what records say. Many records may share a detail: a reader keeps one of equal ones.
fn reader() -> impl FnMut(&[u8]) -> chain::Read<Result<Body, String>> {
    let mut details: HashSet<Arc<Detail>> = HashSet::default();
    move |line| {
        Fields::read(line, |mut activity: Option<Box<Activity>>, attestation, corrects| {
            if let Some(detail) = activity.as_mut().and_then(|activity| activity.detail.as_mut()) {
                share(&mut details, detail);
            }
            Body { activity, attestation, corrects }
        })
    }
}

/// Keep one of equal details. Those that name an artefact or a file are each their own.
fn share(details: &mut HashSet<Arc<Detail>>, detail: &mut Arc<Detail>) {
    if detail.artefacts.is_empty() && detail.evidence.is_empty() {
        match details.get(detail) {
            Some(shared) => *detail = Arc::clone(shared),
            None => {
                details.insert(Arc::clone(detail));
            }
        }
    }
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
}

impl Taken {
    fn record(&mut self, header: &Header, body: Body) {
        self.attestations.extend(body.attestation);
        let Some(activity) = body.activity else { return };
        let stream = self.stream(&header.stream);
        match (header.record_type.as_str(), body.corrects) {
            ("correction", Some(seq)) => self.corrections.push((stream, seq, *activity)),
            ("started", _) => {
                // Files are read in the order of their names, so the end may have come first.
                if !self.ended.remove(&activity.id) {
                    self.running.insert(activity.id.clone(), self.activities.len());
                    self.add(stream, header.seq, *activity);
                }
            }
            ("finished", _) => match self.running.remove(&activity.id) {
                Some(index) => {
                    self.place(stream, header.seq, index);
                    if let Some(started) = self.activities.get_mut(index) {
                        *started = *activity;
                    }
                }
                None => {
                    self.ended.insert(activity.id.clone());
                    self.add(stream, header.seq, *activity);
                }
            },
            _ => self.add(stream, header.seq, *activity),
        }
    }

    fn stream(&mut self, id: &Text) -> u32 {
        let known = self.streams.iter().rposition(|stream| stream == id);
        let index = known.unwrap_or_else(|| {
            self.streams.push(id.clone());
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
