//! `integrity-check`: stored backups were read and found sound, lately, wherever they lie.

use std::collections::BTreeMap;

use super::traps;
use super::{Answer, Args, Case, Check, CheckInfo, Context, Group, Param, ParamError, ParamType, Unit};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Depth, Validation};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::resource::Resource;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "integrity-check",
    title: "stored backups were verified deeply enough, wherever they lie",
    docs: "\
## What it judges
Verifications and restore tests on record, against the places where the backups of a resource or of an
application lie.

## Exact semantics
* A place is a vault, or an account and region, that holds usable recovery points of a member. A declared
  component without points is a place of its own; an AWS resource without points has nothing to verify.
* A verification counts for the places of the resource that it was about, if it succeeded within `within`,
  looked at least as deeply as `depth` (`listed` < `metadata` < `sampled` < `full-read` < `restored` < `compared`)
  and did look at something: one of 0 items proves nothing. A restore test whose data was checked counts as
  `compared`, any other successful one as `restored`.
* Every place needs one: of the resource (`per = \"resource\"`), or of any member (`per = \"application\"`).
* A verification that failed counts against its resource until a later one succeeds, whatever its depth.
* How deeply a tool looked is not in its record (`restic check` finds no damaged pack without `--read-data`): one
  whose depth nobody said does not count. Nor does a `pgbackrest verify` of which only the exit status is on record: it is 0
  whatever was found.

## What yields `unknown`
Recovery points were not read to their end; a place without a verification, where no log was read, or where the log does not reach back over the
period; a verification whose depth is not on record.
",
    remedy: "verify the stored data with the tool's deepest check (`restic check --read-data`, `borg check --verify-data`, \
             `pgbackrest verify`, a restore), through `lastgood log run --kind verification --depth full-read`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "within",
            ty: ParamType::Span,
            default: None,
            required: true,
            docs: "How long ago the last verification may have ended.",
        },
        Param {
            name: "depth",
            ty: ParamType::Choice(Depth::IDS),
            default: Some(r#""full-read""#),
            required: false,
            docs: "How deeply it must have looked.",
        },
        Param {
            name: "per",
            ty: ParamType::Choice(&["resource", "application"]),
            default: Some(r#""application""#),
            required: false,
            docs: "Whether each resource, or each place of an application, needs a verification.",
        },
    ],
    reads: &["log:ReadRecords", "backup:ListRestoreJobs"],
    prepare,
};

struct IntegrityCheck {
    within: Span,
    depth: Depth,
    unit: Unit,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::ZERO);
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "no verification can be that recent", "write for example `366d`"));
    }
    let depth = args.text("depth").and_then(|depth| Depth::parse(depth)).unwrap_or(Depth::FullRead);
    let per_resource = args.text("per").is_some_and(|per| *per == *"resource");
    Ok(Box::new(IntegrityCheck { within, depth, unit: if per_resource { Unit::Resource } else { Unit::Application } }))
}

impl Check for IntegrityCheck {
    fn judge(&self, case: &Case<'_>) -> Answer {
        self.members(&[case.resource], case.context)
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        if let Some(judgement) = group.unassigned() {
            return Ok(judgement);
        }
        self.members(&group.members, group.context)
    }

    fn lookback(&self) -> Span {
        self.within
    }
}

/// What is on record of one place.
#[derive(Default)]
struct Place<'a> {
    good: Option<&'a Activity>,
    /// Not deep enough, or nobody said how deep.
    weak: Option<&'a Activity>,
}

