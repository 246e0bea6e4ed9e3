//! Rules and their overrides: from merged rows to something that judges.

use std::sync::Arc;

use super::condition;
use super::diagnostic::{Diagnostic, quoted};
use super::params::{self, Given, Prepared};
use super::read;
use super::row::{Row, Word};
use super::scope;
use super::selector::Selector;
use super::suggest::did_you_mean;
use super::{Clause, Disabled, Override, Rule};
use crate::checks::CheckInfo;
use crate::model::assessment::RuleInfo;
use crate::model::outcome::Severity;
use crate::model::text::Text;

/// What rules are resolved against.
pub(super) struct Rules<'r> {
    /// The checks that there are.
    pub(super) checks: &'r [&'static CheckInfo],
    /// The register; rules may name any clause where there is none.
    pub(super) clauses: &'r [Clause],
    /// Whether names may stand in a file that could not be read: unknown ones are then not reported.
    pub(super) partial: bool,
    /// What is wrong.
    pub(super) problems: &'r mut Vec<Diagnostic>,
}

/// The rules that judge, and those switched off.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) rules: Vec<Rule>,
    pub(super) disabled: Vec<Disabled>,
}

/// A rule on its way: what could be told of it.
struct Draft {
    id: Text,
    check: &'static CheckInfo,
    given: Option<Given>,
    rule: Option<Rule>,
    disabled: Option<Disabled>,
}

