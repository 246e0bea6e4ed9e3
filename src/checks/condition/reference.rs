//! The language in Markdown, from what it is made of.

use std::fmt::Write as _;

use super::facts::SCHEMA;
use super::{INFO, kinds};
use crate::cel::{FUNCTIONS, LONGEST, MOST_LOOPS, Record, Shape};
use crate::model::kind::Kind;

/// What can be asked for and how, for the check's page.
pub fn reference() -> String {
    let mut page = String::from("## What can be asked for\n");
    let mut records: Vec<&'static Record> = vec![&SCHEMA];
    let mut at = 0;
    while let Some(record) = records.get(at).copied() {
        let title = if at == 0 { record.name.to_owned() } else { format!("`{}`", record.name) };
        let _ = write!(page, "\n### {title}\n\n{}\n\n| name | type | meaning |\n| --- | --- | --- |\n", record.docs);
        for (place, field) in record.fields.iter().enumerate() {
            let of = only(record, place);
            let _ = writeln!(page, "| `{}` | {} | {}{of} |", field.name, shown(field.shape), field.docs);
            if let Shape::Record(other) | Shape::Records(other) = field.shape
                && !records.contains(&other)
            {
                records.push(other);
            }
        }
        at += 1;
    }
    page.push_str("\n## Functions\n\n| written | gives |\n| --- | --- |\n");
    for function in FUNCTIONS {
        let _ = writeln!(page, "| `{}` | {} |", function.usage.replace("), ", ")`, `"), function.docs);
    }
    page.push_str("\n## Operators\n\n");
    page.push_str("`&&`, `||`, `!`, `? :`; `==`, `!=`, `<`, `<=`, `>`, `>=` between two of one type or two numbers; `in` for an item of a list or\n");
    page.push_str("a key of a map; `+`, `-`, `*`, `/`, `%` on numbers of one type; `+` also on texts and lists; `timestamp - timestamp`,\n");
    page.push_str("`timestamp ± duration`, `duration ± duration`; `.field`, `['key']`, `[0]`; lists `['a', 'b']` and maps `{'a': 1}`.\n\n");
    page.push_str("## What differs from CEL\n\n");
    let _ = writeln!(
        page,
        "No `null`, bytes, unsigned numbers, optional fields or messages; items of a list and values of a map have one type, and keys of a map are texts. \
         `duration` takes days and weeks, and like `timestamp` only a text that stands there. An expression has at most {LONGEST} bytes and \
         {MOST_LOOPS} loops within each other, and reads some fact besides `now`."
    );
    page
}

/// The kinds that have a fact, where not all have it.
fn only(record: &'static Record, field: usize) -> String {
    let all = INFO.kinds.iter().copied();
    let (has, others): (Vec<Kind>, Vec<Kind>) = all.partition(|kind| kinds::has(*kind, record, field));
    let listed = |kinds: Vec<Kind>| kinds.into_iter().map(Kind::id).collect::<Vec<_>>().join(", ");
    if others.is_empty() {
        String::new()
    } else if others.len() < has.len() {
        format!(" (not {})", listed(others))
    } else {
        format!(" ({})", listed(has))
    }
}

fn shown(shape: Shape) -> String {
    match shape {
        Shape::Word(words) if words.len() <= 4 => {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        Shape::Word(_) => "string, one of the known words".to_owned(),
        Shape::Record(record) => format!("`{}`", record.name),
        Shape::Records(record) => format!("list of `{}`", record.name),
        shape => shape.ty().to_string(),
    }
}
