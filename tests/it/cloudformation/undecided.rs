//! What cannot be told and would pass if it were taken for what holds where nobody says anything.

use lastgood::model::fact::Fact::{Known, Unread};

use super::{bucket, resource, template, why, with};

#[test]
fn a_rule_that_may_listen_elsewhere_leaves_open_who_is_told() {
    let told = |bus: &str| {
        let text = format!(
            "Resources:\n  R: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {{source: [aws.backup]}}{bus}}}}}\n"
        );
        let inventory = template(&text);
        (inventory.event_rules.len(), inventory.reads.iter().any(|read| &*read.call == "events:ListRules"))
    };
    assert_eq!(told(""), (1, true));
    assert_eq!(told(", EventBusName: other"), (1, true));
    assert_eq!(told(", EventBusName: !ImportValue x"), (0, false));
}

#[test]
fn a_date_that_cannot_be_read_is_no_rule_without_one() {
    let text = |date: &str| {
        format!(
            "Resources:\n  B: {{Type: AWS::S3::Bucket, Properties: {{LifecycleConfiguration: {{Rules: [{{Status: Enabled, ExpirationDate: '{date}'}}]}}}}}}\n"
        )
    };
    let inventory = template(&text("2027-01-01T00:00:00Z"));
    assert!(bucket(resource(&inventory, "B")).lifecycle.known().unwrap()[0].expire_on.is_some());
    let inventory = template(&text("2027-01-01"));
    assert_eq!(bucket(resource(&inventory, "B")).lifecycle, Unread);
    assert!(why(&inventory, "B", "lifecycle").why.contains("is no date"));
}

#[test]
fn tags_of_one_replica_are_not_those_of_another() {
    let replicas = |first: &str| {
        let text = format!(
            "Parameters: {{Where: {{Type: String}}}}\nResources:\n  G:\n    Type: AWS::DynamoDB::GlobalTable\n    Properties:\n      TableName: g\n      \
             Replicas:\n        - {{Region: {first}, Tags: [{{Key: backup, Value: 'yes'}}]}}\n        - {{Region: eu-west-2}}\n"
        );
        let inventory = with(&text, &[("AWS::Region", "eu-west-2")]);
        resource(&inventory, "G").tags.known().map(|tags| tags.len())
    };
    assert_eq!(replicas("eu-west-1"), Some(0));
    assert_eq!(replicas("!Ref Where"), None, "it may be this one");
}

#[test]
fn a_copy_to_a_vault_of_another_stack_lies_nobody_knows_where() {
    let vault = |arn: &str| {
        let text = format!(
            "Resources:\n  P:\n    Type: AWS::Backup::BackupPlan\n    Properties:\n      BackupPlan:\n        BackupPlanName: p\n        BackupPlanRule:\n          \
             - {{RuleName: r, TargetBackupVault: v, CopyActions: [{{DestinationBackupVaultArn: {arn}}}]}}\n"
        );
        let inventory = template(&text);
        let open = inventory.declared.as_ref().unwrap().why_unread(&inventory.plans[0].arn, "copies").count();
        (inventory.plans[0].rules[0].copies[0].vault.clone(), open)
    };
    let known = "arn:aws:backup:eu-central-1:111122223333:backup-vault:x";
    assert_eq!(vault(known), (Known(known.into()), 0));
    assert_eq!(vault("!ImportValue vault"), (Unread, 1));
}
