//! The pages in a real browser, and under a checker of HTML that others wrote. Each is shown to refuse what is wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use lastgood::report::Format;
use rstest::rstest;
use serde_json::Value;

use super::{estate, hostile, large, period, plain};

fn page(name: &str) -> String {
    match name {
        "estate" => plain(&estate::assessment(), Format::Html),
        "hostile" => plain(&hostile::assessment(), Format::Html),
        "large" => plain(&large::assessment(600), Format::Html),
        "period" => period::page(&period::period()),
        _ => period::page(&period::hostile()),
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn look(name: &str, page: &str) -> Value {
    let python = std::env::var("LASTGOOD_TEST_PYTHON")
        .unwrap_or_else(|_| panic!("set LASTGOOD_TEST_PYTHON to a python with tests/aws/requirements.txt"));
    let path = folder().join(format!("{name}.html"));
    std::fs::write(&path, page).unwrap();
    let output = Command::new(python).arg("tests/web/browser.py").arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[rstest]
#[ignore = "needs Chromium and axe"]
fn a_browser_meets_no_barrier_and_asks_the_network_for_nothing(
    #[values("estate", "hostile", "large", "period", "hostile-period")] name: &str,
) {
    let seen = look(name, &page(name));
    for width in ["desk", "phone"] {
        assert_eq!(seen[width]["violations"], Value::Array(vec![]), "{name} at the width of a {width}");
        assert_eq!(seen[width]["wider_by"], 0, "{name} at the width of a {width}");
    }
    assert_eq!(seen["requests"], Value::Array(vec![]), "{name}");
    assert_eq!(seen["complaints"], Value::Array(vec![]), "{name}");
    assert!(seen["paper"]["pages"].as_u64().unwrap() > 1, "{name}");
}

#[test]
#[ignore = "needs Chromium and axe"]
fn a_browser_tells_what_is_planted() {
    let good = plain(&estate::assessment(), Format::Html);
    let planted = good
        .replacen("<html lang=\"en\">", "<html>", 1)
        .replacen("</main>", "<img src=\"x.png\"><div style=\"width:3000px\">wide</div></main>", 1)
        .replacen("Content-Security-Policy", "Nothing", 1);
    let seen = look("planted", &planted);
    let found: Vec<&str> =
        seen["desk"]["violations"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    assert!(found.contains(&"html-has-lang") && found.contains(&"image-alt"), "{found:?}");
    assert!(seen["desk"]["wider_by"].as_u64().unwrap() > 0);
    assert!(!seen["requests"].as_array().unwrap().is_empty(), "the picture was asked for");
    let unstyled = look("unstyled", &good.replacen("sha256-", "sha256-A", 1));
    assert!(unstyled["complaints"].to_string().contains("Content Security Policy"), "{}", unstyled["complaints"]);
}

/// What the Nu HTML checker says, a line each.
fn checked(name: &str, page: &str) -> Vec<String> {
    let path = folder().join(format!("{name}-checked.html"));
    std::fs::write(&path, page).unwrap();
    let jar = "tests/web/node_modules/vnu-jar/build/dist/vnu.jar";
    assert!(Path::new(jar).exists(), "the checker is not installed: `npm ci --ignore-scripts` in tests/web");
    let output = Command::new("java").args(["-Xss4m", "-jar", jar, "--format", "gnu"]).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() || !said.trim().is_empty(), "it ended without a word");
    // It knows no digests, and takes what they allow for forbidden; the browser above tells whether they allow it.
    said.lines().filter(|line| !line.contains("violates Content Security Policy")).map(str::to_owned).collect()
}

#[test]
#[ignore = "needs Java and the Nu HTML checker"]
fn the_pages_are_valid_html() {
    for name in ["estate", "hostile", "large", "period", "hostile-period"] {
        let mut said = checked(name, &page(name));
        // The hostile one gives one name to many things.
        said.retain(|line| name != "hostile" || !(line.contains("Duplicate ID") || line.contains("first occurrence")));
        assert_eq!(said, Vec::<String>::new(), "{name}");
    }
    let good = plain(&estate::assessment(), Format::Html);
    let planted = good.replacen("</ol></nav>", "</ul></nav>", 1).replacen("scope=\"col\"", "scope=\"colour\"", 1);
    let said = checked("planted", &planted);
    assert!(said.len() >= 2 && said.iter().all(|line| line.contains("error")), "{said:?}");
}
