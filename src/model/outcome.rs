//! The five outcomes of a verdict, and how they combine.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a rule concluded about one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The rule demands nothing of this resource.
    NotApplicable,
    /// Evidence shows that the demand is met.
    Pass,
    /// It would be a finding, and an approved exception covers it until it expires.
    Waived,
    /// The evidence could not be read or does not reach far enough. Never counted as a pass.
    Unknown,
    /// Evidence shows that the demand is not met.
    Fail,
}

impl Outcome {
    /// Every outcome, worst first: the order of summaries.
    pub const ALL: [Self; 5] = [Self::Fail, Self::Unknown, Self::Waived, Self::Pass, Self::NotApplicable];

    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }

    /// Whether somebody has to act: a failed demand, or evidence that is missing.
    pub const fn is_finding(self) -> bool {
        matches!(self, Self::Fail | Self::Unknown)
    }

    /// The outcome of two things together. Fail outweighs unknown (unknown never hides a fail),
    /// unknown outweighs waived, waived outweighs pass, and not-applicable is neutral.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// The outcome of many things together; of none at all it is not-applicable, never a pass.
    pub fn all(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().fold(Self::NotApplicable, Self::and)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// How much a failed rule matters, as the policy's author judged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Hygiene.
    Low,
    /// Weakens recoverability or its proof.
    Medium,
    /// A promise of the policy is broken.
    High,
    /// Data would be lost for good.
    Critical,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The name in policies and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_outcome() -> impl Strategy<Value = Outcome> {
        proptest::sample::select(&Outcome::ALL[..])
    }

    #[test]
    fn nothing_is_never_a_pass() {
        assert_eq!(Outcome::all([]), Outcome::NotApplicable);
        assert_eq!(Outcome::all([Outcome::Pass, Outcome::NotApplicable]), Outcome::Pass);
        assert_eq!(Outcome::all([Outcome::Pass, Outcome::Unknown]), Outcome::Unknown);
        assert_eq!(Outcome::all([Outcome::Waived, Outcome::Unknown, Outcome::Fail]), Outcome::Fail);
    }

    proptest! {
        #[test]
        fn combining_is_order_free_and_never_hides_a_finding(a in any_outcome(), b in any_outcome(), c in any_outcome()) {
            prop_assert_eq!(a.and(b), b.and(a));
            prop_assert_eq!(a.and(b).and(c), a.and(b.and(c)));
            prop_assert_eq!(a.and(a), a);
            prop_assert_eq!(a.and(b) == Outcome::Fail, a == Outcome::Fail || b == Outcome::Fail);
            prop_assert!(!(a.is_finding() || b.is_finding()) || a.and(b).is_finding());
        }
    }
}
