//! CloudFormation templates: as written, as the CDK synthesises them, and with the serverless transform.
//!
//! ```text
//! bytes ─ decode ─ yaml, json ─► Node ─► Template ─► Scope (what expressions come to) ─► Draft ─► Inventory + Declared
//! ```
//!
//! * [`node`]: a document with its lines, from [`yaml`] or [`json`].
//! * [`template`]: the parts of a template; [`foreach`], [`serverless`]: what is spelt out first; [`recognise`]: what is
//!   no template.
//! * [`resolve`], [`functions`]: parameters, mappings, conditions and intrinsic functions; [`worlds`]: what is assumed where
//!   one cannot be told; [`value`]: what they come to.
//! * [`assets`], [`nested`], [`stacks`], [`outputs`]: templates within one another, what they get and what they give back.
//! * [`family`]: what each type is to us.
//! * [`draft`]: the inventory.
//!
//! A template tells nothing of what is deployed: there is no inventory before the change. Where a condition or a
//! parameter decides, each of its values is looked at; what differs cannot be told, and the condition is named.

mod assets;
mod cdk;
mod dangling;
mod draft;
mod exceptions;
mod family;
mod foreach;
mod functions;
mod json;
mod nested;
mod node;
mod outputs;
pub mod parameters;
mod recognise;
mod resolve;
mod serverless;
mod stacks;
mod template;
mod value;
mod view;
mod weakening;
mod worlds;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

pub use exceptions::exceptions;
pub use recognise::is_for_cloudformation;
pub use stacks::Stacks;

use super::iac::{
    self, CLOUDFORMATION, CodeAt, Declared, DeclaredResource, IacError, Problem, Reading, UNKNOWN_ACCOUNT,
    UNKNOWN_REGION, incomplete,
};
use crate::model::Instant;
use crate::model::gap::Gap;
use crate::model::inventory::Inventory;
use crate::model::text::Text;
use draft::Draft;
use nested::Nested;
use node::Node;
use outputs::Below;
use resolve::Scope;
use template::Template;
use value::Why;
use worlds::World;

/// What is known beside the template.
#[derive(Clone, Copy, Debug)]
pub struct Given<'g> {
    /// The instant at which it is looked at.
    pub as_of: Instant,
    /// The inventory of the account, where it was given.
    pub live: Option<&'g Inventory>,
    /// Values of parameters, and of pseudo parameters such as `AWS::Region`.
    pub parameters: &'g BTreeMap<String, String>,
    /// The inputs that are judged at the same time: nested stacks may be among them.
    pub stacks: &'g Stacks,
}

/// Read a template. `path` is for messages and for the places of resources.
///
/// # Errors
/// [`IacError::Content`] with what is wrong with the input.
pub fn read(bytes: Vec<u8>, path: &Path, given: &Given<'_>) -> Result<Reading, IacError> {
    let problem = |problem| IacError::Content { path: path.to_owned(), problem };
    let (text, utf16) = iac::decode(bytes).map_err(problem)?;
    let mut root = template::document(&text, utf16).map_err(problem)?;
    assets::localise(&mut root, path);
    let cdk = cdk::beside(path);
    let (parameters, open) = stacks::effective(given, given.stacks.handed(path));
    let given = &Given { parameters: &parameters, ..*given };
    let below = Below::new(*given, path);
    let template = template(root, &below, &open, &cdk).map_err(problem)?;
    Ok(reading(&template, path, &below, &open, &cdk))
}

/// What is given to parameters and cannot be told, with the reason.
type Open = BTreeMap<String, Why>;

/// The template with its loops spelt out, and what transforms make of it.
fn template(mut root: Node, below: &Below<'_>, open: &Open, cdk: &cdk::Beside) -> Result<Template, Problem> {
    let given = &below.given;
    let mut template = Template::new(&root)?;
    parameters_fit(&template, given.parameters)?;
    if foreach::has_loop(&root) {
        let scope = Scope::new(&template, given.parameters, open, place(given, cdk), below.clone());
        let left = foreach::expand(&mut root, &|collection| scope.texts(collection));
        template = Template::new(&root)?;
        for (key, why) in &mut template.unread {
            if let Some((_, reason)) = left.iter().find(|(left, _)| left == key) {
                why.clone_from(reason);
            }
        }
    }
    dangling::refuse(&template)?;
    serverless::unfold(&mut template);
    Ok(template)
}

/// Every given value must be that of a parameter, and one that it allows.
fn parameters_fit(template: &Template, given: &BTreeMap<String, String>) -> Result<(), Problem> {
    for (name, value) in given.iter().filter(|(name, _)| !name.starts_with("AWS::")) {
        let Some(parameter) = template.parameters.get(name) else {
            return Err(Problem::Parameter(format!("it has no parameter `{name}`")));
        };
        if !parameter.allowed.is_empty() && !parameter.is_list() && !parameter.allowed.contains(value) {
            return Err(Problem::Parameter(format!("its parameter `{name}` does not allow the value that is given")));
        }
        let (least, most) = parameter.bounds.map_or((None, None), |(least, most)| (Some(least), most));
        let number = value.trim().parse::<f64>();
        let fits = |bound: Option<u64>, ok: &dyn Fn(f64, f64) -> bool| {
            // Bounds are small numbers, which a float holds exactly.
            let bound = bound.and_then(|bound| u32::try_from(bound).ok()).map(f64::from);
            bound.is_none_or(|bound| number.as_ref().is_ok_and(|number| ok(*number, bound)))
        };
        let is_number = number.is_ok() && fits(least, &|n, b| n >= b) && fits(most, &|n, b| n <= b);
        if parameter.ty == "Number" && !is_number {
            return Err(Problem::Parameter(format!("its parameter `{name}` asks for another number than is given")));
        }
    }
    Ok(())
}

