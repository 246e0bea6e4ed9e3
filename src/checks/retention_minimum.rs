//! `retention-minimum`: copies are kept for long enough, as configured and as achieved.

mod achieved;
mod configured;
#[cfg(test)]
mod tests;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::judgement::Judgement;
use crate::model::kind::Kind;
use crate::model::outcome::Outcome;
use crate::model::span::Span;
use achieved::Reach;
use configured::{Configured, Keep};

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "retention-minimum",
    title: "copies are kept for long enough",
    docs: "\
## What it judges
Two things, and both must hold: what is **configured** keeps copies of the resource for at least `keep`,
and what is **achieved** reaches back that far.

## Exact semantics
**Configured** is the longest retention among: rules of AWS Backup plans that cover the resource (their
copies included; no retention means for ever); RDS automated backups; DynamoDB point-in-time recovery;
DLM policies (by count: count x interval, so that 35 snapshots of a 12-hour schedule are 17.5 days).
The longest counts, so that a plan with short hourly and long daily points passes. Where nothing of
that covers the resource, or it keeps less, stored points can show the opposite: points that nothing
deletes before `keep`, the newest younger than an interval and the oldest as old as demanded.

**Achieved** is the age of the oldest usable copy that nothing deletes before `keep`: points whose own
lifecycle is shorter do not count. Daily points that are kept for 35 days are 34 to 35 days old when the
next is due, so one interval is taken off `keep`: the larger of `slack` and what the schedule of the
rules that keep long enough allows at worst. A copy counts at the instant of its data. Continuous points
and restore windows count from their earliest restorable instant; a stopped one still counts here.

A resource that is younger is judged since its creation.

**Buckets.** Versioning with lifecycle rules that keep noncurrent versions for at least `keep` is enough
(see `version-restore`); since when it has been enabled cannot be seen. Otherwise as above.

Copies found are enough to pass: whatever was not read could only add more. A failure needs the lists to
have been read to their end.

Source: AWS Backup developer guide (`Lifecycle`, `CalculatedLifecycle`), DLM API `RetainRule`, RDS
`BackupRetentionPeriod`, DynamoDB `RecoveryPeriodInDays`.

## What yields `unknown`
Something is too short, and a list, a plan's selections, a bucket's versioning or lifecycle, or a
database's retention was not read; the oldest copy is too young, and it is not known when the resource
was created; points in a state that this version does not know would decide.
",
    remedy: "raise the retention of the plan, policy or database to the demanded time; points that exist keep the \
             lifecycle they were made with, so the history grows from today on",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: Some(InCode {
        terraform: "raise `delete_after` of the plan's rule, `backup_retention_period` of the database, or the days of `noncurrent_version_expiration`",
        template: "raise `DeleteAfterDays` of the plan's rule, `BackupRetentionPeriod` of the database, or the days of `NoncurrentVersionExpiration`",
    }),
    params: &[
        Param {
            name: "keep",
            ty: ParamType::Span,
            default: None,
            required: true,
            docs: "how long copies must be kept",
        },
        Param {
            name: "slack",
            ty: ParamType::Span,
            default: Some("\"32h\""),
            required: false,
            docs: "one interval between copies, by which the oldest may be younger; a schedule that allows more counts more",
        },
    ],
    reads: &[
        "ec2:DescribeSnapshots",
        "ec2:DescribeImages",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "dynamodb:ListBackups",
        "dynamodb:DescribeContinuousBackups",
        "dlm:GetLifecyclePolicy",
        "s3:GetBucketVersioning",
        "s3:GetBucketLifecycleConfiguration",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:ListBackupPlans",
        "backup:GetBackupPlan",
        "backup:ListBackupSelections",
        "backup:GetBackupSelection",
    ],
    prepare,
};

pub(super) struct RetentionMinimum {
    keep: Span,
    slack: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let keep = args.span("keep").unwrap_or_default();
    let slack = args.span("slack").unwrap_or(Span::hours(32));
    if keep <= slack {
        return Err(ParamError::new(
            "keep",
            format!("`keep` ({keep}) is not longer than `slack` ({slack})"),
            "one interval is taken off `keep`, so nothing would be demanded; lower `slack`",
        ));
    }
    Ok(Box::new(RetentionMinimum { keep, slack }))
}

/// What is demanded of one resource.
struct Demand {
    /// Age that the oldest copy must have, whatever is known of the creation.
    certain: Span,
    /// Age that it must have if the resource is old.
    full: Span,
    /// One interval.
    interval: Span,
}

