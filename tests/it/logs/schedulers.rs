//! What the records of Bacula, rsnapshot, cron and systemd say when one thing in them is different: real records,
//! changed in one place.

use lastgood::model::activity::{Activity, ActivityKind, Depth, Trigger};

use super::at;
use super::native::{Run, run};

fn all(run: &Run) -> Vec<Activity> {
    run.read().unwrap_or_else(|error| panic!("{}: {error}", run.name)).activities
}

fn outcomes(run: &Run) -> Vec<String> {
    all(run).iter().map(|activity| activity.outcome.id().to_owned()).collect()
}

fn outcome(run: &Run) -> String {
    run.outcome().id().to_owned()
}

fn bacula(name: &str) -> Run {
    run("bacula/15.0.3", name)
}

/// The first row of the catalogue, with these fields instead.
fn row(changes: &serde_json::Value) -> Run {
    let list: Vec<serde_json::Value> = serde_json::from_slice(&bacula("12-catalog").stdout).unwrap();
    let mut row = list[0].clone();
    for (key, value) in changes.as_object().unwrap() {
        row[key] = value.clone();
    }
    row.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    Run { stdout: format!("[{row}]").into_bytes(), ..bacula("12-catalog") }
}

#[test]
fn each_letter_of_bacula_is_what_it_stands_for() {
    use serde_json::json;
    for (status, expected) in [
        ("T", "succeeded"),
        ("W", "partial"),
        ("e", "partial"),
        ("I", "partial"),
        ("f", "failed"),
        ("E", "failed"),
        ("D", "failed"),
        ("A", "aborted"),
        ("R", "running"),
        ("C", "running"),
        ("x", "x"),
    ] {
        assert_eq!(outcome(&row(&json!({"JobStatus": status}))), expected, "{status}");
    }
    assert_eq!(row(&json!({"JobStatus": "D"})).one().message.as_deref(), Some("it found differences"));
    assert_eq!(row(&json!({"JobStatus": "R"})).one().completed_at, None);
    assert_eq!(outcome(&row(&json!({"JobErrors": 1}))), "partial", "though it is called T");
    let uncounted = row(&json!({"JobErrors": null})).read().unwrap();
    assert_eq!((uncounted.activities.len(), uncounted.problems.len()), (0, 1), "errors that nobody counted");
    for (kind, expected) in [
        ("B", ActivityKind::Backup),
        ("V", ActivityKind::Verification),
        ("R", ActivityKind::Restore),
        ("C", ActivityKind::Copy),
        ("c", ActivityKind::Copy),
        ("g", ActivityKind::Copy),
    ] {
        assert_eq!(row(&json!({"Type": kind})).one().kind, expected, "{kind}");
    }
    let none = row(&json!({"Type": "D"})).read().unwrap();
    assert!(none.activities.is_empty() && none.problems.is_empty(), "an administrative job moves no data");
    assert_eq!(row(&json!({"Type": "?"})).read().unwrap().problems.len(), 1);
    let mut tested = row(&json!({"Type": "R"}));
    tested.known.kind = Some(ActivityKind::RestoreTest);
    assert_eq!(
        (tested.one().kind, tested.one().detail.unwrap().depth),
        (ActivityKind::RestoreTest, Some(Depth::Restored))
    );
    for (level, name) in [("F", "full"), ("I", "incremental"), ("D", "differential")] {
        let activity = row(&json!({"Level": level})).one();
        assert_eq!(activity.detail.unwrap().level.as_deref(), Some(name));
        assert_eq!(activity.size.is_some(), level == "F", "only full ones may be compared");
    }
    for (kind, level, why) in [
        ("B", "F", "the full backup holds no file"),
        ("V", "V", "it verified no file"),
        ("R", "F", "it restored no file"),
    ] {
        let empty = row(&json!({"Type": kind, "Level": level, "JobFiles": 0})).one();
        assert_eq!((empty.outcome.id(), empty.message.as_deref()), ("failed", Some(why)));
    }
    assert_eq!(outcome(&row(&json!({"Level": "I", "JobFiles": 0}))), "succeeded", "nothing changed");
    assert_eq!(
        row(&json!({"Type": "V", "Level": "A"})).one().detail.unwrap().depth,
        Some(Depth::FullRead),
        "level Data"
    );
    assert_eq!(row(&json!({"Type": "V", "Level": "C"})).one().detail.unwrap().depth, Some(Depth::Metadata));
    // Which of the two ends, and what if neither is there.
    let ends = json!({"RealEndTime": "2026-11-22 23:00:00"});
    assert_eq!(row(&ends).one().completed_at, Some(at("2026-11-22T23:00:00Z")), "the end includes the despooling");
    let endless = row(&json!({"RealEndTime": null, "EndTime": null})).one();
    assert!(endless.detail.unwrap().missing.iter().any(|missing| missing == "end"));
    let timeless = row(&json!({"StartTime": "x"})).read().unwrap();
    assert!(timeless.activities.is_empty() && timeless.problems[0].code == "no-time");
}

