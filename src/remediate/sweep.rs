//! Removing what restore tests of killed runs left behind: only what carries their tag and has outlived its time.

use super::port::{Called, Executor, Temporary};
use crate::model::Instant;
use crate::model::plan::Target;
use crate::model::span::Span;
use crate::model::text::Text;

/// How often and how long it is looked whether something is detached or gone.
const LOOKS: u32 = 60;
const BETWEEN: Span = Span::seconds(15);

/// What became of one leftover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swept {
    /// It is gone, and was seen to be.
    Gone,
    /// It would be removed, in a dry run.
    Would,
    /// Its time is not over: a test may be using it.
    Young(Instant),
    /// It does not say until when it may live, or no longer says what it was made for: people must look.
    Unclear,
    /// It is still there, and why.
    Stays(Text),
}

/// What was found in one place.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Each leftover with what became of it.
    pub found: Vec<(Target, Text, Swept)>,
    /// Places that could not be looked at, and why.
    pub unseen: Vec<(Target, Text)>,
}

impl Report {
    /// Whether nothing is left that should have gone, and every place was looked at.
    pub fn is_clean(&self) -> bool {
        let stays = |swept: &Swept| matches!(swept, Swept::Stays(_) | Swept::Unclear);
        self.unseen.is_empty() && !self.found.iter().any(|(_, _, swept)| stays(swept))
    }
}

/// Look in every place, and remove what has outlived its time.
pub fn sweep(executor: &mut dyn Executor, places: &[Target], now: Instant, dry_run: bool) -> Report {
    let mut report = Report::default();
    for at in places {
        match executor.temporary(at, None) {
            Ok(found) => {
                for temporary in found {
                    let swept = one(executor, at, &temporary, now, dry_run);
                    report.found.push((at.clone(), temporary.arn, swept));
                }
            }
            Err(error) => report.unseen.push((at.clone(), Text::from(error.to_string()))),
        }
    }
    report
}

fn one(executor: &mut dyn Executor, at: &Target, found: &Temporary, now: Instant, dry_run: bool) -> Swept {
    match found.expires_at {
        None => Swept::Unclear,
        Some(expires) if expires > now => Swept::Young(expires),
        Some(_) if dry_run => Swept::Would,
        Some(_) => match remove(executor, at, &found.arn) {
            Ok(swept) => swept,
            Err(error) => Swept::Stays(Text::from(error.to_string())),
        },
    }
}

fn remove(executor: &mut dyn Executor, at: &Target, volume: &Text) -> Called<Swept> {
    // Once more, right before: a tag may have been taken away.
    let Some(now) = executor.temporary_state(at, volume)? else { return Ok(Swept::Gone) };
    if !now.marked {
        return Ok(Swept::Unclear);
    }
    if now.attached_to.is_some() {
        executor.detach(at, volume)?;
        if !reached(executor, at, volume, |now| now.is_none_or(|now| now.attached_to.is_none()))? {
            return Ok(Swept::Stays("it is not detached after a quarter of an hour".into()));
        }
    }
    executor.remove(at, volume)?;
    match reached(executor, at, volume, |now| now.is_none())? {
        true => Ok(Swept::Gone),
        false => Ok(Swept::Stays("it is still there a quarter of an hour after its deletion".into())),
    }
}

/// Look at a volume until it is so, for a quarter of an hour at most; whether it is.
pub(super) fn reached(
    executor: &mut dyn Executor,
    at: &Target,
    volume: &Text,
    mut is: impl FnMut(Option<&Temporary>) -> bool,
) -> Called<bool> {
    for _ in 0..LOOKS {
        if is(executor.temporary_state(at, volume)?.as_ref()) {
            return Ok(true);
        }
        executor.pause(BETWEEN);
    }
    Ok(false)
}
