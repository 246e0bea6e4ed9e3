//! `restore-test`: backups were restored for a test, lately, and somebody checked the data.

mod record;

use super::{Answer, Args, Case, Check, CheckInfo, Context, Group, Param, ParamError, ParamType, Unit};
use crate::model::Instant;
use crate::model::activity::{Activity, Depth, Validation};
use crate::model::coverage::backup_type;
use crate::model::glob;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::protection::RestoreTestingPlan;
use crate::model::resource::Resource;
use crate::model::span::Span;
use crate::model::text::Text;
use record::{Asked, Record, Test};

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "restore-test",
    title: "backups were restored for a test, and the data was checked",
    docs: "\
## What it judges
For each resource, each application or the whole scope (`per`): a restore test on record that ended
within the period, succeeded, and whose data somebody checked.

## Exact semantics
* A test is an activity of the kind `restore-test`, or a restore with a validation on record, about a
  member: it names the member, or a recovery point of it. It counts by its end, or by its start where
  no end is on record, from `within` before the instant of judgement up to that instant.
* A completed restore whose data nobody checked, or whose validator did not answer in time, proves
  that something could be created, not that the data is right: it fails, unless `validated = false`.
* A test that failed, or whose validation failed, fails the rule until a later test of the same
  resource succeeds; the success of another resource does not answer it. A test that runs, or that
  somebody stopped, says nothing.
* For an application or an estate one tested member is enough; how many were tested is a fact.
* A resource younger than the period is judged since its creation: its first test is due when it
  reaches that age. When this holds for every member, the rule is not applicable yet, and says when.
* Evidence horizon: AWS Backup forgets jobs after 30 days, so no test on record means a failure only
  if the record of every member reaches back over the whole period: the log where one was read, otherwise the
  jobs of its account and region.
* With `environment`, `team` or `depth` a test counts only if its record says so; restore testing plans of AWS Backup
  restore into what they make for the test. A successful test that is not as asked for fails the rule.
* A test whose clean-up failed counts and is mentioned. A restore testing plan is a promise and no
  test; it is named among the facts.

## What yields `unknown`
The record of restore jobs was not read or does not reach back far enough; the outcome of a test is
not one that is known here; resources belong to no application; the resource is not one of AWS, so its
tests can only come from a log, and there is none.
",
    remedy: "restore a recent recovery point into the test environment, check the data, and record the result \
             (`put-restore-validation-result` for AWS Backup, or the log); keep each run's inventory so that the record grows",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "within",
            ty: ParamType::Span,
            default: None,
            required: true,
            docs: "How long ago the last test may have ended.",
        },
        Param {
            name: "per",
            ty: ParamType::Choice(&["resource", "application", "estate"]),
            default: Some(r#""application""#),
            required: false,
            docs: "What must have been tested: each resource, or one of each application or of all.",
        },
        Param {
            name: "validated",
            ty: ParamType::Flag,
            default: Some("true"),
            required: false,
            docs: "Whether somebody must have checked the restored data.",
        },
        Param {
            name: "environment",
            ty: ParamType::Text,
            default: None,
            required: false,
            docs: "Where it must have been restored to, as the log says, such as `test`.",
        },
        Param {
            name: "team",
            ty: ParamType::Text,
            default: None,
            required: false,
            docs: "The team whose engineer must have done it, as the log says.",
        },
        Param {
            name: "depth",
            ty: ParamType::Choice(Depth::IDS),
            default: None,
            required: false,
            docs: "How deeply the test must have looked, as the log says.",
        },
    ],
    reads: &["log:ReadRecords", "backup:ListRestoreJobs", "backup:ListRestoreTestingPlans"],
    prepare,
};

struct RestoreTest {
    within: Span,
    unit: Unit,
    asked: Asked,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::ZERO);
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "no test can be that recent", "write for example `92d` or `366d`"));
    }
    let unit = match args.text("per").map(Text::as_str) {
        Some("resource") => Unit::Resource,
        Some("estate") => Unit::Estate,
        _ => Unit::Application,
    };
    let asked = Asked {
        validated: args.flag("validated"),
        environment: args.text("environment").cloned(),
        team: args.text("team").cloned(),
        depth: args.text("depth").and_then(|depth| Depth::parse(depth)),
    };
    Ok(Box::new(RestoreTest { within, unit, asked }))
}

