//! AWS Backup: vaults with their locks, policies and notifications, the region's settings, and plans.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;

use super::super::draft::Draft;
use super::super::view::{Got, View};
use super::{Role, TypeInfo};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::notification::VaultNotifications;
use crate::model::protection::{BackupPlan, CopyAction, PlanRule};
use crate::model::resource::{Detail, Resource, Vault, VaultLock};
use crate::model::text::Text;

const VAULTS: &[&str] = &["aws_backup_vault", "aws_backup_logically_air_gapped_vault"];

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "aws_backup_vault",
        attributes: &["id", "arn", "name", "region", "kms_key_arn", "force_destroy", "tags", "tags_all"],
        role: Role::Whole { kind: Kind::BackupVault, name: Some("name"), detail: vault },
    },
    TypeInfo {
        name: "aws_backup_logically_air_gapped_vault",
        attributes: &["id", "arn", "name", "region", "min_retention_days", "max_retention_days", "tags", "tags_all"],
        role: Role::Whole { kind: Kind::BackupVault, name: Some("name"), detail: air_gapped },
    },
    TypeInfo {
        name: "aws_backup_vault_lock_configuration",
        attributes: &[
            "id",
            "backup_vault_name",
            "backup_vault_arn",
            "changeable_for_days",
            "min_retention_days",
            "max_retention_days",
        ],
        role: Role::Part {
            of: VAULTS,
            by: "backup_vault_name",
            facts: &["lock"],
            apply: lock,
            remove: |resource| with(resource, |vault| vault.lock = Fact::Known(VaultLock::default())),
        },
    },
    TypeInfo {
        name: "aws_backup_vault_policy",
        attributes: &["id", "backup_vault_name", "policy"],
        role: Role::Part {
            of: VAULTS,
            by: "backup_vault_name",
            facts: &["policy"],
            apply: |draft, view, resource| {
                let policy = draft.ask(view, Some(&resource.arn)).text("policy", "policy", Some(""));
                with(resource, |vault| vault.policy = policy);
            },
            remove: |resource| with(resource, |vault| vault.policy = Fact::Known(Text::default())),
        },
    },
    TypeInfo {
        name: "aws_backup_vault_notifications",
        attributes: &["id", "backup_vault_name", "sns_topic_arn", "backup_vault_events"],
        role: Role::Part {
            of: VAULTS,
            by: "backup_vault_name",
            facts: &["notifications"],
            apply: notifications,
            remove: |resource| {
                with(resource, |vault| vault.notifications = Fact::Known(VaultNotifications::default()));
            },
        },
    },
    TypeInfo {
        name: "aws_backup_region_settings",
        attributes: &["id", "resource_type_opt_in_preference", "region"],
        role: Role::Region { apply: opt_in, remove: |_| {} },
    },
    TypeInfo {
        name: "aws_backup_plan",
        attributes: &["id", "arn", "name", "rule", "region"],
        role: Role::Protection(plan),
    },
];

fn with(resource: &mut Resource, change: impl FnOnce(&mut Vault)) {
    if let Detail::Vault(vault) = &mut resource.detail {
        change(vault);
    }
}

/// A vault of which no other resource says more: no lock, no policy, no notifications.
fn vault(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    let ask = draft.ask(view, Some(identity));
    Detail::Vault(Box::new(Vault {
        vault_type: Some("BACKUP_VAULT".into()),
        // Without one, AWS Backup takes the key `aws/backup`.
        kms_key: ask.text("kms_key", "kms_key_arn", Some("alias/aws/backup")),
        lock: Fact::Known(VaultLock::default()),
        policy: Fact::Known(Text::default()),
        notifications: Fact::Known(VaultNotifications::default()),
        points: Fact::Unread,
    }))
}

fn air_gapped(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    let ask = draft.ask(view, Some(identity));
    let min = ask.number("lock", "min_retention_days", Some(7));
    let max = ask.number("lock", "max_retention_days", None);
    let lock = min.known().map(|min| VaultLock {
        locked: true,
        min_days: Some(*min),
        max_days: max.known().copied(),
        immutable_from: Some(draft.as_of),
    });
    Detail::Vault(Box::new(Vault {
        vault_type: Some("LOGICALLY_AIR_GAPPED_BACKUP_VAULT".into()),
        kms_key: Fact::Known(Text::default()),
        lock: Fact::from(lock),
        policy: Fact::Known(Text::default()),
        notifications: Fact::Known(VaultNotifications::default()),
        points: Fact::Unread,
    }))
}

fn lock(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let ask = draft.ask(view, Some(&resource.arn));
    // 0 stands for absent.
    let number = |path: &str| ask.number("lock", path, Some(0)).known().copied();
    let lock = (|| {
        let some = |days: u32| (days > 0).then_some(days);
        let changeable = some(number("changeable_for_days")?);
        Some(VaultLock {
            locked: true,
            min_days: some(number("min_retention_days")?),
            max_days: some(number("max_retention_days")?),
            // The time runs from the moment it is applied.
            immutable_from: changeable
                .and_then(|days| draft.as_of.checked_add_signed(TimeDelta::days(i64::from(days)))),
        })
    })();
    with(resource, |vault| vault.lock = Fact::from(lock));
}

