//! Stacks within a stack. Their templates are inputs of their own; what is not given is a gap.

use std::path::{Component, Path, PathBuf};

use super::node::Node;
use super::template::Declaration;

/// Where the template of a nested stack is.
pub(super) enum Nested<'t> {
    /// A file: a path from the folder of the template that names it.
    File(&'t str),
    /// A bucket, the repository of applications, or what cannot be told.
    Elsewhere,
}

/// The types that bring a template along, with the property that names it.
pub(super) const PROPERTIES: &[(&str, &str)] =
    &[("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")];

/// The template that a resource brings along, if it is a nested stack or application.
pub(super) fn of(declaration: &Declaration) -> Option<Nested<'_>> {
    named_by(&declaration.ty, Some(&declaration.properties))
}

/// The same by the type of a resource and its properties.
pub(super) fn named_by<'t>(ty: &str, properties: Option<&'t Node>) -> Option<Nested<'t>> {
    let (_, property) = PROPERTIES.iter().find(|(known, _)| *known == ty)?;
    let named = properties.and_then(|properties| properties.get(property)?.as_text());
    let is_file = |text: &&str| !text.is_empty() && !text.contains("://") && !text.starts_with("arn:");
    Some(named.filter(is_file).map_or(Nested::Elsewhere, Nested::File))
}

/// The path of a file that is named from beside another, as [`plain`] writes it.
pub(super) fn beside(template: &Path, file: &str) -> PathBuf {
    plain(&template.parent().unwrap_or(Path::new("")).join(file))
}

/// A path without the steps that lead nowhere, so that one file has one path.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}
