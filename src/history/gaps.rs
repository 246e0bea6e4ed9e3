//! Days without a run, and what runs could not read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use serde::Serialize;

use super::RunRow;
use crate::model::gap::{Gap, GapStatus};
use crate::model::text::Text;

/// Where the history has holes.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Holes {
    /// Stretches of days on which no run read an account and region.
    pub days: Vec<Hole>,
    /// What runs could not read, by what it was.
    pub unread: Vec<Unread>,
}

/// Days without a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hole {
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// How many days.
    pub days: u64,
}

/// What some runs could not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unread {
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// The call.
    pub call: Text,
    /// How it failed.
    pub status: GapStatus,
    /// The IAM action that would have allowed it.
    pub iam_action: Text,
    /// The first day of a run that could not.
    pub first: NaiveDate,
    /// The last one.
    pub last: NaiveDate,
    /// How many runs could not.
    pub runs: u64,
}

/// When a gap was seen, and by which runs.
struct Seen {
    first: NaiveDate,
    last: NaiveDate,
    runs: BTreeSet<i64>,
}

/// Find them, from the first run of each account and region up to `until`, which is not over.
pub fn of(runs: &[RunRow], zone: Tz, until: NaiveDate) -> Holes {
    let day = |run: &RunRow| run.captured_at.with_timezone(&zone).date_naive();
    let mut seen: BTreeMap<(Text, Text), BTreeSet<NaiveDate>> = BTreeMap::new();
    let mut unread: BTreeMap<(Text, Text, String, GapStatus), (Gap, Seen)> = BTreeMap::new();
    for run in runs {
        for account in &run.accounts {
            for region in &run.regions {
                seen.entry((account.clone(), region.clone())).or_default().insert(day(run));
            }
        }
        for gap in &run.gaps {
            let key = (gap.account.clone(), gap.region.clone(), gap.call(), gap.status);
            let new = || (gap.clone(), Seen { first: day(run), last: day(run), runs: BTreeSet::new() });
            let (_, seen) = unread.entry(key).or_insert_with(new);
            (seen.first, seen.last) = (seen.first.min(day(run)), seen.last.max(day(run)));
            seen.runs.insert(run.number);
        }
    }
    let mut holes = Holes::default();
    for ((account, region), days) in seen {
        let mut add = |after: NaiveDate, before: NaiveDate| {
            let missing = (before - after).num_days() - 1;
            if let (true, Some(first), Some(last)) =
                (missing > 0, after.checked_add_days(Days::new(1)), before.checked_sub_days(Days::new(1)))
            {
                let (account, region) = (account.clone(), region.clone());
                holes.days.push(Hole { account, region, first, last, days: u64::try_from(missing).unwrap_or(0) });
            }
        };
        let mut before: Option<NaiveDate> = None;
        for day in days {
            if let Some(before) = before {
                add(before, day);
            }
            before = Some(day);
        }
        if let Some(before) = before.filter(|before| *before < until) {
            add(before, until);
        }
    }
    holes.unread = unread
        .into_iter()
        .map(|((account, region, call, status), (gap, Seen { first, last, runs }))| Unread {
            account,
            region,
            call: call.into(),
            status,
            iam_action: gap.iam_action,
            first,
            last,
            runs: runs.len() as u64,
        })
        .collect();
    holes
}
