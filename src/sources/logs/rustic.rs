//! rustic: what `backup`, `snapshots` and `forget` write with `--json`, and what `check` and `restore` say.

use serde_json::Value;

use super::common::{
    End, begin, complain, end, field, foreign, id, lacks, lines, number, says, started, text, time, utf8, verb,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use super::restic;
use crate::model::activity::{ActivityKind, ActivityOutcome, Artefact, Bytes, Depth, Items};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "rustic",
    title: "rustic backup, snapshots and forget with --json; check and restore",
    docs: "\
The snapshot that `backup --json` prints, the groups of `snapshots` and `forget`, and the messages of `check` and \
`restore`, as rustic 0.11 writes them. Give standard error too: rustic ends with 0 when files could not be read, and only \
`[WARN] ignoring error` says so.

* Such a warning is *partial*, whatever the exit status.
* A snapshot of no byte is *failed*; rustic counts one file in it.
* `check` reads data only with `--read-data`.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let stdout = utf8(native.stdout)?.trim();
    let said = Said::of(native.stderr);
    let mut found = Found::default();
    let mut documents = 0;
    if stdout.starts_with(['{', '[']) {
        for value in serde_json::Deserializer::from_str(stdout).into_iter::<Value>() {
            let Ok(value) = value else { return Err(foreign(1, "the JSON was cut")) };
            documents += 1;
            match &value {
                Value::Object(_) => backup(&value, native.known, &said, &mut found)?,
                Value::Array(groups) => group(groups, native.known, &said, &mut found)?,
                _ => return Err(foreign(1, "it is no snapshot and no list of rustic")),
            }
        }
    }
    if documents == 0 {
        other(native.known, stdout, &said, &mut found)?;
    }
    Ok(found)
}

/// What stands on standard error.
struct Said {
    errors: Vec<Text>,
    warnings: Vec<Text>,
    left_out: bool,
    read_data: bool,
    /// The last line tells of a step that ended.
    closed: bool,
}

impl Said {
    fn of(stderr: &[u8]) -> Self {
        let lines = lines(stderr);
        let with = |prefix: &str| -> Vec<Text> {
            lines.iter().filter_map(|line| line.strip_prefix(prefix)).map(|rest| Text::from(rest.trim())).collect()
        };
        let warnings = with("[WARN]");
        let mut errors = with("[ERROR]");
        errors.extend(with("error:"));
        Self {
            left_out: warnings.iter().any(|line| line.starts_with("ignoring error")),
            errors,
            warnings,
            read_data: lines.iter().any(|line| line.contains("reading pack data")),
            closed: lines.last().is_some_and(|line| line.contains(" done in ")),
        }
    }

    fn clean(&self) -> bool {
        self.errors.is_empty() && !self.left_out
    }
}

fn backup(snapshot: &Value, known: &Known, said: &Said, found: &mut Found) -> Result<(), NotUnderstood> {
    let summary = field(snapshot, "summary");
    let (Some(name), true) = (field(snapshot, "id").as_str(), summary.is_object()) else {
        return Err(foreign(1, "it is no snapshot of rustic"));
    };
    let at = time(field(summary, "backup_start")).or_else(|| time(field(snapshot, "time"))).or(known.started_at);
    let Some(at) = at else {
        found.problems.push(super::common::NoInstant::NotATime.problem(1));
        return Ok(());
    };
    let (files, size) =
        (number(field(summary, "total_files_processed")), number(field(summary, "total_bytes_processed")));
    let empty = size.is_none_or(|size| size == 0) && files.is_none_or(|files| files <= 1);
    let outcome = match end(known) {
        _ if empty => ActivityOutcome::Failed,
        End::Good | End::Unknown if said.clean() => ActivityOutcome::Succeeded,
        End::Stopped => ActivityOutcome::Aborted,
        // The snapshot was saved; it lacks something, or another one was not.
        _ => ActivityOutcome::Partial,
    };
    let mut activity = begin("rustic", format!("rustic:{name}"), ActivityKind::Backup, outcome, at, known);
    activity.completed_at = time(field(summary, "backup_end")).or(activity.completed_at);
    activity.size = size;
    if empty {
        activity.message = Some("the snapshot holds no byte".into());
    }
    complain(&mut activity, said.errors.clone(), said.warnings.clone());
    let changed = number(field(summary, "files_new"))
        .zip(number(field(summary, "files_changed")))
        .map(|(new, changed)| new.saturating_add(changed));
    let detail = activity.detail_mut();
    detail.bytes = Some(Bytes { source: size, stored: None, moved: number(field(summary, "data_added_packed")) });
    detail.items = Some(Items { total: files, done: files, changed, ..Items::default() });
    detail.sources = field(snapshot, "paths").as_array().into_iter().flatten().filter_map(text).collect();
    detail.artefacts = vec![Artefact { uri: Text::from(name), encrypted: Some(true), ..Artefact::default() }];
    if let (Some(tool), Some(version)) = (&mut detail.tool, field(snapshot, "program_version").as_str()) {
        tool.version = Some(Text::from(version.trim_start_matches("rustic ")));
    }
    if end(known) == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    found.activities.push(activity);
    Ok(())
}

