//! YAML with the line of each value. The short forms of functions (`!Ref`) become their long ones.
//!
//! The parser's events are taken one by one, without recursion, so that neither nesting nor anchors can hurt.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::node::{Data, Entry, Node};
use crate::sources::iac::Problem;

/// CloudFormation itself takes no template that is nested deeper than this.
const DEEPEST: usize = 100;
/// Values of a document with those that aliases repeat. A template of 1 MB has some 100,000.
const MOST: usize = 1_000_000;

/// A list or map that is not complete yet.
struct Open {
    line: u32,
    anchor: usize,
    tag: Option<String>,
    is_map: bool,
    items: Vec<Node>,
    entries: Vec<Entry>,
    keys: HashSet<String>,
    /// What merges bring: it counts where the map says nothing itself.
    merged: Vec<Entry>,
    /// A key whose value comes next.
    key: Option<(String, u32)>,
    /// Values within.
    size: usize,
}

/// Read the only document of a text.
///
/// # Errors
/// Each key that stands twice in a map, what is no YAML, and what would not end, by its own [`Problem`].
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    let mut stack: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, (Node, usize)> = HashMap::new();
    let mut root = None;
    let mut total = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| not_yaml(text, &error))?;
        let line = line(&span);
        // `made` is what it adds: the values within a list or map are counted as they come.
        let (node, size, made) = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let data = match value.as_ref() {
                    "" | "~" | "null" | "Null" | "NULL" if plain && tag.is_none() => Data::Null,
                    text => Data::Text(text.to_owned()),
                };
                let node = tagged(Node { line, data }, short(tag.as_deref()));
                if anchor > 0 {
                    anchors.insert(anchor, (node.clone(), 1));
                }
                (node, 1, 1)
            }
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some((node, size)) if total.saturating_add(*size) <= MOST => (node.clone(), *size, *size),
                Some(_) => return Err(too_much()),
                None => return Err(Problem::NotYaml(format!("line {line}: an alias stands within its own anchor"))),
            },
            Event::SequenceStart(anchor, ref tag) | Event::MappingStart(anchor, ref tag) if stack.len() < DEEPEST => {
                stack.push(Open {
                    line,
                    anchor,
                    tag: short(tag.as_deref()),
                    is_map: matches!(event, Event::MappingStart(..)),
                    items: Vec::new(),
                    entries: Vec::new(),
                    keys: HashSet::new(),
                    merged: Vec::new(),
                    key: None,
                    size: 1,
                });
                continue;
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                return Err(Problem::Form(format!("line {line} is nested deeper than {DEEPEST} levels")));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(mut done) = stack.pop() else { continue };
                let (line, anchor, tag, size) = (done.line, done.anchor, done.tag.take(), done.size);
                let data = if done.is_map { Data::Map(done.done()) } else { Data::List(done.items) };
                let node = tagged(Node { line, data }, tag);
                // What is kept for aliases counts too: anchors may stand within one another.
                let kept = if anchor > 0 { size } else { 0 };
                if anchor > 0 {
                    anchors.insert(anchor, (node.clone(), size));
                }
                (node, size, kept.saturating_add(1))
            }
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Problem::Form(format!("line {line} begins a second document")));
            }
            _ => continue,
        };
        total = total.saturating_add(made);
        if total > MOST {
            return Err(too_much());
        }
        match stack.last_mut() {
            Some(open) => open.put(node, size)?,
            None => root = Some(node),
        }
    }
    root.ok_or(Problem::Empty)
}

impl Open {
    /// The next value within: an item, a key, or the value of the last key.
    fn put(&mut self, node: Node, size: usize) -> Result<(), Problem> {
        self.size = self.size.saturating_add(size);
        if !self.is_map {
            self.items.push(node);
            return Ok(());
        }
        let Some((key, line)) = self.key.take() else {
            let Data::Text(key) = node.data else {
                return Err(Problem::NotYaml(format!("line {}: a key is no text", node.line)));
            };
            if !self.keys.insert(key.clone()) {
                return Err(Problem::Twice { key, line: usize::try_from(node.line).unwrap_or_default() });
            }
            self.key = Some((key, node.line));
            return Ok(());
        };
        if key == "<<" {
            let sources = if node.is_map() { std::slice::from_ref(&node) } else { node.items() };
            self.merged.extend(sources.iter().flat_map(Node::entries).cloned());
        } else {
            self.entries.push(Entry { key, line, value: node });
        }
        Ok(())
    }

    fn done(mut self) -> Vec<Entry> {
        for entry in std::mem::take(&mut self.merged) {
            if self.keys.insert(entry.key.clone()) {
                self.entries.push(entry);
            }
        }
        self.entries
    }
}

