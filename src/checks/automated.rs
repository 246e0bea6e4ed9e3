//! `automated`: an enabled protection really covers the resource.

mod native;
mod plans;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, ParamError, Unread};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "automated",
    title: "an enabled protection covers the resource",
    docs: "\
## What it judges
The resource is covered by at least one standing protection that makes backups by itself: a plan of
AWS Backup, a Data Lifecycle Manager policy, automated backups of RDS, point-in-time recovery of
DynamoDB, or the automatic backup policy of EFS. S3 versioning is no backup and has its own check.

## Exact semantics
* AWS Backup selections as its developer guide defines them: resources or tags, and all conditions,
  and no exclusion; a type that is reached by a wide pattern or by tag must be opted in. Plans cover
  their own account and region only. A plan whose rules start nothing that repeats covers nothing.
* A plan that covers the resource and whose jobs must fail is a failure even when something else
  covers it too, since somebody relies on it: its vault does not exist; its retention lies outside what
  the vault's lock allows; it selects a bucket that has no versioning.
* A selection that takes an untagged resource in by a negated condition is an inference from AWS's
  examples: it counts once the plan has made a recovery point that is still usable.
* A volume is covered through an instance only when the plan's latest backup of the instance, in the
  volume's own region, holds a snapshot of it. If it does not, the volume was attached later or is left
  out: `unknown`, until the next backup shows which.
* A DLM policy counts when its target tags match a volume. A policy without tags (it may have
  exclusions), one that targets instances, and thus any for an instance counts once it has made a
  recovery point of the resource that is still usable. Where the policies could not be read, a volume
  of five weeks and more of which every snapshot is known and none is DLM's fails: whatever is
  configured has made nothing.
* RDS: automated backups are kept for at least a day. A stopped database makes none until it is
  started; that is said, not failed, and `cadence` judges the gap.
* The fact `tags_do_not_narrow` marks a selection with both a pattern and tags: AWS Backup takes
  what matches either, where many authors expect both.

## What yields `unknown`
Plans, selections, tags, opt-in settings, vaults or lifecycle policies were not read and nothing that was
read covers the resource; a schedule cannot be read; coverage rests on an inference, on an instance
or on a policy whose reach is not known, and no recovery point shows that it works.
",
    remedy: "add the resource to a backup plan's selection (check tags, opt-in and the vault's lock), or switch on the \
             service's own automatic backups",
    kinds: &[
        Kind::EbsVolume,
        Kind::Ec2Instance,
        Kind::S3Bucket,
        Kind::RdsInstance,
        Kind::RdsCluster,
        Kind::DynamodbTable,
        Kind::EfsFileSystem,
    ],
    judges_deleted: false,
    remedy_in_code: Some(InCode {
        terraform: "let a selection take the resource in (its tags, or a reference in `resources`), or switch on the service's own automatic backups",
        template: "let a selection take the resource in (its tags, or a reference in `Resources`), or switch on the service's own automatic backups",
    }),
    params: &[],
    reads: &[
        "backup:ListBackupPlans",
        "backup:ListBackupSelections",
        "backup:DescribeRegionSettings",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
        "dlm:GetLifecyclePolicies",
        "ec2:DescribeVolumes",
        "ec2:DescribeInstances",
        "ec2:DescribeImages",
        "ec2:DescribeSnapshots",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:ListTagsOfResource",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeBackupPolicy",
    ],
    prepare,
};

/// Insist that everything was read that could show a covering plan.
///
/// # Errors
/// [`Unread`] with what was not.
pub(super) fn need_all_plans(case: &Case<'_>) -> Result<(), Unread> {
    plans::complete(case)
}

struct Automated;

fn prepare(_: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(Automated))
}

/// What one mechanism says.
enum Finding {
    /// It covers the resource.
    Covered(Judgement),
    /// It is relied on and cannot work.
    Broken(Judgement),
    /// It may cover the resource.
    Unproven(Judgement),
    /// It may cover the resource; something was not read.
    Unread(Unread),
    /// It was meant to cover the resource and does not.
    Useless(Judgement),
    /// It does not cover the resource.
    Absent,
}

impl From<Unread> for Finding {
    fn from(unread: Unread) -> Self {
        Self::Unread(unread)
    }
}

