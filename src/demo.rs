//! The bundled estate of `scan --demo`: two accounts, two regions, five applications, and at least one
//! example of everything that goes wrong in practice. Invented, and the same on every machine.

mod build;
mod records;

use chrono::{TimeDelta, TimeZone, Utc};

use crate::model::Instant;
use crate::model::activity::{ActivityOutcome, Validation};
use crate::model::fact::Fact;
use crate::model::gap::GapStatus;
use crate::model::inventory::Inventory;
use crate::model::recovery_point::{PointLock, PointStatus};
use crate::model::resource::{LifecycleRule, PublicAccessBlock, VaultLock, Versioning};
use crate::policy::{SourceFile, applications};
use build::{Builder, Place};

/// The waivers of the demo, as a policy file.
pub const WAIVERS: &str = include_str!("demo/waivers.toml");

/// The application register of the demo.
pub const APPLICATIONS: &str = include_str!("demo/applications.toml");

const PROD: &str = "111122223333";
const STAGING: &str = "444455556666";
const LONDON: Place = Place { account: PROD, region: "eu-west-2" };
const VIRGINIA: Place = Place { account: PROD, region: "us-east-1" };
const STAGING_LONDON: Place = Place { account: STAGING, region: "eu-west-2" };
const STAGING_VIRGINIA: Place = Place { account: STAGING, region: "us-east-1" };

/// The instant for which the demo is judged.
pub fn as_of() -> Instant {
    Utc.timestamp_opt(1_795_305_600, 0).single().unwrap_or_default() // 2026-11-22T00:00:00Z
}

/// The demo estate.
pub fn inventory() -> Inventory {
    let mut estate = Builder::new(as_of());
    places(&mut estate);
    shop(&mut estate);
    billing(&mut estate);
    crm(&mut estate);
    intranet(&mut estate);
    analytics(&mut estate);
    staging(&mut estate);
    leftovers(&mut estate);
    estate.bucket(LONDON, "backup", "critical", "acme-backups");
    let mut inventory = estate.finish();
    records::add(&mut inventory, as_of());
    let register = SourceFile { name: "demo/applications.toml".into(), text: APPLICATIONS.into() };
    // The register is a test input: it loads, and no resource is claimed twice.
    if let Ok(register) = applications::load(&[register]) {
        let _ = register.assign(&mut inventory, "application");
    }
    inventory.sort();
    inventory
}

/// Vaults, plans and settings of each account and region.
fn places(estate: &mut Builder) {
    for place in [LONDON, VIRGINIA, STAGING_LONDON, STAGING_VIRGINIA] {
        estate.read_everything(place);
        // Nobody opted EBS in for staging in Virginia: the plan there selects by tag and makes nothing.
        estate.settings(place, place != STAGING_VIRGINIA);
    }
    estate.daily_plan(LONDON, "daily-35d", 35, 60);
    estate.daily_plan(VIRGINIA, "daily-35d", 35, 480);
    estate.daily_plan(STAGING_LONDON, "weekly", 14, 60);
    estate.daily_plan(STAGING_VIRGINIA, "daily-35d", 35, 60);
    let compliance = VaultLock {
        locked: true,
        min_days: Some(7),
        max_days: Some(365),
        immutable_from: Some(as_of() - TimeDelta::days(200)),
    };
    estate.vault(LONDON, "primary", compliance);
    estate.vault(VIRGINIA, "primary", VaultLock { locked: true, ..VaultLock::default() });
    estate.vault(STAGING_LONDON, "primary", VaultLock::default());
    estate.vault(STAGING_VIRGINIA, "primary", VaultLock::default());
    // In Virginia nobody ever confirmed the subscription; staging has no rule.
    estate.notices(LONDON, 2);
    estate.notices(VIRGINIA, 0);
    estate.gap(STAGING_VIRGINIA, "backup", "ListRecoveryPointsByBackupVault", None, GapStatus::Denied);
    estate.gap(STAGING_LONDON, "ec2", "DescribeLockedSnapshots", None, GapStatus::Throttled);
}