fn line(span: &Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}

fn too_much() -> Problem {
    Problem::Form(format!("with what its aliases repeat it holds more than {MOST} values"))
}

/// What the parser says; it quotes nothing of the text.
fn not_yaml(text: &str, error: &saphyr_parser::ScanError) -> Problem {
    let (line, column) = (error.marker().line(), error.marker().col() + 1);
    // What breaks at the end of the text was cut off.
    if line >= text.lines().count() && text.trim_start().starts_with(['{', '[']) {
        return Problem::CutOff { line, column };
    }
    Problem::NotYaml(format!("{} (line {line}, column {column})", error.info()))
}

/// The name of a short form; tags of YAML itself mean nothing here.
fn short(tag: Option<&Tag>) -> Option<String> {
    tag.filter(|tag| tag.handle == "!" && !tag.suffix.is_empty()).map(|tag| tag.suffix.clone())
}

/// `!GetAtt a.b` as `{"Fn::GetAtt": ["a", "b"]}`.
fn tagged(node: Node, tag: Option<String>) -> Node {
    let Some(tag) = tag else { return node };
    let line = node.line;
    match (tag.as_str(), &node.data) {
        ("Ref" | "Condition", _) => Node::map(line, &tag, node),
        ("GetAtt", Data::Text(text)) => {
            let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
            let parts = vec![Node::text(line, id), Node::text(line, attribute)];
            Node::map(line, "Fn::GetAtt", Node { line, data: Data::List(parts) })
        }
        _ => Node::map(line, &format!("Fn::{tag}"), node),
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[track_caller]
    fn same(yaml: &str, json: &str) {
        let strip = |node: Node| {
            fn go(node: &mut Node) {
                node.line = 0;
                match &mut node.data {
                    Data::List(items) => items.iter_mut().for_each(go),
                    Data::Map(entries) => entries.iter_mut().for_each(|entry| {
                        entry.line = 0;
                        go(&mut entry.value);
                    }),
                    _ => {}
                }
            }
            let mut node = node;
            go(&mut node);
            node
        };
        assert!(strip(parse(yaml).unwrap()) == strip(json::parse(json, false).unwrap()), "{yaml}");
    }

    #[test]
    fn short_forms_are_long_forms() {
        same("a: !Ref B", r#"{"a": {"Ref": "B"}}"#);
        same("a: !GetAtt B.C.D", r#"{"a": {"Fn::GetAtt": ["B", "C.D"]}}"#);
        same("a: !GetAtt [B, C]", r#"{"a": {"Fn::GetAtt": ["B", "C"]}}"#);
        same("a: !Condition B", r#"{"a": {"Condition": "B"}}"#);
        same(
            "a: !If\n  - B\n  - Status: Enabled\n    At: !Sub '${C}'\n  - !Ref AWS::NoValue",
            r#"{"a": {"Fn::If": ["B", {"Status": "Enabled", "At": {"Fn::Sub": "${C}"}}, {"Ref": "AWS::NoValue"}]}}"#,
        );
        same("a: 'true'\nb: 035\nc: ~\nd:\ne: !!str 1", r#"{"a": true, "b": "035", "c": null, "d": null, "e": 1}"#);
    }

    #[test]
    fn anchors_and_merges_repeat_what_they_name() {
        same("a: &x {b: 1}\nc: *x", r#"{"a": {"b": 1}, "c": {"b": 1}}"#);
        same("a: &x {b: 1, d: 2}\nc: {<<: *x, d: 3}", r#"{"a": {"b": 1, "d": 2}, "c": {"d": 3, "b": 1}}"#);
    }

    #[test]
    fn each_value_knows_its_line() {
        let node = parse("# note\na:\n  - 1\n  - b: 2\n").unwrap();
        let items = node.get("a").unwrap().items();
        assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [3, 4]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(parse("a: 1\nb: 2\na: 3\n"), Err(Problem::Twice { key: "a".into(), line: 3 }));
        assert!(matches!(parse("a: [1, 2\nb: 3\n"), Err(Problem::NotYaml(_))));
        assert!(matches!(parse("a: 1\n---\nb: 2\n"), Err(Problem::Form(_))));
        assert!(matches!(parse("a: *b\n"), Err(Problem::NotYaml(_))));
    }

    #[test]
    fn neither_nesting_nor_anchors_can_hurt() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(DEEPEST)).is_ok());
        assert!(matches!(parse(&nested(DEEPEST + 1)), Err(Problem::Form(_))));
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"- ".repeat(100_000)).is_err());
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(matches!(parse(&bomb), Err(Problem::Form(_))));
    }
}
