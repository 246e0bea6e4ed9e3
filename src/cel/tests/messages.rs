//! What is said of mistakes, and where.

use super::{SCHEMA, truth};
use crate::cel::{FUNCTIONS, Help, LONGEST, Problem, Truth, compile};

/// `message [what stands there] | help` of each mistake.
pub(super) fn problems(text: &str) -> Vec<String> {
    let shown = |problem: &Problem| {
        let help = match &problem.help {
            Help::None => String::new(),
            Help::Text(help) => format!(" | {help}"),
            Help::Names { word, known, .. } => format!(" | {word}: {} names", known.len()),
        };
        format!("{} [{}]{help}", problem.message, &text[problem.span.clone()])
    };
    compile(text, &SCHEMA).err().unwrap_or_default().iter().map(shown).collect()
}

#[test]
fn mistakes_are_found_when_the_text_is_read() {
    for (text, wanted) in [
        ("", "the expression is empty []"),
        ("t.yes &&", "the expression ends too early [&&]"),
        ("(t.yes", "the bracket is not closed [(] | close it with `)`"),
        ("t.yes t.no", "`t` is not expected here [t]"),
        ("t.yes and t.no", "`and` is not expected here [and] | *and* is written `&&`"),
        ("t.yes = t.no", "`=` is no operator [=] | compare with `==`"),
        ("t.name == 'x", "this text does not end ['x] | close it with `'`"),
        (
            "t.name == '\\q'",
            "`\\q` is no escape [\\q] | a backslash is written `\\\\`, or the text with an `r` in front: `r'\\d'`",
        ),
        ("t.size > 99999999999999999999", "this number is too large [99999999999999999999]"),
        ("now - t.at > 35d", "`35d` is not a number [35d] | a length of time is written `duration('35d')`"),
        ("t.size > 5u", "unsigned numbers are not used here [5u] | write `5`"),
        ("t.?yes", "`?` is not expected here [?] | optional fields are not used here: ask with `has(…)`"),
        (
            "t.name == null",
            "`null` is not used here [null] | ask whether a field is there with `has(resource.kms_key)`",
        ),
        ("if", "`if` is a word that CEL keeps for itself [if] | a choice is written `condition ? yes : no`"),
        ("u.yes", "there is no `u` [u] | u: 6 names"),
        ("yes", "there is no `yes` [yes] | did you mean `t.yes`?"),
        ("t.yess", "`thing` has no field `yess` [yess] | yess: 12 names"),
        ("!has(t.yess)", "`thing` has no field `yess` [yess] | yess: 12 names"),
        (
            "has(t)",
            "`has` takes a field [t] | write for example `has(resource.kms_key)`; a key that is no plain name is asked for with `'cost centre' in resource.tags`",
        ),
        ("t.size", "the condition gives int, not true or false [t.size] | compare it, for example with `> 0`"),
        (
            "t.size > 'a'",
            "`>` does not go with int and string [t.size > 'a'] | a number is written without quotes; `int(…)` makes one of a text",
        ),
        (
            "t.size + 1.5 > 2.0",
            "`+` does not go with int and double [t.size + 1.5] | write `double(…)` around the whole number",
        ),
        (
            "now - t.at > 5",
            "`>` does not go with duration and int [now - t.at > 5] | a length of time is written `duration('35d')`",
        ),
        ("t.state == 'onn'", "`onn` is never the value here ['onn'] | onn: 2 names"),
        ("t.state in ['on', 'of']", "`of` is never the value here ['of'] | of: 2 names"),
        ("t.name && t.yes", "`&&` takes bool, not string [t.name] | compare it, for example with `==`"),
        ("t.yes ? 1 : 'a'", "the choice is between int and string [t.yes ? 1 : 'a']"),
        ("[1, 'a'] == [] || t.yes", "this is string in a list of int ['a'] | all items of a list have one type"),
        (
            "items.odd",
            "list(item) has no field `odd` [odd] | ask about its items: `.exists(item, item.odd …)`, or `.all(…)`",
        ),
        ("items.all(i.odd)", "`all` does not take 1 argument [all] | write for example `points.all(p, p.encrypted)`"),
        ("items.all(1, t.yes)", "`all` begins with a name for the item [1] | write for example `.all(p, …)`"),
        ("items.all(t, t.odd)", "`t` means something else already [t] | take another name for the item"),
        ("items.all(i, i.number)", "`all` takes bool, not int [i.number]"),
        ("t.size.all(i, t.yes)", "`all` looks at the items of a list, not at int [t.size]"),
        ("items == items", "`==` does not go with list(item) and list(item) [items == items] | compare their fields"),
        ("daysSince(t.at) > 1", "there is no function `daysSince` [daysSince] | daysSince: 17 names"),
        ("t.name.size(1) > 1", "`size` does not take 1 argument [size] | write for example `size(points)`"),
        (
            "startsWith(t.name, 'a')",
            "`startsWith` is not called in this way [startsWith] | write for example `resource.name.startsWith('prod-')`",
        ),
        ("t.name.matches('(')", "`(` is not a regular expression ['('] | unclosed group"),
        (
            "t.name.matches(t.name)",
            "the regular expression must stand there as a text [t.name] | it is looked at when the policy is loaded",
        ),
        (
            "now - t.at > duration('1M')",
            "`1M` is not a length of time ['1M'] | a month has no fixed length; write days, for example `30d` (minutes are `m`)",
        ),
        (
            "t.at > timestamp('2026-01-01')",
            "`2026-01-01` is not an instant ['2026-01-01'] | write date, time and zone: `timestamp('2026-01-31T00:00:00Z')`",
        ),
        (
            "1 < 2",
            "the condition looks at nothing of the resource [1 < 2] | what is always true or always false proves nothing",
        ),
        (
            "now > timestamp('2026-01-01T00:00:00Z')",
            "the condition looks at nothing of the resource [now > timestamp('2026-01-01T00:00:00Z')] | what is always true or always false proves nothing",
        ),
        (
            "items.all(a, items.all(b, items.all(c, items.all(d, d.odd))))",
            "more than 3 loops stand within each other [all]",
        ),
    ] {
        assert_eq!(problems(text), [wanted], "{text}");
    }
    assert_eq!(problems("u.a == 1 && t.b && t.size > 'x'").len(), 3, "all mistakes in one pass");
    let deep = format!("{}t.yes{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(problems(&deep), ["the expression is nested more than 32 deep [(]"]);
    assert!(
        problems(&format!("t.size{} > 0", " + 1".repeat(70)))[0]
            .starts_with("the expression has more than 64 operations")
    );
    assert!(problems(&" ".repeat(LONGEST + 1))[0].starts_with("the expression is longer than 4096 bytes"));
    assert_eq!(truth(&vec!["t.no"; 300].join(" || ")), Truth::False, "long is not deep");
}

#[test]
fn every_function_of_the_documents_is_there() {
    for function in FUNCTIONS {
        for text in [format!("x.{}()", function.name), format!("{}()", function.name)] {
            let found = problems(&text);
            assert!(!found.iter().any(|problem| problem.starts_with("there is no function")), "{found:?}");
        }
    }
}
