//! duplicity: its statistics, as text and with `--jsonstat`, and what `verify`, `restore` and its pruning say.

use serde_json::{Map, Value};

use super::common::{
    End, NoInstant, begin, complain, digits, end, epoch, field, foreign, id, lacks, lines, number, numbered, says,
    started, text, utf8, verb,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome, Bytes, Depth, Items};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "duplicity",
    title: "duplicity: backup statistics (also --jsonstat, collection-status --jsonstat), verify, restore, remove",
    docs: "\
The block `Backup Statistics` that a backup prints, on standard output or in the file of `--log-file`, the JSON of \
`--jsonstat` (duplicity 3), and what `verify`, `restore` and the `remove` commands say; versions 0.8 and 3.0.

* Files that could not be read are *partial*: duplicity ends with 0, and only `Errors` in the statistics counts them.
* A full backup into which no byte went is *failed*.
* Without statistics nothing is proved, whatever the exit status.
* `verify` reads the whole archive; with `--compare-data` it compares it with the source. One that compared no file is *failed*.
* Only `SourceFileSize` may be compared from one backup to the next.
",
    read,
};

const VERBS: &[&str] = &[
    "full",
    "incremental",
    "incr",
    "inc",
    "backup",
    "verify",
    "restore",
    "cleanup",
    "remove-older-than",
    "remove-all-but-n-full",
    "remove-all-inc-of-but-n-full",
    "collection-status",
    "list-current-files",
];

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let said = utf8(native.stdout)?;
    let known = native.known;
    let mut found = Found::default();
    let (runs, catalogue) = runs(said)?;
    let errors = complaints(native);
    if runs.is_empty() {
        other(known, said, errors, &mut found)?;
        return Ok(found);
    }
    let last = runs.len() - 1;
    for (n, (line, run)) in runs.iter().enumerate() {
        // The status and the complaints are those of the last run; a catalogue's entries have none.
        let (end, errors) =
            if n == last && !catalogue { (end(known), errors.clone()) } else { (End::Unknown, Vec::new()) };
        backup(run, *line, end, errors, known, &mut found);
    }
    Ok(found)
}

/// The statistics of runs, each with its line.
type Runs = Vec<(u64, Map<String, Value>)>;

/// The statistics in a text, each run once; whether they are a catalogue's.
fn runs(said: &str) -> Result<(Runs, bool), NotUnderstood> {
    let mut runs = Runs::new();
    let mut open: Option<(u64, Map<String, Value>)> = None;
    for (n, line) in numbered(said) {
        // `--log-fd` repeats everything, behind a dot.
        let line = line.strip_prefix(". ").unwrap_or(line);
        if line.contains("[ Backup Statistics ]") {
            open = Some((n, Map::new()));
        } else if line.starts_with("-----") {
            runs.extend(open.take().filter(|(_, new)| {
                let same = |(_, old): &(u64, Map<String, Value>)| old.get("StartTime") == new.get("StartTime");
                !runs.iter().any(same)
            }));
        } else if let Some((_, numbers)) = &mut open
            && let Some((name, rest)) = line.split_once(' ')
        {
            let value = rest.split(' ').next().unwrap_or_default();
            numbers.insert(name.to_owned(), Value::String(value.to_owned()));
        }
    }
    let (documents, catalogue) = json(said)?;
    for (n, document) in documents {
        let began = epoch(field(&document, "StartTime")).map(|at| at.timestamp_millis());
        let near = |numbers: &Map<String, Value>| {
            let text = numbers.get("StartTime").and_then(epoch).map(|at| at.timestamp_millis());
            text.zip(began).is_some_and(|(a, b)| a.abs_diff(b) < 10)
        };
        let Value::Object(statistics) = document else { continue };
        match runs.iter_mut().find(|(_, numbers)| near(numbers)) {
            // The JSON does not know what went into the store; the text does not know what was done.
            Some((_, numbers)) => {
                numbers.extend(statistics.get("backup_meta").map(|meta| ("backup_meta".into(), meta.clone())));
            }
            None => runs.push((n, statistics)),
        }
    }
    Ok((runs, catalogue))
}

