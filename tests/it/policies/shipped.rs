//! What ships: the policies, the template, the schema, the reference.

use std::path::{Path, PathBuf};

use lastgood::policy::builtin::BUILTINS;
use lastgood::policy::rot::static_findings;
use lastgood::policy::schema::schema_with;
use lastgood::policy::{Policy, STARTER, explain, load_with, reference, schema};
use lastgood::sources::files::read_policies;

use super::{file, stand_ins};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn load(files: &[lastgood::policy::SourceFile]) -> Policy {
    load_with(files, &stand_ins::real_first())
        .unwrap_or_else(|problems| panic!("{}", lastgood::policy::diagnostic::render(&problems, Default::default())))
}

#[test]
fn the_shipped_policies_load_without_a_warning_and_have_no_rot() {
    let policy = load(&read_policies(&[root().join("policies")]).unwrap());
    assert!(policy.warnings.is_empty(), "{:?}", policy.warnings);
    let findings = static_findings(&policy, "2026-11-22T00:00:00Z".parse().unwrap());
    assert!(findings.is_empty(), "{findings:?}");
    assert!(policy.rules.len() >= 13);
}

#[test]
fn the_template_loads_as_it_is_and_with_everything_in_it() {
    let policy = load(&[file("policy.toml", STARTER)]);
    assert!(policy.warnings.is_empty());
    let builtin = BUILTINS[0].files.iter().map(|(name, text)| file(name, text)).collect::<Vec<_>>();
    assert_eq!(policy.rules.len(), load(&builtin).rules.len());

    // What stands in comments must be right too.
    let uncommented: String = STARTER
        .lines()
        .map(|line| {
            let example = line.strip_prefix("# ").filter(|rest| rest.contains(" = ") || rest.starts_with('['));
            format!("{}\n", example.unwrap_or(line))
        })
        .collect();
    let policy = load(&[file("policy.toml", &uncommented)]);
    assert!(policy.rules.iter().any(|rule| rule.info.id == "finance-buckets-keep-versions"));
    assert_eq!((policy.waivers.len(), policy.disabled.len()), (1, 1));
}

#[test]
fn the_commented_waiver_is_right() {
    let text = std::fs::read_to_string(root().join("policies/waivers.toml")).unwrap();
    let waiver: String = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with('[') || line.contains(" = "))
        .map(|line| format!("{line}\n"))
        .collect();
    let policy = load(&[file("policy.toml", STARTER), file("waivers.toml", &waiver)]);
    assert_eq!(policy.waivers.len(), 1);
}

#[test]
fn explains_a_rule_with_the_place_of_each_parameter() {
    let own = "[policy]\nid = \"acme\"\ntitle = \"t\"\nversion = \"1\"\nextends = \"builtin:infrastructure-backups\"\n\
               [[rule]]\nid = \"daily-backup\"\nwith = { grace = \"4h\" }\n\
               [[override]]\nrule = \"daily-backup\"\nscope = { applications = [\"ledger\"] }\nwith = { every = \"4h\" }\nseverity = \"critical\"\nreason = \"ADR 114\"\n";
    let policy =
        load_with(&[file("policy.toml", own)], stand_ins::CHECKS).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert!(explain(&policy, "dayly-backup").is_none());
    insta::with_settings!({
        snapshot_path => "../../../fixtures/policies/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("explained", explain(&policy, "daily-backup").unwrap());
    });
}

#[test]
fn the_schema_in_the_repository_is_fresh() {
    let path = root().join("policies/policy.schema.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == fresh,
        "run `UPDATE=1 cargo nextest run --no-default-features schema` and commit {}",
        path.display()
    );
}

/// Only keywords that every editor understands; and every key of every table is in it.
#[test]
fn the_schema_is_plain() {
    fn look(value: &serde_json::Value) {
        match value {
            serde_json::Value::Object(object) => {
                for word in ["anyOf", "oneOf", "allOf", "if", "not", "$dynamicRef"] {
                    let named = object.get("type").is_none() && object.values().all(|value| value.is_object());
                    assert!(named || !object.contains_key(word), "{word} in {object:?}");
                }
                if object.get("properties").is_some_and(|properties| properties.is_object()) {
                    assert_eq!(object["additionalProperties"], false, "{object:?}");
                    assert!(object.contains_key("description"), "{object:?}");
                }
                object.values().for_each(look);
            }
            serde_json::Value::Array(items) => items.iter().for_each(look),
            serde_json::Value::Null => panic!("TOML has no null"),
            _ => {}
        }
    }
    let schema = schema_with(stand_ins::CHECKS);
    look(&schema);
    for table in ["policy", "rule", "scope", "not", "override", "waiver", "clause", "with"] {
        assert!(schema["$defs"][table]["properties"].is_object(), "{table}");
    }
    assert_eq!(schema["$defs"]["with"]["properties"]["every"]["pattern"], "^([0-9]+[wdhms])+$");
}

#[test]
fn the_reference_names_every_key() {
    let page = reference::reference_with(stand_ins::CHECKS);
    for key in [
        "| `max_waiver` |",
        "| `may_match_nothing` |",
        "### `cadence`",
        "| `lookback` | a length of time in quotes | `\"35d\"` |",
        "#### What it judges",
    ] {
        assert!(page.contains(key), "{key} is missing in\n{page}");
    }
}

/// The examples in the descriptions are shown as help: each must be valid for its key.
#[test]
fn shipped_files_begin_with_the_line_for_editors() {
    let files: Vec<PathBuf> =
        std::fs::read_dir(root().join("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "toml")) {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with("#:schema ./policy.schema.json\n"), "{}", path.display());
    }
}
