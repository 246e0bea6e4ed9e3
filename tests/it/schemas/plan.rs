//! A plan in which every field of every type is set.

use lastgood::model::plan::*;
use lastgood::model::recovery_point::{PointKind, PointLock, PointStatus};
use lastgood::model::resource::{LifecycleRule, Versioning};
use lastgood::model::span::Span;

use super::{Fact, at, now, tags, texts};

fn point(kind: PointKind, status: PointStatus) -> PointFacts {
    PointFacts {
        arn: "arn:aws:ec2:eu-west-2::snapshot/snap-1".into(),
        kind,
        vault: Some("arn:aws:backup:eu-west-2:111122223333:backup-vault:main".into()),
        status,
        started_at: now(),
        size: Some(1),
        encrypted: Fact::Known(true),
        continuous: true,
        delete_after_days: Some(35),
        tags: Fact::Known(tags()),
        lock: Some(PointLock { state: "governance".into(), until: Some(now()) }),
        legal_holds: texts(&["hold"]),
        public: Fact::Known(true),
        shared_with: Fact::Known(texts(&["444455556666"])),
        member_of: Some("arn:aws:ec2:eu-west-2::image/ami-1".into()),
        archived: true,
        managed_by: Some("dlm".into()),
        copying: true,
    }
}

fn actions() -> Vec<Action> {
    let snapshot = || point(PointKind::EbsSnapshot, PointStatus::Completed);
    let volume = VolumeRef {
        arn: "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1".into(),
        encrypted: Fact::Known(false),
        size_gib: Fact::Known(8),
        tags: tags(),
    };
    let rule = LifecycleRule {
        id: "r".into(),
        prefix: Some("a/".into()),
        tags: tags(),
        larger_than: Some(1),
        smaller_than: Some(2),
        expire_days: Some(3),
        expire_on: Some(now()),
        noncurrent_days: Some(4),
        newer_noncurrent_versions: Some(5),
    };
    let good = GoodCopy {
        at: Target { account: "111122223333".into(), region: "eu-west-2".into() },
        arn: "arn:aws:ec2:eu-west-2::snapshot/snap-2".into(),
        kind: PointKind::EbsSnapshot,
        vault: Some("arn:aws:backup:eu-west-2:111122223333:backup-vault:main".into()),
    };
    let mut actions = vec![
        Action::Snapshot { instance: Some("i".into()), volumes: vec![volume], encrypt: true },
        Action::BackupJob { vault: "main".into(), role: "arn:aws:iam::1:role/r".into(), delete_after_days: 35 },
        Action::Prune { point: snapshot(), relies_on: vec![good], fresh_until: now(), stored: 9, cutoff: now() },
        Action::MarkForPrune { point: snapshot(), after: now(), cutoff: now() },
        Action::EnableVersioning { was: Versioning::Suspended },
        Action::EncryptBucket { was: "AES256".into(), kms_key: Some("arn:aws:kms:eu-west-2:1:key/k".into()) },
        Action::EncryptVolumesByDefault,
        Action::KeepVersions { was: vec![rule], days: 35 },
        Action::KeepPoint { point: snapshot(), delete_after_days: 35 },
    ];
    let how = || TestHow {
        sample: Some(Sample { count: 3_000, seed: 7 }),
        instance: Some("i-1".into()),
        role: Some("arn:aws:iam::111122223333:role/restore".into()),
        restore_to: Some("s3://scratch/tests".parse().unwrap()),
    };
    actions.extend(Level::ALL.map(|level| Action::RestoreTest { level, point: Some(snapshot()), how: how() }));
    actions
}

pub(super) fn full() -> Plan {
    let estimate = Estimate { calls: 1, bytes: 2, millidollars: 3, seconds: 4 };
    let finding = Finding { fingerprint: "f".into(), rule: "r".into(), resource: "arn".into() };
    let guards = [
        Guard::Age,
        Guard::LastGood,
        Guard::Hold,
        Guard::InUse,
        Guard::Owner,
        Guard::Continuous,
        Guard::Gap,
        Guard::Breaker,
        Guard::Waiting,
        Guard::NotHandled,
        Guard::Moved,
    ];
    let items = actions().into_iter().enumerate().map(|(number, action)| Item {
        id: format!("item-{number}").into(),
        action,
        disposition: if number % 2 == 0 { Disposition::Safe } else { Disposition::NeedsApproval },
        account: "111122223333".into(),
        region: "eu-west-2".into(),
        resource: "arn".into(),
        name: "name".into(),
        application: Some("shop".into()),
        reason: "because".into(),
        closes: vec![finding.clone()],
        estimate,
        warnings: texts(&["mind this"]),
    });
    Plan {
        schema: SCHEMA.into(),
        id: "0".into(),
        created_at: now(),
        expires_at: at("2026-11-23T00:00:00Z"),
        basis: Basis {
            run: "r".into(),
            policy: "p".into(),
            policy_sha256: "0".into(),
            inventory_sha256: "0".into(),
            captured_at: now(),
            accounts: texts(&["111122223333"]),
            stored_points: 7,
            prices: "2026-11-01".into(),
        },
        settings: Settings { two_phase: Some(Span::days(1)), ..Settings::default() },
        items: items.collect(),
        kept: guards
            .map(|guard| Kept { object: "arn".into(), resource: "arn".into(), guard, why: "so".into() })
            .to_vec(),
        left: vec![Left { rule: "r".into(), why: "so".into(), resources: texts(&["arn"]) }],
        totals: estimate,
        sha256: "0".into(),
    }
    .seal()
}
