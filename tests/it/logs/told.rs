//! What the caller knows of a run beyond the tool's output: it goes into every record of it, whichever reader
//! makes the record, and what ended the run counts.

use lastgood::model::activity::{Activity, ActivityOutcome, Trigger};
use lastgood::sources::logs::native::{Found, Known, Native, find};

use super::at;
use super::native::{Run, folders, run, runs};

/// Readers of AWS's records: they are of many runs, of which a caller knows nothing.
const OF_AWS: [&str; 3] = ["aws-backup", "aws-report", "aws-events"];

fn with(run: &Run, known: Known) -> Vec<Activity> {
    let native = Native { stdout: &run.stdout, stderr: &run.stderr, known: &known };
    find(&run.tool).unwrap().read(&native).map(|found| found.activities).unwrap_or_default()
}

#[test]
fn what_the_caller_knows_is_in_every_record() {
    let mut tried = 0;
    for run in folders().iter().flat_map(|folder| runs(folder)) {
        if OF_AWS.contains(&run.tool.as_str()) {
            continue;
        }
        let known = Known {
            tool_version: Some("9.9".into()),
            application: Some("crm".into()),
            operator: Some("eve".into()),
            trigger: Some(Trigger::Manual),
            ended_at: Some(at("2026-11-23T12:00:00Z")),
            ..run.known.clone()
        };
        for activity in with(&run, known) {
            tried += 1;
            let shown = format!("{} {}: {activity:?}", run.tool, run.name);
            let detail = activity.detail.as_ref().unwrap();
            assert_eq!(detail.application.as_deref(), Some("crm"), "{shown}");
            assert_eq!(detail.trigger, Some(Trigger::Manual), "{shown}");
            assert!(detail.tool.as_ref().unwrap().version.is_some(), "{shown}");
            // The annotation of a backup says it better.
            assert!(matches!(activity.operator.as_deref(), Some("eve" | "alice")), "{shown}");
        }
    }
    assert!(tried > 200, "{tried}");
    let restic = run("restic/0.14.0", "02-backup-first");
    let ended_at = Some(at("2026-11-22T21:52:56Z"));
    let old = with(&restic, Known { ended_at, tool_version: Some("0.14.0".into()), ..restic.known.clone() });
    assert_eq!(old[0].completed_at, ended_at, "restic 0.14 does not say when it ended");
    assert_eq!(old[0].detail.as_ref().unwrap().tool.as_ref().unwrap().version.as_deref(), Some("0.14.0"));
}

/// Its record may be complete, and what the command was to do behind it is not done.
#[test]
fn what_a_signal_ended_is_aborted() {
    // The readers of the output of one run.
    let tools = [
        "restic",
        "rustic",
        "borg",
        "borgmatic",
        "pg_dump",
        "mysqldump",
        "mydumper",
        "rsync",
        "tar",
        "git",
        "rclone",
        "aws-s3",
        "barman",
        "mariabackup",
        "duplicity",
    ];
    let mut aborted = std::collections::BTreeSet::new();
    for run in folders().iter().flat_map(|folder| runs(folder)) {
        let found = run.read();
        // A catalogue knows of its backups by itself, and a log file of many runs.
        let lists = found.as_ref().is_ok_and(|found| !found.points.is_empty() || found.activities.len() != 1);
        // So does a finding for each of Barman's servers, which is there or is not.
        let finding = run.tool == "barman" && run.name.contains("-check");
        if !tools.contains(&run.tool.as_str())
            || lists
            || finding
            || run.name.contains("info")
            || run.name.contains("status")
        {
            continue;
        }
        for (exit_status, signal) in [(None, Some(9)), (Some(0), Some(15)), (Some(137), None)] {
            for activity in with(&run, Known { exit_status, signal, ..run.known.clone() }) {
                let shown = format!("{} {} {exit_status:?} {signal:?}: {activity:?}", run.tool, run.name);
                assert_ne!(activity.outcome, ActivityOutcome::Succeeded, "{shown}");
                assert_eq!(activity.detail.as_ref().unwrap().signal, signal, "{shown}");
                if activity.outcome == ActivityOutcome::Aborted {
                    aborted.insert(run.tool.clone());
                }
            }
        }
    }
    assert_eq!(aborted.into_iter().collect::<Vec<_>>(), {
        let mut all = tools;
        all.sort_unstable();
        all
    });
}

/// Where neither the record nor the caller says when it was, it is not put anywhere in time.
#[test]
fn a_run_without_any_time_is_a_problem_and_no_record() {
    let mut tried = 0;
    for run in folders().iter().flat_map(|folder| runs(folder)) {
        let known = Known { started_at: None, timezone: None, ..run.known.clone() };
        let native = Native { stdout: &run.stdout, stderr: &run.stderr, known: &known };
        let timed = |found: &Found| found.activities.len() + found.points.len();
        let (Ok(before), Ok(after)) = (run.read(), find(&run.tool).unwrap().read(&native)) else { continue };
        let lost = timed(&before) - timed(&after);
        tried += lost;
        let said = after.problems.iter().filter(|problem| problem.code == "no-time").count();
        assert!(said >= usize::from(lost > 0), "{} {}: {after:?}", run.tool, run.name);
    }
    assert!(tried > 100, "{tried}");
}
