//! What is configured to keep copies of a resource, and for how long.

use crate::checks::{Case, Unread};
use crate::model::dlm;
use crate::model::fact::Fact;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::protection::PlanRule;
use crate::model::reach_back;
use crate::model::resource::{Detail, Versioning};
use crate::model::span::Span;
use crate::model::text::Text;

/// The call that reads DLM policies.
pub(super) const DLM: &str = "dlm:GetLifecyclePolicies";

/// For how long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Keep {
    /// For this time.
    For(Span),
    /// Until somebody deletes it.
    Ever,
}

impl Keep {
    /// From a retention in days, absent for ever.
    fn days(days: Option<u32>) -> Self {
        days.map_or(Self::Ever, |days| Self::For(Span::days(i64::from(days))))
    }
}

/// The longest retention that is configured.
#[derive(Debug)]
pub(super) struct Configured<'a> {
    /// How long; `None` when nothing that was read covers the resource.
    pub(super) best: Option<Keep>,
    /// By what.
    pub(super) mechanism: &'static str,
    /// The plan, policy or resource that says so.
    id: Option<&'a Text>,
    /// Whether it may be longer: of code, a bound of it may be all that is known.
    pub(super) at_least: bool,
    /// The longest time between two of its copies, where a schedule says it.
    pub(super) interval: Span,
    /// Something that was not read may keep more.
    pub(super) unread: Option<&'static str>,
}

impl<'a> Configured<'a> {
    /// Look through every mechanism.
    pub(super) fn of(case: &Case<'a>, keep: Span) -> Self {
        let mut all = Self { best: None, mechanism: "", id: None, at_least: false, interval: Span::ZERO, unread: None };
        all.plans(case, keep);
        all.own(case);
        all.dlm(case);
        all
    }

    /// The object that shows it.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        let what = match self.mechanism {
            "aws-backup" => "plan",
            "dlm" => "policy",
            _ => "resource",
        };
        self.id.map(|id| Evidence::new(what, id.clone(), None))
    }

    fn offer(&mut self, keep: Keep, mechanism: &'static str, id: &'a Text) {
        if self.best.is_none_or(|best| keep > best) {
            (self.best, self.mechanism, self.id, self.at_least) = (Some(keep), mechanism, Some(id), false);
        }
    }

    /// The least that an open number of days may be, where the code tells it.
    fn offer_least(&mut self, case: &Case<'a>, fact: &str, mechanism: &'static str) {
        let least = case.context.declared().and_then(|declared| declared.least(&case.resource.arn, fact));
        let least = least.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
        let before = self.best;
        if let Some(days) = least {
            self.offer(Keep::days(Some(days)), mechanism, &case.resource.arn);
            self.at_least |= self.best != before;
        }
    }

    fn plans(&mut self, case: &Case<'a>, keep: Span) {
        let coverage = case.coverage();
        if coverage.uncertain {
            self.unread = Some("backup:ListBackupSelections");
        }
        if coverage.by.is_empty() {
            return;
        }
        let mut plans = Vec::with_capacity(coverage.by.len());
        for covering in &coverage.by {
            plans.push(covering.plan);
            if let Some(longest) = covering.plan.rules.iter().map(rule_keep).max() {
                self.offer(longest, "aws-backup", &covering.plan.arn);
            }
        }
        // Rounded up: a rule of 35 days keeps 35 days and not 35 days and a bit.
        let days = keep.as_seconds().saturating_add(86_399).div_euclid(86_400);
        if let Some(bounds) = case.context.schedule_bounds_keeping(&plans, u32::try_from(days).unwrap_or(u32::MAX)) {
            self.interval = Span::from(bounds.worst_legal);
        }
    }

    /// What databases and tables do of themselves.
    fn own(&mut self, case: &Case<'a>) {
        let resource = case.resource;
        match resource.kind {
            Kind::RdsInstance | Kind::RdsCluster => {
                match resource.database().and_then(|database| database.backup_retention_days.known()) {
                    Some(days) => self.offer(Keep::days(Some(*days)), "rds-automated-backups", &resource.arn),
                    None => {
                        self.offer_least(case, "backup_retention_days", "rds-automated-backups");
                        let of_instance = resource.kind == Kind::RdsInstance;
                        self.unread =
                            Some(if of_instance { "rds:DescribeDBInstances" } else { "rds:DescribeDBClusters" });
                    }
                }
            }
            Kind::DynamodbTable => match resource.table().and_then(|table| table.pitr_days.known()) {
                Some(0) => {}
                Some(days) => self.offer(Keep::days(Some(*days)), "dynamodb-point-in-time-recovery", &resource.arn),
                None => {
                    self.offer_least(case, "pitr_days", "dynamodb-point-in-time-recovery");
                    self.unread = Some("dynamodb:DescribeContinuousBackups");
                }
            },
            // The automatic plan of EFS shows among the plans of an account; code has the switch alone.
            Kind::EfsFileSystem if case.is_declared() => {
                if let Detail::FileSystem(system) = &resource.detail {
                    match system.backup_policy {
                        Fact::Known(true) => self.offer(Keep::days(Some(35)), "efs-backup-policy", &resource.arn),
                        Fact::Known(false) => {}
                        Fact::Unread => self.unread = Some("elasticfilesystem:DescribeBackupPolicy"),
                    }
                }
            }
            _ => {}
        }
    }

    fn dlm(&mut self, case: &Case<'a>) {
        for policy in &case.context.estate.inventory.dlm_policies {
            let selected = selected(case, policy);
            if selected == Some(false) {
                continue;
            }
            match (selected, case.context.dlm_kept(policy)) {
                (Some(_), Some(kept)) => {
                    let better = self.best.is_none_or(|best| Keep::For(kept.keep) > best);
                    self.offer(Keep::For(kept.keep), "dlm", &policy.arn);
                    if better {
                        self.interval = kept.interval;
                    }
                }
                _ => self.unread = Some("dlm:GetLifecyclePolicy"),
            }
        }
    }
}

