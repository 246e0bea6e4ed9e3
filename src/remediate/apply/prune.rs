//! Deleting a recovery point, or marking it: the guards are asked again of facts that were read a moment ago.

use std::collections::BTreeMap;

use super::{Ending, Stop, Work, failed, not_of_this_kind, refused};
use crate::model::Instant;
use crate::model::plan::{Action, GoodCopy, Guard, Item, PointFacts};
use crate::model::recovery_point::PointStatus;
use crate::model::resource::Tags;
use crate::model::span::Span;
use crate::model::text::Text;
use crate::remediate::guard::{self, MARK_TAG};

/// The change that deletes, as the journal calls it.
const DELETE: &str = "delete";

/// How often and how long it is looked whether a point is gone.
const LOOKS: u32 = 60;
const BETWEEN: Span = Span::seconds(5);

/// What was deleted of the plan so far, for the breakers.
#[derive(Debug, Default)]
pub(super) struct Counts {
    of: BTreeMap<Text, u64>,
    all: u64,
}

impl Counts {
    /// Count an item, if it deletes.
    pub(super) fn add(&mut self, item: &Item) {
        if matches!(item.action, Action::Prune { .. }) {
            *self.of.entry(item.resource.clone()).or_default() += 1;
            self.all += 1;
        }
    }
}

pub(super) fn run(work: &mut Work<'_, '_>) -> Result<Ending, Stop> {
    match &work.item.action {
        Action::Prune { point, relies_on, fresh_until, stored, cutoff } => {
            let (point, relies_on) = (point.clone(), relies_on.clone());
            if (work.run.now)() > *fresh_until && !work.past.tried(DELETE) {
                return Err(refused(Guard::LastGood, "the newest good copy that was known has become too old"));
            }
            if let Some(after) = waits(work, &point)? {
                return mark(work, &point, after, *cutoff);
            }
            prune(work, &point, &relies_on, *stored, *cutoff)
        }
        Action::MarkForPrune { point, after, cutoff } => {
            let (point, after) = (point.clone(), *after);
            mark(work, &point, after, *cutoff)
        }
        _ => Err(not_of_this_kind()),
    }
}

/// Until when a point waits of which the plan could not tell whether it is marked, since no list gives its tags.
/// A mark that is there stays as it is, or the point would wait for ever.
fn waits(work: &mut Work<'_, '_>, planned: &PointFacts) -> Result<Option<Instant>, Stop> {
    let Some(wait) = work.plan.settings.two_phase else { return Ok(None) };
    if !planned.tags.is_unread() || work.past.tried(DELETE) {
        return Ok(None);
    }
    let Some(now) = work.run.executor.point(&work.at, planned)? else { return Ok(None) };
    Ok(match guard::marked(&now) {
        Some(after) if after <= (work.run.now)() => None,
        Some(after) => Some(after),
        None => Some(work.plan.created_at.checked_add_signed(wait.delta()).unwrap_or(Instant::MAX_UTC)),
    })
}

fn prune(
    work: &mut Work<'_, '_>,
    planned: &PointFacts,
    relies_on: &[GoodCopy],
    stored: u64,
    cutoff: Instant,
) -> Result<Ending, Stop> {
    let Some(now) = work.run.executor.point(&work.at, planned)? else {
        // The journal says that we asked for it; it is gone, so that call was answered.
        return if work.past.tried(DELETE) {
            gone(work, planned)
        } else {
            Err(refused(Guard::Moved, "it is gone: somebody else deleted it"))
        };
    };
    // A deletion that an earlier run asked for may still be under way.
    if !(work.past.tried(DELETE) && now.status == PointStatus::Deleting) {
        check(work, planned, &now, cutoff)?;
        good_copies(work, relies_on)?;
        breakers(work, stored)?;
        work.for_real()?;
        work.counts.add(work.item);
        let deleted = work.change(DELETE, &planned.arn, |()| None, |executor, at| executor.delete_point(at, &now));
        match deleted {
            Err(Stop::Ended(Ending::Failed { why })) if work.run.executor.point(&work.at, planned)?.is_some() => {
                return Err(failed(why));
            }
            Err(Stop::Ended(Ending::Failed { .. })) | Ok(()) => {}
            Err(stop) => return Err(stop),
        }
    }
    work.for_real()?;
    wait_until_gone(work, planned)?;
    gone(work, planned)
}

