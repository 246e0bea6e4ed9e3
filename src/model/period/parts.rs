//! The parts of a period's judgement: clauses, rules, deviations, tests, days, gaps, runs.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{DayState, DeviationClass, PeriodResult, Totals};
use crate::model::Instant;
use crate::model::gap::Gap;
use crate::model::kind::Kind;
use crate::model::outcome::Severity;
use crate::model::text::Text;

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

impl MatrixRow {
    /// Each day from the first one of the period on, with its state and the word on it. A letter that is none is left out.
    pub fn each(&self, first: NaiveDate) -> impl Iterator<Item = (NaiveDate, DayState, &str)> {
        self.days.chars().zip(first.iter_days()).filter_map(|(letter, day)| {
            let state = DayState::of_letter(letter)?;
            // Most rows have no word on any day: then no day is written out to look for one.
            let said = (!self.remarks.is_empty()).then(|| day.to_string());
            let remark = said.and_then(|day| self.remarks.iter().find(|remark| *remark.day == *day));
            Some((day, state, remark.map_or("", |remark| &remark.text)))
        })
    }
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
