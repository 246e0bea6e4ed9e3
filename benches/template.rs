//! Time and memory of reading and judging templates: 480 resources as JSON of the CDK and as YAML with conditions, by the
//! shipped policy; and twice as many, which may take little more than twice as long.
//!
//! `cargo bench --no-default-features --bench template [-- RESOURCES]`. Prints figures; asserts nothing.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a benchmark prints its figures, and stops where it cannot measure"
)]

mod memory;
mod shipped;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant as Clock;

use lastgood::evaluate::change::{Scope, evaluate};
use lastgood::policy::Policy;
use lastgood::sources::cloudformation::{Given, Stacks, read};
use lastgood::sources::iac;
use memory::peak_mib;

fn main() {
    let resources = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(480_usize);
    let policy = shipped::policy();
    for count in [resources, resources * 2] {
        measure("json of the CDK", &cdk(count), count, &policy);
        measure("yaml with conditions", &conditional(count), count, &policy);
    }
}

fn measure(name: &str, text: &str, count: usize, policy: &Policy) {
    let parameters = BTreeMap::new();
    let as_of = "2026-11-22T00:00:00Z".parse().expect("it is an instant");
    let given = Given { as_of, live: None, parameters: &parameters, stacks: &Stacks::default() };
    let (mut reading_best, mut judging_best, mut verdicts) = (f64::MAX, f64::MAX, 0);
    for _ in 0..5 {
        let start = Clock::now();
        let mut reading = read(text.as_bytes().to_vec(), Path::new("template"), &given).expect("it is a template");
        iac::join(&mut reading, None);
        reading_best = reading_best.min(start.elapsed().as_secs_f64());
        let start = Clock::now();
        let gated = black_box(evaluate(policy, &reading.after, None, as_of, Scope::OnlyChanges));
        judging_best = judging_best.min(start.elapsed().as_secs_f64());
        verdicts = gated.assessment.verdicts.len();
    }
    println!(
        "{name}, {count} resources, {} KiB: read in {reading_best:.4} s, judged in {judging_best:.4} s, {verdicts} \
         verdicts; peak memory {} MiB",
        text.len() / 1024,
        peak_mib()
    );
}

/// Buckets with policies, tables, file systems, a vault, and a plan that names every tenth by a joined ARN.
fn cdk(count: usize) -> String {
    let mut resources = Vec::new();
    let mut named = Vec::new();
    for n in 0..count / 4 {
        resources.push(format!(
            r#""Bucket{n}": {{"Type": "AWS::S3::Bucket", "Properties": {{"VersioningConfiguration": {{"Status": "Enabled"}}, "Tags": [{{"Key": "backup", "Value": "gold"}}]}}, "UpdateReplacePolicy": "Retain", "DeletionPolicy": "Retain", "Metadata": {{"aws:cdk:path": "Stack/Bucket{n}/Resource"}}}}"#
        ));
        resources.push(format!(
            r#""Policy{n}": {{"Type": "AWS::S3::BucketPolicy", "Properties": {{"Bucket": {{"Ref": "Bucket{n}"}}, "PolicyDocument": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Deny", "Principal": {{"AWS": "*"}}, "Action": "s3:*", "Resource": [{{"Fn::GetAtt": ["Bucket{n}", "Arn"]}}, {{"Fn::Join": ["", [{{"Fn::GetAtt": ["Bucket{n}", "Arn"]}}, "/*"]]}}], "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}]}}}}}}"#
        ));
        resources.push(format!(
            r#""Table{n}": {{"Type": "AWS::DynamoDB::Table", "Properties": {{"TableName": "table-{n}", "PointInTimeRecoverySpecification": {{"PointInTimeRecoveryEnabled": true}}}}, "DeletionPolicy": "Retain"}}"#
        ));
        resources.push(format!(
            r#""Files{n}": {{"Type": "AWS::EFS::FileSystem", "Properties": {{"Encrypted": true, "FileSystemTags": [{{"Key": "Name", "Value": "Stack/Files{n}"}}]}}}}"#
        ));
        if n % 10 == 0 {
            named.push(format!(
                r#"{{"Fn::Join": ["", ["arn:", {{"Ref": "AWS::Partition"}}, ":elasticfilesystem:", {{"Ref": "AWS::Region"}}, ":", {{"Ref": "AWS::AccountId"}}, ":file-system/", {{"Ref": "Files{n}"}}]]}}"#
            ));
        }
    }
    resources.push(
        r#""Vault": {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "vault"}}"#.to_owned(),
    );
    resources.push(r#""Plan": {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": {"BackupPlanName": "plan", "BackupPlanRule": [{"RuleName": "daily", "TargetBackupVault": {"Fn::GetAtt": ["Vault", "BackupVaultName"]}, "ScheduleExpression": "cron(0 5 * * ? *)", "Lifecycle": {"DeleteAfterDays": 35}}]}}}"#.to_owned());
    resources.push(format!(
        r#""Selection": {{"Type": "AWS::Backup::BackupSelection", "Properties": {{"BackupPlanId": {{"Ref": "Plan"}}, "BackupSelection": {{"SelectionName": "s", "IamRoleArn": "arn:aws:iam::111122223333:role/r", "Resources": [{}]}}}}}}"#,
        named.join(", ")
    ));
    format!("{{\"Resources\": {{\n{}\n}}}}", resources.join(",\n"))
}

/// Databases of which three open parameters and a dozen conditions decide everything.
fn conditional(count: usize) -> String {
    let mut text = "\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, test, prod]}
  Size: {Type: String, AllowedValues: [small, large]}
  Days: {Type: Number, MinValue: 35}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Test: !Equals [!Ref Stage, test]
  Large: !Equals [!Ref Size, large]
  Kept: !Or [!Condition Prod, !And [!Condition Test, !Condition Large]]
Resources:
"
    .to_owned();
    for n in 0..count {
        let _ = write!(
            text,
            "  Db{n}:
    Type: AWS::RDS::DBInstance
    Condition: Kept
    DeletionPolicy: Snapshot
    Properties:
      DBInstanceIdentifier: !Sub '${{AWS::StackName}}-db-{n}'
      BackupRetentionPeriod: !If [Prod, !Ref Days, !If [Large, 36, 7]]
      StorageEncrypted: !If [Kept, true, false]
      DeletionProtection: !If [Prod, true, false]
      PreferredBackupWindow: 03:00-04:00
      Tags: [{{Key: backup, Value: !If [Prod, gold, none]}}, {{Key: stage, Value: !Ref Stage}}]
"
        );
    }
    text
}
