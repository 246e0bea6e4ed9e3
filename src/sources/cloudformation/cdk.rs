//! What CDK wrote beside a template: where the stack will be, and which line of the program made each resource.
//!
//! Nothing in it is needed. A file that is not there or has another form leaves the template as it stands.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::model::resource::Tags;
use crate::model::text::Text;
use crate::sources::iac::CodeAt;

/// The largest file that is looked at.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What is known of the stack.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pub(super) account: Option<Text>,
    pub(super) region: Option<Text>,
    /// The tags of the stack, which every resource gets.
    pub(super) tags: Tags,
    /// The line of the program by logical id.
    pub(super) places: HashMap<String, CodeAt>,
}

/// Look beside a template.
pub(super) fn beside(path: &Path) -> Beside {
    find(path).unwrap_or_default()
}

fn find(path: &Path) -> Option<Beside> {
    let name = path.file_name()?.to_str()?;
    if !name.ends_with(".template.json") {
        return None;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let manifest = read(&folder.join("manifest.json"))?;
    let mut artifacts = manifest.get("artifacts")?.as_object()?.values();
    let of_template =
        |artifact: &&Value| artifact.pointer("/properties/templateFile").and_then(Value::as_str) == Some(name);
    let artifact = artifacts.find(of_template)?;
    let mut found = Beside::default();
    // `aws://unknown-account/unknown-region` where the program does not say it.
    let place = artifact.get("environment").and_then(Value::as_str).and_then(|text| text.strip_prefix("aws://"));
    if let Some((account, region)) = place.and_then(|place| place.split_once('/')) {
        let known = |text: &str| (!text.starts_with("unknown-")).then(|| Text::from(text));
        (found.account, found.region) = (known(account), known(region));
    }
    let tags = artifact.pointer("/properties/tags").and_then(Value::as_object).into_iter().flatten();
    found.tags =
        tags.filter_map(|(key, value)| Some((Text::from(key.as_str()), Text::from(value.as_str()?)))).collect();
    let root = program(folder);
    let mut metadata = vec![artifact.get("metadata").cloned().unwrap_or_default()];
    if let Some(file) = artifact.get("additionalMetadataFile").and_then(Value::as_str)
        && Path::new(file).components().count() == 1
    {
        metadata.extend(read(&folder.join(file)));
    }
    for metadata in metadata {
        let entries =
            metadata.as_object().into_iter().flat_map(|paths| paths.values()).filter_map(Value::as_array).flatten();
        for entry in entries.filter(|entry| entry.get("type").and_then(Value::as_str) == Some("aws:cdk:logicalId")) {
            let Some(id) = entry.get("data").and_then(Value::as_str) else { continue };
            if let Some(at) = entry.get("trace").and_then(Value::as_array).and_then(|trace| place_of(trace, &root)) {
                found.places.insert(id.to_owned(), at);
            }
        }
    }
    Some(found)
}

/// A document of an assembly, if it is there.
pub(super) fn read(path: &Path) -> Option<Value> {
    let size = std::fs::metadata(path).ok()?.len();
    if size > LARGEST {
        return None;
    }
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// The folder of the program: that around the assembly.
fn program(assembly: &Path) -> PathBuf {
    let whole = std::fs::canonicalize(assembly).unwrap_or_else(|_| assembly.to_owned());
    whole.parent().map(Path::to_owned).unwrap_or_default()
}

/// The first line of a trace that is the user's own: `new Db (/app/lib/stack.ts:23:5)`, or without the parentheses.
fn place_of(trace: &[Value], root: &Path) -> Option<CodeAt> {
    trace.iter().filter_map(Value::as_str).find_map(|frame| {
        let inner = frame.rsplit_once('(').map_or(frame, |(_, inner)| inner).trim_end_matches(')');
        let inner = inner.trim_start_matches("at ").trim_start_matches("file://");
        let (rest, last) = inner.rsplit_once(':')?;
        let last: u32 = last.parse().ok()?;
        let (file, line) = match rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
            Some((file, line)) => (file, line),
            None => (rest, last),
        };
        if file.contains("node_modules") || file.starts_with("node:") || !file.contains(['/', '\\']) {
            return None;
        }
        Some(CodeAt { file: Text::from(relative(file, root)), line })
    })
}

/// The path from the folder of the program. Where it was synthesised elsewhere, the end of the path that is there.
fn relative(file: &str, root: &Path) -> String {
    let file = file.replace('\\', "/");
    let steps: Vec<&str> = file.split('/').filter(|step| !step.is_empty() && *step != "..").collect();
    let ends = (0..steps.len()).map(|from| steps.get(from..).unwrap_or_default().join("/"));
    ends.into_iter().find(|end| root.join(end).is_file()).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_of_the_program_is_the_place() {
        let trace = [
            Value::from("new Bucket (/srv/app/node_modules/aws-cdk-lib/aws-s3/lib/bucket.js:1:2)"),
            Value::from("new OrdersStack (/srv/app/lib/orders.ts:23:5)"),
        ];
        let at = place_of(&trace, Path::new("/nowhere")).unwrap();
        assert_eq!((at.file.as_str(), at.line), ("/srv/app/lib/orders.ts", 23));
        let here = [Value::from("new Reader (/elsewhere/checkout/src/sources/cloudformation/cdk.rs:7)")];
        let at = place_of(&here, Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!((at.file.as_str(), at.line), ("src/sources/cloudformation/cdk.rs", 7));
        assert_eq!(place_of(&[Value::from("node:internal/main:7:1")], Path::new("/")), None);
    }
}
