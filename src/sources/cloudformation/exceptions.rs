//! Exceptions that stand in the comments of a template in YAML.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::text::Text;
use crate::sources::iac::suppression::{self, Suppression, SuppressionError};
use crate::sources::iac::{CodeAt, Declared};

/// The exceptions in a template, with the logical id of the resource that each holds for: the one that it stands in, or
/// directly above. JSON has no comments. `path` is that of the template, as [`super::read`] got it.
///
/// # Errors
/// The first comment that means to be an exception and is none.
pub fn exceptions(
    template: &[u8],
    path: &Path,
    declared: &Declared,
) -> Result<Vec<(Text, Suppression)>, SuppressionError> {
    let text = String::from_utf8_lossy(template);
    if !text.contains(suppression::MARK) {
        return Ok(Vec::new());
    }
    let file = Text::from(path.display().to_string());
    let mut blocks: BTreeMap<u32, Vec<&Text>> = BTreeMap::new();
    for resource in &declared.resources {
        if let Some(at) = resource.at.as_ref().filter(|at| at.file == file) {
            blocks.entry(at.line).or_default().push(&resource.address);
        }
    }
    let mut found = Vec::new();
    // The block that the reading is in with how far it is indented, and the exceptions of the comment that it is in.
    let mut current: (&[&Text], usize) = (&[], 0);
    let mut pending: Vec<(Suppression, usize)> = Vec::new();
    for (line, content) in (1..).zip(text.lines().chain([""])) {
        let indent = content.len() - content.trim_start().len();
        if let Some(comment) = content.trim_start().strip_prefix('#') {
            if let Some(read) = suppression::read(comment, CodeAt { file: file.clone(), line }) {
                pending.push((read?, indent));
            }
            continue;
        }
        let begins = blocks.get(&line);
        match begins {
            Some(block) => current = (block, indent),
            // Another part of the template begins.
            None if content.starts_with(|c: char| !c.is_whitespace()) => current = (&[], 0),
            None => {}
        }
        for (exception, _) in pending.drain(..).filter(|(_, at)| begins.is_some() || *at > current.1) {
            found.extend(current.0.iter().map(|address| ((*address).clone(), exception.clone())));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::declared::{Action, DeclaredResource};

    #[test]
    fn an_exception_holds_for_the_resource_that_it_stands_in_or_above() {
        let mark =
            |rule: &str| format!("# lastgood:ignore rule=\"{rule}\" until=\"2026-12-31\" owner=\"o\" reason=\"r\"");
        let (above, inside, apart, after) = (mark("above"), mark("inside"), mark("apart"), mark("after"));
        let text = format!(
            "Resources:\n  {above}\n  # more\n  A:\n    Type: x\n    {inside}\n  {apart}\n\n  B:\n    Type: x\nOutputs:\n  {after}\n"
        );
        let block = |address: &str, line: u32| DeclaredResource {
            address: address.into(),
            declared_type: "x".into(),
            identity: None,
            action: Action::Stated,
            at: Some(CodeAt { file: "t.yaml".into(), line }),
            previous_address: None,
        };
        let declared = Declared { resources: vec![block("A", 4), block("B", 9)], ..Declared::default() };
        let read = |text: &str| exceptions(text.as_bytes(), Path::new("t.yaml"), &declared);
        let found = read(&text).unwrap();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(id, exception)| (id.as_str(), exception.rule.as_str())).collect();
        assert_eq!(found, [("A", "above"), ("A", "inside")]);
        assert!(read("# lastgood:ignore rule=\"x\"\n").is_err());
    }
}
