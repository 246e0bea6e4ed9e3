//! restic: what `backup`, `check`, `restore` and `snapshots` write with `--json`.

use serde_json::Value;

use super::common::{
    End, NoInstant, begin, complain, end, field, foreign, id, lacks, point, says, strange, time, utf8, verb,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Artefact, Bytes, Depth, Items};
use crate::model::fact::Fact;
use crate::model::recovery_point::{PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "restic",
    title: "restic backup, check, restore and snapshots, with --json",
    docs: "\
The summaries of `backup`, `check` (0.18 and newer) and `restore`, and the list of `snapshots`, as restic 0.14 to 0.18 \
write them with `--json`; give standard error too, since errors stand there.

* Exit 3 of a backup, or an error on standard error, is *partial*: the snapshot was saved and lacks files.
* A source that restic skipped because it does not exist is *partial*, though restic before 0.19 exits with 0.
* A snapshot of no file and no byte is *failed*: that is what a failed dump on standard input leaves behind.
* `check` reads no data unless the command line says `--read-data`: without the command its depth is not known.
* `snapshots` cannot tell a complete snapshot from a partial one.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let text = utf8(native.stdout)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let mut last: Option<(u64, Value)> = None;
    let mut found = Found::default();
    for (n, line) in lines {
        let number = n as u64 + 1;
        match serde_json::from_str::<Value>(line) {
            Ok(Value::Array(list)) => return snapshots(&list, native.known, "restic"),
            Ok(value) if *field(&value, "message_type") == "summary" => last = Some((number, value)),
            // Progress, verbose listings, and types that newer versions bring.
            Ok(Value::Object(object)) if object.contains_key("message_type") => {}
            Ok(_) => found.problems.push(strange(number, "it is no message of restic")),
            Err(_) => found.problems.push(strange(number, "it is no JSON; was `--json` given?")),
        }
    }
    let complaints = Complaints::of(native.stderr);
    let Some((number, summary)) = last else {
        if exit(native.known, &complaints).is_some_and(|status| status != 0) {
            return failed(native.known, complaints, found);
        }
        let why = "no summary of restic stands in it; was `--json` given?";
        return Err(foreign(0, why));
    };
    let activity = if field(&summary, "snapshot_id").is_string() || summary.get("total_bytes_processed").is_some() {
        backup(&summary, native.known, complaints)
    } else if summary.get("num_errors").is_some() {
        check(&summary, native.known, complaints)
    } else if summary.get("bytes_restored").is_some() || summary.get("files_restored").is_some() {
        restore(&summary, native.known, complaints)
    } else {
        return Err(foreign(number, "the summary is of no command that is known here"));
    };
    match activity {
        Some(activity) => found.activities.push(activity),
        None => found.problems.push(NoInstant::NotATime.problem(number)),
    }
    Ok(found)
}

/// What stands on standard error.
#[derive(Default)]
struct Complaints {
    errors: Vec<Text>,
    warnings: Vec<Text>,
    /// The code and message of `exit_error`.
    exit: Option<(i64, Text)>,
}

impl Complaints {
    fn of(stderr: &[u8]) -> Self {
        let mut all = Self::default();
        for line in String::from_utf8_lossy(stderr).lines().map(str::trim).filter(|line| !line.is_empty()) {
            let Ok(value) = serde_json::from_str::<Value>(line) else {
                // Plain text even with `--json`.
                if line.ends_with("does not exist, skipping") {
                    all.errors.push(Text::from(line));
                } else {
                    all.warnings.push(Text::from(line));
                }
                continue;
            };
            let message = field(field(&value, "error"), "message")
                .as_str()
                .or_else(|| field(&value, "message").as_str())
                .unwrap_or(line)
                .trim();
            match field(&value, "message_type").as_str() {
                Some("exit_error") => {
                    all.exit = Some((field(&value, "code").as_i64().unwrap_or(1), Text::from(message)))
                }
                _ => all.errors.push(Text::from(message)),
            }
        }
        all
    }
}

