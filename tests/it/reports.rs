//! Every report format over one assessment made by hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod browser;
mod estate;
mod hostile;
mod hosts;
mod large;
mod ledger;
mod metrics;
mod named;
mod ocsf;
mod oscal;
#[cfg(feature = "pdf")]
mod pdf;
mod period;
mod python;
mod registers;
mod totals;
mod validators;
mod xlsx;

use lastgood::model::assessment::Assessment;
use lastgood::model::outcome::Outcome;
use lastgood::report::conclusion::{Conclusion, Standing};
use lastgood::report::{FORMATS, Format, FormatInfo, RenderOptions, render};
use unicode_width::UnicodeWidthStr as _;

fn bytes(assessment: &Assessment, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    render(assessment, format, &RenderOptions::default(), &mut out).unwrap();
    out
}

fn text(assessment: &Assessment, format: Format, options: &RenderOptions) -> String {
    let mut out = Vec::new();
    render(assessment, format, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The formats that are text; the others have tests of their own.
fn texts() -> impl Iterator<Item = &'static FormatInfo> {
    FORMATS.iter().filter(|info| !info.is_binary())
}

fn plain(assessment: &Assessment, format: Format) -> String {
    text(assessment, format, &RenderOptions::default())
}

fn reread(assessment: &Assessment) -> Assessment {
    serde_json::from_str(&plain(assessment, Format::Json)).unwrap()
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/reports"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_table_at_80_columns() {
    snapshot("table-80", &plain(&estate::assessment(), Format::Table));
}

#[test]
fn the_table_at_200_columns() {
    snapshot(
        "table-200",
        &text(&estate::assessment(), Format::Table, &RenderOptions { width: 200, colour: false, input: None }),
    );
}

#[test]
fn the_comment_on_a_pull_request() {
    snapshot("markdown", &plain(&estate::assessment(), Format::Markdown));
}

#[test]
fn the_rows_for_a_spreadsheet() {
    snapshot("csv", &plain(&estate::assessment(), Format::Csv).replace("\r\n", "\n"));
}

/// For the validators that nobody here wrote, and for eyes.
#[test]
fn samples_are_written_for_outside_readers() {
    for (name, sample) in
        [("estate", estate::assessment()), ("hostile", hostile::assessment()), ("large", large::assessment(12_000))]
    {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for info in FORMATS {
            std::fs::write(folder.join(info.file_name), bytes(&sample, info.format)).unwrap();
        }
        for (width, colour) in [(60, false), (80, true), (200, true)] {
            let shown = text(&sample, Format::Table, &RenderOptions { width, colour, input: None });
            std::fs::write(folder.join(format!("table-{width}.txt")), shown).unwrap();
        }
    }
}

#[test]
fn a_saved_assessment_renders_to_the_same_bytes() {
    for assessment in [estate::assessment(), hostile::assessment(), large::assessment(60)] {
        let saved = reread(&assessment);
        for info in FORMATS {
            assert!(bytes(&assessment, info.format) == bytes(&saved, info.format), "{}", info.name);
        }
    }
}

#[test]
fn json_is_the_assessment_and_nothing_else() {
    let assessment = estate::assessment();
    let shown: serde_json::Value = serde_json::from_str(&plain(&assessment, Format::Json)).unwrap();
    assert_eq!(shown, serde_json::to_value(&assessment).unwrap());
}

#[test]
fn json_lines_hold_every_field_and_every_verdict() {
    let assessment = estate::assessment();
    let whole = serde_json::to_value(&assessment).unwrap();
    let shown = plain(&assessment, Format::JsonLines);
    let mut lines = shown.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut header = lines.next().unwrap();
    header["verdicts"] = lines.collect();
    assert_eq!(header, whole);
}

#[test]
fn no_line_is_wider_than_the_terminal_and_no_word_is_lost() {
    for assessment in [estate::assessment(), hostile::assessment()] {
        for width in (60..=220).chain([1_000]) {
            let shown = text(&assessment, Format::Table, &RenderOptions { width, colour: false, input: None });
            for line in shown.lines() {
                assert!(line.width() <= usize::from(width), "{} > {width}: {line}", line.width());
            }
        }
    }
    let squeezed = |text: &str| text.replace([' ', '\n'], "");
    let shown =
        squeezed(&text(&estate::assessment(), Format::Table, &RenderOptions { width: 60, colour: false, input: None }));
    for verdict in estate::assessment().verdicts.iter().filter(|verdict| verdict.outcome.is_finding()) {
        assert!(shown.contains(&squeezed(&verdict.reason())), "{}", verdict.reason());
    }
}

/// What an outside framework asks is never said to be met.
#[test]
fn no_report_claims_that_a_framework_is_met() {
    for info in FRAMEWORK_FORMATS {
        let shown = plain(&estate::assessment(), *info);
        assert!(
            shown.contains("ISO/IEC 27001:2022, Annex A") || shown.contains("ISO/IEC 27001:2022\\, Annex A"),
            "{info}"
        );
        let lower = shown.to_lowercase();
        for claim in ["compliant with", "complies with", "conforms", "certified"] {
            assert!(!lower.contains(claim), "{info}: {claim}");
        }
    }
    let page = plain(&estate::assessment(), Format::Html);
    assert!(page.contains("is 35d, and the control asks for at least 365d"));
    assert_eq!(page.matches("<tr class=\"control\">").count(), 4);
}

const FRAMEWORK_FORMATS: &[Format] = &[Format::Table, Format::Json, Format::JsonLines, Format::Markdown, Format::Html];

#[test]
fn a_width_of_nothing_is_taken_as_the_narrowest() {
    let narrow =
        |width| text(&estate::assessment(), Format::Table, &RenderOptions { width, colour: false, input: None });
    assert_eq!(narrow(0), narrow(RenderOptions::NARROWEST));
}

#[test]
fn colours_add_nothing_but_colours() {
    for assessment in [estate::assessment(), hostile::assessment()] {
        let coloured = text(&assessment, Format::Table, &RenderOptions { width: 100, colour: true, input: None });
        let mut bare = coloured.clone();
        for code in ["1", "32", "1;31", "1;33", "35", "0"] {
            bare = bare.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(bare, text(&assessment, Format::Table, &RenderOptions { width: 100, colour: false, input: None }));
        assert!(coloured.contains("\u{1b}[1;31mFAIL"));
    }
}

#[test]
fn every_format_is_found_by_its_name() {
    for info in FORMATS {
        assert_eq!(info.name.parse::<Format>(), Ok(info.format));
        assert_eq!(info.format.info().unwrap().file_name, info.file_name);
    }
    let error = "pdfx".parse::<Format>().unwrap_err().to_string();
    assert!(error.contains("`pdfx`") && error.contains("markdown"), "{error}");
}

#[test]
fn a_full_disk_is_an_error_and_not_a_panic() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for info in FORMATS {
        for room in [0, 10, bytes(&estate::assessment(), info.format).len() - 1] {
            let result = render(&estate::assessment(), info.format, &RenderOptions::default(), &mut Full(room));
            assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::StorageFull, "{} {room}", info.name);
        }
    }
}

