//! JSON with the line of each value. `serde_json` keeps no places of values, so the lines are counted as it reads.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::node::{Data, Entry, Node};
use crate::sources::iac::Problem;

/// Hands out one byte at a time, so that the count is that of the value being read.
struct Counted<'a> {
    rest: &'a [u8],
    line: &'a Cell<u32>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some((byte, rest)), Some(slot)) = (self.rest.split_first(), buffer.first_mut()) else { return Ok(0) };
        *slot = *byte;
        self.rest = rest;
        if *byte == b'\n' {
            self.line.set(self.line.get().saturating_add(1));
        }
        Ok(1)
    }
}

/// Read a document.
///
/// # Errors
/// Each key that stands twice in a map, and what is no JSON, by its own [`Problem`].
pub(super) fn parse(text: &str, utf16: bool) -> Result<Node, Problem> {
    let line = Cell::new(1);
    let twice = Cell::new(None);
    let mut parser = serde_json::Deserializer::from_reader(Counted { rest: text.as_bytes(), line: &line });
    let seed = Seed { line: &line, twice: &twice };
    let read = seed.deserialize(&mut parser).and_then(|node| parser.end().map(|()| node));
    read.map_err(|error| match twice.take() {
        Some((key, line)) => Problem::Twice { key, line },
        None => explain(&error, utf16),
    })
}

fn explain(error: &serde_json::Error, utf16: bool) -> Problem {
    let (line, column) = (error.line(), error.column());
    if error.classify() == serde_json::error::Category::Eof {
        return Problem::CutOff { line, column };
    }
    let text = error.to_string();
    // The parser quotes nothing of the text but where it names a value, behind a back-tick.
    let message = text.split('`').next().unwrap_or_default().trim();
    Problem::NotJson { message: message.to_owned(), utf16 }
}

#[derive(Clone, Copy)]
struct Seed<'c> {
    line: &'c Cell<u32>,
    twice: &'c Cell<Option<(String, usize)>>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Seed<'_> {
    fn node(self, data: Data) -> Node {
        Node { line: self.line.get(), data }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(self.node(Data::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(self.node(Data::Text(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(self.node(Data::Text(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(self.node(Data::Text(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(self.node(Data::Text(value.to_string())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(self.node(Data::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(self.node(Data::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let line = self.line.get();
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Node { line, data: Data::List(items) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let line = self.line.get();
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let line = self.line.get();
            if !seen.insert(key.clone()) {
                self.twice.set(Some((key, usize::try_from(line).unwrap_or_default())));
                return Err(A::Error::custom("a key stands twice"));
            }
            let value = map.next_value_seed(self)?;
            entries.push(Entry { key, line, value });
        }
        Ok(Node { line, data: Data::Map(entries) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_knows_its_line() {
        let node = parse("{\n \"a\": {\"b\": 1},\n\n \"c\":\n  [true,\n  null]\n}", false).unwrap();
        let lines: Vec<_> = node.entries().iter().map(|entry| (entry.key.as_str(), entry.line)).collect();
        assert_eq!(lines, [("a", 2), ("c", 4)]);
        let items: Vec<u32> = node.get("c").unwrap().items().iter().map(|item| item.line).collect();
        assert_eq!(items, [5, 6]);
        assert_eq!(node.get("a").unwrap().get("b").unwrap().as_text(), Some("1"));
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_its_line() {
        let found = parse("{\"a\": {\"b\": 1,\n\"b\": 2}}", false);
        assert_eq!(found, Err(Problem::Twice { key: "b".into(), line: 2 }));
        assert!(matches!(parse("{\"a\": 1", false), Err(Problem::CutOff { line: 1, .. })));
        assert!(matches!(parse(&"[".repeat(200_000), false), Err(Problem::NotJson { .. })));
        assert!(matches!(parse("{\"a\": 1} x", false), Err(Problem::NotJson { .. })));
    }
}
