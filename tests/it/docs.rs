//! Generated documents are fresh; the README tells the truth. `UPDATE=1` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use lastgood::checks::{CHECKS, CheckInfo};
use lastgood::demo;
use lastgood::evaluate::evaluate;
use lastgood::policy::{SourceFile, builtin, load};
use lastgood::report::{FORMATS, RenderOptions, render};

use crate::fixture;

/// Compare a generated file with what is committed, or write it under `UPDATE=1`.
pub(crate) fn fresh(path: &Path, wanted: &[u8]) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, wanted).unwrap();
    }
    let found = std::fs::read(path).unwrap_or_default();
    assert!(
        found == wanted,
        "{} is stale; write it anew with `UPDATE=1 cargo nextest run --no-default-features -E 'test(docs)'` and review the change",
        path.display()
    );
}

fn check_page(check: &CheckInfo) -> String {
    let mut page = format!("# `{}`: {}\n\n{}", check.id, check.title, lastgood::checks::docs(check));
    page.push_str("\n## Parameters\n\n");
    if check.params.is_empty() {
        page.push_str("None.\n");
    } else {
        page.push_str("| name | default | meaning |\n| --- | --- | --- |\n");
        for param in check.params {
            let default = match (param.required, param.default) {
                (true, _) => "required".to_owned(),
                (false, Some(default)) => format!("`{default}`"),
                (false, None) => "–".to_owned(),
            };
            let _ = writeln!(page, "| `{}` | {default} | {} |", param.name, param.docs);
        }
    }
    let _ = writeln!(page, "\n## How to fix\n\n{}\n", check.remedy);
    let kinds: Vec<String> = check.kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let reads: Vec<String> = check.reads.iter().map(|call| format!("`{call}`")).collect();
    let _ = writeln!(page, "## Judges\n\n{}\n\n## Reads\n\n{}\n", kinds.join(", "), reads.join(", "));
    page.push_str("## Examples\n\nEach is a test in [fixtures](../../fixtures/checks/");
    let _ = writeln!(page, "{}).\n\n| example | outcome | what is said |\n| --- | --- | --- |", check.id);
    let folder = Path::new("fixtures/checks").join(check.id);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    for path in files {
        let (fixture, _) = fixture::load(&path);
        let _ = writeln!(page, "| {} | {} | {} |", fixture.note, fixture.outcome, fixture.reason.replace('|', "\\|"));
    }
    page
}

#[test]
fn the_pages_of_the_checks_are_fresh() {
    let mut index = String::from("# Checks\n\n| check | what it demands |\n| --- | --- |\n");
    for check in CHECKS {
        fresh(&Path::new("docs/checks").join(format!("{}.md", check.id)), check_page(check).as_bytes());
        let _ = writeln!(index, "| [`{0}`]({0}.md) | {1} |", check.id, check.title);
    }
    fresh(Path::new("docs/checks/README.md"), index.as_bytes());
}

#[test]
fn the_reference_of_log_readers_is_fresh() {
    let mut page = String::from(
        "# Readers of native records\n\nWhat `lastgood log import --tool`, `log run --native` and `tool` in `logs.toml` read, and what each \
         record proves.\n\n| reader | what it reads |\n| --- | --- |\n",
    );
    for reader in lastgood::sources::logs::native::READERS {
        let _ = writeln!(page, "| [`{0}`](#{0}) | {1} |", reader.id, reader.title);
    }
    for reader in lastgood::sources::logs::native::READERS {
        let _ = write!(page, "\n## `{}`\n\n{}", reader.id, reader.docs);
    }
    fresh(Path::new("docs/readers.md"), page.as_bytes());
}

#[test]
fn the_reference_of_policies_is_fresh() {
    fresh(Path::new("docs/policy.md"), lastgood::policy::reference::reference().as_bytes());
    fresh(Path::new("docs/applications.md"), lastgood::policy::reference::register_reference().as_bytes());
    let policy = load(&builtin::default().unwrap().sources()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut page = lastgood::policy::reference::mapping_reference().into_bytes();
    lastgood::report::frameworks::markdown(&policy.frameworks, &mut page).unwrap();
    fresh(Path::new("docs/frameworks.md"), &page);
}

#[test]
fn the_reference_of_the_command_line_is_fresh() {
    use clap::CommandFactory as _;
    let mut page = String::from("# Command line\n\nWritten from the program itself. Exit codes stand in every help.\n");
    let mut command = lastgood::cli::Cli::command().term_width(100);
    command.build();
    describe(&mut command, "lastgood", &mut page);
    fresh(Path::new("docs/cli.md"), page.as_bytes());
}

fn describe(command: &mut clap::Command, name: &str, page: &mut String) {
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(page, "\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim());
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for sub in names.iter().filter(|sub| *sub != "help") {
        describe(command.find_subcommand_mut(sub).unwrap(), &format!("{name} {sub}"), page);
    }
}

#[test]
fn the_sample_reports_are_fresh() {
    let mut files = builtin::default().unwrap().sources();
    files.push(SourceFile { name: "demo/waivers.toml".into(), text: demo::WAIVERS.into() });
    let policy = load(&files).unwrap_or_else(|_| panic!("the shipped policy is valid"));
    let assessment = evaluate(&policy, &demo::inventory(), demo::as_of());
    for info in FORMATS.iter().filter(|info| info.name != "pdf") {
        let mut bytes = Vec::new();
        render(&assessment, info.format, &RenderOptions { width: 100, colour: false, input: None }, &mut bytes)
            .unwrap();
        fresh(&Path::new("reports/sample").join(info.file_name), &bytes);
    }
}

/// Every path that a document links to exists.
#[test]
fn links_lead_somewhere() {
    let mut documents = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    for folder in ["docs", "docs/checks", "deploy", "tests/aws"] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                documents.push(path.to_string_lossy().into_owned());
            }
        }
    }
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap_or_else(|error| panic!("{document}: {error}"));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = Path::new(&document).parent().unwrap().join(target);
            assert!(path.exists(), "{document} links to `{link}`, which is not there");
        }
    }
}

/// The output that the README shows is the output of today.
#[test]
fn the_readme_shows_the_real_output() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let sample = std::fs::read_to_string("reports/sample/report.txt").unwrap();
    let shown = readme.split("```text\n").nth(1).unwrap().split("\n…\n```").next().unwrap();
    assert!(sample.starts_with(shown), "the README's output is not the beginning of reports/sample/report.txt");
}

/// The commands in the README's code blocks are the program's own.
#[test]
fn the_readme_names_only_flags_that_exist() {
    use clap::CommandFactory as _;
    let text = std::fs::read_to_string("README.md").unwrap();
    let command = lastgood::cli::Cli::command();
    let mut seen = 0;
    for line in text.lines().map(str::trim).filter_map(|line| line.strip_prefix("lastgood ")) {
        let words: Vec<&str> = line.split('#').next().unwrap().split_whitespace().collect();
        let mut current = &command;
        // What stands behind `--` is another program's.
        for word in words.iter().take_while(|word| **word != "--") {
            if let Some(next) = current.find_subcommand(word) {
                current = next;
            } else if let Some(flag) = word.strip_prefix("--") {
                let name = flag.split('=').next().unwrap();
                assert!(current.get_arguments().any(|arg| arg.get_long() == Some(name)), "`{line}`: no --{name}");
            }
        }
        assert!(!std::ptr::eq(current, &command), "`{line}` names no verb");
        seen += 1;
    }
    assert!(seen >= 5, "the README shows how to use the program");
}
