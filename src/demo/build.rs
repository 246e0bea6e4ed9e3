//! Small words to write the demo estate in.

mod points;

use chrono::TimeDelta;

use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::gap::{Gap, GapStatus, Read};
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::notification::{EventRule, Topic, VaultNotifications};
use crate::model::protection::{BackupPlan, PlanRule, Selection, TagTest};
use crate::model::recovery_point::{PointExtra, RecoveryPoint};
use crate::model::resource::{
    Bucket, BucketEncryption, Detail, Existence, Instance, ObjectLock, PublicAccessBlock, RegionSettings, Resource,
    Tags, Vault, VaultLock, Versioning, Volume,
};
use crate::model::text::Text;

/// An account in a region.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: &'static str,
    pub(super) region: &'static str,
}

/// The calls that every place answers in full, unless a gap says otherwise.
const CALLS: &[&str] = &[
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "ec2:DescribeSnapshots",
    "ec2:DescribeImages",
    "ec2:DescribeLockedSnapshots",
    "ec2:GetEbsEncryptionByDefault",
    "ec2:GetSnapshotBlockPublicAccessState",
    "backup:ListBackupVaults",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:ListBackupPlans",
    "backup:ListBackupSelections",
    "backup:ListBackupJobs",
    "backup:ListCopyJobs",
    "backup:ListRestoreJobs",
    "backup:ListLegalHolds",
    "backup:ListProtectedResources",
    "backup:ListRestoreTestingPlans",
    "backup:DescribeRegionSettings",
    "backup:GetBackupVaultNotifications",
    "events:ListRules",
    "events:ListTargetsByRule",
    "sns:GetTopicAttributes",
];

/// Jobs are remembered for 30 days.
const JOB_CALLS: &[&str] = &["backup:ListBackupJobs", "backup:ListCopyJobs", "backup:ListRestoreJobs"];

pub(super) struct Builder {
    as_of: Instant,
    inventory: Inventory,
    serial: u64,
}

impl Builder {
    pub(super) fn new(as_of: Instant) -> Self {
        let mut inventory = Inventory::empty(as_of, "demo");
        inventory.caller = Some("arn:aws:sts::111122223333:assumed-role/lastgood-scan/demo".into());
        Self { as_of, inventory, serial: 0 }
    }

    /// The inventory in its canonical order, without the reads that a gap contradicts.
    pub(super) fn finish(mut self) -> Inventory {
        let gaps = &self.inventory.gaps;
        self.inventory.reads.retain(|read| {
            !gaps.iter().any(|gap| {
                gap.resource.is_none()
                    && gap.account == read.account
                    && gap.region == read.region
                    && gap.call() == *read.call
            })
        });
        let vaulted = self.inventory.points.iter().filter(|point| point.vault.is_some());
        self.inventory.protected = vaulted.filter_map(|point| point.resource.clone()).collect();
        self.inventory.sort();
        self.inventory
    }

    fn days_ago(&self, days: i64, hour: i64) -> Instant {
        self.as_of - TimeDelta::days(days) + TimeDelta::hours(hour)
    }

