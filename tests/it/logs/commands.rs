//! `lastgood log …` and `attest`, as a user runs them.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    let path = std::env::var("PATH").unwrap_or_default();
    command.args(args).current_dir(folder).env_clear().env("HOME", folder).env("PATH", path).env("USER", "nora");
    command
}

fn lastgood(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("killed: {output:?}"))
}

fn records(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("backup.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn last(folder: &Path) -> Value {
    records(folder).pop().unwrap()["activity"].take()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_command_is_recorded_before_and_after_with_its_artefact() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let args = [
        "log",
        "run",
        "--resource",
        "component:shop/db",
        "--trigger",
        "scheduled",
        "--out",
        "d.sql.gz",
        "--compress",
        "gzip",
        "--expect",
        "mysqldump",
        "--",
        "sh",
        "-c",
        "echo 'CREATE TABLE x;'; echo '-- Dump completed on 2026-11-22'",
    ];
    let output = lastgood(here, &args);
    assert_eq!(code(&output), 0, "{output:?}");
    let all = records(here);
    assert_eq!((all.len(), &all[0]["type"], &all[1]["type"]), (2, &"started".into(), &"finished".into()));
    assert_eq!(all[0]["activity"]["id"], all[1]["activity"]["id"]);
    let activity = last(here);
    assert_eq!(activity["outcome"], "succeeded");
    let artefact = &activity["detail"]["artefacts"][0];
    let stored = std::fs::read(here.join("d.sql.gz")).unwrap();
    use sha2::Digest as _;
    let hex = |bytes: &[u8]| lastgood::model::inventory::hex(&sha2::Sha256::digest(bytes));
    assert_eq!(artefact["sha256"], hex(&stored), "the hash is that of the file");
    let content = "CREATE TABLE x;\n-- Dump completed on 2026-11-22\n";
    assert_eq!(artefact["content_sha256"], hex(content.as_bytes()));
    assert_eq!((&artefact["content_bytes"], &activity["size"]), (&content.len().into(), &content.len().into()));
    assert_eq!(artefact["trailer"], true);
}

/// The exit status is the command's own; a result that is not what was asked for never looks like success.
#[test]
fn the_exit_status_is_never_hidden_and_bad_results_are_named() {
    let cases: [(&[&str], &str, i32, &str); 9] = [
        (&[], "exit 7", 7, "failed"),
        (&["--partial-exit", "3"], "exit 3", 3, "partial"),
        (&[], "kill -9 $$", 137, "aborted"),
        (&["--timeout", "1s"], "sleep 20", 124, "aborted"),
        (&["--out", "x"], "true", 1, "failed"),
        (&["--out", "x"], "echo half a dump; exit 2", 2, "failed"),
        (&["--out", "x", "--min-bytes", "1K"], "echo 14 bytes only", 1, "failed"),
        (&["--out", "x", "--expect", "pg-dump"], "echo CREATE TABLE", 1, "partial"),
        (&["--out", "x", "--partial-exit", "1"], "echo changed as we read it; exit 1", 1, "partial"),
    ];
    for (flags, script, expected, outcome) in cases {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        std::fs::write(here.join("x"), "the good one of yesterday").unwrap();
        let args = [&["log", "run"], flags, &["--", "sh", "-c", script]].concat();
        let output = lastgood(here, &args);
        assert_eq!(code(&output), expected, "{script}: {output:?}");
        assert_eq!(last(here)["outcome"], outcome, "{script}");
        let kept = std::fs::read_to_string(here.join("x")).unwrap();
        let declared = flags.contains(&"--partial-exit") && flags.contains(&"--out");
        assert_eq!(kept == "the good one of yesterday", !declared, "{script}: yesterday's artefact");
        assert!(!here.join("x.part").exists(), "{script}");
    }
}

#[test]
fn a_log_that_cannot_be_written_stops_no_backup_and_is_not_silent() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        lastgood(folder.path(), &["log", "run", "--log", "no/such/folder/x.jsonl", "--", "sh", "-c", "echo ran"]);
    assert_eq!((code(&output), text(&output.stdout).as_str()), (1, "ran\n"), "{output:?}");
    assert!(text(&output.stderr).contains("NOT in the log"), "{output:?}");
    let output = lastgood(folder.path(), &["log", "run", "--log", "/dev/full", "--", "sh", "-c", "exit 4"]);
    assert_eq!(code(&output), 4, "the command's own status wins");
    let output = lastgood(folder.path(), &["log", "run", "--", "no-such-command"]);
    assert_eq!((code(&output), &last(folder.path())["outcome"]), (127, &"failed".into()));
}