#[test]
fn a_report_of_bacula_is_as_good_as_its_last_line_and_its_counts() {
    let full = || bacula("01-run");
    let ended = |how: &str| {
        outcome(&full().edited("Termination:            Backup OK", &format!("Termination:            {how}")))
    };
    for (how, expected) in [
        ("Backup OK", "succeeded"),
        ("Backup OK -- with warnings", "partial"),
        ("Backup OK -- warning file count mismatch", "partial"),
        ("*** Backup Error ***", "failed"),
        ("Backup Canceled", "aborted"),
        ("Verify Differences", "failed"),
        ("Backup Incomplete", "partial"),
        ("Restore OK -- missing files", "partial"),
        ("*** Something else ***", "*** Something else ***"),
    ] {
        assert_eq!(ended(how), expected, "{how}");
    }
    for errors in ["Non-fatal FD errors:    ", "SD Errors:              "] {
        let bad = full().edited(&format!("{errors}0"), &format!("{errors}2")).one();
        assert_eq!((bad.outcome.id(), bad.detail.unwrap().items.unwrap().failed), ("partial", Some(2)), "{errors}");
    }
    let restored = || bacula("06-restore");
    let last = |run: &Run| all(run).pop().unwrap();
    assert_eq!(
        last(&restored().edited("FD Errors:              0", "FD Errors:              1")).outcome.id(),
        "partial"
    );
    let fewer = last(&restored().edited("Files Restored:         12", "Files Restored:         11"));
    assert_eq!((fewer.outcome.id(), fewer.message.as_deref()), ("partial", Some("11 of 12 files came")));
    let said =
        "22-Nov 22:49 c1 JobId 1:      Error: ERR=Permission denied\n22-Nov 22:49 c1 JobId 1:      Warning: slow\n";
    let mut complains = full();
    complains.stdout.splice(0..0, said.bytes());
    let detail = complains.one().detail.unwrap();
    assert_eq!((detail.errors.len(), detail.warnings.len()), (1, 1));
    let console = full().ended(Some(0)).one().detail.unwrap();
    assert_eq!(console.exit_status, None, "that of the console is none of the job");
    let mut here = full();
    here.known.host = None;
    assert_eq!(here.one().detail.unwrap().host.as_deref(), Some("c1"), "the machine is the client");
    let mut meant = bacula("08-llist");
    meant.known.job = Some("crm-nightly".into());
    assert_eq!(all(&meant).len(), 2);
    meant.known.job = Some("hr-*".into());
    assert!(meant.read().unwrap_err().why.contains("no job in it is called `hr-*`"));
    meant.known.job = None;
    assert!(meant.read().unwrap_err().why.contains("say with `job` which"));
    let mut single = full();
    single.known.job = None;
    assert_eq!(outcome(&single), "succeeded", "there is no other");
}

