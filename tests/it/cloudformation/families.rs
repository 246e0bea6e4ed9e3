//! What each type says, and what CloudFormation does where it says nothing.

use lastgood::model::fact::Fact::{Known, Unread};
use lastgood::model::outcome::Outcome::{Fail, Pass, Unknown};
use lastgood::model::resource::{ObjectLock, Versioning};

use super::{
    bucket, database, declared, expect, file_system, fixture, gate, it, resource, table, template, vault, volume, why,
};

#[test]
fn databases_have_the_defaults_of_cloudformation() {
    for ty in ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::DocDB::DBCluster", "AWS::Neptune::DBCluster"] {
        let it = it(&format!("Type: {ty}\nProperties: {{Engine: x}}"));
        let database = database(&it);
        assert_eq!(database.backup_retention_days, Known(1), "{ty}");
        assert_eq!(database.encrypted, Known(false), "{ty}");
        assert_eq!(database.deletion_protection, Known(false), "{ty}");
        assert_eq!(database.backup_window, Unread, "RDS chooses one");
    }
    // Whether an instance has an address of its own depends on its network.
    let inventory = template("Resources: {It: {Type: 'AWS::RDS::DBInstance', Properties: {Engine: x}}}");
    assert_eq!(database(resource(&inventory, "It")).publicly_accessible, Unread);
    assert!(why(&inventory, "It", "publicly_accessible").why.contains("not set"));
}

#[test]
fn a_database_made_of_another_takes_from_it_what_is_not_set() {
    let text = "Resources: {It: {Type: 'AWS::RDS::DBInstance', Properties: {SourceDBInstanceIdentifier: other}}}";
    let inventory = template(text);
    assert_eq!(database(resource(&inventory, "It")).backup_retention_days, Unread);
    assert!(why(&inventory, "It", "encrypted").why.contains("source"));
    let set = it(
        "Type: AWS::RDS::DBInstance\nProperties: {DBSnapshotIdentifier: s, BackupRetentionPeriod: 35, StorageEncrypted: true}",
    );
    assert_eq!(
        (database(&set).backup_retention_days.clone(), database(&set).encrypted.clone()),
        (Known(35), Known(true))
    );
}

#[test]
fn tables_say_how_far_they_reach_back() {
    let plain = it("Type: AWS::DynamoDB::Table\nProperties: {TableName: t}");
    assert_eq!(
        *table(&plain),
        lastgood::model::resource::Table {
            pitr_days: Known(0),
            deletion_protection: Known(false),
            kms_key: Known("".into()),
            ..Default::default()
        }
    );
    assert!(plain.arn.ends_with(":table/t"));
    let short = it(
        "Type: AWS::DynamoDB::Table\nProperties:\n  PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7}\n  DeletionProtectionEnabled: true\n  SSESpecification: {SSEEnabled: true}",
    );
    assert_eq!((table(&short).pitr_days.clone(), table(&short).deletion_protection.clone()), (Known(7), Known(true)));
    assert_eq!(table(&short).kms_key, Known("alias/aws/dynamodb".into()));
}

#[test]
fn each_replica_of_a_global_table_is_a_table() {
    let text = "\
Resources:
  It:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      TableName: orders
      Replicas:
        - Region: eu-west-1
          PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
        - Region: eu-west-2
          DeletionProtectionEnabled: true
";
    let inventory = super::with(text, &[("AWS::Region", "eu-west-1"), ("AWS::AccountId", "111122223333")]);
    let by_region = |region: &str| {
        let arn = format!("arn:aws:dynamodb:{region}:111122223333:table/orders");
        let found =
            inventory.resources.iter().find(|resource| *resource.arn == *arn).unwrap_or_else(|| panic!("{arn}"));
        assert_eq!(found.region, *region);
        (table(found).pitr_days.clone(), table(found).deletion_protection.clone())
    };
    assert_eq!(by_region("eu-west-1"), (Known(35), Known(false)));
    assert_eq!(by_region("eu-west-2"), (Known(0), Known(true)));
}

