//! What the outputs of pgBackRest, Barman and PostgreSQL's own programs say when one thing in them is different:
//! real outputs, changed in one place.

use lastgood::model::activity::{ActivityKind, Depth, Trigger};
use lastgood::model::fact::Fact;
use lastgood::sources::logs::native::Known;

use super::at;
use super::native::{Run, run};

fn pgbackrest(name: &str) -> Run {
    run("pgbackrest/2.45", name)
}

fn outcome(run: &Run) -> String {
    run.outcome().id().to_owned()
}

#[test]
fn a_catalogue_of_pgbackrest_says_who_why_and_whether_it_is_encrypted() {
    for (word, trigger) in [("manual", Trigger::Manual), ("scheduled", Trigger::Scheduled)] {
        let annotated = pgbackrest("08-info").edited("\"ticket\":\"CHG-123\"", &format!("\"trigger\":\"{word}\""));
        let found = annotated.read().unwrap();
        assert_eq!(found.activities[1].detail.as_ref().unwrap().trigger, Some(trigger));
        assert_eq!(found.activities[0].detail.as_ref().unwrap().trigger, None, "only that one was annotated");
    }
    let encrypted = pgbackrest("08-info").edited("\"cipher\":\"none\"", "\"cipher\":\"aes-256-cbc\"").read().unwrap();
    assert_eq!(encrypted.points[0].encrypted, Fact::Known(true));
    assert_eq!(encrypted.activities[0].detail.as_ref().unwrap().artefacts[0].encrypted, Some(true));
    let unlabelled = pgbackrest("08-info").edited("\"label\":\"20261122-222207F\",", "").read().unwrap();
    assert_eq!((unlabelled.points.len(), unlabelled.problems.len()), (2, 1), "nothing is dropped in silence");
    assert!(pgbackrest("08-info").edited("\"message\":\"ok\"}}]", "").read().is_err(), "it was cut");
}

#[test]
fn a_verification_of_pgbackrest_passes_only_on_its_word_that_all_is_well() {
    for (from, to) in [
        ("status: ok", "status: error"),
        ("status: valid", "status: invalid"),
        ("missing: 0", "missing: 1"),
        ("checksum invalid: 0", "checksum invalid: 2"),
        ("size invalid: 0", "size invalid: 3"),
        ("other: 0", "other: 4"),
    ] {
        let bad = pgbackrest("11-verify").edited(from, to);
        assert_eq!(outcome(&bad), "failed", "{to}, with status 0");
        assert_eq!(bad.one().message.as_deref(), Some("files are not what they should be"));
    }
    // One line of one file is enough, before the summary.
    let line = "2026-11-22 22:22:40.407 P01   INFO: invalid checksum 'x/pg_data/base/1.gz'\n";
    let mut found = pgbackrest("11-verify");
    let begin = found.stdout.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    found.stdout.splice(begin..begin, line.bytes());
    assert_eq!(outcome(&found), "failed");
    // Older versions say only how many files are valid; one that says nothing verified nothing.
    let old = || pgbackrest("11-verify").edited("status: ok", "");
    assert_eq!(outcome(&old()), "succeeded");
    assert_eq!(outcome(&old().edited("total valid files: 1", "total valid files: 0")), "failed");
}

#[test]
fn a_command_of_pgbackrest_ended_as_its_last_line_says() {
    let end = "backup command end: completed successfully (16974ms)";
    let text = String::from_utf8(pgbackrest("04-backup").stdout).unwrap();
    let end = text.lines().find_map(|line| line.split("INFO: ").nth(1).filter(|said| said.starts_with(&end[..19])));
    let end = end.unwrap().to_owned();
    let first = |run: Run| run.read().unwrap().activities[0].outcome.id().to_owned();
    let said = |what: &str| first(pgbackrest("04-backup").edited(&end, what));
    assert_eq!(said("backup command end: terminated on signal [SIGTERM]"), "aborted");
    assert_eq!(said("backup command end: aborted with exception [082]"), "failed");
    assert_eq!(said("backup command is going on"), "aborted", "another command began behind it");
    for level in ["ERROR: [082]", "ASSERT: [025]"] {
        let line = format!("{end}\n2026-11-22 22:22:24.054 P00  {level}: something went wrong");
        assert_eq!(first(pgbackrest("04-backup").edited(&end, &line)), "failed", "{level}");
    }
    // The last command in it may still be running, if nobody said that it ended.
    let open = |status| {
        let mut run = pgbackrest("04-backup").ended(status);
        run.stdout.truncate(text.find(&end).unwrap() - "2026-11-22 22:22:24.054 P00   INFO: ".len());
        run
    };
    assert_eq!(outcome(&open(None)), "running");
    assert_eq!(open(None).one().completed_at, None);
    assert_eq!(outcome(&open(Some(55))), "failed");
    assert_eq!(outcome(&open(Some(55)).saying("ERROR: [055]: unable to open the file\n")), "failed");
    assert_eq!(outcome(&open(Some(0))), "aborted", "it says how it ends when it ends well");
    assert_eq!(outcome(&open(None).saying("ERROR: [055]: unable to open the file\n")), "failed");
}

