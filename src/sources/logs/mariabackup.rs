//! mariabackup and XtraBackup: their log on standard error, `xtrabackup_info`, and the history table.

use serde_json::{Map, Value};

use super::common::{End, NoInstant, begin, complain, end, field, foreign, id, lacks, lines, local, says, text, utf8};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Artefact, Depth};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "mariabackup",
    title: "mariabackup and XtraBackup: the log, xtrabackup_info, and the history table as JSON",
    docs: "\
The log that they write on standard error, the file `xtrabackup_info` of a backup, or the rows of the history table as a JSON \
array of objects; of mariabackup 10.11.

* Only `completed OK!` in the last line of the log is success.
* The file and the row are written at the end and only of backups that succeeded: a failure leaves neither.
* `--prepare` applies the log and so proves that the files belong together: *metadata*. `--copy-back` and `--move-back` \
restore.
* Times are local, without a zone: declare `timezone`.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let stdout = utf8(native.stdout)?.trim();
    let mut found = Found::default();
    if stdout.starts_with('[') {
        let rows: Vec<Map<String, Value>> = serde_json::from_str(stdout)
            .map_err(|error| foreign(error.line() as u64, format!("it is no list of rows: {error}")))?;
        rows.into_iter().for_each(|row| info(&Value::Object(row), native.known, &mut found));
        return Ok(found);
    }
    let pairs: Map<String, Value> = stdout
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(key, value)| (key.trim().to_owned(), Value::from(value.trim())))
        .collect();
    if pairs.contains_key("uuid") {
        // The last line of the file: what was cut before it proves nothing.
        if !pairs.contains_key("compressed") {
            return Err(foreign(0, "`xtrabackup_info` was cut"));
        }
        info(&Value::Object(pairs), native.known, &mut found);
        return Ok(found);
    }
    log(native, &mut found)?;
    Ok(found)
}

fn moment(text: &str, known: &Known) -> Result<Instant, NoInstant> {
    local(text, "%Y-%m-%d %H:%M:%S", known)
}

/// A backup that is on record as finished.
fn info(row: &Value, known: &Known, found: &mut Found) {
    let get = |key: &str| field(row, key).as_str().unwrap_or_default();
    let at = match moment(get("start_time"), known).or_else(|why| known.started_at.ok_or(why)) {
        Ok(at) => at,
        Err(why) => return found.problems.push(why.problem(0)),
    };
    let uuid = get("uuid");
    let mut activity = begin(
        "mariabackup",
        format!("mariabackup:{uuid}"),
        ActivityKind::Backup,
        ActivityOutcome::Succeeded,
        at,
        known,
    );
    activity.completed_at = moment(get("end_time"), known).ok().or(activity.completed_at);
    let version = text(field(row, "tool_version"));
    let detail = activity.detail_mut();
    detail.level = Some(match (get("incremental"), get("partial")) {
        ("Y", _) => "incremental".into(),
        (_, "Y") => "selected".into(),
        _ => "full".into(),
    });
    if let Some(tool) = &mut detail.tool {
        tool.version = version.or(tool.version.take());
    }
    detail.artefacts = vec![Artefact { uri: Text::from(uuid), ..Artefact::default() }];
    finish(activity, found);
}

fn log(native: &Native<'_>, found: &mut Found) -> Result<(), NotUnderstood> {
    let known = native.known;
    let mut said = lines(native.stderr);
    if said.is_empty() {
        said = lines(native.stdout);
    }
    let stamp =
        |line: &Text| line.strip_prefix("[00] ").and_then(|rest| rest.get(..19)).map(|time| moment(time, known));
    let is_log = said
        .iter()
        .any(|line| stamp(line).is_some() || line.starts_with("mariabackup ") || line.starts_with("xtrabackup"));
    let bad = matches!(end(known), End::Status(_) | End::Stopped);
    if !is_log && !bad {
        return Err(foreign(0, "it is no log of mariabackup or XtraBackup"));
    }
    let ok = said.last().is_some_and(|line| line.ends_with("completed OK!"));
    let complains = |line: &&Text| {
        line.contains("[ERROR]")
            || line.contains("] Error: ")
            || line.contains("Error: cannot")
            || line.contains("Failed to ")
            || line.contains(" Error: ")
    };
    let errors: Vec<Text> = said.iter().filter(complains).cloned().collect();
    let warnings: Vec<Text> = said.iter().filter(|line| line.contains("[Warning]")).cloned().collect();
    let outcome = match end(known) {
        End::Stopped => ActivityOutcome::Aborted,
        End::Status(_) => ActivityOutcome::Failed,
        End::Good | End::Unknown if ok => ActivityOutcome::Succeeded,
        End::Good | End::Unknown if !errors.is_empty() => ActivityOutcome::Failed,
        End::Good | End::Unknown => ActivityOutcome::Aborted,
    };
    let mut times = said.iter().filter_map(stamp);
    let first = times.next();
    let last = times.next_back().or(first);
    let Some(at) = first.and_then(Result::ok).or(known.started_at) else {
        found.problems.push(first.and_then(Result::err).unwrap_or(NoInstant::NotATime).problem(1));
        return Ok(());
    };
    let restores = says(known, "--copy-back") || says(known, "--move-back");
    let (kind, what, depth) = match () {
        () if says(known, "--prepare") => (ActivityKind::Verification, "prepare", Some(Depth::Metadata)),
        () if restores => (known.kind.unwrap_or(ActivityKind::Restore), "restore", Some(Depth::Restored)),
        () => (known.kind.unwrap_or(ActivityKind::Backup), "backup", None),
    };
    let mut activity = begin("mariabackup", id("mariabackup", what, at, known), kind, outcome, at, known);
    activity.completed_at = last.and_then(Result::ok).or(activity.completed_at);
    let incremental = said.iter().any(|line| line.contains("incremental backup from"));
    let detail = activity.detail_mut();
    detail.depth = depth;
    if kind == ActivityKind::Backup {
        detail.level = Some(if incremental { "incremental" } else { "full" }.into());
    }
    if activity.outcome == ActivityOutcome::Aborted {
        activity.message = Some("`completed OK!` is missing".into());
    }
    if end(known) == End::Unknown {
        lacks(&mut activity, "exit-status");
    }
    complain(&mut activity, errors, warnings);
    finish(activity, found);
    Ok(())
}

fn finish(mut activity: Activity, found: &mut Found) {
    activity.detail_mut().data_type = Some("mysql".into());
    if activity.kind == ActivityKind::Backup {
        activity.detail_mut().method = Some("server-snapshot".into());
        lacks(&mut activity, "size");
    }
    found.activities.push(activity);
}
