//! The coverage of the written policy: which clause is judged by which rules, and how it is evidenced.

use serde::Serialize;

use super::Policy;

/// Every clause of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// In the order of the register.
    pub rows: Vec<Row>,
}

/// One clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its number.
    pub clause: String,
    /// Its demand, or why it is not assessed.
    pub demand: String,
    /// `in force`, `planned`, `not assessed`, or `NO RULE` for one in force that nothing judges.
    pub state: &'static str,
    /// How it is evidenced.
    pub evidence: String,
    /// The rules that serve it.
    pub rules: Vec<String>,
}

/// The coverage of a policy.
pub fn of(policy: &Policy) -> Coverage {
    let rows = policy.clauses.iter().map(|clause| {
        let serves = policy.rules.iter().filter(|rule| rule.info.clauses.contains(&clause.id));
        let rules: Vec<String> = serves.map(|rule| rule.info.id.to_string()).collect();
        let state = match (&clause.not_assessed, rules.is_empty(), clause.in_force) {
            (Some(_), ..) => "not assessed",
            (None, true, _) => "NO RULE",
            (None, false, true) => "in force",
            (None, false, false) => "planned",
        };
        let demand = clause
            .not_assessed
            .as_ref()
            .map_or_else(|| clause.demand.to_string(), |why| format!("{}: {why}", clause.demand));
        let evidence = clause.evidence.as_deref().unwrap_or("-").to_owned();
        Row { clause: clause.id.to_string(), demand, state, evidence, rules }
    });
    Coverage { rows: rows.collect() }
}

impl Coverage {
    /// How many clauses are in which state and evidenced how, in a line.
    pub fn totals(&self) -> String {
        let count = |test: &dyn Fn(&Row) -> bool| self.rows.iter().filter(|row| test(row)).count();
        let states = ["in force", "planned", "not assessed", "NO RULE"];
        let ways = ["checked", "logged", "attested", "procedure"];
        let list = |words: &[&str], of: &dyn Fn(&Row, &str) -> bool| {
            let parts = words.iter().map(|word| (count(&|row| of(row, word)), word)).filter(|(number, _)| *number > 0);
            parts.map(|(number, word)| format!("{number} {word}")).collect::<Vec<_>>().join(", ")
        };
        let by_state = list(&states, &|row, word| row.state == word);
        let by_way = list(&ways, &|row, word| row.evidence == word);
        format!("{} clauses: {by_state}; evidence: {by_way}", self.rows.len())
    }
}
