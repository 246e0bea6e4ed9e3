//! The restore tests on record for a set of resources.

use crate::checks::{Context, Unread};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Depth, Validation};
use crate::model::log;
use crate::model::resource::Resource;
use crate::model::span::Span;
use crate::model::text::Text;

/// The call that lists the jobs; AWS Backup forgets them after [`MEMORY`].
const JOBS: &str = "backup:ListRestoreJobs";

/// How far a list of jobs reaches back where nothing is said of it.
const MEMORY: Span = Span::days(30);

/// One test of one member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Test<'a> {
    pub(super) activity: &'a Activity,
    pub(super) resource: &'a Resource,
    /// When it ended.
    pub(super) at: Instant,
}

/// What the tests of a period come to. Each is the latest of its sort.
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    /// A test that is good enough.
    pub(super) latest: Option<Test<'a>>,
    /// A failure that no later success of the same resource answers.
    pub(super) unanswered: Option<Test<'a>>,
    /// A restore whose data nobody checked, where somebody should have.
    pub(super) unchecked: Option<Test<'a>>,
    /// A test in another environment, by another team, or not as deep as is asked for.
    pub(super) elsewhere: Option<Test<'a>>,
    /// A test with an outcome that is not known here.
    pub(super) odd: Option<Test<'a>>,
    /// Number of good tests.
    pub(super) good: usize,
    /// Number of members with a good test.
    pub(super) tested_members: usize,
}

/// What is asked of a test besides its success.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) validated: bool,
    pub(super) environment: Option<Text>,
    pub(super) team: Option<Text>,
    pub(super) depth: Option<Depth>,
}

impl Asked {
    fn is_met_by(&self, activity: &Activity) -> bool {
        let detail = activity.detail.as_deref();
        let is = |wanted: &Option<Text>, said: Option<&Text>| wanted.as_ref().is_none_or(|wanted| said == Some(wanted));
        // Restore testing plans of AWS Backup restore into what they make for the test and delete again.
        let by_plan = activity.source.starts_with("backup:") && activity.created_by.is_some();
        let environment = by_plan || is(&self.environment, detail.and_then(|detail| detail.environment.as_ref()));
        environment
            && is(&self.team, detail.and_then(|detail| detail.team.as_ref()))
            && self.depth.is_none_or(|depth| detail.and_then(|detail| detail.depth).is_some_and(|said| said >= depth))
    }
}

/// What one test is worth.
enum Worth {
    Good,
    Elsewhere,
    Unchecked,
    Failed,
    Odd,
    Nothing,
}

impl<'a> Record<'a> {
    /// The tests of `members` that ended from `from` up to the instant of judgement.
    pub(super) fn of(members: &[&'a Resource], context: &Context<'a>, from: Instant, asked: &Asked) -> Self {
        let nameless = !context.estate.activities("").is_empty();
        let mut record = Self::default();
        for member in members {
            let mut good: Option<Test<'a>> = None;
            let mut failed: Option<Test<'a>> = None;
            let points = if nameless { context.estate.points(&member.arn) } else { &[] }.iter();
            let by_point = points.flat_map(|point| context.estate.activities_by_point(&point.arn)).copied();
            let by_name = context.estate.activities(&member.arn).iter().copied();
            for activity in by_name.chain(by_point) {
                let at = activity.completed_at.unwrap_or(activity.started_at);
                if !is_test(activity) || at < from || at > context.as_of {
                    continue;
                }
                let test = Test { activity, resource: member, at };
                match worth(activity, asked) {
                    Worth::Elsewhere => keep(&mut record.elsewhere, test),
                    Worth::Good => {
                        record.good += 1;
                        keep(&mut good, test);
                    }
                    Worth::Failed => keep(&mut failed, test),
                    Worth::Unchecked => keep(&mut record.unchecked, test),
                    Worth::Odd => keep(&mut record.odd, test),
                    Worth::Nothing => {}
                }
            }
            if let Some(good) = good {
                record.tested_members += 1;
                keep(&mut record.latest, good);
            }
            // At the same instant the failure counts.
            if let Some(failed) = failed.filter(|failed| good.is_none_or(|good| good.at <= failed.at)) {
                keep(&mut record.unanswered, failed);
            }
        }
        record
    }
}

/// From when on the record of a member's account and region is complete.
pub(super) fn horizon(member: &Resource, context: &Context<'_>) -> Result<Instant, Unread> {
    let estate = &context.estate;
    // The log is the record of longer memory, and for what is not of AWS the only one.
    let logged = context.need_log().map(|log| log.since.unwrap_or(context.as_of));
    if member.account == log::ACCOUNT {
        return logged;
    }
    if let (Ok(since), Some(_)) = (&logged, estate.read(&member.account, &member.region, JOBS)) {
        return Ok(*since);
    }
    match estate.read(&member.account, &member.region, JOBS) {
        Some(read) => Ok(read.since.unwrap_or_else(|| MEMORY.before(estate.inventory.captured_at))),
        None => {
            let gap = estate.gap(&member.account, &member.region, JOBS, &member.arn);
            Err(Unread { call: Text::from(JOBS), gap: gap.cloned().map(Box::new), why: None })
        }
    }
}

fn is_test(activity: &Activity) -> bool {
    match activity.kind {
        ActivityKind::RestoreTest => true,
        ActivityKind::Restore => activity.validation.is_some(),
        _ => false,
    }
}

fn worth(activity: &Activity, asked: &Asked) -> Worth {
    let validated = asked.validated;
    let worth = worth_of_outcome(activity, validated);
    if matches!(worth, Worth::Good) && !asked.is_met_by(activity) { Worth::Elsewhere } else { worth }
}

fn worth_of_outcome(activity: &Activity, validated: bool) -> Worth {
    match (&activity.outcome, activity.validation) {
        (ActivityOutcome::Succeeded, Some(Validation::Failed)) => Worth::Failed,
        (ActivityOutcome::Succeeded, Some(Validation::Successful)) => Worth::Good,
        (ActivityOutcome::Succeeded, _) if !validated => Worth::Good,
        (ActivityOutcome::Succeeded, Some(Validation::Validating)) => Worth::Nothing,
        (ActivityOutcome::Succeeded, Some(Validation::TimedOut) | None) => Worth::Unchecked,
        (ActivityOutcome::Failed | ActivityOutcome::Partial | ActivityOutcome::CompletedWithIssues, _) => Worth::Failed,
        (ActivityOutcome::Expired | ActivityOutcome::Aborted | ActivityOutcome::Running, _) => Worth::Nothing,
        (ActivityOutcome::Other(_), _) => Worth::Odd,
    }
}

fn keep<'a>(latest: &mut Option<Test<'a>>, test: Test<'a>) {
    if latest.is_none_or(|known| known.at <= test.at) {
        *latest = Some(test);
    }
}