impl IntegrityCheck {
    fn members<'a>(&self, members: &[&'a Resource], context: &'a Context<'a>) -> Answer {
        let from = self.within.before(context.as_of);
        let mut places: BTreeMap<String, Place<'a>> = BTreeMap::new();
        for member in members {
            let own = places_of(member, context);
            if own.is_empty() {
                Case::new(member, context).need_all_points()?;
            }
            let mut failed: Option<&Activity> = None;
            for activity in context.estate.activities(&member.arn).iter().copied().filter(|a| looks(a)) {
                if activity.at() < from || activity.at() > context.as_of {
                    continue;
                }
                match &activity.outcome {
                    ActivityOutcome::Succeeded if activity.validation != Some(Validation::Failed) => failed = None,
                    ActivityOutcome::Running | ActivityOutcome::Other(_) => continue,
                    _ => {
                        failed = Some(activity);
                        continue;
                    }
                }
                let deep = depth(activity).is_some_and(|depth| depth >= self.depth)
                    && !is_vacuous(activity)
                    && traps::doubt(activity).is_none();
                for place in &own {
                    let place = places.entry(place.clone()).or_default();
                    let slot = if deep { &mut place.good } else { &mut place.weak };
                    *slot = Some(activity);
                }
            }
            if let Some(failed) = failed {
                let template = "the last verification of {resource}, on {last_check}, ended as {outcome}";
                return Ok(Judgement::fail(template)
                    .with("resource", member.display_name())
                    .with("last_check", failed.at())
                    .with("outcome", failed.outcome.id())
                    .with_some("message", failed.message.as_ref())
                    .shown_by(Evidence::activity(failed)));
            }
            own.into_iter().for_each(|place| _ = places.entry(place).or_default());
        }
        let total = places.len();
        if total == 0 {
            return Ok(Judgement::not_applicable("there is no stored copy; other rules say so"));
        }
        let facts = |judgement: Judgement| {
            judgement.with("within", self.within).with("depth", self.depth.id()).with("places", total)
        };
        let Some((unverified, place)) = places.iter().find(|(_, place)| place.good.is_none()) else {
            let last = places.values().filter_map(|place| place.good).max_by_key(|activity| activity.at());
            let oldest = places.values().filter_map(|place| place.good).map(Activity::at).min();
            let evidence = places.values().filter_map(|place| place.good).map(Evidence::activity);
            return Ok(facts(Judgement::pass("{places:place} verified; the least recent on {oldest_check}"))
                .with_some("oldest_check", oldest)
                .with_some("last_check", last.map(Activity::at))
                .shown_by_all(evidence, 10));
        };
        let missing = places.values().filter(|place| place.good.is_none()).count();
        let say = |judgement: Judgement| facts(judgement).with("missing", missing).with("place", unverified.as_str());
        if let Some(weak) = place.weak {
            if let Some(doubt) = traps::doubt(weak) {
                return Ok(say(doubt));
            }
            let (judgement, looked) = match depth(weak) {
                _ if is_vacuous(weak) => {
                    (Judgement::fail("the verification of {place} on {last_check} looked at nothing"), "nothing")
                }
                Some(depth) => (
                    Judgement::fail("{place} was verified on {last_check} only as {looked}; {depth} is asked for"),
                    depth.id(),
                ),
                None => {
                    (Judgement::unknown("{place} was verified on {last_check}, and nobody said how deeply"), "not said")
                }
            };
            return Ok(say(judgement)
                .with("last_check", weak.at())
                .with("looked", looked)
                .shown_by(Evidence::activity(weak)));
        }
        let log = context.need_log()?;
        if log.since.is_none_or(|since| since > from) {
            let judgement =
                Judgement::unknown("no verification of {place} on record; the log reaches back to {log_since} only");
            return Ok(say(judgement).with("log_since", log.since.unwrap_or(context.as_of)));
        }
        Ok(say(Judgement::fail("no verification of {place} within {within}; {missing} of {places:place} without one")))
    }
}

/// Where the usable points of a member lie.
fn places_of(member: &Resource, context: &Context<'_>) -> Vec<String> {
    let usable = context.estate.points(&member.arn).iter().filter(|point| point.is_usable());
    let mut places: Vec<String> = usable
        .map(|point| {
            point.vault.as_ref().map_or_else(|| format!("{}/{}", point.account, point.region), ToString::to_string)
        })
        .collect();
    places.sort();
    places.dedup();
    if places.is_empty() && member.account == log::ACCOUNT {
        places.push(member.display_name().to_owned());
    }
    places
}

fn looks(activity: &Activity) -> bool {
    matches!(activity.kind, ActivityKind::Verification | ActivityKind::RestoreTest)
}

fn depth(activity: &Activity) -> Option<Depth> {
    let said = activity.detail.as_ref().and_then(|detail| detail.depth);
    let of_test = match (activity.kind, activity.validation) {
        (ActivityKind::RestoreTest, Some(Validation::Successful)) => Some(Depth::Compared),
        (ActivityKind::RestoreTest, _) => Some(Depth::Restored),
        _ => None,
    };
    said.or(of_test)
}

/// A verification of nothing: a job over no files ends well.
fn is_vacuous(activity: &Activity) -> bool {
    let items = activity.detail.as_ref().and_then(|detail| detail.items);
    items.is_some_and(|items| items.total == Some(0) || items.done == Some(0))
}
