//! `legal-hold`: what is held for law is encrypted, cannot be deleted, can be reached, and somebody knows why.

use super::{Answer, Args, Case, Check, CheckInfo, ParamError};
use crate::model::fact::Fact;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::protection::LegalHold;
use crate::model::recovery_point::RecoveryPoint;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "legal-hold",
    title: "held recovery points are encrypted, within reach, and each hold has an owner and a reason",
    docs: "\
## What it judges
Each resource with recovery points under a legal hold of AWS Backup or a snapshot lock.

## Exact semantics
* A hold that was cancelled, and a lock that has expired, hold nothing.
* Each held point is encrypted and usable, and does not lie in an archive tier, from which it takes days to come back.
* Each legal hold has a title and a description: what it is for, and who asked for it.
* A resource without held points owes nothing.

## What yields `unknown`
Legal holds or locks were not read to their end; whether a held point is encrypted was not read; a hold that a point
names is not in the inventory.
",
    remedy: "give the hold a title and a description with owner and reason; copy what is held and not encrypted into an encrypted vault",
    kinds: Kind::RECOVERABLE,
    judges_deleted: true,
    remedy_in_code: None,
    params: &[],
    reads: &["backup:ListLegalHolds", "ec2:DescribeLockedSnapshots"],
    prepare,
};

struct Holds;

fn prepare(_: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(Holds))
}

impl Check for Holds {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let held: Vec<&RecoveryPoint> = case.points().iter().copied().filter(|point| is_held(point)).collect();
        if held.is_empty() {
            case.need_read("backup:ListLegalHolds")?;
            case.need_read("ec2:DescribeLockedSnapshots")?;
            return Ok(Judgement::not_applicable("no recovery point is held"));
        }
        let facts = |judgement: Judgement| judgement.with("held", held.len());
        let say = |judgement: Judgement, point: &RecoveryPoint| {
            facts(judgement).with("point", &point.arn).shown_by(Evidence::point(point))
        };
        let mut unknown: Option<Judgement> = None;
        for point in &held {
            let archived = point.extra.as_ref().is_some_and(|extra| extra.archived);
            let failure = if point.encrypted == Fact::Known(false) {
                Some("{point} is held and not encrypted")
            } else if !point.is_usable() {
                Some("{point} is held and cannot be restored")
            } else if archived {
                Some("{point} is held in an archive tier, out of reach for days")
            } else {
                None
            };
            if let Some(template) = failure {
                return Ok(say(Judgement::fail(template), point));
            }
            if point.encrypted.known().is_none() && unknown.is_none() {
                unknown =
                    Some(say(Judgement::unknown("whether {point}, which is held, is encrypted was not read"), point));
            }
            for id in point.extra.iter().flat_map(|extra| &extra.legal_holds) {
                let holds = &case.context.estate.inventory.legal_holds;
                let hold = holds.iter().find(|hold| hold.id == *id && hold.account == point.account);
                match hold {
                    None => {
                        let judgement =
                            say(Judgement::unknown("the hold {hold} on {point} is not in the inventory"), point);
                        _ = unknown.get_or_insert_with(|| judgement.with("hold", id));
                    }
                    Some(hold) if !is_explained(hold) => {
                        let template =
                            "the hold {hold} on {point} has no title or no description: nobody knows why, or for whom";
                        return Ok(say(Judgement::fail(template), point).with("hold", id));
                    }
                    Some(_) => {}
                }
            }
        }
        let good = || facts(Judgement::pass("{held:recovery point} held, encrypted and within reach"));
        Ok(unknown.unwrap_or_else(good))
    }
}

fn is_held(point: &RecoveryPoint) -> bool {
    let Some(extra) = &point.extra else { return false };
    !extra.legal_holds.is_empty() || extra.lock.as_ref().is_some_and(|lock| lock.state != *"expired")
}

fn is_explained(hold: &LegalHold) -> bool {
    let says = |text: &Option<crate::model::text::Text>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    says(&hold.title) && says(&hold.description)
}
