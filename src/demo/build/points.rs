//! The part of the builder that makes recovery points and activities.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Builder, Place, extra, key_arn, plan_arn, vault_arn};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Validation};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::recovery_point::{CreatedBy, PointExtra, PointKind, PointStatus, RecoveryPoint};
use crate::model::resource::{Detail, Existence, Tags};
use crate::model::text::Text;

impl Builder {
    /// A recovery point made so many days ago at 01:00 UTC, changed as told.
    pub(in crate::demo) fn point(&mut self, resource: &str, days_ago: i64, change: impl FnOnce(&mut RecoveryPoint)) {
        let (place, encrypted) = self.owner(resource);
        let started_at = self.days_ago(days_ago + 1, 1);
        let serial = self.next();
        let mut point = RecoveryPoint {
            arn: format!("arn:aws:ec2:{}::snapshot/snap-{serial:06}", place.region).into(),
            kind: PointKind::EbsSnapshot,
            resource: Some(resource.into()),
            account: place.account.into(),
            region: place.region.into(),
            vault: Some(vault_arn(place, "primary").into()),
            status: PointStatus::Completed,
            started_at,
            completed_at: Some(started_at + TimeDelta::minutes(22)),
            delete_after_days: Some(35),
            delete_at: Some(started_at + TimeDelta::days(35)),
            encrypted: Fact::Known(encrypted),
            kms_key: encrypted.then(|| key_arn(place)),
            size: Some(100 << 30),
            extra: Some(Arc::new(PointExtra {
                tags: Fact::Known(Tags::new()),
                created_by: Some(CreatedBy { plan: plan_arn(place).into(), rule: Some("rule-1".into()) }),
                public: Fact::Known(false),
                managed_by: Some("aws-backup".into()),
                ..PointExtra::default()
            })),
        };
        change(&mut point);
        self.inventory.points.push(point);
    }

    /// One point a day for so many days, but for the days missed.
    pub(in crate::demo) fn daily_points(&mut self, resource: &str, days: i64, missed: &[i64]) {
        for day in (0..days).filter(|day| !missed.contains(day)) {
            self.point(resource, day, |_| {});
        }
    }

    /// One backup job a day; those of the days in `failed` failed.
    pub(in crate::demo) fn daily_jobs(&mut self, resource: &str, days: i64, failed: &[i64]) {
        for day in 0..days {
            let outcome = if failed.contains(&day) { ActivityOutcome::Failed } else { ActivityOutcome::Succeeded };
            let message = failed.contains(&day).then_some("access denied to the KMS key of the volume");
            self.activity(resource, ActivityKind::Backup, day, outcome, None, message);
        }
    }

    pub(in crate::demo) fn restore_test(
        &mut self,
        resource: &str,
        days_ago: i64,
        outcome: ActivityOutcome,
        validation: Option<Validation>,
    ) {
        let message = (outcome == ActivityOutcome::Failed).then_some("no default VPC in the test account");
        self.activity(resource, ActivityKind::RestoreTest, days_ago, outcome, validation, message);
    }

    fn activity(
        &mut self,
        resource: &str,
        kind: ActivityKind,
        days_ago: i64,
        outcome: ActivityOutcome,
        validation: Option<Validation>,
        message: Option<&str>,
    ) {
        let (place, _) = self.owner(resource);
        let started_at = self.days_ago(days_ago + 1, 1);
        let serial = self.next();
        let is_test = kind == ActivityKind::RestoreTest;
        self.inventory.activities.push(Activity {
            id: format!("job-{serial:06}").into(),
            kind,
            source: if is_test { "backup:ListRestoreJobs" } else { "backup:ListBackupJobs" }.into(),
            account: place.account.into(),
            region: place.region.into(),
            resource: Some(resource.into()),
            point: None,
            outcome,
            started_at,
            completed_at: Some(started_at + TimeDelta::minutes(if is_test { 41 } else { 22 })),
            size: Some(100 << 30),
            message: message.map(Text::from),
            operator: Some(
                format!("arn:aws:iam::{}:role/service-role/AWSBackupDefaultServiceRole", place.account).into(),
            ),
            created_by: Some(CreatedBy { plan: plan_arn(place).into(), rule: Some("rule-1".into()) }),
            validation,
            cleanup: is_test.then(|| "successful".into()),
            detail: None,
        });
    }

    /// Images of an instance, one a day, over the newest snapshots of its volumes.
    pub(in crate::demo) fn images(&mut self, place: Place, name: &str, volumes: &[String], days: i64) {
        let instance = format!("arn:aws:ec2:{}:{}:instance/i-{name}", place.region, place.account);
        for day in 0..days {
            let started_at = self.days_ago(day + 1, 1);
            let made_then = |point: &&mut RecoveryPoint| {
                point.started_at == started_at && volumes.iter().any(|volume| point.resource.as_deref() == Some(volume))
            };
            let serial = self.next();
            let image = Text::from(format!("arn:aws:ec2:{}::image/ami-{serial:06}", place.region));
            let mut members = Vec::new();
            for point in self.inventory.points.iter_mut().filter(made_then) {
                extra(point).member_of = Some(image.clone());
                members.push(point.arn.clone());
            }
            self.point(&instance, day, |point| {
                point.arn = image;
                point.kind = PointKind::Image;
                point.encrypted = Fact::Unread;
                point.kms_key = None;
                extra(point).members = members;
            });
        }
    }

    /// A snapshot whose volume is gone.
    pub(in crate::demo) fn orphan(&mut self, place: Place, name: &str, days_ago: i64) {
        let tags = [("application", "legacy"), ("Name", name)];
        let arn = self.tagged_volume(place, name, &tags);
        self.edit(&arn, |resource| {
            resource.existence = Existence::Deleted;
            resource.detail = Detail::None;
            resource.tags = Fact::Known(Tags::new());
            resource.created_at = Fact::Unread;
        });
        self.point(&arn, days_ago, unmanaged);
    }

    /// A copied snapshot that names no resource: judged by itself.
    pub(in crate::demo) fn stray_copy(&mut self, place: Place, name: &str, days_ago: i64) {
        let mut arn = Text::default();
        self.point("", days_ago, |point| {
            unmanaged(point);
            point.resource = None;
            point.account = place.account.into();
            point.region = place.region.into();
            point.arn = format!("arn:aws:ec2:{}::snapshot/snap-{name}", place.region).into();
            extra(point).is_copy = true;
            arn = point.arn.clone();
        });
        self.add(place, Kind::RecoveryPoint, arn.to_string(), name, &[], Detail::None);
    }
}

fn unmanaged(point: &mut RecoveryPoint) {
    point.vault = None;
    point.delete_after_days = None;
    point.delete_at = None;
    let extra = extra(point);
    extra.created_by = None;
    extra.managed_by = None;
}
