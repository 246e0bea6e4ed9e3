//! `condition`: a rule that users write themselves, as an expression over a resource and its recovery points.

mod facts;
mod kinds;
mod points;
mod reference;
mod resource;

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType, Unread};
use crate::cel::{self, Evaluation, Missing, Problem, Program, Truth, Why};
use crate::model::application::REGISTER;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::text::Text;
use facts::{Root, SCHEMA};

pub use reference::reference;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "condition",
    title: "a condition of your own holds",
    docs: "\
## What it judges
Whatever you write: `pass_when` is an expression over the facts of one resource, its recovery points and its
application. It passes where the expression is `true` and fails where it is `false`:

```toml
[[rule]]
id = \"large-volumes-have-owners\"
check = \"condition\"
scope = { kinds = [\"ebs-volume\"] }
with = { pass_when = \"resource.size_gib < 2000 || 'owner' in resource.tags\", reason = \"a large volume without an owner\" }
```

## Exact semantics
The language is a subset of [CEL](https://cel.dev), the Common Expression Language. An expression is read when the
policy is loaded: an unknown name, operands that do not fit, a word that a fact can never be, a wrong length of time
or regular expression, and a result that is not `true` or `false` are errors of the policy, each with its place.

There are three values. A fact that nobody read is `unknown`, never `false`; so is a fact that is not there, unless
you ask for it with `has(…)`, and so is an operation without a result, such as a division by zero. `false && unknown` is
`false` and `true || unknown` is `true`, in either order; other operations on `unknown` are `unknown`. Of a list that was
not read to its end, `exists` can be `true` and `all` can be `false`; everything else about it is `unknown`. So it is with the
points of declared components: logs tell of backups, and not of every copy that is stored. `all` over an empty list is `true`,
as in CEL: write `size(points) > 0 && points.all(…)` where nothing is not enough.

The verdict says the facts that decided it: of `a || b` with `a` true, those of `a`. With `applies_when`, resources for
which that is `false` are `not-applicable`. An evaluation that takes two million steps is given up as `unknown`. Only
facts of the inventory and the instant of judgement can be asked for, so the same inventory always gives the same answer.

## What yields `unknown`
The expression is `unknown` because of facts that were not read, are not there, or are not facts of this kind of
resource. The verdict names each, with the call that would have read it.
",
    remedy: "change the resource so that the condition of the rule holds, or correct the condition",
    kinds: &[
        Kind::EbsVolume,
        Kind::Ec2Instance,
        Kind::S3Bucket,
        Kind::RdsInstance,
        Kind::RdsCluster,
        Kind::DynamodbTable,
        Kind::EfsFileSystem,
        Kind::Mysql,
        Kind::Postgresql,
        Kind::Repository,
        Kind::Configuration,
        Kind::Files,
        Kind::BackupVault,
        Kind::RecoveryPoint,
        Kind::AccountRegion,
    ],
    judges_deleted: false,
    remedy_in_code: Some(InCode::alike("change the block so that the condition of the rule holds, or correct the condition")),
    params: &[
        Param {
            name: "pass_when",
            ty: ParamType::Condition,
            default: None,
            required: true,
            docs: "The condition: `true` passes, `false` fails.",
        },
        Param {
            name: "applies_when",
            ty: ParamType::Condition,
            default: None,
            required: false,
            docs: "A condition without which the rule demands nothing of a resource.",
        },
        Param {
            name: "reason",
            ty: ParamType::Text,
            default: None,
            required: false,
            docs: "What a failure means, for the verdict: lower case, no full stop.",
        },
    ],
    reads: facts::READS,
    prepare,
};

/// An expression with its text.
struct Condition {
    text: Text,
    program: Program,
}

struct UserCondition {
    pass_when: Condition,
    applies_when: Option<Condition>,
    reason: Option<Text>,
}

/// Compile a condition over the facts of this check.
///
/// # Errors
/// Everything that is wrong with it, each with its place in the text.
pub fn compile(text: &str) -> Result<Program, Vec<Problem>> {
    cel::compile(text, &SCHEMA)
}

/// Where a condition asks for facts that no resource of these kinds can have: there it is always `unknown`.
pub fn foreign(program: &Program, kinds: &[Kind]) -> Vec<Problem> {
    let never = |used: &&cel::Use| !kinds.iter().any(|kind| kinds::has(*kind, used.record, used.field));
    let problem = |used: &cel::Use| {
        let name = used.record.fields.get(used.field).map_or("", |field| field.name);
        let has = INFO.kinds.iter().filter(|kind| kinds::has(**kind, used.record, used.field));
        let has: Vec<String> = has.map(|kind| format!("`{kind}`")).collect();
        let message = format!("`{name}` is no fact of the kinds in the scope of the rule");
        Problem::new(used.span.clone(), message).help(format!("these have it: {}", has.join(", ")))
    };
    program.uses().iter().filter(never).map(problem).collect()
}

