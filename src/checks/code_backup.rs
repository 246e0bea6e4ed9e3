//! `code-backup`: repositories have a recent mirror that passed a check.

use super::{Answer, Args, Case, Check, CheckInfo, Param, ParamError, ParamType};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "code-backup",
    title: "the repository has a recent mirror that passes an integrity check",
    docs: "\
## What it judges
Declared repositories: backups and verifications in the log.

## Exact semantics
* The last backup that succeeded began within `every`.
* The last verification within `verified` succeeded (`git fsck`, `git bundle verify`). One that failed fails until a
  later one succeeds.
* A mirror follows a history that was rewritten and branches that were deleted without an error: a last backup whose
  record says that things were deleted (`items.deleted`) fails until a person recorded a review of it.

## What yields `unknown`
No log was read, or it does not reach back over the period.
",
    remedy: "mirror the repository (`git clone --mirror`, `git bundle create`) through `lastgood log run`, and verify the \
             mirror (`git fsck --full`) through `lastgood log run --kind verification`",
    kinds: &[Kind::Repository],
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "every",
            ty: ParamType::Span,
            default: Some(r#""32h""#),
            required: false,
            docs: "How old the last mirror may be.",
        },
        Param {
            name: "verified",
            ty: ParamType::Span,
            default: Some(r#""31d""#),
            required: false,
            docs: "How old the last verification may be.",
        },
    ],
    reads: &["log:ReadRecords"],
    prepare,
};

struct CodeBackup {
    every: Span,
    verified: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let (every, verified) =
        (args.span("every").unwrap_or(Span::hours(32)), args.span("verified").unwrap_or(Span::days(31)));
    for (name, span) in [("every", every), ("verified", verified)] {
        if span <= Span::ZERO {
            return Err(ParamError::new(name, "nothing can be that recent", "write for example `1d`"));
        }
    }
    Ok(Box::new(CodeBackup { every, verified }))
}

impl Check for CodeBackup {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let as_of = case.as_of();
        let past = |kind: ActivityKind| {
            let all = case.activities().iter().copied();
            all.filter(move |activity| activity.kind == kind && activity.started_at <= as_of)
        };
        let good = |activity: &&Activity| activity.outcome == ActivityOutcome::Succeeded;
        let before = |span: Span| span.before(as_of);
        let facts = |judgement: Judgement| judgement.with("every", self.every).with("verified", self.verified);
        let Some(mirror) = past(ActivityKind::Backup).rfind(good) else {
            let log = case.context.need_log()?;
            let short = log.since.is_none_or(|since| since > before(self.every));
            let judgement = if short {
                Judgement::unknown("no mirror on record; the log begins on {log_since}")
                    .with("log_since", log.since.unwrap_or(as_of))
            } else {
                Judgement::fail("no mirror is on record")
            };
            return Ok(facts(judgement));
        };
        let say = |judgement: Judgement| {
            facts(judgement).with("last_good", mirror.started_at).shown_by(Evidence::activity(mirror))
        };
        if mirror.started_at < before(self.every) {
            case.context.need_log()?;
            return Ok(say(Judgement::fail("the last mirror is of {last_good}; the limit is {every}")));
        }
        let deleted =
            mirror.detail.as_ref().and_then(|detail| detail.items).and_then(|items| items.deleted).unwrap_or(0);
        let reviewed = past(ActivityKind::Review).any(|review| review.started_at >= mirror.started_at);
        if deleted > 0 && !reviewed {
            let template = "the mirror of {last_good} lost {deleted:reference}: history was rewritten or branches deleted, and nobody reviewed it";
            return Ok(say(Judgement::fail(template)).with("deleted", deleted));
        }
        let checks =
            || past(ActivityKind::Verification).filter(|activity| activity.outcome != ActivityOutcome::Running);
        match checks().next_back() {
            Some(check) if !good(&check) => {
                Ok(say(Judgement::fail("the last check of the mirror, on {last_check}, ended as {outcome}"))
                    .with("last_check", check.at())
                    .with("outcome", check.outcome.id())
                    .shown_by(Evidence::activity(check)))
            }
            Some(check) if check.at() >= before(self.verified) => {
                Ok(say(Judgement::pass("mirrored on {last_good}, checked on {last_check}"))
                    .with("last_check", check.at())
                    .shown_by(Evidence::activity(check)))
            }
            found => {
                let log = case.context.need_log()?;
                let short = log.since.is_none_or(|since| since > before(self.verified));
                let judgement = match (found, short) {
                    (Some(_), _) => {
                        Judgement::fail("the mirror was last checked on {last_check}; the limit is {verified}")
                    }
                    (None, true) => Judgement::unknown(
                        "mirrored on {last_good}; no check is on record, and the log is younger than {verified}",
                    ),
                    (None, false) => {
                        Judgement::fail("mirrored on {last_good}, and no check of the mirror is on record")
                    }
                };
                Ok(say(judgement).with_some("last_check", found.map(Activity::at)))
            }
        }
    }

    fn lookback(&self) -> Span {
        self.verified
    }
}
