//! No text and no expression makes the compiler or the evaluator panic or run on.

use proptest::prelude::*;

use super::tests::{Root, SCHEMA};
use super::{Truth, compile};

/// Compile, and evaluate what can be. Each problem must lie in the text.
fn survive(text: &str) -> Option<Truth> {
    match compile(text, &SCHEMA) {
        Ok(program) => Some(program.evaluate(&Root).truth),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(text.get(problem.span.clone()).is_some(), "{:?} of {text:?}", problem.span);
                assert!(!problem.message.is_empty() && !problem.message.ends_with('.'), "{}", problem.message);
            }
            None
        }
    }
}

/// A condition of the right type, from parts of which some are unknown.
fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("t.yes".to_owned()),
        Just("t.no".to_owned()),
        Just("t.unread".to_owned()),
        Just("t.absent".to_owned()),
        Just("has(t.absent)".to_owned()),
        Just("t.size > 5".to_owned()),
        Just("t.hidden_size > 5".to_owned()),
        Just("t.size / 0 == 1".to_owned()),
        Just("items.all(i, i.third)".to_owned()),
        Just("some.exists(i, i.odd)".to_owned()),
        Just("size(some) == 4".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

const PIECES: &[&str] = &[
    "t",
    ".",
    "yes",
    "size",
    "name",
    "tags",
    "items",
    "some",
    "now",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "?",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    " in ",
    "'s'",
    "\"é\"",
    "1",
    "2.5",
    "true",
    "null",
    "has",
    ".all(",
    ".map(",
    ".filter(",
    "i",
    "duration('1d')",
    "matches",
    " ",
    "'",
    "\\",
    "`",
    "//",
    "\n",
    "'''",
    "r'",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text(text in "(?s).{0,80}") {
        survive(&text);
    }

    #[test]
    fn nearly_expressions(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        survive(&pieces.concat());
    }

    /// Neither order nor De Morgan changes an answer, and knowing more never turns one around.
    #[test]
    fn the_laws_of_three_values_hold(a in condition(), b in condition()) {
        let of = |text: String| survive(&text).unwrap();
        prop_assert_eq!(of(format!("{a} && {b}")), of(format!("{b} && {a}")));
        prop_assert_eq!(of(format!("{a} || {b}")), of(format!("{b} || {a}")));
        prop_assert_eq!(of(format!("!({a} && {b})")), of(format!("!({a}) || !({b})")));
        prop_assert_eq!(of(format!("!(!({a}))")), of(a.clone()));
        for known in ["t.yes", "t.no"] {
            let told = of(a.replace("t.unread", known));
            let before = of(a.clone());
            prop_assert!(before == Truth::Unknown || before == told, "{before:?} became {told:?}");
        }
    }
}

/// Each of these would go deep or go on in a parser or evaluator that follows it.
#[test]
fn hostile_texts() {
    let fill = |piece: &str| piece.repeat(super::LONGEST / piece.len());
    for piece in [
        "(",
        "[",
        "{'a':",
        "!",
        "-",
        "t?",
        "t?t:",
        "items.all(i,",
        ".a",
        "t.",
        "a+",
        "1<",
        "||",
        "'",
        "\\",
        "t[",
        "//",
        "size(",
        "[1]+",
    ] {
        survive(&fill(piece));
        survive(&format!("t{}", fill(piece).get(1..).unwrap_or_default()));
    }
    survive(&format!("t{}", ".a".repeat(2_000)));
    survive(&format!("t.yes{}", " || t.no".repeat(500)));
    survive(&format!("t.name.matches('{}')", "(a{1,50}){1,50}".repeat(100)));
    survive("t.name.matches('(a*)*b')");
    survive("t.name.matches('((((a{1,1000}){1,1000}){1,1000}){1,1000})')");
}