/// The model application: everything backed up, tested and encrypted; one new volume.
fn shop(estate: &mut Builder) {
    for n in 0..3 {
        let volumes = estate.instance(LONDON, "shop", "critical", &format!("shop-web-{n}"), 2);
        for volume in &volumes {
            estate.daily_points(volume, 36, &[]);
            estate.daily_jobs(volume, 30, &[]);
        }
    }
    for name in ["shop-orders", "shop-sessions"] {
        let volume = estate.volume(LONDON, "shop", "critical", name);
        estate.daily_points(&volume, 36, &[]);
        estate.daily_jobs(&volume, 30, &[]);
    }
    let fresh = estate.volume(LONDON, "shop", "critical", "shop-reindex");
    estate.edit(&fresh, |resource| resource.created_at = Fact::Known(as_of() - TimeDelta::hours(5)));
    let assets = estate.bucket(LONDON, "shop", "critical", "shop-assets");
    estate.edit_bucket(&assets, |bucket| {
        bucket.lifecycle = Fact::Known(vec![noncurrent("keep-90-days", "", 90)]);
    });
    estate.bucket(LONDON, "shop", "critical", "shop-invoices");
    estate.restore_test(
        &fresh.replace("reindex", "orders"),
        20,
        ActivityOutcome::Succeeded,
        Some(Validation::Successful),
    );
}

/// Good backups with a hole of three days, and a restore test that nobody validated.
fn billing(estate: &mut Builder) {
    for name in ["billing-ledger", "billing-archive", "billing-queue"] {
        let volume = estate.volume(LONDON, "billing", "critical", name);
        let missed: &[i64] = if name == "billing-ledger" { &[9, 10, 11] } else { &[] };
        estate.daily_points(&volume, 36, missed);
        estate.daily_jobs(&volume, 30, missed);
        if name == "billing-queue" {
            estate.restore_test(&volume, 12, ActivityOutcome::Succeeded, None);
        }
    }
    let hanging = estate.volume(LONDON, "billing", "critical", "billing-reports");
    estate.daily_points(&hanging, 36, &[0, 1, 2]);
    estate.daily_jobs(&hanging, 30, &[0, 1, 2]);
    estate.point(&hanging, 2, |point| {
        point.status = PointStatus::Creating;
        point.completed_at = None;
    });
    let exports = estate.bucket(LONDON, "billing", "critical", "billing-exports");
    estate.edit_bucket(&exports, |bucket| {
        bucket.lifecycle = Fact::Known(vec![noncurrent("all", "", 90), noncurrent("tidy-temporary", "tmp/", 20)]);
    });
    let statements = estate.bucket(LONDON, "billing", "critical", "billing-statements");
    estate.edit_bucket(&statements, |bucket| bucket.versioning = Fact::Known(Versioning::Suspended));
}

/// An older application in the other region: unencrypted, public, too old.
fn crm(estate: &mut Builder) {
    let volumes = estate.instance(VIRGINIA, "crm", "high", "crm-app-1", 2);
    for volume in &volumes {
        estate.daily_points(volume, 36, &[]);
        estate.daily_jobs(volume, 30, &[4]);
    }
    let plain = estate.volume(VIRGINIA, "crm", "high", "crm-attachments");
    estate.encrypt(&plain, false);
    estate.daily_points(&plain, 36, &[]);
    estate.daily_jobs(&plain, 30, &[]);
    let shared = estate.volume(VIRGINIA, "crm", "high", "crm-templates");
    estate.daily_points(&shared, 36, &[]);
    estate.daily_jobs(&shared, 30, &[]);
    estate.point(&shared, 61, |point| {
        point.delete_after_days = None;
        point.delete_at = None;
        build::extra(point).public = Fact::Known(true);
    });
    let stuck = estate.volume(VIRGINIA, "crm", "high", "crm-search");
    estate.daily_points(&stuck, 36, &[]);
    estate.daily_jobs(&stuck, 30, &[]);
    estate.point(&stuck, 58, |point| {
        point.status = PointStatus::Expired;
        build::extra(point).message = Some("the role that deletes recovery points no longer exists".into());
    });
    let bucket = estate.bucket(VIRGINIA, "crm", "high", "crm-uploads");
    estate.edit_bucket(&bucket, |bucket| {
        bucket.versioning = Fact::Known(Versioning::Never);
        bucket.public_access_block = Fact::Known(PublicAccessBlock::default());
        bucket.policy_public = Fact::Known(true);
    });
    let denied = estate.bucket(VIRGINIA, "crm", "high", "crm-mail");
    estate.edit_bucket(&denied, |bucket| {
        bucket.versioning = Fact::Unread;
        bucket.mfa_delete = Fact::Unread;
    });
    estate.gap(VIRGINIA, "s3", "GetBucketVersioning", Some(&denied), GapStatus::Denied);
    estate.restore_test(&shared, 6, ActivityOutcome::Failed, None);
}