#[test]
fn simple_tables_of_sam_have_its_globals() {
    let inventory = template(&fixture("serverless.yaml"));
    let sessions = resource(&inventory, "Sessions");
    assert_eq!(table(sessions).pitr_days, Known(35));
    assert_eq!(table(sessions).kms_key, Known("alias/aws/dynamodb".into()), "the globals say so");
    assert_eq!(sessions.tag("backup"), Some("gold"));
    let scratch = resource(&inventory, "Scratch");
    assert_eq!(table(scratch).kms_key, Known("".into()), "it says so itself");
    assert_eq!(table(scratch).pitr_days, Known(0));
}

#[test]
fn file_systems_in_one_zone_have_automatic_backups() {
    let of = |properties: &str| {
        let it = it(&format!("Type: AWS::EFS::FileSystem\nProperties: {{{properties}}}"));
        (file_system(&it).backup_policy.clone(), file_system(&it).encrypted.clone())
    };
    assert_eq!(of("Encrypted: true"), (Known(false), Known(true)));
    assert_eq!(of("AvailabilityZoneName: eu-west-2a"), (Known(true), Known(false)));
    assert_eq!(of("AvailabilityZoneName: eu-west-2a, BackupPolicy: {Status: DISABLED}"), (Known(false), Known(false)));
    assert_eq!(of("BackupPolicy: {Status: ENABLED}").0, Known(true));
}

#[test]
fn buckets_say_all_of_it_themselves() {
    let plain = it("Type: AWS::S3::Bucket");
    assert_eq!(bucket(&plain).versioning, Known(Versioning::Never));
    assert_eq!(bucket(&plain).encryption.known().map(|e| e.algorithm.to_string()), Some("AES256".to_owned()));
    assert_eq!(bucket(&plain).lifecycle, Known(Vec::new()));
    assert_eq!(bucket(&plain).public_access_block, Unread, "an old bucket may be open");
    assert_eq!(bucket(&plain).policy_public, Known(false));
    let full = it("\
Type: AWS::S3::Bucket
Properties:
  BucketName: invoices
  VersioningConfiguration: {Status: Enabled}
  BucketEncryption:
    ServerSideEncryptionConfiguration:
      - ServerSideEncryptionByDefault: {SSEAlgorithm: 'aws:kms', KMSMasterKeyID: alias/own}
  LifecycleConfiguration:
    Rules:
      - {Id: off, Status: Disabled, NoncurrentVersionExpiration: {NoncurrentDays: 1}}
      - {Id: on, Status: Enabled, Prefix: logs/, NoncurrentVersionExpiration: {NoncurrentDays: '60', NewerNoncurrentVersions: 3}}
      - {Id: old, Status: Enabled, NoncurrentVersionExpirationInDays: 40, ObjectSizeGreaterThan: '100'}
  ObjectLockEnabled: true
  ObjectLockConfiguration:
    ObjectLockEnabled: Enabled
    Rule: {DefaultRetention: {Mode: COMPLIANCE, Years: 1}}
  PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
  ReplicationConfiguration:
    Role: r
    Rules:
      - {Status: Enabled, Destination: {Bucket: 'arn:aws:s3:::copy', Account: '444455556666'}, Filter: {Prefix: ''}, Priority: 1}
      - {Status: Disabled, Destination: {Bucket: 'arn:aws:s3:::none'}}");
    let bucket = bucket(&full);
    assert_eq!(*full.arn, *"arn:aws:s3:::invoices");
    assert_eq!(bucket.versioning, Known(Versioning::Enabled));
    let rules = bucket.lifecycle.known().unwrap();
    assert_eq!(rules.iter().map(|r| r.noncurrent_days).collect::<Vec<_>>(), [Some(60), Some(40)]);
    assert_eq!((rules[0].newer_noncurrent_versions, rules[1].larger_than), (Some(3), Some(100)));
    let lock = ObjectLock { enabled: true, mode: Some("COMPLIANCE".into()), days: Some(365) };
    assert_eq!(bucket.object_lock, Known(lock));
    assert!(bucket.public_access_block.known().unwrap().blocks_everything());
    let copies = bucket.replication.known().unwrap();
    assert_eq!((copies.len(), copies[0].whole_bucket), (1, true));
}

#[test]
fn policies_stand_beside_their_buckets() {
    let of = |statement: &str, bucket_: &str| {
        let text = format!(
            "\
Parameters: {{Any: {{Type: String}}}}
Resources:
  It: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: it}}}}
  Other: {{Type: 'AWS::S3::Bucket'}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: {bucket_}
      PolicyDocument: {{Statement: [{statement}]}}
"
        );
        bucket(resource(&template(&text), "It")).policy_public.clone()
    };
    let all = "{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: x}";
    assert_eq!(of(all, "!Ref It"), Known(true));
    assert_eq!(of(all, "it"), Known(true), "by its literal name");
    assert_eq!(of(all, "!Ref Other"), Known(false));
    assert_eq!(of(all, "!Ref Any"), Unread, "it may be the policy of any bucket");
    assert_eq!(of("{Effect: Deny, Principal: '*', Action: 's3:*', Resource: x}", "!Ref It"), Known(false));
    assert_eq!(of("{Effect: Allow, Principal: {AWS: !Ref Any}, Action: 's3:*', Resource: x}", "!Ref It"), Unread);
    assert_eq!(of("{Effect: Allow, Principal: '*', Action: 's3:*', Resource: x, Condition: {}}", "!Ref It"), Unread);
}

