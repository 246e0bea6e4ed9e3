//! Restore tests that are due: of which copy, and how much they prove.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, New, Wanted};
use crate::model::assessment::Verdict;
use crate::model::kind::Kind;
use crate::model::outcome::Outcome;
use crate::model::plan::{Action, Disposition, Estimate, Level, PointFacts, Sample, Target, TestHow};
use crate::model::recovery_point::{PointKind, RecoveryPoint};
use crate::model::resource::{Existence, Resource, Versioning};
use crate::model::text::Text;
use crate::remediate::port::RESTORABLE;
use crate::remediate::price;

/// Checks whose findings a restore test closes.
const CHECKS: [&str; 2] = ["restore-test", "integrity-check"];

/// Versions of a bucket that are read, unless more are asked for.
const VERSIONS: u64 = 1_000;

/// What can be tested of a resource, and at which level.
struct Test<'a> {
    resource: &'a Resource,
    level: Level,
    point: Option<&'a RecoveryPoint>,
}

/// Whether a verdict asks for a test: that one is missing, or (`again`) that it is about tests at all.
pub(super) fn is_due(verdict: &Verdict, again: bool) -> bool {
    let about_tests = CHECKS.contains(&verdict.rule.check.as_str());
    about_tests && (has_failed(verdict) || (again && verdict.outcome != Outcome::NotApplicable))
}

fn has_failed(verdict: &Verdict) -> bool {
    verdict.outcome == Outcome::Fail
}

pub(super) fn plan(draft: &mut Draft<'_>, due: &[&Verdict]) {
    let mut chosen: BTreeMap<(Text, Level), (Test<'_>, Vec<&Verdict>)> = BTreeMap::new();
    for verdict in due.iter().copied() {
        let Some(members) = members(draft, verdict) else { continue };
        // Reading proves that the bytes are there, not that they can be restored.
        let usual = if *verdict.rule.check == *"restore-test" { Level::Filesystem } else { Level::Read };
        let mut tests: Vec<Test<'_>> = members.iter().filter_map(|resource| test(draft, resource, usual)).collect();
        // The newest copy proves most; of several the smallest is read soonest.
        tests.sort_by_key(|test| {
            let point = test.point;
            (std::cmp::Reverse(point.map(|point| point.started_at)), point.and_then(|point| point.size))
        });
        if tests.is_empty() && has_failed(verdict) {
            let why = match draft.wanted.level {
                Some(level) => format!("nothing of it can be tested at the level `{}`", level.id()),
                None => "lastgood finds no copy of it that it can test: record tests with `lastgood log record`".into(),
            };
            draft.leave(verdict, why);
        }
        // A test of one member counts for the whole; verified must be all of them.
        let most = if *verdict.rule.check == *"restore-test" { 1 } else { tests.len() };
        for test in tests.into_iter().take(most) {
            let object = test.point.map_or(&test.resource.arn, |point| &point.arn).clone();
            chosen.entry((object, test.level)).or_insert_with(|| (test, Vec::new())).1.push(verdict);
        }
    }
    for ((object, level), (test, mut closes)) in std::mem::take(&mut chosen).into_iter().rev() {
        // Who rebuilds the image has read every block.
        if level == Level::Read
            && let Some((_, of_image)) = chosen.get_mut(&(object.clone(), Level::Filesystem))
        {
            of_image.append(&mut closes);
            continue;
        }
        chosen.insert((object, level), (test, closes));
    }
    for ((object, level), (test, closes)) in chosen {
        add(draft, &format!("{object} {}", level.id()), &test, closes);
    }
}

/// The resources that a verdict is about: one, those of an application, or all; `None` if it is one that was not asked for.
fn members<'a>(draft: &Draft<'a>, verdict: &Verdict) -> Option<Vec<&'a Resource>> {
    if let Some(resource) = draft.estate.resource(&verdict.subject.resource) {
        return draft.wanted.takes(resource).then(|| vec![resource]);
    }
    let application = verdict.subject.resource.strip_prefix("application:");
    let resources = draft.estate.inventory.resources.iter();
    let mut seen = BTreeSet::new();
    let members = resources
        .filter(|resource| resource.existence == Existence::Present && draft.wanted.takes(resource))
        .filter(|resource| application.is_none_or(|name| resource.application.as_deref() == Some(name)))
        .filter(|resource| seen.insert(&resource.arn))
        .collect();
    Some(members)
}

