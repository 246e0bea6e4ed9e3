//! Each guard of a deletion by itself: one estate in which one point may go, and one thing that keeps it.

use lastgood::evaluate::evaluate;
use lastgood::model::Instant;
use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome};
use lastgood::model::fact::Fact;
use lastgood::model::gap::{Gap, GapStatus, Read};
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::kms::KmsKey;
use lastgood::model::plan::{Action, Breakers, Guard, Plan, Settings};
use lastgood::model::protection::LegalHold;
use lastgood::model::recovery_point::{PointKind, PointLock, PointStatus, RecoveryPoint, RestoreWindow};
use lastgood::model::resource::{Bucket, Detail, Existence, Resource, Vault, VaultLock, Versioning};
use lastgood::model::span::Span;
use lastgood::model::text::Text;
use lastgood::policy::{SourceFile, load};
use lastgood::remediate::{Wanted, plan};

pub(super) const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-2";
pub(super) const VOLUME: &str = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1";
pub(super) const OLD: &str = "arn:aws:ec2:eu-west-2::snapshot/snap-old";

const POLICY: &str = r#"
[policy]
id = "p"
title = "Test"
version = "1"
[[rule]]
id = "daily"
title = "daily"
check = "cadence"
severity = "high"
scope = { kinds = ["ebs-volume"] }
with = { every = "1d", grace = "8h", lookback = "5d" }
[[rule]]
id = "kept"
title = "kept"
check = "retention-minimum"
severity = "high"
scope = { kinds = ["ebs-volume"] }
with = { keep = "35d" }
[[rule]]
id = "no-longer"
title = "no longer"
check = "retention-maximum"
severity = "high"
with = { limit = "35d" }
[[rule]]
id = "versions"
title = "versions"
check = "versioning"
severity = "high"
scope = { kinds = ["s3-bucket"] }
[[rule]]
id = "versions-too"
title = "versions"
check = "versioning"
severity = "low"
scope = { kinds = ["s3-bucket"] }
"#;

