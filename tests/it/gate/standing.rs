//! How a finding stands to what was before the change, and the words that it is told in.

use serde_json::{Value, json};

use super::several::{POLICY, folder, gate};
use super::small::small;

fn table(on: &Value) -> Value {
    json!({"name": "t", "point_in_time_recovery": [{"enabled": on}]})
}

/// An open value: a local is behind it.
fn local(mut resource: Value, at: &dyn Fn(Value) -> Value) -> Value {
    resource["unknown"] = at(json!(true));
    resource["expressions"] = at(json!({"references": ["local.x"]}));
    resource
}

/// The verdicts of a gate by outcome, with what the change did.
fn judged(plan: &Value, policy: &str, args: &[&str]) -> (i32, Vec<(String, String)>) {
    let folder = folder(&[("plan.json", &plan.to_string()), ("p.toml", policy)]);
    let args = [&["plan.json", "--policies", "p.toml", "--format", "json=found.json"], args].concat();
    let (code, ..) = gate(folder.path(), &args);
    let found: Value = serde_json::from_slice(&std::fs::read(folder.path().join("found.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let verdicts = found["verdicts"].as_array().unwrap();
    let of_rule = verdicts.iter().filter(|verdict| verdict["rule"] != "no-weakening");
    (code, of_rule.map(|verdict| (text(&verdict["outcome"]), text(&verdict["observed"]["change"]))).collect())
}

#[test]
fn a_finding_is_introduced_existing_fixed_or_kept() {
    let (on, off) = (json!(true), json!(false));
    let change = |before: Option<&Value>, after: &Value| json!([{"type": "aws_dynamodb_table", "name": "t", "before": before.map(table), "after": table(after), "actions": ["update"]}]);
    let open = |before: &Value| {
        let mut resource = change(Some(before), &on)[0].clone();
        resource["after"]["point_in_time_recovery"] = json!([{}]);
        json!([local(resource, &|what| json!({"point_in_time_recovery": [{"enabled": what}]}))])
    };
    for (resources, exit, outcome, standing) in [
        (change(Some(&on), &on), 0, "pass", "kept"),
        (change(Some(&on), &off), 3, "fail", "introduced"),
        (change(Some(&off), &off), 3, "fail", "existing"),
        (change(Some(&off), &on), 0, "pass", "fixed"),
        (change(None, &off), 3, "fail", "introduced"),
        (open(&on), 4, "unknown", "introduced"),
        (open(&off), 4, "unknown", "existing"),
    ] {
        let (code, found) = judged(&small(&resources), POLICY, &[]);
        assert_eq!((code, found), (exit, vec![(outcome.to_owned(), standing.to_owned())]), "{resources}");
    }
}

/// A table that nobody touches, covered by a plan whose schedule is this.
fn covered(schedule: Option<&str>) -> Value {
    let rule = |schedule: Option<&str>| {
        let mut rule = json!({"rule_name": "r", "target_vault_name": "v", "lifecycle": [{"delete_after": 35}]});
        if let Some(schedule) = schedule {
            rule["schedule"] = json!(schedule);
        }
        json!({"id": "1", "name": "p", "rule": [rule]})
    };
    let tags = json!({"backup": "yes"});
    let table = json!({"name": "t", "tags": tags, "tags_all": tags});
    let selection = json!({"name": "s", "plan_id": "1", "selection_tag": [{"key": "backup", "type": "STRINGEQUALS", "value": "yes"}]});
    let settings = json!({"resource_type_opt_in_preference": {"DynamoDB": true}});
    let stays = |ty: &str, what: &Value| json!({"type": ty, "name": "x", "before": what, "after": what});
    let plan = json!({"type": "aws_backup_plan", "name": "p", "before": rule(Some("cron(0 5 ? * * *)")), "after": rule(schedule), "actions": ["update"]});
    let plan = if schedule.is_none() { local(plan, &|what| json!({"rule": [{"schedule": what}]})) } else { plan };
    small(&json!([
        stays("aws_dynamodb_table", &table),
        stays("aws_backup_selection", &selection),
        stays("aws_backup_region_settings", &settings),
        plan,
    ]))
}

#[test]
fn what_nobody_touches_counts_where_it_can_be_told_no_more() {
    let policy = POLICY
        .replace("check = \"condition\"", "check = \"cadence\"")
        .replace("with = { pass_when = \"resource.pitr_days >= 35\" }", "with = { every = \"48h\" }");
    assert_eq!(
        judged(&covered(Some("cron(0 3 ? * * *)")), &policy, &[]),
        (4, vec![]),
        "nothing that is judged is touched"
    );
    let one = |outcome: &str, standing: &str| vec![(outcome.to_owned(), standing.to_owned())];
    assert_eq!(judged(&covered(Some("cron(0 3 ? * * *)")), &policy, &["--all"]), (0, one("pass", "kept")));
    assert_eq!(judged(&covered(Some("cron(0 3 ? * MON *)")), &policy, &[]), (3, one("fail", "introduced")));
    // That the plan may take it in no more is a weakening besides.
    assert_eq!(judged(&covered(None), &policy, &[]), (3, one("unknown", "introduced")));
}

#[test]
fn the_remedy_speaks_of_the_code_unless_the_policy_has_words_of_its_own() {
    let bad = small(&json!([{"type": "aws_dynamodb_table", "name": "t", "after": table(&json!(false))}])).to_string();
    let cadence = POLICY
        .replace("check = \"condition\"", "check = \"automated\"")
        .replace("with = { pass_when = \"resource.pitr_days >= 35\" }\n", "");
    let own = format!("{cadence}remedy = \"ask the data team\"\n");
    let folder = folder(&[("plan.json", &bad), ("p.toml", &cadence), ("own.toml", &own)]);
    let inventory = ["--format", "json=found.json"];
    let remedy = |policy: &str| {
        gate(folder.path(), &[&["plan.json", "--policies", policy], &inventory[..]].concat());
        let found = std::fs::read(folder.path().join("found.json")).unwrap();
        let found: Value = serde_json::from_slice(&found).unwrap();
        found["verdicts"][0]["remedy"].as_str().unwrap().to_owned()
    };
    assert!(remedy("p.toml").contains("let a selection take the resource in"), "{}", remedy("p.toml"));
    assert_eq!(remedy("own.toml"), "ask the data team");
}

#[test]
fn the_register_tells_the_application_of_what_is_declared_before_and_after() {
    let table = |name: &str, on: bool| {
        let what = |on: bool| json!({"name": name, "point_in_time_recovery": [{"enabled": on}]});
        json!({"type": "aws_dynamodb_table", "name": name, "before": what(true), "after": what(on)})
    };
    let plan = small(&json!([table("orders", false), table("other", false)])).to_string();
    let shop = "[[application]]\nid = \"shop\"\n[[application.resources]]\narns = [\"*:table/orders\"]\n";
    let policy = POLICY.replace("scope = {", "scope = { applications = [\"shop\"],");
    let folder = folder(&[("plan.json", &plan), ("p.toml", &policy), ("applications.toml", shop)]);
    let with = |args: &[&str]| {
        let args = [&["plan.json", "--policies", "p.toml", "--format", "json=found.json", "--all"], args].concat();
        gate(folder.path(), &args);
        let found = std::fs::read(folder.path().join("found.json")).unwrap();
        let found: Value = serde_json::from_slice(&found).unwrap();
        let verdicts = found["verdicts"].as_array().unwrap();
        let judged = verdicts.iter().filter(|verdict| verdict["rule"] == "recovers");
        judged
            .map(|verdict| json!([verdict["name"], verdict["application"], verdict["observed"]["change"]]))
            .collect::<Vec<_>>()
    };
    assert_eq!(with(&[]), Vec::<Value>::new());
    // Only where the register is asked of both sides did the rule hold before.
    let shop = json!(["aws_dynamodb_table.orders", "shop", "introduced"]);
    assert_eq!(with(&["--applications", "applications.toml"]), [shop]);
}

#[test]
fn of_much_that_is_open_three_are_named_and_the_rest_counted() {
    let open = json!({"references": ["local.x"]});
    let rule = json!({"rule_name": "r", "target_vault_name": "v"});
    let rules = |count: usize, what: &Value| (0..count).map(|_| what.clone()).collect::<Vec<_>>();
    let said = |count: usize| {
        let plan = json!({"type": "aws_backup_plan", "name": "p", "after": {"name": "p", "rule": rules(count, &rule)},
            "unknown": {"rule": rules(count, &json!({"schedule": true}))}, "expressions": {"rule": rules(count, &json!({"schedule": open}))}});
        let table = json!({"type": "aws_dynamodb_table", "name": "t", "after": {"name": "t", "tags": {"a": "b"}, "tags_all": {"a": "b"}}});
        let selection = json!({"type": "aws_backup_selection", "name": "s", "after": {"name": "s", "selection_tag": [{"key": "a", "type": "STRINGEQUALS", "value": "b"}]},
            "unknown": {"plan_id": true}, "expressions": {"plan_id": {"references": ["aws_backup_plan.p.id", "aws_backup_plan.p"]}}});
        let policy = POLICY
            .replace("check = \"condition\"", "check = \"automated\"")
            .replace("with = { pass_when = \"resource.pitr_days >= 35\" }\n", "");
        let folder =
            folder(&[("plan.json", &small(&json!([plan, table, selection])).to_string()), ("p.toml", &policy)]);
        gate(folder.path(), &["plan.json", "--policies", "p.toml"]).1
    };
    let (three, five) = (said(3), said(5));
    assert!(three.matches("`aws_backup_plan.p.rule[").count() == 3 && !three.contains(" more"), "{three}");
    assert!(five.matches("`aws_backup_plan.p.rule[").count() == 3 && five.contains("; and 2 more"), "{five}");
}

#[test]
fn what_the_change_leaves_alone_is_counted_and_shown_if_asked() {
    let stays = table(&json!(false));
    let plan = small(&json!([
        {"type": "aws_dynamodb_table", "name": "old", "before": stays, "after": stays},
        {"type": "aws_dynamodb_table", "name": "new", "after": {"name": "n", "point_in_time_recovery": [{"enabled": true}]}},
    ]));
    let folder = folder(&[("plan.json", &plan.to_string()), ("p.toml", POLICY)]);
    let with = |args: &[&str]| gate(folder.path(), &[&["plan.json", "--policies", "p.toml"], args].concat());
    let (code, out, _) = with(&[]);
    assert!(code == 0 && out.contains("1 finding on what the change leaves alone: `--all` shows them"), "{out}");
    let (code, out, _) = with(&["--all"]);
    assert!(code == 3 && out.contains("aws_dynamodb_table.old (no-op)") && !out.contains("leaves alone"), "{out}");
}
