//! `review`: a person looked it over, lately, and said so.

use super::statements::{self, Demand, Found};
use super::{Answer, Args, Check, CheckInfo, Group, Param, ParamError, ParamType, Unit};
use crate::model::attestation::AttestationKind;
use crate::model::judgement::Judgement;
use crate::model::kind::Kind;
use crate::model::span::Span;
use crate::model::text::Text;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "review",
    title: "it was reviewed by a named person, and the review is still valid",
    docs: "\
## What it judges
The attestation register (`lastgood attest`): the latest statement on the clause.

## Exact semantics
* Of the statements on `clause` of the sort `kind` that are about all applications, the one counts that
  speaks of the latest day. Statements that were taken back (`--withdraws`) and those that were recorded
  after the instant of judgement do not count.
* It must speak of a day within `within`, and today, in the policy's zone, must not lie behind its last day.
* With `separate`, the reviewer must not be the one who did what was reviewed; with `evidence`, a file
  must show it, and that file must still be what was recorded.
* A statement that was written down more than `late_after` after its day counts, and is said to be late.

## What yields `unknown`
No attestation register was read, or it could not be read to its end; with `separate`, nobody said who
did what was reviewed; with `evidence`, its file was not there to be compared.
",
    remedy: "have it reviewed, and record it: `lastgood attest CLAUSE --statement … --by … --on … --valid-until …`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "clause",
            ty: ParamType::Text,
            default: None,
            required: true,
            docs: "The clause that the statement is about.",
        },
        Param {
            name: "within",
            ty: ParamType::Span,
            default: Some(r#""366d""#),
            required: false,
            docs: "How long ago the last review may be.",
        },
        Param {
            name: "kind",
            ty: ParamType::Choice(&["review", "statement"]),
            default: Some(r#""review""#),
            required: false,
            docs: "Whether a review or any other statement is asked for.",
        },
        Param {
            name: "separate",
            ty: ParamType::Flag,
            default: Some("false"),
            required: false,
            docs: "Whether the reviewer must be another than the one who did it.",
        },
        Param {
            name: "evidence",
            ty: ParamType::Flag,
            default: Some("false"),
            required: false,
            docs: "Whether a file must show it.",
        },
        Param {
            name: "late_after",
            ty: ParamType::Span,
            default: Some(r#""14d""#),
            required: false,
            docs: "From when on writing it down counts as late.",
        },
    ],
    reads: &["attestations:ReadRegister"],
    prepare,
};

struct Review {
    clause: Text,
    kind: AttestationKind,
    within: Span,
    late_after: Span,
    separate: bool,
    evidence: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::days(366));
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "no review can be that recent", "write for example `366d`"));
    }
    let is_statement = args.text("kind").is_some_and(|kind| *kind == *"statement");
    Ok(Box::new(Review {
        clause: args.text("clause").cloned().unwrap_or_default(),
        kind: if is_statement { AttestationKind::Statement } else { AttestationKind::Review },
        within,
        late_after: args.span("late_after").unwrap_or(Span::days(14)),
        separate: args.flag("separate"),
        evidence: args.flag("evidence"),
    }))
}

impl Check for Review {
    fn unit(&self) -> Unit {
        Unit::Estate
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        let Self { clause, kind, within, late_after, .. } = self;
        let demand = Demand { clause, kind: *kind, within: *within, late_after: *late_after };
        let made = match statements::latest(group.context, demand)? {
            Found::None(judgement) => return Ok(judgement),
            Found::Valid(made) => made,
        };
        let say = |judgement: Judgement| statements::describe(judgement, made, demand);
        if self.separate {
            match &made.performed_by {
                None => return Ok(say(Judgement::unknown("{by} stated it on {on}, and nobody said who had done it"))),
                Some(who) if *who == made.by => {
                    return Ok(say(Judgement::fail("{by} reviewed on {on} what the same person had done")));
                }
                Some(_) => {}
            }
        }
        if self.evidence {
            if made.evidence.is_empty() {
                return Ok(say(Judgement::fail("{by} stated it on {on}, and no file shows it")));
            }
            if let Some(judgement) = statements::evidence_problem(made) {
                return Ok(say(judgement));
            }
        }
        let template = match (statements::late(made, demand).is_some(), self.kind) {
            (false, AttestationKind::Review) => "reviewed by {by} on {on}; valid until {valid_until}",
            (true, AttestationKind::Review) => {
                "reviewed by {by} on {on}, written down {late} later; valid until {valid_until}"
            }
            (false, _) => "stated by {by} on {on}; valid until {valid_until}",
            (true, _) => "stated by {by} on {on}, written down {late} later; valid until {valid_until}",
        };
        Ok(say(Judgement::pass(template)))
    }

    fn lookback(&self) -> Span {
        self.within
    }
}
