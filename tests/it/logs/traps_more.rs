//! More of the measured traps, by their numbers: duplicity, `aws s3`, rclone, Bacula, cron, systemd, and
//! secrets in what they all write.

use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome, Depth, Trigger};
use lastgood::model::text::Text;
use lastgood::sources::logs::collect;

use super::at;
use super::native::{Run, folders, run, runs};

fn outcomes(run: &Run) -> Vec<(String, String)> {
    let found = run.read().unwrap_or_else(|error| panic!("{}: {error}", run.name));
    found.activities.iter().map(|a| (a.kind.id().to_owned(), a.outcome.id().to_owned())).collect()
}

fn edit(run: &mut Run, change: impl Fn(&str) -> String) {
    run.stdout = change(std::str::from_utf8(&run.stdout).unwrap()).into_bytes();
}

fn without(text: &str, mark: &str) -> String {
    text.lines().filter(|line| !line.contains(mark)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn t09_duplicity_ends_with_0_although_a_file_could_not_be_read() {
    for folder in ["duplicity/0.8.22", "duplicity/3.0.4"] {
        let mut run = run(folder, "10-unreadable");
        assert_eq!((run.known.exit_status, run.outcome().id()), (Some(0), "partial"), "{folder}");
        // The statistics alone, as a log file of another level has them.
        edit(&mut run, |text| without(text, "Error accessing"));
        let activity = run.one();
        assert_eq!(activity.outcome.id(), "partial");
        assert_eq!(activity.message.unwrap(), "errors in its statistics: 1");
        edit(&mut run, |text| without(text, "Errors "));
        assert_eq!(run.outcome().id(), "partial", "errors that nobody counted are not none");
    }
    let shallow = run("duplicity/3.0.4", "07-verify").one();
    assert_eq!(shallow.detail.unwrap().depth, Some(Depth::FullRead));
    let mut none = run("duplicity/3.0.4", "07-verify");
    edit(&mut none, |text| text.replace("12 file(s)", "0 file(s)"));
    assert_eq!(none.outcome().id(), "failed", "it compared nothing");
}

#[test]
fn t20_a_sync_that_an_empty_source_emptied_is_a_failure() {
    let mut aws = run("aws-s3", "07-sync-delete");
    let activity = aws.one();
    assert_eq!((aws.known.exit_status, activity.outcome.id()), (Some(0), "failed"));
    assert_eq!(activity.message.unwrap(), "nothing came and 8 objects went, as from a source that is empty");
    // The list of what is there tells it from a sync that only tidied up.
    let list = String::from_utf8(run("aws-s3", "09-list").stdout).unwrap();
    edit(&mut aws, |text| format!("{text}{list}"));
    let tidied = aws.one();
    assert_eq!((tidied.outcome.id(), tidied.size), ("succeeded", Some(6_106_242)));
    aws.stdout.clear();
    assert!(aws.read().is_err(), "a sync that says nothing proves nothing");
    let mut rclone = run("rclone", "01-sync");
    rclone.stderr = String::from_utf8(rclone.stderr)
        .unwrap()
        .replace("\"deletes\":0", "\"deletes\":7")
        .replace("\"transfers\":7", "\"transfers\":0")
        .into_bytes();
    assert_eq!((rclone.known.exit_status, rclone.outcome().id()), (Some(0), "failed"));
}

#[test]
fn t21_what_a_failed_command_left_for_aws_s3_is_an_object_of_0_bytes() {
    let mut empty = run("aws-s3", "02-cp-stream");
    assert_eq!((empty.known.exit_status, empty.outcome().id()), (Some(0), "failed"));
    // Without the pipe in sight, and by the ETag alone.
    empty.known.command = "aws s3 cp - s3://bkp-bucket/crm/dump.sql".split(' ').map(Text::from).collect();
    edit(&mut empty, |text| without(text, "ContentLength").replace("\"AcceptRanges\"", "\"ContentLength\": 5, \"A\""));
    assert_eq!(empty.outcome().id(), "failed");
    empty.stdout.clear();
    assert!(empty.read().is_err(), "nobody said how much came from standard input");
    let points = run("aws-s3", "09-list").read().unwrap().points;
    assert_eq!(points.iter().map(|point| point.is_usable()).collect::<Vec<_>>(), [true, true, false]);
    for (name, outcome) in [("04-sync", "partial"), ("05-sync", "failed"), ("06-sync", "failed")] {
        assert_eq!(run("aws-s3", name).outcome().id(), outcome, "{name}");
    }
}

#[test]
fn t22_bacula_calls_ok_what_lacks_files_or_verified_none() {
    for name in ["03-run", "08-llist", "10-dot", "11-joblog", "12-catalog"] {
        let found = run("bacula/15.0.3", name).read().unwrap();
        let missing = found.activities.iter().find(|a| a.id.contains("crm-missing")).unwrap();
        assert_eq!(missing.outcome.id(), "partial", "{name}");
    }
    for name in ["06-restore", "08-llist", "10-dot", "12-catalog"] {
        let found = run("bacula/15.0.3", name).read().unwrap();
        let verified = found.activities.iter().find(|a| a.kind == ActivityKind::Verification).unwrap();
        assert_eq!(verified.outcome.id(), "failed", "{name}");
        assert_eq!(verified.message.as_deref(), Some("it verified no file"));
    }
    // `Backup OK` that goes on is not taken before its line ends.
    let mut cut = run("bacula/15.0.3", "03-run");
    edit(&mut cut, |text| text.split(" -- with warnings").next().unwrap().to_owned());
    let found = cut.read();
    assert!(found.is_err() || found.unwrap().activities.iter().all(|a| a.outcome != ActivityOutcome::Succeeded));
    let incremental = run("bacula/15.0.3", "02-run").one();
    assert_eq!((incremental.outcome.id(), incremental.size), ("succeeded", None), "no size to compare");
}

/// The one job of the cron log, after a change of the log.
fn cron(job: &str, change: impl Fn(&str) -> String) -> Vec<Activity> {
    let mut run = run("cron", "rfc3339-L15");
    run.known.job = Some(job.into());
    edit(&mut run, change);
    run.read().unwrap().activities
}

#[test]
fn t28_cron_proves_an_end_only_where_it_logs_ends_and_failures() {
    let barman = |change: &dyn Fn(&str) -> String| cron("*barman -q cron", change).remove(0);
    let good = barman(&|text| text.to_owned());
    assert_eq!((good.outcome.id(), good.completed_at), ("succeeded", Some(at("2026-11-22T22:56:04.427542Z"))));
    let detail = good.detail.unwrap();
    assert_eq!((detail.trigger, good.operator.as_deref()), (Some(Trigger::Scheduled), Some("barman")));
    assert_eq!(barman(&|text| without(text, ") error (")).outcome.id(), "ended", "failures are not logged");
    let bare = |text: &str| without(&without(text, ") error ("), ") END (");
    assert_eq!(barman(&bare).outcome.id(), "started", "neither ends nor failures are logged");
    assert_eq!(barman(&|text| without(text, "(barman) END")).outcome.id(), "running", "other ends are logged");
    // T11: the status of a pipe is gzip's.
    assert_eq!(cron("mysqldump *", str::to_owned).remove(0).outcome.id(), "ended");
    let failed = cron("chronic*broke*", str::to_owned);
    let shown: Vec<_> = failed.iter().map(|a| (a.kind.id(), a.outcome.id(), a.message.as_deref().unwrap())).collect();
    let said = [
        ("backup", "failed", "grandchild #10184 failed with exit status 3"),
        ("notification", "failed", "No MTA installed, discarding output"),
    ];
    assert_eq!(shown, said);
    assert_eq!(failed[1].detail.as_ref().unwrap().about.as_deref(), Some(failed[0].id.as_str()));
    // Without years and zones nothing is guessed.
    let mut traditional = run("cron", "traditional");
    let all = outcomes(&traditional);
    assert_eq!(all, outcomes(&run("cron", "rfc3339")));
    let mut new_year = run("cron", "traditional");
    new_year.known.started_at = Some(at("2026-12-31T00:00:00Z"));
    new_year.known.timezone = Some(chrono_tz::Europe::Paris);
    new_year.stdout =
        b"Dec 31 23:30:01 vm CRON[7]: (root) CMD (dump)\nJan  1 00:30:01 vm CRON[8]: (root) CMD (dump)\n".to_vec();
    let began: Vec<_> = new_year.read().unwrap().activities.iter().map(|a| a.started_at).collect();
    assert_eq!(began, [at("2026-12-31T22:30:01Z"), at("2026-12-31T23:30:01Z")]);
    traditional.known.started_at = None;
    let found = traditional.read().unwrap();
    assert!(found.activities.is_empty() && found.problems.iter().all(|p| p.message.contains("no year")), "{found:?}");
}

#[test]
fn t29_only_the_journal_has_the_times_of_a_unit_and_a_pipe_hides_from_it_too() {
    let found = run("systemd", "all-units").read().unwrap();
    let shown: Vec<_> = found.activities.iter().map(|a| a.outcome.id()).collect();
    assert_eq!(shown, ["succeeded", "failed", "succeeded", "aborted"]);
    let [good, failed, piped, slow] = &found.activities[..] else { panic!("{found:?}") };
    assert_eq!(good.started_at, at("2026-11-22T23:02:09.976Z"));
    assert_eq!(good.completed_at, Some(at("2026-11-22T23:02:10.179Z")));
    assert_eq!(failed.detail.as_ref().unwrap().exit_status, Some(23));
    let detail = piped.detail.as_ref().unwrap();
    assert_eq!(detail.missing, ["size", "exit-status"], "nothing says what went through the pipe");
    assert_eq!(detail.warnings, ["/bin/sh: 1: mysqldump: not found"]);
    assert_eq!(slow.detail.as_ref().unwrap().signal, Some(15));
    // A journal that was cut after the start.
    let mut cut = run("systemd", "crm-backup");
    edit(&mut cut, |text| format!("{}\n", text.lines().next().unwrap()));
    assert_eq!(cut.outcome().id(), "running");
    // Older journals have no ids of invocations; a unit that begins again did not end the first time.
    edit(&mut cut, |text| text.replace("INVOCATION_ID", "X").repeat(2));
    assert_eq!(
        cut.read().unwrap().activities.iter().map(|a| a.outcome.id()).collect::<Vec<_>>(),
        ["aborted", "running"]
    );
    // `Started` of a service that goes on is no end.
    let mut daemon = run("systemd", "all-units");
    daemon.known.job = Some("crm-backup-ok.service".into());
    edit(&mut daemon, |text| without(text, "Deactivated").replace("\"Finished ", "\"Started "));
    assert_eq!(daemon.outcome().id(), "running");
}

#[test]
fn t30_secrets_are_blotted_out_of_whatever_a_reader_finds() {
    // Those in the records themselves.
    let dump = run("cron", "dump-in-a-pipe").one();
    let line = "mysqldump -unobody -p[secret] crm 2>/dev/null | gzip > /srv/bk/cron.sql.gz";
    assert_eq!(dump.detail.unwrap().command, [line]);
    let mut journal = run("systemd", "crm-backup");
    edit(&mut journal, |text| {
        text.replace("/usr/bin/rsync -a", "PGPASSWORD=geheim pg_dump --password=geheim")
            .replace("link_stat", "mysql://root:geheim@db/crm")
    });
    assert!(journal.stdout.windows(6).any(|bytes| bytes == b"geheim"));
    let shown = format!("{:?}", journal.read().unwrap());
    assert!(!shown.contains("geheim") && shown.contains("PGPASSWORD=[secret]"), "{shown}");
    // Those in what the caller knows, by every reader.
    let mut tried = 0;
    for mut run in folders().iter().flat_map(|folder| runs(folder)) {
        run.known.command.extend(["--password", "geheim", "MYSQL_PWD=geheim"].map(Text::from));
        if let Ok(found) = run.read() {
            tried += 1;
            assert!(!format!("{found:?}").contains("geheim"), "{} {}", run.tool, run.name);
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn t30_nor_do_declared_logs_keep_secrets() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy("fixtures/logs/cron/rfc3339-L15.stdout", folder.path().join("cron.log")).unwrap();
    let declare = |jobs: &[&str]| {
        let source = |job: &&str| {
            format!("[[source]]\nfiles = [\"cron.log\"]\ntool = \"cron\"\nresource = \"component:crm/db\"\n{job}\n")
        };
        std::fs::write(folder.path().join("logs.toml"), jobs.iter().map(source).collect::<String>()).unwrap();
        collect::read(&[folder.path().to_owned()], &[])
    };
    let logs = declare(&["job = \"mysqldump *\"", "job = \"/bin/false\""]);
    assert!(logs.gaps.is_empty(), "{:?}", logs.gaps);
    let shown: Vec<_> = logs.activities.iter().map(|a| (a.outcome.id(), a.resource.as_deref().unwrap())).collect();
    assert_eq!(shown, [("ended", "component:crm/db"), ("failed", "component:crm/db")], "each declared job once");
    assert!(!format!("{logs:?}").contains("-pbad"));
    // Several jobs are not put down to one resource in silence, and neither message quotes the password.
    for (job, why) in [("", "say with `job` which"), ("job = \"pg_dump*\"", "no job in it is called `pg_dump*`")] {
        let logs = declare(&[job]);
        assert!(logs.activities.is_empty());
        let gap = format!("{:?}", logs.gaps);
        assert!(gap.contains(why) && !gap.contains("-pbad"), "{gap}");
    }
}
