//! `lastgood attest`: a dated, attributed, expiring statement, appended to a chained register.

use super::args::AttestArgs;
use super::{Exit, Failure, Outcome, load, log, remark};
use crate::model::attestation::{Attestation, AttestationKind};
use crate::model::text::Text;
use crate::policy::suggest::closest;
use crate::sources::logs::append::Entry;
use crate::sources::logs::collect;

/// A statement that is written down later than this many days after the fact is remarked on.
const LATE_DAYS: i64 = 14;

pub(super) fn run(args: &AttestArgs) -> Outcome {
    let now = log::now();
    let kind: AttestationKind = args.kind.into();
    let today = now.date_naive();
    if args.on > today {
        return Err(Failure::usage(format!("`--on {}` lies in the future", args.on)).help("attest what was done"));
    }
    if args.valid_until < args.on {
        let message = format!("`--valid-until {}` lies before `--on {}`", args.valid_until, args.on);
        return Err(Failure::usage(message).help("a statement holds from the day it speaks of to a later one"));
    }
    for (flag, text) in [("--statement", &args.statement), ("--by", &args.by)] {
        if text.trim().is_empty() {
            return Err(Failure::usage(format!("`{flag}` is empty")));
        }
    }
    if kind == AttestationKind::Procedure && args.evidence.is_empty() {
        return Err(Failure::usage("a procedure is attested with its text: `--evidence FILE` is missing"));
    }
    clause_exists(args)?;
    let held = collect::read(std::slice::from_ref(&args.attestations), &[]);
    let number = held.attestations.len() + 1;
    if let Some(id) = &args.withdraws
        && !held.attestations.iter().any(|attestation| attestation.id == **id)
    {
        let near = closest(id, held.attestations.iter().map(|attestation| attestation.id.as_str()));
        let failure = Failure::usage(format!("`{}` holds no statement `{id}`", args.attestations.display()));
        return Err(match near {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure,
        });
    }
    let text = |value: &Option<String>| value.as_deref().map(Text::from);
    let attestation = Attestation {
        id: Text::from(format!("A-{}-{number:03}", now.format("%Y%m%d"))),
        clause: Text::from(args.clause.as_str()),
        kind,
        statement: Text::from(args.statement.as_str()),
        by: Text::from(args.by.as_str()),
        performed_by: text(&args.performed_by),
        on: args.on,
        valid_until: args.valid_until,
        recorded_at: now,
        application: text(&args.application),
        evidence: log::evidence_files(&args.evidence, kind == AttestationKind::Procedure)?,
        withdraws: text(&args.withdraws),
    };
    let id = attestation.id.clone();
    if args.performed_by.as_deref() == Some(args.by.as_str()) {
        remark("note: the one who states it did it too; where the policy asks for separate duties this will not do");
    }
    let late = today.signed_duration_since(args.on).num_days();
    if late > LATE_DAYS {
        remark(format!("note: it is written down {late} days after the fact, and reports say so"));
    }
    log::write(&args.attestations, vec![Entry::attestation(attestation)])?;
    remark(format!("attested {} for clause {} in {}", id, args.clause, args.attestations.display()));
    Ok(Exit::Fine)
}

fn clause_exists(args: &AttestArgs) -> Result<(), Failure> {
    let policy = load::policy(&args.policies, false)?;
    if policy.clauses.is_empty() || policy.clauses.iter().any(|clause| clause.id == *args.clause) {
        return Ok(());
    }
    let failure = Failure::usage(format!("the policy's register has no clause `{}`", args.clause));
    Err(match closest(&args.clause, policy.clauses.iter().map(|clause| clause.id.as_str())) {
        Some(near) => failure.help(format!("did you mean `{near}`? its clauses are in `clauses.toml`")),
        None => failure.help("its clauses are in `clauses.toml`"),
    })
}