#[test]
fn a_policy_that_may_not_be_made_does_not_decide() {
    let text = "\
Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {Prod: !Equals [!Ref Stage, prod]}
Resources:
  It: {Type: 'AWS::S3::Bucket'}
  Policy:
    Type: AWS::S3::BucketPolicy
    Condition: Prod
    Properties:
      Bucket: !Ref It
      PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: x}]}
";
    assert_eq!(bucket(resource(&template(text), "It")).policy_public, Unread);
    let told = |stage| bucket(resource(&super::with(text, &[("Stage", stage)]), "It")).policy_public.clone();
    assert_eq!((told("prod"), told("dev")), (Known(true), Known(false)));
}

#[test]
fn two_of_one_name_of_which_one_is_made_are_both_judged() {
    let text = "\
Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {Prod: !Equals [!Ref Stage, prod], Dev: !Not [!Condition Prod]}
Resources:
  ForProd: {Type: 'AWS::RDS::DBInstance', Condition: Prod, Properties: {DBInstanceIdentifier: orders, BackupRetentionPeriod: 35}}
  ForDev: {Type: 'AWS::RDS::DBInstance', Condition: Dev, Properties: {DBInstanceIdentifier: orders, BackupRetentionPeriod: 0}}
";
    let inventory = template(text);
    assert_eq!(database(resource(&inventory, "ForProd")).backup_retention_days, Known(35));
    assert_eq!(database(resource(&inventory, "ForDev")).backup_retention_days, Known(0));
    for resource in &declared(&inventory).resources {
        assert_eq!(resource.identity.as_ref(), Some(&super::resource(&inventory, &resource.address).arn));
    }
    let told = super::with(text, &[("Stage", "dev")]);
    assert!(resource(&told, "ForDev").arn.ends_with(":db:orders"));
    assert_eq!(told.resources.len(), 1);
}

#[test]
fn volumes_are_encrypted_as_the_account_has_it() {
    let text = "Resources: {It: {Type: 'AWS::EC2::Volume', Properties: {AvailabilityZone: a, Size: 8}}}";
    let inventory = template(text);
    assert_eq!(volume(resource(&inventory, "It")).encrypted, Unread);
    assert!(why(&inventory, "It", "encrypted").why.contains("--inventory"));
    assert_eq!(volume(&it("Type: AWS::EC2::Volume\nProperties: {Size: 8, Encrypted: 'true'}")).encrypted, Known(true));
}

