//! `access`: nothing is public, nothing is shared with strangers, and databases resist deletion.

mod vault_policy;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType, Unread};
use crate::model::glob;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::recovery_point::{PointKind, RecoveryPoint};
use crate::model::resource::{Bucket, Existence, Table};
use crate::model::text::Text;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "access",
    title: "nothing is public or shared with strangers",
    docs: "\
## What it judges
Recovery points (of deleted resources and stray ones too), S3 buckets, databases and tables, access
policies of AWS Backup vaults, and the block of public snapshot sharing in an account and region.

## Exact semantics
* Recovery points: none is public; and none that is known to be shared is shared outside the owning
  account and `allowed_accounts`. With `sharing = \"accounts\"` it must also be known with whom each
  snapshot and image is shared, which takes one call per object; `public` needs one call in all.
  A region's `block-all-sharing` proves its EBS snapshots private; it says nothing of accounts.
  AWS Backup's own points and DynamoDB backups are shared through their vault only, or not at all.
* S3: a complete public access block of the bucket passes. Otherwise a public bucket policy that is
  not restricted fails; without a public one it still must be known that access control lists are
  ignored, for the status of the policy says nothing of them.
* Databases: no public address, and deletion protection is on (tables too) unless
  `deletion_protection = false`.
* Vaults: every `Allow` names principals of the owner or of `allowed_accounts`, or is limited to
  an organisation or to such accounts by a condition that cannot hold for others: a positive string or
  ARN comparison, not `…IfExists`, not `ForAllValues`, without wildcard for the account. `Deny`
  statements are not weighed: put the limit into the `Allow`. AWS services are not strangers.
* Account and region: `unblocked` public sharing of snapshots fails.

## What yields `unknown`
Any of these was not read; a list of recovery points is incomplete; a vault's policy cannot be
understood or names a principal whose account cannot be told.
",
    remedy: "take public and foreign permissions off the object (`modify-snapshot-attribute`, `modify-image-attribute`), \
             block public access for bucket, account and region, limit the vault's access policy, protect the database \
             against deletion",
    kinds: &[
        Kind::EbsVolume,
        Kind::Ec2Instance,
        Kind::S3Bucket,
        Kind::RdsInstance,
        Kind::RdsCluster,
        Kind::DynamodbTable,
        Kind::EfsFileSystem,
        Kind::BackupVault,
        Kind::RecoveryPoint,
        Kind::AccountRegion,
    ],
    judges_deleted: true,
    remedy_in_code: Some(InCode {
        terraform: "set `deletion_protection`, take `publicly_accessible` off, declare a complete `aws_s3_bucket_public_access_block`, and name accounts in the policy of the vault",
        template: "set `DeletionProtection`, take `PubliclyAccessible` off, declare a complete `PublicAccessBlockConfiguration`, and name accounts in the `AccessPolicy` of the vault",
    }),
    params: &[
        Param {
            name: "allowed_accounts",
            ty: ParamType::Texts,
            default: Some("[]"),
            required: false,
            docs: "Globs of the accounts that may have access besides the owner.",
        },
        Param {
            name: "sharing",
            ty: ParamType::Choice(&["public", "accounts"]),
            default: Some(r#""public""#),
            required: false,
            docs: "Whether it is enough to know that nothing is public, or each share must be known.",
        },
        Param {
            name: "deletion_protection",
            ty: ParamType::Flag,
            default: Some("true"),
            required: false,
            docs: "Whether databases and tables must be protected against deletion.",
        },
    ],
    reads: &[
        "ec2:DescribeSnapshots",
        "ec2:DescribeSnapshotAttribute",
        "ec2:DescribeImages",
        "ec2:DescribeImageAttribute",
        "ec2:GetSnapshotBlockPublicAccessState",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketPolicyStatus",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBSnapshotAttributes",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBClusterSnapshotAttributes",
        "dynamodb:DescribeTable",
        "dynamodb:ListBackups",
        "backup:ListBackupVaults",
        "backup:GetBackupVaultAccessPolicy",
        "backup:ListRecoveryPointsByBackupVault",
    ],
    prepare,
};

const MOST_EVIDENCE: usize = 20;

struct Access {
    allowed: Vec<Text>,
    accounts: bool,
    deletion_protection: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(Access {
        allowed: args.texts("allowed_accounts").to_vec(),
        accounts: args.text("sharing").is_some_and(|sharing| sharing == "accounts"),
        deletion_protection: args.flag("deletion_protection"),
    }))
}

/// Who may use one recovery point, from good to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exposure {
    Private,
    Unread,
    Shared,
    Public,
}

/// What can be said of the resource itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    /// It has no access of its own, or is gone: only its points are judged.
    Nothing,
    Fine,
    Flaw(&'static str),
}

