//! Large estates: what is shortened says so, with the right numbers.

use std::sync::Arc;

use lastgood::model::assessment::{Assessment, Verdict};
use lastgood::model::judgement::Judgement;
use lastgood::report::Format;

use super::{estate, plain};

/// `number` verdicts of one rule, one in three of them failed.
pub(super) fn assessment(number: u32) -> Assessment {
    let mut assessment = estate::assessment();
    let rule = Arc::clone(&assessment.verdicts[0].rule);
    assessment.verdicts = (0..number)
        .map(|at| {
            let judgement =
                if at % 3 == 0 { Judgement::fail("no usable recovery point") } else { Judgement::pass("all is well") };
            let day = if at % 3 == 0 { "++-+" } else { "++++" };
            let judgement = judgement
                .with("last_good", estate::at("2026-11-20T01:02:03Z"))
                .with("days_from", "2026-11-19")
                .with("days", day);
            Verdict::new(Arc::clone(&rule), estate::volume(&format!("volume-{at:06}"), at), judgement)
        })
        .collect();
    assessment.summary = Default::default();
    assessment.verdicts.iter().for_each(|verdict| assessment.summary.add(verdict.outcome));
    assessment
}

#[test]
fn a_comment_stays_within_what_github_takes_and_says_what_is_missing() {
    let shown = plain(&assessment(3_000), Format::Markdown);
    assert!(shown.len() <= 65_536 && shown.len() > 58_000, "{}", shown.len());
    let listed = shown.matches("\n* **FAIL** `volume-").count();
    let note = format!("{} of 1000 findings and exceptions", 1_000 - listed);
    assert!(shown.contains("**Shortened**") && shown.contains(&note), "{note}");
    assert!(shown.contains("| FAIL | 1000 |") && shown.contains("### Next"));
    assert!(!plain(&estate::assessment(), Format::Markdown).contains("Shortened"));
}

#[test]
fn one_endless_name_does_not_push_the_others_out() {
    let mut assessment = assessment(30);
    assessment.run.id = "x".repeat(100_000).into();
    assessment.policy.title = "y".repeat(100_000).into();
    let shown = plain(&assessment, Format::Markdown);
    assert!(shown.len() <= 65_536);
    assert_eq!(shown.matches("\n* **FAIL** `volume-").count(), 10);
    assert!(shown.contains("(99000 more characters)"));
}

#[test]
fn a_terminal_gets_twenty_and_the_number_of_the_rest() {
    let shown = plain(&assessment(300), Format::Table);
    assert_eq!(shown.matches("  volume-").count(), 20);
    assert!(shown.contains("and 80 more of 100 fail"));
}

#[test]
fn a_page_lists_all_up_to_its_limit_and_then_says_how_many() {
    let all = plain(&assessment(9_000), Format::Html);
    assert_eq!(all.matches("<li class=\"verdict\"").count(), 9_000);
    assert!(!all.contains("are listed"));
    assert!(all.contains("200 of 9000 are drawn, the worst first"));
    assert_eq!(all.matches("<g transform").count(), 200);
    let most = plain(&assessment(31_000), Format::Html);
    let listed = most.matches("<li class=\"verdict\"").count();
    assert!(listed < 11_000, "{listed}");
    assert!(most.contains("10000 of 10334 are listed, the worst first"));
    assert!(most.contains("100 of 20666 are listed, the worst first"));
}

#[test]
fn rows_and_lines_are_never_shortened() {
    let assessment = assessment(5_000);
    assert_eq!(plain(&assessment, Format::Csv).lines().count(), 5_001);
    assert_eq!(plain(&assessment, Format::JsonLines).lines().count(), 5_001);
}

#[test]
fn github_gets_the_results_that_it_keeps_and_the_number_of_the_rest() {
    let of = |number| serde_json::from_str::<serde_json::Value>(&plain(&assessment(number), Format::Sarif)).unwrap();
    let (most, more) = (of(15_000), of(15_003));
    for log in [&most, &more] {
        assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 5_000);
    }
    let words = "1 more findings are not listed: the worst 5000 are";
    assert!(more.to_string().contains(words) && !most.to_string().contains("are not listed"));
}
