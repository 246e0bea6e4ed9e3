//! A rule in words, with the place of every parameter.

use std::fmt;

use super::{Policy, Rule, scope};
use crate::checks::{self, CheckInfo};
use crate::model::assessment::{PolicyAt, RuleInfo};
use crate::model::outcome::Severity;
use crate::model::text::Text;

/// What `lastgood policy explain RULE` shows.
#[derive(Debug)]
pub struct Explanation {
    /// The rule: id, title, severity, place, remedy.
    pub rule: RuleInfo,
    /// The clauses that it serves, with their demand where the register has them.
    pub clauses: Vec<(Text, Option<Text>)>,
    /// The check.
    pub check: &'static CheckInfo,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The resources, in words.
    pub scope: String,
    /// The overrides.
    pub overrides: Vec<Exception>,
}

/// A parameter in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: serde_json::Value,
    /// Where it is set; `None` means that it holds by default.
    pub at: Option<PolicyAt>,
}

/// What differs for some resources.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// The resources, in words.
    pub scope: String,
    /// The parameters that differ.
    pub parameters: Vec<Parameter>,
    /// The severity, if it differs.
    pub severity: Option<Severity>,
    /// Why.
    pub reason: Text,
    /// Where it stands.
    pub at: PolicyAt,
}

/// Explain the rule with this id; `None` if no enabled rule has it.
pub fn explain(policy: &Policy, id: &str) -> Option<Explanation> {
    let rule = policy.rules.iter().find(|rule| rule.info.id == id)?;
    let demand = |id: &Text| policy.clauses.iter().find(|clause| clause.id == *id).map(|clause| clause.demand.clone());
    Some(Explanation {
        rule: RuleInfo::clone(&rule.info),
        clauses: rule.info.clauses.iter().map(|id| (id.clone(), demand(id))).collect(),
        check: rule.check_info,
        parameters: parameters(&rule.info, |name| rule.origins.get(name).cloned()),
        scope: scope::words(&rule.scope),
        overrides: exceptions(rule),
    })
}

/// The same as text; `None` if no enabled rule has this id.
pub fn rule(policy: &Policy, id: &str) -> Option<String> {
    explain(policy, id).map(|explanation| explanation.to_string())
}

fn parameters(info: &RuleInfo, origin: impl Fn(&str) -> Option<PolicyAt>) -> Vec<Parameter> {
    let parameter = |(name, value): (&Text, &serde_json::Value)| Parameter {
        name: name.clone(),
        value: value.clone(),
        at: origin(name),
    };
    info.expected.iter().map(parameter).collect()
}

fn exceptions(rule: &Rule) -> Vec<Exception> {
    let exception = |over: &super::Override| {
        let mut parameters = parameters(&over.info, |name| over.origins.get(name).cloned());
        parameters.retain(|parameter| rule.info.expected.get(&parameter.name) != Some(&parameter.value));
        Exception {
            scope: scope::words(&over.scope),
            parameters,
            severity: Some(over.info.severity).filter(|severity| *severity != rule.info.severity),
            reason: over.reason.clone(),
            at: over.info.policy_at.clone(),
        }
    };
    rule.overrides.iter().map(exception).collect()
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PolicyAt { file, line } = &self.rule.policy_at;
        writeln!(f, "{}: {}", self.rule.id, self.rule.title)?;
        writeln!(f, "  severity  {}", self.rule.severity)?;
        writeln!(f, "  stands    {file}:{line}")?;
        writeln!(f, "  judges    {}", self.scope)?;
        writeln!(f, "\nclauses")?;
        for (id, demand) in &self.clauses {
            writeln!(f, "  {id}  {}", demand.as_deref().unwrap_or("(not in the register)"))?;
        }
        if self.clauses.is_empty() {
            writeln!(f, "  none")?;
        }
        writeln!(f, "\ncheck {}: {}", self.check.id, self.check.title)?;
        self.parameters.iter().try_for_each(|parameter| writeln!(f, "  {parameter}"))?;
        for over in &self.overrides {
            writeln!(f, "\nexcept    {}", over.scope)?;
            over.parameters.iter().try_for_each(|parameter| writeln!(f, "  {parameter}"))?;
            if let Some(severity) = over.severity {
                writeln!(f, "  severity  {severity}")?;
            }
            writeln!(f, "  because   {}", over.reason)?;
            writeln!(f, "  stands    {}:{}", over.at.file, over.at.line)?;
        }
        writeln!(f, "\n{}", checks::docs(self.check).trim_end())?;
        writeln!(f, "\n## How to fix\n{}", self.rule.remedy)
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(PolicyAt { file, line }) => write!(f, "{} = {}  ({file}:{line})", self.name, self.value),
            None => write!(f, "{} = {}  (default)", self.name, self.value),
        }
    }
}
