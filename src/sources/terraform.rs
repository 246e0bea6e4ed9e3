//! Plans and states of Terraform and OpenTofu (`terraform show -json`).
//!
//! ```text
//! bytes ─ decode ─ format ─► Plan (instances, blocks) ─┬─ Draft(before) ─► Inventory
//!                                                      ├─ Draft(after) ──► Inventory + Declared
//!                                                      └─ weakening ─────► what the change takes away
//! ```
//!
//! * [`format`]: the JSON, read lean.
//! * [`plan`]: instances and the blocks that they come from.
//! * [`view`]: what an attribute says: known, not set, or open; [`resolve`]: whether an expression could be known.
//! * [`family`]: what each type is to us.
//! * [`draft`]: the inventory of one side.
//!
//! `planned_values` is never read: Terraform leaves unknown values out of it, so that they look as if nobody had set them.

mod address;
mod ask;
mod attributes;
mod code;
mod draft;
mod family;
mod format;
mod place;
mod plan;
mod resolve;
mod scanner;
mod view;
mod weakening;

use std::collections::HashMap;
use std::path::Path;

pub use code::locate;

use super::iac::{self, Declared, DeclaredResource, IacError, Problem, Reading, TERRAFORM, incomplete};
use crate::model::Instant;
use crate::model::inventory::Inventory;
use crate::model::text::Text;
use draft::Draft;
use format::Document;
use place::Places;
use plan::Plan;
use view::Side;

/// What is known beside the input.
#[derive(Clone, Copy, Debug)]
pub struct Given<'g> {
    /// The instant at which the change is looked at.
    pub as_of: Instant,
    /// The inventory of the account, where it was given.
    pub live: Option<&'g Inventory>,
}

/// Read a plan or a state. `path` is for messages.
///
/// # Errors
/// [`IacError::Content`] with what is wrong with the input.
pub fn read(bytes: Vec<u8>, path: &Path, given: &Given<'_>) -> Result<Reading, IacError> {
    let problem = |problem| IacError::Content { path: path.to_owned(), problem };
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(problem(Problem::BinaryPlan));
    }
    let (text, utf16) = iac::decode(bytes).map_err(problem)?;
    let document = format::parse(&text, utf16).map_err(problem)?;
    let plan = Plan::new(&document).map_err(problem)?;
    let drifted = document.resource_drift.as_ref().is_some_and(|drift| !drift.is_empty());
    let remembered = if drifted { Some(Plan::with_drift(&document, true).map_err(problem)?) } else { None };
    Ok(reading(&plan, remembered.as_ref(), given))
}

fn reading(plan: &Plan<'_>, remembered: Option<&Plan<'_>>, given: &Given<'_>) -> Reading {
    let account = given.live.and_then(|live| match live.accounts.as_slice() {
        [one] => Some(one),
        _ => None,
    });
    let places = Places::of(plan, account);
    let is_plan = plan.document.resource_changes.is_some();
    let mut after = Draft::build(plan, &places, Side::After, given);
    let before = is_plan.then(|| Draft::build(plan, &places, Side::Before, given));
    let mut declared = Declared {
        tool: Text::from(tool(plan.document)),
        has_before: is_plan,
        undecided: after.undecided.take().into_values().flatten().collect(),
        weakenings: before.as_ref().map(|before| weakening::of(plan, before, &after)).unwrap_or_default(),
        ..Declared::default()
    };
    declared.resources.reserve(plan.instances.len());
    for (index, instance) in plan.instances.iter().enumerate().filter(|(_, instance)| instance.info.is_some()) {
        let of = |draft: &Draft<'_, '_>| {
            draft.wholes.get(index).cloned().flatten().or_else(|| draft.identity(index).cloned())
        };
        declared.resources.push(DeclaredResource {
            address: Text::from(instance.address),
            declared_type: Text::from(instance.ty),
            identity: of(&after).or_else(|| before.as_ref().and_then(of)),
            action: instance.action,
            at: None,
            previous_address: instance.previous_address.map(Text::from),
        });
    }
    declared.resources.extend(devices(&after.inventory, &declared));
    if let (Some(remembered), Some(before)) = (remembered, &before) {
        let old = Draft::build(remembered, &places, Side::Before, given);
        let drift = drift(&old.inventory, &before.inventory, &after.inventory, &declared);
        declared.weakenings.extend(drift);
    }
    declared.sort();
    let mut inventory = std::mem::replace(&mut after.inventory, Inventory::empty(given.as_of, TERRAFORM));
    inventory.gaps.extend(gaps(plan.document));
    inventory.gaps.sort();
    let tool = declared.tool.clone();
    inventory.declared = Some(Box::new(declared));
    let before = before.map(|mut before| {
        let mut inventory = std::mem::replace(&mut before.inventory, Inventory::empty(given.as_of, TERRAFORM));
        let undecided = before.undecided.take().into_values().flatten().collect();
        let mut declared = Declared { tool, undecided, ..Declared::default() };
        declared.sort();
        inventory.declared = Some(Box::new(declared));
        inventory
    });
    Reading { after: inventory, before }
}

