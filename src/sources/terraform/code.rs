//! Where a resource stands in the code: the `.tf` files beside the plan, scanned for the heads of blocks.
//!
//! Only what is needed is understood: blocks at the outermost level, comments, strings with their interpolations, and
//! heredocs. A module is followed where its source is a path; a resource of any other module is shown at the call.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::address::Address;
use super::scanner::{Scanner, Token};
use crate::model::text::Text;
use crate::sources::iac::suppression::{self, Suppression, SuppressionError};
use crate::sources::iac::{CodeAt, Declared};

/// The largest file that is looked at: people do not write larger ones.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Modules are never nested that deep.
const DEEPEST: usize = 16;

/// Look every declared resource up in the code under `root`. What is not found has no place. The exceptions that stand
/// in the code come with the address that each holds for; those of a module hold for all in it.
///
/// # Errors
/// The first comment that means to be an exception and is none.
pub fn locate(declared: &mut Declared, root: &Path) -> Result<Vec<(Text, Suppression)>, SuppressionError> {
    let mut folders: HashMap<PathBuf, Folder> = HashMap::new();
    let mut excepted = Vec::new();
    for resource in &mut declared.resources {
        // A block device stands in its instance.
        let address = Address::parse(&resource.address);
        let Some(address) = address else { continue };
        resource.at = find(&address, root, &mut folders, &mut |ignored| {
            excepted.extend(ignored.iter().map(|ignored| (resource.address.clone(), ignored.clone())));
        });
    }
    match folders.into_values().find_map(|folder| folder.wrong) {
        Some(wrong) => Err(wrong),
        None => Ok(excepted),
    }
}

fn find(
    address: &Address<'_>,
    root: &Path,
    folders: &mut HashMap<PathBuf, Folder>,
    ignored: &mut dyn FnMut(&[Suppression]),
) -> Option<CodeAt> {
    let mut folder = clean(root);
    let mut call = None;
    for (depth, (module, _)) in address.modules.iter().enumerate() {
        let found = read(&folder, folders).modules.get(*module)?;
        call = Some(found.at.clone());
        ignored(&found.ignored);
        match found.source.as_deref().filter(|source| source.starts_with("./") || source.starts_with("../")) {
            Some(source) if depth < DEEPEST => folder = clean(&folder.join(source)),
            _ => return call,
        }
    }
    let block = format!("{}.{}", address.ty, address.name);
    let found = read(&folder, folders).resources.get(&block);
    ignored(found.map(|(_, ignored)| ignored.as_slice()).unwrap_or_default());
    found.map(|(at, _)| at.clone()).or(call)
}

/// What one folder declares.
#[derive(Debug, Default)]
struct Folder {
    resources: HashMap<String, (CodeAt, Vec<Suppression>)>,
    modules: HashMap<String, Call>,
    /// The first exception that is none.
    wrong: Option<SuppressionError>,
}

#[derive(Debug)]
struct Call {
    at: CodeAt,
    ignored: Vec<Suppression>,
    source: Option<String>,
}

fn read<'f>(folder: &Path, folders: &'f mut HashMap<PathBuf, Folder>) -> &'f Folder {
    folders.entry(folder.to_owned()).or_insert_with(|| {
        let mut found = Folder::default();
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(entries) = std::fs::read_dir(here) else { return found };
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "tf")) {
            let small = std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST);
            let Some(text) = small.then(|| std::fs::read_to_string(file).ok()).flatten() else { continue };
            let file = file.file_name().map(|name| folder.join(name)).unwrap_or_default();
            let name = Text::from(file.display().to_string().replace('\\', "/"));
            let (blocks, comments) = blocks(&text);
            let mut ignored = Vec::new();
            for (line, comment) in &comments {
                match suppression::read(comment, CodeAt { file: name.clone(), line: *line }) {
                    None => {}
                    Some(Ok(suppression)) => ignored.push(suppression),
                    Some(Err(error)) => found.wrong = found.wrong.take().or(Some(error)),
                }
            }
            let commented: HashSet<u32> = comments.iter().map(|(line, _)| *line).collect();
            for block in blocks {
                let at = CodeAt { file: name.clone(), line: block.line };
                let above = |line: u32| (line..block.line).all(|line| commented.contains(&line));
                let holds = |line: u32| (block.line..=block.end).contains(&line) || (line < block.line && above(line));
                let ignored: Vec<Suppression> =
                    ignored.iter().filter(|ignored| holds(ignored.at.line)).cloned().collect();
                match (block.kind.as_str(), block.labels.as_slice()) {
                    ("resource", [ty, resource]) => {
                        found.resources.insert(format!("{ty}.{resource}"), (at, ignored));
                    }
                    ("module", [module]) => {
                        found.modules.insert(module.clone(), Call { at, ignored, source: block.source });
                    }
                    _ => {}
                }
            }
        }
        found
    })
}