#[test]
fn messages_and_times_go_to_the_command_that_they_are_of() {
    let late = "2026-11-22 22:22:24.055 P00   WARN: of the expiry\n";
    let found = pgbackrest("04-backup").saying(late).read().unwrap();
    let warnings = |n: usize| found.activities[n].detail.as_ref().unwrap().warnings.clone();
    assert_eq!((warnings(0).len(), warnings(1).len()), (0, 1), "by its time");
    let found = pgbackrest("04-backup").saying("WARN: of the backup\n").read().unwrap();
    assert_eq!(found.activities[0].detail.as_ref().unwrap().warnings, ["of the backup"], "the one that was asked for");
    // The caller knows when the first began, and not the second.
    let mut unzoned = pgbackrest("04-backup");
    unzoned.known.timezone = None;
    let found = unzoned.read().unwrap();
    assert_eq!((found.activities.len(), found.problems.len()), (1, 1));
    assert_eq!(found.activities[0].started_at, at("2026-11-22T22:22:07Z"));
}

#[test]
fn a_silent_pgbackrest_is_known_by_its_command_and_status_alone() {
    let silent = |command: &str, status| {
        let run = pgbackrest("04-backup").by(command).ended(status).saying("ERROR: [055]: no such stanza\n");
        Run { stdout: Vec::new(), ..run }
    };
    for (verb, kind) in [
        ("backup", ActivityKind::Backup),
        ("restore", ActivityKind::Restore),
        ("verify", ActivityKind::Verification),
        ("expire", ActivityKind::Prune),
    ] {
        let activity = silent(&format!("pgbackrest --stanza=crm {verb}"), Some(55)).one();
        assert_eq!((activity.kind, activity.outcome.id()), (kind, "failed"), "{verb}");
        assert_eq!(activity.message.as_deref(), Some("ERROR: [055]: no such stanza"));
    }
    assert_eq!(outcome(&silent("pgbackrest backup", Some(143))), "aborted");
    for status in [Some(0), None] {
        assert!(silent("pgbackrest backup", status).read().is_err(), "what says nothing proves nothing");
    }
    let mut tested = pgbackrest("14-restore");
    tested.known.kind = Some(ActivityKind::RestoreTest);
    assert_eq!(tested.one().kind, ActivityKind::RestoreTest, "the caller knows why it was restored");
}

fn barman(version: &str, name: &str) -> Run {
    run(&format!("barman/{version}"), name)
}

#[test]
fn each_state_of_a_backup_of_barman_is_what_it_is() {
    for (state, outcome, usable) in [
        ("DONE", "succeeded", true),
        ("WAITING_FOR_WALS", "partial", false),
        ("FAILED", "failed", false),
        ("STARTED", "running", false),
        ("EMPTY", "running", false),
        ("SYNCING", "running", false),
        ("WEIRD", "WEIRD", false),
    ] {
        let found =
            barman("3.4.0", "07-show").edited("\"status\": \"DONE\"", &format!("\"status\": \"{state}\"")).read();
        let found = found.unwrap();
        assert_eq!((found.activities[0].outcome.id(), found.points[0].is_usable()), (outcome, usable), "{state}");
    }
}