/// What somebody took away outside of Terraform, and this plan does not bring back.
fn drift(remembered: &Inventory, before: &Inventory, after: &Inventory, declared: &Declared) -> Vec<iac::Weakening> {
    let by_change = iac::weakened::between(before, after, declared);
    let since = iac::weakened::between(remembered, after, declared);
    let elsewhere = since.into_iter().filter(|weakening| !by_change.contains(weakening));
    elsewhere
        .map(|weakening| iac::Weakening {
            code: Text::from(format!("drift-{}", weakening.code)),
            sentence: Text::from(format!(
                "outside of Terraform, and not restored by this plan: {}",
                weakening.sentence
            )),
            ..weakening
        })
        .collect()
}

/// The block devices of instances are judged as volumes; what becomes of the instance becomes of them.
fn devices(inventory: &Inventory, declared: &Declared) -> Vec<DeclaredResource> {
    let instances: HashMap<&Text, &DeclaredResource> = declared
        .resources
        .iter()
        .filter(|resource| *resource.declared_type == *"aws_instance")
        .filter_map(|resource| Some((resource.identity.as_ref()?, resource)))
        .collect();
    let of_instance = |volume: &crate::model::resource::Resource| {
        let [instance] = volume.volume()?.attached_to.as_slice() else { return None };
        let instance = *instances.get(instance)?;
        let name = volume.name.as_ref()?;
        let device = name.strip_prefix(instance.address.as_str()).filter(|rest| rest.starts_with('.'))?;
        let previous_address = instance.previous_address.as_ref().map(|was| Text::from(format!("{was}{device}")));
        let identity = Some(volume.arn.clone());
        Some(DeclaredResource { address: name.clone(), identity, previous_address, ..instance.clone() })
    };
    inventory.resources.iter().filter_map(of_instance).collect()
}

fn tool(document: &Document<'_>) -> String {
    let version = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("?").to_owned();
    let what = if document.resource_changes.is_some() { "plan" } else { "state" };
    let (tool, format) = (version(&document.terraform_version), version(&document.format_version));
    format!("terraform {tool}, {what} format {format}")
}

/// What makes a plan show less than the change.
fn gaps(document: &Document<'_>) -> Vec<crate::model::gap::Gap> {
    let mut gaps = Vec::new();
    if document.complete == Some(false) {
        let why = "the plan says that it is not complete (`complete: false`): a targeted plan, or one with deferred \
                   changes; plan everything";
        gaps.push(incomplete(TERRAFORM, "PlanComplete", None, why));
    }
    for deferred in document.deferred_changes.iter().flatten() {
        let address = deferred.resource_change.as_ref().map(|change| change.address.as_ref());
        let reason = deferred.reason.as_deref().unwrap_or("no reason given");
        let why = format!("Terraform put the change off ({reason}): what it does cannot be told yet");
        gaps.push(incomplete(TERRAFORM, "PlanChange", address, &why));
    }
    for change in document.resource_changes.iter().flatten().filter(|change| change.index_unknown) {
        let why = "its `count` or `for_each` is known only after apply, so it cannot be told how many there will be";
        gaps.push(incomplete(TERRAFORM, "PlanChange", Some(&change.address), why));
    }
    gaps
}
