//! What is judged, and what protects it.

use super::*;
use crate::model::coverage::{Selected, Selector};
use crate::model::protection::Selection;
use crate::model::resource::{VaultLock, Versioning};

fn selection(reading: &Reading, index: usize) -> &Selection {
    let [plan] = reading.after.plans.as_slice() else { panic!("{:?}", reading.after.plans) };
    &plan.selections.known().unwrap()[index]
}

/// A plan `P` and a selection with this body, beside a table, a file system and a volume.
fn selecting(body: &str) -> Reading {
    of(&format!(
        "Parameters: {{Given: {{Type: String}}}}\nResources:\n  \
         S: {{Type: AWS::Backup::BackupSelection, Properties: {{BackupPlanId: !Ref P, BackupSelection: {body}}}}}\n  \
         P:\n    Type: AWS::Backup::BackupPlan\n    Properties:\n      BackupPlan:\n        BackupPlanName: p\n        BackupPlanRule:\n          \
         - {{RuleName: r, TargetBackupVault: Default, ScheduleExpression: cron(0 3 * * ? *), Lifecycle: {{DeleteAfterDays: '35'}}}}\n  \
         Table: {{Type: AWS::DynamoDB::Table, Properties: {{TableName: orders}}}}\n  \
         Files: {{Type: AWS::EFS::FileSystem, Properties: {{FileSystemTags: [{{Key: Backup, Value: daily}}]}}}}\n  \
         Disk: {{Type: AWS::EC2::Volume, Properties: {{Tags: [{{Key: Name, Value: !Sub '${{AWS::StackName}}-d'}}]}}}}\n"
    ))
}

#[test]
fn an_arn_joined_from_references_is_that_of_the_resource() {
    let reading = selecting(
        "{SelectionName: s, Resources: [!GetAtt Table.Arn, \
         !Join ['', ['arn:', !Ref AWS::Partition, ':elasticfilesystem:', !Ref AWS::Region, ':', !Ref AWS::AccountId, ':file-system/', !Ref Files]], \
         !Sub 'arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:volume/${Disk}']}",
    );
    let selection = selection(&reading, 0);
    let arns: Vec<&str> = ["Table", "Files", "Disk"].iter().map(|id| resource(&reading, id).arn.as_str()).collect();
    assert_eq!(selection.resources.iter().map(|arn| arn.as_str()).collect::<Vec<_>>(), arns);
    for id in ["Table", "Files", "Disk"] {
        assert!(matches!(Selector::new(selection).selects(resource(&reading, id), None), Selected::Yes { .. }), "{id}");
    }
    let rule = &reading.after.plans[0].rules[0];
    assert_eq!((rule.vault.as_str(), rule.delete_after_days), ("Default", Some(35)));
}

#[test]
fn tags_and_conditions_select() {
    let reading = selecting(
        "{SelectionName: s, ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: Backup, ConditionValue: daily}], \
         Conditions: {StringLike: [{ConditionKey: 'aws:ResourceTag/Backup', ConditionValue: 'd*'}]}}",
    );
    let selection = selection(&reading, 0);
    assert_eq!((selection.list_of_tags.len(), selection.conditions.len()), (1, 1));
    assert_eq!(
        Selector::new(selection).selects(resource(&reading, "Files"), None),
        Selected::Unknown,
        "the opt-in is not known"
    );
    assert_eq!(Selector::new(selection).selects(resource(&reading, "Table"), None), Selected::No);
}

#[test]
fn what_a_selection_takes_in_may_be_open() {
    for body in ["{SelectionName: s, Resources: [!Ref Given]}", "{SelectionName: s, Resources: [!ImportValue x]}"] {
        let reading = selecting(body);
        assert!(reading.after.plans[0].selections.is_unread(), "{body}");
        assert!(why(&reading, "Table", "selections").starts_with("S.BackupSelection.Resources[0] is the "));
    }
}

#[test]
fn a_selection_that_may_not_be_there_proves_nothing() {
    let text = "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}\nResources:\n  \
                P: {Type: AWS::Backup::BackupPlan, Properties: {BackupPlan: {BackupPlanName: p, BackupPlanRule: []}}}\n  \
                S: {Type: AWS::Backup::BackupSelection, Condition: Prod, Properties: {BackupPlanId: !Ref P, BackupSelection: {Resources: ['*']}}}\n  \
                T: {Type: AWS::DynamoDB::Table}\n";
    let reading = of(text);
    assert!(reading.after.plans[0].selections.is_unread());
    assert!(why(&reading, "T", "selections").contains("S.Condition depends on the condition `Prod`"));
    let reading = with(text, &[("Env", "prod")]);
    assert_eq!(selection(&reading, 0).resources, ["*"]);
    let reading = with(text, &[("Env", "test")]);
    assert_eq!(reading.after.plans[0].selections, Fact::Known(vec![]));
}

