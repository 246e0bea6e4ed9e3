//! Removing what restore tests of killed runs left behind: only what carries their tag or name and has outlived its time.

use super::port::{CallError, Called, Executor, LIFE, RESTORABLE, RestoredVersion, Temporary};
use crate::model::Instant;
use crate::model::kind::Kind;
use crate::model::plan::{BucketPrefix, Target};
use crate::model::span::Span;
use crate::model::text::Text;

/// How often and how long it is looked whether something is detached or gone: databases take their time.
const LOOKS: u32 = 240;
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

    fn unseen(&mut self, at: &Target, error: &CallError) {
        self.unseen.push((at.clone(), Text::from(error.to_string())));
    }
}

/// Look in every place, and remove what has outlived its time; in buckets only under the prefixes that are named.
pub fn sweep(
    executor: &mut dyn Executor,
    places: &[Target],
    buckets: &[(Target, BucketPrefix)],
    now: Instant,
    dry_run: bool,
) -> Report {
    let mut report = Report::default();
    for at in places {
        // What one service does not tell hides nothing of the others.
        for kind in RESTORABLE {
            let found = match kind {
                Kind::EbsVolume => executor.temporary(at, None),
                kind => executor.restored(at, kind),
            };
            match found {
                Ok(found) => {
                    for temporary in found {
                        let swept = one(executor, at, &temporary, now, dry_run);
                        report.found.push((at.clone(), temporary.arn, swept));
                    }
                }
                Err(error) => report.unseen(at, &error),
            }
        }
    }
    for (at, place) in buckets {
        if let Err(error) = versions(executor, at, place, now, dry_run, &mut report) {
            report.unseen(at, &error);
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

fn remove(executor: &mut dyn Executor, at: &Target, arn: &Text) -> Called<Swept> {
    // Once more, right before: a tag may have been taken away.
    let Some(now) = executor.temporary_state(at, arn)? else { return Ok(Swept::Gone) };
    if !now.marked {
        return Ok(Swept::Unclear);
    }
    if now.attached_to.is_some() {
        executor.detach(at, arn)?;
        if !reached(executor, at, arn, |now| now.is_none_or(|now| now.attached_to.is_none()))? {
            return Ok(Swept::Stays("it is not detached after an hour".into()));
        }
    }
    executor.remove(at, arn)?;
    match reached(executor, at, arn, |now| now.is_none())? {
        true => Ok(Swept::Gone),
        false => Ok(Swept::Stays("it is still there an hour after its deletion".into())),
    }
}

/// Restored versions of objects: they lie in the tests' own folder, and their age says whether a test may be using them.
fn versions(
    executor: &mut dyn Executor,
    at: &Target,
    place: &BucketPrefix,
    now: Instant,
    dry_run: bool,
    report: &mut Report,
) -> Called<()> {
    let found = executor.restored_versions(at, place, None)?;
    let expires = |version: &RestoredVersion| version.written_at + LIFE.delta();
    let (old, young): (Vec<_>, Vec<_>) = found.into_iter().partition(|version| expires(version) <= now);
    let mut add = |version: &RestoredVersion, swept| {
        let name = format!("s3://{}/{}?versionId={}", place.bucket, version.key, version.version);
        report.found.push((at.clone(), name.into(), swept));
    };
    for version in &young {
        add(version, Swept::Young(expires(version)));
    }
    if dry_run || old.is_empty() {
        old.iter().for_each(|version| add(version, Swept::Would));
        return Ok(());
    }
    let removed = executor.remove_versions(at, place, &old);
    let left = executor.restored_versions(at, place, None);
    for version in &old {
        add(
            version,
            match (&left, &removed) {
                (Ok(left), _) if !left.contains(version) => Swept::Gone,
                (_, Err(error)) | (Err(error), Ok(())) => Swept::Stays(error.to_string().into()),
                (Ok(_), Ok(())) => Swept::Stays("it is still there after its deletion".into()),
            },
        );
    }
    Ok(())
}

/// Look at it until it is so, for an hour at most; whether it is.
pub(super) fn reached(
    executor: &mut dyn Executor,
    at: &Target,
    arn: &Text,
    mut is: impl FnMut(Option<&Temporary>) -> bool,
) -> Called<bool> {
    for _ in 0..LOOKS {
        if is(executor.temporary_state(at, arn)?.as_ref()) {
            return Ok(true);
        }
        executor.pause(BETWEEN);
    }
    Ok(false)
}
