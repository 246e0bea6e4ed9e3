//! `--history` and `--period`: keep a run, give back what AWS forgot, judge a period.

use super::args::{OutputArgs, PeriodArgs};
use super::exit::counting;
use super::{Exit, Failure, Outcome, output, remark};
use crate::evaluate::history as copies;
use crate::evaluate::period::{period, reach};
use crate::history::store::{Asked, Store, StoreError};
use crate::history::{Reach, Scan, forgotten};
use crate::model::Instant;
use crate::model::assessment::Assessment;
use crate::model::inventory::Inventory;
use crate::model::outcome::Severity;
use crate::model::period::{PeriodAssessment, PeriodDays, PeriodResult};
use crate::model::span::Span;
use crate::policy::Policy;
use crate::policy::suggest::closest;
use crate::report::period::{FORMATS, write};

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let help = error.help();
        Self::new(error).help(help)
    }
}

/// Open the history that the arguments name, before anything is read.
pub(super) fn open(args: &PeriodArgs) -> Result<Option<Store>, Failure> {
    Ok(args.history.as_deref().map(Store::open).transpose()?)
}

/// Give back to the inventory what AWS forgot.
pub(super) fn remember(store: &mut Store, policy: &Policy, inventory: &mut Inventory) -> Result<(), Failure> {
    let captured_at = inventory.captured_at;
    let since = |kind| copies::lookback(policy, kind).before(captured_at);
    let joined = forgotten::join(store, inventory, &since)?;
    if joined > 0 {
        remark(format!("{joined} earlier activities taken from the history"));
    }
    Ok(())
}

/// Keep the run.
pub(super) fn keep(
    store: &mut Store,
    policy: &Policy,
    inventory: &Inventory,
    assessment: &Assessment,
) -> Result<(), StoreError> {
    let found = copies::copies(policy, inventory, assessment.run.as_of);
    let reach = |(from, to): (Instant, Instant)| Reach { from, to };
    let scan = Scan {
        inventory,
        assessment,
        reaches: found.reaches.into_iter().map(|found| found.map(reach)).collect(),
        windows: found.windows.into_iter().map(|(arn, from, to)| (arn, reach((from, to)))).collect(),
    };
    store.append(&scan).map(|_| ())
}

/// A report of a period that is to be written.
pub(super) type Planned = output::Planned<&'static str>;

/// Work out what is to be written, before anything is read.
pub(super) fn plan(args: &OutputArgs) -> Result<Vec<Planned>, Failure> {
    output::plan_in(args, FORMATS, "csv=days.csv", |name| {
        if let Some((format, _)) = FORMATS.iter().find(|(known, _)| *known == name) {
            return Ok(*format);
        }
        let names: Vec<&str> = FORMATS.iter().map(|(known, _)| *known).collect();
        let failure = Failure::usage(format!("`{name}` is not a format of periods; these are {}", names.join(", ")));
        if name == "pdf" {
            return Err(failure.help(output::NO_PDF));
        }
        Err(match closest(name, names.iter().copied()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help("without `--period` there are more: see `lastgood report --help`"),
        })
    })
}

/// Judge a period.
pub(super) fn judge(
    store: &mut Store,
    policy: &Policy,
    days: &PeriodDays,
    as_of: Instant,
) -> Result<PeriodAssessment, Failure> {
    let (from, to) = (policy.start_of_day(days.first), policy.end_of_day(days.last));
    let margin = reach(policy);
    // A test that came late is looked for a quarter beyond the period.
    let late = to.checked_add_signed(Span::days(100).delta()).unwrap_or(to);
    let asked = Asked { margin, until: as_of.min(late) };
    let evidence = store.evidence(&policy.identity.id, (from, to), asked)?;
    Ok(period(policy, &evidence, days, as_of))
}

/// Report it.
pub(super) fn report(
    judged: &PeriodAssessment,
    threshold: Severity,
    (planned, args): (&[Planned], &OutputArgs),
) -> Outcome {
    output::write_in(planned, args, |format, options, out| write(judged, format, options, out))?;
    Ok(exit(judged, threshold))
}

/// 3 for a deviation that no exception covers, in a rule that counts; 4 where only evidence is missing.
fn exit(period: &PeriodAssessment, threshold: Severity) -> Exit {
    let counts = counting(period.clauses.iter().map(|clause| (clause.id.as_str(), clause.in_force)));
    let deviates = period.deviations.iter().any(|deviation| {
        deviation.exception.is_none() && deviation.severity >= threshold && counts(&deviation.clauses)
    });
    let blind = period.rules.iter().any(|rule| counts(&rule.clauses) && rule.totals.no_evidence > 0)
        || period.result == PeriodResult::NotEvaluable;
    match (deviates, blind) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Fine,
    }
}