/// Whether a DLM policy takes the resource in, by itself or with the instance that it is attached to.
fn selected(case: &Case<'_>, policy: &crate::model::protection::DlmPolicy) -> Option<bool> {
    let own = dlm::selects(policy, case.resource);
    let Some(volume) = case.resource.volume().filter(|_| own != Some(true)) else { return own };
    let mut any = own;
    for instance in &volume.attached_to {
        match case.context.estate.resource(instance).map(|instance| dlm::selects(policy, instance)) {
            Some(Some(true)) => return Some(true),
            Some(Some(false)) => {}
            Some(None) => any = None,
            None => {}
        }
    }
    any
}

/// The retention of a rule: its own, or that of its longest copy.
fn rule_keep(rule: &PlanRule) -> Keep {
    let copies = rule.copies.iter().map(|copy| Keep::days(copy.delete_after_days.or(rule.delete_after_days)));
    copies.max().map_or(Keep::days(rule.delete_after_days), |copy| copy.max(Keep::days(rule.delete_after_days)))
}

/// Before saying that too little is configured: was everything read that may configure more? Whether DLM
/// takes part shows in the points, except for a resource that is too young for any.
pub(super) fn need_all(case: &Case<'_>, configured: &Configured<'_>, dlm: bool) -> Result<(), Unread> {
    if let Some(call) = configured.unread {
        if call.starts_with("rds:") {
            return Err(case.unread_named(call, "backup_retention_days"));
        }
        if case.is_declared() && call == "backup:ListBackupSelections" {
            crate::checks::automated::need_all_plans(case)?;
        }
        return Err(case.unread(call));
    }
    if case.resource.kind.list_operation().is_some() {
        case.need_read("backup:ListBackupPlans")?;
    }
    if dlm && matches!(case.resource.kind, Kind::EbsVolume | Kind::Ec2Instance) {
        case.need_read(DLM)?;
    }
    if let Some(bucket) = case.resource.bucket() {
        let versioning = case.need(Some(&bucket.versioning), "s3:GetBucketVersioning")?;
        if *versioning == Versioning::Enabled {
            case.need(Some(&bucket.lifecycle), "s3:GetBucketLifecycleConfiguration")?;
        }
    } else if case.resource.kind == Kind::S3Bucket {
        return Err(case.unread("s3:GetBucketVersioning"));
    }
    Ok(())
}

/// The pass of a bucket whose previous versions are kept for long enough.
pub(super) fn versions_enough(case: &Case<'_>, keep: Span) -> Option<Judgement> {
    let bucket = case.resource.bucket()?;
    if *bucket.versioning.known()? != Versioning::Enabled {
        return None;
    }
    let judgement = match reach_back::shortest(bucket.lifecycle.known()?) {
        None => Judgement::pass("previous versions are kept for ever").with("configured", "for ever"),
        Some(part) => {
            let kept = Span::days(i64::from(part.days));
            if kept < keep {
                return None;
            }
            Judgement::pass("previous versions are kept for {configured}").with("configured", kept)
        }
    };
    Some(judgement.with("keep", keep).with("mechanism", "s3-versions"))
}
