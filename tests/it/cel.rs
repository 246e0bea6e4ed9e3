//! Our conditions against the interpreter of the `cel` crate: on random expressions of the common language both say
//! the same, and where it reports an error ours is `unknown`.

use lastgood::cel::{Facts, Field, Got, Record, Shape, Truth, Value, compile};
use proptest::test_runner::TestRunner;

static SCHEMA: Record = Record {
    name: "variables",
    docs: "",
    fields: &[
        Field { name: "b", shape: Shape::Bool, docs: "" },
        Field { name: "x", shape: Shape::Int, docs: "" },
        Field { name: "s", shape: Shape::Text, docs: "" },
        Field { name: "l", shape: Shape::Texts, docs: "" },
        Field { name: "m", shape: Shape::Tags, docs: "" },
        Field { name: "t", shape: Shape::Time, docs: "" },
    ],
};

struct Root;

impl Facts for Root {
    fn fact(&self, field: usize) -> Got<'_> {
        Got::Known(match field {
            0 => Value::Bool(true),
            1 => Value::Int(7),
            2 => Value::text("abé"),
            3 => Value::list([Value::text("a"), Value::text("bc")]),
            4 => Value::map([("k", Value::text("v"))]),
            _ => Value::Time("2026-11-22T00:00:00Z".parse().unwrap()),
        })
    }
}

fn theirs() -> cel::Context<'static, 'static> {
    let mut context = cel::Context::default();
    context.add_variable_from_value("b", true);
    context.add_variable_from_value("x", 7_i64);
    context.add_variable_from_value("s", "abé");
    context.add_variable_from_value("l", vec!["a", "bc"]);
    context.add_variable_from_value("m", std::collections::HashMap::from([("k".to_owned(), "v".to_owned())]));
    context.add_variable("t", cel::Timestamp("2026-11-22T00:00:00Z".parse().unwrap())).unwrap();
    context
}

/// Writes random expressions of each type, so many operations deep.
struct Writer<'r>(&'r mut TestRunner);

impl Writer<'_> {
    fn pick<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }

    fn below(&mut self, end: usize) -> usize {
        use proptest::prelude::Rng as _;
        (self.0.rng().next_u32() as usize) % end
    }

    fn bool(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.pick(BOOLS).to_owned();
        }
        let depth = depth - 1;
        let order = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
        match self.below(13) {
            0 => format!("{} && {}", self.bool(depth), self.bool(depth)),
            1 => format!("{} || {}", self.bool(depth), self.bool(depth)),
            2 => format!("({} || {}) && {}", self.bool(depth), self.bool(depth), self.bool(depth)),
            3 => format!("!({})", self.bool(depth)),
            4 => format!("({} ? {} : {})", self.bool(depth), self.bool(depth), self.bool(depth)),
            5 => format!("{} {order} {}", self.int(depth), self.int(depth)),
            6 => format!("{} {order} {}", self.double(depth), self.double(depth)),
            7 => format!("{} {order} {}", self.text(depth), self.text(depth)),
            8 => format!("{}.all(a{depth}, a{depth} {order} {})", self.list(depth), self.int(depth)),
            9 => format!("{}.exists(e{depth}, {} {order} e{depth})", self.list(depth), self.int(depth)),
            10 => format!("{}.exists_one(o{depth}, o{depth} {order} {})", self.list(depth), self.int(depth)),
            11 => format!("{} == {}", self.list(depth), self.list(depth)),
            _ => format!("{} in {}", self.int(depth), self.list(depth)),
        }
    }

    fn int(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self
                .pick(&["x", "-x", "size(l)", "size(m)", "s.size()", "0", "1", "-3", "9223372036854775807"])
                .to_owned();
        }
        let depth = depth - 1;
        let sign = self.pick(&["+", "-", "*", "/", "%"]);
        match self.below(5) {
            0 | 1 => format!("{} {sign} {}", self.int(depth), self.int(depth)),
            2 => format!("({} {sign} {})", self.int(depth), self.int(depth)),
            3 => format!("size({})", self.list(depth)),
            _ => format!("{}[{}]", self.list(depth), self.int(depth)),
        }
    }

    fn double(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.pick(&["1.5", "0.0", "-2e3", "double(x)", "7.0"]).to_owned();
        }
        let sign = self.pick(&["+", "-", "*", "/"]);
        format!("({} {sign} {})", self.double(depth - 1), self.double(depth - 1))
    }

    fn text(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self
                .pick(&["s", "'a'", "\"\\u00e9\"", "r'\\d'", "m.k", "m['k']", "m.nope", "l[0]", "l[5]", "''"])
                .to_owned();
        }
        match self.below(2) {
            0 => format!("({} + {})", self.text(depth - 1), self.text(depth - 1)),
            _ => format!("string({})", self.int(depth - 1)),
        }
    }

    fn list(&mut self, depth: u32) -> String {
        if depth == 0 {
            return format!("[{}, {}, x]", self.below(4), self.below(9));
        }
        let depth = depth - 1;
        match self.below(4) {
            0 => format!("({} + {})", self.list(depth), self.list(depth)),
            1 => format!("{}.filter(f{depth}, f{depth} < {})", self.list(depth), self.int(depth)),
            2 => format!("{}.map(p{depth}, p{depth} * {})", self.list(depth), self.int(depth)),
            _ => format!("[{}]", self.int(depth)),
        }
    }
}

const BOOLS: &[&str] = &[
    "b",
    "!b",
    "true",
    "has(m.k)",
    "has(m.nope)",
    "'k' in m",
    "'a' in l",
    "s.contains('b')",
    "s.startsWith('ab')",
    "s.endsWith('é')",
    "s.matches('^a.')",
    "t > timestamp('2026-01-01T00:00:00Z')",
    "t - duration('24h') < t",
    "t - timestamp('2026-11-21T00:00:00Z') == duration('24h')",
    "m.nope == 'v'",
    "x / 0 == 1",
];

#[test]
fn conditions_mean_what_the_cel_crate_says_they_mean() {
    let mut runner = TestRunner::deterministic();
    let context = theirs();
    let mut seen = [0_usize; 3];
    for round in 0..4_000_u32 {
        let text = format!("b && ({})", Writer(&mut runner).bool(1 + round % 3));
        let program = compile(&text, &SCHEMA).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
        let ours = program.evaluate(&Root).truth;
        let theirs = cel::Program::compile(&text).unwrap_or_else(|errors| panic!("{text}: {errors}")).execute(&context);
        let expected = match theirs {
            Ok(cel::Value::Bool(true)) => Truth::True,
            Ok(cel::Value::Bool(false)) => Truth::False,
            Ok(other) => panic!("{text} is {other:?}"),
            Err(_) => Truth::Unknown,
        };
        assert_eq!(ours, expected, "{text}");
        seen[usize::from(ours == Truth::False) + 2 * usize::from(ours == Truth::Unknown)] += 1;
    }
    assert!(seen.iter().all(|count| *count > 300), "all three values come up: {seen:?}");
}
