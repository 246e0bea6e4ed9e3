//! Settings of resources and vaults.

use foldhash::HashMap;

use super::{Found, Of};
use crate::model::fact::Fact;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::reach_back;
use crate::model::resource::{Bucket, Database, Detail, RegionSettings, Resource, Vault, VaultLock, Versioning};

/// The name, which is the address: what is replaced has another identity.
fn key(resource: &Resource) -> &str {
    resource.name.as_ref().unwrap_or(&resource.arn)
}

pub(super) fn compare(before: &Inventory, after: &Inventory, found: &mut Found<'_>) {
    let afterwards: HashMap<_, &Resource> = after.resources.iter().map(|resource| (key(resource), resource)).collect();
    for was in &before.resources {
        let of = Of { identity: &was.arn, address: was.name.as_ref() };
        match afterwards.get(key(was)) {
            Some(is) if is.kind == was.kind => details(of, was, is, found),
            _ => gone(of, was, found),
        }
    }
}

/// A deleted vault takes its recovery points along, a deleted bucket all its versions. What else is deleted needs no
/// protection any more, unless its last copy goes with it, which its own type tells.
fn gone(of: Of<'_>, was: &Resource, found: &mut Found<'_>) {
    let versioned = was.bucket().is_some_and(|bucket| bucket.versioning == Fact::Known(Versioning::Enabled));
    match was.kind {
        Kind::BackupVault => found.gone(of, "vault", crate::model::arn::short(&was.arn)),
        Kind::S3Bucket if versioned => found.gone(of, "versioned bucket", crate::model::arn::short(&was.arn)),
        _ => {}
    }
}

fn details(of: Of<'_>, was: &Resource, is: &Resource, found: &mut Found<'_>) {
    match (&was.detail, &is.detail) {
        (Detail::Database(was), Detail::Database(is)) => database(of, was, is, found),
        (Detail::Bucket(was), Detail::Bucket(is)) => bucket(of, was, is, found),
        (Detail::Vault(was), Detail::Vault(is)) => vault(of, was, is, found),
        (Detail::Region(was), Detail::Region(is)) => region(of, was, is, found),
        (Detail::Table(was), Detail::Table(is)) => {
            fewer(of, "retention-shortened", "point-in-time recovery", &was.pitr_days, &is.pitr_days, found);
            lost(
                of,
                "deletion-protection-removed",
                "deletion protection",
                &was.deletion_protection,
                &is.deletion_protection,
                found,
            );
        }
        (Detail::FileSystem(was), Detail::FileSystem(is)) => {
            lost(
                of,
                "protection-disabled",
                "the automatic backup policy",
                &was.backup_policy,
                &is.backup_policy,
                found,
            );
            lost(of, "encryption-removed", "encryption", &was.encrypted, &is.encrypted, found);
        }
        (Detail::Volume(was), Detail::Volume(is)) => {
            lost(of, "encryption-removed", "encryption", &was.encrypted, &is.encrypted, found);
        }
        _ => {}
    }
}

/// A number of days that becomes smaller.
fn fewer(of: Of<'_>, code: &str, what: &str, was: &Fact<u32>, is: &Fact<u32>, found: &mut Found<'_>) {
    if let (Some(was), Some(is)) = (was.known(), is.known())
        && is < was
    {
        let sentence = match is {
            0 => format!("{what} is switched off; it was kept for {was} days"),
            is => format!("{what} is shortened from {was} to {is} days"),
        };
        found.say(of, code, &was.to_string(), &is.to_string(), sentence);
    }
}

/// A switch that goes from on to off.
fn lost(of: Of<'_>, code: &str, what: &str, was: &Fact<bool>, is: &Fact<bool>, found: &mut Found<'_>) {
    if (was.known(), is.known()) == (Some(&true), Some(&false)) {
        found.say(of, code, "on", "off", format!("{what} is switched off"));
    }
}

fn database(of: Of<'_>, was: &Database, is: &Database, found: &mut Found<'_>) {
    let (w, i) = (&was.backup_retention_days, &is.backup_retention_days);
    fewer(of, "retention-shortened", "the retention of automated backups", w, i, found);
    lost(of, "encryption-removed", "encryption", &was.encrypted, &is.encrypted, found);
    let (w, i) = (&was.deletion_protection, &is.deletion_protection);
    lost(of, "deletion-protection-removed", "deletion protection", w, i, found);
    if (was.publicly_accessible.known(), is.publicly_accessible.known()) == (Some(&false), Some(&true)) {
        found.say(of, "made-public", "private", "public", "the database gets a public address".to_owned());
    }
}

