//! OSCAL 1.2.1 (NIST): assessment results, and a plan of action and milestones, of a run or of a period.
//!
//! Every UUID is derived from the run and the object's name, so that two renderings are equal; every reference resolves within
//! the document, the assessment plan included: the policy is a resource of the back matter. What cannot be told is never
//! `satisfied`. Source: the JSON schemas and the model reference of OSCAL.

mod period;
mod run;
mod statements;
mod text;

use std::collections::HashMap;
use std::io;

use serde_json::{Value, json};

use super::RenderOptions;
use super::json::{pretty, set};
use super::words::stamp;
use crate::model::Instant;
use crate::model::assessment::{Assessment, PolicyRef};
use crate::model::attestation::Attestation;
use crate::model::period::PeriodAssessment;
use text::{Ids, line, prop, value};

/// The version of OSCAL whose schemas the tests hold the documents against.
const VERSION: &str = "1.2.1";

/// Names of our own properties live here.
const NAMESPACE: &str = "urn:lastgood:oscal";

pub(super) fn results(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    write(&run::content(assessment).into_results(), out)
}

pub(super) fn poam(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    write(&run::content(assessment).into_poam(), out)
}

pub(super) fn period_results(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    write(&period::content(period).into_results(), out)
}

pub(super) fn period_poam(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    write(&period::content(period).into_poam(), out)
}

fn write(document: &Value, out: &mut dyn io::Write) -> io::Result<()> {
    pretty(document, out)?;
    out.write_all(b"\n")
}

/// What both documents are made of.
struct Content {
    ids: Ids,
    title: String,
    description: String,
    remarks: Vec<String>,
    props: Vec<Value>,
    tool_version: String,
    policy: PolicyRef,
    modified: Instant,
    start: Instant,
    end: Instant,
    /// What the evidence is, by name and SHA-256.
    evidence: Vec<(String, String)>,
    /// Tokens of the clauses and rules that were judged, with what they demand.
    controls: Vec<String>,
    things: Things,
    /// What people stated.
    statements: Vec<Attestation>,
    /// One per rule, with the numbers of all outcomes.
    summaries: Vec<Value>,
    /// One per deviation.
    observations: Vec<Value>,
    risks: Vec<Value>,
    findings: Vec<Value>,
    items: Vec<Value>,
}

/// The judged things that something refers to.
#[derive(Default)]
struct Things {
    known: HashMap<String, String>,
    entries: Vec<Value>,
}

impl Things {
    /// The reference to a thing, which is described once.
    fn subject(&mut self, ids: &Ids, resource: &str, title: &str, props: impl FnOnce() -> Vec<Value>) -> Value {
        let uuid = match self.known.get(resource) {
            Some(uuid) => uuid.clone(),
            None => {
                let uuid = ids.uuid("thing", resource);
                self.known.insert(resource.to_owned(), uuid.clone());
                let mut all = vec![prop("resource", resource)];
                all.extend(props());
                self.entries.push(json!({"uuid": uuid, "description": line(title), "props": all}));
                uuid
            }
        };
        json!({"subject-uuid": uuid, "type": "inventory-item", "title": line(title)})
    }
}

/// One thing that is not as it should be.
struct Deviating<'a> {
    /// Unique within the document.
    name: String,
    title: String,
    reason: &'a str,
    remedy: &'a str,
    subject: Option<Value>,
    collected: Instant,
    evidence: Vec<Value>,
    props: Vec<Value>,
    status: &'static str,
    /// Why it is accepted, by whom.
    exception: Option<String>,
    deadline: Option<Instant>,
}

