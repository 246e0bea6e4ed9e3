use aws_sdk_backup::types;

use super::*;

#[test]
fn rules_keep_what_is_given_and_leave_defaults_to_the_model() {
    let given = types::BackupRule::builder().rule_name("nightly").target_backup_vault_name("main").build().unwrap();
    let mapped = rule(&given);
    assert_eq!((mapped.id.as_str(), mapped.name.as_str(), mapped.vault.as_str()), ("nightly", "nightly", "main"));
    assert_eq!((mapped.schedule, mapped.start_window_minutes, mapped.delete_after_days), (None, None, None));
}

#[test]
fn copies_and_an_air_gapped_target_are_copies() {
    let copy = types::CopyAction::builder().destination_backup_vault_arn("second").build().unwrap();
    let given = types::BackupRule::builder()
        .rule_name("n")
        .target_backup_vault_name("main")
        .copy_actions(copy)
        .target_logically_air_gapped_backup_vault_arn("gapped")
        .build()
        .unwrap();
    let vaults: Vec<Text> = rule(&given).copies.into_iter().filter_map(|copy| copy.vault.known().cloned()).collect();
    assert_eq!(vaults, ["second", "gapped"]);
}

fn document() -> types::builders::BackupSelectionBuilder {
    types::BackupSelection::builder().selection_name("s").iam_role_arn("role")
}

#[test]
fn selections_keep_every_condition() {
    let parameter = |key: &str| types::ConditionParameter::builder().condition_key(key).condition_value("v").build();
    let conditions = types::Conditions::builder()
        .string_equals(parameter("a"))
        .string_equals(parameter("a"))
        .string_not_equals(parameter("b"))
        .string_like(parameter("c"))
        .string_not_like(parameter("d"))
        .build();
    let mapped = selection("1", &document().resources("*").conditions(conditions).build().unwrap()).unwrap();
    assert_eq!(mapped.conditions.len(), 5);
    assert_eq!(mapped.conditions[4].operator, ConditionOperator::StringNotLike);
    assert_eq!((mapped.role.as_deref(), mapped.resources.len()), (Some("role"), 1));
}

#[test]
fn a_comparison_that_is_not_known_is_refused() {
    let test = |kind: &str| {
        let condition = types::Condition::builder()
            .condition_type(types::ConditionType::from(kind))
            .condition_key("k")
            .condition_value("v")
            .build()
            .unwrap();
        selection("1", &document().list_of_tags(condition).build().unwrap())
    };
    assert_eq!(test("STRINGEQUALS").unwrap().list_of_tags.len(), 1);
    assert_eq!(test("NUMERICEQUALS").unwrap_err(), "NUMERICEQUALS");
}
