//! Carrying a plan out: look at each thing again, say what will be done, do it, see that it is done.
//!
//! One failure neither stops nor hides the others; but when the journal cannot be written, nothing more is
//! changed. Killed at any point and run again, it finishes what was begun and repeats nothing.

mod configure;
mod prune;
mod records;
mod restore_test;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::journal::{Ending, Entry, Event, Journal, Past, SCHEMA};
use super::port::{Bench, CallError, CallErrorKind, Called, Executor};
use crate::model::Instant;
use crate::model::plan::{Action, Disposition, Guard, Item, Plan, Target};
use crate::model::span::Span;
use crate::model::text::Text;

/// The local clock may differ from the service's by so much.
pub const SKEW: Span = Span::minutes(5);

/// The tag that names the item which made something.
pub const ITEM_TAG: &str = "lastgood:item";

/// Which items somebody said yes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// All of them.
    pub all: bool,
    /// All that are safe.
    pub safe: bool,
    /// These.
    pub ids: BTreeSet<Text>,
}

impl Approved {
    /// Whether somebody said yes to this one.
    pub fn covers(&self, item: &Item) -> bool {
        self.all || self.ids.contains(&item.id) || (self.safe && item.disposition == Disposition::Safe)
    }
}

/// Why nothing of a plan may be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Its digest is not that of its contents.
    #[error("the plan was edited: its digest is not that of its contents")]
    Edited,
    /// Its time is over.
    #[error("the plan could be applied until {0}, and it is {1}")]
    Expired(Instant, Instant),
    /// It was made later than now.
    #[error("the plan was made at {0}, and it is only {1}: the clock of this machine is wrong")]
    Early(Instant, Instant),
    /// The credentials are of another account.
    #[error("the plan is for account {planned}, and the credentials for {region} are of {actual}")]
    Account {
        /// That of the plan.
        planned: Text,
        /// Where.
        region: Text,
        /// That of the credentials.
        actual: Text,
    },
    /// The clocks differ.
    #[error("the clock of this machine is {by} off that of the service in {region}; at most 5 minutes are allowed")]
    Skew {
        /// By how much.
        by: String,
        /// Where.
        region: Text,
    },
    /// Account or clock could not be asked for.
    #[error("cannot tell whose account it is, or what time it is there: {0}")]
    Unasked(CallError),
    /// An item that somebody named is not in it.
    #[error("the plan has no item `{0}`")]
    NoItem(Text),
}

/// How one item went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Went {
    /// Nobody said yes to it.
    NotApproved,
    /// An earlier run did it.
    Before(Ending),
    /// In a dry run: it would be done.
    Would,
    /// It ended in this run.
    Ended(Ending),
    /// It was not begun, since the journal could not be written.
    NotBegun,
}

/// How everything went, in the plan's order.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Each item with how it went.
    pub items: Vec<(Text, Went)>,
    /// Why the run stopped before its end.
    pub stopped: Option<String>,
}

impl Report {
    /// Whether everything that was to be done is done.
    pub fn is_complete(&self) -> bool {
        let bad =
            |went: &Went| matches!(went, Went::NotBegun | Went::Ended(Ending::Failed { .. } | Ending::Refused { .. }));
        self.stopped.is_none() && !self.items.iter().any(|(_, went)| bad(went))
    }
}

/// Is told how far it is.
pub trait Watcher {
    /// Something about an item, for people.
    fn says(&mut self, item: &Item, text: &str);
}

/// Everything that applying needs besides the plan.
pub struct Apply<'a> {
    /// The world.
    pub executor: &'a mut dyn Executor,
    /// Where entries and records go.
    pub journal: &'a mut dyn Journal,
    /// What the journal knows already.
    pub past: BTreeMap<Text, Past>,
    /// The clock of this machine.
    pub now: &'a dyn Fn() -> Instant,
    /// Who is told how far it is.
    pub watcher: &'a mut dyn Watcher,
    /// This machine, for restore tests.
    pub bench: &'a mut dyn Bench,
    /// Who applies it, as records say.
    pub operator: Text,
    /// The team of the operator, for the records of restore tests.
    pub team: Option<Text>,
    /// Where restore tests take place, such as `test`, for their records.
    pub environment: Option<Text>,
    /// Look at everything, change nothing.
    pub dry_run: bool,
}

