//! Of infrastructure code: how far apart good copies may lie as everything is configured.

use crate::checks::{Answer, Case, Unread, automated};
use crate::model::dlm;
use crate::model::fact::Fact;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::resource::Detail;
use crate::model::span::Span;
use crate::model::text::Text;

/// How far automated backups of RDS and point-in-time recovery of DynamoDB lag behind at most (RDS user guide; DynamoDB
/// says the same).
const CONTINUOUS: Span = Span::seconds(300);

/// One mechanism with the longest time that it may leave.
struct Promise {
    /// Between two starts.
    configured: Span,
    /// With its start window.
    worst: Span,
    mechanism: &'static str,
    id: Text,
}

pub(super) fn judge(case: &Case<'_>, limit: Span) -> Answer {
    let (promises, unread) = promises(case);
    let best = promises.into_iter().min_by_key(|promise| promise.worst);
    let facts = |judgement: Judgement, promise: &Promise| {
        judgement
            .with("limit", limit)
            .with("configured", promise.configured)
            .with("worst_legal", promise.worst)
            .with("mechanism", promise.mechanism)
            .shown_by(Evidence::new("plan", promise.id.clone(), None))
    };
    if let Some(promise) = best.as_ref().filter(|promise| promise.worst <= limit) {
        let template = "as configured, good copies lie at most {worst_legal} apart; the limit is {limit}";
        return Ok(facts(Judgement::pass(template), promise));
    }
    if let Some(unread) = unread {
        return Err(unread);
    }
    automated::need_all_plans(case)?;
    if matches!(case.resource.kind, Kind::EbsVolume | Kind::Ec2Instance) {
        case.need_read("dlm:GetLifecyclePolicies")?;
    }
    Ok(match &best {
        Some(promise) => facts(
            Judgement::fail("as configured, good copies may lie {worst_legal} apart; the limit is {limit}"),
            promise,
        ),
        None => {
            Judgement::fail("nothing that is configured makes backups of it; the limit is {limit}").with("limit", limit)
        }
    })
}

fn promises(case: &Case<'_>) -> (Vec<Promise>, Option<Unread>) {
    let resource = case.resource;
    let mut found = Vec::new();
    let mut unread = None;
    let plans: Vec<_> = case.coverage().by.iter().map(|covering| covering.plan).collect();
    if let (Some(first), Some(bounds)) = (plans.first(), case.context.schedule_bounds(&plans)) {
        found.push(Promise {
            configured: Span::from(bounds.configured),
            worst: Span::from(bounds.worst_legal),
            mechanism: "aws-backup",
            id: first.arn.clone(),
        });
    }
    let mut own = |mechanism, configured, worst| {
        found.push(Promise { configured, worst, mechanism, id: resource.arn.clone() });
    };
    let call = resource.kind.list_operation().unwrap_or_default();
    match &resource.detail {
        Detail::Database(database) => match database.backup_retention_days {
            Fact::Known(0) => {}
            Fact::Known(_) => own("rds-automated-backups", CONTINUOUS, CONTINUOUS),
            Fact::Unread => unread = Some(case.unread_named(call, "backup_retention_days")),
        },
        Detail::Table(table) => match table.pitr_days {
            Fact::Known(0) => {}
            Fact::Known(_) => own("dynamodb-point-in-time-recovery", CONTINUOUS, CONTINUOUS),
            Fact::Unread => unread = Some(case.unread("dynamodb:DescribeContinuousBackups")),
        },
        // The automatic plan of EFS is daily, with a start window of 8 hours.
        Detail::FileSystem(system) => match system.backup_policy {
            Fact::Known(true) => own("efs-backup-policy", Span::hours(24), Span::hours(32)),
            Fact::Known(false) => {}
            Fact::Unread => unread = Some(case.unread("elasticfilesystem:DescribeBackupPolicy")),
        },
        _ => {}
    }
    for policy in &case.context.estate.inventory.dlm_policies {
        if dlm::selects(policy, resource) == Some(true)
            && let Some(kept) = case.context.dlm_kept(policy)
        {
            // DLM starts within the hour.
            let worst = kept.interval.plus(Span::hours(1));
            found.push(Promise { configured: kept.interval, worst, mechanism: "dlm", id: policy.arn.clone() });
        }
    }
    (found, unread)
}
