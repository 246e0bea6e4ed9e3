//! Barman: what its commands print with `--format json`, and the file `backup.info`.

use serde_json::{Map, Value};

use super::common::{
    End, NoInstant, begin, complain, end, epoch, field, foreign, id, lacks, local, number, point, started, text, utf8,
    verb,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Artefact, Bytes, Depth};
use crate::model::recovery_point::{PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "barman",
    title: "barman backup, list-backups, show-backup, recover, verify-backup and check with --format json",
    docs: "\
The JSON that Barman's commands print with `--format json`, several documents one after the other if need be, and the file \
`backup.info`; of Barman 3.4 and 3.13.

* `DONE` is a backup that succeeded, `WAITING_FOR_WALS` one from which nobody can restore yet (*partial*), `FAILED` one that \
failed.
* A restore of a backup without its WAL files ends with 0 and warns that it `IS NOT VALID`: *partial*.
* `check` looks at the catalogue and not at the files: *listed*, the weakest depth. It passes though a file is gone.
* `verify-backup` reads every file of the base backup and no WAL: *full-read*.
* `end_time` has no zone; the reader takes `…_timestamp`, and the zone that you declare where there is none.
",
    read,
};

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let input = utf8(native.stdout)?.trim();
    let mut found = Found::default();
    if !input.starts_with('{') {
        let pairs: Map<String, Value> = input
            .lines()
            .filter_map(|line| line.split_once('='))
            .filter(|(_, value)| *value != "None")
            .map(|(key, value)| (key.to_owned(), Value::from(value)))
            .collect();
        if pairs.contains_key("status") && pairs.contains_key("timeline") {
            stored(&Value::Object(pairs), native.known, &mut found);
            return Ok(found);
        }
        return Err(foreign(1, "it is no JSON of Barman; was `--format json` given?"));
    }
    for value in serde_json::Deserializer::from_str(input).into_iter::<Value>() {
        let value =
            value.map_err(|error| foreign(error.line() as u64, format!("the JSON is broken or was cut: {error}")))?;
        document(&value, native.known, &mut found);
    }
    Ok(found)
}

fn document(value: &Value, known: &Known, found: &mut Found) {
    let said =
        |key: &str| -> Vec<Text> { field(value, key).as_array().into_iter().flatten().filter_map(text).collect() };
    let (info, warnings, errors) = (said("_INFO"), said("_WARNING"), said("_ERROR"));
    let spoken = ["_INFO", "_WARNING", "_ERROR"].iter().any(|key| value.get(key).is_some());
    if spoken || value.get("backup_id").is_some() {
        return command(value, known, &info, warnings, errors, found);
    }
    for (server, about) in value.as_object().into_iter().flatten() {
        match about {
            Value::Array(backups) => {
                backups.iter().filter(|backup| backup.is_object()).for_each(|backup| stored(backup, known, found));
            }
            Value::Object(fields) if fields.contains_key("backup_id") => stored(about, known, found),
            Value::Object(checks)
                if checks.values().all(|check| check.get("status").is_some()) && !checks.is_empty() =>
            {
                checked(server, checks, known, found);
            }
            // The state of a server, and its settings.
            _ => {}
        }
    }
}