fn reading(template: &Template, path: &Path, below: &Below<'_>, open: &Open, cdk: &cdk::Beside) -> Reading {
    let given = &below.given;
    let scope = Scope::new(template, given.parameters, open, place(given, cdk), below.clone());
    let mut draft = Draft::build(&scope, &World::default(), given.as_of, given.live, &cdk.tags);
    let mut inventory = std::mem::replace(&mut draft.inventory, Inventory::empty(given.as_of, CLOUDFORMATION));
    inventory.gaps.extend(gaps(template, path, given.stacks));
    inventory.gaps.sort();
    let weakenings = weakening::of(&scope, &draft);
    let mut declared = Declared {
        tool: Text::from(tool(template)),
        has_before: false,
        resources: std::mem::take(&mut draft.declared),
        undecided: draft.undecided.take(),
        bounds: std::mem::take(&mut draft.bounds),
        weakenings,
        live: false,
    };
    locate(&mut declared.resources, template, path, cdk);
    declared.sort();
    inventory.declared = Some(Box::new(declared));
    Reading { after: inventory, before: None }
}

/// The account and region: as given, as the program of the CDK has it, or those of the inventory where it has one.
fn place(given: &Given<'_>, cdk: &cdk::Beside) -> (Text, Text) {
    let of = |name: &str, known: Option<&Vec<Text>>, unknown: &str| match (given.parameters.get(name), known) {
        (Some(value), _) => Text::from(value),
        (None, _) if name == "AWS::AccountId" && cdk.account.is_some() => cdk.account.clone().unwrap_or_default(),
        (None, _) if name == "AWS::Region" && cdk.region.is_some() => cdk.region.clone().unwrap_or_default(),
        (None, Some(known)) => match known.iter().filter(|place| **place != "global").collect::<Vec<_>>().as_slice() {
            [one] => (*one).clone(),
            _ => Text::from(unknown),
        },
        (None, None) => Text::from(unknown),
    };
    let account = of("AWS::AccountId", given.live.map(|live| &live.accounts), UNKNOWN_ACCOUNT);
    let region = of("AWS::Region", given.live.map(|live| &live.regions), UNKNOWN_REGION);
    (account, region)
}

fn tool(template: &Template) -> String {
    let version = template.version.as_deref().filter(|version| version.len() < 20).unwrap_or("2010-09-09");
    let mut text = format!("cloudformation, template format {version}");
    if !template.transforms.is_empty() {
        text.push_str(&format!(", transforms {}", template.transforms.join(", ")));
    }
    text
}

/// The lines of resources in the template, or in the program that made it.
fn locate(resources: &mut [DeclaredResource], template: &Template, path: &Path, cdk: &cdk::Beside) {
    if path == Path::new("-") {
        return;
    }
    let file = Text::from(path.display().to_string());
    let lines: BTreeMap<&str, u32> =
        template.resources.iter().map(|resource| (resource.id.as_str(), resource.line)).collect();
    for resource in resources {
        let id = resource.address.split('.').next().unwrap_or_default();
        let in_template = || lines.get(id).map(|line| CodeAt { file: file.clone(), line: *line });
        resource.at = cdk.places.get(id).cloned().or_else(in_template);
    }
}

/// Transforms that change nothing of what is read here, or that are unfolded.
const TRANSFORMS: &[&str] = &[
    "AWS::LanguageExtensions",
    "AWS::Serverless-2016-10-31",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
    "AWS::CodeDeployBlueGreen",
];

/// What makes the template show less than the stack.
fn gaps(template: &Template, path: &Path, stacks: &Stacks) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for name in template.transforms.iter().filter(|name| !TRANSFORMS.contains(&name.as_str())) {
        let why = format!("the transform `{name}` rewrites the template when the stack is deployed");
        gaps.push(incomplete(CLOUDFORMATION, "Transform", Some(name), &why));
    }
    for (key, why) in &template.unread {
        gaps.push(incomplete(CLOUDFORMATION, "Resources", Some(key), &format!("`{key}` {why}")));
    }
    for resource in &template.resources {
        let why = match nested::of(resource) {
            Some(Nested::File(file)) => {
                let file = nested::beside(path, file);
                if stacks.contains(&file) {
                    continue;
                }
                let file = file.display();
                format!("the nested stack is not read: give its template `{file}` as an input, too")
            }
            Some(Nested::Elsewhere) => {
                "the nested stack lies elsewhere and is not read: give its template as an input of its own".to_owned()
            }
            None if resource.ty.ends_with("::MODULE") => {
                "the module is not read: its resources are not in the template".to_owned()
            }
            None => continue,
        };
        gaps.push(incomplete(CLOUDFORMATION, "NestedStack", Some(&resource.id), &why));
    }
    gaps
}