#[test]
fn a_reply_of_barman_is_as_good_as_everything_in_it() {
    let recover = || barman("3.4.0", "13-recover");
    assert_eq!(outcome(&recover().edited("\"missing_files\": []", "\"missing_files\": [\"1\"]")), "partial");
    let complains = recover().edited("\"changes\": []", "\"changes\": [], \"_ERROR\": [\"no space left\"]").one();
    assert_eq!((complains.outcome.id(), complains.message.as_deref()), ("failed", Some("no space left")));
    assert_eq!(outcome(&recover().ended(Some(1))), "failed");
    let verify = || barman("3.4.0", "12-verify");
    assert_eq!(outcome(&verify().ended(Some(1))), "failed");
    assert_eq!(outcome(&verify().edited("backup successfully verified", "verifying")), "failed", "it never said so");
    // Either of its two ways to say that WAL files are missing.
    let backup = || barman("3.13.3", "03-backup");
    assert_eq!(outcome(&backup().edited("\"status\": \"WAITING_FOR_WALS\"", "\"status\": \"x\"")), "partial");
    assert_eq!(outcome(&backup().edited("classified as WAITING_FOR_WALS", "classified as something")), "partial");
    let done = barman("3.4.0", "03-backup");
    let activity = done.one();
    assert_eq!(activity.started_at, at("2026-11-22T22:27:01.612669Z"));
    assert_eq!(activity.completed_at, Some(at("2026-11-22T22:27:03Z")));
    let mut unzoned = done;
    unzoned.known = Known { timezone: None, ..unzoned.known };
    assert_eq!(unzoned.one().completed_at, None, "never guessed");
}

#[test]
fn what_barman_did_is_told_by_its_reply_or_its_command() {
    for (name, command, kind) in [
        ("13-recover", "recover", ActivityKind::Restore),
        ("12-verify", "verify-backup", ActivityKind::Verification),
        ("22-delete", "delete", ActivityKind::Prune),
        ("03-backup", "backup", ActivityKind::Backup),
    ] {
        let by_reply = barman("3.4.0", name).by("").one();
        assert_eq!((by_reply.kind, by_reply.outcome.id()), (kind, "succeeded"), "{name}");
        let failed = Run { stdout: b"{\"_ERROR\": [\"unknown server\"]}".to_vec(), ..barman("3.4.0", name) };
        let by_command = failed.by(&format!("barman --format json {command} crm")).ended(Some(1)).one();
        assert_eq!((by_command.kind, by_command.outcome.id()), (kind, "failed"), "{command}");
    }
    let started = "{\"_INFO\": [\"Starting remote restore for server crm using backup 1\"]}";
    let remote = Run { stdout: started.into(), ..barman("3.4.0", "13-recover") }.by("").one();
    assert_eq!((remote.kind, remote.outcome.id()), (ActivityKind::Restore, "failed"), "it never began to restore");
    let mut tested = barman("3.4.0", "13-recover");
    tested.known.kind = Some(ActivityKind::RestoreTest);
    assert_eq!(tested.one().kind, ActivityKind::RestoreTest);
    let warned = Run { stdout: b"{\"_WARNING\": [\"nothing was done\"]}".to_vec(), ..barman("3.4.0", "03-backup") };
    assert_eq!(outcome(&warned), "failed");
    assert!(barman("3.4.0", "20-backup-info").edited("timeline=1", "").read().is_err(), "it was cut");
}

fn postgres(name: &str) -> Run {
    run("pg_dump/pg15.18", name)
}

#[test]
fn a_dump_of_postgresql_is_whole_with_its_end_and_a_good_status() {
    let dump = || postgres("02-plain");
    assert_eq!(outcome(&dump().by("").ended(None)), "succeeded", "known by its head, and whole by its end");
    assert_eq!(outcome(&dump().ended(Some(1))), "partial", "whatever its end says");
    let cut = dump().edited("database dump complete", "database dump").one();
    assert_eq!((cut.outcome.id(), cut.message.as_deref()), ("partial", Some("the end of the dump is missing")));
    let empty = Run { stdout: Vec::new(), ..dump() }.one();
    assert_eq!((empty.outcome.id(), empty.message.as_deref()), ("failed", Some("the dump is empty")));
    let warned = dump().saying("pg_dump: warning: there are circular foreign keys\n").one();
    assert_eq!((warned.outcome.id(), warned.detail.unwrap().warnings.len()), ("succeeded", 1));
    // In a file of its own, or in another format, only the status tells.
    for command in ["pg_dumpall -f all.sql", "pg_dumpall --file=all.sql", "pg_dumpall > all.sql"] {
        let elsewhere = || Run { stdout: Vec::new(), ..dump() }.by(command);
        let missing = elsewhere().one().detail.unwrap().missing.clone();
        assert_eq!(
            (outcome(&elsewhere()).as_str(), missing.len()),
            ("succeeded", 1),
            "{command}: its size is not known"
        );
        assert!(elsewhere().ended(None).read().is_err(), "{command}");
    }
    let custom = || Run { stdout: b"PGDMP\x01\x0e".to_vec(), ..dump() };
    assert_eq!((outcome(&custom()).as_str(), custom().one().detail.unwrap().artefacts[0].trailer), ("succeeded", None));
    assert!(custom().ended(None).read().is_err());
    assert_eq!(outcome(&Run { stdout: b"x".to_vec(), ..dump() }.by("pg_dump -Ft crm")), "succeeded");
    assert!(Run { stdout: b"hello\n".to_vec(), ..dump() }.by("").read().is_err());
}

