//! Restore tests over HTTP, by the built program: real file systems as blocks of snapshots, versions of objects.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::apply::Run;

/// What is demanded here: stored bytes are read, and restores are tested.
const POLICY: &str = r#"
[policy]
id = "p"
title = "Test"
version = "1"

[[rule]]
id = "read"
title = "stored bytes are read"
check = "integrity-check"
severity = "high"
scope = { kinds = ["ebs-volume"] }
with = { within = "366d", per = "resource" }

[[rule]]
id = "tested"
title = "restores are tested"
check = "restore-test"
severity = "high"
scope = { kinds = ["ebs-volume", "s3-bucket", "rds-instance", "rds-cluster", "dynamodb-table", "efs-file-system"] }
with = { within = "92d", per = "resource", environment = "test", team = "infra" }
"#;

/// A log that reaches back, so that no test on record is a failure and not a doubt.
const OLD_LOG: &str = "2020-01-01T00:00:00Z";

pub(super) struct Site {
    pub(super) run: Run,
    _images: TempDir,
}

impl Site {
    pub(super) fn of(images: TempDir, seed: Value) -> Self {
        let run = Run::under(POLICY, seed);
        let log = lastgood::sources::logs::append::append(
            &run.path().join("backup.jsonl"),
            vec![lastgood::sources::logs::append::Entry::bare(lastgood::model::log::RecordType::Heartbeat)],
            "lastgood/test@here",
            OLD_LOG.parse().unwrap(),
        );
        log.unwrap();
        // What is planned again is planned as if nothing had been tested.
        std::fs::copy(run.path().join("backup.jsonl"), run.path().join("old.jsonl")).unwrap();
        Self { run, _images: images }
    }

    /// A volume with one snapshot of this image.
    fn snapshot(images: TempDir, image: &Path, flipped: &[u64]) -> Self {
        let seed = json!({
            "volumes": [{"key": "data", "tags": {"Name": "data"}, "size": 1}],
            "snapshots": [{"key": "copy", "volume": "data", "started": "-5h", "image": image, "flipped": flipped}]
        });
        Self::of(images, seed)
    }

    pub(super) fn plan(&self, flags: &[&str]) -> Value {
        // Of an equal plan everything was done.
        let _ = std::fs::remove_file(self.run.path().join("plan.json.journal.jsonl"));
        self.run.plan(&[&["--only", "restore-test", "--logs", "old.jsonl"], flags].concat())
    }

    pub(super) fn apply(&self, flags: &[&str]) -> (Option<i32>, String) {
        let who = ["--approve", "all", "--team", "infra", "--environment", "test", "--scratch", "."];
        self.run.apply(&[&who[..], flags].concat())
    }

    pub(super) fn outcome(&self, rule: &str, key: &str) -> (String, String) {
        let args = ["scan", "--policies", "policy.toml", "--region", super::server::REGION, "--format", "json"];
        let out = self.run.lastgood(&[&args[..], &["--logs", "backup.jsonl"]].concat());
        let assessment: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{out:?}"));
        let verdicts = assessment["verdicts"].as_array().unwrap();
        let found = verdicts.iter().find(|v| v["rule"] == rule && v["resource"] == self.run.ids.arn(key)).unwrap();
        let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
        (text("outcome"), text("reason"))
    }

    pub(super) fn last_record(&self) -> Value {
        let log = std::fs::read_to_string(self.run.path().join("backup.jsonl")).unwrap();
        serde_json::from_str::<Value>(log.lines().last().unwrap()).unwrap()["activity"].take()
    }
}

fn sh(folder: &Path, script: &str) {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
    let output = Command::new("sh").args(["-ec", script]).current_dir(folder).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{script}\n{output:?}");
}

