//! Our own page, taken apart: a tree of elements and text as JSON, which the template walks.

use std::collections::HashSet;
use std::io;

use chrono::{Datelike as _, Timelike as _};
use roxmltree::{Document, Node};
use serde_json::{Map, Value, json};

use crate::model::Instant;

/// What colours and lines of the page's pictures are on paper; the page itself sets them by variables, which
/// pictures that stand alone do not have.
const STYLE: &str = include_str!("picture.css");

/// The page as data for the template. `can_show` tells whether a character has a glyph.
///
/// # Errors
/// If the page is not of our own making.
pub(super) fn data(html: &str, dated: Instant, can_show: &dyn Fn(char) -> bool) -> io::Result<Vec<u8>> {
    let strange = |what: &str| io::Error::other(format!("the page has no {what}"));
    let between = |from: &str, to: &str| {
        let start = html.find(from)?;
        let end = html.get(start..)?.find(to)?;
        html.get(start..start + end + to.len())
    };
    let header = between("<header>", "</header>").ok_or_else(|| strange("header"))?;
    let main = between("<main", "</main>").ok_or_else(|| strange("main part"))?;
    let title = between("<title>", "</title>").ok_or_else(|| strange("title"))?;
    // The controls of the screen have no place on paper.
    let main = match (main.find("<div id=\"filter\""), main.find("<p id=\"filter-status\"")) {
        (Some(start), Some(status)) => {
            let rest = main.get(status..).unwrap_or_default();
            let end = rest.find("</div>").map_or(status, |end| status + end + "</div>".len());
            format!("{}{}", main.get(..start).unwrap_or_default(), main.get(end..).unwrap_or_default())
        }
        _ => main.to_owned(),
    };
    let foot = between("<footer>", "</footer>").ok_or_else(|| strange("footer"))?;
    let text = format!("<page>{title}{header}{main}{foot}</page>").replace("<br>", "<br/>");
    let document =
        Document::parse(&text).map_err(|error| io::Error::other(format!("the page is not well formed: {error}")))?;
    let ids = document.descendants().filter_map(|node| node.attribute("id")).collect();
    let mut walk = Walk { source: &text, can_show, ids, taken: HashSet::new() };
    let part = |name: &str| document.root_element().children().find(|node| node.has_tag_name(name));
    let said = |name: &str| part(name).map(|node| walk_text(node)).unwrap_or_default();
    let (title, foot) = (said("title"), said("footer"));
    let data = json!({
        "date": [dated.year(), dated.month(), dated.day(), dated.hour(), dated.minute(), dated.second()],
        "title": walk.shown(&title, false).replace('\u{200b}', ""),
        "foot": walk.shown(foot.trim(), false).replace('\u{200b}', ""),
        "header": part("header").map(|node| walk.kids(node, false)).unwrap_or_default(),
        "main": part("main").map(|node| walk.kids(node, false)).unwrap_or_default(),
    });
    serde_json::to_vec(&data).map_err(io::Error::other)
}

fn walk_text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

struct Walk<'a> {
    source: &'a str,
    can_show: &'a dyn Fn(char) -> bool,
    /// The anchors that exist.
    ids: HashSet<&'a str>,
    /// Those that were already set: a name leads to one place.
    taken: HashSet<String>,
}

