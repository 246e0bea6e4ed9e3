//! AWS Backup: vaults with their locks, policies and notifications, and plans.

use chrono::TimeDelta;

use super::super::draft::Draft;
use super::super::value::{Props, Stuck, Told};
use super::super::view::View;
use super::{TypeInfo, arn, of};
use crate::model::Instant;
use crate::model::arn as arns;
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::notification::VaultNotifications;
use crate::model::protection::{BackupPlan, CopyAction, PlanRule};
use crate::model::resource::{Detail, Vault, VaultLock};
use crate::model::text::Text;

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "AWS::Backup::BackupVault",
        naming: of(Kind::BackupVault, Some("BackupVaultName")),
        pass: 0,
        put: vault,
        // One that holds recovery points is not deleted.
        holds_data: false,
    },
    TypeInfo {
        name: "AWS::Backup::LogicallyAirGappedBackupVault",
        naming: of(Kind::BackupVault, Some("BackupVaultName")),
        pass: 0,
        put: air_gapped,
        holds_data: false,
    },
    TypeInfo {
        name: "AWS::Backup::BackupPlan",
        naming: arn("backup", "backup-plan:", None),
        pass: 2,
        put: plan,
        holds_data: false,
    },
];

fn vault<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = &view.arn();
    let as_of = draft.as_of;
    let mut vault = common(view, arn);
    // Without one, AWS Backup takes the key `aws/backup`.
    vault.kms_key =
        view.fact(arn, "kms_key", |p| Ok(Text::from(p.name("EncryptionKeyArn")?.unwrap_or("alias/aws/backup"))));
    vault.vault_type = Some("BACKUP_VAULT".into());
    vault.lock = view.fact(arn, "lock", |p| lock(p, as_of));
    draft.whole(view, Kind::BackupVault, Detail::Vault(Box::new(vault)), "BackupVaultTags");
    draft.region(view);
}

fn air_gapped<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = &view.arn();
    let as_of = draft.as_of;
    let mut vault = common(view, arn);
    vault.kms_key = Fact::Known(Text::default());
    vault.vault_type = Some("LOGICALLY_AIR_GAPPED_BACKUP_VAULT".into());
    vault.lock = view.fact(arn, "lock", |p| {
        Ok(VaultLock {
            locked: true,
            min_days: p.days("MinRetentionDays")?,
            max_days: p.days("MaxRetentionDays")?,
            immutable_from: Some(as_of),
        })
    });
    draft.whole(view, Kind::BackupVault, Detail::Vault(Box::new(vault)), "BackupVaultTags");
    draft.region(view);
}

fn common(view: &View<'_, '_>, arn: &Text) -> Vault {
    Vault {
        policy: view.fact(arn, "policy", |p| {
            Ok(p.json("AccessPolicy")?.map_or_else(Text::default, |policy| Text::from(policy.to_string())))
        }),
        notifications: view.fact(arn, "notifications", |p| {
            Ok(VaultNotifications {
                topic: p.name("Notifications.SNSTopicArn")?.map(Text::from),
                events: p.names("Notifications.BackupVaultEvents")?.into_iter().map(Text::from).collect(),
            })
        }),
        ..Vault::default()
    }
}

fn lock(p: &Props<'_>, as_of: Instant) -> Told<VaultLock> {
    if !p.is_set("LockConfiguration")? {
        return Ok(VaultLock::default());
    }
    let lock = p.at("LockConfiguration")?;
    let changeable = lock.days("ChangeableForDays")?;
    Ok(VaultLock {
        locked: true,
        min_days: lock.days("MinRetentionDays")?,
        max_days: lock.days("MaxRetentionDays")?,
        // The time runs from the moment it is applied.
        immutable_from: changeable.and_then(|days| as_of.checked_add_signed(TimeDelta::days(i64::from(days)))),
    })
}

fn plan<'t>(draft: &mut Draft<'t>, view: &View<'_, 't>) {
    let arn = view.arn();
    let (account, region) = view.place();
    draft.declare_protection();
    let name = view.name("BackupPlan.BackupPlanName");
    let rules = view.tell(rules).map(|(rules, open)| {
        open.iter().for_each(|stuck| view.open(Some(&arn), "copies", stuck));
        rules
    });
    let rules = match (rules, view.doubt_of_protection()) {
        (Ok(rules), None) => rules,
        (Ok(rules), Some(why)) => {
            view.open(None, "selections", &why.clone().at("Condition"));
            draft.undecided_plan(&arn);
            rules
        }
        (Err(stuck), _) => {
            view.open(None, "selections", &stuck);
            draft.undecided_plan(&arn);
            Vec::new()
        }
    };
    draft.inventory.plans.push(BackupPlan {
        name: name.unwrap_or_else(|| Text::from(view.declaration.id.as_str())),
        account,
        region,
        rules,
        selections: Fact::Known(Vec::new()),
        arn,
    });
}

/// The rules, and why the vault of a copy cannot be told.
fn rules(p: &Props<'_>) -> Told<(Vec<PlanRule>, Vec<Stuck>)> {
    let mut rules = Vec::new();
    let mut open = Vec::new();
    for rule in p.items("BackupPlan.BackupPlanRule")? {
        let days = |path: &str| Ok(rule.days(path)?.filter(|days| *days > 0));
        let mut copies = Vec::new();
        for copy in rule.items("CopyActions")? {
            // One that is not known may lie anywhere: here, or in another place.
            let vault = match copy.name("DestinationBackupVaultArn") {
                Ok(vault) => Fact::from(vault.map(Text::from)),
                Err(stuck) if stuck.why.split.is_some() => return Err(stuck),
                Err(stuck) => {
                    open.push(stuck);
                    Fact::Unread
                }
            };
            let kept = copy.days("Lifecycle.DeleteAfterDays")?.filter(|days| *days > 0);
            copies.push(CopyAction { vault, delete_after_days: kept });
        }
        let name = Text::from(rule.name("RuleName").ok().flatten().unwrap_or_default());
        rules.push(PlanRule {
            id: name.clone(),
            name,
            vault: target(&rule)?,
            schedule: rule.text("ScheduleExpression")?.map(Text::from),
            timezone: rule.text("ScheduleExpressionTimezone")?.map(Text::from),
            start_window_minutes: rule.days("StartWindowMinutes")?,
            completion_window_minutes: rule.days("CompletionWindowMinutes")?,
            delete_after_days: days("Lifecycle.DeleteAfterDays")?,
            cold_after_days: days("Lifecycle.MoveToColdStorageAfterDays")?,
            continuous: rule.flag("EnableContinuousBackup")?.unwrap_or(false),
            copies,
        });
    }
    Ok((rules, open))
}

/// The name of the vault, or the part of its identity that stands for it.
fn target(rule: &Props<'_>) -> Told<Text> {
    match rule.name("TargetBackupVault") {
        Ok(name) => Ok(Text::from(arns::short(name.unwrap_or("(vault)")))),
        Err(stuck) if stuck.why.split.is_some() => Err(stuck),
        Err(_) => Ok("(vault)".into()),
    }
}
