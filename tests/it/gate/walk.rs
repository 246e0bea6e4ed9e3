//! Nothing of the specification is without its test.

/// The requirements of a gate over Terraform plans, by their numbers, and the rows of the behaviour matrix.
const REQUIREMENTS: u32 = 14;
const ROWS: u32 = 20;

fn numbered(prefix: char, file: &str) -> Vec<u32> {
    let text = std::fs::read_to_string(file).unwrap();
    let tests = text.split("#[test]").skip(1);
    let named = tests.filter_map(|test| {
        let name = test.trim_start().strip_prefix("fn ")?.strip_prefix(prefix)?;
        name.split('_').next()?.parse().ok()
    });
    named.collect()
}

#[test]
fn every_requirement_and_every_row_has_a_test() {
    let all: Vec<u32> = ["requirements.rs", "requirements/inputs.rs", "requirements/values.rs"]
        .iter()
        .flat_map(|file| numbered('r', &format!("tests/it/gate/{file}")))
        .collect();
    let missing: Vec<u32> = (1..=REQUIREMENTS).filter(|number| !all.contains(number)).collect();
    assert!(missing.is_empty(), "requirements without a test: {missing:?}");
    let rows = numbered('m', "tests/it/gate/matrix.rs");
    let missing: Vec<u32> = (1..=ROWS).filter(|number| !rows.contains(number)).collect();
    assert!(missing.is_empty(), "rows without a test: {missing:?}");
}

/// What a check says of the gate is so: it judges code, or no verdict of it comes out of one.
#[test]
fn every_check_says_whether_it_judges_code_and_is_left_out_or_judged() {
    use lastgood::checks::CHECKS;
    let plan = super::plan("matrix");
    let gated = super::gate_with(&plan, None, lastgood::evaluate::change::Scope::All, &super::shipped());
    let of_gate = [
        "cadence",
        "backup-window",
        "copy-tiers",
        "automated",
        "incremental",
        "failure-notification",
        "retention-minimum",
        "versioning",
        "version-restore",
        "encryption",
        "access",
        "immutability",
        "condition",
    ];
    let policy = super::shipped();
    for check in CHECKS {
        assert_eq!(check.remedy_in_code.is_some(), of_gate.contains(&check.id), "{}", check.id);
        if let Some(remedy) = check.remedy_in_code {
            for words in [remedy.terraform, remedy.template] {
                assert!(!words.is_empty() && !words.ends_with('.') && !words.contains("aws backup put"), "{words}");
            }
            assert!(!remedy.template.contains("aws_"), "{}", remedy.template);
        }
        let judged = gated.assessment.verdicts.iter().any(|verdict| *verdict.rule.check == *check.id);
        for rule in policy.rules.iter().filter(|rule| rule.check_info.id == check.id) {
            let left_out = gated.left_out.contains(&rule.info.id);
            assert_eq!(left_out, check.remedy_in_code.is_none(), "{}", rule.info.id);
        }
        assert!(!judged || check.remedy_in_code.is_some(), "{} judged code", check.id);
    }
    // A clause that needs observation is said to be not assessed, and is no pass.
    let clause = gated.assessment.clauses.iter().find(|clause| &*clause.id == "3.1").unwrap();
    assert_eq!(clause.status, lastgood::model::outcome::Outcome::NotApplicable);
    assert!(clause.not_assessed.as_ref().unwrap().contains("needs observation"));
}