    fn next(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub(super) fn read_everything(&mut self, place: Place) {
        for call in CALLS {
            let since = JOB_CALLS.contains(call).then(|| self.days_ago(30, 0));
            self.read(place.account, place.region, call, since);
        }
        self.inventory.accounts.push(place.account.into());
        self.inventory.regions.push(place.region.into());
        if !self.inventory.reads.iter().any(|read| read.account == place.account && read.region == "global") {
            self.read(place.account, "global", "s3:ListBuckets", None);
        }
    }

    fn read(&mut self, account: &str, region: &str, call: &str, since: Option<Instant>) {
        let (account, region, call) = (account.into(), region.into(), call.into());
        self.inventory.reads.push(Read { account, region, call, items: 0, requests: 1, since });
    }

    pub(super) fn gap(
        &mut self,
        place: Place,
        service: &str,
        operation: &str,
        resource: Option<&str>,
        status: GapStatus,
    ) {
        let code = match status {
            GapStatus::Throttled => "ThrottlingException",
            _ => "AccessDenied",
        };
        self.inventory.gaps.push(Gap {
            account: place.account.into(),
            region: place.region.into(),
            service: service.into(),
            operation: operation.into(),
            resource: resource.map(Text::from),
            status,
            code: code.into(),
            message: None,
            iam_action: format!("{service}:{operation}").into(),
        });
    }

    fn add(
        &mut self,
        place: Place,
        kind: Kind,
        arn: String,
        name: &str,
        tags: &[(&str, &str)],
        detail: Detail,
    ) -> String {
        self.inventory.resources.push(Resource {
            arn: arn.as_str().into(),
            kind,
            account: place.account.into(),
            region: place.region.into(),
            name: Some(name.into()),
            tags: Fact::Known(tags.iter().map(|(key, value)| (Text::from(*key), Text::from(*value))).collect::<Tags>()),
            created_at: Fact::Known(self.days_ago(400, 9)),
            application: None,
            criticality: None,
            existence: Existence::Present,
            detail,
        });
        arn
    }

    pub(super) fn settings(&mut self, place: Place, opted_in: bool) {
        let arn = format!("arn:aws:lastgood:{}:{}:region-settings", place.region, place.account);
        let detail = RegionSettings {
            ebs_encryption_by_default: Fact::Known(opted_in),
            snapshot_block_public_access: Fact::Known("block-new-sharing".into()),
            backup_opt_in: Fact::Known([("EBS".into(), opted_in), ("EC2".into(), true), ("S3".into(), true)].into()),
        };
        self.add(place, Kind::AccountRegion, arn, place.region, &[], Detail::Region(Box::new(detail)));
    }

    /// A rule that sends the failed jobs of a place to a topic with so many confirmed subscriptions.
    pub(super) fn notices(&mut self, place: Place, confirmed: u64) {
        let Place { account, region } = place;
        let topic = format!("arn:aws:sns:{region}:{account}:backup-failures");
        let pattern = r#"{"source":["aws.backup"],"detail-type":["Backup Job State Change"],"detail":{"state":["FAILED","EXPIRED","PARTIAL"]}}"#;
        self.inventory.event_rules.push(EventRule {
            arn: format!("arn:aws:events:{region}:{account}:rule/backup-failures").into(),
            account: account.into(),
            region: region.into(),
            bus: "default".into(),
            enabled: true,
            pattern: Some(pattern.into()),
            targets: Fact::Known(vec![topic.as_str().into()]),
        });
        self.inventory.topics.push(Topic {
            arn: topic.into(),
            account: account.into(),
            region: region.into(),
            confirmed: Fact::Known(confirmed),
        });
    }

    pub(super) fn vault(&mut self, place: Place, name: &str, lock: VaultLock) {
        let arn = vault_arn(place, name);
        let detail = Vault {
            vault_type: Some("BACKUP_VAULT".into()),
            kms_key: Fact::Known(key_arn(place)),
            lock: Fact::Known(lock),
            policy: Fact::Known(Text::default()),
            notifications: Fact::Known(VaultNotifications::default()),
            points: Fact::Known(0),
        };
        self.add(place, Kind::BackupVault, arn, name, &[], Detail::Vault(Box::new(detail)));
    }

    /// A daily plan at 01:00 UTC that selects everything tagged `backup = daily`.
    pub(super) fn daily_plan(&mut self, place: Place, name: &str, keep_days: u32, start_window_minutes: u32) {
        let schedule = if name == "weekly" { "cron(0 1 ? * 7 *)" } else { "cron(0 1 ? * * *)" };
        self.inventory.plans.push(BackupPlan {
            arn: plan_arn(place).into(),
            name: name.into(),
            account: place.account.into(),
            region: place.region.into(),
            rules: vec![PlanRule {
                id: "rule-1".into(),
                name: name.into(),
                vault: "primary".into(),
                schedule: Some(schedule.into()),
                timezone: Some("UTC".into()),
                start_window_minutes: Some(start_window_minutes),
                completion_window_minutes: None,
                delete_after_days: Some(keep_days),
                cold_after_days: None,
                continuous: false,
                copies: Vec::new(),
            }],
            selections: Fact::Known(vec![Selection {
                id: "selection-1".into(),
                name: "tagged".into(),
                role: Some(
                    format!("arn:aws:iam::{}:role/service-role/AWSBackupDefaultServiceRole", place.account).into(),
                ),
                list_of_tags: vec![TagTest { key: "backup".into(), value: "daily".into() }],
                ..Selection::default()
            }]),
        });
    }

    pub(super) fn volume(&mut self, place: Place, application: &str, criticality: &str, name: &str) -> String {
        let tags = [("application", application), ("criticality", criticality), ("backup", "daily"), ("Name", name)];
        self.tagged_volume(place, name, &tags)
    }

    pub(super) fn unselected_volume(
        &mut self,
        place: Place,
        application: &str,
        criticality: &str,
        name: &str,
    ) -> String {
        let tags = [("application", application), ("criticality", criticality), ("Name", name)];
        self.tagged_volume(place, name, &tags)
    }

    fn tagged_volume(&mut self, place: Place, name: &str, tags: &[(&str, &str)]) -> String {
        let detail = Volume {
            size_gib: Fact::Known(100),
            encrypted: Fact::Known(true),
            kms_key: Some(key_arn(place)),
            attached_to: Vec::new(),
        };
        let arn = format!("arn:aws:ec2:{}:{}:volume/vol-{name}", place.region, place.account);
        self.add(place, Kind::EbsVolume, arn, name, tags, Detail::Volume(detail))
    }

    /// An instance with its volumes; the volumes' ARNs come back.
    pub(super) fn instance(
        &mut self,
        place: Place,
        application: &str,
        criticality: &str,
        name: &str,
        volumes: usize,
    ) -> Vec<String> {
        let arn = format!("arn:aws:ec2:{}:{}:instance/i-{name}", place.region, place.account);
        let volumes: Vec<String> =
            (0..volumes).map(|n| self.volume(place, application, criticality, &format!("{name}-disk{n}"))).collect();
        for volume in &volumes {
            self.edit(volume, |resource| {
                if let Detail::Volume(detail) = &mut resource.detail {
                    detail.attached_to.push(arn.as_str().into());
                }
            });
        }
        let attached = volumes.iter().map(Text::from).collect();
        let detail = Instance { state: Fact::Known("running".into()), volumes: Fact::Known(attached) };
        let tags = [("application", application), ("criticality", criticality), ("Name", name)];
        self.add(place, Kind::Ec2Instance, arn.clone(), name, &tags, Detail::Instance(detail));
        // AWS says when an instance was last launched, not when it was made.
        self.edit(&arn, |resource| resource.created_at = Fact::Unread);
        volumes
    }

    pub(super) fn bucket(&mut self, place: Place, application: &str, criticality: &str, name: &str) -> String {
        let everything_blocked = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        };
        let detail = Bucket {
            versioning: Fact::Known(Versioning::Enabled),
            mfa_delete: Fact::Known(false),
            encryption: Fact::Known(BucketEncryption { algorithm: "aws:kms".into(), kms_key: Some(key_arn(place)) }),
            lifecycle: Fact::Known(Vec::new()),
            object_lock: Fact::Known(ObjectLock::default()),
            replication: Fact::Known(Vec::new()),
            public_access_block: Fact::Known(everything_blocked),
            policy_public: Fact::Known(false),
        };
        let tags = [("application", application), ("criticality", criticality)];
        self.add(place, Kind::S3Bucket, format!("arn:aws:s3:::{name}"), name, &tags, Detail::Bucket(Box::new(detail)))
    }