impl Rules<'_> {
    /// Resolve all rules, then the overrides of each.
    pub(super) fn resolve(&mut self, rules: &[Row<'_>], overrides: &[Row<'_>]) -> Resolved {
        let mut drafts: Vec<Draft> = rules.iter().filter_map(|row| self.draft(row)).collect();
        for row in overrides {
            self.apply(row, rules, &mut drafts);
        }
        let mut resolved = Resolved::default();
        for draft in drafts {
            match draft.disabled {
                Some(disabled) => resolved.disabled.push(disabled),
                None => resolved.rules.extend(draft.rule),
            }
        }
        resolved
    }

    fn draft(&mut self, row: &Row<'_>) -> Option<Draft> {
        let complete = read::require(row, self.problems);
        self.clauses(row.words("clauses"));
        let check = self.check(&row.word("check")?)?;
        let scope = row.row("scope").map(|row| scope::selector(row, check, self.problems)).unwrap_or_default();
        let kinds = if scope.kinds.is_empty() { check.kinds } else { &scope.kinds };
        let given = self.given(row, check).filter(|given| condition::fits(check, given, kinds, self.problems));
        if !complete {
            return None;
        }
        let id = row.text("id")?.clone();
        let place = row.place("id");
        let prepared = given.as_ref().and_then(|given| params::prepare(check, given, place, self.problems));
        let rule = prepared.map(|prepared| {
            let info = info(row, check, &prepared);
            let kinds = if scope.kinds.is_empty() { check.kinds.to_vec() } else { scope.kinds.clone() };
            Rule {
                info: Arc::new(info),
                check_info: check,
                check: prepared.check,
                scope: Selector { kinds, ..scope },
                overrides: Vec::new(),
                may_match_nothing: row.flag("may_match_nothing"),
                origins: prepared.origins,
            }
        });
        let disabled =
            (!row.flag("enabled")).then(|| Disabled { id: id.clone(), at: row.place("enabled").policy_at() });
        Some(Draft { id, check, given, rule, disabled })
    }

    fn given(&mut self, row: &Row<'_>, check: &CheckInfo) -> Option<Given> {
        let given = params::read(check, row.loose("with"), self.problems);
        given.filter(|_| !row.spoiled.contains("with"))
    }

    fn check(&mut self, word: &Word) -> Option<&'static CheckInfo> {
        let found = self.checks.iter().copied().find(|check| word.text == check.id);
        if found.is_none() {
            let help = did_you_mean(&word.text, "the checks are", self.checks.iter().map(|check| check.id));
            let problem = Diagnostic::error("unknown-check", format!("there is no check {}", quoted(&word.text)));
            self.problems.push(problem.at(&word.at, "unknown check").help(help));
        }
        found
    }

    fn clauses(&mut self, named: &[Word]) {
        if self.clauses.is_empty() || self.partial {
            return;
        }
        for word in named {
            let known = self.clauses.iter().map(|clause| clause.id.as_str());
            if !known.clone().any(|id| word.text == id) {
                let message = format!("the register has no clause {}", quoted(&word.text));
                // Numbers that differ in one digit are all alike: a guess would mislead.
                let help = format!("correct the number, or register it: `[[clause]]` with `id = \"{}\"`", word.text);
                self.problems
                    .push(Diagnostic::error("unknown-clause", message).at(&word.at, "unknown clause").help(help));
            }
            let unassessed = self.clauses.iter().find(|clause| clause.id == word.text && clause.not_assessed.is_some());
            if let Some(clause) = unassessed {
                let place = format!("{}:{}", clause.at.file, clause.at.line);
                let message = format!("the register says that clause {} is not assessed ({place})", quoted(&word.text));
                let help = "take `not_assessed` out of the register, or the clause out of the rule";
                self.problems.push(Diagnostic::error("not-assessed", message).at(&word.at, "not assessed").help(help));
            }
        }
    }

    fn apply(&mut self, row: &Row<'_>, rows: &[Row<'_>], drafts: &mut [Draft]) {
        let complete = read::require(row, self.problems);
        let Some(name) = row.word("rule") else { return };
        let Some(draft) = drafts.iter_mut().find(|draft| draft.id == name.text) else {
            let ids = rows.iter().filter_map(|row| row.text("id")).map(Text::as_str);
            // A rule that is there and could not be made ready has been reported itself.
            if !self.partial && !ids.clone().any(|id| name.text == id) {
                let help = did_you_mean(&name.text, "the rules are", ids);
                let problem = Diagnostic::error("unknown-rule", format!("there is no rule {}", quoted(&name.text)));
                self.problems.push(problem.at(&name.at, "unknown rule").help(help));
            }
            return;
        };
        if ["with", "severity"].iter().all(|key| !row.has(key) && !row.spoiled.contains(key)) {
            let problem = Diagnostic::error("empty-override", "this override changes nothing").at(&name.at, "");
            self.problems.push(problem.help("give it `with` or `severity`"));
        }
        let check = draft.check;
        let scope = row.row("scope").map(|scope| {
            if scope.entries.is_empty() && scope.spoiled.is_empty() {
                let problem = Diagnostic::error("empty-scope", "the scope of an override is empty").at(&scope.at, "");
                self.problems.push(problem.help("to change the rule for everything, change the rule itself"));
            }
            scope::selector(scope, check, self.problems)
        });
        let changed = self.given(row, check);
        let kinds = draft.rule.as_ref().map_or(check.kinds, |rule| &rule.scope.kinds);
        let changed = changed.filter(|changed| condition::fits(check, changed, kinds, self.problems));
        let (Some(scope), Some(changed), true) = (scope, changed, complete) else { return };
        let Some(given) = &draft.given else { return };
        let merged = given.iter().chain(&changed).map(|(name, value)| (*name, value.clone())).collect();
        let Some(prepared) = params::prepare(check, &merged, &name.at, self.problems) else { return };
        let Some(rule) = &mut draft.rule else { return };
        let info = RuleInfo {
            severity: severity(row).unwrap_or(rule.info.severity),
            expected: prepared.expected,
            policy_at: name.at.policy_at(),
            ..RuleInfo::clone(&rule.info)
        };
        rule.overrides.push(Override {
            info: Arc::new(info),
            check: prepared.check,
            scope,
            reason: row.text("reason").cloned().unwrap_or_default(),
            origins: prepared.origins,
        });
    }
}

fn info(row: &Row<'_>, check: &CheckInfo, prepared: &Prepared) -> RuleInfo {
    RuleInfo {
        id: row.text("id").cloned().unwrap_or_default(),
        title: row.text("title").cloned().unwrap_or_else(|| Text::from(check.title)),
        check: Text::from(check.id),
        clauses: row.texts("clauses"),
        severity: severity(row).unwrap_or(Severity::Medium),
        expected: prepared.expected.clone(),
        remedy: row.text("remedy").cloned().unwrap_or_else(|| Text::from(check.remedy)),
        policy_at: row.place("id").policy_at(),
    }
}

fn severity(row: &Row<'_>) -> Option<Severity> {
    let word = row.text("severity")?;
    Severity::ALL.into_iter().find(|severity| *word == severity.id())
}
