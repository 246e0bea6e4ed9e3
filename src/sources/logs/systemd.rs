//! systemd: the runs of service units, from the journal as `journalctl -o json` shows it.

use std::collections::HashMap;

use serde_json::Value;

use super::common::{
    begin, chosen, complain, digits, epoch, field, foreign, is_meant, lacks, number, numbered, strange, text, utf8,
};
use super::native::{Found, Known, Native, NotUnderstood, Reader};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::text::Text;

/// The reader's description.
pub(super) const READER: Reader = Reader {
    id: "systemd",
    title: "runs of service units, from journalctl -o json",
    docs: "\
The records that systemd writes into the journal when a service begins and ends, joined by the id of the invocation, with the \
lines that its processes wrote; systemd 252. `job` says which units are meant: `crm-backup.service`.

* A failed unit is *failed*; one that ran into its time limit, or was killed, is *aborted*.
* A success goes as far as the unit's own: a pipe in `ExecStart` hides the failure of all commands but the last, and nothing \
says how much was written. Lines that sound like a complaint are warnings.
* A unit that never ended is *running*, or *aborted* if it began again.
* A journal keeps what its limits allow: export it before it is vacuumed.
",
    read,
};

/// `MESSAGE_ID`s of systemd, as `systemd/sd-messages.h` names them.
const STARTING: &str = "7d4958e842da4a758f6c1cdc7b36dcc5";
const STARTED: &str = "39f53479d3a045ac8e11786248231fbf";
const START_FAILED: &str = "be02cf6855d2428ba40df7e9d022f03d";
const PROCESS_EXIT: &str = "98e322203f7a4ed290d09fe03c09fe15";
const UNIT_FAILED: &str = "d9b373ed55a64feb8242e02dbe79a49c";
const UNIT_SUCCESS: &str = "7ad2d189f7e94e70a38c781354912448";

/// One invocation of a unit.
struct Run {
    line: u64,
    unit: Text,
    invocation: Option<Text>,
    began: Instant,
    /// Its beginning is in the journal.
    opened: bool,
    ended: Option<Instant>,
    succeeded: bool,
    /// The unit's result, or that of the attempt to start it.
    result: Option<Text>,
    status: Option<i32>,
    signal: Option<i32>,
    host: Option<Text>,
    command: Option<Text>,
    errors: Vec<Text>,
    complaints: Vec<Text>,
}

fn read(native: &Native<'_>) -> Result<Found, NotUnderstood> {
    let known = native.known;
    let mut found = Found::default();
    let runs = runs(utf8(native.stdout)?, &mut found)?;
    if runs.is_empty() {
        return Err(foreign(0, "no service began or ended in it; lines of a program alone prove nothing"));
    }
    chosen(known, runs.iter().map(|run| run.unit.as_str()))?;
    let newest: HashMap<&Text, u64> = runs.iter().map(|run| (&run.unit, run.line)).collect();
    for run in runs.iter().filter(|run| is_meant(known, &run.unit)) {
        let again = newest.get(&run.unit).is_some_and(|line| *line > run.line);
        conclude(run, again, known, &mut found);
    }
    Ok(found)
}

/// The runs in the order of their beginnings, and the newest of each invocation or unit.
#[derive(Default)]
struct Runs {
    all: Vec<Run>,
    newest: HashMap<Text, usize>,
}

fn runs(journal: &str, found: &mut Found) -> Result<Vec<Run>, NotUnderstood> {
    let mut runs = Runs::default();
    for (n, line) in numbered(journal) {
        let record = match serde_json::from_str::<Value>(line) {
            Ok(record) if record.get("__REALTIME_TIMESTAMP").is_some() => record,
            _ if n == 1 => {
                return Err(foreign(1, "it is no record of the journal; export it with `journalctl -o json`"));
            }
            _ => {
                found.problems.push(strange(n, "it is no record of the journal, or was cut"));
                continue;
            }
        };
        let Some(micros) = number(field(&record, "__REALTIME_TIMESTAMP")) else { continue };
        let Some(at) = epoch(&Value::from(micros as f64 / 1e6)) else { continue };
        let any = |keys: [&str; 2]| keys.iter().find_map(|key| text(field(&record, key)));
        match any(["UNIT", "USER_UNIT"]) {
            Some(unit) if unit.ends_with(".service") => {
                let invocation = any(["INVOCATION_ID", "USER_INVOCATION_ID"]);
                of_systemd(&record, unit, invocation, (n, at), &mut runs);
            }
            Some(_) => {}
            None => {
                let invocation = text(field(&record, "_SYSTEMD_INVOCATION_ID"));
                let newest = invocation.and_then(|invocation| runs.newest.get(&invocation).copied());
                if let Some(run) = newest.and_then(|index| runs.all.get_mut(index)) {
                    of_process(&record, run);
                }
            }
        }
    }
    Ok(runs.all)
}

