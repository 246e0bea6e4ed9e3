//! The whole way: from AWS over HTTP to verdicts, reports and exit codes, on good days and bad ones.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use lastgood::evaluate::evaluate;
use lastgood::model::assessment::{Assessment, Verdict};
use lastgood::model::inventory::Inventory;
use lastgood::model::outcome::Outcome;
use lastgood::policy::{builtin, load};
use serde_json::json;

use super::estate::seed;
use super::server::{REGION, Server};

pub(crate) fn judged(inventory: &Inventory) -> Assessment {
    let policy = load(&builtin::default().unwrap().sources()).unwrap_or_else(|_| panic!("the shipped policy is valid"));
    evaluate(&policy, inventory, inventory.captured_at)
}

/// The program against a server, with nothing of this machine's environment.
fn lastgood(server: &Server, args: &[&str]) -> Output {
    lastgood_in(tempfile::tempdir().unwrap().path(), server, args)
}

/// The same in a folder of the caller's.
pub(crate) fn lastgood_in(folder: &Path, server: &Server, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lastgood"))
        .args(args)
        .args(["--endpoint-url", &server.url(), "--region", REGION])
        .current_dir(folder)
        .env_clear()
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .output()
        .unwrap()
}

/// Whatever fails in whatever way: nothing passes that did not pass when everything was read.
#[test]
fn no_fault_of_any_call_makes_anything_pass() {
    let (server, _) = Server::with(seed());
    let clean = server.collect();
    let full = judged(&clean.inventory);
    // A snapshot whose owner only AWS Backup knows is judged for itself where AWS Backup is silent: that
    // verdict is about another subject, and is none of these.
    let by_outcome = |passed: bool| -> BTreeSet<String> {
        let wanted = full.verdicts.iter().filter(|verdict| (verdict.raw_outcome == Outcome::Pass) == passed);
        wanted.map(Verdict::fingerprint).collect()
    };
    let (before, not_before) = (by_outcome(true), by_outcome(false));
    assert!(before.len() > 10 && not_before.len() > 10, "{} {}", before.len(), not_before.len());
    let calls: BTreeSet<String> = server
        .requests()
        .into_keys()
        .filter(|call| !["sts:GetCallerIdentity", "ec2:DescribeRegions"].contains(&&**call))
        .collect();
    assert!(calls.len() > 25, "{calls:?}");
    let mut wrong = Vec::new();
    let faults = ["AccessDenied", "garbage", "truncated-page", "repeated-token"];
    for (index, call) in calls.iter().enumerate() {
        // Each call meets one or two of the faults, so that all of them are met over the calls.
        let paged =
            ["ec2:Describe", "backup:List", "s3:ListBuckets", "events:List"].iter().any(|list| call.starts_with(list));
        for fault in [faults[index % 2], faults[2 + index % 2]].into_iter().take(if paged { 2 } else { 1 }) {
            server.faults(json!([{"operation": call, "fault": fault}]));
            let collected =
                server.try_collect(&server.options()).unwrap_or_else(|error| panic!("{call} {fault}: {error}"));
            server.no_faults();
            let assessment = judged(&collected.inventory);
            let is_new = |verdict: &&Verdict| {
                verdict.raw_outcome == Outcome::Pass && not_before.contains(&verdict.fingerprint())
            };
            let new: Vec<String> = assessment
                .verdicts
                .iter()
                .filter(is_new)
                .map(|verdict| format!("{} of {}: {}", verdict.rule.id, verdict.subject.resource, verdict.reason()))
                .collect();
            if !new.is_empty() {
                wrong.push(format!("{call} {fault}: {new:#?}"));
            }
            if ["AccessDenied", "garbage"].contains(&fault) {
                let named = assessment
                    .inventory
                    .gaps
                    .iter()
                    .any(|gap| gap.call() == call.replace("efs:", "elasticfilesystem:"));
                assert!(named, "{call} {fault}: {:#?}", assessment.inventory.gaps);
            }
        }
    }
    assert!(wrong.is_empty(), "what passes only because less was read:\n{}", wrong.join("\n"));
}

#[test]
fn the_program_reports_a_gap_and_exits_with_3_or_4() {
    let (server, _) = Server::with(seed());
    for (operation, fault) in
        [("s3:GetBucketVersioning", "AccessDenied"), ("backup:ListRecoveryPointsByBackupVault", "repeated-token")]
    {
        server.faults(json!([{"operation": operation, "fault": fault}]));
        let scan = lastgood(&server, &["scan"]);
        server.no_faults();
        let (out, err) = (String::from_utf8_lossy(&scan.stdout), String::from_utf8_lossy(&scan.stderr));
        assert!([3, 4].contains(&scan.status.code().unwrap()), "{out}{err}");
        assert!(out.contains("NOT COMPLETE") && out.contains(operation), "{out}{err}");
        assert!(!err.contains("panicked"), "{err}");
    }
}

#[test]
fn a_saved_inventory_of_live_aws_gives_the_identical_assessment() {
    let (server, _) = Server::with(seed());
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("i.json.gz");
    let live = lastgood(&server, &["scan", "--format", "json", "--save-inventory", &saved.to_string_lossy()]);
    assert_eq!(live.status.code(), Some(3), "{}", String::from_utf8_lossy(&live.stderr));
    let again = Command::new(env!("CARGO_BIN_EXE_lastgood"))
        .args(["scan", "--format", "json", "--inventory"])
        .arg(&saved)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(3), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(live.stdout == again.stdout, "the two assessments differ");
}

#[test]
fn an_account_without_anything_is_not_compliant() {
    let server = Server::start();
    let scan = lastgood(&server, &["scan", "--fail-on", "critical"]);
    let out = String::from_utf8_lossy(&scan.stdout);
    // The settings of the region are judged, and fail; the empty estate itself is never compliant.
    assert_eq!(scan.status.code(), Some(3), "{out}");
    assert!(out.contains("no resource was found that could be backed up"), "{out}");
}

#[test]
fn what_keeps_the_program_from_reading_is_an_error_and_no_audit() {
    let server = Server::start();
    let run = |keys: bool, url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
        let folder = tempfile::tempdir().unwrap();
        command.args(["scan", "--region", REGION, "--endpoint-url", url]).env_clear().current_dir(folder.path());
        command.env("HOME", folder.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        if keys {
            command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        }
        command.output().unwrap()
    };
    server.faults(json!([{"operation": "sts:*", "fault": "ExpiredToken"}]));
    let cases = [
        (run(false, &server.url()), "no AWS credentials were found"),
        (run(true, &server.url()), "have expired"),
        (run(true, "http://127.0.0.1:9"), "cannot be reached"),
    ];
    for (output, message) in cases {
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(err.contains(message) && err.contains("help:") && err.contains("no audit was performed"), "{err}");
        assert!(output.stdout.is_empty());
    }
}
