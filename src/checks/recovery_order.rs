//! `recovery-order`: it is known what must be restored first.

use super::{Answer, Args, Check, CheckInfo, Group, ParamError, Unit};
use crate::model::application::{Application, order};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "recovery-order",
    title: "applications have priorities, and their dependencies give an order of recovery",
    docs: "\
## What it judges
The application register as a whole.

## Exact semantics
* Every application has a `priority` and says what it depends on; `depends_on = []` says that it needs nothing.
* Every dependency is an application of the register, and none waits for itself by way of others.
* None depends on one of a later priority: the priorities would promise an order that cannot be kept.

## What yields `unknown`
No application register was read.
",
    remedy: "complete `priority` and `depends_on` in `applications.toml`; `lastgood recovery` shows the order that follows",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[],
    reads: &["applications:ReadRegister"],
    prepare,
};

struct RecoveryOrder;

fn prepare(_: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(RecoveryOrder))
}

impl Check for RecoveryOrder {
    fn unit(&self) -> Unit {
        Unit::Estate
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        let applications = group.context.need_applications()?;
        let shown = |judgement: Judgement, ids: &[&str]| {
            let evidence = ids.iter().map(|id| Evidence::new("application", *id, None));
            judgement.with("names", ids.join(", ")).with("applications", ids.len()).shown_by_all(evidence, 10)
        };
        let those = |wrong: fn(&Application) -> bool| -> Vec<&str> {
            applications
                .iter()
                .filter(|application| wrong(application))
                .map(|application| application.id.as_str())
                .collect()
        };
        let unranked = those(|application| application.priority.is_none());
        if !unranked.is_empty() {
            return Ok(shown(Judgement::fail("without a priority: {names}"), &unranked));
        }
        let unsaid = those(|application| application.depends_on.is_none());
        if !unsaid.is_empty() {
            return Ok(shown(Judgement::fail("nobody said what they depend on: {names}"), &unsaid));
        }
        let find = |id: &str| applications.iter().find(|application| application.id == *id);
        for application in applications {
            for needed in application.depends_on.iter().flatten() {
                let names = [application.id.as_str(), needed.as_str()];
                let fail = |template| {
                    Ok(shown(Judgement::fail(template), &names).with("application", names[0]).with("needed", names[1]))
                };
                match find(needed) {
                    None => return fail("{application} depends on {needed}, which is not in the register"),
                    Some(other) if other.priority > application.priority && other.id != application.id => {
                        return fail("{application} depends on {needed}, which has a later priority");
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(match order::order(applications) {
            Err(circle) => {
                let members: Vec<&str> = circle.members.iter().map(|id| id.as_str()).collect();
                shown(Judgement::fail("they wait for each other: {names}"), &members)
            }
            Ok(ordered) => {
                let ids: Vec<&str> = ordered.iter().map(|application| application.id.as_str()).collect();
                shown(Judgement::pass("the order of recovery is {names}"), &ids)
            }
        })
    }
}
