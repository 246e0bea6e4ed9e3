//! Outside frameworks (standards, laws) and what the verdicts of our rules show of their controls. Nothing
//! here says that a framework is met: a mapping tells for each control how far our rules reach.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::assessment::Summary;
use super::outcome::Outcome;
use super::text::Text;

/// How much of a control the mapped rules can show, as the author of the mapping judged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Evidence for something near; the control cannot be judged by it.
    Supporting,
    /// A part of what the control asks.
    Partial,
    /// All that the control asks, of what was read.
    Full,
}

/// What follows for a control from the verdicts of the rules that are mapped to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlState {
    /// The rules demand nothing of what was read, or the policy has none of them.
    NotAssessed,
    /// Every mapped rule passed, was judged on all it could see, and demands at least what the control does.
    Passed,
    /// Something was not read, a mapped rule is missing, or the rules demand less than the control.
    Unknown,
    /// A mapped rule failed. An approved exception of ours does not lift an outside demand.
    Failed,
}

/// A framework with the state of every mapped control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameworkStatus {
    /// Its id, such as `iso-27001`.
    pub id: Text,
    /// Its name and edition.
    pub title: Text,
    /// What the mapping leaves out.
    pub note: Text,
    /// SHA-256 of the mapping file.
    pub mapping_sha256: Text,
    /// The controls, in the order of the mapping.
    pub controls: Vec<ControlStatus>,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlStatus {
    /// Its id in the framework.
    pub id: Text,
    /// What it asks, in our words.
    pub title: Text,
    /// How much of it the rules can show.
    pub strength: Strength,
    /// What the verdicts of the rules say.
    pub state: ControlState,
    /// The clauses of the written policy that are mapped to it.
    pub clauses: Vec<Text>,
    /// The rules that are judged for it: those named, and those that serve the clauses.
    pub rules: Vec<Text>,
    /// What the mapping shows and what it does not.
    pub rationale: Text,
    /// What it names and the policy does not judge.
    pub missing: Vec<Text>,
    /// Where the rules demand less than the control.
    pub shortfalls: Vec<Text>,
    /// Verdicts of the rules by outcome; `waived` ones count by their raw outcome for the state.
    pub verdicts: Summary,
}

impl Strength {
    /// Every strength, strongest first.
    pub const ALL: [Self; 3] = [Self::Full, Self::Partial, Self::Supporting];

    /// The word in mappings and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Supporting => "supporting",
        }
    }
}

impl ControlState {
    /// Every state, worst first.
    pub const ALL: [Self; 4] = [Self::Failed, Self::Unknown, Self::Passed, Self::NotAssessed];

    /// The word in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Passed => "passed",
            Self::NotAssessed => "not assessed",
        }
    }

    /// The state that follows from the worst raw outcome of the mapped rules. `proves` is whether nothing is
    /// missing and the rules demand at least what the control does.
    pub const fn of(worst: Outcome, proves: bool) -> Self {
        match worst {
            Outcome::Fail => Self::Failed,
            Outcome::Pass if proves => Self::Passed,
            Outcome::Pass | Outcome::Unknown | Outcome::Waived => Self::Unknown,
            Outcome::NotApplicable => Self::NotAssessed,
        }
    }
}

impl FrameworkStatus {
    /// The number of controls in a state.
    pub fn count(&self, state: ControlState) -> usize {
        self.controls.iter().filter(|control| control.state == state).count()
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl fmt::Display for ControlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proven_pass_is_passed() {
        for worst in Outcome::ALL {
            for proves in [true, false] {
                let passed = ControlState::of(worst, proves) == ControlState::Passed;
                assert_eq!(passed, worst == Outcome::Pass && proves, "{worst} {proves}");
            }
        }
        assert_eq!(ControlState::of(Outcome::Fail, true), ControlState::Failed);
        assert_eq!(ControlState::of(Outcome::Unknown, true), ControlState::Unknown);
        assert_eq!(ControlState::of(Outcome::NotApplicable, true), ControlState::NotAssessed);
    }
}
