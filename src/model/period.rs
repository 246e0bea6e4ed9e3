//! The judgement of a period: the promised surface `lastgood.period/1`.
//!
//! A scan says what holds at an instant; a period says whether it held on every day. Every figure is either
//! "over" the period (resource-days), "by calendar" (tests) or "observed on N of M days" (what is configured).
//! A day for which nobody looked is `no-evidence`, whatever was seen later.

mod calendar;
mod evidence;

use serde::{Deserialize, Serialize};

use super::Instant;
use super::assessment::PolicyRef;
use super::gap::Gap;
use super::kind::Kind;
use super::outcome::Severity;
use super::text::Text;

pub use calendar::{NoPeriod, PeriodDays, Unit};
pub use evidence::{
    Attempt, AttemptOutcome, CopySeen, Departed, Looked, PeriodEvidence, Presence, RunSeen, Thing, VerdictSeen,
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

/// One clause over the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodClause {
    /// Its number.
    pub id: Text,
    /// Its demand in our words.
    pub demand: Text,
    /// Whether it counts against compliance yet.
    pub in_force: bool,
    /// Whether it was met.
    pub result: PeriodResult,
    /// The rules that serve it.
    pub rules: Vec<Text>,
    /// Deviations of these rules that no exception covers.
    pub deviations: u64,
    /// Deviations under an approved exception.
    pub excepted: u64,
    /// Days or tests without evidence.
    pub no_evidence: u64,
}

/// How a rule is judged over a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Day by day, over the period.
    Daily,
    /// By the quarters (or months, half-years, years) of the calendar.
    Calendar,
    /// By what the runs saw: "observed passing on N of M days".
    Observed,
}

/// One rule over the period. `days` are resource-days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodRule {
    /// Its id.
    pub id: Text,
    /// What it demands.
    pub title: Text,
    /// The check that evaluates it.
    pub check: Text,
    /// The clauses that it serves.
    pub clauses: Vec<Text>,
    /// How much it matters.
    pub severity: Severity,
    /// How it was judged.
    pub basis: Basis,
    /// Whether it was met.
    pub result: PeriodResult,
    /// How many things it applied to on some day.
    pub things: u64,
    /// Day by day: resource-days; observed: `ok` are the days observed passing, `missed` those observed failing;
    /// by calendar: tests.
    pub totals: Totals,
    /// Deviations that no exception covers.
    pub deviations: u64,
    /// Deviations under an approved exception.
    pub excepted: u64,
    /// Why it is as it is, in a sentence.
    pub sentence: Text,
}

/// A control failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// A stable name: the same rule, thing, sort and first day give the same id in every report.
    pub id: Text,
    /// Its class.
    pub class: DeviationClass,
    /// The rule.
    pub rule: Text,
    /// How much it matters.
    pub severity: Severity,
    /// The clauses.
    pub clauses: Vec<Text>,
    /// The thing, as an ARN, `application:NAME` or `estate`.
    pub resource: Text,
    /// Its name for people.
    pub name: Text,
    /// The first day.
    pub first_day: Text,
    /// The last day.
    pub last_day: Text,
    /// How many days.
    pub days: u64,
    /// Whether it was seen to be right again by the end.
    pub remediated: bool,
    /// The approved exception that covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Text>,
    /// The version of the policy that was in force.
    pub policy_version: Text,
    /// What happened.
    pub sentence: Text,
}

/// A test that the calendar demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarCell {
    /// The rule.
    pub rule: Text,
    /// The thing.
    pub resource: Text,
    /// Its name for people.
    pub name: Text,
    /// The quarter, month, half-year or year.
    pub unit: Text,
    /// What became of it.
    pub state: CalendarState,
    /// When the test was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// What became of a test that the calendar demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalendarState {
    /// Passed within its unit.
    Passed,
    /// Passed after its unit, and not within.
    Late,
    /// Not passed, and the record would show it.
    Missing,
    /// Late or missing, under an approved exception.
    Excepted,
    /// Nobody can tell.
    NoEvidence,
    /// Not due: the thing is too young.
    NotDue,
    /// The unit is not over.
    Open,
}

impl CalendarState {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Late => "late",
            Self::Missing => "missing",
            Self::Excepted => "excepted",
            Self::NoEvidence => "no-evidence",
            Self::NotDue => "not-due",
            Self::Open => "open",
        }
    }
}

/// The days of one resource under one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRow {
    /// The rule.
    pub rule: Text,
    /// The resource.
    pub resource: Text,
    /// Its name for people.
    pub name: Text,
    /// What it is.
    pub kind: Kind,
    /// Its account.
    pub account: Text,
    /// Its region.
    pub region: Text,
    /// One letter a day from the first day of the period on: `+` ok, `r` retried, `i` issues, `x` missed, `e`
    /// excepted, `?` no evidence, `.` not in scope, `o` open.
    pub days: Text,
    /// What a letter does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<DayRemark>,
}

/// A word on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayRemark {
    /// The day.
    pub day: Text,
    /// The word.
    pub text: Text,
}

/// One day of the collector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectorDay {
    /// The day.
    pub day: Text,
    /// How many runs looked on it.
    pub runs: u64,
    /// How many of these read everything.
    pub complete: u64,
    /// Resource-days for which nobody looked in time.
    pub no_evidence: u64,
}

/// Something that could not be read in the period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodGap {
    /// The first day of a run with it.
    pub first_day: Text,
    /// The last day of a run with it.
    pub last_day: Text,
    /// How many runs had it.
    pub runs: u64,
    /// What could not be read.
    pub gap: Gap,
}

/// A run that the judgement rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodRun {
    /// Its id.
    pub id: Text,
    /// When it read.
    pub captured_at: Instant,
    /// The version of the policy.
    pub policy_version: Text,
    /// The digest of the inventory.
    pub inventory: Text,
    /// Whether nothing failed to be read.
    pub complete: bool,
}