#[derive(Default)]
struct Tally {
    stored: usize,
    unread: usize,
    shared: usize,
    public: usize,
}

impl Check for Access {
    fn judge(&self, case: &Case<'_>) -> Answer {
        match case.resource.kind {
            Kind::BackupVault => self.vault(case),
            Kind::AccountRegion => snapshots_of_region(case),
            _ => self.resource(case),
        }
    }
}

impl Access {
    fn resource(&self, case: &Case<'_>) -> Answer {
        let own = self.own(case);
        if let Ok(Own::Flaw(flaw)) = own {
            return Ok(Judgement::fail(flaw).shown_by(Evidence::new("resource", case.resource.arn.clone(), None)));
        }
        let tally = self.tally(case);
        let found = if tally.public > 0 {
            Some("public: {public:recovery point} of {points}")
        } else if tally.shared > 0 {
            Some("shared outside the allowed accounts: {shared:recovery point} of {points}")
        } else {
            None
        };
        if let Some(template) = found {
            return Ok(Judgement::fail(template)
                .with("public", tally.public)
                .with("shared", tally.shared)
                .with("points", tally.stored)
                .shown_by_all(self.evidence(case, Exposure::Shared), MOST_EVIDENCE));
        }
        let of_its_own = own?;
        if case.is_declared() {
            return Ok(match of_its_own {
                Own::Nothing => Judgement::not_applicable("it has no access of its own to limit"),
                _ => Judgement::pass("it is not public"),
            });
        }
        if tally.unread > 0 {
            let template = if self.accounts {
                "who it is shared with was not read: {unread:recovery point} of {points}"
            } else {
                "whether it is public was not read: {unread:recovery point} of {points}"
            };
            return Ok(Judgement::unknown(template)
                .with("unread", tally.unread)
                .with("points", tally.stored)
                .shown_by_all(self.evidence(case, Exposure::Unread), MOST_EVIDENCE));
        }
        let stray = case.resource.kind == Kind::RecoveryPoint;
        if !stray {
            case.need_all_points()?;
        }
        if tally.stored == 0 && of_its_own == Own::Nothing {
            return Ok(Judgement::not_applicable("no recovery point of it is stored"));
        }
        let template = match (self.accounts, of_its_own) {
            (false, Own::Nothing) => "no stored recovery point is public ({points})",
            (false, _) => "it is not public, nor is any stored recovery point ({points})",
            (true, Own::Nothing) => "no stored recovery point is shared outside the allowed accounts ({points})",
            (true, _) => {
                "it is not public, nor is any stored recovery point shared outside the allowed accounts ({points})"
            }
        };
        Ok(Judgement::pass(template).with("points", tally.stored))
    }

    /// What can be said of the resource itself.
    fn own(&self, case: &Case<'_>) -> Result<Own, Unread> {
        let resource = case.resource;
        if resource.existence == Existence::Deleted {
            return Ok(Own::Nothing);
        }
        match resource.kind {
            Kind::S3Bucket => bucket(case, resource.bucket()),
            Kind::RdsInstance | Kind::RdsCluster => self.database(case),
            Kind::DynamodbTable => self.table(case, resource.table()),
            _ => Ok(Own::Nothing),
        }
    }

    fn database(&self, case: &Case<'_>) -> Result<Own, Unread> {
        let call = case.resource.kind.list_operation().unwrap_or_default();
        let database = case.resource.database();
        let public =
            case.need_named(database.map(|database| &database.publicly_accessible), call, "publicly_accessible");
        if public == Ok(&true) {
            return Ok(Own::Flaw("the database has a public address"));
        }
        if self.deletion_protection {
            let protection = database.map(|database| &database.deletion_protection);
            if !*case.need_named(protection, call, "deletion_protection")? {
                return Ok(Own::Flaw("deletion protection is off"));
            }
        }
        public.map(|_| Own::Fine)
    }

    fn table(&self, case: &Case<'_>, table: Option<&Table>) -> Result<Own, Unread> {
        if !self.deletion_protection {
            return Ok(Own::Nothing);
        }
        let protection = case.need_named(
            table.map(|table| &table.deletion_protection),
            "dynamodb:DescribeTable",
            "deletion_protection",
        )?;
        Ok(if *protection { Own::Fine } else { Own::Flaw("deletion protection is off") })
    }

    fn tally(&self, case: &Case<'_>) -> Tally {
        let mut tally = Tally::default();
        for point in case.points().iter().filter(|point| point.is_stored()) {
            tally.stored += 1;
            match self.exposure(case, point) {
                Exposure::Private => {}
                Exposure::Unread => tally.unread += 1,
                Exposure::Shared => tally.shared += 1,
                Exposure::Public => tally.public += 1,
            }
        }
        tally
    }