/// A backup of the catalogue: a point, and the record of the run that made it.
fn stored(backup: &Value, known: &Known, found: &mut Found) {
    let base = field(backup, "base_backup_information");
    // `backup.info` does not say it; it is the local time of the beginning.
    let spelled = field(backup, "begin_time").as_str().map(|text| {
        let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
        let (date, time) = digits.split_at_checked(8).unwrap_or_default();
        format!("{date}T{time}")
    });
    let id = field(backup, "backup_id").as_str().or(spelled.as_deref()).unwrap_or_default();
    let get = |key: &str| [backup, base].into_iter().map(|place| field(place, key)).find(|value| !value.is_null());
    let stamp = |key: &str| get(&format!("{key}_timestamp")).and_then(epoch);
    let time = |key: &str| stamp(key).or_else(|| get(key).and_then(zoned));
    let completed = time("end_time");
    let began = time("begin_time").map_or_else(|| local(id, "%Y%m%dT%H%M%S", known), Ok);
    let at = match began.or_else(|why| completed.ok_or(why)) {
        Ok(at) => at,
        Err(why) => return found.problems.push(why.problem(1)),
    };
    let (status, outcome) = match field(backup, "status").as_str() {
        Some("DONE") => (PointStatus::Completed, ActivityOutcome::Succeeded),
        Some("WAITING_FOR_WALS") => (PointStatus::Partial, ActivityOutcome::Partial),
        Some("FAILED") => (PointStatus::Error, ActivityOutcome::Failed),
        Some("STARTED" | "EMPTY" | "SYNCING") => (PointStatus::Creating, ActivityOutcome::Running),
        other => {
            let raw = Text::from(other.unwrap_or("unknown"));
            (PointStatus::Other(raw.clone()), ActivityOutcome::Other(raw))
        }
    };
    let size = get("size_bytes")
        .or_else(|| get("backup_size_with_wals_bytes"))
        .or_else(|| get("disk_usage_with_wals_bytes"))
        .or_else(|| get("size"))
        .and_then(number);
    let name = format!("barman:{id}");
    let mut activity = begin("barman", name.clone(), ActivityKind::Backup, outcome, at, known);
    activity.completed_at = completed;
    activity.size = size;
    activity.message = text(field(backup, "error")).or_else(|| {
        (status == PointStatus::Partial).then(|| "it waits for WAL files, and cannot be restored without them".into())
    });
    activity.point = Some(Text::from(name.as_str()));
    let detail = activity.detail_mut();
    detail.level = text(field(backup, "backup_type"));
    detail.data_type = Some("postgresql".into());
    detail.bytes = Some(Bytes { source: size, stored: get("deduplicated_size").and_then(number), moved: None });
    found.activities.push(activity);
    found.points.push(RecoveryPoint { completed_at: completed, size, ..point(name, status, at, known) });
}

/// `2026-11-22 22:34:45.190950+00:00`, as newer versions write it.
fn zoned(value: &Value) -> Option<Instant> {
    chrono::DateTime::parse_from_str(value.as_str()?, "%Y-%m-%d %H:%M:%S%.f%:z").ok().map(|at| at.to_utc())
}

/// What `check` found, of the whole server.
fn checked(server: &str, checks: &Map<String, Value>, known: &Known, found: &mut Found) {
    let failed: Vec<Text> = checks
        .iter()
        .filter(|(_, check)| field(check, "status").as_str() != Some("OK"))
        .map(|(name, check)| Text::from(format!("{name}: {}", field(check, "hint").as_str().unwrap_or_default())))
        .collect();
    let outcome = if failed.is_empty() { ActivityOutcome::Succeeded } else { ActivityOutcome::Failed };
    let Some(at) = started(known, found) else { return };
    let mut activity = begin(
        "barman",
        id("barman", &format!("check-{server}"), at, known),
        ActivityKind::Verification,
        outcome,
        at,
        known,
    );
    activity.detail_mut().depth = Some(Depth::Listed);
    complain(&mut activity, failed, Vec::new());
    found.activities.push(activity);
}