#[test]
fn block_devices_are_volumes_of_their_instance() {
    let text = "\
Resources:
  Host:
    Type: AWS::EC2::Instance
    Properties:
      PropagateTagsToVolumeOnCreation: true
      Tags: [{Key: backup, Value: gold}]
      BlockDeviceMappings:
        - {DeviceName: /dev/sda1, Ebs: {VolumeSize: 30, Encrypted: true}}
        - {DeviceName: /dev/sdb, VirtualName: ephemeral0}
        - {DeviceName: /dev/sdc, Ebs: {VolumeSize: 100, Encrypted: true, DeleteOnTermination: true}}
      Volumes: [{Device: /dev/sdd, VolumeId: !Ref Data}]
  Data: {Type: 'AWS::EC2::Volume', Properties: {AvailabilityZone: a, Size: 1, Encrypted: true}}
  Logs: {Type: 'AWS::EC2::Volume', Properties: {AvailabilityZone: a, Size: 1, Encrypted: true}}
  Attach: {Type: 'AWS::EC2::VolumeAttachment', Properties: {InstanceId: !Ref Host, VolumeId: !Ref Logs, Device: /dev/sde}}
";
    let inventory = template(text);
    let host = resource(&inventory, "Host").arn.clone();
    let attached: Vec<&str> = inventory
        .resources
        .iter()
        .filter(|resource| resource.volume().is_some_and(|volume| volume.attached_to == [host.clone()]))
        .filter_map(|resource| resource.name.as_deref())
        .collect();
    assert_eq!(attached, ["Data", "Host.BlockDeviceMappings[0]", "Host.BlockDeviceMappings[2]", "Logs"]);
    let device = resource(&inventory, "Host.BlockDeviceMappings[0]");
    assert_eq!((device.tag("backup"), volume(device).size_gib.clone()), (Some("gold"), Known(30)));
    assert!(declared(&inventory).resources.iter().any(|resource| resource.address == *"Host.BlockDeviceMappings[2]"));
}

#[test]
fn vaults_have_their_lock_policy_and_topic() {
    let inventory = template(&fixture("gold-plan.yaml"));
    let it = vault(resource(&inventory, "Vault"));
    let lock = it.lock.known().unwrap();
    assert_eq!((lock.locked, lock.min_days, lock.max_days), (true, Some(30), Some(400)));
    assert_eq!(lock.immutable_from.unwrap().to_rfc3339(), "2026-11-25T00:00:00+00:00");
    assert!(it.policy.known().unwrap().contains("backup:DeleteRecoveryPoint"));
    let notifications = it.notifications.known().unwrap();
    assert_eq!(notifications.events.len(), 2);
    let topic = &inventory.topics[0];
    assert_eq!(notifications.topic.as_ref(), Some(&topic.arn));
    assert_eq!(topic.confirmed, Known(1), "that of a function; the mail is not sent anywhere");
    assert_eq!(inventory.event_rules[0].targets, Known(vec![topic.arn.clone()]));
    let key = it.kms_key.known().unwrap();
    assert!(key.starts_with("arn:aws:kms:") && key.contains("BackupKey"), "{key}");
    // Air-gapped vaults are locked by nature.
    let air = super::it(
        "Type: AWS::Backup::LogicallyAirGappedBackupVault\nProperties: {BackupVaultName: v, MinRetentionDays: 30, MaxRetentionDays: 90}",
    );
    assert!(vault(&air).lock.known().unwrap().locked);
}

#[test]
fn a_mail_that_nobody_confirmed_yet_tells_nobody_for_sure() {
    let inventory = super::with(&fixture("gold-plan.yaml").replace("Protocol: lambda", "Protocol: email"), &[]);
    assert_eq!(inventory.topics[0].confirmed, Unread);
}

#[test]
fn plans_have_their_rules() {
    let inventory = template(&fixture("gold-plan.yaml"));
    let plan = &inventory.plans[0];
    let [daily, monthly] = plan.rules.as_slice() else { panic!("{plan:?}") };
    assert_eq!((plan.name.as_str(), daily.name.as_str(), daily.delete_after_days), ("gold", "daily", Some(35)));
    assert_eq!(daily.timezone.as_deref(), Some("Europe/Berlin"));
    assert_eq!((daily.start_window_minutes, daily.continuous), (Some(60), false));
    assert!(daily.copies[0].vault.known().unwrap().contains(":backup:eu-central-1:"), "{:?}", daily.copies[0].vault);
    assert_eq!(daily.copies[0].delete_after_days, Some(90));
    assert_eq!((monthly.cold_after_days, monthly.delete_after_days), (Some(30), Some(365)));
    // The rule writes to the vault of the template.
    assert!(resource(&inventory, "Vault").arn.ends_with(&format!(":{}", daily.vault)), "{}", daily.vault);
}

