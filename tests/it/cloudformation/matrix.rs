//! The rows of the behaviour matrix for CloudFormation: what is true of a template, where other gates say something else.

use lastgood::model::fact::Fact::{Known, Unread};
use lastgood::model::outcome::Outcome::{Fail, Pass, Unknown};
use lastgood::model::resource::Versioning;

use super::{bucket, database, expect, gate, it, resource, table, template, vault, why};

const OPEN: &str = "\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
";

fn open(properties: &str) -> String {
    format!("{OPEN}Resources:\n  It:\n{}", super::indented(properties, 4))
}

#[test]
fn c01_a_retention_of_0_is_off() {
    let db = it("Type: AWS::RDS::DBInstance\nProperties: {BackupRetentionPeriod: 0}");
    assert_eq!(database(&db).backup_retention_days, Known(0));
    let text = "Resources: {It: {Type: 'AWS::RDS::DBInstance', Properties: {BackupRetentionPeriod: 0}}}";
    expect(&gate(text, &[], None), "It", "kept-35-days", Unknown, "no backup plan");
}

#[test]
fn c02_a_parameter_counts_as_its_default() {
    let text = "Parameters: {P: {Type: Number, Default: 0}}\nResources:\n  It: {Type: 'AWS::RDS::DBInstance', Properties: {BackupRetentionPeriod: !Ref P}}\n";
    assert_eq!(database(resource(&template(text), "It")).backup_retention_days, Known(0));
    // And the value that somebody gives wins.
    assert_eq!(database(resource(&super::with(text, &[("P", "35")]), "It")).backup_retention_days, Known(35));
}

#[test]
fn c03_a_condition_that_cannot_be_told_leaves_a_retention_open() {
    let text = open("Type: AWS::RDS::DBInstance\nProperties: {BackupRetentionPeriod: !If [Prod, 35, 0]}");
    let inventory = template(&text);
    assert_eq!(database(resource(&inventory, "It")).backup_retention_days, Unread);
    let why = why(&inventory, "It", "backup_retention_days");
    assert_eq!(why.attribute, *"It.BackupRetentionPeriod");
    assert!(why.why.contains("condition `Prod`"), "{}", why.why);
    expect(&gate(&text, &[], None), "It", "kept-35-days", Unknown, "condition `Prod`");
    // Told which, both are known.
    let days =
        |stage: &str| database(resource(&super::with(&text, &[("Stage", stage)]), "It")).backup_retention_days.clone();
    assert_eq!((days("prod"), days("dev")), (Known(35), Known(0)));
}

#[test]
fn c04_a_condition_that_cannot_be_told_leaves_encryption_open() {
    let text = open("Type: AWS::RDS::DBInstance\nProperties: {StorageEncrypted: !If [Prod, true, false]}");
    expect(&gate(&text, &[], None), "It", "encrypted", Unknown, "condition `Prod`");
    // The same in both branches is known, however it is written.
    let text = open("Type: AWS::RDS::DBInstance\nProperties: {StorageEncrypted: !If [Prod, true, 'True']}");
    expect(&gate(&text, &[], None), "It", "encrypted", Pass, "encrypted");
}

#[test]
fn c05_a_map_in_a_branch_and_nothing_in_the_other_leaves_versioning_open() {
    let text = open(
        "Type: AWS::S3::Bucket\nProperties:\n  VersioningConfiguration: !If [Prod, {Status: Enabled}, !Ref 'AWS::NoValue']",
    );
    let inventory = template(&text);
    assert_eq!(bucket(resource(&inventory, "It")).versioning, Unread);
    assert!(why(&inventory, "It", "versioning").why.contains("condition `Prod`"));
    let told = |stage: &str| bucket(resource(&super::with(&text, &[("Stage", stage)]), "It")).versioning.clone();
    assert_eq!((told("prod"), told("dev")), (Known(Versioning::Enabled), Known(Versioning::Never)));
}

#[test]
fn c06_a_flag_may_be_text() {
    let of = |flag: &str| {
        let it = it(&format!(
            "Type: AWS::DynamoDB::Table\nProperties: {{PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: {flag}}}}}"
        ));
        table(&it).pitr_days.clone()
    };
    assert_eq!(of("'true'"), Known(35));
    assert_eq!(of("\"false\""), Known(0));
    assert_eq!(of("true"), Known(35));
}

#[test]
fn c07_a_retention_that_nobody_sets_is_that_of_cloudformation() {
    let text = "Resources: {It: {Type: 'AWS::RDS::DBInstance', Properties: {Engine: mysql}}}";
    assert_eq!(database(resource(&template(text), "It")).backup_retention_days, Known(1));
    expect(&gate(text, &[], None), "It", "automated", Pass, "kept 1 day");
}

#[test]
fn c08_a_vault_without_a_key_has_that_of_aws_backup() {
    let vault_ = it("Type: AWS::Backup::BackupVault\nProperties: {BackupVaultName: v}");
    assert_eq!(vault(&vault_).kms_key, Known("alias/aws/backup".into()));
    assert_eq!(vault(&vault_).lock, Known(Default::default()));
    let text = "Resources: {It: {Type: 'AWS::Backup::BackupVault', Properties: {BackupVaultName: v}}}";
    expect(&gate(text, &[], None), "It", "vaults-locked", Fail, "not locked");
}