impl Check for RetentionMinimum {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let created = case.resource.created_at.known().copied();
        if let Some(created) = created.filter(|created| *created > case.as_of()) {
            return Ok(Judgement::not_applicable("it was created later, at {created_at}").with("created_at", created));
        }
        if let Some(pass) = configured::versions_enough(case, self.keep) {
            return Ok(pass);
        }
        let configured = Configured::of(case, self.keep);
        if case.is_declared() {
            return self.configured_only(case, &configured);
        }
        let reach = Reach::of(case, self.keep, false);
        let demand = self.demand(case, created, &configured, &reach);
        let judgement = self.weigh(case, created, &configured, &reach, &demand);
        if judgement.outcome != Outcome::Fail {
            return Ok(judgement);
        }
        case.need_existence()?;
        case.need_all_points()?;
        // Copies that do not reach back fail whatever DLM keeps; a resource without history does not.
        let reached = reach.oldest.is_some_and(|oldest| Span::between(oldest, case.as_of()) >= demand.full);
        configured::need_all(case, &configured, demand.full <= Span::ZERO || (reach.by_dlm && reached))?;
        if reach.doubtful {
            let generous = Reach::of(case, self.keep, true);
            if self.weigh(case, created, &configured, &generous, &demand).outcome != Outcome::Fail {
                let sentence = "copies do not reach back {keep} unless recovery points count whose state this version \
                                does not know";
                return Ok(self.facts(case, Judgement::unknown(sentence), &configured, &reach));
            }
        }
        Ok(judgement)
    }

    fn lookback(&self) -> Span {
        self.keep
    }
}

impl RetentionMinimum {
    /// Of infrastructure code: nothing is stored yet, and what is configured decides.
    fn configured_only(&self, case: &Case<'_>, configured: &Configured<'_>) -> Answer {
        let nothing = Reach::default();
        if configured.best.is_some_and(|best| best >= Keep::For(self.keep)) {
            let sentence = match configured.best {
                Some(Keep::For(_)) if configured.at_least => {
                    "copies will be kept for at least {configured}; {keep} are demanded"
                }
                Some(Keep::For(_)) => "copies will be kept for {configured}; {keep} are demanded",
                _ => "copies will be kept for ever; {keep} are demanded",
            };
            return Ok(self.facts(case, Judgement::pass(sentence), configured, &nothing));
        }
        configured::need_all(case, configured, true)?;
        let judgement = match configured.best {
            Some(_) => self.not_configured(case, configured, &nothing),
            None => Judgement::fail("nothing that is configured keeps copies of it; {keep} are demanded"),
        };
        Ok(self.facts(case, judgement, configured, &nothing))
    }

    fn demand(
        &self,
        case: &Case<'_>,
        created: Option<Instant>,
        configured: &Configured<'_>,
        reach: &Reach<'_>,
    ) -> Demand {
        let as_of = case.as_of();
        let interval = self.slack.max(configured.interval);
        let trace = case.activities().iter().find(|activity| activity.kind == ActivityKind::Backup);
        let since = created.or([reach.first_trace, trace.map(|trace| trace.started_at)].into_iter().flatten().min());
        let age = since.map_or(Span::ZERO, |since| Span::between(since, as_of));
        // Backups may be so rare that an interval is longer than `keep`; one copy is the least.
        let old = self.keep.minus(interval).max(Span::seconds(1));
        let certain = old.min(age.minus(interval));
        Demand { certain, full: if created.is_some() { certain } else { old }, interval }
    }

