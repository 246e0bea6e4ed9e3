//! A simulated year: twelve volumes in two regions, scanned every morning at 06:00 UTC, with planted trouble.

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Europe::London;
use lastgood::model::Instant;
use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome, Validation};
use lastgood::model::fact::Fact;
use lastgood::model::gap::{Gap, GapStatus, Read};
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use lastgood::model::resource::{Detail, Existence, Resource, Volume};
use lastgood::model::text::Text;

pub(super) const ACCOUNT: &str = "111122223333";

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Volumes 9 to 12 lie in Virginia.
pub(super) fn arn(number: u32) -> Text {
    format!("arn:aws:ec2:{}:{ACCOUNT}:volume/vol-{number:02}", region(number)).into()
}

pub(super) fn region(number: u32) -> &'static str {
    if number < 9 { "eu-west-2" } else { "us-east-1" }
}

/// When the backup of a local day was made, if it was. Volume 6 is backed up right after midnight, so that only local
/// days have one each: on 25 October the UTC day has none.
fn backup(number: u32, date: NaiveDate) -> Option<Instant> {
    let missed: &[&str] = match number {
        1 => &["2026-03-10"],
        2 => &["2026-05-05"],
        5 => &["2026-11-14", "2026-11-15", "2026-11-16", "2026-11-17"],
        10 => &["2026-12-05"],
        11 => &["2026-04-20"],
        _ => &[],
    };
    if missed.iter().any(|missed| day(missed) == date) {
        return None;
    }
    let time = if number == 6 { NaiveTime::from_hms_opt(0, 30, 0) } else { NaiveTime::from_hms_opt(22, 0, 0) };
    Some(London.from_local_datetime(&date.and_time(time.unwrap())).earliest().unwrap().to_utc())
}

fn lived(number: u32) -> (Instant, Instant) {
    match number {
        11 => (at("2026-04-20T10:00:00Z"), Instant::MAX_UTC),
        12 => (at("2025-01-01T00:00:00Z"), at("2026-09-15T12:00:00Z")),
        _ => (at("2025-01-01T00:00:00Z"), Instant::MAX_UTC),
    }
}

/// Restore tests: that of the second quarter came eight days late.
const TESTS: [&str; 3] = ["2026-02-10", "2026-07-08", "2026-11-20"];

/// Days without a scan, in August.
pub(super) fn is_blind(date: NaiveDate) -> bool {
    date >= day("2026-08-10") && date <= day("2026-08-16")
}

/// The scan of a morning.
pub(super) fn scanned(date: NaiveDate) -> Inventory {
    let now = date.and_hms_opt(6, 0, 0).unwrap().and_utc();
    let mut inventory = Inventory::empty(now, "aws");
    inventory.accounts = vec![ACCOUNT.into()];
    inventory.regions = vec!["eu-west-2".into(), "us-east-1".into()];
    let denied = date == day("2026-10-05");
    for region in ["eu-west-2", "us-east-1"] {
        let refused = denied && region == "us-east-1";
        for call in [
            "ec2:DescribeVolumes",
            "ec2:DescribeSnapshots",
            "backup:ListRecoveryPointsByBackupVault",
            "backup:ListBackupJobs",
            "backup:ListRestoreJobs",
        ] {
            if refused && call == "ec2:DescribeSnapshots" {
                inventory.gaps.push(Gap {
                    account: ACCOUNT.into(),
                    region: region.into(),
                    service: "ec2".into(),
                    operation: "DescribeSnapshots".into(),
                    resource: None,
                    status: GapStatus::Denied,
                    code: "UnauthorizedOperation".into(),
                    message: None,
                    iam_action: "ec2:DescribeSnapshots".into(),
                });
                continue;
            }
            let since = call.contains("Jobs").then(|| now - TimeDelta::days(30));
            let (account, region, call) = (ACCOUNT.into(), region.into(), call.into());
            inventory.reads.push(Read { account, region, call, items: 1, requests: 1, since });
        }
    }
    for number in 1..=12 {
        let (born, died) = lived(number);
        if born > now {
            continue;
        }
        let mut resource = volume(number, born);
        // Somebody took the tag of the owner away for three days.
        if number == 8 && date >= day("2026-02-03") && date <= day("2026-02-05") {
            resource.tags = Fact::Known([].into());
        }
        if died <= now {
            resource.existence = Existence::Deleted;
        }
        inventory.resources.push(resource);
        if !(denied && number > 8) {
            inventory.points.extend(points(number, date, now, (born, died)));
        }
    }
    inventory.activities = activities(now);
    inventory.sort();
    inventory
}

