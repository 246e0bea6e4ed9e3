//! Coverage by AWS Backup plans.

use super::Finding;
use crate::checks::{Case, Unread};
use crate::model::arn;
use crate::model::coverage::{Covering, backup_type};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::protection::{BackupPlan, PlanRule, Selection};
use crate::model::recovery_point::{PointKind, RecoveryPoint};
use crate::model::resource::{Resource, Versioning};
use crate::model::schedule::Schedule;

/// What the plans of the resource's account and region say.
pub(super) fn find(case: &Case<'_>) -> Finding {
    let coverage = case.coverage();
    let mut unread = None;
    for covering in &coverage.by {
        match broken(case, covering.plan) {
            Ok(None) => {}
            Ok(Some(judgement)) => return Finding::Broken(judgement),
            Err(missing) => unread = unread.or(Some(missing)),
        }
    }
    let mut best = Finding::Absent;
    for covering in &coverage.by {
        match (standing(case, covering), &best) {
            (Finding::Covered(judgement), _) => {
                let complete = unread.map_or_else(|| case.need_read("backup:ListBackupPlans"), Err);
                return complete.map_or_else(Finding::Unread, |()| Finding::Covered(judgement));
            }
            (better @ (Finding::Unproven(_) | Finding::Unread(_)), Finding::Absent | Finding::Useless(_))
            | (better, Finding::Absent) => best = better,
            _ => {}
        }
    }
    if !matches!(best, Finding::Absent | Finding::Useless(_)) {
        return best;
    }
    if let Err(missing) = complete(case) {
        return Finding::Unread(missing);
    }
    match (best, coverage.not_opted_in) {
        (Finding::Absent, Some(plan)) => Finding::Useless(
            about(
                Judgement::fail(
                    "plan {plan} selects it, but {type} is not opted in to AWS Backup here, so no job is made",
                ),
                plan,
            )
            .with("type", type_not_opted_in(case)),
        ),
        (best, _) => best,
    }
}

/// The type that keeps the plan from working: the resource's own or, for a volume whose own type is
/// opted in, that of its instance.
fn type_not_opted_in(case: &Case<'_>) -> &'static str {
    let resource = case.resource;
    let own = backup_type(resource.kind).unwrap_or_default();
    let settings = case.context.estate.settings(&resource.account, &resource.region);
    let opted_in = settings.and_then(|settings| settings.backup_opt_in.known()?.get(own)) == Some(&true);
    if opted_in && resource.kind == Kind::EbsVolume { "EC2" } else { own }
}

/// Whether everything was read that could show a covering plan.
pub(super) fn complete(case: &Case<'_>) -> Result<(), Unread> {
    let resource = case.resource;
    case.need_read("backup:ListBackupPlans")?;
    if resource.kind == Kind::EbsVolume && resource.volume().is_none() {
        return Err(case.unread("ec2:DescribeVolumes"));
    }
    if !case.coverage().uncertain {
        return Ok(());
    }
    let estate = &case.context.estate;
    if estate.plans(&resource.account, &resource.region).iter().any(|plan| plan.selections.is_unread()) {
        let get = case.unread("backup:GetBackupSelection");
        return Err(if get.gap.is_some() { get } else { case.unread("backup:ListBackupSelections") });
    }
    let settings = estate.settings(&resource.account, &resource.region);
    if settings.is_none_or(|settings| settings.backup_opt_in.is_unread()) {
        return Err(case.unread("backup:DescribeRegionSettings"));
    }
    Err(case.unread(if resource.tags.is_unread() { tags_call(resource.kind) } else { "ec2:DescribeInstances" }))
}

/// The call that reads the tags of a resource.
pub(super) const fn tags_call(kind: Kind) -> &'static str {
    match kind {
        Kind::EbsVolume => "ec2:DescribeVolumes",
        Kind::Ec2Instance => "ec2:DescribeInstances",
        Kind::S3Bucket => "s3:GetBucketTagging",
        Kind::RdsInstance => "rds:DescribeDBInstances",
        Kind::RdsCluster => "rds:DescribeDBClusters",
        Kind::DynamodbTable => "dynamodb:ListTagsOfResource",
        Kind::EfsFileSystem => "elasticfilesystem:DescribeFileSystems",
        _ => "tag:GetResources",
    }
}