    fn weigh(
        &self,
        case: &Case<'_>,
        created: Option<Instant>,
        configured: &Configured<'_>,
        reach: &Reach<'_>,
        demand: &Demand,
    ) -> Judgement {
        let as_of = case.as_of();
        let age = |at: Option<Instant>| at.map(|at| Span::between(at, as_of));
        let (oldest, newest) = (age(reach.oldest), age(reach.newest));
        let recent = newest.is_some_and(|newest| newest <= demand.interval);
        let enough = configured.best.is_some_and(|best| best >= Keep::For(self.keep));
        // What is stored outweighs what is configured only by having been kept for the whole time.
        let ruleless = configured.best.is_none() && !(reach.by_dlm && case.need_read(configured::DLM).is_err());
        let shown = recent
            && oldest.is_some_and(|oldest| {
                oldest >= self.keep.minus(demand.interval) || (ruleless && oldest >= demand.full)
            });
        // Without a creation time nobody can say whether copies could be older.
        let ageless = created.is_none()
            && demand.certain < demand.full
            && oldest.map_or(demand.certain <= Span::ZERO, |oldest| oldest >= demand.certain && oldest < demand.full);
        let perhaps = ageless && recent && ruleless;
        if !(enough || shown || perhaps) {
            return self.facts(case, self.not_configured(case, configured, reach), configured, reach);
        }
        let young = demand.full <= Span::ZERO;
        if young || oldest.is_some_and(|oldest| oldest >= demand.full) {
            let sentence = match (young && oldest.is_none(), configured.best.filter(|_| enough)) {
                (true, Some(Keep::For(_))) => "created {since} ago; copies will be kept for {configured}",
                (true, _) => "created {since} ago; copies will be kept for ever",
                (false, Some(Keep::For(_))) => "kept for {configured}; the oldest usable copy is {achieved} old",
                (false, Some(Keep::Ever)) => "kept for ever; the oldest usable copy is {achieved} old",
                (false, None) => "nothing deletes them before {keep}; the oldest usable copy is {achieved} old",
            };
            let since = created.filter(|_| young && oldest.is_none()).map(|created| Span::between(created, as_of));
            return self.facts(case, Judgement::pass(sentence).with_some("since", since), configured, reach);
        }
        if ageless {
            let sentence = if oldest.is_some() {
                "the oldest usable copy is {achieved} old, and it is not known when the resource was created; {keep} \
                 are demanded"
            } else {
                "no usable copy was found, and it is not known when the resource was created; {keep} are demanded"
            };
            return self.facts(case, Judgement::unknown(sentence), configured, reach);
        }
        let sentence = match (oldest, reach.short) {
            (Some(_), _) => "the oldest usable copy is only {achieved} old; {keep} are demanded",
            (None, Some(_)) => {
                "every recovery point is set to be deleted after {kept_at_most} or less; {keep} are demanded"
            }
            (None, None) => "no usable copy is stored; {keep} are demanded",
        };
        self.facts(case, Judgement::fail(sentence), configured, reach)
    }

    /// Nothing promises to keep copies for long enough.
    fn not_configured(&self, case: &Case<'_>, configured: &Configured<'_>, reach: &Reach<'_>) -> Judgement {
        match configured.best {
            Some(Keep::For(Span::ZERO)) => Judgement::fail("automated backups are off; {keep} are demanded"),
            Some(_) => Judgement::fail("copies are kept for {configured} only; {keep} are demanded"),
            None if reach.oldest.is_some() => Judgement::fail(
                "nothing that is visible makes and keeps copies of it, and those that are stored do not show that \
                 they are kept for {keep}",
            ),
            None if reach.short.is_some() => Judgement::fail(
                "every recovery point is set to be deleted after {kept_at_most} or less; {keep} are demanded",
            ),
            None if only_logged(case) => Judgement::unknown(
                "backups are on record, and no list of what is stored was read: it cannot be told how long they are kept",
            ),
            None => Judgement::fail(
                "nothing keeps copies of it: no protection that was read covers it, and no usable copy is stored",
            ),
        }
    }

    fn facts(
        &self,
        case: &Case<'_>,
        judgement: Judgement,
        configured: &Configured<'_>,
        reach: &Reach<'_>,
    ) -> Judgement {
        let as_of = case.as_of();
        let stopped =
            case.resource.database().and_then(|database| database.status.known()).filter(|s| **s == "stopped");
        let judgement = match configured.best {
            Some(Keep::For(span)) => judgement.with("configured", span),
            Some(Keep::Ever) => judgement.with("configured", "for ever"),
            None => judgement,
        };
        judgement
            .with("keep", self.keep)
            .with_some("mechanism", configured.best.map(|_| configured.mechanism))
            .with_some("achieved", reach.oldest.map(|oldest| Span::between(oldest, as_of)))
            .with_some("oldest", reach.oldest)
            .with_some("kept_at_most", reach.short)
            .with_some("database_status", stopped)
            .shown_by_all(configured.evidence(), 1)
            .shown_by_all(reach.evidence(), 1)
    }
}

/// Whether successes are on record outside AWS, whose copies no list shows.
fn only_logged(case: &Case<'_>) -> bool {
    case.activities().iter().any(|activity| {
        activity.kind == ActivityKind::Backup
            && activity.outcome == ActivityOutcome::Succeeded
            && !activity.source.starts_with("backup:")
    })
}
