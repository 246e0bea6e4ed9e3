//! The headline of every report, and what it rests on.
//!
//! Nothing is judged here: the conclusion is the worst of what the assessment already holds. Clauses
//! that are planned are shown and not counted; absence of evidence is never compliance.

use std::collections::HashSet;

use crate::model::assessment::{Assessment, Summary};
use crate::model::outcome::Outcome;

use super::words::{counted, tally};

/// Whether the policy is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Everything that is in force and applies is met, and everything was read.
    Compliant,
    /// Nothing failed, but not everything could be judged.
    NotProven,
    /// A demand that is in force is not met.
    NotCompliant,
}

impl Standing {
    /// The headline.
    pub const fn headline(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NotProven => "NOT PROVEN",
            Self::NotCompliant => "NOT COMPLIANT",
        }
    }
}

/// The headline with its basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The headline.
    pub standing: Standing,
    /// Verdicts that count: of rules without a clause or with one in force.
    pub counted: Summary,
    /// Verdicts of rules that serve planned clauses only.
    pub planned: Summary,
    /// Findings about the policy itself, by outcome.
    pub policy: Summary,
    /// Number of findings that the baseline of a gate holds: shown as known, and counted nowhere else.
    pub known: u64,
    /// Number of things that could not be read.
    pub gaps: u64,
    /// Whether everything was read and could be judged, and something was. Says nothing of failures.
    pub proven: bool,
}

impl Conclusion {
    /// Draw it from an assessment.
    pub fn of(assessment: &Assessment) -> Self {
        let planned_clauses: HashSet<&str> =
            assessment.clauses.iter().filter(|clause| !clause.in_force).map(|clause| clause.id.as_str()).collect();
        let (mut counted, mut planned, mut policy) = (Summary::default(), Summary::default(), Summary::default());
        let mut known = 0;
        for verdict in &assessment.verdicts {
            if verdict.is_of_baseline() {
                known += 1;
                continue;
            }
            let clauses = &verdict.rule.clauses;
            let waits = !clauses.is_empty() && clauses.iter().all(|id| planned_clauses.contains(id.as_str()));
            if waits { &mut planned } else { &mut counted }.add(verdict.outcome);
        }
        for finding in &assessment.policy_findings {
            policy.add(finding.outcome);
        }
        let clauses = assessment.clauses.iter().filter(|clause| clause.in_force).map(|clause| clause.status);
        let clauses: Vec<Outcome> = clauses.collect();
        let gaps = assessment.inventory.gaps.len() as u64;
        let proven = gaps == 0
            && assessment.inventory.complete
            && counted.pass + counted.waived + counted.fail + known > 0
            && counted.unknown + policy.unknown == 0
            && !clauses.contains(&Outcome::Unknown);
        let worst = Outcome::all(clauses).and(worst(&counted)).and(worst(&policy));
        let standing = match worst {
            Outcome::Fail => Standing::NotCompliant,
            Outcome::Pass | Outcome::Waived if proven => Standing::Compliant,
            Outcome::NotApplicable if proven && known > 0 => Standing::Compliant,
            _ => Standing::NotProven,
        };
        Self { standing, counted, planned, policy, known, gaps, proven }
    }

    /// Why, in a sentence.
    pub fn basis(&self) -> String {
        let Summary { fail, unknown, waived, pass, .. } = self.counted;
        let mut parts = Vec::new();
        match fail {
            0 if fail + unknown + waived + pass == 0 => parts.push("nothing was judged".to_owned()),
            0 => parts.push("no demand failed".to_owned()),
            fail => parts.push(format!("{} failed", counted(fail, "verdict"))),
        }
        if unknown > 0 {
            parts.push(format!("{unknown} could not be judged"));
        }
        if waived > 0 {
            parts.push(format!("{waived} under an approved exception"));
        }
        if pass > 0 {
            parts.push(format!("{pass} passed"));
        }
        if self.gaps > 0 {
            parts.push(format!("{} could not be read", counted(self.gaps, "thing")));
        }
        if self.policy.fail + self.policy.unknown > 0 {
            parts.push(format!(
                "{} about the policy itself",
                counted(self.policy.fail + self.policy.unknown, "finding")
            ));
        }
        if self.known > 0 {
            parts.push(format!("{} of the baseline, known before and not counted", counted(self.known, "finding")));
        }
        let planned = self.planned.total();
        if planned > 0 {
            parts.push(format!(
                "{} of planned clauses not counted ({})",
                counted(planned, "verdict"),
                tally(&self.planned)
            ));
        }
        parts.join(", ")
    }

    /// What to do next, one step per line.
    pub fn next_steps(&self) -> Vec<&'static str> {
        let mut steps = Vec::new();
        if self.counted.fail > 0 {
            steps.push(
                "work through the failed verdicts, the most severe first; each rule says how to put its failures right",
            );
        }
        if self.gaps > 0 {
            steps.push("grant the named IAM actions to the role that scans, and scan again");
        } else if self.counted.unknown > 0 {
            steps.push("supply the missing evidence (logs, attestations, a wider scan), and scan again");
        }
        if self.policy.fail + self.policy.unknown > 0 {
            steps.push("put the policy right where findings name it; `lastgood policy check` shows the places");
        }
        if steps.is_empty() {
            steps.push("nothing is open; keep this assessment as evidence, and scan again within a day");
        }
        steps
    }
}

fn worst(summary: &Summary) -> Outcome {
    Outcome::all(Outcome::ALL.into_iter().filter(|outcome| summary.of(*outcome) > 0))
}
