//! The forms in which Bacula shows a job, brought to one. Nothing here judges.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::model::Instant;
use crate::model::text::Text;
use crate::sources::logs::common::{NoInstant, digits, epoch, foreign, local, number, numbered};
use crate::sources::logs::native::{Known, NotUnderstood};

/// A job as any of the forms shows it; letters are those of Bacula's catalogue.
pub(super) struct Job {
    pub(super) line: u64,
    /// The name that no other run has, such as `crm-nightly.2026-11-22_22.49.12_04`.
    pub(super) id: String,
    /// The name of its resource, such as `crm-nightly`.
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) level: String,
    pub(super) status: String,
    pub(super) errors: Option<u64>,
    pub(super) files: Option<u64>,
    /// Files that a restore was to bring back.
    pub(super) expected: Option<u64>,
    pub(super) bytes: Option<u64>,
    pub(super) began: Result<Instant, NoInstant>,
    pub(super) ended: Result<Instant, NoInstant>,
    pub(super) client: Option<Text>,
    /// The job that it verified.
    pub(super) of: Option<Text>,
    pub(super) complaints: Vec<Text>,
}

/// All jobs in a text.
pub(super) fn jobs(text: &str, known: &Known) -> Result<Vec<Job>, NotUnderstood> {
    let mut rows = Vec::new();
    let mut complaints = HashMap::new();
    if text.trim_start().starts_with('[') {
        let list: Vec<Map<String, Value>> = serde_json::from_str(text)
            .map_err(|error| foreign(error.line() as u64, "it is no array of jobs, or was cut"))?;
        rows.extend(list.into_iter().map(|row| (1, row)));
    } else if let Some((line, json)) = numbered(text).find(|(_, line)| line.starts_with("{\"terminated\"")) {
        let mut status: Value = serde_json::from_str(json).map_err(|_| foreign(line, "the JSON was cut"))?;
        let list = status.get_mut("terminated").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
        rows.extend(list.into_iter().filter_map(|row| match row {
            Value::Object(row) => Some((line, row)),
            _ => None,
        }));
    } else {
        // A last line without an end was cut: `Backup OK` may go on ` -- with warnings`.
        let text = if text.ends_with('\n') { text } else { text.rsplit_once('\n').map_or("", |(whole, _)| whole) };
        rows = blocks(text);
        complaints = said(text);
    }
    if rows.is_empty() {
        return Err(foreign(0, "no job of Bacula stands in it"));
    }
    Ok(rows.into_iter().filter_map(|(line, row)| job(line, row, &complaints, known)).collect())
}

/// Blocks of `key: value` that begin with `JobId`: reports end with `Termination`, `llist jobs` with an empty line.
fn blocks(text: &str) -> Vec<(u64, Map<String, Value>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(u64, Map<String, Value>)> = None;
    for (line, n) in text.lines().zip(1u64..) {
        let Some((key, value)) = line.trim_start().split_once(':').filter(|_| line.starts_with(' ')) else {
            if line.trim().is_empty() {
                blocks.extend(open.take());
            }
            continue;
        };
        if key == "JobId" {
            blocks.extend(open.replace((n, Map::new())));
        }
        let Some((_, row)) = &mut open else { continue };
        row.insert(key.to_owned(), Value::String(value.trim().to_owned()));
        if key == "Termination" {
            blocks.extend(open.take());
        }
    }
    blocks.extend(open);
    blocks
}

/// What the log complains of, by the number of the job.
fn said(text: &str) -> HashMap<String, Vec<Text>> {
    let mut said: HashMap<String, Vec<Text>> = HashMap::new();
    for (_, line) in numbered(text) {
        let Some((_, rest)) = line.split_once(" JobId ") else { continue };
        let Some((id, message)) = rest.split_once(": ") else { continue };
        let message = message.trim();
        let bad = ["Error: ", "Fatal error: ", "Warning: ", "Could not "].iter().any(|head| message.starts_with(head));
        // The report of a job that failed begins so.
        if bad && !message.starts_with("Error: Bacula ") {
            said.entry(id.to_owned()).or_default().push(Text::from(message));
        }
    }
    said
}

