//! The built program, as a user runs it: output, files, exit codes.

use std::path::Path;
use std::process::{Command, Output};

/// The program in an empty folder, with nothing of this machine's environment.
pub(crate) fn lastgood(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    command.args(args).current_dir(folder).env_clear().env("HOME", folder).env("AWS_EC2_METADATA_DISABLED", "true");
    command.output().unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("killed: {output:?}"))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_demo_runs_without_an_account() {
    let folder = folder();
    let output = lastgood(folder.path(), &["scan", "--demo"]);
    assert_eq!(code(&output), 3, "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.contains("NOT COMPLIANT"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100));
    assert!(!table.contains('\u{1b}'), "no colour in a pipe");
}

#[test]
fn every_format_goes_to_a_folder_and_the_saved_assessment_renders_the_same() {
    let folder = folder();
    let scan = lastgood(folder.path(), &["scan", "--demo", "--out", "reports"]);
    assert_eq!(code(&scan), 3);
    assert!(scan.stdout.is_empty());
    let again = lastgood(folder.path(), &["report", "reports/assessment.json", "--out", "again"]);
    assert_eq!(code(&again), 0, "{}", text(&again.stderr));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder.path().join("reports")).unwrap().flatten() {
        let other = folder.path().join("again").join(entry.file_name());
        assert_eq!(std::fs::read(entry.path()).unwrap(), std::fs::read(&other).unwrap(), "{other:?}");
        names.push(entry.file_name());
    }
    assert_eq!(names.len(), lastgood::report::FORMATS.len());
}

#[test]
fn a_saved_inventory_gives_the_identical_assessment() {
    let folder = folder();
    assert_eq!(code(&lastgood(folder.path(), &["collect", "--demo", "--out", "i.json.gz"])), 4, "the demo has gaps");
    let waivers = folder.path().join("w.toml");
    std::fs::write(&waivers, lastgood::demo::WAIVERS).unwrap();
    let policy = folder.path().join("p.toml");
    std::fs::write(&policy, format!("{STARTER}\n{}", lastgood::demo::WAIVERS)).unwrap();
    let one = lastgood(folder.path(), &["scan", "--demo", "--policies", "p.toml", "--format", "json"]);
    let two =
        lastgood(folder.path(), &["scan", "--inventory", "i.json.gz", "--policies", "p.toml", "--format", "json"]);
    assert_eq!((code(&one), code(&two)), (3, 3), "{}", text(&two.stderr));
    assert_eq!(text(&one.stdout), text(&two.stdout));
}

const STARTER: &str = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\nowner = \"o@example.com\"\nextends = \"builtin:infrastructure-backups\"\n";

#[test]
fn fail_on_moves_the_threshold() {
    let folder = folder();
    let rule = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\nowner = \"o@example.com\"\n[[rule]]\nid = \"v\"\ntitle = \"v\"\ncheck = \"versioning\"\nseverity = \"medium\"\n";
    std::fs::write(folder.path().join("p.toml"), rule).unwrap();
    for (threshold, expected) in [("info", 3), ("medium", 3), ("high", 4)] {
        let output = lastgood(folder.path(), &["scan", "--demo", "--policies", "p.toml", "--fail-on", threshold]);
        assert_eq!(code(&output), expected, "{threshold}: the demo has unknowns and gaps");
    }
}

