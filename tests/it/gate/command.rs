//! The built program: exit codes, outputs, places in the code.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::plan;

pub(super) fn lastgood(folder: &Path, args: &[&str], input: Option<&[u8]>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    command.args(["gate", "--as-of", "2026-11-22"]).args(args).current_dir(folder).env_clear().env("HOME", folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that refuses its arguments does not read.
    let _ = stdin.write_all(input.unwrap_or_default());
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn run(plan: &[u8], args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.json"), plan).unwrap();
    let output = lastgood(folder.path(), &[&["plan.json"], args].concat(), None);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A plan in which only these addresses change.
fn only(plan: &Value, addresses: &[&str]) -> Value {
    let mut plan = plan.clone();
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    changes.retain(|change| addresses.iter().any(|address| change["address"] == **address));
    plan
}

/// What keeps the shipped policy.
fn good() -> Value {
    let addresses = [
        "aws_ebs_volume.tagged",
        "aws_backup_plan.daily",
        "aws_backup_selection.by_tag",
        "aws_backup_region_settings.here",
        "aws_backup_vault.main",
    ];
    let mut plan = only(&plan("matrix"), &addresses);
    // What exists already is not touched.
    for change in plan["resource_changes"].as_array_mut().unwrap() {
        if change["address"] != "aws_ebs_volume.tagged" {
            change["change"]["actions"] = json!(["no-op"]);
        }
    }
    plan
}

#[test]
fn a_good_change_exits_with_0_and_a_broken_one_with_3() {
    let (code, out, err) = run(good().to_string().as_bytes(), &[]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.starts_with("KEPT:"), "{out}");
    let (code, out, _) = run(plan("matrix").to_string().as_bytes(), &[]);
    assert_eq!(code, 3);
    assert!(out.starts_with("BROKEN:"), "{out}");
}

#[test]
fn what_cannot_be_told_exits_with_4() {
    let open = only(&plan("matrix"), &["aws_s3_bucket.unknown_versioning", "aws_s3_bucket_versioning.unknown"]);
    let (code, out, _) = run(open.to_string().as_bytes(), &[]);
    assert_eq!(code, 4, "{out}");
    let mut incomplete = good();
    incomplete["complete"] = json!(false);
    let (code, out, _) = run(incomplete.to_string().as_bytes(), &[]);
    assert_eq!(code, 4, "{out}");
    assert!(out.contains("complete: false"), "{out}");
}

#[test]
fn nothing_judged_is_no_clean_bill_unless_it_may_be_so() {
    let nothing = only(&plan("matrix"), &["aws_iam_role.backup"]);
    let (code, out, _) = run(nothing.to_string().as_bytes(), &[]);
    assert_eq!(code, 4, "{out}");
    assert!(out.contains("NOTHING JUDGED"), "{out}");
    assert_eq!(run(nothing.to_string().as_bytes(), &["--allow-empty"]).0, 0);
    let mut incomplete = nothing;
    incomplete["complete"] = json!(false);
    assert_eq!(run(incomplete.to_string().as_bytes(), &["--allow-empty"]).0, 4);
}

#[test]
fn what_cannot_be_read_exits_with_1_and_says_that_no_audit_was_performed() {
    let text = good().to_string();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    assert_eq!(run(&[b"\xff\xfe", &utf16(&text)[..]].concat(), &[]).0, 0, "UTF-16 is read");
    for (bytes, words) in [
        (&text.as_bytes()[..text.len() / 2], "is cut off"),
        (b"", "is empty"),
        (b"PK\x03\x04", "binary plan"),
        (b"not json", "not valid JSON"),
    ] {
        let (code, out, err) = run(bytes, &[]);
        assert_eq!(code, 1, "{words}: {out}{err}");
        assert!(err.contains(words) && err.contains("no audit was performed") && err.contains("help:"), "{err}");
    }
    let folder = tempfile::tempdir().unwrap();
    let missing = lastgood(folder.path(), &["missing.json"], None);
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(lastgood(folder.path(), &[], None).status.code(), Some(2), "no input at all is wrong usage");
}

#[test]
fn a_plan_comes_from_standard_input_too() {
    let folder = tempfile::tempdir().unwrap();
    let output = lastgood(folder.path(), &["-", "--format", "json"], Some(good().to_string().as_bytes()));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let assessment: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(assessment["schema"], "lastgood.assessment/1");
    assert_eq!(assessment["run"]["source"], "terraform");
}

#[test]
fn severities_below_the_threshold_do_not_count() {
    let mut plan = good();
    // A new vault without a lock breaks a rule of low severity alone.
    let vault = super::change(&mut plan, "aws_backup_vault.main");
    vault["change"]["actions"] = json!(["create"]);
    vault["change"]["after"]["force_destroy"] = json!(false);
    assert_eq!(run(plan.to_string().as_bytes(), &[]).0, 3);
    assert_eq!(run(plan.to_string().as_bytes(), &["--fail-on", "medium"]).0, 0);
}

#[test]
fn findings_name_file_and_line_and_fit_into_80_columns() {
    let source = std::fs::canonicalize("fixtures/iac/terraform/matrix").unwrap();
    let output = lastgood(&source, &["plan.json", "--source", ".", "--width", "80"], None);
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let code = std::fs::read_to_string(source.join("main.tf")).unwrap();
    let line = 1 + code.lines().position(|line| line.contains("\"pitr_not_set\"")).unwrap();
    assert!(out.contains(&format!("aws_dynamodb_table.pitr_not_set (create)\n  main.tf:{line}\n")), "{out}");
    assert!(out.contains("  modules/service/main.tf:"), "{out}");
    assert!(!out.contains("hunter2"), "a secret came out");
}

#[test]
fn a_waiver_lifts_a_weakening_and_an_expired_one_does_not() {
    let waiver = |expires: &str| {
        format!(
            "[[waiver]]\nid = \"w\"\nrules = [\"no-weakening\"]\nresources = [\"*\"]\nreason = \"agreed\"\n\
             requested_by = \"a@example.com\"\napproved_by = \"b@example.com\"\napproved_on = 2026-11-01\nexpires = {expires}\n"
        )
    };
    let gone = only(&plan("matrix"), &["aws_db_instance.gone"]);
    let with = |expires: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("plan.json"), gone.to_string()).unwrap();
        std::fs::write(folder.path().join("w.toml"), waiver(expires)).unwrap();
        let output = lastgood(folder.path(), &["plan.json", "--waivers", "w.toml"], None);
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (_, out) = with("2027-01-31");
    assert!(out.contains("Approved exceptions") && out.contains("agreed") && !out.contains("\nBroken\n"), "{out}");
    let (code, out) = with("2026-11-20");
    assert_eq!(code, 3);
    assert!(out.contains("waiver `w` expired"), "{out}");
}