fn job(line: u64, row: Map<String, Value>, complaints: &HashMap<String, Vec<Text>>, known: &Known) -> Option<Job> {
    let row: HashMap<String, Value> = row.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), value)).collect();
    let get = |keys: &[&str]| keys.iter().find_map(|key| row.get(*key));
    let text = |keys: &[&str]| {
        get(keys).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    // Reports write `3,108,924 (3.108 MB)`.
    let count = |keys: &[&str]| {
        get(keys).and_then(|value| number(value).or_else(|| digits(value.as_str()?.split(' ').next()?)))
    };
    let id = get(&["jobid"]).and_then(number)?.to_string();
    let unique = text(&["job"]);
    let name = match (text(&["name"]), &unique) {
        (Some(name), _) => name,
        // `NAME.2026-11-22_22.49.12_04`
        (None, Some(unique)) => unique.get(..unique.len().checked_sub(23)?)?.to_owned(),
        (None, None) => return None,
    };
    let report = text(&["termination"]);
    let kind = match &report {
        Some(_) if row.contains_key("backup level") => "B".to_owned(),
        Some(_) if row.contains_key("verify level") => "V".to_owned(),
        Some(_) if row.contains_key("restore client") => "R".to_owned(),
        Some(termination) => {
            termination.trim_start_matches(['*', ' ']).split(' ').next().unwrap_or_default().to_owned()
        }
        None => text(&["type"]).unwrap_or_default(),
    };
    let level = text(&["level", "backup level", "verify level"]).unwrap_or_default();
    let errors = match &report {
        // Which of them stand there depends on the type.
        Some(_) => {
            let all = ["non-fatal fd errors", "sd errors", "fd errors"].map(|key| count(&[key]));
            all.iter().flatten().copied().reduce(u64::saturating_add)
        }
        None => count(&["joberrors", "errors"]),
    };
    let when = |epoch_key: &str, keys: &[&str]| match get(&[epoch_key]).and_then(epoch) {
        Some(at) => Ok(at),
        None => {
            let said = text(keys).unwrap_or_default();
            local(&said, if report.is_some() { "%d-%b-%Y %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }, known)
        }
    };
    let client = text(&["clientname", "client", "restore client"]);
    Some(Job {
        line,
        began: when("starttime_epoch", &["starttime", "start time"]),
        ended: when("endtime_epoch", &["realendtime", "endtime", "end time"]),
        complaints: complaints.get(&id).cloned().unwrap_or_default(),
        id: unique.unwrap_or_else(|| format!("{name}:{id}")),
        name,
        kind,
        level: match level.split([',', ' ']).next().unwrap_or_default() {
            "Full" => "F".to_owned(),
            "Incremental" => "I".to_owned(),
            "Differential" => "D".to_owned(),
            "Data" => "A".to_owned(),
            other => other.to_owned(),
        },
        status: match report {
            Some(report) => ended(&report).to_owned(),
            None => text(&["jobstatus", "status"]).unwrap_or_default(),
        },
        errors,
        files: count(&["jobfiles", "fd files written", "files examined", "files restored"]),
        expected: count(&["files expected"]),
        bytes: count(&["jobbytes", "fd bytes written", "bytes restored"]),
        client: client.map(|client| Text::from(client.split('"').find(|part| !part.is_empty()).unwrap_or_default())),
        of: text(&["verify job"]).map(Text::from),
    })
}

/// The letter for the last line of a report; what is not known stays as it is.
fn ended(report: &str) -> &str {
    match report {
        "Backup OK" | "Verify OK" | "Restore OK" | "Copying OK" | "Migration OK" => "T",
        _ if report.ends_with("-- with warnings") || report.ends_with("-- warning file count mismatch") => "W",
        _ if report.contains("missing files") => "e",
        _ if report.contains("Canceled") => "A",
        _ if report.contains("Differences") => "D",
        _ if report.contains("Incomplete") => "I",
        _ if report.contains("Error") => "f",
        other => other,
    }
}
