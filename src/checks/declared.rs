//! Infrastructure code instead of an account: why a fact is unread there, in words of the code.

use super::{Case, Unread};
use crate::model::declared::{Declared, Undecided};
use crate::model::text::Text;

/// The facts that a call reads, by the names of the model.
const FACTS: &[(&str, &[&str])] = &[
    ("rds:DescribeDBInstances", DATABASE),
    ("rds:DescribeDBClusters", DATABASE),
    ("dynamodb:DescribeContinuousBackups", &["pitr_days"]),
    ("dynamodb:DescribeTable", &["deletion_protection", "kms_key"]),
    ("dynamodb:ListTagsOfResource", &["tags"]),
    ("ec2:DescribeVolumes", &["encrypted", "tags"]),
    ("ec2:DescribeInstances", &["tags"]),
    ("elasticfilesystem:DescribeFileSystems", &["encrypted", "tags"]),
    ("elasticfilesystem:DescribeBackupPolicy", &["backup_policy"]),
    ("s3:GetBucketVersioning", &["versioning"]),
    ("s3:GetBucketLifecycleConfiguration", &["lifecycle"]),
    ("s3:GetBucketEncryption", &["encryption"]),
    ("s3:GetBucketTagging", &["tags"]),
    ("s3:GetPublicAccessBlock", &["public_access_block"]),
    ("s3:GetBucketPolicyStatus", &["policy_public"]),
    ("s3:GetObjectLockConfiguration", &["object_lock"]),
    ("backup:ListBackupVaults", &["lock", "kms_key"]),
    ("backup:GetBackupVaultAccessPolicy", &["policy"]),
    ("backup:GetBackupVaultNotifications", &["notifications"]),
    ("backup:ListBackupSelections", &["selections"]),
    ("backup:GetBackupSelection", &["selections"]),
    ("backup:GetBackupPlan", &["selections"]),
    ("backup:ListBackupPlans", &["selections"]),
    ("backup:DescribeRegionSettings", &["backup_opt_in"]),
    ("ec2:GetEbsEncryptionByDefault", &["ebs_encryption_by_default"]),
    ("ec2:GetSnapshotBlockPublicAccessState", &["snapshot_block_public_access"]),
    ("dlm:GetLifecyclePolicies", &["lifecycle_policies"]),
    ("dlm:GetLifecyclePolicy", &["lifecycle_policies"]),
];

const DATABASE: &[&str] =
    &["backup_retention_days", "backup_window", "encrypted", "deletion_protection", "publicly_accessible", "tags"];

/// Whether the code does not speak of a setting of the region at all: there is nothing to judge then.
pub(super) fn is_silent(case: &Case<'_>, fact: &str) -> bool {
    let declared = case.context.declared();
    declared.is_some_and(|declared| !declared.live && declared.why_unread(&case.resource.arn, fact).next().is_none())
}

/// At most so many attributes are named.
const SHOWN: usize = 3;

/// Why a call's answer, or one fact of it, is not known of declared infrastructure.
pub(super) fn unread(case: &Case<'_>, declared: &Declared, call: &str, fact: Option<&str>) -> Unread {
    let facts = FACTS.iter().find(|(known, _)| *known == call).map(|(_, facts)| *facts).unwrap_or_default();
    let meant = |undecided: &&Undecided| match fact {
        Some(fact) => *undecided.fact == *fact,
        None => facts.contains(&undecided.fact.as_str()),
    };
    let found: Vec<&Undecided> = declared.of(&case.resource.arn).filter(meant).collect();
    let why =
        if found.is_empty() { not_declared(call, declared.live, case.context.is_template()) } else { told(&found) };
    Unread { call: Text::from(call), gap: None, why: Some(Text::from(why)) }
}

/// What is open, in words: the first few by their attributes, the rest counted.
pub(super) fn told(found: &[&Undecided]) -> String {
    let one = |undecided: &&Undecided| format!("`{}` {}", undecided.attribute, undecided.why);
    let mut text = found.iter().take(SHOWN).map(one).collect::<Vec<_>>().join("; ");
    if found.len() > SHOWN {
        text.push_str(&format!("; and {} more", found.len() - SHOWN));
    }
    text
}

/// The code does not speak of it at all.
fn not_declared(call: &str, live: bool, is_template: bool) -> String {
    let what = match call {
        "backup:ListBackupPlans"
        | "backup:ListBackupSelections"
        | "backup:GetBackupSelection"
        | "backup:GetBackupPlan"
        | "dlm:GetLifecyclePolicies"
        | "dlm:GetLifecyclePolicy" => {
            "no backup plan and no lifecycle policy is declared here, so it cannot be told whether one of the account covers it"
        }
        "backup:DescribeRegionSettings" if is_template => {
            "whether its type is opted in to AWS Backup is a setting of the account, which no template has"
        }
        "backup:DescribeRegionSettings" => {
            "whether its type is opted in to AWS Backup is not declared here (`aws_backup_region_settings`)"
        }
        "backup:ListBackupVaults" => "the vault is not declared here, so nothing of it can be told",
        "events:ListRules" | "events:ListTargetsByRule" => {
            "no event rule is declared here that tells of failed backups"
        }
        "rds:DescribeDBInstances" | "rds:DescribeDBClusters" => "the code does not say it of the database",
        _ => return format!("the code does not show what `{call}` would tell"),
    };
    if live { what.to_owned() } else { format!("{what}; give the account with `--inventory`") }
}
