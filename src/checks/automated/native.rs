//! Coverage by the services' own mechanisms: DLM, RDS, DynamoDB, EFS.

use super::Finding;
use super::plans::{made_by, tags_call};
use crate::checks::{Case, Unread};
use crate::model::Instant;
use crate::model::arn;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::protection::{DlmPolicy, DlmSchedule};
use crate::model::recovery_point::RecoveryPoint;
use crate::model::resource::{Detail, Resource};
use crate::model::schedule::Schedule;
use crate::model::span::Span;

/// What the service's own mechanism says.
pub(super) fn find(case: &Case<'_>) -> Finding {
    let found = match case.resource.kind {
        Kind::EbsVolume | Kind::Ec2Instance => return lifecycle(case),
        Kind::RdsInstance | Kind::RdsCluster => database(case),
        Kind::DynamodbTable => table(case),
        Kind::EfsFileSystem => file_system(case),
        _ => Ok(None),
    };
    match found {
        Ok(Some(judgement)) => Finding::Covered(judgement),
        Ok(None) => Finding::Absent,
        Err(unread) => Finding::Unread(unread),
    }
}

fn database(case: &Case<'_>) -> Result<Option<Judgement>, Unread> {
    let call = case.resource.kind.list_operation().unwrap_or_default();
    let database = case.resource.database();
    if let Some(on) = at_least(case, "backup_retention_days", "rds-automated-backups") {
        return Ok(Some(on));
    }
    let days =
        *case.need_named(database.map(|database| &database.backup_retention_days), call, "backup_retention_days")?;
    if days == 0 {
        return Ok(None);
    }
    let status = database.and_then(|database| database.status.known());
    let template = if status.is_some_and(|status| status == "stopped") {
        "automated backups are on and kept {days:day}; none are made while the database is stopped"
    } else {
        "automated backups are on and kept {days:day}"
    };
    Ok(Some(
        Judgement::pass(template)
            .with("mechanism", "rds-automated-backups")
            .with("days", days)
            .with_some("status", status),
    ))
}

fn table(case: &Case<'_>) -> Result<Option<Judgement>, Unread> {
    let table = case.resource.table();
    if let Some(on) = at_least(case, "pitr_days", "dynamodb-pitr") {
        return Ok(Some(on));
    }
    let days = *case.need(table.map(|table| &table.pitr_days), "dynamodb:DescribeContinuousBackups")?;
    let on = Judgement::pass("point-in-time recovery is on and reaches back {days:day}");
    Ok((days > 0).then(|| on.with("mechanism", "dynamodb-pitr").with("days", days)))
}

/// Of code the number of days may be open, and known to be no 0.
fn at_least(case: &Case<'_>, fact: &str, mechanism: &'static str) -> Option<Judgement> {
    let days = case.context.declared()?.least(&case.resource.arn, fact).filter(|days| *days > 0)?;
    let on = Judgement::pass("backups are on and reach back at least {days:day}");
    Some(on.with("mechanism", mechanism).with("days", days))
}

fn file_system(case: &Case<'_>) -> Result<Option<Judgement>, Unread> {
    let policy = match &case.resource.detail {
        Detail::FileSystem(system) => Some(&system.backup_policy),
        _ => None,
    };
    let enabled = case.need(policy, "elasticfilesystem:DescribeBackupPolicy")?;
    let on = Judgement::pass("the automatic backup policy of the file system is on");
    Ok(enabled.then(|| on.with("mechanism", "efs-backup-policy")))
}

