//! Tests of policies, as users write them: given facts, an instant, and what the rules must say of them.
//!
//! Here the files are read, with everything that is wrong with them; `evaluate` carries the tests out.

mod inventory;
pub(super) mod tables;

use std::sync::Arc;

use super::diagnostic::{Diagnostic, Level, quoted};
use super::place::{At, File, SourceFile};
use super::row::Row;
use super::suggest::{closest, did_you_mean};
use super::{Policy, read};
use crate::model::Instant;
use crate::model::arn;
use crate::model::assessment::PolicyAt;
use crate::model::inventory::Inventory;
use crate::model::outcome::Outcome;
use crate::model::text::Text;

pub use inventory::parse as parse_inventory;

/// One test.
#[derive(Clone, Debug)]
pub struct Test {
    /// What it shows.
    pub name: Text,
    /// Where it stands.
    pub at: PolicyAt,
    /// The instant of judgement.
    pub as_of: Instant,
    /// The facts.
    pub inventory: Inventory,
    /// What must come of them; at least one.
    pub expect: Vec<Expectation>,
}

/// What one rule must say.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The rule.
    pub rule: Text,
    /// The resource by ARN, name or id, or the group; absent where the rule gives one verdict alone.
    pub resource: Option<Text>,
    /// The outcome; `None` when the rule must not judge the resource.
    pub outcome: Option<Outcome>,
    /// What the sentence must contain.
    pub reason: Option<Text>,
    /// Where it stands.
    pub at: PolicyAt,
}

/// Load tests of a policy.
///
/// # Errors
/// Everything that is wrong in any of the files: keys and values, facts that no inventory holds, unknown rules and
/// resources, tests that expect nothing, files without a test.
pub fn load(files: &[SourceFile], policy: &Policy) -> Result<Vec<Test>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let files: Vec<Arc<File>> = files.iter().map(|file| File::new(&file.name, &file.text)).collect();
    let mut tests = Vec::new();
    for file in &files {
        let Some(document) = read::file(file, &tables::DOCUMENT, &mut problems) else { continue };
        let rows = document.rows("test");
        if rows.is_empty() && document.spoiled.is_empty() {
            let problem = Diagnostic::error("no-tests", "this file has no test").at(&At::new(file, 0..0), "");
            problems.push(problem.help("write `[[test]]` with `name`, `as_of`, `inventory` and `expect`"));
        }
        twice(rows, &mut problems);
        let mut reader = Reader { policy, document: &document, problems: &mut problems };
        tests.extend(rows.iter().filter_map(|row| reader.test(row)));
    }
    super::load::sort(&mut problems, files.iter());
    // What is wrong with facts that several tests share is said once.
    problems.dedup();
    if problems.iter().any(|problem| problem.level == Level::Error) { Err(problems) } else { Ok(tests) }
}