fn volume(number: u32, born: Instant) -> Resource {
    Resource {
        arn: arn(number),
        kind: Kind::EbsVolume,
        account: ACCOUNT.into(),
        region: region(number).into(),
        name: Some(format!("vol-{number:02}").into()),
        tags: Fact::Known([("owner".into(), "ops".into())].into()),
        created_at: Fact::Known(born),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::Volume(Volume::default()),
    }
}

/// The snapshots that are there: kept for 35 days, but for one of volume 4 that somebody deleted after nine.
fn points(number: u32, date: NaiveDate, now: Instant, (born, died): (Instant, Instant)) -> Vec<RecoveryPoint> {
    let mut points = Vec::new();
    for back in 0..=36 {
        let made = date - Days::new(back);
        let Some(started) = backup(number, made).filter(|at| *at < now && *at > born && *at < died) else { continue };
        if now - started >= TimeDelta::days(35) {
            continue;
        }
        if number == 4 && made == day("2026-06-01") && date >= day("2026-06-10") {
            continue;
        }
        points.push(RecoveryPoint {
            arn: format!("arn:aws:ec2:{}::snapshot/snap-{number:02}-{made}", region(number)).into(),
            kind: PointKind::EbsSnapshot,
            resource: Some(arn(number)),
            account: ACCOUNT.into(),
            region: region(number).into(),
            vault: None,
            status: PointStatus::Completed,
            started_at: started,
            completed_at: Some(started + TimeDelta::minutes(9)),
            delete_after_days: Some(35),
            delete_at: None,
            encrypted: Fact::Known(true),
            kms_key: None,
            size: Some(8 << 30),
            extra: None,
        });
    }
    points
}

/// The jobs of the last 30 days: AWS lists no others.
fn activities(now: Instant) -> Vec<Activity> {
    let mut activities = Vec::new();
    let mut add = |mut activity: Activity, number: u32| {
        if activity.started_at < now && now - activity.started_at < TimeDelta::days(30) {
            activity.account = ACCOUNT.into();
            activity.region = region(number).into();
            activity.resource = Some(arn(number));
            activity.completed_at = Some(activity.started_at + TimeDelta::minutes(30));
            activities.push(activity);
        }
    };
    let failed = Utc.with_ymd_and_hms(2026, 4, 15, 20, 0, 0).unwrap();
    let job = |id: &str, kind, source, outcome, at| Activity::new(id, kind, source, outcome, at);
    add(job("job-failed", ActivityKind::Backup, "backup:ListBackupJobs", ActivityOutcome::Failed, failed), 3);
    // It came to an end, and made nothing.
    let empty = Utc.with_ymd_and_hms(2026, 12, 5, 22, 0, 0).unwrap();
    let outcome = ActivityOutcome::CompletedWithIssues;
    add(job("job-empty", ActivityKind::Backup, "backup:ListBackupJobs", outcome, empty), 10);
    for date in TESTS {
        let began = day(date).and_hms_opt(10, 0, 0).unwrap().and_utc();
        let (kind, source) = (ActivityKind::RestoreTest, "backup:ListRestoreJobs");
        let mut test = job(&format!("test-{date}"), kind, source, ActivityOutcome::Succeeded, began);
        test.validation = Some(Validation::Successful);
        add(test, 1);
    }
    activities
}