/// Why an item stops before its end.
enum Stop {
    /// In a dry run: the rest would be done.
    Would,
    /// It ended.
    Ended(Ending),
    /// The journal could not be written.
    Journal(io::Error),
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        Self::Ended(match error.kind {
            CallErrorKind::Protected => {
                Ending::Refused { guard: Guard::InUse, why: Text::from(format!("the service keeps it: {error}")) }
            }
            _ => Ending::Failed { why: Text::from(error.to_string()) },
        })
    }
}

fn refused(guard: Guard, why: impl Into<Text>) -> Stop {
    Stop::Ended(Ending::Refused { guard, why: why.into() })
}

/// Each kind of action has one file that carries it out.
fn not_of_this_kind() -> Stop {
    failed("this version does not know how to carry it out")
}

fn failed(why: impl Into<Text>) -> Stop {
    Stop::Ended(Ending::Failed { why: why.into() })
}

/// An item on its way: the run, the item, and what is known of it.
struct Work<'w, 'a> {
    run: &'w mut Apply<'a>,
    plan: &'w Plan,
    item: &'w Item,
    at: Target,
    past: Past,
    counts: &'w mut prune::Counts,
    /// When this run took it up.
    began: Instant,
    /// What a restore test looked at.
    test: Option<restore_test::Test>,
    /// Whether its point is marked and not deleted, which is no activity.
    only_marked: bool,
}

/// Whether the plan may be applied at all, before anything is looked at.
///
/// # Errors
/// Why not.
pub fn fit(plan: &Plan, approved: &Approved, now: Instant) -> Result<(), Unfit> {
    if !plan.is_whole() {
        return Err(Unfit::Edited);
    }
    if now > plan.expires_at {
        return Err(Unfit::Expired(plan.expires_at, now));
    }
    if now < SKEW.before(plan.created_at) {
        return Err(Unfit::Early(plan.created_at, now));
    }
    let unknown = approved.ids.iter().find(|id| !plan.items.iter().any(|item| item.id == **id));
    unknown.map_or(Ok(()), |id| Err(Unfit::NoItem(id.clone())))
}

/// Carry out what was approved.
///
/// # Errors
/// Why nothing was done. Whatever happens to single items stands in the report.
pub fn apply(plan: &Plan, approved: &Approved, mut run: Apply<'_>) -> Result<Report, Unfit> {
    fit(plan, approved, (run.now)())?;
    let todo: Vec<&Item> = plan.items.iter().filter(|item| approved.covers(item)).collect();
    same_world(&todo, &mut run)?;
    let mut report = Report::default();
    let mut counts = prune::Counts::default();
    if !run.dry_run && !todo.is_empty() {
        let by = run.operator.clone();
        if let Err(error) = write(plan, None, Event::Began { by }, &mut run) {
            report.stopped = Some(stopped(&error));
        }
    }
    for item in &plan.items {
        let past = run.past.get(&item.id).cloned().unwrap_or_default();
        let went = match &past.ending {
            _ if !approved.covers(item) => Went::NotApproved,
            Some(done @ Ending::Done { .. }) => {
                // What an earlier run deleted counts against the breakers of this one.
                counts.add(item);
                Went::Before(done.clone())
            }
            _ if report.stopped.is_some() => Went::NotBegun,
            _ => match one(plan, item, past, &mut run, &mut counts) {
                Ok(went) => went,
                Err(error) => {
                    report.stopped = Some(stopped(&error));
                    Went::NotBegun
                }
            },
        };
        report.items.push((item.id.clone(), went));
    }
    Ok(report)
}

