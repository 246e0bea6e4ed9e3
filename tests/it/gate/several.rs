//! What a gate keeps apart and puts together: inputs, baselines, exceptions, what is moved.

use std::path::Path;

use serde_json::{Value, json};

use super::command::lastgood;
use super::small::small;

pub(super) fn gate(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = lastgood(folder, args, None);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    // Where a line is broken does not matter here.
    let out = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    (output.status.code().unwrap(), out, text(&output.stderr))
}

pub(super) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A policy that asks of tables that they recover, and nothing else.
pub(super) const POLICY: &str = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\n\
    [[rule]]\nid = \"recovers\"\ntitle = \"t\"\ncheck = \"condition\"\nseverity = \"high\"\n\
    scope = { kinds = [\"dynamodb-table\"] }\nwith = { pass_when = \"resource.pitr_days >= 35\" }\n";

fn table(name: &str, on: bool) -> Value {
    json!({"type": "aws_dynamodb_table", "name": name, "after": {"name": name, "point_in_time_recovery": [{"enabled": on}]}})
}

fn plan(tables: &[Value]) -> String {
    small(&json!(tables)).to_string()
}

const WAIVER: &str = "[[waiver]]\nid = \"w\"\nrules = [\"recovers\"]\nresources = [\"*none*\"]\nreason = \"agreed\"\n\
    requested_by = \"a@example.com\"\napproved_by = \"b@example.com\"\napproved_on = 2026-11-01\nexpires = 2026-11-20\n";

#[test]
fn the_worst_of_several_inputs_is_the_exit_code() {
    let (good, bad) = (plan(&[table("a", true)]), plan(&[table("a", false)]));
    let mut open = table("a", false);
    open["after"]["point_in_time_recovery"] = json!([{}]);
    open["unknown"] = json!({"point_in_time_recovery": [{"enabled": true}]});
    open["expressions"] = json!({"point_in_time_recovery": [{"enabled": {"references": ["local.on"]}}]});
    let open = plan(&[open]);
    let folder = folder(&[("good.json", &good), ("bad.json", &bad), ("open.json", &open), ("p.toml", POLICY)]);
    let code = |inputs: &[&str]| gate(folder.path(), &[inputs, &["--policies", "p.toml"]].concat()).0;
    assert_eq!((code(&["good.json"]), code(&["bad.json"]), code(&["open.json"])), (0, 3, 4));
    assert_eq!((code(&["bad.json", "good.json"]), code(&["good.json", "bad.json"])), (3, 3));
    assert_eq!((code(&["bad.json", "open.json"]), code(&["open.json", "bad.json"])), (3, 3));
    assert_eq!((code(&["open.json", "good.json"]), code(&["good.json", "open.json"])), (4, 4));
    assert_eq!(code(&["good.json", "bad.json", "--write-baseline", "b.json"]), 2, "a baseline is of one input");
}