    fn exposure(&self, case: &Case<'_>, point: &RecoveryPoint) -> Exposure {
        let shareable = matches!(
            point.kind,
            PointKind::EbsSnapshot | PointKind::Image | PointKind::DbSnapshot | PointKind::DbClusterSnapshot
        );
        if !shareable {
            return Exposure::Private;
        }
        let extra = point.extra.as_ref();
        let public = extra.and_then(|extra| extra.public.known());
        let shared_with = extra.and_then(|extra| extra.shared_with.known());
        let own = |account: &Text| *account == point.account || *account == case.resource.account;
        let stranger = |account: &Text| !own(account) && !self.allows(account);
        if public == Some(&true) {
            Exposure::Public
        } else if shared_with.is_some_and(|accounts| accounts.iter().any(stranger)) {
            Exposure::Shared
        } else if (public.is_none() && !blocked(case, point)) || (self.accounts && shared_with.is_none()) {
            Exposure::Unread
        } else {
            Exposure::Private
        }
    }

    fn allows(&self, account: &str) -> bool {
        self.allowed.iter().any(|pattern| glob::matches(pattern, account))
    }

    /// The points that are exposed this much or more.
    fn evidence<'c>(&'c self, case: &'c Case<'_>, least: Exposure) -> impl Iterator<Item = Evidence> + 'c {
        let stored = case.points().iter().filter(|point| point.is_stored());
        let exposed = stored.filter(move |point| self.exposure(case, point) >= least);
        exposed.map(|point| {
            let shared = point.extra.as_ref().and_then(|extra| extra.shared_with.known());
            let evidence = Evidence::point(point);
            match (self.exposure(case, point), shared) {
                (Exposure::Public, _) => evidence.note("public"),
                (Exposure::Shared, Some(accounts)) => evidence.note(format!("shared with {}", accounts.join(", "))),
                _ => evidence.note("not read"),
            }
        })
    }

    fn vault(&self, case: &Case<'_>) -> Answer {
        let vault = case.resource.vault();
        let text = case.need(vault.map(|vault| &vault.policy), "backup:GetBackupVaultAccessPolicy")?;
        let allows = |account: &str| account == &*case.resource.account || self.allows(account);
        Ok(vault_policy::judge(text, &allows).shown_by(Evidence::new("vault", case.resource.arn.clone(), None)))
    }
}

/// Whether the region of an EBS snapshot lets no snapshot be public, whatever its permissions say.
fn blocked(case: &Case<'_>, point: &RecoveryPoint) -> bool {
    point.kind == PointKind::EbsSnapshot
        && case
            .context
            .estate
            .settings(&point.account, &point.region)
            .and_then(|settings| settings.snapshot_block_public_access.known())
            .is_some_and(|state| state == "block-all-sharing")
}

fn bucket(case: &Case<'_>, bucket: Option<&Bucket>) -> Result<Own, Unread> {
    let block = case.need(bucket.map(|bucket| &bucket.public_access_block), "s3:GetPublicAccessBlock");
    let block_known = block.as_ref().ok().copied().copied().unwrap_or_default();
    if block_known.blocks_everything() {
        return Ok(Own::Fine);
    }
    let public = case.need(bucket.map(|bucket| &bucket.policy_public), "s3:GetBucketPolicyStatus");
    if public == Ok(&true) && !block_known.restrict_public_buckets {
        return Ok(Own::Flaw("the bucket policy makes it public"));
    }
    block?;
    if !block_known.restrict_public_buckets {
        public?;
    }
    if !block_known.ignore_public_acls {
        let why = "the public access block is not complete, so an access control list may make it public";
        return Err(Unread::not_asked("s3:GetBucketAcl", why));
    }
    Ok(Own::Fine)
}

fn snapshots_of_region(case: &Case<'_>) -> Answer {
    let settings = case.resource.region_settings();
    if settings.is_none_or(|settings| settings.snapshot_block_public_access.is_unread())
        && super::declared::is_silent(case, "snapshot_block_public_access")
    {
        return Ok(Judgement::not_applicable("the code does not declare whether public snapshots are blocked"));
    }
    let state = settings.map(|settings| &settings.snapshot_block_public_access);
    let state = case.need(state, "ec2:GetSnapshotBlockPublicAccessState")?;
    Ok(match &**state {
        "unblocked" => Judgement::fail("snapshots may be shared with everybody: public sharing is not blocked"),
        "block-all-sharing" | "block-new-sharing" => Judgement::pass("public sharing of snapshots is blocked: {state}"),
        _ => Judgement::unknown("the block of public sharing has a state that is not known here: {state}"),
    }
    .with("state", state))
}