#[test]
fn a_call_of_rsnapshot_ended_as_its_log_says() {
    let good = || run("rsnapshot", "01-alpha");
    for (status, expected) in [(Some(0), "succeeded"), (Some(2), "partial"), (Some(1), "failed"), (None, "succeeded")] {
        assert_eq!(outcome(&good().ended(status)), expected, "{status:?}");
    }
    let how = |how: &str| outcome(&good().edited("completed successfully", how));
    assert_eq!(how("completed, but with some warnings"), "partial", "whatever the status");
    assert_eq!(how("completed, but with some errors"), "failed");
    let text = String::from_utf8(good().stdout).unwrap();
    let open = || good().edited(text.lines().last().unwrap(), "[2026-11-22T22:35:57] touch /x").ended(None);
    assert_eq!(outcome(&open()), "running", "nobody can tell it from one that goes on");
    assert_eq!(open().one().completed_at, None);
    assert_eq!(
        (outcome(&open().ended(Some(1))), outcome(&open().ended(Some(143)))),
        ("failed".into(), "aborted".into())
    );
    let then = |status| {
        let open = String::from_utf8(open().stdout).unwrap();
        outcomes(&Run { stdout: format!("{open}{text}").into_bytes(), ..good() }.ended(status))
    };
    assert_eq!(then(Some(2)), ["aborted", "partial"], "the status is of the last call");
    let cut = Run { stdout: text.trim_end().as_bytes().to_vec(), ..good() }.ended(None);
    assert_eq!(outcome(&cut), "running", "a last line without its end may say anything");
    // What it copied, by the places of its rsync.
    let elsewhere = good().edited("alpha.0/", "alpha.1/").read().unwrap();
    assert_eq!((elsewhere.activities.len(), elsewhere.problems.len()), (0, 1), "nothing went into the newest snapshot");
    let synced = good().edited("alpha.0/localhost/", ".sync/localhost/").one();
    assert_eq!((synced.kind, synced.detail.unwrap().sources.len()), (ActivityKind::Backup, 1), "with `sync_first`");
    let rotated = run("rsnapshot", "06-beta").edited("mv /srv/bk/rsn/home/operator/alpha.1/", "rm -rf /srv/x/");
    assert_eq!(rotated.one().kind, ActivityKind::Prune);
    let unlocked = run("rsnapshot", "06-beta").edited("mv /srv", "echo /srv").read().unwrap();
    assert_eq!((unlocked.activities.len(), unlocked.problems.len()), (0, 1), "to remove its lock is no rotation");
    // A script's result alone is a backup too.
    let script = run("rsnapshot", "05-script").edited("/usr/bin/rsync", "echo");
    assert_eq!(script.one().kind, ActivityKind::Backup);
    // A mistake in the configuration stands on standard error, and nothing in the log.
    let mistake = "ERROR: Source directory \"/nope\" doesn't exist\n";
    let unlogged = |status| Run { stdout: Vec::new(), ..good() }.saying(mistake).ended(status);
    let failed = unlogged(Some(1)).one();
    assert_eq!((failed.outcome.id(), failed.message.as_deref()), ("failed", Some(mistake.trim())));
    assert!(unlogged(Some(0)).read().is_err() && unlogged(None).read().is_err());
    assert_eq!(outcome(&run("rsnapshot", "04-source").ended(None)), "failed", "it says so itself and never began");
    let mut unzoned = good();
    unzoned.known.timezone = None;
    assert_eq!(unzoned.read().unwrap().problems[0].code, "no-time");
}

/// The run of one job in the log of cron, after a change of the log.
fn cron(job: &str, from: &str, to: &str) -> Activity {
    let mut run = run("cron", "rfc3339-L15").edited(from, to);
    run.known.job = Some(job.into());
    all(&run).remove(0)
}

#[test]
fn the_status_of_a_line_of_cron_hides_all_but_its_last_command() {
    let command = "/usr/bin/barman -q cron";
    for (line, expected) in [
        (command, "succeeded"),
        ("dump | gzip", "ended"),
        ("set -o pipefail && dump | gzip", "succeeded"),
        ("dump ; ls", "ended"),
        ("dump &", "ended"),
        ("dump && ls", "succeeded"),
    ] {
        let activity = cron(&format!("*{line}"), command, line);
        assert_eq!(activity.outcome.id(), expected, "{line}");
        let missing = &activity.detail.unwrap().missing;
        assert_eq!(missing.iter().any(|missing| missing == "exit-status"), expected == "ended", "{line}");
    }
    let killed = cron("/bin/false", "#10180 failed with exit status 1", "#10180 terminated by signal 9");
    assert_eq!((killed.outcome.id(), killed.detail.as_ref().unwrap().signal), ("aborted", Some(9)));
    assert_eq!(killed.detail.unwrap().exit_status, None);
    // Newer crons word an end otherwise; mail that nobody took is a notice that failed.
    assert_eq!(cron("*barman -q cron", "(barman) END (", "(barman) CMDEND (").outcome.id(), "succeeded");
    let mut mail = run("cron", "rfc3339-L15")
        .edited("info (No MTA installed, discarding output)", "MAIL (mailed 7 bytes of output but got status 0x0001)");
    mail.known.job = Some("chronic*broke*".into());
    let notice = all(&mail).pop().unwrap();
    assert_eq!((notice.kind, notice.outcome.id()), (ActivityKind::Notification, "failed"));
    assert!(notice.message.unwrap().contains("but got status"));
    let mut told = run("cron", "rfc3339-L15").edited("(No MTA installed, discarding output)", "(mailed 7 bytes)");
    told.known.job = Some("chronic*broke*".into());
    assert_eq!(all(&told).len(), 1, "somebody was told");
    let mut manual = run("cron", "failing");
    manual.known.trigger = Some(Trigger::Manual);
    assert_eq!(all(&manual)[0].detail.as_ref().unwrap().trigger, Some(Trigger::Manual), "the caller knows better");
}