fn condition(args: &Args, name: &'static str) -> Result<Option<Condition>, ParamError> {
    let Some(text) = args.text(name) else { return Ok(None) };
    match compile(text) {
        Ok(program) => Ok(Some(Condition { text: text.clone(), program })),
        // Whoever loads a policy has reported these one by one.
        Err(problems) => {
            let message = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            Err(ParamError::new(name, message, ""))
        }
    }
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let Some(pass_when) = condition(args, "pass_when")? else {
        return Err(ParamError::new("pass_when", "the condition is missing", "give it `pass_when`"));
    };
    let applies_when = condition(args, "applies_when")?;
    Ok(Box::new(UserCondition { pass_when, applies_when, reason: args.text("reason").cloned() }))
}

impl Check for UserCondition {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let root = Root(case);
        if let Some(applies) = &self.applies_when {
            let found = applies.program.evaluate(&root);
            match found.truth {
                Truth::True => {}
                Truth::False => {
                    let judgement =
                        Judgement::not_applicable("the rule does not apply: `{condition}` is false: {facts}");
                    return Ok(told(judgement, applies, &found));
                }
                Truth::Unknown => {
                    let template = "cannot tell whether the rule applies, by `{condition}`: {missing}";
                    return Ok(untold(Judgement::unknown(template), applies, &found, case));
                }
            }
        }
        let found = self.pass_when.program.evaluate(&root);
        Ok(match (found.truth, &self.reason) {
            (Truth::True, _) => told(Judgement::pass("`{condition}` holds: {facts}"), &self.pass_when, &found),
            (Truth::False, None) => told(Judgement::fail("`{condition}` is false: {facts}"), &self.pass_when, &found),
            (Truth::False, Some(reason)) => {
                let judgement = Judgement::fail("{reason}: `{condition}` is false: {facts}").with("reason", reason);
                told(judgement, &self.pass_when, &found)
            }
            (Truth::Unknown, _) => {
                untold(Judgement::unknown("cannot tell `{condition}`: {missing}"), &self.pass_when, &found, case)
            }
        })
    }
}

/// The expression in one line, not too long for a sentence.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 160;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Parts of a list, the first few and the number of the others.
fn listed(parts: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut text = parts.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if parts.len() > SHOWN {
        text.push_str(&format!(" and {} more", parts.len() - SHOWN));
    }
    text
}

/// A judgement with the facts that decided it.
fn told(judgement: Judgement, condition: &Condition, found: &Evaluation<'_>) -> Judgement {
    const SHOWN: usize = 10;
    let facts: Vec<String> = found.seen.iter().map(ToString::to_string).collect();
    let mut objects: Vec<Evidence> = Vec::new();
    for evidence in found.seen.iter().filter_map(|seen| seen.of?.facts.evidence()) {
        if !objects.contains(&evidence) {
            objects.push(evidence);
        }
    }
    judgement.with("condition", one_line(&condition.text)).with("facts", listed(&facts)).shown_by_all(objects, SHOWN)
}

/// A judgement with the facts that are missing, and the gaps that explain it.
fn untold(judgement: Judgement, condition: &Condition, found: &Evaluation<'_>, case: &Case<'_>) -> Judgement {
    let missing: Vec<String> = found.missing.iter().map(|missing| explained(missing, &condition.text, case)).collect();
    let mut judgement = judgement.with("condition", one_line(&condition.text)).with("missing", listed(&missing));
    for missing in &found.missing {
        let (Why::Unread(call) | Why::Incomplete(call)) = missing.why else { continue };
        if let Some(gap) = unread(case, call).gap
            && !judgement.evidence.iter().any(|known| *known.id == gap.call())
        {
            judgement = judgement.shown_by(Evidence::new("gap", gap.call(), None).note(gap.code.clone()));
        }
    }
    judgement
}

fn unread(case: &Case<'_>, call: &'static str) -> Unread {
    match call {
        REGISTER => case.context.need_applications().err().unwrap_or_else(|| case.unread(call)),
        _ => case.unread(call),
    }
}

/// `resource.size_gib was not read (ec2:DescribeVolumes: denied, it needs the IAM action ec2:DescribeVolumes)`.
fn explained(missing: &Missing<'_>, text: &str, case: &Case<'_>) -> String {
    let name = missing.name(text);
    let call = match missing.why {
        Why::Unread(call) | Why::Incomplete(call) => call,
        Why::Absent => return format!("{name} is not set"),
        Why::Foreign => return format!("{name} is no fact of a {}", case.resource.kind.noun()),
        Why::Failed(why) => return format!("`{name}` has no result: {why}"),
        Why::Spent => return "it takes too many steps".to_owned(),
    };
    let what = if matches!(missing.why, Why::Unread(_)) { "was not read" } else { "was not read to the end" };
    let why = match unread(case, call) {
        Unread { gap: Some(gap), .. } => {
            format!("{call}: {}, {}; it needs the IAM action {}", gap.status.id(), gap.code, gap.iam_action)
        }
        Unread { why: Some(why), .. } => why.to_string(),
        Unread { .. } if call == log::RECORDS && case.need_read(call).is_ok() => {
            "logs tell of backups, and not of every copy that is stored".to_owned()
        }
        // The call was made, and did not say it.
        Unread { .. } if case.need_read(call).is_ok() => return format!("{name} {what}"),
        Unread { .. } => format!("{call} is not part of this inventory"),
    };
    format!("{name} {what} ({why})")
}
