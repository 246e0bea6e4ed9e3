//! `Fn::ForEach` of the language extensions: loops are spelt out before anything is read.

use super::node::{Data, Entry, Node};

const LOOP: &str = "Fn::ForEach::";
/// Values that all loops together may make. A template of 1 MB has some 100,000.
const MOST: usize = 1_000_000;

/// The texts of a collection, or why they cannot be told.
pub(super) type Texts<'f> = &'f dyn Fn(&Node) -> Result<Vec<String>, String>;

/// Whether there is a loop anywhere.
pub(super) fn has_loop(node: &Node) -> bool {
    match &node.data {
        Data::List(items) => items.iter().any(has_loop),
        Data::Map(entries) => entries.iter().any(|entry| entry.key.starts_with(LOOP) || has_loop(&entry.value)),
        _ => false,
    }
}

/// Spell out every loop. Those that cannot be spelt out stay, and are returned with the reason.
pub(super) fn expand(node: &mut Node, texts: Texts<'_>) -> Vec<(String, String)> {
    let mut left = Vec::new();
    let mut room = MOST;
    inside(node, texts, &mut left, &mut room);
    left
}

fn inside(node: &mut Node, texts: Texts<'_>, left: &mut Vec<(String, String)>, room: &mut usize) {
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(|item| inside(item, texts, left, room)),
        Data::Map(entries) => {
            for entry in std::mem::take(entries) {
                if !entry.key.starts_with(LOOP) {
                    entries.push(entry);
                    continue;
                }
                match turns(&entry, texts, room) {
                    Ok(made) => entries.extend(made),
                    Err(why) => {
                        left.push((entry.key.clone(), why));
                        entries.push(entry);
                    }
                }
            }
            let inner = entries.iter_mut().filter(|entry| !entry.key.starts_with(LOOP));
            inner.for_each(|entry| inside(&mut entry.value, texts, left, room));
        }
        _ => {}
    }
}

fn turns(entry: &Entry, texts: Texts<'_>, room: &mut usize) -> Result<Vec<Entry>, String> {
    let [name, collection, body] = entry.value.items() else { return Err("has not three parts".to_owned()) };
    let name = name.as_text().ok_or("has no identifier")?;
    let mut made = Vec::new();
    for value in texts(collection)? {
        for one in body.entries() {
            *room = room.checked_sub(size(&one.value)).ok_or("makes the template too large")?;
            let mut one = one.clone();
            replace(&mut one.value, name, &value);
            one.key = fill(&one.key, name, &value);
            // A loop within takes its turns with the value of the outer one in place.
            if one.key.starts_with(LOOP) {
                made.extend(turns(&one, texts, room)?);
            } else {
                made.push(one);
            }
        }
    }
    Ok(made)
}

fn size(node: &Node) -> usize {
    1 + match &node.data {
        Data::List(items) => items.iter().map(size).sum(),
        Data::Map(entries) => entries.iter().map(|entry| size(&entry.value)).sum(),
        _ => 0,
    }
}

/// `${Name}` is the value, and `&{Name}` its letters and digits.
fn fill(text: &str, name: &str, value: &str) -> String {
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{name}}}"), value).replace(&format!("&{{{name}}}"), &letters)
}

fn replace(node: &mut Node, name: &str, value: &str) {
    if node.only().is_some_and(|entry| entry.key == "Ref" && entry.value.as_text() == Some(name)) {
        node.data = Data::Text(value.to_owned());
        return;
    }
    match &mut node.data {
        Data::Text(text) if text.contains('{') => *text = fill(text, name, value),
        Data::List(items) => items.iter_mut().for_each(|item| replace(item, name, value)),
        Data::Map(entries) => {
            for entry in entries {
                if entry.key.contains('{') {
                    entry.key = fill(&entry.key, name, value);
                }
                replace(&mut entry.value, name, value);
            }
        }
        _ => {}
    }
}