impl Check for RestoreTest {
    fn judge(&self, case: &Case<'_>) -> Answer {
        self.members(&[case.resource], case.context, true)
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        let assigned = self.unit != Unit::Application || !group.name.is_empty();
        self.members(&group.members, group.context, assigned)
    }

    fn lookback(&self) -> Span {
        self.within
    }
}

impl RestoreTest {
    fn members<'a>(&self, members: &[&'a Resource], context: &Context<'a>, assigned: bool) -> Answer {
        let from = self.within.before(context.as_of);
        let record = Record::of(members, context, from, &self.asked);
        let facts = |judgement: Judgement| {
            judgement
                .with("within", self.within)
                .with("tests", record.good)
                .with("members", members.len())
                .with("tested_members", record.tested_members)
        };
        if let Some(test) = &record.unanswered {
            let template = if test.activity.validation == Some(Validation::Failed) {
                "the data restored from {resource} on {last_test} was checked and was not right, and no later test of it succeeded"
            } else {
                "the restore test of {resource} on {last_test} ended as {outcome}, and no later test of it succeeded"
            };
            return Ok(describe(facts(Judgement::fail(template)), test));
        }
        if !assigned {
            return Ok(facts(Judgement::unknown(
                "without an application: {members:resource}, so no application's test covers them",
            )));
        }
        if let Some(test) = &record.latest {
            return Ok(describe(facts(Judgement::pass(self.success(test.activity))), test));
        }
        if let Some(due) = self.first_due(members, context.as_of) {
            return Ok(facts(Judgement::not_applicable(
                "nothing here is older than {within}; the first restore test is due by {due}",
            ))
            .with("due", due));
        }
        if let Some(test) = &record.unchecked {
            let template = "restored on {last_test}, but nobody checked the data";
            return Ok(describe(facts(Judgement::fail(template)), test)
                .with_some("testing_plan", testing_plan(members, context)));
        }
        if let Some(test) = &record.elsewhere {
            let template = "the test of {resource} on {last_test} was not as asked for: {asked}";
            let said = [("environment", &self.asked.environment), ("team", &self.asked.team)];
            let mut asked: Vec<String> =
                said.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?))).collect();
            asked.extend(self.asked.depth.map(|depth| format!("depth {}", depth.id())));
            return Ok(describe(facts(Judgement::fail(template)).with("asked", asked.join(", ")), test));
        }
        if let Some(test) = &record.odd {
            let template = "the last restore test ended with an outcome that is not known here: {outcome}";
            return Ok(describe(facts(Judgement::unknown(template)), test));
        }
        self.nothing(members, context, from)
            .map(|judgement| facts(judgement).with_some("testing_plan", testing_plan(members, context)))
    }

    fn success(&self, activity: &Activity) -> &'static str {
        let checked = activity.validation == Some(Validation::Successful);
        let left = activity.cleanup.as_deref() == Some("failed");
        match (checked, left) {
            (true, false) => "last restored and checked on {last_test}; {tests:test} within {within}",
            (true, true) => {
                "last restored and checked on {last_test}, and what was restored was not cleaned up; {tests:test} within {within}"
            }
            (false, false) => "last restored on {last_test}; {tests:test} within {within}",
            (false, true) => {
                "last restored on {last_test}, and what was restored was not cleaned up; {tests:test} within {within}"
            }
        }
    }

    /// When the first test is due, while every member is younger than the period.
    fn first_due(&self, members: &[&Resource], as_of: Instant) -> Option<Instant> {
        let mut due: Option<Instant> = None;
        for member in members {
            let own = member.created_at.known()?.checked_add_signed(self.within.delta()).unwrap_or(Instant::MAX_UTC);
            due = Some(due.map_or(own, |due| due.min(own)));
        }
        due.filter(|due| *due > as_of)
    }

    /// No test is on record: a failure if the record reaches back over the whole period.
    fn nothing(&self, members: &[&Resource], context: &Context<'_>, from: Instant) -> Answer {
        let Some(first) = members.first() else {
            return Ok(Judgement::unknown("nothing is in scope, so no test can be shown"));
        };
        if let Some(declared) = members.iter().find(|member| backup_type(member.kind).is_none())
            && context.need_log().is_err()
        {
            return Ok(Judgement::unknown("no restore test on record; those of a {subject} can only come from a log")
                .with("subject", declared.kind.noun()));
        }
        let mut horizon = record::horizon(first, context)?;
        for member in members {
            horizon = horizon.max(record::horizon(member, context)?);
        }
        let template = match (horizon <= from, self.asked.validated) {
            (true, true) => "no validated restore test within {within}",
            (true, false) => "no restore test within {within}",
            (false, true) => {
                "no validated restore test in the {on_record} on record; older ones must come from the log"
            }
            (false, false) => "no restore test in the {on_record} on record; older ones must come from the log",
        };
        let judgement = if horizon <= from { Judgement::fail(template) } else { Judgement::unknown(template) };
        Ok(judgement.with("on_record", Span::between(horizon, context.as_of)).with("horizon", horizon))
    }
}