fn stopped(error: &io::Error) -> String {
    format!("the journal cannot be written, so nothing more is changed: {error}")
}

/// The credentials are of the plan's accounts, and the clocks agree.
fn same_world(items: &[&Item], run: &mut Apply<'_>) -> Result<(), Unfit> {
    let places: BTreeSet<Target> = items.iter().map(|item| Target::new(&item.account, &item.region)).collect();
    for at in places {
        let actual = run.executor.account(&at).map_err(Unfit::Unasked)?;
        if actual != at.account {
            return Err(Unfit::Account { planned: at.account, region: at.region, actual });
        }
        let theirs = run.executor.clock(&at).map_err(Unfit::Unasked)?;
        let ours = (run.now)();
        let by = Span::between(theirs.min(ours), theirs.max(ours));
        if by > SKEW {
            return Err(Unfit::Skew { by: by.spoken(), region: at.region });
        }
    }
    Ok(())
}

/// One item, from looking at it again to its ending in the journal.
fn one(plan: &Plan, item: &Item, past: Past, run: &mut Apply<'_>, counts: &mut prune::Counts) -> io::Result<Went> {
    let began = (run.now)();
    let at = Target::new(&item.account, &item.region);
    let mut work = Work { at, run, plan, item, past, counts, began, test: None, only_marked: false };
    let ended = match &item.action {
        Action::Prune { .. } | Action::MarkForPrune { .. } => prune::run(&mut work),
        Action::Snapshot { .. } | Action::BackupJob { .. } => snapshot::run(&mut work),
        Action::RestoreTest { .. } => restore_test::run(&mut work),
        _ => configure::run(&mut work),
    };
    let ending = match ended {
        Ok(ending) | Err(Stop::Ended(ending)) => ending,
        Err(Stop::Would) => return Ok(Went::Would),
        Err(Stop::Journal(error)) => return Err(error),
    };
    if work.run.dry_run {
        return Ok(Went::Ended(ending));
    }
    if let Some(activity) = records::of(&work, &ending) {
        work.run.journal.record(activity)?;
    }
    work.write(Event::Ended { ending: ending.clone() })?;
    Ok(Went::Ended(ending))
}

fn write(plan: &Plan, item: Option<&Item>, event: Event, run: &mut Apply<'_>) -> io::Result<()> {
    run.journal.write(&Entry {
        schema: SCHEMA.into(),
        plan: plan.sha256.clone(),
        item: item.map(|item| item.id.clone()),
        at: (run.now)(),
        event,
    })
}

impl Work<'_, '_> {
    fn write(&mut self, event: Event) -> io::Result<()> {
        write(self.plan, Some(self.item), event, self.run)
    }

    fn says(&mut self, text: &str) {
        self.run.watcher.says(self.item, text);
    }

    /// A dry run ends here.
    fn for_real(&self) -> Result<(), Stop> {
        if self.run.dry_run { Err(Stop::Would) } else { Ok(()) }
    }

    /// A call that changes something, never made in a dry run: its intent is on disk before it is made, its answer
    /// after.
    fn change<T>(
        &mut self,
        call: &'static str,
        object: &str,
        made: impl Fn(&T) -> Option<Text>,
        act: impl FnOnce(&mut dyn Executor, &Target) -> Called<T>,
    ) -> Result<T, Stop> {
        self.for_real()?;
        let intent = Event::Intent { call: call.into(), object: object.into() };
        self.write(intent).map_err(Stop::Journal)?;
        let answer = act(self.run.executor, &self.at);
        let answered = Event::Answered {
            call: call.into(),
            made: answer.as_ref().ok().and_then(made),
            error: answer.as_ref().err().map(|error| Text::from(error.to_string())),
        };
        self.write(answered).map_err(Stop::Journal)?;
        Ok(answer?)
    }

    /// The value of the tag that marks what this item makes.
    fn mark(&self) -> String {
        format!("{}/{}", self.plan.id, self.item.id)
    }
}