pub(super) fn now() -> Instant {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(super) fn snapshot(arn: &str, days: i64) -> RecoveryPoint {
    let mut point = RecoveryPoint {
        arn: arn.into(),
        kind: PointKind::EbsSnapshot,
        resource: Some(VOLUME.into()),
        account: ACCOUNT.into(),
        region: REGION.into(),
        vault: None,
        status: PointStatus::Completed,
        started_at: Span::days(days).before(now()),
        completed_at: Some(Span::days(days).before(now())),
        delete_after_days: None,
        delete_at: None,
        encrypted: Fact::Known(true),
        kms_key: None,
        size: Some(1 << 30),
        extra: None,
    };
    point.extra_mut().tags = Fact::Known([].into());
    point
}

pub(super) fn thing(arn: &str, kind: Kind, detail: Detail) -> Resource {
    Resource {
        arn: arn.into(),
        kind,
        account: ACCOUNT.into(),
        region: REGION.into(),
        name: None,
        tags: Fact::Known([].into()),
        created_at: Fact::Known(Span::days(900).before(now())),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail,
    }
}

pub(super) fn read(call: &str) -> Read {
    Read { account: ACCOUNT.into(), region: REGION.into(), call: call.into(), items: 0, requests: 1, since: None }
}

/// A volume with a copy of each of the last days, one that is 60 days old, and an older one, which keeps the rule
/// failing when nobody may say that the first is too old.
pub(super) fn estate() -> Inventory {
    let mut inventory = Inventory::empty(now(), "test");
    inventory.accounts = vec![ACCOUNT.into()];
    inventory.regions = vec![REGION.into()];
    inventory.resources.push(thing(VOLUME, Kind::EbsVolume, Detail::None));
    let daily = (0..36).map(|day| snapshot(&format!("arn:aws:ec2:eu-west-2::snapshot/snap-{day}"), day));
    inventory.points =
        daily.chain([snapshot(OLD, 60), snapshot("arn:aws:ec2:eu-west-2::snapshot/snap-older", 70)]).collect();
    inventory.reads = vec![read("ec2:*"), read("backup:*")];
    inventory.sort();
    inventory
}

pub(super) fn made(inventory: &mut Inventory, settings: Settings) -> Plan {
    made_at(inventory, settings, now())
}

pub(super) fn made_at(inventory: &mut Inventory, settings: Settings, at: Instant) -> Plan {
    inventory.sort();
    let files = [SourceFile { name: "policy.toml".into(), text: POLICY.into() }];
    let policy = load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let assessment = evaluate(&policy, inventory, now());
    let wanted = Wanted { settings, only: vec!["prune".into(), "configure".into()], ..Wanted::default() };
    plan(&assessment, inventory, &wanted, at)
}

/// What becomes of the old snapshot when the estate is changed like this.
pub(super) fn fate(change: impl FnOnce(&mut Inventory)) -> Result<(), Guard> {
    let mut inventory = estate();
    change(&mut inventory);
    let plan = made(&mut inventory, Settings::default());
    assert!(plan.is_whole());
    let kept: Vec<Guard> = plan.kept.iter().filter(|kept| kept.object == OLD).map(|kept| kept.guard).collect();
    let pruned = plan
        .items
        .iter()
        .filter(|item| matches!(&item.action, Action::Prune { point, .. } if point.arn == OLD))
        .count();
    assert_eq!(kept.len() + pruned, 1, "either it goes, or one guard keeps it: {plan:#?}");
    kept.first().map_or(Ok(()), |guard| Err(*guard))
}

pub(super) fn old(inventory: &mut Inventory) -> &mut RecoveryPoint {
    inventory.points.iter_mut().find(|point| point.arn == OLD).unwrap()
}

#[test]
fn without_any_reason_to_keep_it_it_may_go() {
    assert_eq!(fate(|_| {}), Ok(()));
}

#[test]
fn g01_age_is_that_of_the_strictest_rule() {
    // Expired points are late whatever their age; this one is younger than what must be kept.
    let young = |inventory: &mut Inventory| {
        let point = old(inventory);
        point.status = PointStatus::Expired;
        point.started_at = Span::days(20).before(now());
        point.vault = Some("arn:aws:backup:eu-west-2:111122223333:backup-vault:main".into());
        inventory.resources.push(vault(false));
    };
    assert_eq!(fate(young), Err(Guard::Age));
}

pub(super) fn vault(locked: bool) -> Resource {
    let lock = VaultLock { locked, ..VaultLock::default() };
    let detail = Vault { lock: Fact::Known(lock), ..Vault::default() };
    let arn = "arn:aws:backup:eu-west-2:111122223333:backup-vault:main";
    Resource { name: Some("main".into()), ..thing(arn, Kind::BackupVault, Detail::Vault(Box::new(detail))) }
}

#[test]
fn g02_the_newest_copies_stay_and_a_stale_resource_loses_nothing() {
    let stale = |inventory: &mut Inventory| inventory.points.retain(|p| p.started_at < Span::days(3).before(now()));
    assert_eq!(fate(stale), Err(Guard::LastGood));
    let few = |inventory: &mut Inventory| {
        let kept = ["snap-0", "snap-1", "snap-old"];
        inventory.points.retain(|p| kept.iter().any(|id| p.arn.ends_with(&format!("/{id}"))));
    };
    assert_eq!(fate(few), Err(Guard::LastGood), "it is the third");
    let gone = |inventory: &mut Inventory| inventory.resources[0].existence = Existence::Deleted;
    assert_eq!(fate(gone), Err(Guard::LastGood));
}

/// A hold on the volume is meant for its copies; how long they are kept is no hold.
#[test]
fn g03_a_hold_on_what_it_restores_keeps_it() {
    let tagged = |key: &str| {
        fate(|i| {
            let volume = i.resources.iter_mut().find(|r| r.kind == Kind::EbsVolume).unwrap();
            volume.tags = Fact::Known([(key.into(), "x".into())].into());
        })
    };
    for key in ["lastgood:hold", "Litigation-Hold", "Legal-Case"] {
        assert_eq!(tagged(key), Err(Guard::Hold), "{key}");
    }
    for key in ["backup-retention", "keep-days", "Name"] {
        assert_eq!(tagged(key), Ok(()), "{key}");
    }
}

/// A copy under a key that cannot be used restores nothing, and makes no older one dispensable.
#[test]
fn g02_copies_under_a_dead_key_are_not_good() {
    let with_key = |state: &str| {
        fate(|i| {
            let key = Text::from("arn:aws:kms:eu-west-2:111122223333:key/k");
            i.keys.push(KmsKey {
                arn: key.clone(),
                account: ACCOUNT.into(),
                region: REGION.into(),
                state: state.into(),
                deletes_at: None,
            });
            i.points.iter_mut().filter(|point| *point.arn != *OLD).for_each(|point| point.kms_key = Some(key.clone()));
        })
    };
    assert_eq!(with_key("Enabled"), Ok(()));
    for state in ["Disabled", "PendingDeletion", "NotFound"] {
        assert_eq!(with_key(state), Err(Guard::LastGood), "{state}");
    }
}

#[test]
fn g03_holds_locks_and_tags_keep_it() {
    let until = now() + chrono::TimeDelta::days(9);
    let lock = |state: &str, until| Some(PointLock { state: state.into(), until: Some(until) });
    assert_eq!(fate(|i| old(i).extra_mut().lock = lock("governance", until)), Err(Guard::Hold));
    assert_eq!(fate(|i| old(i).extra_mut().legal_holds = vec!["hold-1".into()]), Err(Guard::Hold));
    for key in ["lastgood:hold", "Legal-Case", "KEEP", "retention", "Do-Not-Delete"] {
        let tag = |i: &mut Inventory| old(i).extra_mut().tags = Fact::Known([(key.into(), "".into())].into());
        assert_eq!(fate(tag), Err(Guard::Hold), "{key}");
    }
    let harmless = |i: &mut Inventory| old(i).extra_mut().tags = Fact::Known([("team".into(), "x".into())].into());
    assert_eq!(fate(harmless), Ok(()));
    assert_eq!(fate(|i| i.resources[0].tags = Fact::Unread), Err(Guard::Hold), "its classification is not known");
    let locked = |i: &mut Inventory| {
        old(i).vault = Some("arn:aws:backup:eu-west-2:111122223333:backup-vault:main".into());
        i.resources.push(vault(true));
    };
    assert_eq!(fate(locked), Err(Guard::Hold));
    let unread = |i: &mut Inventory| {
        i.legal_holds.push(LegalHold {
            id: "h".into(),
            account: ACCOUNT.into(),
            region: REGION.into(),
            status: "ACTIVE".into(),
            title: None,
            description: None,
            created_at: None,
            points: Fact::Unread,
            tags: Fact::Unread,
        });
    };
    assert!(fate(unread).is_err(), "a hold whose points are not known may be on it");
}

#[test]
fn g04_what_something_else_uses_stays() {
    assert_eq!(
        fate(|i| old(i).extra_mut().member_of = Some("arn:aws:ec2:eu-west-2::image/ami-1".into())),
        Err(Guard::InUse)
    );
    assert_eq!(fate(|i| old(i).extra_mut().public = Fact::Known(true)), Err(Guard::InUse));
    assert_eq!(fate(|i| old(i).extra_mut().shared_with = Fact::Known(vec!["4".into()])), Err(Guard::InUse));
    assert_eq!(fate(|i| old(i).extra_mut().parent = Some("arn".into())), Err(Guard::InUse));
    let copying = |i: &mut Inventory| {
        let mut copy = Activity::new(
            "c",
            ActivityKind::Copy,
            "backup:ListCopyJobs",
            ActivityOutcome::Running,
            Span::hours(1).before(now()),
        );
        copy.resource = Some(VOLUME.into());
        i.activities.push(copy);
    };
    assert_eq!(fate(copying), Err(Guard::InUse));
    let only_elsewhere = |i: &mut Inventory| {
        let point = old(i);
        point.region = "eu-west-1".into();
        point.extra_mut().is_copy = true;
        let there = |call: &str| Read { region: "eu-west-1".into(), ..read(call) };
        i.reads.extend([there("ec2:*"), there("backup:*")]);
    };
    assert_eq!(fate(only_elsewhere), Err(Guard::InUse));
}

#[test]
fn g05_what_another_service_owns_is_left_to_it() {
    assert_eq!(fate(|i| old(i).extra_mut().managed_by = Some("dlm".into())), Err(Guard::Owner));
    let by_plan = |i: &mut Inventory| {
        let point = old(i);
        point.vault = Some("arn:aws:backup:eu-west-2:111122223333:backup-vault:main".into());
        point.delete_after_days = Some(90);
        i.resources.push(vault(false));
    };
    assert_eq!(fate(by_plan), Err(Guard::Owner));
    assert_eq!(fate(|i| old(i).kind = PointKind::Image), Err(Guard::NotHandled));
}

#[test]
fn g06_continuous_points_are_never_deleted() {
    let continuous = |i: &mut Inventory| {
        let point = old(i);
        let earliest = Some(Span::days(60).before(now()));
        point.extra_mut().continuous = Some(RestoreWindow { earliest, latest: None });
        point.status = PointStatus::Completed;
    };
    assert_eq!(fate(continuous), Err(Guard::Continuous));
    // By its state alone, where the window was not read.
    assert_eq!(fate(|i| old(i).status = PointStatus::Stopped), Err(Guard::Continuous));
}

#[test]
fn g07_a_gap_over_the_resource_keeps_everything() {
    let gap = |i: &mut Inventory| {
        i.gaps.push(Gap {
            account: ACCOUNT.into(),
            region: REGION.into(),
            service: "ec2".into(),
            operation: "DescribeImages".into(),
            resource: None,
            status: GapStatus::Denied,
            code: "UnauthorizedOperation".into(),
            message: None,
            iam_action: "ec2:DescribeImages".into(),
        });
    };
    assert_eq!(fate(gap), Err(Guard::Gap));
    for missing in ["ec2:DescribeLockedSnapshots", "backup:ListLegalHolds", "ec2:DescribeImages"] {
        let all = [
            "ec2:DescribeSnapshots",
            "ec2:DescribeLockedSnapshots",
            "ec2:DescribeImages",
            "ec2:DescribeVolumes",
            "backup:ListBackupVaults",
            "backup:ListRecoveryPointsByBackupVault",
            "backup:ListLegalHolds",
            "backup:ListRecoveryPointsByLegalHold",
        ];
        let without = |i: &mut Inventory| {
            i.reads = all.iter().filter(|call| **call != missing).map(|call| read(call)).collect();
        };
        // Without the locks nobody can say that anything is too old; without the others, that it may go.
        let mut inventory = estate();
        without(&mut inventory);
        let plan = made(&mut inventory, Settings::default());
        assert!(plan.items.is_empty(), "{missing}: {plan:#?}");
        assert!(plan.kept.iter().all(|kept| kept.guard == Guard::Gap), "{missing}");
    }
}

#[test]
fn g08_too_many_at_once_are_none() {
    let breakers = Breakers::default();
    for breakers in [
        Breakers { per_resource: 0, ..breakers },
        Breakers { per_resource_percent: 2, ..breakers },
        Breakers { per_run: 0, ..breakers },
        Breakers { per_run_percent: 2, ..breakers },
    ] {
        let mut inventory = estate();
        let plan = made(&mut inventory, Settings { breakers, ..Settings::default() });
        assert!(plan.items.is_empty(), "{breakers:?}");
        assert_eq!(
            plan.kept.iter().map(|kept| kept.guard).collect::<Vec<_>>(),
            [Guard::Breaker, Guard::Breaker],
            "{breakers:?}"
        );
    }
}

#[test]
fn two_rules_that_ask_for_the_same_make_one_item() {
    let mut inventory = estate();
    let bucket = Bucket { versioning: Fact::Known(Versioning::Suspended), ..Bucket::default() };
    inventory.resources.push(thing("arn:aws:s3:::b", Kind::S3Bucket, Detail::Bucket(Box::new(bucket))));
    let plan = made(&mut inventory, Settings::default());
    let of_bucket: Vec<_> = plan.items.iter().filter(|item| item.resource == "arn:aws:s3:::b").collect();
    assert_eq!(of_bucket.len(), 1, "{of_bucket:#?}");
    let rules: Vec<&str> = of_bucket[0].closes.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert!(of_bucket[0].warnings.iter().all(|warning| !warning.contains("another rule")));
}