fn notifications(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let ask = draft.ask(view, Some(&resource.arn));
    let topic = draft.named(view, "sns_topic_arn", &["aws_sns_topic"]);
    let topic = topic.map_or_else(|| ask.text("notifications", "sns_topic_arn", None), Fact::Known);
    let found = match (topic, view.got("backup_vault_events")) {
        (Fact::Known(topic), Got::Known(events)) => {
            Fact::Known(VaultNotifications { topic: Some(topic), events: texts(events) })
        }
        _ => Fact::Unread,
    };
    with(resource, |vault| vault.notifications = found);
}

fn opt_in(draft: &Draft<'_, '_>, view: View<'_, '_>, resource: &mut Resource) {
    let ask = draft.ask(view, Some(&resource.arn));
    let found = match view.got("resource_type_opt_in_preference") {
        Got::Known(Value::Object(fields)) if view.open_below("resource_type_opt_in_preference").is_none() => {
            let flags = fields.iter().filter_map(|(name, value)| Some((Text::from(name.as_str()), value.as_bool()?)));
            Fact::Known(flags.collect::<BTreeMap<_, _>>())
        }
        Got::Open(why) => {
            ask.open("backup_opt_in", "resource_type_opt_in_preference", &why);
            Fact::Unread
        }
        _ => Fact::Unread,
    };
    if let Detail::Region(settings) = &mut resource.detail {
        settings.backup_opt_in = found;
    }
}

/// The texts of a list.
pub(super) fn texts(value: &Value) -> Vec<Text> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| item.as_str().map(Text::from)).collect()
}

fn plan<'p, 'a>(draft: &mut Draft<'p, 'a>, view: View<'p, 'a>) {
    let (account, region) = draft.places.place(view);
    let arn = draft.own(view, "backup", "backup-plan:");
    let name = view.text("name").unwrap_or(view.instance.address);
    let rules = rules(draft, view, &arn);
    draft.declare_protection(&account, &region);
    draft.inventory.plans.push(BackupPlan {
        name: Text::from(name),
        account,
        region,
        rules,
        selections: Fact::Known(Vec::new()),
        arn,
    });
}

/// The rules; one that is open in what decides makes the plan promise nothing that can be told.
fn rules(draft: &Draft<'_, '_>, view: View<'_, '_>, plan: &Text) -> Vec<PlanRule> {
    let mut rules = Vec::new();
    let ask = draft.ask(view, None);
    if let Got::Open(why) = view.got("rule") {
        ask.open("selections", "rule", &why);
        draft.undecided_plan(plan);
        return rules;
    }
    for index in 0..view.blocks("rule") {
        let at = |name: &str| format!("rule.{index}.{name}");
        let decisive = ["schedule", "schedule_expression_timezone", "start_window", "lifecycle.0.delete_after"];
        for name in decisive {
            if let Got::Open(why) = view.got(&at(name)) {
                ask.open("selections", &at(name), &why);
                draft.undecided_plan(plan);
            }
        }
        let name = Text::from(view.text(&at("rule_name")).unwrap_or_default());
        let days = |path: &str| view.number(path).and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
        let minutes = |name: &str| view.number(&at(name)).and_then(|minutes| u32::try_from(minutes).ok());
        let copies = (0..view.blocks(&at("copy_action"))).map(|copy| {
            let at = |name: &str| at(&format!("copy_action.{copy}.{name}"));
            let path = at("destination_vault_arn");
            let declared = draft.named(view, &path, VAULTS).map(Fact::Known);
            // One that is not known may lie anywhere: here, or in another place.
            let vault = declared.unwrap_or_else(|| draft.ask(view, Some(plan)).text("copies", &path, None));
            CopyAction { vault, delete_after_days: days(&at("lifecycle.0.delete_after")) }
        });
        rules.push(PlanRule {
            id: name.clone(),
            name,
            vault: target(draft, view, &at("target_vault_name")),
            schedule: view.text(&at("schedule")).map(Text::from),
            timezone: view.text(&at("schedule_expression_timezone")).map(Text::from),
            start_window_minutes: minutes("start_window"),
            completion_window_minutes: minutes("completion_window"),
            delete_after_days: days(&at("lifecycle.0.delete_after")),
            cold_after_days: days(&at("lifecycle.0.cold_storage_after")),
            continuous: view.flag(&at("enable_continuous_backup")).unwrap_or(false),
            copies: copies.collect(),
        });
    }
    rules
}

/// The name of the vault, or the part of its identity that stands for it.
fn target(draft: &Draft<'_, '_>, view: View<'_, '_>, path: &str) -> Text {
    if let Some(name) = view.text(path) {
        return Text::from(name);
    }
    let vault = draft.named(view, path, VAULTS);
    vault.map_or_else(|| Text::from("(vault)"), |arn| Text::from(crate::model::arn::short(&arn)))
}