/// What systemd says of a unit.
fn of_systemd(record: &Value, unit: Text, invocation: Option<Text>, place: (u64, Instant), runs: &mut Runs) {
    let (line, at) = place;
    let what = field(record, "MESSAGE_ID").as_str().unwrap_or_default();
    // Without ids of invocations, the records of a unit are of the same run until it begins again.
    let key = invocation.clone().unwrap_or_else(|| unit.clone());
    let open = runs.newest.get(&key).copied().filter(|_| what != STARTING || invocation.is_some());
    let known = [STARTING, STARTED, START_FAILED, PROCESS_EXIT, UNIT_FAILED, UNIT_SUCCESS].contains(&what);
    if open.is_none() && known {
        runs.newest.insert(key, runs.all.len());
        runs.all.push(Run {
            line,
            unit,
            invocation,
            began: at,
            opened: what == STARTING,
            ended: None,
            succeeded: false,
            result: None,
            status: None,
            signal: None,
            host: text(field(record, "_HOSTNAME")),
            command: None,
            errors: Vec::new(),
            complaints: Vec::new(),
        });
    }
    let last = runs.all.len().checked_sub(1);
    let Some(run) = open.or(last.filter(|_| known)).and_then(|index| runs.all.get_mut(index)) else { return };
    let message = text(field(record, "MESSAGE"));
    match what {
        // `Started` of a service that goes on is no end; `Finished` is that of a one-shot.
        STARTED => {
            let finished = message.as_ref().is_some_and(|said| said.starts_with("Finished "));
            if finished && field(record, "JOB_RESULT") == "done" {
                run.succeeded = true;
                run.ended = Some(at);
            }
        }
        UNIT_SUCCESS => {
            run.succeeded = true;
            run.ended = Some(at);
        }
        PROCESS_EXIT => {
            let number = field(record, "EXIT_STATUS").as_str().and_then(digits).and_then(|n| i32::try_from(n).ok());
            match field(record, "EXIT_CODE").as_str() {
                Some("exited") => run.status = number,
                _ => run.signal = number,
            }
            run.errors.extend(message);
        }
        UNIT_FAILED | START_FAILED => {
            let key = if what == UNIT_FAILED { "UNIT_RESULT" } else { "JOB_RESULT" };
            let result = text(field(record, key)).unwrap_or_else(|| "failed".into());
            run.result.get_or_insert(result);
            run.ended = Some(at);
            run.errors.extend(message);
        }
        // What it says besides, such as that a time limit is over.
        _ if number(field(record, "PRIORITY")).is_some_and(|priority| priority <= 4) => run.errors.extend(message),
        _ => {}
    }
}

/// A line that a process of the unit wrote.
fn of_process(record: &Value, run: &mut Run) {
    run.command = run.command.take().or_else(|| text(field(record, "_CMDLINE")));
    let Some(message) = text(field(record, "MESSAGE")) else { return };
    let loud = number(field(record, "PRIORITY")).is_some_and(|priority| priority <= 4);
    let lower = message.to_lowercase();
    let words = ["error", "failed", "not found", "no such file", "denied", "cannot", "unable to", "warning"];
    if loud || words.iter().any(|word| lower.contains(word)) {
        run.complaints.push(message);
    }
}

fn conclude(run: &Run, again: bool, known: &Known, found: &mut Found) {
    let outcome = match run.result.as_deref() {
        Some("timeout" | "signal" | "core-dump" | "oom-kill" | "watchdog" | "canceled") => ActivityOutcome::Aborted,
        Some(_) => ActivityOutcome::Failed,
        None if run.succeeded => ActivityOutcome::Succeeded,
        None if again => ActivityOutcome::Aborted,
        None => ActivityOutcome::Running,
    };
    let id = match &run.invocation {
        Some(invocation) => format!("systemd:{invocation}"),
        None => format!("systemd:{}:{}:{}", run.host.as_deref().unwrap_or("-"), run.unit, run.began.to_rfc3339()),
    };
    let kind = known.kind.unwrap_or(ActivityKind::Backup);
    let mut activity = begin("systemd", id, kind, outcome, run.began, known);
    activity.completed_at = run.ended;
    let detail = activity.detail_mut();
    detail.host = detail.host.take().or_else(|| run.host.clone());
    // What the caller knows is no status of this run.
    (detail.exit_status, detail.signal) = (run.status, run.signal);
    if detail.command.is_empty() {
        detail.command = run.command.iter().cloned().collect();
    }
    if !run.opened {
        found.problems.push(strange(run.line, format!("the beginning of `{}` is not in the journal", run.unit)));
    }
    lacks(&mut activity, "size");
    if run.status.or(run.signal).is_none() {
        lacks(&mut activity, "exit-status");
    }
    let failed = activity.outcome.is_failure();
    let (mut errors, mut warnings) = (Vec::new(), run.complaints.clone());
    if failed {
        errors.append(&mut warnings);
    }
    errors.extend(run.errors.iter().cloned());
    complain(&mut activity, errors, warnings);
    found.activities.push(activity);
}