/// Why the jobs of a plan must fail for this resource, if they must.
fn broken(case: &Case<'_>, plan: &BackupPlan) -> Result<Option<Judgement>, Unread> {
    let mut unread = None;
    for rule in &plan.rules {
        match broken_rule(case, plan, rule) {
            Ok(None) => {}
            Ok(found) => return Ok(found),
            Err(missing) => unread = unread.or(Some(missing)),
        }
    }
    if case.resource.kind == Kind::S3Bucket {
        let bucket = case.resource.bucket();
        if *case.need(bucket.map(|bucket| &bucket.versioning), "s3:GetBucketVersioning")? != Versioning::Enabled {
            let template = "plan {plan} selects the bucket, but without versioning AWS Backup cannot back it up";
            return Ok(Some(about(Judgement::fail(template), plan)));
        }
    }
    unread.map_or(Ok(None), Err)
}

fn broken_rule(case: &Case<'_>, plan: &BackupPlan, rule: &PlanRule) -> Result<Option<Judgement>, Unread> {
    const VAULTS: &str = "backup:ListBackupVaults";
    let fail = |template| {
        about(Judgement::fail(template), plan)
            .with("rule", &rule.name)
            .with("vault", &rule.vault)
            .with_some("retention", rule.delete_after_days)
    };
    let Some(vault) = case.context.estate.vault(&plan.account, &plan.region, &rule.vault) else {
        case.need_read(VAULTS)?;
        return Ok(Some(fail("plan {plan} writes to vault {vault}, which does not exist")));
    };
    let lock = case.need_named(vault.vault().map(|vault| &vault.lock), VAULTS, "lock")?;
    if !lock.locked {
        return Ok(None);
    }
    // Kept for ever is longer than any limit.
    let days = rule.delete_after_days.unwrap_or(u32::MAX);
    let (min, max) = (lock.min_days.unwrap_or(0), lock.max_days.unwrap_or(u32::MAX));
    Ok(if days < min {
        let template = "the jobs of plan {plan} fail: it keeps points {retention:day}, \
                        and the lock of vault {vault} demands at least {min:day}";
        Some(fail(template).with("min", min))
    } else if days > max && rule.delete_after_days.is_none() {
        let template = "the jobs of plan {plan} fail: it keeps points for ever, \
                        and the lock of vault {vault} allows at most {max:day}";
        Some(fail(template).with("max", max))
    } else if days > max {
        let template = "the jobs of plan {plan} fail: it keeps points {retention:day}, \
                        and the lock of vault {vault} allows at most {max:day}";
        Some(fail(template).with("max", max))
    } else {
        None
    })
}

/// What one covering selection is worth.
fn standing<'a>(case: &Case<'a>, covering: &Covering<'a>) -> Finding {
    let plan = covering.plan;
    if case.context.schedule_bounds(&[plan]).is_none() {
        return without_schedule(plan);
    }
    let covered = |template| {
        Finding::Covered(
            about(Judgement::pass(template), plan)
                .with("mechanism", "aws-backup")
                .with("selection", &covering.selection.name)
                .with_some("tags_do_not_narrow", tags_do_not_narrow(covering.selection).then_some(true)),
        )
    };
    match covering.through {
        // What is declared is backed up with its instance: AWS Backup takes every attached volume along.
        Some(_) if case.is_declared() => covered("covered by backup plan {plan}, with its instance"),
        Some(instance) => through(case, plan, instance),
        None if !covering.inferred => covered("covered by backup plan {plan}"),
        None if case.points().iter().any(|point| point.is_usable() && made_by(point, &plan.arn)) => covered(
            "covered by backup plan {plan}: inferred from a tag it does not carry, and shown by its recovery points",
        ),
        None => match case.need_all_points() {
            Err(unread) => Finding::Unread(unread),
            Ok(()) => Finding::Unproven(about(
                Judgement::unknown(
                    "plan {plan} covers it only by inference from a tag it does not carry, and has made no recovery point of it yet",
                ),
                plan,
            )),
        },
    }
}