#[test]
fn a_compressed_dump_that_is_damaged_has_no_end() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(&postgres("02-plain").stdout).unwrap();
    let mut packed = gzip.finish().unwrap();
    let whole = || Run { stdout: packed.clone(), ..postgres("02-plain") };
    assert_eq!(outcome(&whole()), "succeeded");
    // Its checksum does not fit any more, though its text is all there.
    let last = packed.len() - 8;
    packed[last] ^= 1;
    let damaged = Run { stdout: packed.clone(), ..postgres("02-plain") };
    let activity = damaged.one();
    assert_eq!((activity.outcome.id(), activity.detail.unwrap().artefacts[0].trailer), ("failed", Some(false)));
    let mysql = Run { tool: "mysqldump".into(), ..damaged }.by("mysqldump crm");
    assert_eq!(outcome(&mysql), "failed");
}

#[test]
fn times_of_a_dump_are_read_in_the_zone_that_they_name_or_that_is_declared() {
    let mut dump = postgres("03-verbose");
    dump.known = Known { timezone: None, started_at: None, ..dump.known };
    let activity = dump.one();
    assert_eq!((activity.started_at, activity.completed_at), (at("2026-11-22T22:23:13Z"), Some(activity.started_at)));
    let mut eastern = postgres("03-verbose").edited(" UTC", " EST");
    eastern.known = Known { timezone: None, started_at: None, ..eastern.known };
    assert_eq!(eastern.read().unwrap().problems[0].code, "no-time", "an abbreviation is no zone");
    eastern.known.timezone = Some(chrono_tz::America::New_York);
    assert_eq!(eastern.one().started_at, at("2026-11-23T03:23:13Z"));
}

#[test]
fn the_other_programs_of_postgresql_end_as_they_say() {
    let restore =
        |stderr: &str, status| postgres("01-custom-list").by("pg_restore -d crm crm.dump").saying(stderr).ended(status);
    let ignored = "pg_restore: error: could not execute query\npg_restore: warning: errors ignored on restore: 1\n";
    let activity = restore(ignored, Some(1)).one();
    assert_eq!((activity.kind, activity.outcome.id()), (ActivityKind::Restore, "partial"));
    assert_eq!(activity.detail.unwrap().depth, Some(Depth::Restored));
    let fatal = "pg_restore: fatal: could not open input file\n";
    assert_eq!(outcome(&restore(fatal, Some(1))), "failed");
    assert_eq!(restore(fatal, Some(1)).one().message.as_deref(), Some(fatal.trim()));
    assert_eq!(outcome(&restore("", Some(0))), "succeeded");
    assert!(restore("", None).read().is_err());
    assert_eq!(
        outcome(&restore("", Some(0)).by("gunzip -c crm.gz | psql crm")),
        "succeeded",
        "its status is that of psql"
    );
    let mut tested = restore("", Some(0));
    tested.known.kind = Some(ActivityKind::RestoreTest);
    assert_eq!(tested.one().kind, ActivityKind::RestoreTest);
    // A list that holds nothing is of nothing.
    let list = postgres("01-custom-list");
    assert_eq!(outcome(&Run { stdout: Vec::new(), ..list }), "failed");
    // Last words that prove an end, and complaints that no status makes good.
    let base = || postgres("07-pg_basebackup");
    assert_eq!(outcome(&base().ended(None)), "succeeded");
    assert!(base().saying("pg_basebackup: checkpoint completed\n").ended(None).read().is_err());
    assert_eq!(outcome(&base().saying("pg_basebackup: error: could not write\n")), "failed");
    assert_eq!(outcome(&base().ended(Some(1))), "failed");
    let verify = || postgres("08-pg_verifybackup-good");
    assert_eq!(outcome(&verify().ended(None)), "succeeded");
    assert!(Run { stdout: Vec::new(), ..verify() }.ended(None).read().is_err());
    assert!(verify().by("").read().is_err(), "nobody says which program it was");
}
