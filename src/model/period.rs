//! The judgement of a period: the promised surface `lastgood.period/1`.
//!
//! A scan says what holds at an instant; a period says whether it held on every day. Every figure is either
//! "over" the period (resource-days), "by calendar" (tests) or "observed on N of M days" (what is configured).
//! A day for which nobody looked is `no-evidence`, whatever was seen later.

mod calendar;
mod evidence;
mod parts;

use serde::{Deserialize, Serialize};

use super::Instant;
use super::assessment::PolicyRef;
use super::ledger::Exception;
use super::text::Text;

pub use calendar::{NoPeriod, PeriodDays, Unit};
pub use evidence::{
    Attempt, AttemptOutcome, CopySeen, Departed, Looked, PeriodEvidence, Presence, RunSeen, Thing, VerdictSeen,
};
pub use parts::{
    Basis, CalendarCell, CalendarState, CollectorDay, DayRemark, Deviation, MatrixRow, PeriodClause, PeriodGap,
    PeriodRule, PeriodRun,
};

/// The version of the saved form. A reader refuses any other.
pub const SCHEMA: &str = "lastgood.period/1";

/// Whether a demand was met over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodResult {
    /// Nothing was demanded.
    NotApplicable,
    /// Met on every day, with evidence for every day.
    Satisfied,
    /// Every deviation is under an approved exception, and there is evidence for every day.
    Excepted,
    /// No deviation is known, and evidence is missing: never a pass.
    NotEvaluable,
    /// There is a deviation that no exception covers, put right since or not.
    NotSatisfied,
}

impl PeriodResult {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Satisfied => "satisfied",
            Self::Excepted => "excepted",
            Self::NotEvaluable => "not-evaluable",
            Self::NotSatisfied => "not-satisfied",
        }
    }
}

/// What became of one resource on one day, under a rule that is judged day by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayState {
    /// A good copy was made, or the last one is young enough where the rule allows more than a day.
    Ok,
    /// A backup failed, and a good one followed on the same day.
    Retried,
    /// A backup completed with issues, and no good copy was made.
    Issues,
    /// No good copy was made, and somebody looked.
    Missed,
    /// Missed (or with issues), and an approved exception was in force at the end of the day.
    Excepted,
    /// Nobody looked at it between the end of the day and 24 hours later, with its lists read to their end.
    NoEvidence,
    /// Nothing was demanded of it: not created yet, gone, outside the rule's scope, or its first copy not due yet.
    NotInScope,
    /// The day was not over yet.
    Open,
}

impl DayState {
    /// Every state with the letter of the matrix.
    pub const ALL: [(Self, char); 8] = [
        (Self::Ok, '+'),
        (Self::Retried, 'r'),
        (Self::Issues, 'i'),
        (Self::Missed, 'x'),
        (Self::Excepted, 'e'),
        (Self::NoEvidence, '?'),
        (Self::NotInScope, '.'),
        (Self::Open, 'o'),
    ];

    /// The letter in the matrix of days.
    pub fn letter(self) -> char {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or(' ', |(_, letter)| *letter)
    }

    /// The state of a letter.
    pub fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == letter).map(|(state, _)| *state)
    }

    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Retried => "retried",
            Self::Issues => "issues",
            Self::Missed => "missed",
            Self::Excepted => "excepted",
            Self::NoEvidence => "no-evidence",
            Self::NotInScope => "not-in-scope",
            Self::Open => "open",
        }
    }
}

/// The kinds of deviations that auditors tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviationClass {
    /// What is configured could not have met the demand.
    Design,
    /// The control did not operate: a backup was missed, a copy was deleted early.
    Operating,
    /// What should show it is not there.
    Evidence,
    /// It was done, and too late.
    Timing,
}

impl DeviationClass {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Operating => "operating",
            Self::Evidence => "evidence",
            Self::Timing => "timing",
        }
    }
}

/// The judgement of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodAssessment {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The version of lastgood that judged.
    pub version: Text,
    /// The period.
    pub period: Days,
    /// The instant up to which days are over.
    pub as_of: Instant,
    /// What it all comes to.
    pub result: PeriodResult,
    /// The policy by whose clauses and exceptions it was judged.
    pub policy: PolicyRef,
    /// The policy versions that were in force, by the runs that judged by them.
    pub policies: Vec<PolicyUse>,
    /// Resource-days of all rules that are judged day by day.
    pub totals: Totals,
    /// The clauses of the written policy.
    pub clauses: Vec<PeriodClause>,
    /// The rules.
    pub rules: Vec<PeriodRule>,
    /// Every deviation, put right since or not: they never vanish.
    pub deviations: Vec<Deviation>,
    /// The approved exceptions of the policy; each covers so many deviations.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// Tests that the calendar demands.
    pub calendar: Vec<CalendarCell>,
    /// One row per rule and resource that is judged day by day.
    pub matrix: Vec<MatrixRow>,
    /// Whether somebody looked, day by day.
    pub collector: Vec<CollectorDay>,
    /// What could not be read in the period, by the days on which it was so.
    pub gaps: Vec<PeriodGap>,
    /// The runs that the judgement rests on.
    pub runs: Vec<PeriodRun>,
}

/// The days of a period: local days of the policy's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// As it was asked for, such as `2026-Q3`.
    pub name: Text,
    /// The first day.
    pub first: Text,
    /// The last day.
    pub last: Text,
    /// The number of days.
    pub days: u64,
    /// The zone whose days they are.
    pub zone: Text,
    /// The instant at which it begins.
    pub from: Instant,
    /// The instant at which it ends.
    pub to: Instant,
}

/// A policy version in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyUse {
    /// Its version.
    pub version: Text,
    /// Its digest.
    pub sha256: Text,
    /// The first day on which a run judged by it.
    pub first_day: Text,
    /// The last one.
    pub last_day: Text,
    /// How many runs judged by it.
    pub runs: u64,
    /// Resource-days that were closed by its runs, so that results are split at a change.
    pub totals: Totals,
}

/// Numbers of resource-days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Days on which something was demanded: the sum of the following.
    pub required: u64,
    /// Days that were met, those with a second attempt included.
    pub ok: u64,
    /// Of these, days on which a first attempt failed.
    pub retried: u64,
    /// Days with a backup that completed with issues only.
    pub issues: u64,
    /// Days without a good copy.
    pub missed: u64,
    /// Days missed or with issues, under an approved exception.
    pub excepted: u64,
    /// Days for which nobody looked.
    pub no_evidence: u64,
    /// Days that were not over yet; not demanded.
    pub open: u64,
}

impl Totals {
    /// Count one day.
    pub fn add(&mut self, state: DayState) {
        let counter = match state {
            DayState::Ok => &mut self.ok,
            DayState::Retried => {
                self.ok += 1;
                &mut self.retried
            }
            DayState::Issues => &mut self.issues,
            DayState::Missed => &mut self.missed,
            DayState::Excepted => &mut self.excepted,
            DayState::NoEvidence => &mut self.no_evidence,
            DayState::Open => &mut self.open,
            DayState::NotInScope => return,
        };
        *counter += 1;
        self.required += u64::from(state != DayState::Open);
    }

    /// Add those of another.
    pub fn join(&mut self, other: &Self) {
        self.required += other.required;
        self.ok += other.ok;
        self.retried += other.retried;
        self.issues += other.issues;
        self.missed += other.missed;
        self.excepted += other.excepted;
        self.no_evidence += other.no_evidence;
        self.open += other.open;
    }
}
