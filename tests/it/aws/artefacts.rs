//! Objects that the log names, held against what the bucket has.

use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::server::{REGION, Server};

#[test]
fn l20_an_object_that_the_log_names_is_there_as_recorded() {
    let (server, _) = Server::with(json!({"buckets": [{"name": "backups", "versioning": "Enabled"}]}));
    let folder = tempfile::tempdir().unwrap();
    let lastgood = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_lastgood"))
            .args(args)
            .current_dir(folder.path())
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_REGION", REGION)])
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("LASTGOOD_LOG", folder.path().join("backup.jsonl"))
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    };
    let sum: String = Sha256::digest("dump").iter().map(|byte| format!("{byte:02x}")).collect();
    let mut activity = lastgood::model::activity::Activity::new(
        "run-1",
        lastgood::model::activity::ActivityKind::Backup,
        "log",
        lastgood::model::activity::ActivityOutcome::Succeeded,
        chrono::Utc::now(),
    );
    activity.resource = Some("component:shop/db".into());
    activity.detail_mut().artefacts = vec![lastgood::model::activity::Artefact {
        uri: "s3://backups/shop/a.sql".into(),
        bytes: Some(4),
        sha256: Some(sum.as_str().into()),
        ..Default::default()
    }];
    let entry = lastgood::sources::logs::append::Entry::activity(lastgood::model::log::RecordType::Recorded, activity);
    let log = folder.path().join("backup.jsonl");
    lastgood::sources::logs::append::append(&log, vec![entry], "lastgood/test@here", chrono::Utc::now()).unwrap();
    let url = server.url();
    let look = || lastgood(&["log", "artefacts", "backup.jsonl", "--endpoint-url", &url, "--record", "backup.jsonl"]);
    let (status, said) = look();
    assert!(status == Some(3) && said.contains("it is not there"), "{said}");
    server.put_object("backups", "shop/a.sql", "dump", true);
    let (status, said) = look();
    assert!(status == Some(0) && said.contains("1 as recorded"), "{said}");
    let text = std::fs::read_to_string(&log).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["activity"]["detail"]["depth"], "full-read", "by the checksum that S3 keeps: {last}");
    for (body, says) in [("dumq", "its SHA-256 is not"), ("dump!", "it has 5 bytes, and 4 were recorded")] {
        server.put_object("backups", "shop/a.sql", body, true);
        let (status, said) = look();
        assert!(status == Some(3) && said.contains(says), "{said}");
    }
    server.faults(json!([{"operation": "s3:HeadObject", "fault": "AccessDenied"}]));
    let (status, said) = look();
    assert!(status == Some(4) && said.contains("not looked"), "what is denied is no proof: {said}");
}