/// The test that was asked for, or the usual one: both need nothing but reading.
fn test<'a>(draft: &Draft<'a>, resource: &'a Resource, usual: Level) -> Option<Test<'a>> {
    let wanted = draft.wanted.level;
    if resource.kind == Kind::S3Bucket {
        let versioned = resource.bucket().and_then(|bucket| bucket.versioning.known()) == Some(&Versioning::Enabled);
        if versioned && wanted.is_none_or(|level| level == Level::S3Version) {
            return Some(Test { resource, level: Level::S3Version, point: None });
        }
    }
    let usable = || {
        let points = draft.estate.points(&resource.arn).iter().rev().copied();
        points.filter(|point| point.is_usable() && point.continuous().is_none() && !is_archived(point))
    };
    let level = wanted.unwrap_or(usual);
    let point = match level {
        Level::Read | Level::Filesystem | Level::Volume => usable().find(|point| point.kind == PointKind::EbsSnapshot),
        // What is restored of another kind nobody here could remove.
        Level::BackupJob if !RESTORABLE.contains(&resource.kind) => None,
        Level::BackupJob => usable().find(|point| point.vault.is_some()),
        Level::S3Version => None,
    };
    point.map(|point| Test { resource, level, point: Some(point) })
}

/// What the level needs besides.
fn how(wanted: &Wanted, level: Level) -> TestHow {
    let looks = matches!(level, Level::Volume | Level::BackupJob);
    TestHow {
        sample: sample(wanted.sample, level),
        instance: wanted.test_instance.clone().filter(|_| looks),
        role: wanted.restore_role.clone().filter(|_| level == Level::BackupJob),
        restore_to: wanted.restore_to.clone().filter(|_| level == Level::S3Version),
    }
}

/// Versions of a bucket may be without number: without a word a sample of them is read.
fn sample(wanted: Option<Sample>, level: Level) -> Option<Sample> {
    let usual = match level {
        Level::S3Version => Some(Sample { count: VERSIONS, seed: 0 }),
        _ => None,
    };
    let sample = wanted.or(usual).filter(|sample| sample.count > 0);
    sample.filter(|_| matches!(level, Level::Read | Level::S3Version))
}

fn is_archived(point: &RecoveryPoint) -> bool {
    point.extra.as_ref().is_some_and(|extra| extra.archived)
}

fn add(draft: &mut Draft<'_>, object: &str, test: &Test<'_>, closes: Vec<&Verdict>) {
    let bytes = test.point.and_then(|point| point.size).unwrap_or_default();
    let (estimate, disposition, what) = match test.level {
        Level::Read => (price::read(bytes), Disposition::Safe, "every block is read and verified"),
        Level::Filesystem => {
            (price::read(bytes), Disposition::Safe, "the image is rebuilt and its file systems checked")
        }
        Level::S3Version if draft.wanted.restore_to.is_some() => (
            price::restored_versions(VERSIONS),
            Disposition::NeedsApproval,
            "previous versions are read, restored elsewhere and compared, and removed there",
        ),
        Level::S3Version => (price::versions(VERSIONS), Disposition::Safe, "previous versions are read and verified"),
        Level::Volume => (price::volume(bytes), Disposition::NeedsApproval, "a volume is made and looked at"),
        Level::BackupJob => {
            let estimate = price::backup(bytes);
            (
                Estimate { calls: 20, ..estimate },
                Disposition::NeedsApproval,
                "AWS Backup restores it, and it is removed",
            )
        }
    };
    let closes: Vec<&Verdict> = closes.into_iter().filter(|verdict| has_failed(verdict)).collect();
    let reason = match closes.is_empty() {
        false => format!("no test is on record that is good enough: {what}"),
        true => format!("one more test, as asked for: {what}"),
    };
    let how = how(draft.wanted, test.level);
    let action =
        Action::RestoreTest { level: test.level, point: test.point.map(|point| PointFacts::of(point, false)), how };
    let at = test.point.map(|point| Target::new(&point.account, &point.region));
    let new = New { action, at, object, disposition, reason, closes, estimate, warnings: Vec::new() };
    draft.add(test.resource, new);
}
