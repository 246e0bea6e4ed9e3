//! The reference of the policy language, from the descriptions that the loader reads by.

use std::fmt::Write as _;

use super::shape::{Field, Shape, Type};
use super::{applications, frameworks, tables, testing};
use crate::checks::{self, CHECKS, CheckInfo};

/// Every table and every check, in Markdown.
pub fn reference() -> String {
    reference_with(CHECKS)
}

/// The same with these checks.
pub fn reference_with(checks: &[&'static CheckInfo]) -> String {
    let mut page = String::from("# Policy reference\n\n");
    page.push_str(tables::DOCUMENT.docs);
    page.push_str("\n\nLengths of time are written `\"35d\"`, `\"24h\"`, `\"1d12h\"` (`w`, `d`, `h`, `m`, `s`); a day has 24 hours. ");
    page.push_str("Dates are written without quotes and end at midnight in the policy's time zone. ");
    page.push_str("In patterns `*` stands for any run of characters.\n");
    for shape in tables::ALL {
        section(&mut page, shape);
    }
    page.push_str("\n## Checks\n");
    for check in checks {
        self::check(&mut page, check);
    }
    for shape in testing::tables::ALL {
        section(&mut page, shape);
    }
    page
}

/// Every table of the application register, in Markdown.
pub fn register_reference() -> String {
    let mut page = String::from("# The application register\n\n");
    page.push_str(applications::tables::DOCUMENT.docs);
    page.push_str("\n\n`lastgood scan --applications FILE` puts it into the inventory: each AWS resource belongs to the application whose ");
    page.push_str("`resources` select it or, where none does, whose id its tag names; two applications that claim one resource are an error. ");
    page.push_str("Declared components are judged like resources, by the backup logs; logs name them `component:APPLICATION/NAME`. ");
    page.push_str("`lastgood recovery` prints the order of recovery that follows from it.\n");
    for shape in applications::tables::ALL {
        section(&mut page, shape);
    }
    page
}

/// Every table of a framework mapping, in Markdown.
pub fn mapping_reference() -> String {
    let mut page = String::from("# Outside frameworks\n\n");
    page.push_str(frameworks::tables::DOCUMENT.docs);
    page.push_str("\n\nEvery report shows the state that follows for each control from the verdicts of its rules: `failed`, `unknown`, `passed` or ");
    page.push_str("`not assessed`, the worst of them. It is `unknown`, never `passed`, where something was not read, where the policy lacks what the mapping ");
    page.push_str("names, or where a rule demands less than the control. An approved exception lifts no outside demand. That a framework is met follows from ");
    page.push_str("none of it: whoever answers for it judges that, from this and from what no scan can see.\n\n");
    page.push_str("The shipped mappings stand below; they hold for the shipped policy and for policies that extend it. `lastgood policy frameworks` prints them ");
    page.push_str("as they hold for yours, and `--mappings PATH` puts your own in their place.\n");
    for shape in frameworks::tables::ALL {
        section(&mut page, shape);
    }
    page
}

fn section(page: &mut String, shape: &Shape) {
    let _ = write!(page, "\n## `{}`\n\n{}\n\n", shape.name, shape.docs);
    page.push_str("| key | holds | default | meaning |\n| --- | --- | --- | --- |\n");
    shape.fields.iter().for_each(|field| row(page, field));
}

/// A check: its title, its own documentation one level down, its parameters.
pub(super) fn check(page: &mut String, check: &CheckInfo) {
    let _ = write!(page, "\n### `{}`\n\n{}.\n\n", check.id, check.title);
    for line in checks::docs(check).lines() {
        let _ = writeln!(page, "{}{line}", if line.starts_with('#') { "##" } else { "" });
    }
    let kinds: Vec<String> = check.kinds.iter().map(|kind| format!("`{kind}`")).collect();
    let _ = write!(page, "\nJudges {}.\n", kinds.join(", "));
    if !check.params.is_empty() {
        page.push_str("\n| parameter | holds | default | meaning |\n| --- | --- | --- | --- |\n");
        check.params.iter().for_each(|param| row(page, &Field::from(param)));
    }
}

fn row(page: &mut String, field: &Field) {
    let default = match (field.required, field.default) {
        (true, _) => "required".to_owned(),
        (false, Some(default)) => format!("`{default}`"),
        (false, None) => String::new(),
    };
    let cells = [format!("`{}`", field.name), holds(field.ty), default, field.docs.to_owned()];
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

/// What a key holds, in more words than a message has room for.
fn holds(ty: Type) -> String {
    let words = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match ty {
        Type::Id => "lower-case words joined by `-`".to_owned(),
        Type::Name => "letters, digits, `.`, `_`, `-`".to_owned(),
        Type::Zone => "a name such as `Europe/London`".to_owned(),
        Type::Check => "the name of a check".to_owned(),
        Type::With => "the parameters of the check".to_owned(),
        Type::Kinds => "a list of kinds, or `[\"*\"]`".to_owned(),
        Type::Choice(known) => format!("one of {}", words(known)),
        Type::Choices(known, _) => format!("a list of {}", words(known)),
        Type::Table(shape) => format!("a `{}`", shape.name.trim_matches(['[', ']'])),
        Type::Tables(_) => "tables".to_owned(),
        ty => ty.noun().to_owned(),
    }
}