/// What a command says it did.
fn command(value: &Value, known: &Known, info: &[Text], warnings: Vec<Text>, errors: Vec<Text>, found: &mut Found) {
    let first = info.first().map(Text::as_str).unwrap_or_default();
    let says = |word: &str| info.iter().any(|line| line.contains(word));
    let asked = verb(known, &["backup", "recover", "restore", "verify-backup", "verify", "delete", "check-backup"]);
    let restored = value.get("recovery_start_time").is_some()
        || first.starts_with("Starting local restore")
        || first.starts_with("Starting remote restore");
    let kind = match asked {
        _ if restored => ActivityKind::Restore,
        _ if first.starts_with("Verifying backup") => ActivityKind::Verification,
        _ if first.starts_with("Deleting backup") => ActivityKind::Prune,
        Some("recover" | "restore") => ActivityKind::Restore,
        Some("verify-backup" | "verify") => ActivityKind::Verification,
        Some("delete") => ActivityKind::Prune,
        _ => ActivityKind::Backup,
    };
    let waiting = warnings.iter().any(|line| line.contains("WAITING_FOR_WALS"))
        || field(value, "status").as_str() == Some("WAITING_FOR_WALS");
    let invalid = warnings.iter().any(|line| line.contains("NOT VALID"))
        || field(value, "missing_files").as_array().is_some_and(|files| !files.is_empty());
    let ended = end(known);
    let done = match kind {
        ActivityKind::Backup => says("Backup completed"),
        ActivityKind::Verification => says("successfully verified"),
        ActivityKind::Prune => says("Deleted backup"),
        _ => value.get("recovery_start_time").is_some(),
    };
    let outcome = match ended {
        End::Stopped => ActivityOutcome::Aborted,
        _ if kind == ActivityKind::Backup && waiting && done => ActivityOutcome::Partial,
        _ if !errors.is_empty() => ActivityOutcome::Failed,
        End::Status(_) => ActivityOutcome::Failed,
        _ if invalid => ActivityOutcome::Partial,
        _ if done => ActivityOutcome::Succeeded,
        _ => ActivityOutcome::Failed,
    };
    let stamp = |key: &str| {
        let exact = epoch(field(value, &format!("{key}_timestamp")));
        exact.or_else(|| zoned(field(value, key)))
    };
    let spoken = info
        .iter()
        .find_map(|line| line.split_once("Backup completed (start time: "))
        .and_then(|(_, rest)| rest.split(',').next());
    let spoken = spoken.map(|text| local(text, "%Y-%m-%d %H:%M:%S%.f", known));
    let at = stamp("begin_time")
        .or_else(|| stamp("recovery_start_time"))
        .or_else(|| spoken.and_then(Result::ok))
        .or(known.started_at);
    let Some(at) = at else {
        return found.problems.push(spoken.and_then(Result::err).unwrap_or(NoInstant::NotATime).problem(1));
    };
    let backup = field(value, "backup_id").as_str();
    let name = match (kind, backup) {
        (ActivityKind::Backup, Some(backup)) => format!("barman:{backup}"),
        _ => id("barman", kind.id(), at, known),
    };
    let kind = match kind {
        ActivityKind::Restore | ActivityKind::Backup => known.kind.unwrap_or(kind),
        kind => kind,
    };
    let mut activity = begin("barman", name, kind, outcome, at, known);
    // `Sun Nov 22 22:29:49 2026`, in the local time of the server.
    let said = field(value, "end_time").as_str().unwrap_or_default();
    let ended = stamp("end_time").or_else(|| local(said, "%a %b %e %H:%M:%S %Y", known).ok());
    activity.completed_at = ended.or(activity.completed_at);
    conclude(&mut activity, value, backup);
    complain(&mut activity, errors, warnings);
    found.activities.push(activity);
}

fn conclude(activity: &mut Activity, value: &Value, backup: Option<&str>) {
    let kind = activity.kind;
    let size = number(field(value, "size")).or_else(|| number(field(value, "size_bytes")));
    let detail = activity.detail_mut();
    detail.data_type = Some("postgresql".into());
    detail.depth = match kind {
        ActivityKind::Verification => Some(Depth::FullRead),
        ActivityKind::Restore | ActivityKind::RestoreTest => Some(Depth::Restored),
        _ => None,
    };
    if kind == ActivityKind::Backup {
        detail.artefacts =
            backup.map(|backup| Artefact { uri: backup.into(), ..Artefact::default() }).into_iter().collect();
        activity.size = size;
        if size.is_none() {
            lacks(activity, "size");
        }
    }
}