impl Walk<'_> {
    fn kids(&mut self, node: Node<'_, '_>, code: bool) -> Vec<Value> {
        node.children().filter_map(|child| self.node(child, code)).collect()
    }

    fn node(&mut self, node: Node<'_, '_>, code: bool) -> Option<Value> {
        if node.is_text() {
            let text = node.text().unwrap_or_default();
            if node.parent().is_some_and(|parent| parent.parent().is_some_and(|pre| pre.has_tag_name("pre"))) {
                return Some(Value::from(self.shown(text, false)));
            }
            // White space between blocks is that of the page's source.
            let space = |c: Option<char>| if c.is_some_and(char::is_whitespace) { " " } else { "" };
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if words.is_empty() {
                return is_inline_space(node).then(|| Value::from(" "));
            }
            let text = format!("{}{words}{}", space(text.chars().next()), space(text.chars().next_back()));
            return Some(Value::from(self.shown(&text, code)));
        }
        if !node.is_element() {
            return None;
        }
        let tag = node.tag_name().name();
        let mut element = Map::new();
        element.insert("t".into(), tag.into());
        for (short, name) in [("c", "class"), ("o", "data-outcome")] {
            if let Some(value) = node.attribute(name) {
                element.insert(short.into(), value.into());
            }
        }
        if let Some(id) = node.attribute("id").filter(|id| self.taken.insert((*id).to_owned())) {
            element.insert("i".into(), id.into());
        }
        if let Some(anchor) = node.attribute("href").and_then(|href| href.strip_prefix('#'))
            && self.ids.contains(anchor)
        {
            element.insert("h".into(), anchor.into());
        }
        match tag {
            "svg" => return self.picture(node, element),
            "table" => self.table(node, &mut element),
            _ => {
                element.insert("k".into(), self.kids(node, code || tag == "code").into());
            }
        }
        Some(element.into())
    }

    fn table(&mut self, node: Node<'_, '_>, element: &mut Map<String, Value>) {
        let find = |name: &str| node.children().find(|child| child.has_tag_name(name));
        let cell = |walk: &mut Self, cell: Node<'_, '_>| {
            let mut held = Map::new();
            held.insert("c".into(), cell.attribute("class").unwrap_or_default().into());
            held.insert("r".into(), cell.has_tag_name("th").into());
            if let Some(id) = cell.attribute("id").filter(|id| walk.taken.insert((*id).to_owned())) {
                held.insert("i".into(), id.into());
            }
            held.insert("k".into(), walk.kids(cell, false).into());
            Value::from(held)
        };
        let rows = |walk: &mut Self, part: Option<Node<'_, '_>>| -> Vec<Value> {
            let rows = part.into_iter().flat_map(|part| part.children().filter(|row| row.has_tag_name("tr")));
            rows.map(|row| {
                Value::from(row.children().filter(Node::is_element).map(|one| cell(walk, one)).collect::<Vec<_>>())
            })
            .collect()
        };
        let caption = find("caption").map(|caption| self.kids(caption, false)).unwrap_or_default();
        element.insert("caption".into(), caption.into());
        let heads = rows(self, find("thead")).into_iter().next().unwrap_or_else(|| Value::Array(Vec::new()));
        element.insert("widths".into(), widths(node));
        element.insert("heads".into(), heads);
        element.insert("rows".into(), rows(self, find("tbody")).into());
    }

    /// A picture that can stand alone; one that only defines patterns is none.
    fn picture(&mut self, node: Node<'_, '_>, mut element: Map<String, Value>) -> Option<Value> {
        let drawn =
            |child: Node<'_, '_>| child.is_element() && !["title", "desc", "defs"].contains(&child.tag_name().name());
        if !node.children().any(drawn) {
            return None;
        }
        let source = self.source.get(node.range())?;
        let (head, rest) = source.split_once('>')?;
        let size = |name: &str| node.attribute(name).and_then(|value| value.parse::<f64>().ok());
        let view: Vec<f64> =
            node.attribute("viewBox").unwrap_or_default().split(' ').filter_map(|n| n.parse().ok()).collect();
        let (wide, high) = (size("width").or(view.get(2).copied())?, size("height").or(view.get(3).copied())?);
        let sized = if node.attribute("width").is_some() { "" } else { " width=\"100%\" height=\"100%\"" };
        let shown: String =
            rest.chars().map(|c| if (self.can_show)(c) || c == '\n' { c } else { '\u{fffd}' }).collect();
        let svg = format!("{head} xmlns=\"http://www.w3.org/2000/svg\"{sized}><style>{STYLE}</style>{shown}");
        let alt = node.children().find(|child| child.has_tag_name("desc")).map(walk_text);
        element.insert("svg".into(), svg.into());
        if let Some(alt) = alt {
            element.insert("a".into(), self.shown(&alt, false).into());
        }
        element.insert("w".into(), wide.into());
        element.insert("hh".into(), high.into());
        Some(element.into())
    }

    /// The text with every character that no font has written out, and with places at which long names may break.
    fn shown(&self, text: &str, code: bool) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut run = 0;
        for c in text.chars() {
            if c == '\n' || (self.can_show)(c) {
                shown.push(c);
            } else {
                shown.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            run = if c.is_whitespace() { 0 } else { run + 1 };
            let breaks = matches!(c, '/' | ':' | '.' | '_' | ',' | '@' | '=') || (c == '-' && !code);
            if breaks && run > if code { 3 } else { 7 } || run >= 20 && run % 10 == 0 {
                shown.push('\u{200b}');
            }
        }
        shown
    }
}

/// What share of the width each column needs: 0 for one of short words only, which takes what it needs.
fn widths(table: Node<'_, '_>) -> Value {
    let mut columns: Vec<(usize, usize, usize)> = Vec::new();
    for row in table.descendants().filter(|node| node.has_tag_name("tr")) {
        for (at, cell) in row.children().filter(Node::is_element).enumerate() {
            let length = walk_text(cell).chars().count();
            match columns.get_mut(at) {
                Some((most, sum, rows)) => (*most, *sum, *rows) = ((*most).max(length), *sum + length, *rows + 1),
                None => columns.push((length, length, 1)),
            }
        }
    }
    let width = |(most, sum, rows): &(usize, usize, usize)| if *most <= 13 { 0 } else { (sum / rows).clamp(9, 60) };
    columns.iter().map(width).collect()
}

/// Whether white space between two nodes parts words.
fn is_inline_space(node: Node<'_, '_>) -> bool {
    const INLINE: [&str; 8] = ["span", "a", "code", "bdi", "strong", "em", "b", "br"];
    let inline = |near: Option<Node<'_, '_>>| {
        near.is_some_and(|near| near.is_text() || INLINE.contains(&near.tag_name().name()))
    };
    inline(node.prev_sibling()) && inline(node.next_sibling())
}
