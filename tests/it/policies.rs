//! The policy loader: what it refuses and how it says so.

mod applications;
mod frameworks;
mod loading;
mod robust;
mod rot;
mod shipped;
mod stand_ins;
mod testing;

use std::path::PathBuf;

use lastgood::policy::diagnostic::{self, Style};
use lastgood::policy::{Diagnostic, Policy, SourceFile, load_with};
use rstest::rstest;

fn file(name: &str, text: &str) -> SourceFile {
    SourceFile { name: name.to_owned(), text: text.to_owned() }
}

/// A `[policy]` of four lines, without settings.
const HEAD: &str = "[policy]\nid = \"acme\"\ntitle = \"Acme backups\"\nversion = \"1\"\n";

fn problems(files: &[SourceFile]) -> Vec<&'static str> {
    load_with(files, stand_ins::CHECKS).err().unwrap_or_default().iter().map(|problem| problem.code).collect()
}

fn load(text: &str) -> Result<Policy, Vec<Diagnostic>> {
    load_with(&[file("policy.toml", text)], stand_ins::CHECKS)
}

/// Every invalid policy is refused with the message that was reviewed.
#[rstest]
fn refuses_with_a_message_that_points_at_the_mistake(#[files("fixtures/policies/invalid/*.toml")] path: PathBuf) {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(&path).unwrap();
    let file = file(&format!("{name}.toml"), &text);
    let problems = load_with(&[file], stand_ins::CHECKS).err().unwrap_or_else(|| panic!("{name} is accepted"));
    for problem in &problems {
        assert!(!problem.message.ends_with('.'), "{}", problem.message);
        assert!(problem.message.chars().next().is_some_and(|first| !first.is_uppercase()), "{}", problem.message);
        assert!(!problem.labels.is_empty(), "{}", problem.message);
    }
    let shown = diagnostic::render(&problems, Style::Plain);
    let lines: Vec<String> = problems.iter().map(Diagnostic::line).collect();
    insta::with_settings!({
        snapshot_path => "../../fixtures/policies/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, format!("{shown}\n{}", lines.join("\n")));
    });
}