#[test]
fn nothing_missing_is_ever_compliant() {
    let standing = |change: &dyn Fn(&mut Assessment)| {
        let mut assessment = estate::assessment();
        assessment.verdicts.retain(|verdict| verdict.outcome == Outcome::Pass);
        assessment.clauses.clear();
        assessment.policy_findings.clear();
        assessment.inventory.gaps.clear();
        assessment.inventory.complete = true;
        change(&mut assessment);
        Conclusion::of(&assessment).standing
    };
    assert_eq!(standing(&|_| {}), Standing::Compliant);
    assert_eq!(standing(&|a| a.inventory.complete = false), Standing::NotProven);
    assert_eq!(standing(&|a| a.inventory.gaps = estate::assessment().inventory.gaps), Standing::NotProven);
    assert_eq!(standing(&|a| a.verdicts.clear()), Standing::NotProven);
    assert_eq!(standing(&|a| a.verdicts[0].outcome = Outcome::Unknown), Standing::NotProven);
    assert_eq!(standing(&|a| a.verdicts[0].outcome = Outcome::Waived), Standing::Compliant);
    assert_eq!(standing(&|a| a.verdicts[0].outcome = Outcome::Fail), Standing::NotCompliant);
    assert_eq!(standing(&|a| a.policy_findings = estate::assessment().policy_findings), Standing::NotCompliant);
    assert_eq!(standing(&|a| a.clauses = estate::assessment().clauses), Standing::NotCompliant);
}

#[test]
fn planned_clauses_are_shown_and_not_counted() {
    let mut assessment = estate::assessment();
    assessment.verdicts.retain(|verdict| verdict.outcome == Outcome::Pass || &*verdict.rule.id == "second-tier");
    assessment.clauses.retain(|clause| &*clause.id == "1.4");
    assessment.policy_findings.clear();
    assessment.inventory.gaps.clear();
    assessment.inventory.complete = true;
    let conclusion = Conclusion::of(&assessment);
    assert_eq!((conclusion.standing, conclusion.planned.fail), (Standing::Compliant, 1));
    assert!(plain(&assessment, Format::Table).contains("no copy exists outside its region"));
    assessment.clauses[0].in_force = true;
    assert_eq!(Conclusion::of(&assessment).standing, Standing::NotCompliant);
}

#[test]
fn an_assessment_of_nothing_renders_and_says_so() {
    let mut assessment = estate::assessment();
    assessment.verdicts.clear();
    assessment.clauses.clear();
    assessment.policy_findings.clear();
    assessment.summary = Default::default();
    assessment.inventory.gaps.clear();
    assessment.inventory.complete = true;
    for info in FORMATS {
        bytes(&assessment, info.format);
        if matches!(info.format, Format::Table | Format::Markdown | Format::Html) {
            let shown = plain(&assessment, info.format);
            assert!(shown.contains("NOT PROVEN") && shown.contains("nothing was judged"), "{shown}");
        }
    }
}

/// A clause that nothing judges on purpose says why, and is told from one that somebody forgot.
#[test]
fn a_clause_that_is_not_assessed_says_so_in_every_report_for_people() {
    let mut assessment = estate::assessment();
    let mut clause = assessment.clauses[0].clone();
    clause.id = "4.3".into();
    clause.rules.clear();
    clause.status = Outcome::NotApplicable;
    clause.not_assessed = Some("the statement is blank".into());
    let forgotten =
        lastgood::model::assessment::ClauseStatus { id: "9.9".into(), not_assessed: None, ..clause.clone() };
    assessment.clauses.extend([clause, forgotten]);
    for format in [Format::Table, Format::Markdown, Format::Html] {
        let shown = plain(&assessment, format);
        for words in ["not assessed", "no rule"] {
            assert!(shown.contains(words), "{format}: {words}");
        }
        assert!(shown.split_whitespace().collect::<Vec<_>>().join(" ").contains("statement is blank"), "{format}");
    }
}
