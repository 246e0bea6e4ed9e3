//! Where a gate stands: baselines, exceptions in the code, the action of GitHub.

use std::path::Path;
use std::process::Command;

use super::command::lastgood;

/// The folder of the change, with its code.
fn change() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["main.tf", "plan.json"] {
        std::fs::copy(Path::new("fixtures/iac/terraform/changes").join(file), folder.path().join(file)).unwrap();
    }
    folder
}

fn gate(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = lastgood(folder, args, None);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_baseline_takes_what_was_there_and_not_what_a_change_takes_away() {
    let folder = change();
    let (code, _, err) = gate(folder.path(), &["plan.json", "--write-baseline", "known.json"]);
    assert_eq!(code, 0, "{err}");
    let (code, out, _) = gate(folder.path(), &["plan.json", "--baseline", "known.json"]);
    assert_eq!(code, 3, "what the change takes away is no standing fact");
    assert!(out.contains("of the baseline, known before") && !out.contains("daily-backup, severity"), "{out}");
    assert!(out.contains("rule no-weakening"), "{out}");

    // Worse than what was taken into account is new.
    let path = folder.path().join("known.json");
    let known = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, known.replace("7d 1h apart", "3d 1h apart")).unwrap();
    let (_, out, err) = gate(folder.path(), &["plan.json", "--baseline", "known.json", "--all"]);
    assert!(out.contains("copies may lie 7d 1h apart"), "{out}");
    assert!(err.contains("is found no more: daily-backup of aws_ebs_volume.untouched"), "{err}");

    std::fs::write(&path, "{}").unwrap();
    assert_eq!(gate(folder.path(), &["plan.json", "--baseline", "known.json"]).0, 1, "no baseline, no audit");
    assert_eq!(gate(folder.path(), &["plan.json", "--baseline", "gone.json"]).0, 1);
}

#[test]
fn an_exception_in_the_code_holds_until_its_day() {
    let folder = change();
    let path = folder.path().join("main.tf");
    let code = std::fs::read_to_string(&path).unwrap();
    let with = |until: &str, rule: &str| {
        let mark =
            format!("# lastgood:ignore rule=\"{rule}\" until=\"{until}\" owner=\"data@example.com\" reason=\"goes\"");
        let block = "resource \"aws_ebs_volume\" \"untagged\" {";
        assert!(code.contains(block));
        std::fs::write(&path, code.replace(block, &format!("{mark}\n{block}"))).unwrap();
        gate(folder.path(), &["plan.json", "--source", "."])
    };
    let (_, out, _) = with("2026-12-31", "kept-35-days");
    assert!(out.contains("WAIVED   nothing that is configured keeps copies of it"), "{out}");
    assert!(out.contains("goes, by the review of the code, until"), "{out}");
    let (_, out, _) = with("2026-11-21", "kept-35-days");
    assert!(out.contains("policy (waiver-expired)") && out.contains("main.tf:"), "{out}");
    assert!(!out.contains("WAIVED"), "{out}");
    let (code, _, err) = with("2026-12-31", "kept-35-day");
    assert_eq!(code, 2);
    assert!(err.contains("no rule is called `kept-35-day`") && err.contains("did you mean `kept-35-days`"), "{err}");
    let (code, _, err) = with("2036-12-31", "kept-35-days");
    assert!(code == 2 && err.contains("longer than"), "{err}");
    let (code, _, err) = with("soon", "kept-35-days");
    assert!(code == 2 && err.contains("which is no day"), "{err}");
    with("2026-12-31", "kept-35-days");
    let (_, out, _) = gate(folder.path(), &["plan.json", "--source", ".", "--no-inline"]);
    assert!(!out.contains("WAIVED"), "{out}");
}

/// What the action runs, as a workflow would run it.
fn action(folder: &Path, inputs: &[(&str, &str)]) -> (i32, String, String, String) {
    let here = std::env::current_dir().unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_lastgood")).parent().unwrap();
    let mut command = Command::new("bash");
    command.arg(here.join("deploy/github/gate.sh")).current_dir(folder).env_clear();
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).env("RUNNER_TEMP", folder);
    for name in ["PLAN", "POLICIES", "SOURCE", "INVENTORY", "BASELINE", "ARGUMENTS"] {
        command.env(format!("GATE_{name}"), "");
    }
    command.env("GATE_FAIL_ON", "info").env("GATE_INCOMPLETE", "fail");
    command.env("GITHUB_OUTPUT", folder.join("output")).env("GITHUB_STEP_SUMMARY", folder.join("summary"));
    command.envs(inputs.iter().map(|(name, value)| (format!("GATE_{name}"), *value)));
    let output = command.output().unwrap();
    let file = |name| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let log = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), log, file("output"), file("summary"))
}

#[test]
fn the_action_annotates_summarises_and_passes_the_exit_code_on() {
    let folder = change();
    let with = [("PLAN", "plan.json"), ("SOURCE", "."), ("ARGUMENTS", "--as-of\n2026-11-22")];
    let (code, log, output, summary) = action(folder.path(), &with);
    assert_eq!(code, 3, "{log}");
    assert!(log.contains("::error file=main.tf,line="), "{log}");
    assert!(log.contains("::group::plan.json\nBROKEN:"), "{log}");
    assert!(output.contains("exit-code=3\n"), "{output}");
    let sarif = output.lines().find_map(|line| line.strip_prefix("sarif=")).unwrap();
    assert!(std::fs::read_to_string(sarif).unwrap().contains("\"2.1.0\""), "{output}");
    assert!(summary.contains("NOT COMPLIANT"), "{summary}");
}

#[test]
fn the_action_never_passes_without_an_audit() {
    for (plan, exit) in [("", 2), ("gone.json", 1), ("plan.json\ngone.json", 1), ("gone.json\nplan.json", 1)] {
        let folder = change();
        let (code, log, output, _) = action(folder.path(), &[("PLAN", plan)]);
        assert_eq!(code, exit, "{plan}: {log}");
        assert!(log.contains("::error title=no audit::") && output.contains(&format!("exit-code={exit}\n")), "{log}");
    }
    let folder = change();
    let evil = "plan.json; touch stolen\n$(touch stolen)";
    let (code, ..) = action(folder.path(), &[("PLAN", evil)]);
    assert_eq!(code, 1);
    assert!(!folder.path().join("stolen").exists(), "an input is a name and nothing else");
}

#[test]
fn what_cannot_be_told_may_warn_only() {
    let folder = change();
    let plan: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("plan.json")).unwrap()).unwrap();
    let mut plan = plan;
    plan["complete"] = false.into();
    plan["resource_changes"] = serde_json::json!([]);
    std::fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    assert_eq!(action(folder.path(), &[("PLAN", "plan.json")]).0, 4);
    assert_eq!(action(folder.path(), &[("PLAN", "plan.json"), ("INCOMPLETE", "warn")]).0, 0);
    assert_eq!(action(folder.path(), &[("PLAN", "plan.json"), ("INCOMPLETE", "never")]).0, 2);
}
