//! `procedure`: it is written down how it is done, and the text is current.

use super::statements::{self, Demand, Found};
use super::{Answer, Args, Check, CheckInfo, Group, Param, ParamError, ParamType, Unit};
use crate::model::attestation::{Attestation, AttestationKind};
use crate::model::judgement::Judgement;
use crate::model::kind::Kind;
use crate::model::span::Span;
use crate::model::text::Text;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "procedure",
    title: "a current, owned procedure is written down",
    docs: "\
## What it judges
The attestation register (`lastgood attest CLAUSE --kind procedure --evidence FILE`): the latest procedure for
the clause, with the text that was recorded.

## Exact semantics
* The procedure that was looked over last counts, by the rules of the check `review`.
* Its text is the file that was recorded as evidence, by its SHA-256. A text that was changed since has
  been looked over by nobody and fails.
* `steps`: each of them must stand in a heading, a list item or a numbered step of the text, in any case of
  letters. A step of several words is found when all of its words stand in one line.
* With `owner`, somebody must answer for it (`--performed-by`).

## What yields `unknown`
No attestation register was read, or it could not be read to its end; the text was not there to be compared
with what was recorded.
",
    remedy: "write the procedure down, have it looked over, and record it with its text: \
             `lastgood attest CLAUSE --kind procedure --evidence runbook.md --performed-by OWNER …`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "clause",
            ty: ParamType::Text,
            default: None,
            required: true,
            docs: "The clause that the procedure is for.",
        },
        Param {
            name: "within",
            ty: ParamType::Span,
            default: Some(r#""366d""#),
            required: false,
            docs: "How long ago it may have been looked over.",
        },
        Param {
            name: "steps",
            ty: ParamType::Texts,
            default: Some("[]"),
            required: false,
            docs: "What its text must say.",
        },
        Param {
            name: "owner",
            ty: ParamType::Flag,
            default: Some("true"),
            required: false,
            docs: "Whether somebody must answer for it.",
        },
    ],
    reads: &["attestations:ReadRegister"],
    prepare,
};

struct Procedure {
    clause: Text,
    within: Span,
    steps: Vec<Text>,
    owner: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::days(366));
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "nothing can be that recent", "write for example `366d`"));
    }
    if args.texts("steps").iter().any(|step| step.trim().is_empty()) {
        return Err(ParamError::new("steps", "an empty step stands in every text", "take it out"));
    }
    Ok(Box::new(Procedure {
        clause: args.text("clause").cloned().unwrap_or_default(),
        within,
        steps: args.texts("steps").to_vec(),
        owner: args.flag("owner"),
    }))
}

impl Check for Procedure {
    fn unit(&self) -> Unit {
        Unit::Estate
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        let Self { clause, within, .. } = self;
        let demand =
            Demand { clause, kind: AttestationKind::Procedure, within: *within, late_after: Span::days(36_500) };
        let made = match statements::latest(group.context, demand)? {
            Found::None(judgement) => return Ok(judgement),
            Found::Valid(made) => made,
        };
        let say = |judgement: Judgement| statements::describe(judgement, made, demand);
        if made.evidence.is_empty() {
            return Ok(say(Judgement::fail("the procedure of {on} has no text")));
        }
        if let Some(judgement) = statements::evidence_problem(made) {
            return Ok(say(judgement));
        }
        if self.owner && made.performed_by.is_none() {
            return Ok(say(Judgement::fail("the procedure of {on} has no owner")));
        }
        let missing: Vec<&str> = self.steps.iter().map(Text::as_str).filter(|step| !says(made, step)).collect();
        if !missing.is_empty() {
            let facts =
                |judgement: Judgement| judgement.with("missing", missing.join("; ")).with("steps", self.steps.len());
            return Ok(facts(say(Judgement::fail("the text of {on} does not say: {missing}"))));
        }
        let template = if self.steps.is_empty() {
            "looked over by {by} on {on}; valid until {valid_until}"
        } else {
            "looked over by {by} on {on}, with all {steps:step}; valid until {valid_until}"
        };
        Ok(say(Judgement::pass(template)).with("steps", self.steps.len()))
    }

    fn lookback(&self) -> Span {
        self.within
    }
}

/// Whether one line of the text has all words of the step.
fn says(made: &Attestation, step: &str) -> bool {
    let step = step.to_lowercase();
    let mut lines = made.evidence.iter().flat_map(|file| &file.outline).map(|line| line.to_lowercase());
    lines.any(|line| step.split_whitespace().all(|word| line.contains(word)))
}