/// The JSON between the lines: the statistics of one run, or those of all backups by their names.
fn json(said: &str) -> Result<(Vec<(u64, Value)>, bool), NotUnderstood> {
    let mut at = 0;
    for (n, line) in said.split_inclusive('\n').zip(1u64..).map(|(line, n)| (n, line)) {
        if line.starts_with('{') {
            let rest = said.get(at..).unwrap_or_default();
            let document = serde_json::Deserializer::from_str(rest).into_iter::<Value>().next();
            let Some(Ok(document)) = document else { return Err(foreign(n, "the JSON was cut")) };
            if document.get("StartTime").is_some() {
                return Ok((vec![(n, document)], false));
            }
            let sets = document.as_object().into_iter().flatten().map(|(_, set)| field(set, "json_stat"));
            return Ok((sets.filter(|set| set.is_object()).map(|set| (n, set.clone())).collect(), true));
        }
        at += line.len();
    }
    Ok((Vec::new(), false))
}

/// The lines that complain.
fn complaints(native: &Native<'_>) -> Vec<Text> {
    let bad = |line: &Text| {
        let line = line.strip_prefix(". ").unwrap_or(line);
        !line.starts_with("Errors ") && ["rror", "failed", "does not exist"].iter().any(|word| line.contains(word))
    };
    let stderr = lines(native.stderr);
    let last = stderr.last().cloned();
    let mut found: Vec<Text> = lines(native.stdout).into_iter().filter(|line| line.starts_with("Error ")).collect();
    found.extend(stderr.into_iter().filter(bad));
    if found.is_empty() {
        last.into_iter().collect()
    } else {
        found.iter().map(|line| Text::from(line.trim())).collect()
    }
}

fn backup(run: &Map<String, Value>, line: u64, end: End, errors: Vec<Text>, known: &Known, found: &mut Found) {
    let of = |key: &str| run.get(key).and_then(number);
    let meta = run.get("backup_meta").unwrap_or(&Value::Null);
    let level = match field(meta, "action").as_str().or_else(|| verb(known, VERBS)) {
        Some("full") => Some("full"),
        Some("inc" | "incr" | "incremental") => Some("incremental"),
        _ => None,
    };
    // The text has two digits behind the point, the JSON more: both are to name the same run.
    let hundredths = |at: Instant| (at.timestamp_millis() + 5).div_euclid(10);
    let began = run.get("StartTime").and_then(epoch).map(hundredths);
    let Some(at) = began.and_then(|hundredths| chrono::DateTime::from_timestamp_millis(10 * hundredths)) else {
        found.problems.push(NoInstant::NotATime.problem(line));
        return;
    };
    let empty = of("SourceFiles") == Some(0) || (level == Some("full") && of("RawDeltaSize") == Some(0));
    let (outcome, message) = match (end, of("Errors")) {
        (End::Stopped, _) => (ActivityOutcome::Aborted, None),
        (End::Status(_), _) => (ActivityOutcome::Failed, None),
        _ if empty => (ActivityOutcome::Failed, Some("no byte went into the backup".to_owned())),
        (_, Some(0)) => (ActivityOutcome::Succeeded, None),
        (_, Some(count)) => {
            let message = errors.is_empty().then(|| format!("errors in its statistics: {count}"));
            (ActivityOutcome::Partial, message)
        }
        (_, None) => (ActivityOutcome::Partial, Some("its statistics do not count the errors".to_owned())),
    };
    let mut activity =
        begin("duplicity", id("duplicity", "backup", at, known), ActivityKind::Backup, outcome, at, known);
    activity.completed_at = run.get("EndTime").and_then(epoch).or(activity.completed_at);
    activity.size = of("SourceFileSize");
    activity.message = message.map(Text::from);
    complain(&mut activity, errors, Vec::new());
    let changed = of("NewFiles").zip(of("ChangedFiles")).map(|(new, changed)| new.saturating_add(changed));
    let detail = activity.detail_mut();
    detail.exit_status = detail.exit_status.filter(|_| end != End::Unknown);
    detail.level = level.map(Text::from);
    detail.bytes = Some(Bytes { source: of("SourceFileSize"), stored: None, moved: of("TotalDestinationSizeChange") });
    let failed = of("Errors");
    detail.items = Some(Items {
        total: of("SourceFiles"),
        done: of("SourceFiles").filter(|_| failed == Some(0)),
        failed,
        changed,
        deleted: of("DeletedFiles"),
    });
    detail.sources = text(field(meta, "source")).into_iter().collect();
    detail.target = text(field(meta, "target"));
    if end == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    found.activities.push(activity);
}

