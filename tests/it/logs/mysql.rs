//! What dumps of MySQL and MariaDB, and the outputs of mydumper and mariabackup, say when one thing in them is
//! different: real outputs, changed in one place.

use lastgood::model::activity::{ActivityKind, Depth};
use lastgood::sources::logs::native::Known;

use super::at;
use super::native::{Run, run};

fn outcome(run: &Run) -> String {
    run.outcome().id().to_owned()
}

fn missing(run: &Run) -> Vec<String> {
    run.one().detail.unwrap().missing.iter().map(|missing| missing.to_string()).collect()
}

fn dump() -> Run {
    run("mysqldump", "01-dump-ok")
}

#[test]
fn a_dump_of_mysql_is_whole_with_its_end_and_a_good_status() {
    assert_eq!(outcome(&dump().by("").ended(None)), "succeeded", "known by its head, and whole by its end");
    assert_eq!(missing(&dump().by("").ended(None)), ["exit-status"]);
    assert_eq!(outcome(&dump().ended(Some(2))), "partial", "whatever its end says");
    let warning = "mysqldump: [Warning] Using a password on the command line interface can be insecure.\n";
    assert_eq!(outcome(&dump().saying(warning)), "succeeded");
    let error = "mariadb-dump: Got error: 1356: \"View 'crm.v' references invalid table(s)\"\n";
    assert_eq!(outcome(&dump().saying(error)), "partial", "its end is there and a view is not");
    let cut = dump().edited("-- Dump completed on 2026-11-22 22:18:59", "");
    assert_eq!(outcome(&cut), "partial");
    assert_eq!(cut.one().message.as_deref(), Some("the end of the dump is missing"));
    assert_eq!(outcome(&cut.ended(None)), "partial", "nothing says that it is whole");
    let nothing = || Run { stdout: Vec::new(), ..dump() };
    assert_eq!(outcome(&nothing()), "failed");
    for command in ["mysqldump -r crm.sql crm", "mariadb-dump --result-file=crm.sql crm", "mysqldump crm > crm.sql"] {
        assert_eq!(outcome(&nothing().by(command)), "succeeded", "{command}: it lies elsewhere");
        assert_eq!(missing(&nothing().by(command)), ["size"], "{command}");
        assert!(nothing().by(command).ended(None).read().is_err(), "{command}");
    }
    assert!(Run { stdout: b"hello\n".to_vec(), ..dump() }.by("").read().is_err());
    let copied = dump().by("mysqldump crm | mysql copy").one();
    assert_eq!(copied.kind, ActivityKind::Backup, "both programs are in the command");
}

#[test]
fn a_dump_alone_says_when_it_ended_and_not_when_it_began() {
    let mut found = dump();
    found.known = Known { started_at: None, ..found.known };
    assert_eq!(found.one().started_at, at("2026-11-22T22:18:59Z"));
    assert_eq!(missing(&found), ["start"]);
    let undated = found.edited(" on 2026-11-22 22:18:59", "").read().unwrap();
    assert!(undated.activities.is_empty() && undated.problems[0].code == "no-time");
}

#[test]
fn the_client_of_mysql_restores_as_far_as_its_status_says() {
    let restore = |command: &str, status| run("mysqldump", "16-restore").by(command).ended(status);
    assert_eq!(outcome(&restore("mariadb crm", Some(0))), "succeeded");
    assert_eq!(outcome(&restore("mysql crm", Some(1))), "failed");
    assert!(restore("mysql crm", None).read().is_err());
    assert_eq!(outcome(&restore("gunzip -c crm.sql.gz | mysql crm", Some(0))), "succeeded", "the status is its own");
    let complains = restore("mysql --force crm", Some(0)).saying("ERROR 1050 (42S01) at line 3: Table 'a' exists\n");
    assert_eq!(outcome(&complains), "failed");
    let mut tested = restore("mysql crm", Some(0));
    tested.known.kind = Some(ActivityKind::RestoreTest);
    assert_eq!(tested.one().kind, ActivityKind::RestoreTest);
}

