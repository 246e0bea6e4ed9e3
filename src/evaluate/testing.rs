//! Tests of policies carried out: what the rules say against what was expected.

use crate::model::arn;
use crate::model::assessment::{PolicyAt, Verdict};
use crate::model::text::Text;
use crate::policy::Policy;
use crate::policy::testing::{Expectation, Test, names};

/// Something that did not come as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where the expectation stands.
    pub at: PolicyAt,
    /// The rule, and the resource where one was named or found.
    pub about: String,
    /// What was expected and what came.
    pub message: String,
    /// What the rule said, where it said anything.
    pub said: Option<Text>,
}

/// Carry a test out. It has passed when nothing differs.
pub fn run(policy: &Policy, test: &Test) -> Vec<Difference> {
    let verdicts = super::judge(policy, &test.inventory, test.as_of);
    test.expect.iter().filter_map(|expectation| difference(expectation, &verdicts)).collect()
}

fn difference(expected: &Expectation, verdicts: &[Verdict]) -> Option<Difference> {
    let is_meant = |verdict: &&Verdict| {
        let named = |word: &Text| names(word, &verdict.subject.resource, &verdict.subject.name);
        verdict.rule.id == expected.rule && expected.resource.as_ref().is_none_or(named)
    };
    let found: Vec<&Verdict> = verdicts.iter().filter(is_meant).collect();
    let about = |thing: Option<&str>| match thing {
        Some(thing) => format!("{} of {thing}", expected.rule),
        None => expected.rule.to_string(),
    };
    let wanted = expected.outcome.map_or("none", |outcome| outcome.id());
    let differs = |thing: Option<&str>, message: String, said: Option<Text>| {
        Some(Difference { at: expected.at.clone(), about: about(thing), message, said })
    };
    let named = expected.resource.as_deref();
    match found.as_slice() {
        [] if expected.outcome.is_none() => None,
        [] => differs(named, format!("expected {wanted}, and the rule does not judge it"), None),
        [verdict] => {
            let thing = Some(named.unwrap_or_else(|| arn::short(&verdict.subject.resource)));
            let reason = verdict.reason();
            if expected.outcome != Some(verdict.outcome) {
                return differs(thing, format!("expected {wanted}, came {}", verdict.outcome.id()), Some(reason));
            }
            let missing = expected.reason.as_ref().filter(|text| !reason.contains(text.as_str()))?;
            differs(
                thing,
                format!("came {wanted} as expected, and its reason does not contain \"{missing}\""),
                Some(reason),
            )
        }
        several => {
            let things: Vec<&str> = several.iter().map(|verdict| arn::short(&verdict.subject.resource)).collect();
            let message =
                format!("expected one verdict, came {}: {}; name one with `resource`", things.len(), things.join(", "));
            differs(named, message, None)
        }
    }
}