/// Bytes that are no file system, some of them zeros.
pub(super) fn noise() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vol");
    let mut bytes: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    bytes[600_000..1_700_000].fill(0);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn every_block_is_read_and_verified_and_the_next_scan_sees_it() {
    let (folder, image) = noise();
    let site = Site::snapshot(folder, &image, &[]);
    assert_eq!(site.outcome("read", "data").0, "fail");
    let plan = site.plan(&["--level", "read"]);
    assert_eq!(plan["items"].as_array().unwrap().len(), 1, "{plan:#}");
    let (code, said) = site.apply(&["--dry-run"]);
    assert!(code == Some(0) && said.contains("1 would be done"), "{said}");
    assert!(!site.run.server.requests().contains_key("ebs:GetSnapshotBlock"), "a dry run reads no block");
    let (code, said) = site.apply(&[]);
    assert!(code == Some(0) && said.contains("all 5 blocks read and verified"), "{said}");
    let (outcome, reason) = site.outcome("read", "data");
    assert_eq!(outcome, "pass", "{reason}");
    let record = site.last_record();
    assert_eq!((&record["kind"], &record["detail"]["depth"]), (&json!("verification"), &json!("full-read")));
    assert_eq!(record["detail"]["evidence"][0]["path"], format!("block-lists/{}.blocks", site.run.ids.id("copy")));
    assert_eq!(site.run.server.problems(), json!([]));
}

#[test]
fn a_flipped_bit_is_found_and_stays_a_finding() {
    let (folder, image) = noise();
    let site = Site::snapshot(folder, &image, &[4]);
    site.plan(&["--level", "read"]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(5) && said.contains("block 4 is not what was stored"), "{said}");
    assert_eq!(site.run.server.requests()["ebs:GetSnapshotBlock"], 6, "read twice, and the others all the same");
    let (outcome, reason) = site.outcome("read", "data");
    assert!(outcome == "fail" && reason.contains("ended as failed"), "{reason}");
    assert!(site.last_record()["message"].as_str().unwrap().contains("block 4"));
}

#[test]
fn a_sample_is_drawn_by_its_seed_and_compared_with_the_test_before() {
    let (folder, image) = noise();
    let site = Site::snapshot(folder, &image, &[]);
    site.plan(&["--level", "read"]);
    assert_eq!(site.apply(&[]).0, Some(0));
    site.plan(&["--level", "read", "--sample", "2", "--seed", "7"]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(0) && said.contains("2 of 5 blocks, drawn by the seed 7"), "{said}");
    assert!(said.contains("2 are as at the test before"), "{said}");
    // A year later a block has rotted, and its checksum with it: only the list of the first test can tell.
    let list = site.run.path().join(format!("block-lists/{}.blocks", site.run.ids.id("copy")));
    let text = std::fs::read_to_string(&list).unwrap();
    let line = text.lines().nth(1).unwrap().to_owned();
    std::fs::write(&list, text.replace(&line, &format!("0 {}", "ab".repeat(32)))).unwrap();
    site.plan(&["--level", "read"]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(5) && said.contains("block 0 differs from the test before"), "{said}");
}

#[test]
#[ignore = "needs e2fsprogs"]
fn a_file_system_is_rebuilt_from_its_blocks_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    sh(folder.path(), "mkdir -p tree/etc && echo 'listen = 80' > tree/etc/app.conf && mkfs.ext4 -q -d tree vol 64M");
    sh(folder.path(), "cd tree && sha256sum etc/app.conf > ../sums");
    let (image, sums) = (folder.path().join("vol"), folder.path().join("sums"));
    let site = Site::snapshot(folder, &image, &[]);
    assert_eq!(site.outcome("tested", "data").0, "fail");
    let plan = site.plan(&[]);
    let id = plan["items"][0]["id"].as_str().unwrap();
    assert_eq!(plan["items"][0]["action"]["level"], "filesystem");
    let (code, said) = site.apply(&["--file-manifest", &format!("{id}={}", sums.display())]);
    assert!(code == Some(0) && said.contains("1 of 1 files of the manifest are the same"), "{said}");
    for rule in ["tested", "read"] {
        let (outcome, reason) = site.outcome(rule, "data");
        assert_eq!(outcome, "pass", "{rule}: {reason}");
    }
    let record = site.last_record();
    assert_eq!((&record["kind"], &record["validation"]), (&json!("restore-test"), &json!("successful")));
    assert_eq!((&record["detail"]["depth"], &record["detail"]["team"]), (&json!("compared"), &json!("infra")));
    let left: Vec<_> = std::fs::read_dir(site.run.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("lastgood-image")), "{left:?}");
}