impl Content {
    /// Note an observation with its risk and its item; their UUIDs are returned.
    fn deviation(&mut self, found: Deviating<'_>) -> (String, String) {
        let observation = self.ids.uuid("observation", &found.name);
        let risk = self.ids.uuid("risk", &found.name);
        let (title, reason) = (line(&found.title), line(found.reason));
        let mut seen = self.observation(&observation, &title, &reason, found.collected, found.props.clone());
        if let Some(subject) = found.subject {
            set(&mut seen, "subjects", json!([subject]));
        }
        if !found.evidence.is_empty() {
            set(&mut seen, "relevant-evidence", found.evidence.into());
        }
        self.observations.push(seen);
        let related = json!([{"observation-uuid": observation}]);
        let mut open = json!({
            "uuid": risk, "title": title, "description": reason, "statement": reason, "props": found.props,
            "status": found.status, "related-observations": related,
        });
        if let Some(deadline) = found.deadline {
            set(&mut open, "deadline", stamp(deadline).into());
        }
        if !found.remedy.is_empty() {
            let uuid = self.ids.uuid("remediation", &found.name);
            let remedy = line(found.remedy);
            let advice =
                json!([{"uuid": uuid, "lifecycle": "recommendation", "title": "Put it right", "description": remedy}]);
            set(&mut open, "remediations", advice);
        }
        let mut item = json!({
            "uuid": self.ids.uuid("item", &found.name), "title": title, "description": reason, "props": found.props,
            "related-observations": related, "related-risks": [{"risk-uuid": risk}],
        });
        if let Some(exception) = found.exception {
            let uuid = self.ids.uuid("exception", &found.name);
            set(&mut open, "mitigating-factors", json!([{"uuid": uuid, "description": line(&exception)}]));
            set(&mut item, "remarks", line(&exception).into());
        }
        self.risks.push(open);
        self.items.push(item);
        (observation, risk)
    }

    /// What the tool saw when it looked.
    fn observation(&self, uuid: &str, title: &str, text: &str, at: Instant, props: Vec<Value>) -> Value {
        let tool = self.ids.uuid("tool", "lastgood");
        let mut seen = json!({
            "uuid": uuid, "title": title, "description": text, "methods": ["TEST"], "types": ["control-objective"],
            "origins": [{"actors": [{"type": "tool", "actor-uuid": tool}]}], "collected": stamp(at),
        });
        if !props.is_empty() {
            set(&mut seen, "props", props.into());
        }
        seen
    }

    /// Note what one clause, or one rule without a clause, comes to.
    fn finding(
        &mut self,
        target: &str,
        title: &str,
        (met, reason): (bool, &str),
        why: &str,
        props: Vec<Value>,
        related: &Related,
    ) {
        let state = if met { "satisfied" } else { "not-satisfied" };
        let mut status = json!({"state": state, "reason": reason});
        if !why.is_empty() {
            set(&mut status, "remarks", line(why).into());
        }
        let mut finding = json!({
            "uuid": self.ids.uuid("finding", target), "title": line(title), "description": line(title),
            "target": {"type": "objective-id", "target-id": target, "status": status},
        });
        let uuids = |key: &str, all: &[String]| all.iter().map(|uuid| json!({key: uuid})).collect::<Vec<_>>();
        for (name, key, all) in [
            ("related-observations", "observation-uuid", &related.observations),
            ("related-risks", "risk-uuid", &related.risks),
        ] {
            if !all.is_empty() {
                set(&mut finding, name, uuids(key, all).into());
            }
        }
        if !props.is_empty() {
            set(&mut finding, "props", props.into());
        }
        self.findings.push(finding);
    }

    fn metadata(&self, kind: &str) -> Value {
        let version = if self.policy.version.is_empty() { "0" } else { &self.policy.version };
        json!({
            "title": line(&format!("{kind}: {}", self.title)), "last-modified": stamp(self.modified), "version": value(version),
            "oscal-version": VERSION, "props": [prop("tool-version", &self.tool_version)],
        })
    }

    /// The policy and the evidence, by their digests: the files themselves are not part of the document.
    fn back_matter(&self) -> Value {
        let policy = &self.policy;
        let mut resources = vec![json!({
            "uuid": self.plan(), "title": line(&format!("Policy {}", policy.title)),
            "description": "The policy by which everything was judged: it serves as the assessment plan.",
            "props": [prop("policy-id", &policy.id), prop("policy-version", &policy.version), prop("sha256", &policy.sha256)],
        })];
        for (name, digest) in &self.evidence {
            resources.push(json!({
                "uuid": self.ids.uuid("evidence", name), "title": line(name),
                "description": "What was observed, named by its digest.", "props": [prop("sha256", digest)],
            }));
        }
        json!({"resources": resources})
    }

