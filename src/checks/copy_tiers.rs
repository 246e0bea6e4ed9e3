//! `copy-tiers`: a second copy lies in another region or account, and is made at its own cadence.

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType, Unread};
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::protection::BackupPlan;
use crate::model::recovery_point::RecoveryPoint;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "copy-tiers",
    title: "a second copy lies off-site and is made at its own cadence",
    docs: "\
## What it judges
Each resource: its usable recovery points outside of its own region or account, and logged copies elsewhere.

## Exact semantics
* Off-site is another region, another account, or either (`tier`).
* The data of the newest such point is not older than `every` and `grace` together. The instant of the data counts, not
  that of the copying; a copy whose source nobody knows does not count.
* Declared components: a record of the kind `copy` that succeeded counts, by its start.
* The last copy job of the resource must not have failed after its last good copy.

## What yields `unknown`
There is none, and recovery points of some account or region, or the logs, were not read to their end. In infrastructure
code: a plan copies, and it cannot be told where to.
",
    remedy: "add a copy action to the backup plan (another region or account), or copy the dump off-site and log it as `copy`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: Some(InCode {
        terraform: "add a `copy_action` to the rule of the plan, with a vault in another region or account",
        template: "add `CopyActions` to the rule of the plan, with a vault in another region or account",
    }),
    params: &[
        Param {
            name: "every",
            ty: ParamType::Span,
            default: Some(r#""7d""#),
            required: false,
            docs: "How often a copy is to be made.",
        },
        Param {
            name: "grace",
            ty: ParamType::Span,
            default: Some(r#""32h""#),
            required: false,
            docs: "How much later it may be.",
        },
        Param {
            name: "tier",
            ty: ParamType::Choice(&["any", "region", "account"]),
            default: Some(r#""any""#),
            required: false,
            docs: "What counts as off-site.",
        },
    ],
    reads: &[
        "ec2:DescribeSnapshots",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:ListCopyJobs",
        "log:ReadRecords",
    ],
    prepare,
};

struct CopyTiers {
    every: Span,
    grace: Span,
    region: bool,
    account: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let every = args.span("every").unwrap_or(Span::days(7));
    if every <= Span::ZERO {
        return Err(ParamError::new("every", "no copy can be that recent", "write for example `7d`"));
    }
    let tier = args.text("tier").map_or("any", |tier| tier.as_str());
    Ok(Box::new(CopyTiers {
        every,
        grace: args.span("grace").unwrap_or(Span::ZERO),
        region: tier != "account",
        account: tier != "region",
    }))
}

impl Check for CopyTiers {
    fn judge(&self, case: &Case<'_>) -> Answer {
        if case.is_declared() {
            return self.configured(case);
        }
        let (resource, as_of) = (case.resource, case.as_of());
        let from = self.every.plus(self.grace).before(as_of);
        let off_site = |point: &RecoveryPoint| {
            (self.region && point.region != resource.region) || (self.account && point.account != resource.account)
        };
        let point = case
            .points()
            .iter()
            .filter(|point| point.is_usable() && off_site(point))
            .filter_map(|point| Some((point.data_at()?, *point)))
            .filter(|(at, _)| *at <= as_of)
            .max_by_key(|(at, point)| (*at, &point.arn));
        let copies = || {
            case.activities()
                .iter()
                .copied()
                .filter(|activity| activity.kind == ActivityKind::Copy && activity.started_at <= as_of)
        };
        let logged = copies().rfind(|copy| copy.account == log::ACCOUNT && copy.outcome == ActivityOutcome::Succeeded);
        let newest = point.map(|(at, _)| at).max(logged.map(|copy| copy.started_at));
        let failed = copies().rfind(|copy| copy.outcome.is_failure());
        let facts = |judgement: Judgement| {
            judgement.with("every", self.every).with("grace", self.grace).with_some("last_copy", newest)
        };
        if let Some(at) = newest.filter(|at| *at >= from) {
            if let Some(failed) = failed.filter(|failed| failed.started_at > at) {
                let template = "the copy job of {failed_at} ended as {outcome}; the last good copy is of {last_copy}";
                return Ok(facts(Judgement::fail(template))
                    .with("failed_at", failed.started_at)
                    .with("outcome", failed.outcome.id())
                    .shown_by(Evidence::activity(failed)));
            }
            let judgement = facts(Judgement::pass("the last off-site copy is of {last_copy}"));
            let evidence = point.map(|(_, point)| Evidence::point(point)).or_else(|| logged.map(Evidence::activity));
            return Ok(judgement.shown_by_all(evidence, 1));
        }
        if resource.account == log::ACCOUNT {
            case.context.need_log()?;
        } else {
            self.everywhere_read(case)?;
        }
        Ok(facts(match newest {
            Some(_) => {
                Judgement::fail("the last off-site copy is of {last_copy}; the limit is {every}, and {grace} grace")
            }
            None => Judgement::fail("no off-site copy"),
        }))
    }

    fn lookback(&self) -> Span {
        self.every
    }
}

impl CopyTiers {
    /// Of infrastructure code: whether a rule copies off-site, and often enough.
    fn configured(&self, case: &Case<'_>) -> Answer {
        let plans: Vec<_> = case.coverage().by.iter().map(|covering| covering.plan).collect();
        let bounds = case.context.copy_bounds(&plans, self.region, self.account);
        let facts = |judgement: Judgement| judgement.with("every", self.every).with("grace", self.grace);
        let interval = bounds.map(|bounds| Span::from(bounds.configured));
        let evidence = || plans.first().map(|plan| Evidence::new("plan", plan.arn.clone(), None));
        if let Some(interval) = interval.filter(|interval| *interval <= self.every.plus(self.grace)) {
            let pass = Judgement::pass("a backup plan copies it off-site every {interval}");
            return Ok(facts(pass).with("interval", interval).shown_by_all(evidence(), 1));
        }
        super::automated::need_all_plans(case)?;
        self.every_copy_placed(case, &plans)?;
        let Some(interval) = interval else {
            return Ok(facts(Judgement::fail("no rule of a backup plan that covers it copies it off-site")));
        };
        let fail = "a backup plan copies it off-site every {interval}; the limit is {every}, and {grace} grace";
        Ok(facts(Judgement::fail(fail)).with("interval", interval).shown_by_all(evidence(), 1))
    }

    /// A copy of which it cannot be told where it lies may be the one that is asked for.
    fn every_copy_placed(&self, case: &Case<'_>, plans: &[&BackupPlan]) -> Result<(), Unread> {
        let Some((plan, copy)) = super::case::open_copy(plans, self.region, self.account) else { return Ok(()) };
        let place = match (self.region, self.account) {
            (true, false) => "in another region",
            (false, true) => "in another account",
            _ => "in another region or account",
        };
        let declared = case.context.declared();
        let open: Vec<_> = declared.iter().flat_map(|declared| declared.why_unread(&plan.arn, "copies")).collect();
        let why = match copy.vault.known() {
            Some(vault) => format!("`{}` copies to `{vault}`", plan.name),
            None if open.is_empty() => format!("the vault to which `{}` copies is not known", plan.name),
            None => super::declared::told(&open),
        };
        Err(Unread::not_asked("copies", &format!("{why}, so it cannot be told whether that lies {place}")))
    }

    /// A copy may lie in any place that the inventory speaks of.
    fn everywhere_read(&self, case: &Case<'_>) -> Result<(), Unread> {
        case.need_all_points()?;
        let inventory = case.context.estate.inventory;
        for call in case.resource.kind.point_operations() {
            for account in &inventory.accounts {
                for region in &inventory.regions {
                    if case.context.estate.read(account, region, call).is_none() {
                        let gap = case.context.estate.gap(account, region, call, "").cloned().map(Box::new);
                        return Err(Unread { call: (*call).into(), gap, why: None });
                    }
                }
            }
        }
        Ok(())
    }
}
