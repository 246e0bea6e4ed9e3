//! Values of parameters: from the command line, and from the files that the tools of AWS take.

use std::collections::BTreeMap;
use std::path::Path;

use super::node::{Data, Node};
use super::template::document;
use crate::sources::iac::{self, IacError, Problem};

/// One `NAME=VALUE` of the command line.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn parse(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// A file of parameters, in any of the forms in use: the list of `--parameters` (`ParameterKey`, `ParameterValue`), that
/// of `aws cloudformation deploy` (`"NAME=VALUE"`), a template configuration of CodePipeline (`{"Parameters": {…}}`), or
/// a plain map.
///
/// # Errors
/// [`IacError::Content`] where it is none of them.
pub fn read(bytes: Vec<u8>, path: &Path) -> Result<BTreeMap<String, String>, IacError> {
    let problem = |problem| IacError::Content { path: path.to_owned(), problem };
    let (text, utf16) = iac::decode(bytes).map_err(problem)?;
    let root = if text.trim_start().starts_with('[') {
        super::json::parse(&text, utf16).map_err(problem)?
    } else {
        document(&text, utf16).map_err(problem)?
    };
    of(&root).ok_or_else(|| problem(Problem::NotParameters))
}

fn of(root: &Node) -> Option<BTreeMap<String, String>> {
    match &root.data {
        Data::List(items) => items
            .iter()
            .map(|item| match item.as_text() {
                Some(text) => parse(text).ok(),
                None => Some((item.get("ParameterKey")?.as_text()?.to_owned(), value(item.get("ParameterValue")?)?)),
            })
            .collect(),
        Data::Map(_) => {
            let map = root.get("Parameters").unwrap_or(root);
            map.entries().iter().map(|entry| Some((entry.key.clone(), value(&entry.value)?))).collect()
        }
        _ => None,
    }
}

/// A value; that of a list may stand as one.
fn value(node: &Node) -> Option<String> {
    match &node.data {
        Data::Text(text) => Some(text.clone()),
        Data::List(items) => {
            let items: Option<Vec<&str>> = items.iter().map(Node::as_text).collect();
            Some(items?.join(","))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_file_gives_the_same() {
        for text in [
            r#"[{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Zones", "ParameterValue": "a,b"}]"#,
            r#"["Env=prod", "Zones=a,b"]"#,
            r#"{"Parameters": {"Env": "prod", "Zones": "a,b"}, "Tags": {"x": "y"}}"#,
            r#"{"Env": "prod", "Zones": ["a", "b"]}"#,
            "Env: prod\nZones: [a, b]\n",
        ] {
            let read = read(text.as_bytes().to_vec(), Path::new("p.json")).unwrap();
            let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(read, [("Env", "prod"), ("Zones", "a,b")], "{text}");
        }
        for text in ["[1]", "[{}]", "x", r#"{"a": {"b": 1}}"#] {
            assert!(read(text.as_bytes().to_vec(), Path::new("p.json")).is_err(), "{text}");
        }
        assert_eq!(parse("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(parse("A").is_err() && parse("=b").is_err());
    }
}