    pub(super) fn edit(&mut self, arn: &str, change: impl FnOnce(&mut Resource)) {
        if let Some(resource) = self.inventory.resources.iter_mut().find(|resource| resource.arn == arn) {
            change(resource);
        }
    }

    pub(super) fn edit_bucket(&mut self, arn: &str, change: impl FnOnce(&mut Bucket)) {
        self.edit(arn, |resource| {
            if let Detail::Bucket(bucket) = &mut resource.detail {
                change(bucket);
            }
        });
    }

    pub(super) fn encrypt(&mut self, arn: &str, encrypted: bool) {
        self.edit(arn, |resource| {
            if let Detail::Volume(volume) = &mut resource.detail {
                volume.encrypted = Fact::Known(encrypted);
                volume.kms_key = None;
            }
        });
    }

    fn owner(&self, arn: &str) -> (Place, bool) {
        let resource = self.inventory.resources.iter().find(|resource| resource.arn == arn);
        let encrypted = resource.and_then(|r| r.volume()).and_then(|v| v.encrypted.known().copied()).unwrap_or(true);
        let place = |account: &str, region: &str| Place {
            account: if account == super::STAGING { super::STAGING } else { super::PROD },
            region: if region == "us-east-1" { "us-east-1" } else { "eu-west-2" },
        };
        (resource.map_or(super::LONDON, |r| place(&r.account, &r.region)), encrypted)
    }
}

/// The rare facts of a point, made if there are none yet.
pub(super) fn extra(point: &mut RecoveryPoint) -> &mut PointExtra {
    point.extra_mut()
}

fn vault_arn(place: Place, name: &str) -> String {
    format!("arn:aws:backup:{}:{}:backup-vault:{name}", place.region, place.account)
}

fn plan_arn(place: Place) -> String {
    format!("arn:aws:backup:{}:{}:backup-plan:daily", place.region, place.account)
}

fn key_arn(place: Place) -> Text {
    format!("arn:aws:kms:{}:{}:key/backup", place.region, place.account).into()
}
