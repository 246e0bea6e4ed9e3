//! Templates in the patterns of AWS's documentation, each judged by the shipped policy. The snapshots are read by eye.

use std::path::PathBuf;

use lastgood::evaluate::change::{self, Scope};
use lastgood::policy::{builtin, load};
use rstest::rstest;

use super::{iac, now, read};

#[rstest]
fn a_pattern_is_judged_as_its_snapshot_says(#[files("fixtures/iac/cloudformation/patterns/*.*")] path: PathBuf) {
    let policy = load(&builtin::default().unwrap().sources()).unwrap_or_else(|_| panic!("the shipped policy is valid"));
    let mut reading = read(&std::fs::read(&path).unwrap(), &[("AWS::Region", "eu-west-2")]).unwrap();
    iac::join(&mut reading, None);
    let gated = change::evaluate(&policy, &reading.after, None, now(), Scope::OnlyChanges);
    let mut said: Vec<String> = gated
        .assessment
        .verdicts
        .iter()
        .map(|verdict| {
            format!("{} {} {}: {}", verdict.subject.name, verdict.outcome, verdict.rule.id, verdict.reason())
        })
        .collect();
    said.sort();
    let gaps = gated.assessment.inventory.gaps.iter().filter_map(|gap| gap.message.as_deref());
    said.extend(gaps.map(|gap| format!("gap: {gap}")));
    let name = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
    insta::with_settings!({ snapshot_path => "../../../fixtures/iac/cloudformation/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, said.join("\n"));
    });
}