    fn plan(&self) -> String {
        self.ids.uuid("resource", "policy")
    }

    fn definitions(&mut self) -> Value {
        let tool = self.ids.uuid("tool", "lastgood");
        let mut local = json!({"assessment-assets": {
            "components": [{
                "uuid": tool, "type": "software", "title": "lastgood", "description": "Judges backups by a policy.",
                "status": {"state": "operational"}, "props": [prop("version", &self.tool_version)],
            }],
            "assessment-platforms": [{
                "uuid": self.ids.uuid("platform", "lastgood"), "title": "lastgood",
                "uses-components": [{"component-uuid": tool}],
            }],
        }});
        if !self.things.entries.is_empty() {
            set(&mut local, "inventory-items", std::mem::take(&mut self.things.entries).into());
        }
        local
    }

    fn into_results(mut self) -> Value {
        let selection = match self.controls.is_empty() {
            true => json!({"include-all": {}}),
            false => {
                let ids = self.controls.iter().map(|id| json!({"control-id": id}));
                json!({"include-controls": ids.collect::<Vec<_>>()})
            }
        };
        let mut result = json!({
            "uuid": self.ids.uuid("result", ""), "title": line(&self.title), "description": line(&self.description),
            "start": stamp(self.start), "end": stamp(self.end), "props": self.props,
            "local-definitions": self.definitions(), "reviewed-controls": {"control-selections": [selection]},
        });
        let remarks = self.remarks.iter().map(|text| line(text)).collect::<Vec<_>>().join("\n\n");
        if !remarks.is_empty() {
            set(&mut result, "remarks", remarks.into());
        }
        statements::attestations(&self.statements, &self.ids, &mut result);
        let mut seen = std::mem::take(&mut self.summaries);
        seen.append(&mut self.observations);
        for (name, all) in [
            ("observations", seen),
            ("risks", std::mem::take(&mut self.risks)),
            ("findings", std::mem::take(&mut self.findings)),
        ] {
            if !all.is_empty() {
                set(&mut result, name, all.into());
            }
        }
        let mut metadata = self.metadata("Assessment results");
        statements::people(&self.statements, &self.ids, &mut metadata);
        json!({"assessment-results": {
            "uuid": self.ids.uuid("assessment-results", ""), "metadata": metadata,
            "import-ap": {"href": format!("#{}", self.plan())}, "results": [result], "back-matter": self.back_matter(),
        }})
    }

    fn into_poam(mut self) -> Value {
        let mut items = std::mem::take(&mut self.items);
        if items.is_empty() {
            // A list without an item is not valid.
            let uuid = self.ids.uuid("item", "");
            items.push(json!({"uuid": uuid, "title": "Nothing is open", "description": line(&self.description)}));
        }
        let mut plan = json!({
            "uuid": self.ids.uuid("plan-of-action-and-milestones", ""), "metadata": self.metadata("Plan of action and milestones"),
            "system-id": {"identifier-type": NAMESPACE, "id": value(&self.policy.id)},
            "local-definitions": self.definitions(), "poam-items": items, "back-matter": self.back_matter(),
        });
        for (name, all) in
            [("observations", std::mem::take(&mut self.observations)), ("risks", std::mem::take(&mut self.risks))]
        {
            if !all.is_empty() {
                set(&mut plan, name, all.into());
            }
        }
        json!({"plan-of-action-and-milestones": plan})
    }
}

/// What a finding rests on.
#[derive(Clone, Default)]
struct Related {
    observations: Vec<String>,
    risks: Vec<String>,
}

impl Related {
    fn join(&mut self, other: &Self) {
        self.observations.extend_from_slice(&other.observations);
        self.risks.extend_from_slice(&other.risks);
    }
}
