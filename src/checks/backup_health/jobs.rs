//! What became of the jobs and log records of the window, counted.

use super::BackupHealth;
use super::signs::{self, problems};
use crate::checks::Case;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::glob;
use crate::model::text::Text;

/// What became of a job.
pub(super) enum State {
    Good,
    Running,
    /// With what is wrong, where its outcome does not say so.
    Bad(Option<&'static str>),
    /// Its outcome is not known here.
    Strange,
}

/// The jobs of the window, counted.
#[derive(Default)]
pub(super) struct Count<'a> {
    pub(super) jobs: usize,
    pub(super) succeeded: usize,
    pub(super) failed: usize,
    pub(super) recovered: usize,
    pub(super) newest_failure: Option<&'a Activity>,
    /// What is wrong with it, where its outcome does not say so.
    pub(super) hidden: Option<&'static str>,
    pub(super) strange: Option<&'a Activity>,
    /// A success of which is not known whether it holds all that it must.
    pub(super) unlisted: Option<&'a Activity>,
    pub(super) last_success: Option<Instant>,
}

/// The backup jobs and log records of the window, oldest first.
pub(super) fn jobs<'a>(case: &Case<'a>, start: Instant) -> impl Iterator<Item = &'a Activity> {
    let as_of = case.as_of();
    case.activities().iter().copied().filter(move |activity| {
        activity.kind == ActivityKind::Backup && activity.started_at >= start && activity.started_at <= as_of
    })
}

/// The jobs of one resource, as a rule looks at them.
pub(super) struct Jobs<'c, 'a> {
    pub(super) rule: &'c BackupHealth,
    pub(super) case: &'c Case<'a>,
    pub(super) start: Instant,
    /// What each of its backups must hold, as the register says.
    pub(super) sources: &'a [Text],
}

impl<'a> Jobs<'_, 'a> {
    pub(super) fn count(&self) -> Count<'a> {
        let mut count = Count::default();
        for job in jobs(self.case, self.start) {
            count.jobs += 1;
            match self.state(job) {
                State::Good => {
                    count.succeeded += 1;
                    count.last_success = count.last_success.max(Some(job.started_at));
                    if signs::lacks_source(job, self.sources).is_none() {
                        count.unlisted = Some(job);
                    }
                }
                State::Running => {}
                State::Strange => count.strange = count.strange.or(Some(job)),
                State::Bad(_) if self.is_recovered(job) => count.recovered += 1,
                State::Bad(hidden) => {
                    count.failed += 1;
                    count.newest_failure = Some(job);
                    count.hidden = hidden;
                }
            }
        }
        count
    }

    /// Those that count as failures, oldest first.
    pub(super) fn failures(&self) -> impl Iterator<Item = &'a Activity> {
        let fails = |job: &&Activity| matches!(self.state(job), State::Bad(_)) && !self.is_recovered(job);
        jobs(self.case, self.start).filter(fails)
    }

    fn state(&self, job: &Activity) -> State {
        let signs = &self.rule.signs;
        let good = || match signs.hidden(job, self.case.resource.kind, self.sources) {
            Some(why) => State::Bad(Some(why)),
            None => State::Good,
        };
        match &job.outcome {
            ActivityOutcome::Succeeded => good(),
            ActivityOutcome::Running if signs.hangs(job, self.case.as_of()) => State::Bad(Some("it has not ended")),
            ActivityOutcome::Running => State::Running,
            ActivityOutcome::Partial | ActivityOutcome::CompletedWithIssues if self.is_accepted(job) => good(),
            ActivityOutcome::Other(_) => State::Strange,
            _ => State::Bad(None),
        }
    }

    /// Whether all that is said to be wrong with it was accepted beforehand. Nothing said is nothing accepted.
    fn is_accepted(&self, job: &Activity) -> bool {
        let is_known = |said: &Text| self.rule.signs.accepted.iter().any(|pattern| glob::matches(pattern, said));
        let mut said = problems(job).peekable();
        if said.peek().is_some() { said.all(is_known) } else { job.message.as_ref().is_some_and(is_known) }
    }

    /// Whether a good copy began soon after a failure.
    fn is_recovered(&self, failure: &Activity) -> bool {
        let as_of = self.case.as_of();
        let soon = |at: Instant| {
            at > failure.started_at
                && at <= as_of
                && at.signed_duration_since(failure.started_at) <= self.rule.recover_within.delta()
        };
        let by_job = |job: &&Activity| {
            job.kind == ActivityKind::Backup && matches!(self.state(job), State::Good) && soon(job.started_at)
        };
        self.rule.tolerate_recovered
            && (self.case.activities().iter().any(by_job)
                || self.case.points().iter().any(|point| point.is_usable() && point.data_at().is_some_and(soon)))
    }
}
