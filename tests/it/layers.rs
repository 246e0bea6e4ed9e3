//! The layers of DESIGN section 4, read from the sources as text.

use std::path::{Path, PathBuf};

/// module → what it may use besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("demo", &["model", "policy"]),
    ("cel", &["model"]),
    ("checks", &["model", "cel"]),
    ("sources", &["model", "policy"]),
    ("policy", &["model", "checks", "cel"]),
    ("evaluate", &["model", "policy", "checks"]),
    ("report", &["model", "policy", "checks"]),
    ("notify", &["model", "report"]),
    ("history", &["model"]),
    ("evidence", &["model", "policy", "evaluate", "report"]),
    ("remediate", &["model", "policy"]),
    ("image", &["model"]),
    ("aws", &["model", "sources", "remediate"]),
    (
        "cli",
        &[
            "model",
            "policy",
            "checks",
            "evaluate",
            "evidence",
            "history",
            "sources",
            "report",
            "notify",
            "remediate",
            "aws",
            "demo",
            "image",
        ],
    ),
];

/// Words of impurity, and the modules that may use them.
const IMPURE: &[(&str, &[&str])] = &[
    ("std::fs", &["cli", "sources", "image", "evidence"]),
    ("std::process::{", &["cli", "image"]),
    ("process::Command", &["cli", "image"]),
    ("std::env", &["cli"]),
    ("Utc::now", &["cli"]),
    ("SystemTime", &["cli"]),
    ("Instant::now", &["cli"]),
    ("println!", &[]),
    ("async fn", &["aws"]),
    ("aws_sdk_", &["aws"]),
    ("tokio::", &["aws"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn module(path: &Path) -> String {
    let first = path.strip_prefix("src").unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_use_only_the_layers_below_them() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let module = module(&path);
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let (_, allowed) =
            LAYERS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("`{module}` has no layer"));
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let place = || format!("{}:{}: {}", path.display(), number + 1, line.trim());
            if line.trim_start().starts_with("//") {
                continue;
            }
            for used in line.match_indices("crate::").map(|(at, found)| &line[at + found.len()..]) {
                let used: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let known = LAYERS.iter().any(|(name, _)| *name == used);
                if known && used != module && !allowed.contains(&used.as_str()) {
                    wrong.push(place());
                }
            }
            // Tests at the end of a file may use temporary files.
            if text
                .find("#[cfg(test)]")
                .is_some_and(|tests| text.lines().take(number).map(|l| l.len() + 1).sum::<usize>() > tests)
            {
                continue;
            }
            for (word, allowed) in IMPURE {
                if line.contains(word) && !allowed.contains(&module.as_str()) {
                    wrong.push(place());
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed here:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let long: Vec<String> = files
        .iter()
        .map(|path| (path, std::fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .map(|(path, lines)| format!("{} has {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