/// `snapshots` and `forget` show groups of snapshots.
fn group(groups: &[Value], known: &Known, said: &Said, found: &mut Found) -> Result<(), NotUnderstood> {
    let mut deleted = None;
    for group in groups {
        if let Some(list) = field(group, "snapshots").as_array() {
            found.points.extend(restic::snapshots(list, known, "rustic")?.points);
        } else if let Some(items) = field(group, "items").as_array() {
            let gone = items.iter().filter(|item| *field(item, "keep") == Value::Bool(false)).count();
            deleted = Some(deleted.unwrap_or(0) + gone as u64);
        } else {
            return Err(foreign(1, "an entry of the list is no group of snapshots"));
        }
    }
    if let Some(deleted) = deleted
        && let Some(at) = started(known, found)
    {
        let outcome = match end(known) {
            End::Good | End::Unknown if said.clean() => ActivityOutcome::Succeeded,
            _ => ActivityOutcome::Failed,
        };
        let mut activity = begin("rustic", id("rustic", "forget", at, known), ActivityKind::Prune, outcome, at, known);
        complain(&mut activity, said.errors.clone(), said.warnings.clone());
        activity.detail_mut().items = Some(Items { deleted: Some(deleted), ..Items::default() });
        found.activities.push(activity);
    }
    Ok(())
}

/// Everything that prints no JSON.
fn other(known: &Known, stdout: &str, said: &Said, found: &mut Found) -> Result<(), NotUnderstood> {
    let command = verb(known, &["backup", "check", "restore", "forget", "prune"]);
    let bad = matches!(end(known), End::Status(_) | End::Stopped) || !said.errors.is_empty();
    let kind = match command {
        Some("check") => ActivityKind::Verification,
        Some("restore") => known.kind.unwrap_or(ActivityKind::Restore),
        Some("forget" | "prune") => ActivityKind::Prune,
        _ if bad => known.kind.unwrap_or(ActivityKind::Backup),
        _ => return Err(foreign(0, "no snapshot of rustic stands in it; was `--json` given?")),
    };
    let ended = match kind {
        ActivityKind::Verification => said.closed,
        _ => stdout.lines().any(|line| line.trim() == "restore done."),
    };
    let outcome = match end(known) {
        End::Stopped => ActivityOutcome::Aborted,
        _ if bad => ActivityOutcome::Failed,
        End::Good | End::Unknown if said.left_out => ActivityOutcome::Partial,
        End::Good => ActivityOutcome::Succeeded,
        _ if ended => ActivityOutcome::Succeeded,
        _ => return Err(foreign(0, "it does not say how it ended, and nobody said the exit status")),
    };
    let Some(at) = started(known, found) else { return Ok(()) };
    let what = command.unwrap_or("backup");
    let mut activity = begin("rustic", id("rustic", what, at, known), kind, outcome, at, known);
    complain(&mut activity, said.errors.clone(), said.warnings.clone());
    activity.detail_mut().depth = match kind {
        ActivityKind::Verification if said.read_data || says(known, "--read-data") => Some(Depth::FullRead),
        ActivityKind::Verification => Some(Depth::Metadata),
        ActivityKind::Restore | ActivityKind::RestoreTest => Some(Depth::Restored),
        _ => None,
    };
    found.activities.push(activity);
    Ok(())
}