/// `a/./b/../c` as `a/c`, without asking the system.
fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// A block at the outermost level.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    kind: String,
    labels: Vec<String>,
    line: u32,
    /// The line of its closing brace.
    end: u32,
    /// `source = "…"` directly inside.
    source: Option<String>,
}

/// The blocks of a file, and its comments with their lines.
fn blocks(text: &str) -> (Vec<Block>, Vec<(u32, String)>) {
    let mut found: Vec<Block> = Vec::new();
    let mut scanner = Scanner::new(text);
    let mut depth = 0_usize;
    // The words before a `{` at the outermost level.
    let mut head: Vec<String> = Vec::new();
    let mut head_line = 1;
    let mut assigned: Option<String> = None;
    while let Some(token) = scanner.next() {
        match token {
            Token::Open => {
                if depth == 0 && !head.is_empty() {
                    let kind = head.remove(0);
                    found.push(Block {
                        kind,
                        labels: std::mem::take(&mut head),
                        line: head_line,
                        end: u32::MAX,
                        source: None,
                    });
                }
                head.clear();
                depth += 1;
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                if let (0, Some(block)) = (depth, found.last_mut()) {
                    block.end = block.end.min(scanner.line);
                }
                head.clear();
            }
            Token::Word(word) => {
                if head.is_empty() {
                    head_line = scanner.line;
                }
                if depth < 2 {
                    head.push(word);
                }
            }
            Token::Assign => assigned = head.pop(),
            Token::Text(text) => {
                if depth == 1 && assigned.as_deref() == Some("source") {
                    if let Some(block) = found.last_mut() {
                        block.source = Some(text);
                    }
                } else if depth == 0 {
                    head.push(text);
                }
                assigned = None;
            }
            Token::Line => {
                if depth == 0 || !head.is_empty() {
                    head.clear();
                }
                assigned = None;
            }
        }
    }
    (found, scanner.comments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_behind_everything_that_looks_like_one() {
        let text = r##"# resource "a" "comment" {
/* resource "a" "b" { */
locals {
  x = { resource = "${"}"}" }
  text = <<-EOT
    resource "aws_x" "heredoc" {
  EOT
}
resource "aws_s3_bucket" "b" { // }
  name = "a${lookup(var.m, "}")}b"
  rule {
    source = "./not-this"
  }
}
module "m" {
  source = "./modules/m"
  y = [1, 2]
}
resource aws_x unquoted {
}
"##;
        let found: Vec<(String, u32, Option<String>)> = blocks(text)
            .0
            .into_iter()
            .map(|b| (format!("{} {}", b.kind, b.labels.join(" ")), b.line, b.source))
            .collect();
        let expected = [
            ("locals ", 3, None),
            ("resource aws_s3_bucket b", 9, None),
            ("module m", 15, Some("./modules/m")),
            ("resource aws_x unquoted", 19, None),
        ];
        assert_eq!(found, expected.map(|(head, line, source)| (head.to_owned(), line, source.map(str::to_owned))));
    }

    #[test]
    fn an_exception_holds_for_the_block_that_it_stands_in_or_above() {
        let mark =
            |rule: &str| format!("# lastgood:ignore rule=\"{rule}\" until=\"2026-12-31\" owner=\"o\" reason=\"r\"");
        let text = format!(
            "{}\n# more\nresource \"aws_x\" \"a\" {{\n  y {{\n  {}\n  }}\n}}\n{}\n\nresource \"aws_x\" \"b\" {{\n}}\n",
            mark("above"),
            mark("inside"),
            mark("apart")
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), &text).unwrap();
        let folder = read(folder.path(), &mut HashMap::new()).resources.clone();
        let rules = |name: &str| folder[name].1.iter().map(|ignored| ignored.rule.to_string()).collect::<Vec<_>>();
        assert_eq!(rules("aws_x.a"), ["above", "inside"]);
        assert!(rules("aws_x.b").is_empty(), "an empty line parts them");
    }

    #[test]
    fn nothing_that_is_not_closed_hangs() {
        for text in ["\"", "<<", "<<EOF\nx", "/*", "${", "resource \"a", "a = <<-\n", "\"${\"", "{{{{", "}}}}", "é{"] {
            blocks(text);
        }
    }
}
