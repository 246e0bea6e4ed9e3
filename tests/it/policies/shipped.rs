//! What ships: the policies, the template, the schema, the reference.

use std::path::{Path, PathBuf};

use lastgood::policy::builtin::BUILTINS;
use lastgood::policy::rot::static_findings;
use lastgood::policy::schema::{schema, schema_with, tests_schema};
use lastgood::policy::{Policy, load_with, reference, starter};
use lastgood::sources::files::read_policies;

use super::{file, stand_ins};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The policy, or what is wrong with it as users see it.
fn load(files: &[lastgood::policy::SourceFile]) -> Result<Policy, String> {
    let problems = |problems: Vec<_>| lastgood::policy::diagnostic::render(&problems, Default::default());
    load_with(files, &stand_ins::real_first()).map_err(problems)
}

#[test]
fn the_shipped_policies_load_without_a_warning_and_have_no_rot() {
    let policy = load(&read_policies(&[root().join("policies")]).unwrap()).unwrap();
    assert!(policy.warnings.is_empty(), "{:?}", policy.warnings);
    let findings = static_findings(&policy, "2026-11-22T00:00:00Z".parse().unwrap());
    assert!(findings.is_empty(), "{findings:?}");
    assert!(policy.rules.len() >= 13);
}

#[test]
fn the_template_loads_as_it_is_and_with_everything_in_it() {
    let policy = load(&[file("policy.toml", starter::TEXT)]).unwrap();
    assert!(policy.warnings.is_empty());
    let builtin = BUILTINS[0].files.iter().map(|(name, text)| file(name, text)).collect::<Vec<_>>();
    assert_eq!(policy.rules.len(), load(&builtin).unwrap().rules.len());

    // What stands in comments must be right too.
    let uncommented: String = starter::TEXT
        .lines()
        .map(|line| {
            let example = line.strip_prefix("# ").filter(|rest| rest.contains(" = ") || rest.starts_with('['));
            format!("{}\n", example.unwrap_or(line))
        })
        .collect();
    let policy = load(&[file("policy.toml", &uncommented)]).unwrap();
    assert!(policy.rules.iter().any(|rule| rule.info.id == "finance-versioning"));
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
    let policy = load(&[file("policy.toml", starter::TEXT), file("waivers.toml", &waiver)]).unwrap();
    assert_eq!(policy.waivers.len(), 1);
}

/// Whoever reads the README copies from it.
#[test]
fn policies_in_the_readme_and_the_demo_load() {
    let builtin = BUILTINS[0].files.iter().map(|(name, text)| file(name, text));
    let demo = file("demo/waivers.toml", lastgood::demo::WAIVERS);
    assert!(!load(&builtin.chain([demo]).collect::<Vec<_>>()).unwrap().waivers.is_empty());
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = readme.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    for block in blocks.filter(|block| block.contains("[policy]")) {
        load(&[file("README.md", block)]).unwrap();
    }
}

#[test]
fn the_schema_in_the_repository_is_fresh() {
    fresh_schema("policies/policy.schema.json", &schema());
    fresh_schema("policies/test.schema.json", &tests_schema());
}

fn fresh_schema(path: &str, schema: &serde_json::Value) {
    let path = root().join(path);
    let fresh = format!("{}\n", serde_json::to_string_pretty(schema).unwrap());
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
    look(&tests_schema());
    let schema = schema_with(stand_ins::CHECKS);
    look(&schema);
    for table in ["policy", "rule", "scope", "not", "override", "waiver", "clause", "with"] {
        assert!(schema["$defs"][table]["properties"].is_object(), "{table}");
    }
    assert_eq!(schema["$defs"]["with"]["properties"]["every"]["pattern"], "^([0-9]+[wdhms])+$");
    // Tombi 1.9 takes a TOML date for a text unless the schema says so.
    assert_eq!(schema["$defs"]["waiver"]["properties"]["expires"]["format"], "date");
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
        let is_test = path.to_string_lossy().ends_with(".test.toml");
        let schema = if is_test { "test.schema.json" } else { "policy.schema.json" };
        assert!(text.starts_with(&format!("#:schema ./{schema}\n")), "{}", path.display());
    }
}

/// The register against the written policy: no statement is missing, none is invented, and each is judged
/// or says why not.
#[test]
fn the_register_has_every_statement_of_the_written_policy_and_no_other() {
    let text = std::fs::read_to_string(root().join("fixtures/policy-document.txt")).unwrap();
    let statements: Vec<&str> =
        text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(statements.len(), 100);
    let policy = load(&BUILTINS[0].sources()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let registered: Vec<&str> = policy.clauses.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(registered, statements);
    let planned: Vec<&str> =
        policy.clauses.iter().filter(|clause| !clause.in_force).map(|clause| clause.id.as_str()).collect();
    assert_eq!(planned[..3], ["1.4", "3.5", "3.6"]);
    assert!(planned[3..].iter().all(|id| id.starts_with("note.")) && planned.len() == 19, "{planned:?}");
    let coverage = lastgood::policy::coverage::of(&policy);
    for row in &coverage.rows {
        assert_ne!(row.state, "NO RULE", "{}", row.clause);
        assert_eq!(row.evidence == "-", row.state == "not assessed", "{}", row.clause);
    }
    let unassessed: Vec<&str> =
        coverage.rows.iter().filter(|row| row.state == "not assessed").map(|row| row.clause.as_str()).collect();
    assert_eq!(unassessed, ["4.3", "9.1", "10.1"]);
}
