//! The built program with a history, as a user runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::cli::{code, lastgood, text};

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

/// The demo estate as it was read some days later, with nothing of it changed.
fn inventory(folder: &Path, days: i64) -> String {
    let mut inventory = lastgood::demo::inventory();
    inventory.captured_at += chrono::TimeDelta::days(days);
    let name = format!("day{days}.json");
    std::fs::write(folder.join(&name), serde_json::to_vec(&inventory).unwrap()).unwrap();
    name
}

#[test]
fn a_scan_is_kept_shown_again_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let first = lastgood(here, &["scan", "--demo", "--history", "lastgood.db", "--format", "json"]);
    assert_eq!(code(&first), 3, "{}", text(&first.stderr));
    let twice = lastgood(here, &["scan", "--demo", "--history", "lastgood.db", "--format", "json"]);
    assert_eq!(text(&twice.stdout), text(&first.stdout));
    let day = inventory(here, 1);
    let second = lastgood(here, &["scan", "--inventory", &day, "--history", "lastgood.db", "--format", "json"]);
    assert_eq!(code(&second), 3, "{}", text(&second.stderr));
    let runs = json(&lastgood(here, &["history", "runs", "--format", "json"]));
    let ids: Vec<&str> = runs.as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2, "the same scan twice is one run");
    let shown = lastgood(here, &["history", "show", ids[0], "--format", "json"]);
    assert_eq!(text(&shown.stdout), text(&first.stdout), "byte by byte");
    let report = lastgood(here, &["report", "--history", "lastgood.db", "--run", &ids[1][..8], "--format", "json"]);
    assert_eq!((code(&report), text(&report.stdout)), (0, text(&second.stdout)));
    let listed = text(&lastgood(here, &["history", "runs"]).stdout);
    assert!(listed.contains(ids[0]) && listed.ends_with("2 runs\n"), "{listed}");
    let difference = lastgood(here, &["history", "diff", ids[0], ids[1]]);
    let said = text(&difference.stdout);
    assert!(said.contains("new findings: ") && said.contains("resources that went: 0"), "{said}");
    let difference = json(&lastgood(here, &["history", "diff", ids[0], ids[1], "--format", "json"]));
    assert_eq!(difference["from"], ids[0]);
    assert!(!difference["changed"].as_array().unwrap().is_empty(), "{difference}");
    let trend = json(&lastgood(here, &["history", "trend", "--by", "day", "--format", "json"]));
    assert_eq!(trend[0]["step"], "2026-11-22");
    assert_eq!(trend[0]["summary"]["fail"], 110);
    let gaps = text(&lastgood(here, &["history", "gaps", "--as-of", "2026-11-26"]).stdout);
    assert!(gaps.contains("2026-11-24 to 2026-11-25  2 days    111122223333 eu-west-2"), "{gaps}");
    assert!(gaps.contains("s3:GetBucketVersioning"), "{gaps}");
    let pruned = lastgood(here, &["history", "prune-log"]);
    assert!(text(&pruned.stdout).ends_with("0 went, 0 of them earlier than promised\n"), "{pruned:?}");
}

#[test]
fn a_period_is_reported_in_every_format_with_the_promised_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let rule = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\nowner = \"o@example.com\"\n[[rule]]\nid = \"v\"\ntitle = \"v\"\n\
        check = \"versioning\"\nseverity = \"medium\"\n";
    std::fs::write(here.join("p.toml"), rule).unwrap();
    for days in 0..3 {
        let name = inventory(here, days);
        let scan = lastgood(here, &["scan", "--inventory", &name, "--policies", "p.toml", "--history", "h.db"]);
        assert_eq!(code(&scan), 3, "{}", text(&scan.stderr));
    }
    let base = [
        "report",
        "--history",
        "h.db",
        "--policies",
        "p.toml",
        "--period",
        "2026-11-22..2026-11-24",
        "--as-of",
        "2026-11-25",
    ];
    let whole = lastgood(here, &[&base[..], &["--out", "out"]].concat());
    assert_eq!(code(&whole), 3, "{}", text(&whole.stderr));
    let read = |name: &str| std::fs::read_to_string(here.join("out").join(name)).unwrap();
    let period: Value = serde_json::from_str(&read("period.json")).unwrap();
    assert_eq!(period["schema"], "lastgood.period/1");
    assert_eq!((&period["result"], &period["rules"][0]["basis"]), (&"not-satisfied".into(), &"observed".into()));
    assert!(read("period.txt").starts_with("NOT SATISFIED: "));
    assert!(read("period.txt").lines().all(|line| line.chars().count() <= 100), "{}", read("period.txt"));
    assert!(read("period.md").contains("| `v` | NOT SATISFIED |"), "{}", read("period.md"));
    assert!(read("resource-days.csv").starts_with("day,state,rule,"));
    // Deviations below the threshold do not count; what could not be read still does.
    let lesser = lastgood(here, &[&base[..], &["--fail-on", "high"]].concat());
    assert_eq!(code(&lesser), 4, "{}", text(&lesser.stdout));
    // A day of which nobody says anything.
    let later = ["report", "--history", "h.db", "--policies", "p.toml", "--period", "2026-12", "--as-of", "2027-02-01"];
    let later = lastgood(here, &later);
    assert_eq!(code(&later), 4, "{}", text(&later.stdout));
    assert!(text(&later.stdout).starts_with("NOT EVALUABLE: "), "{}", text(&later.stdout));
    let scan = [
        "scan",
        "--inventory",
        "day2.json",
        "--policies",
        "p.toml",
        "--history",
        "h.db",
        "--period",
        "2026-11-22..2026-11-24",
    ];
    let scan = lastgood(here, &[&scan[..], &["--format", "json"]].concat());
    assert_eq!((code(&scan), &json(&scan)["schema"]), (3, &"lastgood.period/1".into()), "{}", text(&scan.stderr));
}

