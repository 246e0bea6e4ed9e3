//! What changed between two runs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::assessment::{Assessment, Verdict};
use crate::model::outcome::Outcome;
use crate::model::text::Text;

/// The difference of two runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The earlier run.
    pub from: Text,
    /// The later run.
    pub to: Text,
    /// Findings that the later one has and the earlier one had not.
    pub new: Vec<Change>,
    /// Findings of the earlier one that are none any more.
    pub fixed: Vec<Change>,
    /// Findings of both whose outcome or sentence differs.
    pub changed: Vec<Change>,
    /// Resources that only the later one judged.
    pub come: Vec<Text>,
    /// Resources that only the earlier one judged.
    pub gone: Vec<Text>,
}

/// One verdict, then and now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The rule.
    pub rule: Text,
    /// The thing.
    pub resource: Text,
    /// What it was.
    pub was: Option<Outcome>,
    /// What it is.
    pub is: Option<Outcome>,
    /// The sentence of now, or of then where there is none now.
    pub reason: Text,
}

/// Compare two assessments.
pub fn between(old: &Assessment, new: &Assessment) -> Difference {
    let (before, after) = (verdicts(old), verdicts(new));
    let mut difference = Difference {
        from: old.run.id.clone(),
        to: new.run.id.clone(),
        new: Vec::new(),
        fixed: Vec::new(),
        changed: Vec::new(),
        come: Vec::new(),
        gone: Vec::new(),
    };
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    for key in keys {
        let (was, is) = (before.get(&key).copied(), after.get(&key).copied());
        let finding = |verdict: Option<&Verdict>| verdict.is_some_and(|verdict| verdict.outcome.is_finding());
        let list = match (finding(was), finding(is)) {
            (false, true) => &mut difference.new,
            (true, false) => &mut difference.fixed,
            (true, true) if differs(was, is) => &mut difference.changed,
            // An exception that began or ended changes no raw outcome, and is worth a line.
            (false, false) if was.zip(is).is_some_and(|(was, is)| was.outcome != is.outcome) => &mut difference.changed,
            _ => continue,
        };
        list.push(Change {
            rule: key.0.into(),
            resource: key.1.into(),
            was: was.map(|verdict| verdict.outcome),
            is: is.map(|verdict| verdict.outcome),
            reason: is.or(was).map(Verdict::reason).unwrap_or_default(),
        });
    }
    let (then, now) = (resources(old), resources(new));
    difference.come = now.difference(&then).map(|arn| Text::from(*arn)).collect();
    difference.gone = then.difference(&now).map(|arn| Text::from(*arn)).collect();
    difference
}

fn differs(was: Option<&Verdict>, is: Option<&Verdict>) -> bool {
    was.zip(is).is_some_and(|(was, is)| was.outcome != is.outcome || was.reason() != is.reason())
}

fn verdicts(assessment: &Assessment) -> BTreeMap<(&str, &str), &Verdict> {
    assessment.verdicts.iter().map(|v| ((v.rule.id.as_str(), v.subject.resource.as_str()), v)).collect()
}

fn resources(assessment: &Assessment) -> BTreeSet<&str> {
    assessment.verdicts.iter().map(|verdict| verdict.subject.resource.as_str()).collect()
}