#[test]
fn a_backup_that_would_go_nowhere_is_not_run_and_not_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let output = lastgood(here, &["log", "run", "--out", "no/such/x.sql", "--", "sh", "-c", "touch ran; echo data"]);
    assert_eq!(code(&output), 127, "{output:?}");
    assert!(!here.join("ran").exists(), "the command was not run");
    assert!(text(&output.stderr).contains("not run: its output cannot be kept in `no/such/x.sql.part`"), "{output:?}");
    let kept = last(here);
    assert_eq!((records(here).len(), &kept["outcome"]), (2, &"failed".into()));
    assert!(kept["message"].as_str().unwrap().starts_with("the command was not run: "), "{kept}");
}

#[test]
fn a_command_that_cannot_be_started_leaves_no_artefact_behind() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("x.sql"), "the good one of yesterday").unwrap();
    let output = lastgood(here, &["log", "run", "--out", "x.sql", "--", "no-such-command"]);
    assert_eq!((code(&output), &last(here)["outcome"]), (127, &"failed".into()), "{output:?}");
    assert!(!here.join("x.sql.part").exists() && !here.join("x.sql.failed").exists());
    assert_eq!(std::fs::read_to_string(here.join("x.sql")).unwrap(), "the good one of yesterday");
}

#[test]
fn an_import_looks_for_repeats_in_rotated_files_and_under_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::copy("fixtures/logs/cron/rfc3339-L15.stdout", here.join("cron.log")).unwrap();
    let args =
        ["log", "import", "--tool", "cron", "--job", "mysqldump *", "--resource", "component:crm/db", "cron.log"];
    let imports = |records: Vec<Value>| records.iter().filter(|record| record["type"] == "imported").count();
    // Both at once: whoever gets the lock second finds what the first wrote.
    let both: Vec<_> = (0..8).map(|_| command(here, &args).spawn().unwrap()).collect();
    for mut one in both {
        assert!(one.wait().unwrap().success());
    }
    assert_eq!(imports(records(here)), 1);
    assert_eq!(code(&lastgood(here, &["log", "rotate"])), 0);
    assert_eq!(code(&lastgood(here, &args)), 0);
    assert_eq!(imports(records(here)), 0, "the older file holds it");
}

#[test]
fn secrets_do_not_reach_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let script = "echo mysql://root:hunter2@db/x 1>&2; : mysqldump -phunter2 --password=hunter2; exit 1";
    lastgood(folder.path(), &["log", "run", "--", "sh", "-c", script]);
    let log = std::fs::read_to_string(folder.path().join("backup.jsonl")).unwrap();
    assert!(!log.contains("hunter2"), "{log}");
    lastgood(folder.path(), &["log", "run", "--hide-command", "--", "sh", "-c", "exit 3"]);
    assert!(last(folder.path())["detail"]["command"].is_null());
}

/// A signal to the wrapper is passed on, and what became of the command is on record.
#[test]
fn a_terminated_run_is_recorded_and_a_killed_one_is_seen_as_running() {
    let folder = tempfile::tempdir().unwrap();
    let begin = || {
        let mut child =
            command(folder.path(), &["log", "run", "--", "sleep", "4"]).stderr(Stdio::null()).spawn().unwrap();
        let before = records(folder.path()).len();
        for _ in 0..500 {
            std::thread::sleep(std::time::Duration::from_millis(10));
            if records(folder.path()).last().is_some_and(|record| record["type"] == "started")
                && records(folder.path()).len() > before.saturating_sub(1)
            {
                break;
            }
        }
        // The handlers are set right after the command is started.
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(child.try_wait().unwrap().is_none());
        child
    };
    let kill = |child: &mut std::process::Child, signal: &str| {
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        child.wait().unwrap()
    };
    let mut child = begin();
    assert_eq!(kill(&mut child, "-TERM").code(), Some(143));
    assert_eq!(last(folder.path())["outcome"], "aborted");
    let mut child = begin();
    kill(&mut child, "-KILL");
    let logs = lastgood::sources::logs::collect::read(&[folder.path().join("backup.jsonl")], &[]);
    let outcomes: Vec<&str> = logs.activities.iter().map(|activity| activity.outcome.id()).collect();
    assert_eq!(outcomes, ["aborted", "running"], "no end is on record");
}