#[test]
fn a_name_with_the_stack_in_it_leaves_other_tags_known() {
    let reading = selecting("{Resources: [x]}");
    assert_eq!(resource(&reading, "Disk").tags, Fact::Known([].into()));
    let reading = selecting("{ListOfTags: [{ConditionKey: Name, ConditionValue: a}]}");
    assert!(resource(&reading, "Disk").tags.is_unread(), "a selection goes by it");
    assert!(why(&reading, "Disk", "tags").starts_with("Disk.Tags[0].Value is known only when"));
    let text = one("AWS::EC2::Volume", "{Tags: [{Key: Tier, Value: !Ref AWS::StackName}]}", "");
    assert!(resource(&of(&text), "X").tags.is_unread());
}

#[test]
fn versioning_behind_a_condition() {
    let sections = "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}";
    let versioning = |value: &str| {
        let reading = of(&one("AWS::S3::Bucket", &format!("{{VersioningConfiguration: {value}}}"), sections));
        resource(&reading, "X").bucket().unwrap().versioning.clone()
    };
    assert_eq!(versioning("!If [Prod, {Status: Enabled}, !Ref AWS::NoValue]"), Fact::Unread);
    assert_eq!(versioning("!If [Prod, {Status: Enabled}, {Status: Enabled, X: 1}]"), Fact::Known(Versioning::Enabled));
    assert_eq!(versioning("{Status: !If [Prod, Suspended, Suspended]}"), Fact::Known(Versioning::Suspended));
    assert_eq!(versioning("!Ref AWS::NoValue"), Fact::Known(Versioning::Never));
}

#[test]
fn encryption_behind_a_condition_is_open() {
    let sections = "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}";
    let text = one("AWS::RDS::DBInstance", "{StorageEncrypted: !If [Prod, true, false]}", sections);
    let reading = of(&text);
    assert!(database(&reading, "X").encrypted.is_unread());
    assert!(why(&reading, "X", "encrypted").contains("the condition `Prod`"));
}

#[test]
fn point_in_time_recovery_as_text_is_on() {
    let properties = "{PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: 'true'}}";
    let reading = of(&one("AWS::DynamoDB::Table", properties, ""));
    assert_eq!(resource(&reading, "X").table().unwrap().pitr_days, Fact::Known(35));
}

#[test]
fn each_replica_of_a_global_table_is_a_table() {
    let properties = "{TableName: t, Replicas: [\
                      {Region: !Ref AWS::Region, PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7}}, \
                      {Region: eu-west-1, Tags: [{Key: a, Value: b}]}]}";
    let reading = of(&one("AWS::DynamoDB::GlobalTable", properties, ""));
    assert_eq!(resource(&reading, "X").table().unwrap().pitr_days, Fact::Known(7));
    let other = resource(&reading, "X.eu-west-1");
    assert_eq!(other.arn, "arn:aws:dynamodb:eu-west-1:(account):table/t");
    assert_eq!((other.region.as_str(), other.tag("a")), ("eu-west-1", Some("b")));
    assert_eq!(other.table().unwrap().pitr_days, Fact::Known(0));
}

#[test]
fn vaults_with_and_without_a_key_and_a_lock() {
    let vault = |properties: &str| {
        let reading = of(&one("AWS::Backup::BackupVault", properties, ""));
        resource(&reading, "X").vault().unwrap().clone()
    };
    let plain = vault("{BackupVaultName: v}");
    assert_eq!(plain.kms_key, Fact::Known("alias/aws/backup".into()));
    assert_eq!(plain.lock, Fact::Known(VaultLock::default()));
    let locked = vault("{BackupVaultName: v, LockConfiguration: {MinRetentionDays: 7, ChangeableForDays: '3'}}");
    let lock = locked.lock.known().unwrap();
    assert_eq!((lock.locked, lock.min_days, lock.max_days), (true, Some(7), None));
    assert_eq!(lock.immutable_from, Some("2026-11-25T00:00:00Z".parse().unwrap()));
    let governed = vault("{BackupVaultName: v, LockConfiguration: {MinRetentionDays: 7}}");
    assert_eq!(governed.lock.known().unwrap().immutable_from, None);
}

#[test]
fn a_member_of_a_cluster_is_not_judged_by_itself() {
    let text = "Resources:\n  C: {Type: AWS::RDS::DBCluster, Properties: {DBClusterIdentifier: Main, BackupRetentionPeriod: 35}}\n  \
                I: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: !Ref C}}\n";
    let reading = of(text);
    assert_eq!(reading.after.resources.len(), 1);
    assert_eq!(resource(&reading, "C").arn, "arn:aws:rds:(region):(account):cluster:main");
    let declared = reading.after.declared.as_deref().unwrap();
    assert!(declared.resources.iter().all(|r| r.identity.as_ref() == Some(&resource(&reading, "C").arn)));
}