fn without_schedule(plan: &BackupPlan) -> Finding {
    let parsed = plan.rules.iter().map(|rule| Schedule::parse(rule.schedule.as_deref(), rule.timezone.as_deref()));
    match parsed.filter_map(Result::err).next() {
        Some(error) => Finding::Unproven(
            about(Judgement::unknown("plan {plan} covers it, and its schedule cannot be read: {error}"), plan)
                .with("error", error.to_string()),
        ),
        None => Finding::Useless(about(
            Judgement::fail("plan {plan} covers it, and none of its rules starts backups again and again"),
            plan,
        )),
    }
}

/// A volume's coverage through the backups of an instance: the latest one that the plan made must
/// hold the volume.
fn through(case: &Case<'_>, plan: &BackupPlan, instance: &Resource) -> Finding {
    let say = |judgement| about(judgement, plan).with("through", instance.display_name());
    let volume = case.resource;
    let here = |point: &RecoveryPoint| point.account == volume.account && point.region == volume.region;
    let images = case.context.estate.points(&instance.arn).iter().rev().filter(|point| {
        point.kind == PointKind::Image
            && point.is_usable()
            && !point.is_copy()
            && here(point)
            && made_by(point, &plan.arn)
    });
    let Some(image) = images.copied().next() else {
        return match case.need_read("ec2:DescribeImages").and_then(|()| case.need_all_points()) {
            Err(unread) => Finding::Unread(unread),
            Ok(()) => Finding::Unproven(say(Judgement::unknown(
                "plan {plan} covers it only through the instance {through}, of which it has no usable backup yet",
            ))),
        };
    };
    let held = case.points().iter().rev().find(|point| point.is_usable() && belongs_to(point, image));
    match (held, case.need_all_points()) {
        (Some(point), _) => Finding::Covered(
            say(Judgement::pass("covered by backup plan {plan}, through the instance {through}"))
                .with("mechanism", "aws-backup")
                .shown_by(Evidence::point(point)),
        ),
        (None, Err(unread)) => Finding::Unread(unread),
        (None, Ok(())) => Finding::Unproven(
            say(Judgement::unknown(
                "plan {plan} covers it only through the instance {through}, and the latest backup of that ({at}) does \
                 not hold this volume: it was attached later, or is left out",
            ))
            .with("at", image.started_at)
            .shown_by(Evidence::point(image)),
        ),
    }
}

fn belongs_to(point: &RecoveryPoint, image: &RecoveryPoint) -> bool {
    let member_of = point.extra.as_ref().and_then(|extra| extra.member_of.as_ref());
    member_of.is_some_and(|of| *of == image.arn)
        || image.extra.as_ref().is_some_and(|extra| extra.members.contains(&point.arn))
}

/// Whether this plan or policy made the point, which may name it by ARN or by id.
pub(super) fn made_by(point: &RecoveryPoint, plan: &str) -> bool {
    let by = point.extra.as_ref().and_then(|extra| extra.created_by.as_ref());
    by.is_some_and(|by| *by.plan == *plan || *by.plan == *arn::short(plan))
}

/// Whether a selection has both a pattern and tags, of which AWS Backup takes either.
fn tags_do_not_narrow(selection: &Selection) -> bool {
    !selection.list_of_tags.is_empty() && selection.resources.iter().any(|pattern| pattern.contains('*'))
}

fn about(judgement: Judgement, plan: &BackupPlan) -> Judgement {
    judgement.with("plan", &plan.name).shown_by(Evidence::new("plan", plan.arn.clone(), None))
}