#[test]
fn what_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("text.db"), "this is a text and no database, however long one reads in it").unwrap();
    let made = lastgood(here, &["scan", "--demo", "--history", "h.db"]);
    assert_eq!(code(&made), 3);
    let cases: &[(&[&str], i32, &str)] = &[
        (&["history", "runs"], 1, "there is no history at `lastgood.db`"),
        (&["history", "runs", "--history", "text.db"], 1, "not a history of lastgood"),
        (&["scan", "--demo", "--history", "text.db"], 1, "not a history of lastgood"),
        (&["scan", "--demo", "--history", "no/such/folder/h.db"], 1, "cannot be used"),
        (&["history", "show", "ffff", "--history", "h.db"], 1, "has no run `ffff`"),
        (&["report"], 2, "ASSESSMENT"),
        (&["report", "--history", "h.db", "--period", "2026-Q5"], 2, "is not a period"),
        (&["report", "--period", "2026-Q3"], 2, "--history"),
        (&["report", "--history", "h.db", "--period", "2026", "--format", "mardkown"], 2, "did you mean `markdown`"),
        (&["report", "--history", "h.db", "--period", "2026", "--format", "sarif"], 2, "not a format of periods"),
        (&["report", "--history", "postgres://u:secret-word@127.0.0.1:1/d", "--run", "1"], 1, "127.0.0.1:1"),
        (&["report", "--history", "postgres://u:secret-word@[/d", "--run", "1"], 1, "postgres://"),
    ];
    for (args, expected, message) in cases {
        let output = lastgood(here, args);
        let said = text(&output.stderr);
        assert_eq!(code(&output), *expected, "{args:?}: {said}");
        assert!(said.contains(message), "{args:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("secret-word"), "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?} wrote {}", text(&output.stdout));
    }
}

/// Killed at any time, the history has the run or has it not, and goes on.
#[test]
fn a_killed_scan_leaves_no_half() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    assert_eq!(code(&lastgood(here, &["scan", "--demo", "--history", "h.db"])), 3);
    let name = inventory(here, 1);
    let args = ["scan", "--inventory", &name, "--history", "h.db"];
    let start = std::time::Instant::now();
    std::fs::copy(here.join("h.db"), here.join("try.db")).unwrap();
    lastgood(here, &["scan", "--inventory", &name, "--history", "try.db"]);
    let whole = start.elapsed();
    let counts = |name: &str| {
        let path = here.join(name);
        lastgood::history::store::Store::open_existing(path.to_str().unwrap()).unwrap().counts().unwrap()
    };
    let (without, with) = (counts("h.db"), counts("try.db"));
    assert_ne!(without, with);
    let mut seen = [0; 2];
    for part in 1..=12 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
        command.args(args).current_dir(here).env_clear().env("HOME", here).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // The appending comes last.
        std::thread::sleep(whole.mul_f64(0.5 + f64::from(part) / 24.0));
        let _ = child.kill();
        child.wait().unwrap();
        let found = counts("h.db");
        assert!(found == without || found == with, "half of a scan: {found:?}");
        let runs = json(&lastgood(here, &["history", "runs", "--history", "h.db", "--format", "json"]));
        let runs = runs.as_array().unwrap();
        seen[runs.len() - 1] += 1;
        for run in runs {
            let id = run["id"].as_str().unwrap();
            let shown = lastgood(here, &["history", "show", id, "--history", "h.db", "--format", "json"]);
            assert_eq!(json(&shown)["run"]["id"], id);
        }
    }
    assert_eq!(seen.iter().sum::<i32>(), 12, "{seen:?}");
    lastgood(here, &args);
    assert_eq!(
        json(&lastgood(here, &["history", "runs", "--history", "h.db", "--format", "json"])).as_array().unwrap().len(),
        2
    );
}