#[test]
fn each_of_several_inputs_has_reports_of_its_own() {
    let (good, bad) = (plan(&[table("a", true)]), plan(&[table("a", false)]));
    let folder = folder(&[("good.json", &good), ("bad.json", &bad), ("p.toml", POLICY)]);
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("sub")).unwrap();
    std::fs::write(at("sub/bad.json"), &bad).unwrap();
    let with =
        |inputs: &[&str], args: &[&str]| gate(folder.path(), &[inputs, args, &["--policies", "p.toml"]].concat());
    let both = ["good.json", "./sub/bad.json"];
    let json = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(at(name)).unwrap()).unwrap() };

    let files = ["--format", "sarif={input}.sarif", "--format", "json=of-{input}", "--format", "github"];
    let (code, out, _) = with(&both, &files);
    assert!(code == 3 && out.starts_with("::error file=sub/bad.json,"), "{out}");
    let runs = ["good.json.sarif", "sub_bad.json.sarif"].map(json);
    let found = |log: &Value| log["runs"][0]["results"].as_array().unwrap().len();
    assert_eq!(runs.each_ref().map(found), [0, 1]);
    let category = |log: &Value| log["runs"][0]["automationDetails"]["id"].as_str().unwrap().to_owned();
    assert_eq!(runs.each_ref().map(category), ["lastgood/p/good.json/", "lastgood/p/sub_bad.json/"]);
    assert_eq!(
        (&json("of-good.json")["summary"]["pass"], &json("of-sub_bad.json")["summary"]["fail"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(with(&["good.json"], &["--format", "sarif={input}.alone"]).0, 0);
    assert_eq!(category(&json("good.json.alone")), "lastgood/p/", "one input keeps the category that it had");

    assert_eq!(with(&both, &["--out", "all"]).0, 3);
    assert_eq!(json("all/good.json/assessment.json")["summary"]["fail"], json!(0));
    assert_eq!(json("all/sub_bad.json/assessment.json")["summary"]["fail"], json!(1));
    let (code, out, _) = with(&both, &["--format", "markdown"]);
    assert!(code == 3 && out.matches("# ").count() >= 2, "{out}");

    for (args, said) in [
        (["--format", "json"], "standard output takes one"),
        (["--format", "json=a.json"], "`a.json` would be written once for each"),
        (["--write-baseline", "b-{input}.json"], "a baseline is of one input"),
    ] {
        let (code, _, err) = with(&both, &args);
        assert!(code == 2 && err.contains(said), "{err}");
        assert!(!at("a.json").exists(), "nothing is written");
    }
    let (code, _, err) = with(&["good.json", "./good.json"], &[]);
    assert!(code == 2 && err.contains("`good.json` and `./good.json` would have the same name"), "{err}");
}

#[test]
fn what_cannot_be_judged_hides_nothing_of_the_others_and_weighs_most() {
    let bad = plan(&[table("a", false)]);
    let folder = folder(&[("bad.json", &bad), ("cut.json", &bad[..bad.len() / 2]), ("p.toml", POLICY)]);
    for inputs in [["cut.json", "bad.json"], ["bad.json", "cut.json"]] {
        let (code, out, err) = gate(folder.path(), &[&inputs[..], &["--policies", "p.toml"]].concat());
        assert!(code == 1 && out.contains("BROKEN: 1 fail") && err.contains("`cut.json` was not judged"), "{out}{err}");
    }
    let (code, _, err) = gate(folder.path(), &["gone.json"]);
    assert!(code == 1 && err.matches("No such file").count() == 1, "a cause is said once: {err}");
}

#[test]
fn an_incomplete_plan_in_which_all_passes_proves_nothing() {
    let mut half = small(&json!([table("a", true)]));
    half["complete"] = json!(false);
    let folder = folder(&[("half.json", &half.to_string()), ("p.toml", POLICY)]);
    let (code, out, _) = gate(folder.path(), &["half.json", "--policies", "p.toml"]);
    assert!(code == 4 && out.starts_with("NOT PROVEN: 1 pass") && out.contains("is not complete"), "{out}");
}

#[test]
fn what_is_all_in_the_baseline_passes_and_an_expired_exception_is_never_swallowed() {
    let bad = plan(&[table("a", false)]);
    let folder = folder(&[("plan.json", &bad), ("p.toml", POLICY), ("w.toml", WAIVER)]);
    let base = ["plan.json", "--policies", "p.toml"];
    assert_eq!(gate(folder.path(), &[&base[..], &["--write-baseline", "b.json"]].concat()).0, 0);
    let with = [&base[..], &["--baseline", "b.json"]].concat();
    let (code, out, _) = gate(folder.path(), &with);
    assert!(code == 0 && out.starts_with("KEPT:") && out.contains("1 finding of the baseline"), "{code} {out}");
    for format in ["markdown", "html", "table"] {
        let (code, out, _) = gate(folder.path(), &[&with[..], &["--format", format]].concat());
        assert_eq!(code, 0, "{format}");
        assert!(!out.contains("NOT COMPLIANT") && !out.contains("NOT PROVEN"), "{format}: {out}");
    }
    let (code, out, _) = gate(folder.path(), &[&with[..], &["--waivers", "w.toml"]].concat());
    assert!(code == 3 && out.contains("waiver `w` expired"), "{code} {out}");
    let nothing = small(&json!([])).to_string();
    std::fs::write(folder.path().join("nothing.json"), nothing).unwrap();
    let empty = ["nothing.json", "--policies", "p.toml", "--allow-empty"];
    assert_eq!(gate(folder.path(), &empty).0, 0);
    assert_ne!(gate(folder.path(), &[&empty[..], &["--waivers", "w.toml"]].concat()).0, 0, "expired all the same");
}

#[test]
fn the_baseline_goes_along_with_what_is_moved() {
    let mut moved = table("new", false);
    moved["after"]["name"] = json!("a");
    moved["before"] = moved["after"].clone();
    moved["previous_address"] = json!("aws_dynamodb_table.a");
    let mut anew = moved.clone();
    anew.as_object_mut().unwrap().remove("previous_address");
    let (before, moved, anew) = (plan(&[table("a", false)]), plan(&[moved]), plan(&[anew]));
    let folder = folder(&[("plan.json", &before), ("moved.json", &moved), ("anew.json", &anew), ("p.toml", POLICY)]);
    let with = |args: &[&str]| gate(folder.path(), &[args, &["--policies", "p.toml"]].concat());
    assert_eq!(with(&["plan.json", "--write-baseline", "b.json"]).0, 0);
    let (code, out, err) = with(&["moved.json", "--all", "--baseline", "b.json"]);
    assert!(code == 0 && out.contains("1 finding of the baseline") && !err.contains("found no more"), "{out}{err}");
    assert_eq!(with(&["anew.json", "--all", "--baseline", "b.json"]).0, 3, "another of the same kind is none of it");
}

#[test]
fn exceptions_of_one_input_hold_for_no_other() {
    let template = |mark: &str| {
        format!(
            "Resources:\n  {mark}\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: {{TableName: orders}}\n"
        )
    };
    let mark = "# lastgood:ignore rule=\"recovers\" until=\"2026-12-31\" owner=\"o@example.com\" reason=\"goes\"";
    let (with, without) = (template(mark), template("# nothing"));
    let wrong = template("# lastgood:ignore rule=\"recovers\"");
    let folder =
        folder(&[("with.yaml", &with), ("without.yaml", &without), ("wrong.yaml", &wrong), ("p.toml", POLICY)]);
    let code = |inputs: &[&str]| gate(folder.path(), &[inputs, &["--policies", "p.toml"]].concat()).0;
    assert_eq!((code(&["with.yaml"]), code(&["without.yaml"])), (0, 3));
    assert_eq!(code(&["with.yaml", "without.yaml"]), 3);
    assert_eq!(code(&["with.yaml", "--no-inline"]), 3);
    assert_eq!(code(&["wrong.yaml"]), 2);
}

#[test]
fn a_nested_stack_is_told_where_its_template_is_given_too() {
    let root = "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ./inner.yaml}\n\
        \x20 Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: {TableName: o, PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}}\n";
    let inner = |on: bool| {
        format!(
            "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties: {{TableName: t, PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: {on}}}}}\n"
        )
    };
    let far = root.replace("./inner.yaml", "https://s3.amazonaws.com/b/t.yaml");
    let folder = folder(&[("root.yaml", root), ("inner.yaml", &inner(true)), ("far.yaml", &far), ("p.toml", POLICY)]);
    let gate = |inputs: &[&str]| gate(folder.path(), &[inputs, &["--policies", "p.toml"]].concat());
    let (code, out, _) = gate(&["root.yaml"]);
    assert!(code == 4 && out.contains("give its template `inner.yaml` as an input, too"), "{out}");
    assert_eq!(gate(&["root.yaml", "inner.yaml"]).0, 0);
    let (code, out, _) = gate(&["far.yaml", "inner.yaml"]);
    assert!(code == 4 && out.contains("lies elsewhere"), "{out}");
    std::fs::write(folder.path().join("inner.yaml"), inner(false)).unwrap();
    assert_eq!(gate(&["root.yaml", "inner.yaml"]).0, 3);
}

#[test]
fn what_stands_nowhere_in_the_code_is_shown_at_the_input() {
    let bad = plan(&[table("a", false)]);
    let folder = folder(&[("plan.json", &bad), ("p.toml", POLICY)]);
    let (_, out, _) = gate(folder.path(), &["plan.json", "--policies", "p.toml", "--format", "github"]);
    assert!(out.starts_with("::error file=plan.json,line=1,"), "{out}");
    std::fs::rename(folder.path().join("plan.json"), folder.path().join("a,b.json")).unwrap();
    let (_, out, _) = gate(folder.path(), &["a,b.json", "--policies", "p.toml", "--format", "github"]);
    assert!(out.starts_with("::error file=a%2Cb.json,line=1,title=recovers%3A t::"), "{out}");
}

#[test]
fn stale_entries_are_told_of_a_look_at_everything_only() {
    let (bad, good) = (plan(&[table("a", false)]), plan(&[table("a", true)]));
    let folder = folder(&[("bad.json", &bad), ("good.json", &good), ("p.toml", POLICY)]);
    let with = |args: &[&str]| gate(folder.path(), &[args, &["--policies", "p.toml"]].concat());
    with(&["bad.json", "--write-baseline", "b.json"]);
    let (code, _, err) = with(&["good.json", "--baseline", "b.json"]);
    assert!(code == 0 && !err.contains("found no more"), "{err}");
    let (code, _, err) = with(&["good.json", "--baseline", "b.json", "--all"]);
    assert!(code == 0 && err.contains("found no more: recovers of aws_dynamodb_table.a"), "{err}");
}