#[test]
fn people_record_what_happened_and_are_told_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("counts.txt"), "orders 41992\n").unwrap();
    let output = lastgood(
        here,
        &[
            "log",
            "record",
            "--kind",
            "restore-test",
            "--resource",
            "component:shop/db",
            "--of",
            "d.sql",
            "--depth",
            "compared",
            "--validation",
            "successful",
            "--evidence",
            "counts.txt",
        ],
    );
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(text(&output.stderr).contains("may ask for --environment, --team"), "{output:?}");
    let activity = last(here);
    assert_eq!((&activity["operator"], &activity["detail"]["trigger"]), (&"nora".into(), &"manual".into()));
    assert_eq!(activity["detail"]["evidence"][0]["path"], "counts.txt");
    for bad in [
        &["--started", "2099-01-01"][..],
        &["--started", "2026-01-02", "--ended", "2026-01-01"],
        &["--evidence", "missing.txt"],
    ] {
        let output = lastgood(here, &[&["log", "record", "--kind", "restore"], bad].concat());
        assert_eq!(code(&output), 2, "{bad:?}: {output:?}");
    }
    assert_eq!(records(here).len(), 1);
}

#[test]
fn verify_says_what_it_can_and_cannot_show() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for note in ["one", "two", "three"] {
        assert_eq!(code(&lastgood(here, &["log", "heartbeat", "--note", note])), 0);
    }
    let output = lastgood(here, &["log", "verify", "backup.jsonl"]);
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).contains("unbroken; without an anchor"), "{output:?}");
    std::fs::write(here.join("anchors"), lastgood(here, &["log", "anchor"]).stdout).unwrap();
    let output = lastgood(here, &["log", "verify", ".", "--anchors", "anchors"]);
    assert!(text(&output.stdout).contains("held to its anchors since"), "{output:?}");
    let log = std::fs::read_to_string(here.join("backup.jsonl")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    std::fs::write(here.join("backup.jsonl"), format!("{}\n{}\n", lines[0], lines[1])).unwrap();
    let output = lastgood(here, &["log", "verify", "backup.jsonl", "--anchors", "anchors"]);
    assert_eq!(code(&output), 3);
    assert!(text(&output.stdout).contains("shorter than on"), "{output:?}");
}

#[test]
fn statements_are_chained_expiring_and_about_a_clause_that_exists() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let attest = |more: &[&str]| {
        lastgood(
            here,
            &[&["attest", "1.1", "--statement", "reviewed", "--by", "eve", "--on", "2026-11-01"], more].concat(),
        )
    };
    let output = attest(&["--valid-until", "2027-11-01", "--performed-by", "eve"]);
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(text(&output.stderr).contains("separate duties"), "{output:?}");
    assert_eq!(code(&attest(&["--valid-until", "2026-10-01"])), 2, "it ends before it begins");
    assert_eq!(code(&attest(&["--valid-until", "2027-11-01", "--kind", "procedure"])), 2, "a procedure has a text");
    assert_eq!(code(&attest(&["--valid-until", "2027-11-01", "--withdraws", "A-1"])), 2, "nothing to take back");
    let output = lastgood(
        here,
        &["attest", "1.11", "--statement", "x", "--by", "y", "--on", "2026-11-01", "--valid-until", "2027-01-01"],
    );
    assert_eq!(code(&output), 2);
    assert!(text(&output.stderr).contains("did you mean `1.1`?"), "{output:?}");
    let register = std::fs::read_to_string(here.join("attestations.jsonl")).unwrap();
    assert_eq!(register.lines().count(), 1);
    assert_eq!(code(&lastgood(here, &["log", "verify", "attestations.jsonl"])), 0);
}