/// Data Lifecycle Manager.
fn lifecycle(case: &Case<'_>) -> Finding {
    let resource = case.resource;
    let inventory = case.context.estate.inventory;
    let here = |policy: &&DlmPolicy| policy.account == resource.account && policy.region == resource.region;
    let mut unproven = None;
    let mut unread = None;
    for policy in inventory.dlm_policies.iter().filter(here).filter(|policy| policy.enabled && runs(policy)) {
        match reach(case, policy) {
            Some(Reach::Takes) => return covered(policy),
            Some(Reach::MayTake) if shown(case, policy) => return covered(policy),
            Some(Reach::MayTake) => unproven = unproven.or(Some(policy)),
            None => unread = unread.or_else(|| Some(case.unread(tags_call(resource.kind)))),
            Some(Reach::Passes) => {}
        }
    }
    if let Some(policy) = unproven {
        let template = "the lifecycle policy {policy} may cover it, and has made no usable recovery point of it yet";
        return case
            .need_all_points()
            .map_or_else(Finding::Unread, |()| Finding::Unproven(about(Judgement::unknown(template), policy)));
    }
    let read = unread.map_or_else(|| case.need_read("dlm:GetLifecyclePolicies"), Err);
    match read {
        Ok(()) => Finding::Absent,
        Err(_) if never_made_a_snapshot(case) => Finding::Useless(
            Judgement::fail("no backup plan covers the volume, and no lifecycle policy has made a snapshot of it that is still there")
                .with("lifecycle_policies", "unread")
                .shown_by(Evidence::new("resource", case.resource.arn.clone(), None)),
        ),
        Err(unread) => Finding::Unread(unread),
    }
}

/// Where the policies could not be read, what they made speaks for them: DLM tags every snapshot it
/// makes, and its default policies make one a week at the least. A volume of five weeks and more
/// without any has no protection that works, whatever is configured.
fn never_made_a_snapshot(case: &Case<'_>) -> bool {
    let old_enough = |created: &Instant| Span::between(*created, case.as_of()) >= Span::days(35);
    let by_dlm = |point: &&&RecoveryPoint| point.extra.as_ref().is_some_and(|e| e.managed_by.as_deref() == Some("dlm"));
    case.resource.kind == Kind::EbsVolume
        && case.resource.created_at.known().is_some_and(old_enough)
        && case.need_all_points().is_ok()
        && case.points().iter().find(by_dlm).is_none()
}

enum Reach {
    /// The policy takes the resource.
    Takes,
    /// It takes the resource unless an exclusion that is not on record says otherwise.
    MayTake,
    /// It passes the resource by.
    Passes,
}

/// Whether a policy takes the resource; `None` when that hangs on tags that were not read.
fn reach(case: &Case<'_>, policy: &DlmPolicy) -> Option<Reach> {
    let resource = case.resource;
    if policy.target == "volume" {
        if resource.kind != Kind::EbsVolume {
            return Some(Reach::Passes);
        }
        return Some(match (policy.target_tags.is_empty(), targets(policy, resource)?) {
            (true, _) => Reach::MayTake,
            (false, true) => Reach::Takes,
            (false, false) => Reach::Passes,
        });
    }
    let may = |taken: bool| if taken { Reach::MayTake } else { Reach::Passes };
    let Some(volume) = resource.volume() else {
        return targets(policy, resource).map(may);
    };
    let instances = volume.attached_to.iter().map(|arn| case.context.estate.resource(arn));
    let taken: Vec<Option<bool>> = instances.map(|instance| targets(policy, instance?)).collect();
    if taken.contains(&Some(true)) {
        return Some(Reach::MayTake);
    }
    (!taken.contains(&None)).then_some(Reach::Passes)
}

/// Whether any target tag matches; a policy without tags takes everything.
fn targets(policy: &DlmPolicy, resource: &Resource) -> Option<bool> {
    if policy.target_tags.is_empty() {
        return Some(true);
    }
    let tags = resource.tags.known()?;
    Some(policy.target_tags.iter().any(|test| tags.get(&test.key) == Some(&test.value)))
}

/// Whether a usable recovery point of the resource is this policy's work.
fn shown(case: &Case<'_>, policy: &DlmPolicy) -> bool {
    case.points().iter().any(|point| point.is_usable() && made_by(point, &policy.arn))
}

fn runs(policy: &DlmPolicy) -> bool {
    let repeats = |schedule: &DlmSchedule| {
        schedule.every_hours.is_some_and(|hours| hours > 0)
            || schedule.cron.as_deref().is_some_and(|cron| Schedule::parse(Some(cron), None).is_ok())
    };
    policy.schedules.iter().any(repeats)
}

fn covered(policy: &DlmPolicy) -> Finding {
    let judgement = Judgement::pass("covered by the lifecycle policy {policy}");
    Finding::Covered(about(judgement, policy).with("mechanism", "dlm"))
}

fn about(judgement: Judgement, policy: &DlmPolicy) -> Judgement {
    judgement.with("policy", arn::short(&policy.arn)).shown_by(Evidence::new("plan", policy.arn.clone(), None))
}