#[test]
#[ignore = "needs e2fsprogs and xfsprogs"]
fn a_damaged_file_system_is_caught_though_every_block_is_sound() {
    for make in [
        "mkfs.ext4 -q vol 64M && debugfs -w -R 'clri <2>' vol 2>&1",
        "truncate -s 300M vol && mkfs.xfs -q vol && printf XXXXXXXX | dd of=vol bs=1 seek=512 conv=notrunc status=none",
    ] {
        let folder = tempfile::tempdir().unwrap();
        sh(folder.path(), make);
        let image = folder.path().join("vol");
        let site = Site::snapshot(folder, &image, &[]);
        site.plan(&[]);
        let (code, said) = site.apply(&[]);
        assert_eq!(code, Some(5), "{make}: {said}");
        let (outcome, reason) = site.outcome("tested", "data");
        assert_eq!(outcome, "fail", "{make}: {reason}");
        assert_eq!(site.last_record()["validation"], "failed", "{make}: {said}");
    }
}

#[test]
#[ignore = "needs xfsprogs"]
fn a_good_xfs_passes() {
    let folder = tempfile::tempdir().unwrap();
    sh(folder.path(), "truncate -s 300M vol && mkfs.xfs -q vol");
    let image = folder.path().join("vol");
    let site = Site::snapshot(folder, &image, &[]);
    site.plan(&[]);
    let (code, said) = site.apply(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(site.outcome("tested", "data").0, "pass");
}

#[test]
fn previous_versions_are_read_back_and_held_against_their_checksums() {
    let seed = json!({"buckets": [{"name": "shop-data", "versioning": "Enabled"}]});
    let site = Site::of(tempfile::tempdir().unwrap(), seed);
    site.plan(&[]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(5) && said.contains("no previous version"), "{said}");
    // Of two tests that end in one second the failure counts.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    for (key, body) in [("a", "one"), ("a", "two"), ("b", "three"), ("b", "four"), ("b", "five")] {
        site.run.server.put_object("shop-data", key, body, true);
    }
    site.plan(&[]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(0) && said.contains("3 of 3 previous versions") && said.contains("3 verified"), "{said}");
    assert_eq!(site.outcome("tested", "shop-data").0, "pass");
    // One without a checksum proves less.
    site.run.server.put_object("shop-data", "c", "six", false);
    site.run.server.put_object("shop-data", "c", "seven", false);
    site.plan(&[]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(5) && said.contains("proves only a part: 4 of 4"), "{said}");
}

pub(super) const PASSED: &str = "lastgood-result: passed 1 file systems with 7 files were read";

/// A volume with a snapshot in a vault, and an instance for tests.
pub(super) fn vaulted(says: &[&str]) -> Site {
    let seed = json!({
        "volumes": [{"key": "data", "tags": {"Name": "data"}, "size": 1}, {"key": "root"}],
        "snapshots": [{"key": "copy", "volume": "data", "started": "-5h"}],
        "instances": [{"key": "desk", "volumes": ["root"], "tags": {"lastgood:purpose": "restore-test"}},
                      {"key": "shop", "tags": {"Name": "shop"}}],
        "vaults": [{"name": "main"}],
        "recovery_points": [{"key": "point", "vault": "main", "resource": "data", "CreationDate": "-4h"}],
        "commands_say": says
    });
    Site::of(tempfile::tempdir().unwrap(), seed)
}

impl Site {
    /// Ids of all volumes.
    pub(super) fn volumes(&self) -> usize {
        self.run.ec2("Action=DescribeVolumes&Version=2016-11-15").matches("<availabilityZone>").count()
    }