impl Check for Automated {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let plans = plans::find(case);
        if let Finding::Broken(judgement) | Finding::Covered(judgement) = plans {
            return Ok(judgement);
        }
        let native = native::find(case);
        if let Finding::Covered(judgement) = native {
            return Ok(judgement);
        }
        match (plans, native) {
            (Finding::Unproven(judgement), _) | (_, Finding::Unproven(judgement)) => Ok(judgement),
            (Finding::Unread(unread), _) | (_, Finding::Unread(unread)) => Err(unread),
            (Finding::Useless(judgement), _) | (_, Finding::Useless(judgement)) => Ok(judgement),
            _ => Ok(Judgement::fail("no backup plan and no other enabled protection covers the {subject}")
                .with("subject", case.resource.kind.noun())
                .shown_by(Evidence::new("resource", case.resource.arn.clone(), None))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Context;
    use crate::model::estate::Estate;
    use crate::model::inventory::Inventory;

    fn judge(inventory: &str) -> Judgement {
        let head = r#"schema = "lastgood.inventory/1"
            source = "test"
            captured_at = "2026-11-22T00:00:00Z"
            accounts = []
            regions = []
        "#;
        let mut inventory: Inventory = toml::from_str(&format!("{head}{inventory}")).unwrap();
        inventory.sort();
        let context = Context::new(Estate::new(&inventory), inventory.captured_at, chrono_tz::Tz::UTC);
        let resource = inventory.resources.iter().find(|resource| resource.kind == Kind::EbsVolume).unwrap();
        Automated.judge(&Case::new(resource, &context)).unwrap_or_else(|unread| unread.judgement())
    }

    const VOLUME: &str = r#"
        [[resources]]
        arn = "arn:aws:ec2:r:a:volume/vol-1"
        kind = "ebs-volume"
        account = "a"
        region = "r"
        tags = {}
        detail.volume.attached_to = ["arn:aws:ec2:r:a:instance/i-1"]
        [[resources]]
        arn = "arn:aws:ec2:r:a:instance/i-1"
        kind = "ec2-instance"
        account = "a"
        region = "r"
        tags = {}
        [[resources]]
        arn = "arn:aws:backup:r:a:backup-vault:main"
        kind = "backup-vault"
        account = "a"
        region = "r"
        detail.vault.lock = {}
        [[reads]]
        account = "a"
        region = "r"
        call = "backup:*"
        [[reads]]
        account = "a"
        region = "r"
        call = "ec2:*"
        [[plans]]
        arn = "plan"
        name = "daily"
        account = "a"
        region = "r"
        rules = [{ id = "r", name = "r", vault = "main" }]
        selections = [{ id = "s", resources = ["arn:aws:ec2:*:*:instance/*"] }]
    "#;

    fn image(day: u8, member: &str) -> String {
        format!(
            r#"
            [[points]]
            arn = "ami-{day}"
            kind = "image"
            resource = "arn:aws:ec2:r:a:instance/i-1"
            account = "a"
            region = "r"
            status = "completed"
            started_at = "2026-11-{day}T00:00:00Z"
            extra = {{ created_by = {{ plan = "plan" }}, members = ["{member}"] }}
            [[points]]
            arn = "{member}"
            kind = "ebs-snapshot"
            resource = "arn:aws:ec2:r:a:volume/{}"
            account = "a"
            region = "r"
            status = "completed"
            started_at = "2026-11-{day}T00:00:00Z"
            "#,
            if member.starts_with("other") { "vol-2" } else { "vol-1" }
        )
    }

    #[test]
    fn vector_15_a_member_snapshot_of_the_latest_backup_covers_the_volume() {
        let outcome = |points: &[String]| judge(&[VOLUME.to_owned(), points.concat()].concat()).outcome.id();
        assert_eq!(outcome(&[image(20, "snap-1")]), "pass");
        assert_eq!(outcome(&[image(20, "other"), image(21, "snap-1")]), "pass");
        assert_eq!(outcome(&[image(20, "snap-1"), image(21, "other")]), "unknown", "attached later, or left out");
        assert_eq!(outcome(&[]), "unknown", "no backup of the instance yet");
    }

    #[test]
    fn vector_15_without_a_plan_for_the_instance_the_volume_is_not_covered() {
        let volumes_of_others = VOLUME.replace("instance/*", "instance/i-2");
        let dlm = "[[reads]]\naccount = \"a\"\nregion = \"r\"\ncall = \"dlm:*\"\n";
        assert_eq!(judge(&format!("{volumes_of_others}{dlm}")).outcome.id(), "fail");
    }
}
