//! Settings that a change weakens, one by one: exactly that is said, and nothing of the way back.

use rstest::rstest;
use serde_json::{Value, json};

use super::{reading, small, weakened, weakens};

/// A part of something that stays, before and after.
fn part(whole: (&str, Value), part: (&str, Value, Value)) -> Value {
    json!([
        {"type": whole.0, "name": "w", "before": whole.1, "after": whole.1},
        {"type": part.0, "name": "p", "before": part.1, "after": part.2},
    ])
}

fn vault(ty: &str, before: Value, after: Value) -> Value {
    part(("aws_backup_vault", json!({"id": "v", "name": "v"})), (ty, before, after))
}

fn plan(before: &Value, after: &Value) -> Value {
    let plan = |rule: &Value| json!({"id": "p", "name": "p", "rule": [rule]});
    json!([{"type": "aws_backup_plan", "name": "p", "before": plan(before), "after": plan(after)}])
}

#[rstest]
#[case::compliance_to_governance(
    json!({"changeable_for_days": 3, "min_retention_days": 35}), json!({"min_retention_days": 35}),
    "the lock of the vault is weakened from compliance of at least 35 days to governance of at least 35 days"
)]
#[case::a_shorter_least_retention(
    json!({"changeable_for_days": 3, "min_retention_days": 35}), json!({"changeable_for_days": 3, "min_retention_days": 7}),
    "the lock of the vault is weakened from compliance of at least 35 days to compliance of at least 7 days"
)]
#[case::no_least_retention(
    json!({"min_retention_days": 35}), json!({}),
    "the lock of the vault is weakened from governance of at least 35 days to governance"
)]
fn a_vault_lock_is_weakened(#[case] mut before: Value, #[case] mut after: Value, #[case] words: &str) {
    for lock in [&mut before, &mut after] {
        lock["backup_vault_name"] = json!("v");
    }
    let ty = "aws_backup_vault_lock_configuration";
    weakens(&vault(ty, before.clone(), after.clone()), words);
    assert_eq!(weakened(&vault(ty, after, before)), Vec::<String>::new());
}

#[test]
fn nobody_is_told_any_more() {
    let told = json!({"backup_vault_name": "v", "sns_topic_arn": "arn:aws:sns:eu-west-2:1:t", "backup_vault_events": ["BACKUP_JOB_FAILED"]});
    let ty = "aws_backup_vault_notifications";
    weakens(&vault(ty, told.clone(), Value::Null), "the notification of the vault is weakened from a topic to nobody");
    assert_eq!(weakened(&vault(ty, Value::Null, told)), Vec::<String>::new());
}

/// A rule that copies to this place.
fn copying(region: &str, kept: Option<u32>, own: u32) -> Value {
    let mut copy = json!({"destination_vault_arn": format!("arn:aws:backup:{region}:111122223333:backup-vault:x")});
    if let Some(days) = kept {
        copy["lifecycle"] = json!([{"delete_after": days}]);
    }
    json!({"rule_name": "r", "target_vault_name": "v", "lifecycle": [{"delete_after": own}], "copy_action": [copy]})
}

#[rstest]
#[case::none(
    copying("eu-central-1", None, 35),
    json!({"rule_name": "r", "target_vault_name": "v", "lifecycle": [{"delete_after": 35}]}),
    "the number of copies of rule r of plan p is weakened from 1 to 0"
)]
#[case::kept_more_briefly(
    copying("eu-central-1", Some(90), 35),
    copying("eu-central-1", Some(30), 35),
    "the retention of a copy of rule r of plan p is weakened from 90 days to 30 days"
)]
#[case::kept_as_the_source_from_now_on(
    copying("eu-central-1", Some(90), 35),
    copying("eu-central-1", None, 35),
    "the retention of a copy of rule r of plan p is weakened from 90 days to 35 days"
)]
#[case::with_the_source(
    copying("eu-central-1", None, 35),
    copying("eu-central-1", None, 7),
    "the retention of rule r of plan p is weakened from 35 days to 7 days"
)]
fn the_copies_of_a_rule_are_weakened(#[case] before: Value, #[case] after: Value, #[case] words: &str) {
    weakens(&plan(&before, &after), words);
    assert_eq!(weakened(&plan(&after, &before)), Vec::<String>::new());
}

#[test]
fn a_copy_without_a_retention_of_its_own_has_that_of_the_source_from_now_on() {
    let (before, after) = (copying("eu-central-1", Some(30), 7), copying("eu-central-1", None, 20));
    weakens(&plan(&before, &after), "the retention of a copy of rule r of plan p is weakened from 30 days to 20 days");
}

#[test]
fn copies_that_stay_where_the_plan_is_are_off_site_no_more() {
    // The account of the plan is told by its ARN.
    let with = |region: &str| {
        let mut plan = plan(&copying(region, None, 35), &copying(region, None, 35));
        for side in ["before", "after"] {
            plan[0][side]["arn"] = json!("arn:aws:backup:eu-west-2:111122223333:backup-plan:p");
        }
        plan
    };
    let (mut away, near) = (with("eu-central-1"), with("eu-west-2"));
    away[0]["after"] = near[0]["after"].clone();
    weakens(&away, "the place of the copies of rule r of plan p is weakened from another region or account to its own");
    let mut elsewhere = with("eu-central-1");
    elsewhere[0]["after"] = with("eu-west-1")[0]["after"].clone();
    assert_eq!(weakened(&elsewhere), Vec::<String>::new(), "another place is as good");
}

#[test]
fn what_the_change_takes_away_itself_is_nobody_elses_work() {
    let table = |name: &str, on: bool| json!({"id": name, "name": name, "point_in_time_recovery": [{"enabled": on}]});
    let entry = |name: &str, before: bool, after: bool| json!({"type": "aws_dynamodb_table", "name": name, "before": table(name, before), "after": table(name, after)});
    let mut plan = small(&json!([entry("drifted", false, false), entry("changed", true, false)]));
    let mut drift = plan["resource_changes"][0].clone();
    (drift["change"]["before"], drift["change"]["actions"]) = (table("drifted", true), json!(["update"]));
    plan["resource_drift"] = json!([drift]);
    let mut reading = reading(&plan);
    lastgood::sources::iac::join(&mut reading, None);
    let found = reading.after.declared.unwrap().weakenings;
    let said: Vec<(&str, &str)> = found.iter().map(|one| (one.address.as_str(), one.code.as_str())).collect();
    assert_eq!(
        said,
        [
            ("aws_dynamodb_table.changed", "retention-shortened"),
            ("aws_dynamodb_table.drifted", "drift-retention-shortened")
        ]
    );
}
