//! The documented read-only policy: enough, no more than that, and each missing action is named.

use std::collections::BTreeSet;

use lastgood::aws::calls::{CALLS, CHANGES, ROLES};
use serde_json::{Value, json};

use super::estate::seed;
use super::server::Server;

fn policy() -> Value {
    serde_json::from_str(&std::fs::read_to_string("docs/iam/read-only.json").unwrap()).unwrap()
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|a| a.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_documented_policy_has_exactly_the_actions_of_the_calls() {
    // Everybody may ask who they are; roles are assumed by a policy of the caller's own account.
    let used: BTreeSet<String> =
        CALLS.iter().filter(|call| call.service != "sts").map(|call| call.iam_action.to_owned()).collect();
    assert_eq!(actions(&policy()), used);
    for statement in policy()["Statement"].as_array().unwrap() {
        assert_eq!((&statement["Effect"], &statement["Resource"]), (&json!("Allow"), &json!("*")));
    }
}

#[test]
fn the_documented_policy_suffices_and_a_missing_action_is_named() {
    let mut seed = seed();
    let all = actions(&policy());
    let short = |missing: &[&str]| {
        let rest: Vec<&String> = all.iter().filter(|action| !missing.contains(&action.as_str())).collect();
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": rest, "Resource": "*"}]})
    };
    let missing: Vec<&str> = all
        .iter()
        .map(String::as_str)
        // Without the regions there is nothing to start from; locations are asked of nameless buckets only.
        .filter(|action| !["ec2:DescribeRegions", "s3:GetBucketLocation"].contains(action))
        .collect();
    let mut users = vec![json!({"name": "scan", "policy": policy()})];
    for (number, action) in missing.iter().enumerate() {
        users.push(json!({"name": format!("short-{number}"), "policy": short(&[action])}));
    }
    seed["users"] = json!(users);
    let (server, ids) = Server::with(seed);
    server.enforce_iam(true);
    let mut options = server.options();
    options.share_details = true;
    options.keys = Some(ids.keys("scan"));
    let inventory = server.try_collect(&options).unwrap().inventory;
    assert_eq!(inventory.gaps, [], "the documented policy is denied nothing");
    for (number, action) in missing.iter().enumerate() {
        options.keys = Some(ids.keys(&format!("short-{number}")));
        // Shares are asked for slowly, and only these actions are about them.
        options.share_details = action.contains("Attribute");
        let inventory = server.try_collect(&options).unwrap().inventory;
        assert!(!inventory.gaps.is_empty(), "{action} is not needed");
        for gap in &inventory.gaps {
            assert_eq!(gap.iam_action, *action, "{gap:?}");
            assert_eq!(gap.status.id(), "denied", "{gap:?}");
        }
    }
}

#[test]
fn the_policies_of_the_roles_that_change_something_are_fresh() {
    for role in ROLES {
        let path = format!("docs/iam/{}.json", role.name);
        let text = format!("{}\n", serde_json::to_string_pretty(&role.policy()).unwrap());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "{path}: run the tests with UPDATE=1");
        for denied in role.denied {
            assert!(!role.actions().contains(denied), "{denied}");
        }
    }
    let granted: BTreeSet<&str> = ROLES.iter().flat_map(|role| role.actions()).collect();
    for call in CHANGES {
        assert!(granted.contains(call.iam_action), "no role may call {}", call.iam_action);
    }
    let create = &ROLES.iter().find(|role| role.name == "create").unwrap();
    assert!(!create.actions().iter().any(|action| action.contains("Delete")), "{:?}", create.actions());
}
