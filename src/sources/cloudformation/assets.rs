//! Templates of nested stacks as the CDK stages them: what names an object in a bucket lies as a file in the assembly.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::cdk;
use super::nested::{PROPERTIES, plain};
use super::node::{Data, Node};

/// Put the file in the place of the address where a nested stack is an asset whose file is there. The metadata of the
/// resource names it (`aws:asset:path`), or the manifest of the assets, by the key that the address ends with.
pub(super) fn localise(root: &mut Node, path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Data::Map(sections) = &mut root.data else { return };
    let Some(Node { data: Data::Map(resources), .. }) =
        sections.iter_mut().find(|section| section.key == "Resources").map(|section| &mut section.value)
    else {
        return;
    };
    // Read only where something is an asset that its metadata does not name.
    let mut keys: Option<HashMap<String, String>> = None;
    for resource in resources {
        let Some(file) = file(&resource.value, folder, &mut keys) else { continue };
        let Data::Map(parts) = &mut resource.value.data else { continue };
        let properties = parts.iter_mut().find(|part| part.key == "Properties").map(|part| &mut part.value.data);
        let Some(Data::Map(properties)) = properties else { continue };
        for property in properties.iter_mut().filter(|property| property.key == TEMPLATE_URL) {
            property.value = Node::text(property.value.line, file.as_str());
        }
    }
}

const TEMPLATE_URL: &str = "TemplateURL";

/// The file of a nested stack that is an asset and lies in the folder.
fn file(resource: &Node, folder: &Path, keys: &mut Option<HashMap<String, String>>) -> Option<String> {
    let ty = resource.get("Type")?.as_text()?;
    if !PROPERTIES.contains(&(ty, TEMPLATE_URL)) {
        return None;
    }
    let url = resource.get("Properties")?.get(TEMPLATE_URL)?;
    let named = |key: &str| resource.get("Metadata")?.get(key)?.as_text();
    let by_metadata = named("aws:asset:path").filter(|_| named("aws:asset:property") == Some(TEMPLATE_URL));
    let is_there = |file: &&str| folder.join(file).is_file();
    if let Some(file) = by_metadata.filter(is_there) {
        return Some(file.to_owned());
    }
    let key = last_text(url)?.rsplit_once('/')?.1;
    let keys = keys.get_or_insert_with(|| by_key(folder));
    keys.get(key).map(String::as_str).filter(is_there).map(str::to_owned)
}

/// The last text of an address, which may be joined of several: it ends with the key of the object.
fn last_text(node: &Node) -> Option<&str> {
    match &node.data {
        Data::Text(text) => Some(text),
        Data::List(items) => items.iter().rev().find_map(last_text),
        Data::Map(entries) => entries.iter().rev().find_map(|entry| last_text(&entry.value)),
        Data::Null => None,
    }
}

/// The files of the assembly by the keys of their objects.
fn by_key(folder: &Path) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let Some(manifest) = cdk::read(&folder.join("manifest.json")) else { return found };
    let artifacts = manifest.get("artifacts").and_then(Value::as_object).into_iter().flat_map(|all| all.values());
    for artifact in
        artifacts.filter(|artifact| artifact.get("type").and_then(Value::as_str) == Some("cdk:asset-manifest"))
    {
        let Some(name) = artifact.pointer("/properties/file").and_then(Value::as_str) else { continue };
        let assets = cdk::read(&folder.join(name)).unwrap_or_default();
        for asset in assets.get("files").and_then(Value::as_object).into_iter().flat_map(|files| files.values()) {
            let Some(file) = asset.pointer("/source/path").and_then(Value::as_str) else { continue };
            let destinations = asset.get("destinations").and_then(Value::as_object);
            for destination in destinations.into_iter().flat_map(|all| all.values()) {
                let key = destination.get("objectKey").and_then(Value::as_str).map(|key| key.rsplit('/').next());
                if let Some(key) = key.flatten() {
                    found.insert(key.to_owned(), plain(Path::new(file)).to_string_lossy().into_owned());
                }
            }
        }
    }
    found
}
