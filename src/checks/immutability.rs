//! `immutability`: vaults and buckets are locked against deletion.

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::resource::{ObjectLock, VaultLock};
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "immutability",
    title: "vaults and buckets are locked against deletion",
    docs: "\
## What it judges
AWS Backup vaults by their Vault Lock and S3 buckets by Object Lock with a default retention. Empty
vaults are judged too. Locks of single EBS snapshots are not judged here.

## Exact semantics
* A vault lock without a date is governance mode: somebody with the permission can take it off. With
  a date it is compliance mode, which nobody can take off from that date on; until then it is still
  removable, so `mode = \"compliance\"` fails and names the date.
* A logically air-gapped vault is always locked in compliance mode.
* Object Lock counts only with a default retention; without one, only objects that were locked
  one by one are protected. Governance retention can be bypassed with a permission.
* `min_days`: the lock's shortest retention (vault), or the default retention (bucket), is at least
  that long. A vault lock binds the retention of new points only.

## What yields `unknown`
The lock was not read, or a bucket's mode or retention is not one that is known here.
",
    remedy: "lock the vault (`aws backup put-backup-vault-lock-configuration`, with `--changeable-for-days` for compliance \
             mode) or give the bucket Object Lock with a default retention",
    kinds: &[Kind::BackupVault, Kind::S3Bucket],
    judges_deleted: false,
    remedy_in_code: Some(InCode {
        terraform: "declare `aws_backup_vault_lock_configuration`, with `changeable_for_days` for compliance mode",
        template: "declare `LockConfiguration` of the vault, with `ChangeableForDays` for compliance mode",
    }),
    params: &[
        Param {
            name: "mode",
            ty: ParamType::Choice(&["any", "compliance"]),
            default: Some(r#""any""#),
            required: false,
            docs: "Whether a lock that somebody with the permission can take off is enough.",
        },
        Param {
            name: "min_days",
            ty: ParamType::Span,
            default: Some(r#""0d""#),
            required: false,
            docs: "How long the lock must keep new points or objects at least.",
        },
    ],
    reads: &["backup:ListBackupVaults", "s3:GetObjectLockConfiguration"],
    prepare,
};

struct Immutability {
    compliance: bool,
    min: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(Immutability {
        compliance: args.text("mode").is_some_and(|mode| mode == "compliance"),
        min: args.span("min_days").unwrap_or(Span::ZERO),
    }))
}

impl Check for Immutability {
    fn judge(&self, case: &Case<'_>) -> Answer {
        if case.resource.kind == Kind::BackupVault {
            let vault = case.resource.vault();
            let lock = case.need_named(vault.map(|vault| &vault.lock), "backup:ListBackupVaults", "lock")?;
            let air_gapped = vault
                .and_then(|vault| vault.vault_type.as_ref())
                .is_some_and(|kind| kind == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT");
            let judgement = self.vault(case, *lock, air_gapped);
            return Ok(judgement.shown_by(Evidence::new("vault", case.resource.arn.clone(), lock.immutable_from)));
        }
        let bucket = case.resource.bucket();
        let lock = case.need(bucket.map(|bucket| &bucket.object_lock), "s3:GetObjectLockConfiguration")?;
        Ok(self.bucket(lock))
    }
}

impl Immutability {
    fn vault(&self, case: &Case<'_>, lock: VaultLock, air_gapped: bool) -> Judgement {
        let settled = air_gapped || lock.immutable_from.is_some_and(|from| from <= case.as_of());
        let short = self.min > Span::ZERO && !lock.min_days.is_some_and(|days| self.reaches(days));
        let judgement = if !lock.locked && !air_gapped {
            return Judgement::fail("the vault is not locked: whoever may delete recovery points can delete them");
        } else if self.compliance && !settled && lock.immutable_from.is_some() {
            Judgement::fail("the lock of the vault can still be taken off until {immutable_from}")
        } else if self.compliance && !settled {
            Judgement::fail("the vault is locked in governance mode: whoever has the permission can take the lock off")
        } else if short && lock.min_days.is_some() {
            Judgement::fail("the lock of the vault demands {min_days:day} of new points; {demanded} are demanded")
        } else if short {
            Judgement::fail("the lock of the vault demands no least retention; {demanded} are demanded")
        } else if settled {
            Judgement::pass("the vault is locked in compliance mode")
        } else if lock.immutable_from.is_some() {
            Judgement::pass("the vault is locked, and nobody can take the lock off from {immutable_from} on")
        } else {
            Judgement::pass("the vault is locked in governance mode")
        };
        self.with_demand(judgement)
            .with("mode", if settled || lock.immutable_from.is_some() { "compliance" } else { "governance" })
            .with_some("immutable_from", lock.immutable_from)
            .with_some("min_days", lock.min_days)
    }

    fn bucket(&self, lock: &ObjectLock) -> Judgement {
        let Some(mode) = lock.mode.as_ref().filter(|_| lock.enabled) else {
            return Judgement::fail(if lock.enabled {
                "object lock is on without a default retention: only objects locked one by one are protected"
            } else {
                "object lock is off"
            });
        };
        let judgement = match (&**mode, lock.days) {
            ("GOVERNANCE", _) if self.compliance => Judgement::fail(
                "object lock keeps objects in governance mode: whoever has the permission can bypass it",
            ),
            ("GOVERNANCE" | "COMPLIANCE", Some(days)) if !self.reaches(days) => {
                Judgement::fail("object lock keeps new objects for {days:day}; {demanded} are demanded")
            }
            ("GOVERNANCE" | "COMPLIANCE", Some(_)) => {
                Judgement::pass("object lock keeps new objects for {days:day}, in {mode} mode")
            }
            ("GOVERNANCE" | "COMPLIANCE", None) => {
                Judgement::unknown("how long object lock keeps new objects was not read")
            }
            _ => Judgement::unknown("object lock has a mode that is not known here: {mode}"),
        };
        self.with_demand(judgement).with("mode", mode.to_lowercase()).with_some("days", lock.days)
    }

    fn reaches(&self, days: u32) -> bool {
        Span::days(i64::from(days)) >= self.min
    }

    fn with_demand(&self, judgement: Judgement) -> Judgement {
        if self.min > Span::ZERO { judgement.with("demanded", self.min) } else { judgement }
    }
}