/// What restic ends with when it is interrupted; here of every run that was stopped.
const STOPPED: i64 = 130;

/// The exit status: what the caller knows, or what restic says of itself.
fn exit(known: &Known, complaints: &Complaints) -> Option<i64> {
    if end(known) == End::Stopped {
        return Some(STOPPED);
    }
    known.exit_status.map(i64::from).or_else(|| complaints.exit.as_ref().map(|(code, _)| *code))
}

fn put(activity: &mut Activity, complaints: Complaints) {
    activity.message = complaints.errors.first().cloned().or_else(|| complaints.exit.map(|(_, message)| message));
    complain(activity, complaints.errors, complaints.warnings);
}

fn backup(summary: &Value, known: &Known, complaints: Complaints) -> Option<Activity> {
    let at = time(field(summary, "backup_start")).or(known.started_at)?;
    let (files, bytes) =
        (field(summary, "total_files_processed").as_u64(), field(summary, "total_bytes_processed").as_u64());
    let outcome = match exit(known, &complaints) {
        _ if files == Some(0) && bytes == Some(0) => ActivityOutcome::Failed,
        Some(0) | None if complaints.errors.is_empty() => ActivityOutcome::Succeeded,
        Some(0 | 3) | None => ActivityOutcome::Partial,
        Some(STOPPED) => ActivityOutcome::Aborted,
        Some(_) => ActivityOutcome::Failed,
    };
    let snapshot = field(summary, "snapshot_id").as_str().unwrap_or_default();
    let id = format!("restic:{snapshot}");
    let empty = outcome == ActivityOutcome::Failed && bytes == Some(0);
    let mut activity = begin("restic", id, ActivityKind::Backup, outcome, at, known);
    activity.completed_at = time(field(summary, "backup_end")).or(activity.completed_at);
    activity.size = bytes;
    put(&mut activity, complaints);
    if empty && activity.message.is_none() {
        activity.message = Some("the snapshot holds no file and no byte".into());
    }
    let no_status = end(known) == End::Unknown;
    let detail = activity.detail_mut();
    // Every block is stored once, and each snapshot restores alone.
    detail.level = None;
    detail.bytes = Some(Bytes {
        source: bytes,
        stored: None,
        moved: field(summary, "data_added_packed").as_u64().or(field(summary, "data_added").as_u64()),
    });
    let changed = field(summary, "files_new")
        .as_u64()
        .zip(field(summary, "files_changed").as_u64())
        .map(|(new, changed)| new.saturating_add(changed));
    detail.items = Some(Items { total: files, done: files, changed, ..Items::default() });
    detail.artefacts = vec![Artefact { uri: Text::from(snapshot), encrypted: Some(true), ..Artefact::default() }];
    if no_status {
        detail.missing.push("exit-status".into());
    }
    Some(activity)
}

fn check(summary: &Value, known: &Known, complaints: Complaints) -> Option<Activity> {
    let errors = field(summary, "num_errors").as_u64().unwrap_or(1);
    let at = known.started_at?;
    let good = errors == 0 && complaints.errors.is_empty() && exit(known, &complaints).is_none_or(|status| status == 0);
    let outcome = match exit(known, &complaints) {
        _ if good => ActivityOutcome::Succeeded,
        Some(STOPPED) => ActivityOutcome::Aborted,
        _ => ActivityOutcome::Failed,
    };
    let mut activity =
        begin("restic", id("restic", "check", at, known), ActivityKind::Verification, outcome, at, known);
    put(&mut activity, complaints);
    activity.detail_mut().depth = depth(known);
    if known.command.is_empty() {
        lacks(&mut activity, "depth");
    }
    Some(activity)
}

/// How deeply a check looks.
fn depth(known: &Known) -> Option<Depth> {
    match (known.command.is_empty(), says(known, "--read-data"), says(known, "--read-data-subset")) {
        (true, ..) => None,
        (_, true, _) => Some(Depth::FullRead),
        (_, _, true) => Some(Depth::Sampled),
        _ => Some(Depth::Metadata),
    }
}

