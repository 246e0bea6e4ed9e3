//! Framework mappings: which clauses and rules of the policy show how much of which outside control.
//!
//! A user's own mapping is held to the policy: an id that the policy does not have is an error. The
//! shipped ones are written for the shipped policy and follow whatever a user makes of it: what the
//! user's policy lacks is listed as missing, and a control with something missing is never passed.

mod shipped;
pub(super) mod tables;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::diagnostic::{Diagnostic, Level, quoted};
use super::place::{At, File, SourceFile};
use super::row::{Row, Word};
use super::suggest::did_you_mean;
use super::{Policy, Rule, dialect, read};
use crate::checks::ParamType;
use crate::model::framework::Strength;
use crate::model::inventory::hex;
use crate::model::span::Span;
use crate::model::text::Text;

pub use shipped::{SHIPPED, shipped, sources};

/// A framework and its mapped controls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Framework {
    /// Its id.
    pub id: Text,
    /// Its name and edition.
    pub title: Text,
    /// What the mapping leaves out.
    pub note: Text,
    /// SHA-256 of the file.
    pub sha256: Text,
    /// Its controls, in the order of the file.
    pub controls: Vec<Control>,
}

/// A control with what shows how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Its number in the framework.
    pub id: Text,
    /// What it asks, in our words.
    pub title: Text,
    /// How much of it the rules can show.
    pub strength: Strength,
    /// The clauses that are named.
    pub clauses: Vec<Text>,
    /// Clauses among them that are not in force yet.
    pub planned: Vec<Text>,
    /// The rules that are judged: those named and those that serve the clauses, in the policy's order.
    pub rules: Vec<Text>,
    /// What is named and not judged by the policy.
    pub missing: Vec<Text>,
    /// Where the rules demand less than the control.
    pub shortfalls: Vec<Text>,
    /// What it shows and what it does not.
    pub rationale: Text,
}

/// Load mappings for `policy`.
///
/// # Errors
/// Everything that is wrong in any of the files: keys, values, ids that the policy does not have or that
/// stand twice, and a `full` that claims too much.
pub fn load(files: &[SourceFile], policy: &Policy) -> Result<Vec<Framework>, Vec<Diagnostic>> {
    let (frameworks, problems) = read_all(files, policy);
    if problems.iter().any(|problem| problem.level == Level::Error) {
        return Err(problems);
    }
    Ok(frameworks)
}