#[test]
fn mydumper_is_as_good_as_its_end_and_its_messages() {
    let log = || run("mydumper", "06-logfile");
    let said = |line: &str| outcome(&log().edited("[INFO] - Multisource slave detected.", line));
    assert_eq!(said("[INFO] - x"), "succeeded");
    assert_eq!(said("[WARNING] - Broken table detected, please review: crm.v"), "partial");
    assert_eq!(said("[WARNING] - Using trx_consistency_only"), "succeeded");
    for level in ["[ERROR]", "[CRITICAL]"] {
        assert_eq!(said(&format!("{level} - Could not read data from crm.a")), "partial", "{level}, and its end");
        let line = format!("{level} - Could not read data from crm.a");
        let unended = log().edited("[INFO] - Multisource slave detected.", &line).edited("Finished dump at", "x");
        assert_eq!(outcome(&unended), "failed", "{level}");
        assert_eq!(unended.one().message.as_deref(), Some("Could not read data from crm.a"));
    }
    let messages = || run("mydumper", "01-dump-ok");
    for level in ["CRITICAL", "ERROR"] {
        let line = format!("** (mydumper:7): {level} **: 22:19:58.027: Could not read data from crm.a\n");
        let activity = messages().saying(&line).one();
        assert_eq!(
            (activity.outcome.id(), activity.message.as_deref()),
            ("failed", Some("Could not read data from crm.a"))
        );
    }
    let metadata = || run("mydumper", "02-metadata");
    assert_eq!(outcome(&metadata().edited("Started dump", "# Started dump")), "succeeded", "as 1.x writes it");
    for cut in ["Finished dump at: 2026-11-22 22:19:58", "2:19:58\n"] {
        let unended = metadata().edited(cut, "");
        assert_eq!(outcome(&unended), "aborted", "{cut}");
        assert_eq!(unended.one().message.as_deref(), Some("`Finished dump at` is missing"));
    }
    assert_eq!(outcome(&metadata().ended(Some(1))), "failed");
    assert!(Run { stdout: b"hello\n".to_vec(), ..metadata() }.read().is_err());
    let load = || run("mydumper", "05-restore");
    assert!(load().ended(None).read().is_err(), "only its status tells how it ended");
    assert_eq!(outcome(&load().ended(Some(1))), "failed");
    let mut tested = load();
    tested.known.kind = Some(ActivityKind::RestoreTest);
    assert_eq!(
        (tested.one().kind, tested.one().detail.unwrap().depth),
        (ActivityKind::RestoreTest, Some(Depth::Restored))
    );
}

#[test]
fn mariabackup_is_as_good_as_its_last_line() {
    let log = |stderr: &str, status| run("mariabackup", "01-backup").saying(stderr).ended(status);
    let good = String::from_utf8(run("mariabackup", "01-backup").stderr).unwrap();
    assert_eq!(outcome(&log(&good, None)), "succeeded");
    assert_eq!(missing(&log(&good, None)), ["exit-status", "size"]);
    assert_eq!(outcome(&log(&good, Some(1))), "failed", "whatever it says");
    let more = format!("{good}[00] 2026-11-22 22:20:03 something more\n");
    assert_eq!(outcome(&log(&more, Some(0))), "aborted", "it said so before its end");
    assert_eq!(log(&more, Some(0)).one().message.as_deref(), Some("`completed OK!` is missing"));
    for line in [
        "2026-11-22 22:20:02 0 [ERROR] InnoDB: Unable to lock ./ibdata1",
        "[00] Error: something is wrong",
        "[00] 2026-11-22 22:20:02 Error: cannot open ./a.ibd",
        "[00] 2026-11-22 22:20:02 Failed to connect to MariaDB server",
        "[00] 2026-11-22 22:20:02 Error: failed to read metadata",
    ] {
        let activity = log(&format!("{more}{line}\n"), Some(0)).one();
        assert_eq!((activity.outcome.id(), activity.message.as_deref()), ("failed", Some(line)));
    }
    let warned = format!("2026-11-22 22:20:02 0 [Warning] InnoDB: old format\n{good}");
    assert_eq!(log(&warned, Some(0)).one().detail.unwrap().warnings.len(), 1);
    let xtrabackup = "xtrabackup version 8.0.35\nxtrabackup: Transaction log was copied.\n260101 completed OK!\n";
    assert_eq!(outcome(&log(xtrabackup, Some(0))), "succeeded");
    assert!(log("hello\n", Some(0)).read().is_err());
    for (option, kind, depth) in [
        ("--copy-back", ActivityKind::Restore, Some(Depth::Restored)),
        ("--move-back", ActivityKind::Restore, Some(Depth::Restored)),
        ("--prepare", ActivityKind::Verification, Some(Depth::Metadata)),
        ("--backup", ActivityKind::Backup, None),
    ] {
        let activity = log(&good, Some(0)).by(&format!("mariabackup {option} --target-dir=/b")).one();
        assert_eq!((activity.kind, activity.detail.unwrap().depth), (kind, depth), "{option}");
    }
    let info = || run("mariabackup", "02-info");
    let level = |run: Run| run.one().detail.unwrap().level.clone().unwrap().to_string();
    assert_eq!(level(info().edited("partial = N", "partial = Y")), "selected");
    assert!(info().edited("compressed = N", "").read().is_err(), "it was cut");
    assert!(run("mariabackup", "05-history").edited("]", "").read().is_err());
}