    pub(super) fn sweep(&self, flags: &[&str]) -> (Option<i32>, String) {
        let out = self.run.lastgood(&[&["sweep", "--region", super::server::REGION][..], flags].concat());
        (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
    }
}

#[test]
fn a_volume_is_made_looked_at_on_the_test_instance_and_gone_again() {
    for (level, flags) in
        [("volume", &[][..]), ("backup-job", &["--restore-role", "arn:aws:iam::123456789012:role/restore"])]
    {
        let site = vaulted(&[PASSED, "Success"]);
        let desk = site.run.ids.id("desk").to_owned();
        let before = site.volumes();
        let with = ["--level", level, "--test-instance", &desk, "--resource", "data"];
        let plan = site.plan(&[&with[..], flags].concat());
        assert_eq!(plan["items"][0]["disposition"], "needs-approval", "{plan:#}");
        let (code, said) = site.apply(&[]);
        assert!(code == Some(0) && said.contains("7 files were read; the volume is gone again"), "{level}: {said}");
        assert_eq!(site.volumes(), before, "{level}");
        assert_eq!(site.outcome("tested", "data").0, "pass", "{level}");
        assert_eq!(site.last_record()["cleanup"], "successful");
        let requests = site.run.server.requests();
        assert_eq!((requests["ec2:AttachVolume"], requests["ec2:DeleteVolume"]), (1, 1), "{requests:?}");
        assert_eq!(requests.contains_key("backup:PutRestoreValidationResult"), level == "backup-job");
        assert_eq!(site.run.server.problems(), json!([]));
    }
}

#[test]
fn a_volume_that_is_not_as_it_should_be_fails_and_goes_all_the_same() {
    let site = vaulted(&["lastgood-result: failed the volume cannot be read to its end", "Success"]);
    let desk = site.run.ids.id("desk").to_owned();
    let before = site.volumes();
    site.plan(&["--level", "volume", "--test-instance", &desk]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(5) && said.contains("cannot be read to its end"), "{said}");
    assert_eq!(site.volumes(), before);
    assert_eq!(site.outcome("tested", "data").0, "fail");
    let shop = site.run.ids.id("shop").to_owned();
    site.plan(&["--level", "volume", "--test-instance", &shop]);
    let (code, said) = site.apply(&[]);
    assert!(code == Some(5) && said.contains("may be in production"), "{said}");
    assert_eq!(site.volumes(), before);
}

#[test]
fn what_a_killed_run_left_is_swept_once_its_time_is_over() {
    let tags = |expires: &str| json!({"lastgood:purpose": "restore-test", "lastgood:expires-at": expires});
    let site = Site::of(
        tempfile::tempdir().unwrap(),
        json!({"volumes": [
            {"key": "old", "tags": tags("2026-01-01T00:00:00Z")},
            {"key": "held", "tags": tags("2026-01-01T00:00:00Z")},
            {"key": "young", "tags": tags("2126-01-01T00:00:00Z")},
            {"key": "data", "tags": {"lastgood:expires-at": "2026-01-01T00:00:00Z"}}],
            "instances": [{"key": "desk", "volumes": ["held"]}]}),
    );
    assert_eq!(site.volumes(), 4);
    let (code, said) = site.sweep(&["--dry-run"]);
    assert!(code == Some(0) && said.contains("3 found, 0 removed") && site.volumes() == 4, "{said}");
    let (code, said) = site.sweep(&[]);
    assert!(code == Some(0) && said.contains("3 found, 2 removed"), "{said}");
    assert_eq!(site.volumes(), 2, "the young one and the one that is no leftover");
    let denied = json!([{"operation": "ec2:DescribeVolumes", "fault": "AccessDenied"}]);
    site.run.server.faults(denied);
    let (code, said) = site.sweep(&[]);
    assert!(code == Some(5) && said.contains("UNSEEN"), "{said}");
}