#[test]
fn lifecycle_policies_are_read() {
    let text = "\
Resources:
  Policy:
    Type: AWS::DLM::LifecyclePolicy
    Properties:
      Description: daily
      State: ENABLED
      ExecutionRoleArn: arn:aws:iam::111122223333:role/dlm
      PolicyDetails:
        ResourceTypes: [VOLUME]
        TargetTags: [{Key: backup, Value: dlm}]
        Schedules:
          - Name: daily
            CreateRule: {Interval: 24, IntervalUnit: HOURS, Times: ['03:00']}
            RetainRule: {Count: 40}
  Data: {Type: 'AWS::EC2::Volume', Properties: {AvailabilityZone: a, Size: 1, Encrypted: true, Tags: [{Key: backup, Value: dlm}]}}
  Other: {Type: 'AWS::EC2::Volume', Properties: {AvailabilityZone: a, Size: 1, Encrypted: true}}
";
    let gated = gate(text, &[], None);
    expect(&gated, "Data", "automated", Pass, "lifecycle policy");
    expect(&gated, "Data", "kept-35-days", Pass, "40d");
    expect(&gated, "Other", "automated", Fail, "covers the volume");
    let open = text.replace("  Policy:\n", "  Policy:\n    Condition: Open\n");
    let open = format!("Parameters: {{P: {{Type: String}}}}\nConditions: {{Open: !Equals [!Ref P, x]}}\n{open}");
    expect(&gate(&open, &[], None), "Data", "automated", Unknown, "`Open`");
    let off = gate(&text.replace("State: ENABLED", "State: DISABLED"), &[], None);
    expect(&off, "Data", "automated", Fail, "covers the volume");
}

#[test]
fn deleting_data_on_purpose_is_a_weakening() {
    let gated = |policy: &str, ty: &str| {
        let text = format!("Resources:\n  It:\n    Type: {ty}\n{}    Properties: {{}}\n", super::indented(policy, 4));
        let inventory = template(&text);
        declared(&inventory).weakenings.iter().map(|weakening| weakening.sentence.to_string()).collect::<Vec<_>>()
    };
    let found = gated("DeletionPolicy: Delete", "AWS::DynamoDB::Table");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("`DeletionPolicy: Delete`"), "{found:?}");
    assert_eq!(gated("DeletionPolicy: Delete\nUpdateReplacePolicy: Delete", "AWS::RDS::DBInstance").len(), 2);
    for kept in ["DeletionPolicy: Retain", "DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Snapshot", ""] {
        assert!(gated(kept, "AWS::RDS::DBCluster").is_empty(), "{kept}");
    }
    // A bucket or a vault that holds anything is not deleted; a function holds nothing.
    for ty in ["AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::Backup::BackupVault"] {
        assert!(gated("DeletionPolicy: Delete", ty).is_empty(), "{ty}");
    }
    // What a member of a cluster is deleted with stays with the cluster: CDK always writes it so.
    let member = "Resources: {C: {Type: 'AWS::RDS::DBCluster'}, M: {Type: 'AWS::RDS::DBInstance', DeletionPolicy: Delete, Properties: {DBClusterIdentifier: !Ref C}}}";
    assert!(declared(&template(member)).weakenings.is_empty());
    let text = "Resources: {It: {Type: 'AWS::EFS::FileSystem', DeletionPolicy: Delete, Properties: {Encrypted: true}}}";
    expect(&gate(text, &[], None), "It", "no-weakening", Fail, "DeletionPolicy");
}

#[test]
fn an_emptied_bucket_of_cdk_is_a_weakening() {
    let inventory = template(&fixture("orders/assembly/OrdersStack.template.json"));
    let found: Vec<&str> = declared(&inventory)
        .weakenings
        .iter()
        .filter(|weakening| weakening.address == *"Uploads9E8D7C6B")
        .map(|weakening| weakening.sentence.as_str())
        .collect();
    assert!(found.iter().any(|sentence| sentence.contains("emptied")), "{found:?}");
}
