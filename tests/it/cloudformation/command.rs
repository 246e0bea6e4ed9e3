//! The built program over templates: exit codes, lines, parameters.

use std::path::Path;
use std::process::Command;

/// Run the gate in a folder; the exit code, and what it says on both outputs.
fn gate(folder: &Path, args: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lastgood"));
    command.args(["gate", "--as-of", "2026-11-22"]).args(args).current_dir(folder).env_clear().env("HOME", folder);
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

const RULE: &str = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\n[[rule]]\nid = \"kept\"\ntitle = \"kept\"\ncheck = \"retention-minimum\"\nwith = { keep = \"35d\" }\nseverity = \"high\"\n";

const TEMPLATE: &str = "\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      BackupRetentionPeriod: !If [Prod, 35, 7]
";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("p.toml", RULE);
    write("stack.yaml", TEMPLATE);
    write("parameters.json", r#"[{"ParameterKey": "Stage", "ParameterValue": "prod"}]"#);
    write("cut.yaml", TEMPLATE.trim_end_matches(" !If [Prod, 35, 7]\n"));
    write("changes.json", r#"{"ChangeSetName": "c", "StackId": "s", "Changes": []}"#);
    folder
}

#[test]
fn what_cannot_be_told_exits_with_4_and_names_condition_and_line() {
    let folder = folder();
    let (code, out) = gate(folder.path(), &["--policies", "p.toml", "stack.yaml"]);
    assert_eq!(code, 4, "{out}");
    for words in ["condition `Prod`", "stack.yaml:6", "`Orders.BackupRetentionPeriod`"] {
        assert!(out.replace("\n          ", " ").contains(words), "{words}: {out}");
    }
    // `--source` is for plans, and takes no lines away.
    let (_, out) = gate(folder.path(), &["--policies", "p.toml", "--source", ".", "stack.yaml"]);
    assert!(out.contains("stack.yaml:6"), "{out}");
}

#[test]
fn parameters_decide() {
    let folder = folder();
    let run = |args: &[&str]| gate(folder.path(), &[&["--policies", "p.toml", "stack.yaml"], args].concat());
    let (code, out) = run(&["--parameter", "Stage=prod"]);
    assert_eq!(code, 0, "{out}");
    // A database of 7 days may be covered by a plan of the account.
    let (code, out) = run(&["--parameter", "Stage=dev"]);
    assert_eq!(code, 4, "{out}");
    let (code, out) = run(&["--parameter-file", "parameters.json"]);
    assert_eq!(code, 0, "{out}");
    let (code, out) = run(&["--parameter-file", "parameters.json", "--parameter", "Stage=dev"]);
    assert_eq!(code, 4, "{out}");
    let (code, out) = run(&["--parameter", "Stage=production"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("`Stage`"), "{out}");
}

#[test]
fn what_is_no_template_never_exits_with_0() {
    let folder = folder();
    for (name, words) in [("cut.yaml", "cut off"), ("changes.json", "change set"), ("absent.yaml", "cannot be read")] {
        let (code, out) = gate(folder.path(), &["--policies", "p.toml", name]);
        assert_eq!(code, 1, "{name}: {out}");
        assert!(out.contains(words), "{name}: {out}");
    }
}