fn twice(rows: &[Row<'_>], problems: &mut Vec<Diagnostic>) {
    let named: Vec<(&Text, &At)> = rows.iter().filter_map(|row| Some((row.text("name")?, row.place("name")))).collect();
    for (index, (name, at)) in named.iter().enumerate() {
        if let Some((_, first)) = named.iter().take(index).find(|(known, _)| known == name) {
            let problem = Diagnostic::error("duplicate", format!("the test {} stands twice", quoted(name)));
            problems.push(problem.at(at, "again").at(first, "first").help("say in its name what it shows besides"));
        }
    }
}

struct Reader<'r, 'a> {
    policy: &'r Policy,
    document: &'r Row<'a>,
    problems: &'r mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn test(&mut self, row: &Row<'_>) -> Option<Test> {
        let complete = read::require(row, self.problems);
        let as_of = row.time("as_of").or_else(|| self.document.time("as_of"));
        if as_of.is_none() && [row, self.document].iter().all(|row| !row.spoiled.contains("as_of")) {
            let problem = Diagnostic::error("no-instant", "the test does not say for which instant it judges");
            let problem = problem.at(row.place("name"), "in this test");
            self.problems.push(problem.help("write `as_of = 2026-11-22T00:00:00Z` in it, or at the head of the file"));
        }
        if row.has("expect") && row.rows("expect").is_empty() {
            let problem = Diagnostic::error("expects-nothing", "the test expects nothing");
            let problem = problem.at(row.place("expect"), "nothing");
            self.problems
                .push(problem.help("write for example `expect = [{ rule = \"daily-backup\", outcome = \"pass\" }]`"));
        }
        let as_of = as_of?;
        let shared = self.document.raw("inventory");
        let inventory = inventory::read(shared, row.raw("inventory"), as_of, &row.at.file, self.problems);
        let expect: Vec<Option<Expectation>> =
            row.rows("expect").iter().map(|row| self.expectation(row, inventory.as_ref())).collect();
        Some(Test {
            name: row.text("name").filter(|_| complete)?.clone(),
            at: row.place("name").policy_at(),
            as_of,
            inventory: inventory?,
            expect: expect.into_iter().collect::<Option<Vec<_>>>()?,
        })
    }

    fn expectation(&mut self, row: &Row<'_>, inventory: Option<&Inventory>) -> Option<Expectation> {
        let complete = read::require(row, self.problems);
        self.rule(row);
        if let Some(inventory) = inventory {
            self.resource(row, inventory);
        }
        let word = row.text("outcome")?;
        complete.then_some(())?;
        Some(Expectation {
            rule: row.text("rule")?.clone(),
            resource: row.text("resource").cloned(),
            outcome: Outcome::ALL.into_iter().find(|outcome| *word == outcome.id()),
            reason: row.text("reason").cloned(),
            at: row.place("rule").policy_at(),
        })
    }

    /// The rule must be one of the policy's.
    fn rule(&mut self, row: &Row<'_>) {
        let Some(word) = row.word("rule") else { return };
        let known = || self.policy.rules.iter().map(|rule| rule.info.id.as_str());
        if known().any(|id| word.text == id) {
            return;
        }
        let off = self.policy.disabled.iter().find(|disabled| disabled.id == word.text);
        let problem = match off {
            Some(disabled) => {
                let place = format!("{}:{}", disabled.at.file, disabled.at.line);
                Diagnostic::error("disabled-rule", format!("the rule {} is switched off", quoted(&word.text)))
                    .help(format!("it is switched off at {place}; take the expectation away, or switch it on"))
            }
            None => {
                let help = match closest(&word.text, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`lastgood policy list` shows the rules".to_owned(),
                };
                Diagnostic::error("unknown-rule", format!("there is no rule {}", quoted(&word.text))).help(help)
            }
        };
        self.problems.push(problem.at(&word.at, ""));
    }

    /// The resource must be one thing of the inventory, or a group.
    fn resource(&mut self, row: &Row<'_>, inventory: &Inventory) {
        let Some(word) = row.word("resource") else { return };
        if word.text == "estate" || word.text.starts_with("application:") {
            return;
        }
        let named =
            inventory.resources.iter().filter(|resource| names(&word.text, &resource.arn, resource.display_name()));
        match named.count() {
            1 => {}
            0 => {
                let known = inventory.resources.iter().flat_map(|resource| [arn::short(&resource.arn), &*resource.arn]);
                let help = did_you_mean(&word.text, "its resources are", known);
                let message = format!("the inventory has no resource {}", quoted(&word.text));
                self.problems.push(Diagnostic::error("unknown-resource", message).at(&word.at, "").help(help));
            }
            count => {
                let message = format!("{} names {count} resources", quoted(&word.text));
                let problem = Diagnostic::error("ambiguous-resource", message).at(&word.at, "");
                self.problems.push(problem.help("write the whole ARN"));
            }
        }
    }
}

/// Whether an expectation's word means this thing: by its ARN, by the last part of it, or by its name.
pub fn names(word: &str, id: &str, name: &str) -> bool {
    word == id || word == arn::short(id) || word == name
}
