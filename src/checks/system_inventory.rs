//! `system-inventory`: everything that must be recoverable belongs to a registered application.

use super::{Answer, Args, Case, Check, CheckInfo, Param, ParamError, ParamType};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "system-inventory",
    title: "it belongs to a registered application with an owner and known dependencies",
    docs: "\
## What it judges
Each resource against the application register (`applications.toml`).

## Exact semantics
* A resource belongs to the application whose `resources` select it or, where none does, whose id its tag
  names; declared components belong to theirs. One of no registered application fails.
* The application must have an owner, a criticality (unless `criticality = false`), and `depends_on`: an
  empty list says that it needs nothing, a missing one says nothing.

## What yields `unknown`
No application register was read; no `resources` select the resource and its tags were not read.
",
    remedy: "add the resource to its application in `applications.toml`, with `owner`, `criticality` and `depends_on`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[Param {
        name: "criticality",
        ty: ParamType::Flag,
        default: Some("true"),
        required: false,
        docs: "Whether the application must have a criticality.",
    }],
    reads: &["applications:ReadRegister"],
    prepare,
};

struct SystemInventory {
    criticality: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(SystemInventory { criticality: args.flag("criticality") }))
}

impl Check for SystemInventory {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let applications = case.context.need_applications()?;
        let resource = case.resource;
        let Some(id) = &resource.application else {
            if let Some(call) = resource.kind.list_operation() {
                case.need(Some(&resource.tags), call)?;
            }
            return Ok(Judgement::fail("it belongs to no application of the register"));
        };
        let Some(application) = applications.iter().find(|application| application.id == *id) else {
            return Ok(Judgement::fail("its application {application} is not in the register").with("application", id));
        };
        let template = if application.owner.is_none() {
            "its application {application} has no owner"
        } else if self.criticality && application.criticality.is_none() {
            "nobody said how critical its application {application} is"
        } else if application.depends_on.is_none() {
            "nobody said what its application {application} depends on"
        } else {
            ""
        };
        let facts = |judgement: Judgement| {
            judgement.with("application", id).with_some("owner", application.owner.as_ref()).shown_by(Evidence::new(
                "application",
                id.clone(),
                None,
            ))
        };
        Ok(match template {
            "" => facts(Judgement::pass("it belongs to {application}, for which {owner} answers")),
            template => facts(Judgement::fail(template)),
        })
    }
}
