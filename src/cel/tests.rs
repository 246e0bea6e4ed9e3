//! Values and three-valued logic.

mod messages;

use super::*;
use crate::model::Instant;

/// A thing of which a test says what is known.
pub(super) struct Thing;

static THING: Record = Record {
    name: "thing",
    docs: "",
    fields: &[
        Field { name: "yes", shape: Shape::Bool, docs: "" },
        Field { name: "no", shape: Shape::Bool, docs: "" },
        Field { name: "unread", shape: Shape::Bool, docs: "" },
        Field { name: "absent", shape: Shape::Bool, docs: "" },
        Field { name: "foreign", shape: Shape::Bool, docs: "" },
        Field { name: "size", shape: Shape::Int, docs: "" },
        Field { name: "name", shape: Shape::Text, docs: "" },
        Field { name: "state", shape: Shape::Word(&["on", "off"]), docs: "" },
        Field { name: "at", shape: Shape::Time, docs: "" },
        Field { name: "tags", shape: Shape::Tags, docs: "" },
        Field { name: "hidden_tags", shape: Shape::Tags, docs: "" },
        Field { name: "hidden_size", shape: Shape::Int, docs: "" },
    ],
};

impl Facts for Thing {
    fn fact(&self, field: usize) -> Got<'_> {
        match THING.fields[field].name {
            "yes" => Got::Known(Value::Bool(true)),
            "no" => Got::Known(Value::Bool(false)),
            "size" => Got::Known(Value::Int(10)),
            "name" => Got::Known(Value::text("prod-db")),
            "state" => Got::Known(Value::text("on")),
            "at" => Got::Known(Value::Time("2026-11-22T00:00:00Z".parse().unwrap())),
            "tags" => Got::Known(Value::map([("owner", Value::text("ops")), ("cost centre", Value::text("7"))])),
            "absent" => Got::Absent,
            "foreign" => Got::Foreign,
            _ => Got::Unread("svc:Get"),
        }
    }
}

/// An item of a list; odd ones are good, and of every third nothing is known.
struct Item(i64);

static ITEM: Record = Record {
    name: "item",
    docs: "",
    fields: &[
        Field { name: "number", shape: Shape::Int, docs: "" },
        Field { name: "odd", shape: Shape::Bool, docs: "" },
        Field { name: "third", shape: Shape::Bool, docs: "" },
    ],
};

impl Facts for Item {
    fn fact(&self, field: usize) -> Got<'_> {
        match field {
            0 => Got::Known(Value::Int(self.0)),
            1 => Got::Known(Value::Bool(self.0 % 2 == 1)),
            _ if self.0 % 3 == 0 => Got::Unread("svc:List"),
            _ => Got::Known(Value::Bool(true)),
        }
    }
}

static ITEMS: [Item; 4] = [Item(1), Item(2), Item(3), Item(4)];

pub(super) static SCHEMA: Record = Record {
    name: "variables",
    docs: "",
    fields: &[
        Field { name: "t", shape: Shape::Record(&THING), docs: "" },
        Field { name: "items", shape: Shape::Records(&ITEM), docs: "" },
        Field { name: "some", shape: Shape::Records(&ITEM), docs: "" },
        Field { name: "none", shape: Shape::Texts, docs: "" },
        Field { name: "gone", shape: Shape::Record(&THING), docs: "" },
        Field { name: "now", shape: Shape::Time, docs: "" },
    ],
};

pub(super) struct Root;

impl Facts for Root {
    fn fact(&self, field: usize) -> Got<'_> {
        let items = |name, rest| {
            let item = |(index, item): (usize, &'static Item)| {
                Value::Record(Handle { record: &ITEM, facts: item, name, index: Some(index) })
            };
            Got::Known(Value::List(List { items: ITEMS.iter().enumerate().map(item).collect(), rest }))
        };
        match field {
            0 => Got::Known(Value::Record(Handle { record: &THING, facts: &Thing, name: "t", index: None })),
            1 => items("items", None),
            2 => items("some", Some(("some", "svc:List"))),
            3 => Got::Known(Value::list([])),
            4 => Got::Absent,
            _ => Got::Known(Value::Time("2026-11-23T06:00:00Z".parse::<Instant>().unwrap())),
        }
    }
}

fn truth(text: &str) -> Truth {
    let program = compile(text, &SCHEMA).unwrap_or_else(|_| panic!("{text}: {:?}", messages::problems(text)));
    let evaluation = program.evaluate(&Root);
    assert_eq!(evaluation.missing.is_empty(), evaluation.truth != Truth::Unknown, "{text}: {:?}", evaluation.missing);
    evaluation.truth
}

