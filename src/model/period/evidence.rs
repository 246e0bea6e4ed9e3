//! What a history tells of a period: the input of its judgement.
//!
//! Things, rules and runs are named by their place in their lists, since there are millions of days.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::Instant;
use crate::model::assessment::{PolicyRef, RuleInfo, Subject};
use crate::model::gap::Gap;
use crate::model::outcome::Outcome;
use crate::model::text::Text;

/// Everything on record that concerns a period, and some days around it.
#[derive(Clone, Debug, Default)]
pub struct PeriodEvidence {
    /// The runs, in order of the instant at which they read.
    pub runs: Vec<RunSeen>,
    /// The rules as they were: one entry for each set of parameters.
    pub rules: Vec<Arc<RuleInfo>>,
    /// Whatever was judged.
    pub things: Vec<Thing>,
    /// What the runs concluded.
    pub verdicts: Vec<VerdictSeen>,
    /// Which runs listed a thing.
    pub presence: Vec<Presence>,
    /// Good copies.
    pub copies: Vec<CopySeen>,
    /// Backups that were tried and did not do all they should.
    pub attempts: Vec<Attempt>,
    /// Recovery points that went within the period.
    pub departed: Vec<Departed>,
}

/// A run.
#[derive(Clone, Debug)]
pub struct RunSeen {
    /// Its id.
    pub id: Text,
    /// Its series: runs of one policy over the same accounts and regions.
    pub stream: u32,
    /// When it read: the instant for which its lists speak.
    pub captured_at: Instant,
    /// The instant for which it judged.
    pub as_of: Instant,
    /// The policy by which it judged.
    pub policy: PolicyRef,
    /// Digest of the inventory.
    pub inventory: Text,
    /// Who read.
    pub caller: Option<Text>,
    /// The lists that were read to their end.
    pub looked: Arc<Looked>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Lists that were read to their end, without a gap in any of their answers: account, region, call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked(pub BTreeSet<(Text, Text, Text)>);

impl Looked {
    /// Whether the list of `call` is among them; a service may be proven as a whole, `ec2:*`.
    pub fn at(&self, account: &str, region: &str, call: &str) -> bool {
        let has = |call: &str| self.0.contains(&(account.into(), region.into(), call.into()));
        has(call) || call.split_once(':').is_some_and(|(service, _)| has(&format!("{service}:*")))
    }
}

/// Something that was judged.
#[derive(Clone, Debug)]
pub struct Thing {
    /// What it is.
    pub subject: Arc<Subject>,
    /// When it was created, where that is known.
    pub created: Option<Instant>,
}

/// A conclusion that some consecutive runs of a series came to.
#[derive(Clone, Copy, Debug)]
pub struct VerdictSeen {
    /// The rule, by its place.
    pub rule: u32,
    /// The thing, by its place.
    pub thing: u32,
    /// What the check said.
    pub raw: Outcome,
    /// The series.
    pub stream: u32,
    /// The first run, by its place.
    pub first: u32,
    /// The last run, by its place.
    pub last: u32,
    /// For tests: when the last good one was, where the verdict says it.
    pub tested: Option<Instant>,
}

/// The runs of a series that listed a thing.
#[derive(Clone, Copy, Debug)]
pub struct Presence {
    /// The thing, by its place.
    pub thing: u32,
    /// The series.
    pub stream: u32,
    /// The first run, by its place.
    pub first: u32,
    /// The last run, by its place.
    pub last: u32,
}

/// A good copy, for an instant or (continuous) for a stretch of time.
#[derive(Clone, Copy, Debug)]
pub struct CopySeen {
    /// The thing, by its place.
    pub thing: u32,
    /// The instant of the data.
    pub from: Instant,
    /// The same, or the end of the stretch.
    pub to: Instant,
    /// The first run that saw it, by its place.
    pub first: u32,
}

/// How an attempt ended that was no success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// It failed, expired or was stopped.
    Failed,
    /// It completed with issues, or in part.
    Issues,
}

/// A backup that did not do all it should.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// The thing, by its place.
    pub thing: u32,
    /// When it began.
    pub at: Instant,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The first run that saw it, by its place.
    pub first: u32,
}

/// A recovery point that is gone: the list that would hold it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departed {
    /// Its ARN.
    pub arn: Text,
    /// What it restored.
    pub resource: Text,
    /// The instant of its data.
    pub created: Instant,
    /// When a run saw it last.
    pub last_seen: Instant,
    /// When a run saw it gone.
    pub gone: Instant,
    /// Days after which its own lifecycle deletes it.
    pub own_days: Option<u32>,
    /// Whether one could have restored from it.
    pub usable: bool,
}
