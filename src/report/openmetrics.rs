//! Metrics in the text form that both OpenMetrics 1.0 and Prometheus' classic parser read: the textfile collector of
//! `node_exporter` knows the classic one only, so every family is a gauge.

use std::collections::BTreeMap;
use std::io;

use super::RenderOptions;
use super::conclusion::{Conclusion, Standing};
use super::safe::visible;
use super::words;
use crate::model::assessment::{Assessment, Summary};
use crate::model::outcome::Outcome;

/// So many series of last good copies are written, the oldest first; how many more there are is a metric.
const MOST_SERIES: usize = 10_000;

/// The labels of a series, with its value.
type Series = (Vec<(&'static str, String)>, i64);

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let (run, policy) = (&assessment.run, &assessment.policy);
    let conclusion = Conclusion::of(assessment);
    let label = |name, value: &str| (name, value.to_owned());
    let about = vec![
        label("version", &run.version),
        label("policy", &policy.id),
        label("policy_version", &policy.version),
        label("policy_sha256", &policy.sha256),
    ];
    family(out, "lastgood_info", "What judged, by which policy.", "", &[(about, 1)])?;
    let at = [(Vec::new(), run.as_of.timestamp())];
    let (what, unit) = ("The instant for which everything was judged.", "seconds");
    family(out, "lastgood_run_timestamp_seconds", what, unit, &at)?;
    let compliant = [(Vec::new(), i64::from(conclusion.standing == Standing::Compliant))];
    let what = "1 where the policy is kept and that is proven, 0 where it is not, or not proven.";
    family(out, "lastgood_compliant", what, "", &compliant)?;
    family(out, "lastgood_gaps", "Things that could not be read.", "", &[(Vec::new(), signed(conclusion.gaps))])?;
    family(out, "lastgood_verdicts", "Verdicts by rule, severity and outcome.", "", &verdicts(assessment))?;
    let what = "1 for the status that a clause has, 0 for the others.";
    family(out, "lastgood_clause_status", what, "", &clauses(assessment))?;
    let (series, left) = last_good(assessment);
    let what = "When the last good copy of a resource was made, as a rule saw it.";
    family(out, "lastgood_last_good_timestamp_seconds", what, unit, &series)?;
    let what =
        "Resources that have no series of their last good copy because there were too many; the oldest are kept.";
    family(out, "lastgood_last_good_left_out", what, "", &[(Vec::new(), signed(left as u64))])?;
    writeln!(out, "# EOF")
}

fn family(out: &mut dyn io::Write, name: &str, help: &str, unit: &str, all: &[Series]) -> io::Result<()> {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge")?;
    if !unit.is_empty() {
        writeln!(out, "# UNIT {name} {unit}")?;
    }
    for (labels, value) in all {
        let labels: Vec<String> = labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
        if labels.is_empty() {
            writeln!(out, "{name} {value}")?;
        } else {
            writeln!(out, "{name}{{{}}} {value}", labels.join(","))?;
        }
    }
    Ok(())
}

/// A value of a label: what acts on a screen is written out, what has a meaning here is escaped.
fn escaped(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Every outcome of every rule, zeros too, so that an alert has something to watch.
fn verdicts(assessment: &Assessment) -> Vec<Series> {
    let mut counts: BTreeMap<(String, &str), Summary> = BTreeMap::new();
    for verdict in assessment.verdicts.iter().filter(|verdict| !verdict.is_of_baseline()) {
        let rule = &verdict.rule;
        counts.entry((visible(&rule.id).into_owned(), rule.severity.id())).or_default().add(verdict.outcome);
    }
    let each = |((rule, severity), summary): (&(String, &str), &Summary)| {
        Outcome::ALL.map(|outcome| {
            let labels = vec![
                ("rule", rule.clone()),
                ("severity", (*severity).to_owned()),
                ("outcome", outcome.id().to_owned()),
            ];
            (labels, signed(summary.of(outcome)))
        })
    };
    counts.iter().flat_map(each).collect()
}

fn clauses(assessment: &Assessment) -> Vec<Series> {
    // Two with the same number would be one series twice: the worse one counts.
    let mut all: BTreeMap<String, (Outcome, bool)> = BTreeMap::new();
    for clause in &assessment.clauses {
        let known = all.entry(visible(&clause.id).into_owned()).or_insert((clause.status, clause.in_force));
        *known = (known.0.and(clause.status), known.1 || clause.in_force);
    }
    let each = |(id, (status, in_force)): (&String, &(Outcome, bool))| {
        let (status, in_force) = (*status, *in_force);
        Outcome::ALL.map(|outcome| {
            let labels =
                vec![("clause", id.clone()), ("in_force", in_force.to_string()), ("status", outcome.id().to_owned())];
            (labels, i64::from(outcome == status))
        })
    };
    all.iter().flat_map(each).collect()
}

/// The series, the oldest first, and how many are left out.
fn last_good(assessment: &Assessment) -> (Vec<Series>, usize) {
    let mut all: BTreeMap<[String; 4], i64> = BTreeMap::new();
    for verdict in &assessment.verdicts {
        let Some(at) = words::last_good(verdict).map(|at| at.timestamp()) else { continue };
        let subject = &verdict.subject;
        let names = [&verdict.rule.id, &subject.resource, &subject.account, &subject.region];
        let known = all.entry(names.map(|name| visible(name).into_owned())).or_insert(at);
        *known = at.min(*known);
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, at)| *at);
    let left = all.len().saturating_sub(MOST_SERIES);
    all.truncate(MOST_SERIES);
    let series = all.into_iter().map(|([rule, resource, account, region], at)| {
        (vec![("rule", rule), ("resource", resource), ("account", account), ("region", region)], at)
    });
    (series.collect(), left)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