#[test]
fn lines_of_cron_are_found_in_each_form_of_syslog() {
    let read = |line: &str| {
        let run = Run { stdout: format!("{line}\n").into_bytes(), ..run("cron", "traditional") };
        run.read().map(|found| found.activities)
    };
    for line in [
        "<78>1 2026-11-22T22:56:01.414Z vm CRON 10174 - - (bkp) CMD (dump)",
        "2026-11-22T22:56:01.414Z vm CRON[10174]: (bkp) CMD (dump)",
        "Nov 22 22:56:01 vm crond[10174]: (bkp) CMD (dump)",
        "Nov 22 22:56:01 vm /usr/sbin/cron[10174]: (bkp) CMD ([7] dump)",
    ] {
        let found = read(line).unwrap();
        let detail = found[0].detail.as_ref().unwrap();
        assert_eq!(
            (found[0].started_at.timestamp(), detail.command.as_slice()),
            (1_795_388_161, ["dump".into()].as_slice()),
            "{line}"
        );
    }
    for line in
        ["Nov 22 22:56:01 vm anacron[7]: (bkp) CMD (dump)", "Nov 22 22:56:01 vm sshd[7]: (bkp) CMD (dump)", "hello"]
    {
        assert!(read(line).is_err(), "{line}");
    }
}

#[test]
fn a_run_of_a_unit_ended_as_the_journal_says() {
    let ok = || {
        let mut run = run("systemd", "all-units");
        run.known.job = Some("crm-backup-ok.service".into());
        run
    };
    let without = |mark: &str| {
        let text = String::from_utf8(ok().stdout).unwrap();
        let left: String = text.lines().filter(|line| !line.contains(mark)).map(|line| format!("{line}\n")).collect();
        Run { stdout: left.into_bytes(), ..ok() }
    };
    // Either of its two ends is enough; a job that was not done is none.
    assert_eq!(outcome(&without("Deactivated successfully")), "succeeded");
    assert_eq!(outcome(&without("\"Finished ")), "succeeded");
    let undone = Run { stdout: without("Deactivated successfully").stdout, ..ok() }
        .edited("\"JOB_RESULT\":\"done\"", "\"JOB_RESULT\":\"canceled\"");
    assert_eq!(outcome(&undone), "running");
    let beheaded = without("7d4958e842da4a758f6c1cdc7b36dcc5").read().unwrap();
    assert!(beheaded.problems[0].message.contains("is not in the journal"), "{beheaded:?}");
    let slow = |result: &str| {
        outcome(
            &run("systemd", "crm-backup-slow")
                .edited("\"UNIT_RESULT\":\"timeout\"", &format!("\"UNIT_RESULT\":\"{result}\"")),
        )
    };
    for result in ["timeout", "signal", "core-dump", "oom-kill", "watchdog", "canceled"] {
        assert_eq!(slow(result), "aborted", "{result}");
    }
    for result in ["exit-code", "resources", "protocol"] {
        assert_eq!(slow(result), "failed", "{result}");
    }
    // Complaints of its processes: of a success they are warnings.
    for (from, to) in [("File list size: 0", "rsync: unable to open it"), ("File list size: 0", "Permission DENIED")] {
        let warned = ok().edited(from, to).one();
        assert_eq!((warned.outcome.id(), warned.detail.unwrap().warnings.len()), ("succeeded", 1), "{to}");
    }
    let failed = run("systemd", "crm-backup").one().detail.unwrap();
    assert!(failed.warnings.is_empty() && failed.errors[0].contains("link_stat"), "{failed:?}");
    // A line that is no record is told, not passed over; nor is a file that is none.
    let odd = Run { stdout: [ok().stdout, b"{\"x\": 1}\n".to_vec()].concat(), ..ok() }.read().unwrap();
    assert_eq!((odd.activities.len(), odd.problems.len()), (1, 1));
    assert!(Run { stdout: b"hello\n".to_vec(), ..ok() }.read().is_err());
    assert!(without("\"UNIT\":").read().is_err(), "lines of a program alone prove nothing");
    let user = run("systemd", "crm-backup")
        .edited("\"UNIT\":", "\"USER_UNIT\":")
        .edited("\"INVOCATION_ID\":", "\"USER_INVOCATION_ID\":");
    assert_eq!(outcome(&user), "failed", "a unit of a user's own");
    let timer = run("systemd", "crm-backup").edited("\"UNIT\":\"crm-backup.service\"", "\"UNIT\":\"crm-backup.timer\"");
    assert!(timer.read().is_err(), "a timer backs nothing up");
}
