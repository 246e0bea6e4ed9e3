//! ARNs and patterns of a selection, so ordered that most resources meet none of them: a selection may name hundreds.

use foldhash::{HashSet, HashSetExt as _};

use crate::model::arn;
use crate::model::glob;
use crate::model::text::Text;

/// The ARNs and patterns of one list.
#[derive(Debug)]
pub(super) struct Named<'a> {
    exact: HashSet<&'a str>,
    patterns: Vec<&'a str>,
    /// ARNs whose name is known: something whose name is not may turn out to be it.
    known: Vec<&'a str>,
}

impl<'a> Named<'a> {
    pub(super) fn new(list: &'a [Text]) -> Self {
        let mut named = Self { exact: HashSet::with_capacity(list.len()), patterns: Vec::new(), known: Vec::new() };
        for text in list {
            match text.as_str() {
                pattern if pattern.contains('*') => named.patterns.push(pattern),
                exact => {
                    named.exact.insert(exact);
                    // What is declared is itself, and nothing else that is declared.
                    if !arn::short(exact).contains(['(', '~']) {
                        named.known.push(exact);
                    }
                }
            }
        }
        named
    }

    /// Those that match.
    pub(super) fn matching(&self, arn: &str) -> impl Iterator<Item = &'a str> {
        let exact = self.exact.get(arn).copied();
        exact.into_iter().chain(self.patterns.iter().copied().filter(move |pattern| glob::matches(pattern, arn)))
    }

    /// Whether one may match, once what is not known of the ARN is known.
    pub(super) fn may_match(&self, arn: &str) -> bool {
        arn.contains('(') && self.patterns.iter().chain(&self.known).any(|pattern| glob::may_match(pattern, arn))
    }
}