#[test]
fn a_clean_and_complete_inventory_exits_with_0() {
    let folder = folder();
    let rule = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\nowner = \"o@example.com\"\n[[clause]]\nid = \"7.1\"\ndemand = \"versioning\"\n[[rule]]\nid = \"v\"\ntitle = \"v\"\ncheck = \"versioning\"\nclauses = [\"7.1\"]\nscope = { applications = [\"shop\"] }\n";
    std::fs::write(folder.path().join("p.toml"), rule).unwrap();
    let mut inventory = lastgood::demo::inventory();
    inventory.gaps.clear();
    for resource in &mut inventory.resources {
        if resource.tags.is_unread() {
            resource.tags = lastgood::model::fact::Fact::Known([("application".into(), "crm".into())].into());
        }
    }
    std::fs::write(folder.path().join("i.json"), serde_json::to_vec(&inventory).unwrap()).unwrap();
    let output = lastgood(folder.path(), &["scan", "--inventory", "i.json", "--policies", "p.toml"]);
    assert_eq!(code(&output), 0, "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn bad_input_is_named_and_exits_with_the_right_code() {
    let folder = folder();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("broken.toml", b"[policy\n");
    write("unknown.toml", b"[policy]\nid = \"p\"\ntitel = \"p\"\n");
    write("latin1.toml", b"[policy]\nid = \"caf\xe9\"\n");
    write("empty.json", b"");
    write("cut.json", br#"{"schema":"lastgood.inventory/1","captured_at":"2026-"#);
    write("future.json", br#"{"schema":"lastgood.inventory/9","captured_at":"2026-11-22T00:00:00Z"}"#);
    write("other.json", br#"{"schema":"lastgood.assessment/1"}"#);
    std::fs::create_dir(folder.path().join("nothing")).unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["scan", "--demo", "--policies", "broken.toml"], 2, "broken.toml:1"),
        (&["scan", "--demo", "--policies", "unknown.toml"], 2, "did you mean `title`"),
        (&["scan", "--demo", "--policies", "latin1.toml"], 2, "UTF-8"),
        (&["scan", "--demo", "--policies", "missing.toml"], 2, "missing.toml"),
        (&["scan", "--demo", "--policies", "nothing"], 2, "nothing"),
        (&["scan", "--inventory", "missing.json"], 1, "cannot read `missing.json`"),
        (&["scan", "--inventory", "empty.json"], 1, "cut off"),
        (&["scan", "--inventory", "cut.json"], 1, "cut off"),
        (&["scan", "--inventory", "future.json"], 1, "reads `lastgood.inventory/1`"),
        (&["scan", "--inventory", "other.json"], 1, "not a saved inventory"),
        (&["report", "cut.json"], 1, "cut.json"),
        (&["scan", "--demo", "--format", "htlm"], 2, "did you mean `html`"),
        (&["scan", "--demo", "--format", "json", "--format", "csv"], 2, "only one format"),
        (&["scan", "--demo", "--as-of", "yesterday"], 2, "2026-11-22"),
        (&["scan", "--demo", "--as-of", "2020-01-01"], 2, "before the inventory"),
        (&["scan", "--demo", "--fail-on", "huge"], 2, "the severities are"),
        (&["scan", "--demo", "--region", "eu-west-2"], 2, "cannot be used with"),
        (&["scan", "--demo", "--format", "html=/proc/none/x.html"], 1, "cannot write"),
        (&["policy", "explain", "s3-versionin"], 2, "did you mean `s3-versioning`"),
        (&["scann"], 2, "scan"),
    ];
    for (args, expected, message) in cases {
        let output = lastgood(folder.path(), args);
        let said = text(&output.stderr);
        assert_eq!(code(&output), *expected, "{args:?}: {said}");
        assert!(said.contains(message), "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?} wrote {}", text(&output.stdout));
        assert!(!said.contains("panicked"), "{args:?}: {said}");
        if *expected == 1 {
            assert!(said.contains("no audit was performed"), "{args:?}: {said}");
        }
    }
}

#[test]
fn a_policy_can_be_started_checked_listed_and_explained() {
    let folder = folder();
    let path = folder.path();
    assert_eq!(code(&lastgood(path, &["policy", "init"])), 0);
    let check = lastgood(path, &["policy", "check"]);
    assert_eq!(code(&check), 0, "{}", text(&check.stderr));
    assert!(text(&check.stdout).contains("valid"), "{}", text(&check.stdout));
    let twice = lastgood(path, &["policy", "init"]);
    assert_eq!(code(&twice), 2);
    assert!(text(&twice.stderr).contains("exists already"));
    let list = text(&lastgood(path, &["policy", "list"]).stdout);
    assert!(list.contains("s3-versioning"), "{list}");
    let checks = text(&lastgood(path, &["policy", "list", "--checks"]).stdout);
    for check in lastgood::checks::CHECKS {
        assert!(checks.contains(check.id), "{checks}");
        let about = lastgood(path, &["policy", "explain", check.id]);
        assert_eq!(code(&about), 0, "{}", text(&about.stderr));
    }
    let explained = text(&lastgood(path, &["policy", "explain", "s3-versioning"]).stdout);
    assert!(explained.contains("7.1") && explained.contains("GetBucketVersioning"), "{explained}");
    let schema = lastgood(path, &["policy", "schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert!(schema.is_object());
}

const TESTS: &str = "as_of = 2026-11-22T00:00:00Z\n[[test]]\nname = \"versioning is on\"\n\
    expect = [{ rule = \"own\", outcome = \"pass\" }]\n\
    [[test.inventory.resources]]\narn = \"arn:aws:s3:::assets\"\nkind = \"s3-bucket\"\ndetail.bucket = { versioning = \"enabled\" }\n\
    [[test]]\nname = \"versioning is off\"\nexpect = [\n    { rule = \"own\", outcome = \"pass\" },\n]\n\
    [[test.inventory.resources]]\narn = \"arn:aws:s3:::assets\"\nkind = \"s3-bucket\"\ndetail.bucket = { versioning = \"never\" }\n";

#[test]
fn policy_tests_pass_fail_and_are_refused() {
    let folder = folder();
    let path = folder.path();
    let write = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
    std::fs::create_dir(path.join("policies")).unwrap();
    write(
        "policies/p.toml",
        "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\n[[rule]]\nid = \"own\"\ncheck = \"condition\"\n\
        scope = { kinds = [\"s3-bucket\"] }\nwith = { pass_when = \"resource.versioning == 'enabled'\", reason = \"old versions are lost\" }\n",
    );
    let none = lastgood(path, &["policy", "test"]);
    assert_eq!(code(&none), 2);
    assert!(text(&none.stderr).contains("`policies` has no test of policies"), "{}", text(&none.stderr));
    write("policies/p.test.toml", TESTS);
    let all = lastgood(path, &["policy", "test"]);
    assert_eq!(code(&all), 1, "{}", text(&all.stderr));
    assert!(all.stderr.is_empty(), "a failed test is no failure of the tool: {}", text(&all.stderr));
    assert_eq!(
        text(&all.stdout),
        "ok      policies/p.test.toml:3  versioning is on\n\
         FAILED  policies/p.test.toml:10  versioning is off\n        \
         policies/p.test.toml:12: own of assets: expected pass, came fail\n          \
         it says: old versions are lost: `resource.versioning == 'enabled'` is false: resource.versioning is \"never\"\n\
         2 tests: 1 passed, 1 failed\n"
    );
    let some = lastgood(path, &["policy", "test", "--filter", "is on"]);
    assert_eq!((code(&some), text(&some.stdout).lines().count()), (0, 2), "{}", text(&some.stdout));
    let nothing = lastgood(path, &["policy", "test", "--filter", "elsewhere"]);
    assert_eq!(code(&nothing), 2);
    assert!(text(&nothing.stderr).contains("no test has `elsewhere` in its name"));
    // A file is tested against what it lies beside, or against what is named.
    assert_eq!(code(&lastgood(path, &["policy", "test", "policies/p.test.toml"])), 1);
    write("elsewhere.test.toml", TESTS);
    let other = lastgood(path, &["policy", "test", "elsewhere.test.toml", "--policies", "policies/p.toml"]);
    assert_eq!(code(&other), 1, "{}", text(&other.stderr));
    write("policies/p.test.toml", &TESTS.replace("\"own\"", "\"onw\""));
    let wrong = lastgood(path, &["policy", "test"]);
    assert_eq!(code(&wrong), 2);
    assert!(text(&wrong.stderr).contains("did you mean `own`?"), "{}", text(&wrong.stderr));
    assert!(wrong.stdout.is_empty());
}

#[test]
fn help_is_as_reviewed() {
    let folder = folder();
    let mut all = String::new();
    for args in [
        &["--help"][..],
        &["scan", "--help"],
        &["collect", "--help"],
        &["report", "--help"],
        &["policy", "--help"],
        &["policy", "check", "--help"],
        &["policy", "test", "--help"],
        &["policy", "list", "--help"],
        &["policy", "frameworks", "--help"],
        &["policy", "explain", "--help"],
        &["policy", "schema", "--help"],
        &["policy", "init", "--help"],
        &["completions", "--help"],
    ] {
        let output = lastgood(folder.path(), args);
        assert_eq!(code(&output), 0);
        all.push_str(&format!("$ lastgood {}\n{}\n", args.join(" "), text(&output.stdout)));
    }
    insta::assert_snapshot!(all);
}
