//! The log held against what is there: `log artefacts`, and secrets that `log verify` finds.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn lastgood(folder: &Path, args: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_lastgood"))
        .args(args)
        .current_dir(folder)
        .env("LASTGOOD_LOG", folder.join("backup.jsonl"))
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    (status.code().unwrap_or_else(|| panic!("killed: {said}")), said)
}

fn dump(folder: &Path) {
    let (status, said) = lastgood(
        folder,
        &["log", "run", "--resource", "component:crm/db", "--out", "crm.sql", "--", "echo", "CREATE TABLE x;"],
    );
    assert_eq!(status, 0, "{said}");
}

fn last(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("backup.jsonl")).unwrap();
    serde_json::from_str::<Value>(text.lines().last().unwrap()).unwrap()["activity"].take()
}

#[test]
fn l20_what_the_log_says_was_made_is_there_as_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let look = || lastgood(here, &["log", "artefacts", "backup.jsonl", "--record", "backup.jsonl"]);
    dump(here);
    let (status, said) = look();
    assert!(status == 0 && said.contains("1 as recorded, 0 wrong, 0 not looked for"), "{said}");
    let good = last(here);
    assert_eq!(
        (&good["kind"], &good["outcome"], &good["detail"]["depth"]),
        (&"verification".into(), &"succeeded".into(), &"full-read".into())
    );
    for (content, says) in [
        (Some("CREATE TABLE y;\n"), "its SHA-256 is not the one that was recorded"),
        (Some("oops"), "it has 4 bytes, and 16 were recorded"),
        (None, "it is not there"),
    ] {
        match content {
            Some(content) => std::fs::write(here.join("crm.sql"), content).unwrap(),
            None => std::fs::remove_file(here.join("crm.sql")).unwrap(),
        }
        let (status, said) = look();
        assert!(status == 3 && said.contains(says), "{said}");
        assert_eq!(last(here)["outcome"], "failed");
        assert!(last(here)["message"].as_str().unwrap().contains(says));
    }
    // A newer backup in the same place is what counts, and a prune that is on record takes it away.
    dump(here);
    assert_eq!(look().0, 0);
    let place = std::path::absolute(here.join("crm.sql")).unwrap();
    std::fs::remove_file(&place).unwrap();
    assert_eq!(look().0, 3);
    let pruned = ["log", "record", "--kind", "prune", "--resource", "component:crm/db", "--artefact"];
    let (status, said) = lastgood(here, &[&pruned[..], &[place.to_str().unwrap()]].concat());
    assert_eq!(status, 0, "{said}");
    let (status, said) = lastgood(here, &["log", "artefacts", "backup.jsonl"]);
    assert!(status == 0 && said.contains("0 as recorded"), "{said}");
}

#[test]
fn l20_what_cannot_be_looked_at_is_said_and_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let record = ["log", "record", "--kind", "backup", "--resource", "component:crm/db", "--artefact"];
    for artefact in ["borg:crm-2026-11-21", "https://example.com/dump", "/no/such/dump"] {
        assert_eq!(lastgood(here, &[&record[..], &[artefact]].concat()).0, 0);
    }
    let (status, said) = lastgood(here, &["log", "artefacts", "."]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("0 as recorded, 1 wrong, 2 not looked for"), "{said}");
    std::fs::write(here.join("other.jsonl"), "{}\n").unwrap();
    std::fs::remove_file(here.join("backup.jsonl")).unwrap();
    let (status, said) = lastgood(here, &["log", "artefacts", "."]);
    assert!(status == 4 && said.contains("error: "), "what is no log is no proof: {said}");
}

#[test]
fn l28_a_secret_in_a_log_is_found_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    dump(here);
    assert_eq!(lastgood(here, &["log", "verify", "backup.jsonl"]).0, 0);
    let mut foreign = lastgood::model::activity::Activity::new(
        "cron-1",
        lastgood::model::activity::ActivityKind::Backup,
        "log",
        lastgood::model::activity::ActivityOutcome::Succeeded,
        super::now(),
    );
    foreign.detail_mut().command = vec!["sh".into(), "-c".into(), "mysqldump -uroot -phunter2 crm".into()];
    let entry = lastgood::sources::logs::append::Entry::activity(lastgood::model::log::RecordType::Recorded, foreign);
    lastgood::sources::logs::append::append(&here.join("backup.jsonl"), vec![entry], "other/1@db1", super::now())
        .unwrap();
    let (status, said) = lastgood(here, &["log", "verify", "backup.jsonl"]);
    assert!(status == 3 && said.contains("backup.jsonl:3: secret: "), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}