fn restore(summary: &Value, known: &Known, complaints: Complaints) -> Option<Activity> {
    let at = known.started_at?;
    let number = |key: &str| field(summary, key).as_u64();
    let (total, restored) = (number("total_files"), number("files_restored"));
    let whole = restored.is_some() && total == restored && number("total_bytes") == number("bytes_restored");
    let outcome = match exit(known, &complaints) {
        Some(0) | None if whole && complaints.errors.is_empty() => ActivityOutcome::Succeeded,
        Some(0) | None => ActivityOutcome::Partial,
        Some(STOPPED) => ActivityOutcome::Aborted,
        Some(_) => ActivityOutcome::Failed,
    };
    let kind = known.kind.unwrap_or(ActivityKind::Restore);
    let mut activity = begin("restic", id("restic", "restore", at, known), kind, outcome, at, known);
    // restic leaves a zero out: then nothing came back.
    activity.size = number("bytes_restored").or(Some(0));
    put(&mut activity, complaints);
    let verified = says(known, "--verify");
    let detail = activity.detail_mut();
    detail.depth = Some(if verified { Depth::Compared } else { Depth::Restored });
    detail.items = Some(Items { total, done: restored, ..Items::default() });
    Some(activity)
}

/// A run that ended before it could write a summary, as before 0.18 every check and restore does.
fn failed(known: &Known, complaints: Complaints, mut found: Found) -> Result<Found, NotUnderstood> {
    let what = verb(known, &["backup", "check", "restore", "forget", "prune", "snapshots"]);
    let (kind, depth) = match what {
        Some("check") => (ActivityKind::Verification, depth(known)),
        Some("restore") => (known.kind.unwrap_or(ActivityKind::Restore), Some(Depth::Restored)),
        Some("forget" | "prune") => (ActivityKind::Prune, None),
        Some("snapshots") => return Err(foreign(0, "the list could not be read")),
        _ => (known.kind.unwrap_or(ActivityKind::Backup), None),
    };
    let Some(at) = known.started_at else {
        found.problems.push(NoInstant::NotATime.problem(0));
        return Ok(found);
    };
    let outcome =
        if exit(known, &complaints) == Some(STOPPED) { ActivityOutcome::Aborted } else { ActivityOutcome::Failed };
    let mut activity = begin("restic", id("restic", what.unwrap_or("failed"), at, known), kind, outcome, at, known);
    activity.detail_mut().depth = depth;
    put(&mut activity, complaints);
    found.activities.push(activity);
    Ok(found)
}

/// The snapshots of a list, in the form that rustic shares.
pub(super) fn snapshots(list: &[Value], known: &Known, tool: &str) -> Result<Found, NotUnderstood> {
    let mut found = Found::default();
    for (n, snapshot) in list.iter().enumerate() {
        let (Some(id), Some(at)) = (field(snapshot, "id").as_str(), time(field(snapshot, "time"))) else {
            let why = format!("entry {} of the list is no snapshot", n + 1);
            return Err(foreign(1, why));
        };
        let summary = field(snapshot, "summary");
        let bytes = field(summary, "total_bytes_processed").as_u64();
        // rustic counts the file that standard input would have become.
        let fewest = u64::from(tool == "rustic");
        let files = field(summary, "total_files_processed").as_u64();
        let empty = bytes == Some(0) && files.is_some_and(|files| files <= fewest);
        let mut point = RecoveryPoint {
            completed_at: time(field(summary, "backup_end")),
            // Every restic repository is encrypted.
            encrypted: Fact::Known(true),
            size: bytes,
            ..point(
                Text::from(format!("{tool}:{id}")),
                if empty { PointStatus::Error } else { PointStatus::Completed },
                time(field(summary, "backup_start")).unwrap_or(at),
                known,
            )
        };
        if empty {
            point.extra_mut().message = Some("the snapshot holds no file and no byte".into());
        }
        found.points.push(point);
    }
    Ok(found)
}