/// How many files `verify` compared, and how many differ.
fn verified(said: &str) -> Option<(u64, u64)> {
    let rest = said.lines().find_map(|line| line.strip_prefix("Verify complete: "))?;
    let mut counts = rest.split(", ").map(|part| part.split(' ').next().and_then(digits));
    counts.next().flatten().zip(counts.next().flatten())
}

/// Everything that has no statistics.
fn other(known: &Known, said: &str, errors: Vec<Text>, found: &mut Found) -> Result<(), NotUnderstood> {
    let end = end(known);
    let bad = matches!(end, End::Status(_) | End::Stopped);
    let verified = verified(said);
    let verb = verb(known, VERBS);
    let kind = match verb {
        _ if verified.is_some() => ActivityKind::Verification,
        Some("verify") => ActivityKind::Verification,
        Some("restore") => known.kind.unwrap_or(ActivityKind::Restore),
        Some("cleanup" | "remove-older-than" | "remove-all-but-n-full" | "remove-all-inc-of-but-n-full") => {
            ActivityKind::Prune
        }
        Some("collection-status" | "list-current-files") => {
            return Err(foreign(0, "it only lists what is there; give the statistics of the backups"));
        }
        _ if bad => known.kind.unwrap_or(ActivityKind::Backup),
        _ => return Err(foreign(0, "no statistics of a backup stand in it, or they were cut")),
    };
    let outcome = match (end, verified) {
        (End::Stopped, _) => ActivityOutcome::Aborted,
        (End::Status(_), _) | (_, Some((0, _))) => ActivityOutcome::Failed,
        (_, Some((_, differences))) if differences > 0 => ActivityOutcome::Failed,
        (_, Some(_)) => ActivityOutcome::Succeeded,
        (End::Good, None) if kind == ActivityKind::Verification => {
            return Err(foreign(0, "it does not say what was compared"));
        }
        (End::Good, None) => ActivityOutcome::Succeeded,
        (End::Unknown, None) => return Err(foreign(0, "only its exit status tells how it ended, and nobody said it")),
    };
    let Some(at) = started(known, found) else { return Ok(()) };
    let what = verb.unwrap_or("backup");
    let mut activity = begin("duplicity", id("duplicity", what, at, known), kind, outcome, at, known);
    if let Some((files, differences)) = verified {
        activity.detail_mut().items = Some(Items { total: Some(files), ..Items::default() });
        match (files, differences) {
            (0, _) => activity.message = Some("it compared no file".into()),
            (_, 0) => {}
            _ => activity.message = Some(Text::from(format!("{differences} of {files} files differ"))),
        }
    }
    complain(&mut activity, errors, Vec::new());
    let compared = says(known, "--compare-data");
    let detail = activity.detail_mut();
    detail.compared_by = (compared && kind == ActivityKind::Verification).then(|| "file-system".into());
    detail.depth = match kind {
        ActivityKind::Verification if compared => Some(Depth::Compared),
        ActivityKind::Verification => Some(Depth::FullRead),
        ActivityKind::Restore | ActivityKind::RestoreTest => Some(Depth::Restored),
        _ => None,
    };
    if end == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    found.activities.push(activity);
    Ok(())
}