/// What the files hold, and what is wrong with them. For who passes over the problems, an id that the policy does
/// not have is among what is missing, and a claim that the policy does not bear out is lowered.
fn read_all(files: &[SourceFile], policy: &Policy) -> (Vec<Framework>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let files: Vec<Arc<File>> = files.iter().map(|file| File::new(&file.name, &file.text)).collect();
    let documents: Vec<(&Arc<File>, Row<'_>)> = files
        .iter()
        .filter_map(|file| {
            let row = read::file(file, &tables::DOCUMENT, &mut problems)?;
            dialect::warn(file, &mut problems);
            Some((file, row))
        })
        .collect();
    let heads: Vec<&Row<'_>> = documents.iter().filter_map(|(_, document)| document.row("framework")).collect();
    twice(&heads, "framework", &mut problems);
    let mut frameworks = Vec::new();
    for (file, document) in &documents {
        frameworks.extend(Reading { policy, problems: &mut problems }.framework(file, document));
    }
    super::load::sort(&mut problems, files.iter());
    (frameworks, problems)
}

/// Report ids that stand twice, both places shown.
fn twice(rows: &[&Row<'_>], what: &str, problems: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&Text, &At> = HashMap::new();
    for row in rows {
        let Some(id) = row.text("id") else { continue };
        let at = row.place("id");
        if let Some(known) = first.insert(id, at) {
            let problem = Diagnostic::error("duplicate", format!("the {what} {} stands twice", quoted(id)));
            problems.push(problem.at(at, "again").at(known, "first").help("make one of the two"));
        }
    }
}

struct Reading<'r> {
    policy: &'r Policy,
    problems: &'r mut Vec<Diagnostic>,
}

impl Reading<'_> {
    fn framework(&mut self, file: &File, document: &Row<'_>) -> Option<Framework> {
        let complete = read::require(document, self.problems);
        let rows: Vec<&Row<'_>> = document.rows("control").iter().collect();
        twice(&rows, "control", self.problems);
        let controls: Vec<Option<Control>> = rows.iter().map(|row| self.control(row)).collect();
        let head = document.row("framework")?;
        if complete && rows.is_empty() && !document.spoiled.contains("control") {
            let problem = Diagnostic::error("no-controls", "the mapping has no control");
            self.problems.push(problem.at(&head.at, "").help("write `[[control]]`"));
        }
        read::require(head, self.problems).then_some(())?;
        Some(Framework {
            id: head.text("id")?.clone(),
            title: head.text("title")?.clone(),
            note: head.text("note")?.clone(),
            sha256: hex(&Sha256::digest(&file.text)).into(),
            controls: controls.into_iter().flatten().collect(),
        })
    }

    fn control(&mut self, row: &Row<'_>) -> Option<Control> {
        let complete = read::require(row, self.problems);
        let mut missing = Vec::new();
        let mut planned = Vec::new();
        let mut judged: Vec<bool> = vec![false; self.policy.rules.len()];
        for word in row.words("clauses") {
            self.clause(word, &mut judged, &mut planned, &mut missing);
        }
        for word in row.words("rules") {
            match self.policy.rules.iter().zip(&mut judged).find(|(rule, _)| rule.info.id == word.text) {
                Some((_, judged)) => *judged = true,
                None => self.no_rule(word, &mut missing),
            }
        }
        let named = row.has("clauses") || row.has("rules");
        if complete && !named && !["clauses", "rules"].iter().any(|key| row.spoiled.contains(key)) {
            let id = row.text("id").map(|id| quoted(id)).unwrap_or_default();
            let problem = Diagnostic::error("maps-nothing", format!("the control {id} names no clause and no rule"));
            self.problems.push(problem.at(row.place("id"), "").help("give `clauses` or `rules`"));
        }
        let rules: Vec<&Rule> =
            self.policy.rules.iter().zip(judged).filter(|(_, judged)| *judged).map(|(rule, _)| rule).collect();
        let demands = row.rows("demand");
        let shortfalls: Vec<Text> = demands.iter().flat_map(|row| self.shortfalls(row, &rules)).collect();
        let strength = row.text("strength").and_then(|word| Strength::ALL.into_iter().find(|s| s.id() == &**word))?;
        let strength = self.claimed(strength, row, &shortfalls, &planned);
        let text = |key| row.text(key).cloned();
        complete.then_some(())?;
        Some(Control {
            id: text("id")?,
            title: text("title")?,
            strength,
            clauses: row.texts("clauses"),
            planned,
            rules: rules.iter().map(|rule| rule.info.id.clone()).collect(),
            missing,
            shortfalls,
            rationale: text("rationale")?,
        })
    }

    fn clause(&mut self, word: &Word, judged: &mut [bool], planned: &mut Vec<Text>, missing: &mut Vec<Text>) {
        let Some(clause) = self.policy.clauses.iter().find(|clause| clause.id == word.text) else {
            missing.push(format!("clause {}: not in the register", word.text).into());
            let known = self.policy.clauses.iter().map(|clause| clause.id.as_str());
            let help = did_you_mean(&word.text, "the clauses are", known);
            let message = format!("there is no clause {}", quoted(&word.text));
            self.problems.push(Diagnostic::error("unknown-clause", message).at(&word.at, "unknown").help(help));
            return;
        };
        if !clause.in_force {
            planned.push(clause.id.clone());
        }
        let mut served = false;
        for (rule, judged) in self.policy.rules.iter().zip(judged) {
            if rule.info.clauses.contains(&clause.id) {
                (*judged, served) = (true, true);
            }
        }
        if !served {
            missing.push(format!("clause {}: no rule judges it", clause.id).into());
        }
    }

    fn no_rule(&mut self, word: &Word, missing: &mut Vec<Text>) {
        let off = self.policy.disabled.iter().any(|rule| rule.id == word.text);
        let why = if off { "switched off" } else { "not in the policy" };
        missing.push(format!("rule {}: {why}", word.text).into());
        if !off {
            let known = self.policy.rules.iter().map(|rule| rule.info.id.as_str());
            let help = did_you_mean(&word.text, "the rules are", known);
            let message = format!("there is no rule {}", quoted(&word.text));
            self.problems.push(Diagnostic::error("unknown-rule", message).at(&word.at, "unknown").help(help));
        }
    }

    /// Where a rule, or an override of it, demands less than the control.
    fn shortfalls(&mut self, row: &Row<'_>, rules: &[&Rule]) -> Vec<Text> {
        if !read::require(row, self.problems) {
            return Vec::new();
        }
        let (least, most) = (row.span("at_least"), row.span("at_most"));
        if least.is_none() && most.is_none() && row.spoiled.is_empty() {
            let problem = Diagnostic::error("no-bound", "the demand sets no bound").at(&row.at, "");
            self.problems.push(problem.help("give `at_least` or `at_most`"));
        }
        let (Some(id), Some(name)) = (row.word("rule"), row.word("parameter")) else { return Vec::new() };
        let Some(rule) = rules.iter().find(|rule| rule.info.id == id.text) else {
            if !self.policy.disabled.iter().any(|rule| rule.id == id.text) {
                let message = format!("the rule {} is not judged for this control", quoted(&id.text));
                let help = did_you_mean(&id.text, "its rules are", rules.iter().map(|rule| rule.info.id.as_str()));
                self.problems.push(Diagnostic::error("unknown-rule", message).at(&id.at, "unknown").help(help));
            }
            return vec![format!("rule {}, of which the control asks something, is not judged", id.text).into()];
        };
        let spans = rule.check_info.params.iter().filter(|param| param.ty == ParamType::Span).map(|param| param.name);
        if !spans.clone().any(|known| name.text == *known) {
            let message = format!("`{}` has no length of time {}", rule.check_info.id, quoted(&name.text));
            let help = did_you_mean(&name.text, "its lengths of time are", spans);
            self.problems.push(Diagnostic::error("unknown-parameter", message).at(&name.at, "unknown").help(help));
            return vec![format!("rule {} has no `{}`", id.text, name.text).into()];
        }
        let infos = std::iter::once(&rule.info).chain(rule.overrides.iter().map(|other| &other.info));
        let given = infos.map(|info| info.expected.get(&name.text).and_then(|value| value.as_str()?.parse().ok()));
        let mut short: Vec<Text> =
            given.filter_map(|given| shortfall(&id.text, &name.text, given, least, most)).collect();
        short.dedup();
        short
    }

    /// The strength that may be claimed.
    fn claimed(&mut self, strength: Strength, row: &Row<'_>, short: &[Text], planned: &[Text]) -> Strength {
        let why = match (short.first(), planned.first()) {
            (Some(short), _) => short.to_string(),
            (None, Some(clause)) => format!("clause {clause} is only planned"),
            (None, None) => return strength,
        };
        if strength != Strength::Full {
            return strength;
        }
        let problem = Diagnostic::error("overclaimed", format!("`full` claims too much: {why}"));
        let help = "write `partial` or `supporting`, or demand more by the rule";
        self.problems.push(problem.at(row.place("strength"), "claimed here").help(help));
        Strength::Partial
    }
}

/// What a rule demands too little.
fn shortfall(rule: &str, name: &str, given: Option<Span>, least: Option<Span>, most: Option<Span>) -> Option<Text> {
    let Some(given) = given else {
        return Some(format!("`{name}` of rule {rule} is not set, and the control sets a bound").into());
    };
    let asks = match (least, most) {
        (Some(least), _) if given < least => format!("at least {least}"),
        (_, Some(most)) if given > most => format!("at most {most}"),
        _ => return None,
    };
    Some(format!("`{name}` of rule {rule} is {given}, and the control asks for {asks}").into())
}
