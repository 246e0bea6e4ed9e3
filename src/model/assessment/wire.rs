//! The flat form of a verdict in saved assessments: the promised surface, kept apart from the form in
//! memory, in which rules and subjects are shared.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{PolicyAt, RuleInfo, Subject, Verdict, WaiverRef};
use crate::model::declared::CodeAt;
use crate::model::judgement::{Evidence, Sentence, Value, Word};
use crate::model::kind::Kind;
use crate::model::outcome::{Outcome, Severity};
use crate::model::text::Text;

/// The flat form of a verdict in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flat {
    fingerprint: String,
    rule: Text,
    title: Text,
    check: Text,
    clauses: Vec<Text>,
    severity: Severity,
    resource: Text,
    name: Text,
    kind: Kind,
    account: Text,
    region: Text,
    application: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<CodeAt>,
    outcome: Outcome,
    raw_outcome: Outcome,
    reason: Text,
    expected: BTreeMap<Text, serde_json::Value>,
    observed: Facts,
    evidence: Vec<Evidence>,
    remedy: Text,
    waiver: Option<WaiverRef>,
    policy_at: PolicyAt,
}

struct Facts(Vec<(Word, Value)>);

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Facts;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of facts")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
                let mut facts = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    facts.push(entry);
                }
                Ok(Facts(facts))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (rule, subject) = (&self.rule, &self.subject);
        Flat {
            fingerprint: self.fingerprint(),
            rule: rule.id.clone(),
            title: rule.title.clone(),
            check: rule.check.clone(),
            clauses: rule.clauses.clone(),
            severity: rule.severity,
            resource: subject.resource.clone(),
            name: subject.name.clone(),
            kind: subject.kind,
            account: subject.account.clone(),
            region: subject.region.clone(),
            application: subject.application.clone(),
            code: subject.code.clone(),
            outcome: self.outcome,
            raw_outcome: self.raw_outcome,
            reason: self.reason(),
            expected: rule.expected.clone(),
            observed: Facts(self.observed.clone()),
            evidence: self.evidence.clone(),
            remedy: rule.remedy.clone(),
            waiver: self.waiver.as_deref().cloned(),
            policy_at: rule.policy_at.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Verdict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flat = Flat::deserialize(deserializer)?;
        Ok(Self {
            rule: Arc::new(RuleInfo {
                id: flat.rule,
                title: flat.title,
                check: flat.check,
                clauses: flat.clauses,
                severity: flat.severity,
                expected: flat.expected,
                remedy: flat.remedy,
                policy_at: flat.policy_at,
            }),
            subject: Arc::new(Subject {
                resource: flat.resource,
                name: flat.name,
                kind: flat.kind,
                account: flat.account,
                region: flat.region,
                application: flat.application,
                code: flat.code,
            }),
            outcome: flat.outcome,
            raw_outcome: flat.raw_outcome,
            sentence: Sentence::Said(flat.reason),
            observed: flat.observed.0,
            evidence: flat.evidence,
            waiver: flat.waiver.map(Arc::new),
        })
    }
}