/// Backed up by whole images of its instances.
fn intranet(estate: &mut Builder) {
    for n in 0..2 {
        let name = format!("intranet-{n}");
        let volumes = estate.instance(LONDON, "intranet", "medium", &name, 2);
        for volume in &volumes {
            estate.daily_points(volume, 36, &[]);
            estate.daily_jobs(volume, 30, &[]);
        }
        estate.images(LONDON, &name, &volumes, 5);
    }
    estate.bucket(LONDON, "intranet", "medium", "intranet-wiki");
    let held = estate.volume(LONDON, "intranet", "medium", "intranet-hr");
    estate.daily_points(&held, 36, &[]);
    estate.daily_jobs(&held, 30, &[]);
    estate.point(&held, 120, |point| {
        point.delete_after_days = None;
        point.delete_at = None;
        build::extra(point).lock =
            Some(PointLock { state: "compliance".into(), until: Some(as_of() + TimeDelta::days(400)) });
    });
    estate.volume(LONDON, "intranet", "medium", "intranet-cache");
}

/// Nobody selected these volumes; one of them is an approved exception.
fn analytics(estate: &mut Builder) {
    for n in 0..4 {
        let volume = estate.unselected_volume(VIRGINIA, "analytics", "low", &format!("analytics-scratch-{n}"));
        if n == 3 {
            estate.daily_points(&volume, 10, &[]);
        }
    }
    for name in ["analytics-lake", "analytics-results"] {
        let bucket = estate.bucket(VIRGINIA, "analytics", "low", name);
        if name == "analytics-results" {
            estate.edit_bucket(&bucket, |bucket| bucket.lifecycle = Fact::Known(vec![noncurrent("short", "", 30)]));
        }
    }
}

/// Staging: short retention in London, and a region whose recovery points may not be listed.
fn staging(estate: &mut Builder) {
    for n in 0..3 {
        let volume = estate.volume(STAGING_LONDON, "shop", "low", &format!("staging-shop-{n}"));
        estate.daily_points(&volume, 14, &[]);
        estate.daily_jobs(&volume, 30, &[]);
    }
    for n in 0..3 {
        estate.volume(STAGING_VIRGINIA, "crm", "low", &format!("staging-crm-{n}"));
    }
    estate.bucket(STAGING_LONDON, "shop", "low", "staging-shop-assets");
    let untagged = estate.bucket(STAGING_VIRGINIA, "crm", "low", "staging-crm-import");
    estate.edit(&untagged, |resource| resource.tags = Fact::Unread);
    estate.gap(STAGING_VIRGINIA, "s3", "GetBucketTagging", Some(&untagged), GapStatus::Throttled);
}

/// What old systems left behind: snapshots of volumes that are gone, and a copy of nobody knows what.
fn leftovers(estate: &mut Builder) {
    for (n, age) in [(0, 410), (1, 44), (2, 20)] {
        estate.orphan(VIRGINIA, &format!("legacy-{n}"), age);
    }
    estate.stray_copy(LONDON, "migration-2024", 600);
    estate.stray_copy(VIRGINIA, "laptop-import", 15);
}

fn noncurrent(id: &str, prefix: &str, days: u32) -> LifecycleRule {
    LifecycleRule {
        id: id.into(),
        prefix: (!prefix.is_empty()).then(|| prefix.into()),
        noncurrent_days: Some(days),
        ..LifecycleRule::default()
    }
}