/// What the answer rests on, or what is missing.
fn trail(text: &str) -> String {
    let program = compile(text, &SCHEMA).unwrap_or_else(|_| panic!("{text}: {:?}", messages::problems(text)));
    let evaluation = program.evaluate(&Root);
    match evaluation.truth {
        Truth::Unknown => {
            let shown = |missing: &Missing<'_>| format!("{} {:?}", missing.name(text), missing.why);
            evaluation.missing.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        _ => evaluation.seen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Each line: an expression, and `T`, `F` or `?`.
fn table(lines: &str) {
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (text, wanted) = line.rsplit_once(" => ").unwrap();
        let wanted = match wanted {
            "T" => Truth::True,
            "F" => Truth::False,
            _ => Truth::Unknown,
        };
        assert_eq!(truth(text), wanted, "{text}");
    }
}

#[test]
fn and_or_not_and_the_choice_absorb_what_is_unknown() {
    let values =
        [("t.yes", Some(true)), ("t.no", Some(false)), ("t.unread", None), ("t.absent", None), ("t.foreign", None)];
    let expected = |value: Option<bool>| match value {
        Some(true) => Truth::True,
        Some(false) => Truth::False,
        None => Truth::Unknown,
    };
    for (one, a) in values {
        assert_eq!(truth(&format!("!{one}")), expected(a.map(|a| !a)), "!{one}");
        for (two, b) in values {
            let and = if a == Some(false) || b == Some(false) { Some(false) } else { a.zip(b).map(|_| true) };
            let or = if a == Some(true) || b == Some(true) { Some(true) } else { a.zip(b).map(|_| false) };
            assert_eq!(truth(&format!("{one} && {two}")), expected(and), "{one} && {two}");
            assert_eq!(truth(&format!("{one} || {two}")), expected(or), "{one} || {two}");
            assert_eq!(truth(&format!("{one} == {two}")), expected(a.zip(b).map(|(a, b)| a == b)), "{one} == {two}");
            let choice = a.and_then(|a| if a { b } else { Some(true) });
            assert_eq!(truth(&format!("{one} ? {two} : t.yes")), expected(choice), "{one} ? {two} : t.yes");
        }
    }
    table(
        "
        t.unread && t.yes && t.no => F
        t.no || t.unread || t.yes => T
        t.unread || t.no || t.absent => ?
        !(t.unread && t.no) => T
    ",
    );
}

#[test]
fn presence_tells_what_is_not_there_from_what_was_not_read() {
    table(
        "
        has(t.yes) => T
        has(t.no) => T
        has(t.absent) => F
        has(t.foreign) => F
        has(t.unread) => ?
        has(t.tags.owner) => T
        has(t.tags.nobody) => F
        has(t.hidden_tags.owner) => ?
        has(gone.size) => F
        has(gone.tags.owner) => F
        !has(gone.size) || gone.size > 5 => T
        gone.size > 5 => ?
        'owner' in t.tags => T
        'x' in t.tags => F
        'x' in t.hidden_tags => ?
        t.tags.owner == 'ops' => T
        t.tags['cost centre'] == '7' => T
        t.tags.nobody == 'ops' => ?
        t.tags.nobody == 'ops' || t.yes => T
    ",
    );
}

#[test]
fn numbers_texts_instants_and_lengths_of_time() {
    table("
        t.size + 2 * 3 == 16 && t.size / 3 == 3 && t.size % 3 == 1 && -t.size == -10 => T
        t.size - 20 == -10 && t.size == 0xA && t.size > 9.5 && t.size < 10.5 && t.size == 10.0 => T
        double(t.size) / 4.0 == 2.5 && int(2.9) + t.size == 12 && int('7') < t.size => T
        t.size / 0 == 1 => ?
        t.size % 0 == 1 => ?
        t.size + 9223372036854775807 > 0 => ?
        -9223372036854775808 < t.size => T
        int(t.name) == 1 => ?
        0.0 / 0.0 < double(t.size) => ?
        t.size / 0 == 1 || t.yes => T
        t.name + '!' == \"prod-db!\" && t.name.startsWith('prod') && t.name.endsWith('db') && t.name.contains('d-d') => T
        t.name.matches('^prod-[a-z]+$') && !matches(t.name, '^[0-9]+$') => T
        size(t.name) == 7 && t.name.size() == 7 && size('é') == 1 && size(t.tags) == 2 && t.size == 10 => T
        t.name < 'q' && 'PROD-DB'.lowerAscii() == t.name && string(t.size) == '10' => T
        now - t.at == duration('30h') && now - t.at <= duration('1d6h') && t.at + duration('30h') == now => T
        now - duration('1d') > t.at && t.at == timestamp('2026-11-22T01:00:00+01:00') => T
        string(t.at) == '2026-11-22T00:00:00Z' => T
        t.state == 'on' && t.state in ['on', 'off'] => T
        t.hidden_size > 5 => ?
        t.hidden_size > 5 && t.size > 50 => F
        t.size in [1, 10] && !(t.size in []) && t.name in t.tags == false => T
        [1, 2] + [3] == [1, 2, 3] && [1, 2][1] == 2 && {'a': 1}.a == 1 && {'a': 1}['a'] == 1 && t.yes => T
        [1, 2] == [1, 3] || {'a': 1} == {'a': 2} || {'a': 1} == {'b': 1} || t.no => F
        [1, 2][2] == 1 || t.no => ?
        (t.yes ? 1 : 2) == 1 => T
        r'a\\d' == 'a\\\\d' && '\\x41\\u0042\\103' == 'ABC' && '''a'b''' == 'a\\'b' && t.yes => T
    ");
}

#[test]
fn loops_absorb_what_is_unknown_and_know_a_list_that_goes_on() {
    table(
        "
        items.all(i, i.number > 0) => T
        items.all(i, i.odd) => F
        items.all(i, i.third) => ?
        items.all(i, i.third && i.number < 4) => F
        items.exists(i, i.number == 3) => T
        items.exists(i, i.number == 9) => F
        items.exists(i, i.third) => T
        items.exists(i, i.third && i.number > 4) => F
        items.exists(i, i.number == 9 || (i.number == 3 && i.third)) => ?
        items.exists_one(i, i.number == 3) => T
        items.exists_one(i, i.odd) => F
        items.exists_one(i, i.number == 1 || i.third) => F
        items.exists_one(i, i.number == 3 && i.third) => ?
        size(items.filter(i, i.odd)) == 2 => T
        size(items.filter(i, i.third)) == 3 => ?
        items.map(i, i.number) == [1, 2, 3, 4] => T
        items.map(i, i.odd, i.number * 10) == [10, 30] => T
        items.filter(i, i.odd)[1].number == 3 => T
        items.exists(i, items.exists(j, j.number == i.number + 3)) => T
        t.tags.all(k, size(k) > 4) => T
        none.all(x, x == 'a') => T
        none.exists(x, x == 'a') => F
        size(none) == 0 => T
        some.all(i, i.number > 0) => ?
        some.all(i, i.number > 1) => F
        some.exists(i, i.number == 3) => T
        some.exists(i, i.number == 9) => ?
        some.exists_one(i, i.odd) => F
        some.exists_one(i, i.number == 1) => ?
        size(some) == 4 => ?
        some[0].number == 1 => ?
        3 in some.map(i, i.number) => T
        9 in some.map(i, i.number) => ?
        some.map(i, i.number) == [1] => ?
        some.filter(i, i.odd).exists(i, i.number == 3) => T
    ",
    );
}

#[test]
fn the_trail_holds_what_decides() {
    for (text, wanted) in [
        ("t.size > 5 && t.name == 'x'", "t.name is \"prod-db\""),
        ("t.size > 5 || t.name == 'x'", "t.size is 10"),
        ("t.size < 5 || t.name == 'x'", "t.size is 10, t.name is \"prod-db\""),
        ("t.unread && t.no", "t.no is false"),
        ("t.size < 20 || 'owner' in t.tags", "t.size is 10"),
        ("'x' in t.tags || t.tags.owner == 'me'", "t.tags['x'] is not set, t.tags['owner'] is \"ops\""),
        ("now - t.at < duration('1d')", "t.at is 2026-11-22 00:00:00 UTC"),
        ("items.all(i, i.number > 0)", "items is a list of 4"),
        ("items.all(i, i.odd)", "items is a list of 4, items[1].odd is false"),
        ("items.exists(i, i.number == 3)", "items is a list of 4, items[2].number is 3"),
        ("has(t.absent) || size(none) > 0", "t.absent is not set, none is empty"),
        ("t.size == t.size", "t.size is 10"),
        ("t.unread && t.hidden_size > 5", "t.unread Unread(\"svc:Get\"), t.hidden_size Unread(\"svc:Get\")"),
        ("t.absent || t.foreign", "t.absent Absent, t.foreign Foreign"),
        ("t.tags.nobody == 'x'", "t.tags['nobody'] Absent"),
        ("gone.size == 1", "gone Absent"),
        ("t.size / 0 == 1", "t.size / 0 Failed(\"division by zero\")"),
        ("some.all(i, i.third)", "some[2].third Unread(\"svc:List\"), some Incomplete(\"svc:List\")"),
        ("size(some) == 4", "some Incomplete(\"svc:List\")"),
    ] {
        assert_eq!(trail(text), wanted, "{text}");
    }
}

#[test]
fn an_evaluation_that_does_not_end_is_given_up() {
    let list = format!("[{}]", vec!["1"; 400].join(","));
    let text = format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c > 0 && t.yes)))");
    assert_eq!(trail(&text), format!("{}… Spent", &text[..40]));
    let mut doubled = "[t.name]".to_owned();
    for _ in 0..40 {
        doubled.push_str(".map(a, a + a)");
    }
    assert!(trail(&format!("size({doubled}[0]) > 0")).ends_with("Spent"));
    // A side that does not end is not absorbed by one that decides.
    assert_eq!(truth(&format!("size({doubled}[0]) > 0 || t.yes")), Truth::Unknown);
}