/// Name a test with date, duration, point, operator and clean-up.
fn describe(judgement: Judgement, test: &Test<'_>) -> Judgement {
    let activity = test.activity;
    let duration = activity.completed_at.map(|end| Span::between(activity.started_at, end));
    let point = activity.point.clone().map(|point| Evidence::new("recovery-point", point, None));
    judgement
        .with("last_test", test.at)
        .with("resource", test.resource.display_name())
        .with("outcome", activity.outcome.id())
        .with_some("duration", duration)
        .with_some("point", activity.point.as_ref())
        .with_some("operator", activity.operator.as_ref())
        .with_some("cleanup", activity.cleanup.as_ref())
        .shown_by(Evidence::activity(activity))
        .shown_by_all(point, 1)
}

/// A restore testing plan that takes one of the members in.
fn testing_plan<'a>(members: &[&Resource], context: &Context<'a>) -> Option<&'a Text> {
    let takes = |plan: &RestoreTestingPlan, member: &Resource| {
        let named = |pattern: &Text| glob::matches(pattern, &member.arn);
        plan.account == member.account
            && plan.region == member.region
            && plan.selections.known().into_iter().flatten().any(|selection| {
                Some(&*selection.resource_type) == backup_type(member.kind) && selection.resources.iter().any(named)
            })
    };
    let plans = &context.estate.inventory.restore_testing;
    plans.iter().find(|plan| members.iter().any(|member| takes(plan, member))).map(|plan| &plan.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::estate::Estate;
    use crate::model::inventory::Inventory;

    fn judge(inventory: &str) -> Judgement {
        let head = r#"schema = "lastgood.inventory/1"
            source = "test"
            captured_at = "2026-11-22T00:00:00Z"
            accounts = []
            regions = []
        "#;
        let mut inventory: Inventory = toml::from_str(&format!("{head}{inventory}")).unwrap();
        inventory.sort();
        let context = Context::new(Estate::new(&inventory), inventory.captured_at, chrono_tz::Tz::UTC);
        let resource = inventory.resources.first().unwrap();
        RestoreTest {
            within: Span::days(92),
            unit: Unit::Resource,
            asked: Asked { validated: true, ..Asked::default() },
        }
        .judge(&Case::new(resource, &context))
        .unwrap_or_else(|unread| unread.judgement())
    }

    fn volume(created: &str) -> String {
        format!(
            r#"
            reads = [{{ account = "a", region = "r", call = "backup:*", since = "2020-01-01T00:00:00Z" }}]
            [[resources]]
            arn = "arn:aws:ec2:r:a:volume/vol-1"
            kind = "ebs-volume"
            account = "a"
            region = "r"
            {created}
            "#
        )
    }

    #[test]
    fn vector_20_a_young_resource_is_judged_since_its_creation() {
        let outcome = |created: &str| judge(&volume(created)).outcome.id();
        assert_eq!(outcome(r#"created_at = "2026-11-19T00:00:00Z""#), "not-applicable");
        assert_eq!(outcome(r#"created_at = "2026-08-22T00:00:01Z""#), "not-applicable", "due in a second");
        assert_eq!(outcome(r#"created_at = "2026-08-22T00:00:00Z""#), "fail", "due now");
        assert_eq!(outcome(""), "fail", "nobody knows that it is young");
    }

    #[test]
    fn no_date_overflows() {
        assert_eq!(judge(&volume(r#"created_at = "+262000-01-01T00:00:00Z""#)).outcome.id(), "not-applicable");
    }
}