/// Everything that was planned on is as it was, and no guard forbids it now.
fn check(work: &Work<'_, '_>, planned: &PointFacts, now: &PointFacts, cutoff: Instant) -> Result<(), Stop> {
    let moved = planned.moved(now);
    if !moved.is_empty() {
        return Err(refused(Guard::Moved, moved.join("; ")));
    }
    // Of two clocks the earlier makes everything younger.
    let settings = &work.plan.settings;
    let refusal = guard::keeps(now, cutoff, settings, (work.run.now)()).or_else(|| guard::unread(now));
    refusal.map_or(Ok(()), |(guard, why)| Err(refused(guard, why)))
}

/// The good copies that make it dispensable are still there.
fn good_copies(work: &mut Work<'_, '_>, relies_on: &[GoodCopy]) -> Result<(), Stop> {
    if relies_on.is_empty() {
        return Err(refused(Guard::LastGood, "no good copy makes it dispensable"));
    }
    for copy in relies_on {
        match work.run.executor.good_copy(copy)? {
            Some(PointStatus::Completed | PointStatus::Available) => {}
            Some(other) => {
                let why = format!("a newer copy, {}, is now `{}`", copy.arn, other.id());
                return Err(refused(Guard::LastGood, why));
            }
            None => return Err(refused(Guard::LastGood, format!("a newer copy, {}, is gone", copy.arn))),
        }
    }
    Ok(())
}

fn breakers(work: &Work<'_, '_>, stored: u64) -> Result<(), Stop> {
    let breakers = work.plan.settings.breakers;
    let of_resource = work.counts.of.get(&work.item.resource).copied().unwrap_or_default() + 1;
    if breakers.trips_for_resource(of_resource, stored) {
        return Err(refused(Guard::Breaker, format!("{of_resource} of {stored} points of the resource would be gone")));
    }
    let all = work.counts.all + 1;
    if breakers.trips_for_run(all, work.plan.basis.stored_points) {
        return Err(refused(Guard::Breaker, format!("{all} points would be gone in one run")));
    }
    Ok(())
}

/// The answer to a deletion proves nothing (`DeleteRecoveryPoint` answers 200 and does nothing when a permission
/// is missing): look until it is gone.
fn wait_until_gone(work: &mut Work<'_, '_>, planned: &PointFacts) -> Result<(), Stop> {
    for look in 0..LOOKS {
        match work.run.executor.point(&work.at, planned)? {
            None => return Ok(()),
            Some(now) if now.status == PointStatus::Expired && planned.status != PointStatus::Expired => {
                let why = "AWS Backup answered, and could not delete it: its role is gone or may not, or it is in use";
                return Err(failed(why));
            }
            Some(now) => {
                if look == 0 {
                    work.says(&format!("is `{}`", now.status.id()));
                }
                work.run.executor.pause(BETWEEN);
            }
        }
    }
    Err(failed(format!("it is still there after {}", Span::seconds(BETWEEN.as_seconds() * i64::from(LOOKS)).spoken())))
}

fn gone(work: &mut Work<'_, '_>, planned: &PointFacts) -> Result<Ending, Stop> {
    let what = match work.run.executor.residue(&work.at, planned) {
        Ok(None) => Text::from("deleted, and seen to be gone"),
        Ok(Some(residue)) => Text::from(format!("deleted; it still lies in {residue}")),
        Err(error) => {
            Text::from(format!("deleted, and seen to be gone; the Recycle Bin could not be read ({})", error.code))
        }
    };
    Ok(Ending::Done { what, made: Vec::new() })
}

fn mark(work: &mut Work<'_, '_>, planned: &PointFacts, after: Instant, cutoff: Instant) -> Result<Ending, Stop> {
    work.only_marked = true;
    let Some(now) = work.run.executor.point(&work.at, planned)? else {
        return Err(refused(Guard::Moved, "it is gone: somebody else deleted it"));
    };
    let value = after.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    if now.tag(MARK_TAG) != Some(&value) {
        check(work, planned, &now, cutoff)?;
        let tags: Tags = [(Text::from(MARK_TAG), Text::from(&value))].into();
        work.change("tag", &planned.arn, |()| None, |executor, at| executor.tag_point(at, &now.arn, now.kind, &tags))?;
    }
    work.for_real()?;
    let seen = work.run.executor.point(&work.at, planned)?;
    match seen.as_ref().and_then(|point| point.tag(MARK_TAG)) {
        Some(found) if found == value => {
            Ok(Ending::Done { what: format!("marked: may be deleted after {value}").into(), made: Vec::new() })
        }
        _ => Err(failed("the mark was set, and is not seen")),
    }
}