#[test]
fn a_copy_of_another_database_says_less() {
    let reading = of(&one("AWS::RDS::DBInstance", "{DBSnapshotIdentifier: snap}", ""));
    assert!(database(&reading, "X").encrypted.is_unread());
    assert!(why(&reading, "X", "encrypted").contains("the source of the database decides"));
    let reading = of(&one("AWS::RDS::DBInstance", "{DBSnapshotIdentifier: snap, StorageEncrypted: true}", ""));
    assert_eq!(database(&reading, "X").encrypted, Fact::Known(true));
}

#[test]
fn block_devices_are_volumes() {
    let properties = "{BlockDeviceMappings: [{DeviceName: /dev/sda1, Ebs: {Encrypted: true, VolumeSize: 8}}, \
                      {DeviceName: /dev/sdb, VirtualName: ephemeral0}, {DeviceName: /dev/sdc, Ebs: {}}], \
                      PropagateTagsToVolumeOnCreation: true, Tags: [{Key: Backup, Value: daily}]}";
    let reading = of(&one("AWS::EC2::Instance", properties, ""));
    let volume = resource(&reading, "X.BlockDeviceMappings[0]");
    assert_eq!(volume.volume().unwrap().encrypted, Fact::Known(true));
    assert_eq!(volume.tag("Backup"), Some("daily"));
    assert_eq!(volume.volume().unwrap().attached_to, [resource(&reading, "X").arn.clone()]);
    assert!(resource(&reading, "X.BlockDeviceMappings[2]").volume().unwrap().encrypted.is_unread());
    assert_eq!(reading.after.resources.len(), 3);
}

#[test]
fn data_that_goes_with_its_resource_is_a_weakening() {
    let text = "Resources:\n  T: {Type: AWS::DynamoDB::Table, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}\n  \
                K: {Type: AWS::DynamoDB::Table, DeletionPolicy: Retain}\n  Q: {Type: AWS::SQS::Queue, DeletionPolicy: Delete}\n  \
                D: {Type: AWS::DynamoDB::Table}\n";
    let reading = of(text);
    let weakenings = &reading.after.declared.as_deref().unwrap().weakenings;
    let found: Vec<(&str, &str)> = weakenings.iter().map(|w| (w.address.as_str(), w.after.as_str())).collect();
    assert_eq!(found, [("T", "deleted when replaced"), ("T", "deleted with the stack")]);
}

#[test]
fn two_of_one_name_are_each_judged() {
    let text = "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod], Test: !Not [!Condition Prod]}\nResources:\n  \
                A: {Type: AWS::RDS::DBInstance, Condition: Prod, Properties: {DBInstanceIdentifier: db, BackupRetentionPeriod: 35}}\n  \
                B: {Type: AWS::RDS::DBInstance, Condition: Test, Properties: {DBInstanceIdentifier: db, BackupRetentionPeriod: 0}}\n";
    let reading = of(text);
    assert_eq!(database(&reading, "A").backup_retention_days, Fact::Known(35));
    assert_eq!(database(&reading, "B").backup_retention_days, Fact::Known(0));
    let reading = with(text, &[("Env", "test")]);
    assert_eq!(reading.after.resources.len(), 1);
    assert_eq!(resource(&reading, "B").arn, "arn:aws:rds:(region):(account):db:db");
}

#[test]
fn a_bucket_policy_that_lets_everybody_in() {
    let public = |bucket: &str, more: &str| {
        let reading = of(&format!(
            "Parameters: {{Name: {{Type: String}}}}\nConditions: {{Open: !Equals [!Ref Name, open]}}\nResources:\n  \
             B: {{Type: AWS::S3::Bucket}}\n  P:\n    Type: AWS::S3::BucketPolicy\n    {more}\n    Properties:\n      Bucket: {bucket}\n      \
             PolicyDocument: {{Statement: {{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: !Sub '${{B.Arn}}/*'}}}}\n"
        ));
        let fact = resource(&reading, "B").bucket().unwrap().policy_public.clone();
        (fact, why(&reading, "B", "policy_public"))
    };
    assert_eq!(public("!Ref B", "").0, Fact::Known(true));
    assert_eq!(public("another", "").0, Fact::Known(false));
    let (fact, says) = public("!Ref Name", "");
    assert!(fact.is_unread() && says.starts_with("P.Bucket is the parameter `Name`"), "{says}");
    let (fact, says) = public("!Ref B", "Condition: Open");
    assert!(fact.is_unread() && says.starts_with("P.Condition depends on the condition `Open`"), "{says}");
}

#[test]
fn the_policy_of_a_bucket_of_another_stack_is_judged_and_all_else_of_it_is_unknown() {
    let reading =
        of("Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: another\n      \
         PolicyDocument: {Statement: {Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}}\n");
    let bucket = resource(&reading, "P");
    assert_eq!(bucket.arn.as_str(), "arn:aws:s3:::another");
    let says = why(&reading, "P", "versioning");
    let bucket = bucket.bucket().unwrap();
    assert_eq!((&bucket.policy_public, bucket.versioning.is_unread()), (&Fact::Known(true), true));
    assert!(says.starts_with("P.Bucket is of something that is not declared here"), "{says}");
    assert_eq!(why(&reading, "P", "policy_public"), "");
}