/// From a wrapped command to a verdict.
#[test]
fn a_scan_judges_what_the_log_says() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("applications.toml"), "[[application]]\nid = \"shop\"\ncriticality = \"critical\"\n[[application.component]]\nname = \"site\"\nkind = \"files\"\nlogged_as = [{ tool = \"tar\" }]\n").unwrap();
    std::fs::create_dir(here.join("logs")).unwrap();
    let run =
        ["log", "run", "--log", "logs/backup.jsonl", "--out", "site.tar", "--", "tar", "-cf", "-", "applications.toml"];
    assert_eq!(code(&lastgood(here, &run)), 0);
    std::fs::write(here.join("policy.toml"), "[policy]\nid = \"p\"\ntitle = \"t\"\nversion = \"1\"\n[[rule]]\nid = \"daily\"\ncheck = \"cadence\"\nwith = { every = \"1d\", lookback = \"3d\" }\n").unwrap();
    let empty = lastgood::model::inventory::Inventory::empty(chrono::Utc::now(), "test");
    std::fs::write(here.join("i.json"), serde_json::to_string(&empty).unwrap()).unwrap();
    let scan = |more: &[&str]| {
        let output = lastgood(
            here,
            &[&["scan", "--policies", "policy.toml", "--inventory", "i.json", "--format", "json"], more].concat(),
        );
        let assessment: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let verdict =
            assessment["verdicts"].as_array().unwrap().iter().find(|v| v["resource"] == "component:shop/site").cloned();
        verdict.unwrap_or_else(|| panic!("{assessment}"))
    };
    let later = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let verdict = scan(&["--logs", "logs", "--as-of", &later]);
    assert!(verdict["observed"]["last_good"].is_string(), "{verdict}");
    let verdict = scan(&["--as-of", &later]);
    assert_eq!(verdict["outcome"], "unknown", "without the log nothing is known: {verdict}");
}

/// `log run --native`: the tool's own record counts, for better and for worse.
#[test]
fn what_the_tool_says_of_itself_counts() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let fixtures = std::env::current_dir().unwrap().join("fixtures/logs/restic/0.18.0");
    let run = |tool: &str, script: &str| {
        let resource = ["--resource", "component:shop/files"];
        let output = command(here, &["log", "run", "--native", tool])
            .args(resource)
            .args(["--", "sh", "-c", script, "restic"])
            .output()
            .unwrap();
        (code(&output), last(here))
    };
    let name = "05-backup-partial-unreadable-file-exit3";
    let script = format!("cat '{0}/{name}.stdout'; cat '{0}/{name}.stderr' >&2; exit 3", fixtures.display());
    let (status, activity) = run("restic", &script);
    assert_eq!((status, &activity["outcome"]), (3, &"partial".into()), "3 of restic is no failure: {activity}");
    assert!(activity["message"].as_str().unwrap().contains("secret.key"));
    let (status, activity) = run("restic", &script.replace("exit 3", "exit 1"));
    assert_eq!((status, &activity["outcome"]), (1, &"failed".into()));
    let (status, activity) = run("restic", "echo done");
    assert_eq!((status, &activity["outcome"]), (1, &"completed-with-issues".into()), "its record is not there");
    assert_eq!(activity["message"], "its output is no record of restic");
    let (status, activity) = run("rsync", "echo 'rsync error: x (code 23) at main.c(1)' >&2; exit 23");
    assert_eq!((status, &activity["outcome"]), (23, &"partial".into()));
}

#[test]
fn an_import_keeps_no_secret_of_a_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::copy("fixtures/logs/cron/rfc3339-L15.stdout", here.join("cron.log")).unwrap();
    let args =
        ["log", "import", "--tool", "cron", "--job", "mysqldump *", "--resource", "component:crm/db", "cron.log"];
    assert_eq!(code(&lastgood(here, &args)), 0);
    let kept = last(here);
    assert_eq!(kept["outcome"], "ended");
    assert!(kept.to_string().contains("-p[secret]") && !kept.to_string().contains("-pbad"), "{kept}");
    // The same twice is imported once.
    assert_eq!(code(&lastgood(here, &args)), 0);
    assert_eq!(records(here).len(), 1);
}