fn bucket(of: Of<'_>, was: &Bucket, is: &Bucket, found: &mut Found<'_>) {
    if was.versioning == Fact::Known(Versioning::Enabled) {
        let becomes = match is.versioning.known() {
            Some(Versioning::Suspended) => Some("suspended"),
            Some(Versioning::Never) => Some("never enabled"),
            _ => None,
        };
        if let Some(becomes) = becomes {
            found.add(of, "versioning-suspended", "versioning", "enabled", becomes);
        }
    }
    if let (Some(was), Some(is)) = (was.lifecycle.known(), is.lifecycle.known()) {
        let days = |rules| reach_back::shortest(rules).map(|part| part.days);
        match (days(was), days(is)) {
            (None, Some(is)) => {
                found.add(
                    of,
                    "retention-shortened",
                    "the retention of previous versions",
                    "for ever",
                    &format!("{is} days"),
                );
            }
            (Some(was), Some(is)) if is < was => {
                let (was, is) = (format!("{was} days"), format!("{is} days"));
                found.add(of, "retention-shortened", "the retention of previous versions", &was, &is);
            }
            _ => {}
        }
    }
    if let (Some(was), Some(is)) = (was.public_access_block.known(), is.public_access_block.known())
        && was.blocks_everything()
        && !is.blocks_everything()
    {
        found.add(of, "public-access-opened", "the block of public access", "complete", "incomplete");
    }
    if let (Some(was), Some(is)) = (was.object_lock.known(), is.object_lock.known()) {
        let strength = |lock: &crate::model::resource::ObjectLock| {
            (lock.enabled, lock.mode.as_deref() == Some("COMPLIANCE"), lock.days.unwrap_or(0))
        };
        let say = |lock: &crate::model::resource::ObjectLock| match (&lock.mode, lock.days) {
            (Some(mode), Some(days)) => format!("{} {days} days", mode.to_lowercase()),
            _ => "no default retention".to_owned(),
        };
        let (w, i) = (strength(was), strength(is));
        if (w.0 && !i.0) || (w.1 && !i.1) || i.2 < w.2 {
            found.add(of, "lock-weakened", "object lock", &say(was), &say(is));
        }
    }
    if let (Some(was), Some(is)) = (was.replication.known(), is.replication.known())
        && !was.is_empty()
        && is.is_empty()
    {
        found.add(of, "copies-removed", "replication", &format!("{} rules", was.len()), "none");
    }
}

fn vault(of: Of<'_>, was: &Vault, is: &Vault, found: &mut Found<'_>) {
    if let (Some(was), Some(is)) = (was.lock.known(), is.lock.known()) {
        let weaker = (was.locked && !is.locked)
            || (was.immutable_from.is_some() && is.immutable_from.is_none())
            || is.min_days.unwrap_or(0) < was.min_days.unwrap_or(0);
        if weaker {
            found.add(of, "lock-weakened", "the lock of the vault", &lock(was), &lock(is));
        }
    }
    if let (Some(was), Some(is)) = (was.notifications.known(), is.notifications.known())
        && was.topic.is_some()
        && is.topic.is_none()
    {
        found.add(of, "notification-removed", "the notification of the vault", "a topic", "nobody");
    }
}

fn lock(lock: &VaultLock) -> String {
    let mode = match (lock.locked, lock.immutable_from) {
        (false, _) => return "none".to_owned(),
        (true, None) => "governance",
        (true, Some(_)) => "compliance",
    };
    lock.min_days.map_or_else(|| mode.to_owned(), |days| format!("{mode} of at least {days} days"))
}

fn region(of: Of<'_>, was: &RegionSettings, is: &RegionSettings, found: &mut Found<'_>) {
    let (w, i) = (&was.ebs_encryption_by_default, &is.ebs_encryption_by_default);
    lost(of, "encryption-removed", "the encryption of new volumes by default", w, i, found);
    if let (Some(was), Some(is)) = (was.snapshot_block_public_access.known(), is.snapshot_block_public_access.known()) {
        let strength =
            |state: &str| ["unblocked", "block-new-sharing", "block-all-sharing"].iter().position(|s| *s == state);
        if strength(is) < strength(was) {
            found.add(of, "public-access-opened", "the block of public snapshots", was, is);
        }
    }
    if let (Some(was), Some(is)) = (was.backup_opt_in.known(), is.backup_opt_in.known()) {
        for (name, _) in was.iter().filter(|(name, on)| **on && is.get(*name) == Some(&false)) {
            found.say(of, "protection-disabled", "on", "off", format!("AWS Backup is switched off for {name}"));
        }
    }
}
