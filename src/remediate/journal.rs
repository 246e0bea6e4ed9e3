//! What was done of a plan, entry by entry: written and synced before each change and after it, so that a run
//! that died can be finished without repeating anything.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::model::Instant;
use crate::model::activity::Activity;
use crate::model::plan::Guard;
use crate::model::text::Text;

/// The version of the saved form.
pub const SCHEMA: &str = "lastgood.journal/1";

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The digest of the plan.
    pub plan: Text,
    /// The item; absent for the run as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Text>,
    /// When.
    pub at: Instant,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A run of `apply` began.
    Began {
        /// Who runs it.
        by: Text,
    },
    /// A call is about to be made that changes something.
    Intent {
        /// `service:Operation` or what it is in words.
        call: Text,
        /// What it is about.
        object: Text,
    },
    /// The call was answered.
    Answered {
        /// The same as in the intent.
        call: Text,
        /// What it made, if the answer says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<Text>,
        /// What went wrong, if anything did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Text>,
    },
    /// The item is done with.
    Ended {
        /// How.
        ending: Ending,
    },
}

/// How an item ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ending {
    /// It was done, and seen to be done.
    Done {
        /// What came of it, in a sentence.
        what: Text,
        /// What was made, if anything.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        made: Vec<Text>,
    },
    /// It was not done, as a guard forbade it.
    Refused {
        /// The guard.
        guard: Guard,
        /// The same in a sentence.
        why: Text,
    },
    /// It was tried, and is not known to be done.
    Failed {
        /// What went wrong.
        why: Text,
    },
}

/// Where entries and records go. Both are on disk when a call returns.
pub trait Journal {
    /// Add an entry.
    ///
    /// # Errors
    /// What the system says. Nothing may be changed after one.
    fn write(&mut self, entry: &Entry) -> io::Result<()>;
    /// Add a record to the backup log.
    ///
    /// # Errors
    /// What the system says.
    fn record(&mut self, activity: Activity) -> io::Result<()>;
}

/// What a journal knows of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Calls whose intent was written, the last of each kind.
    pub intents: Vec<Text>,
    /// What calls made.
    pub made: Vec<Text>,
    /// How it ended, the last time.
    pub ending: Option<Ending>,
}

impl Past {
    /// Whether a call of this kind may have been made.
    pub fn tried(&self, call: &str) -> bool {
        self.intents.iter().any(|known| *known == *call)
    }
}

/// What a journal knows of the items of one plan.
pub fn replay(entries: &[Entry], plan: &str) -> BTreeMap<Text, Past> {
    let mut items: BTreeMap<Text, Past> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| *entry.plan == *plan) {
        let Some(item) = &entry.item else { continue };
        let past = items.entry(item.clone()).or_default();
        match &entry.event {
            Event::Began { .. } => {}
            Event::Intent { call, .. } => {
                past.ending = None;
                past.intents.push(call.clone());
            }
            Event::Answered { made, .. } => past.made.extend(made.clone()),
            Event::Ended { ending } => past.ending = Some(ending.clone()),
        }
    }
    items
}
