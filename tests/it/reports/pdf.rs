//! The report on paper: a real PDF, read by tools that others wrote, with everything that stands on the page.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use lastgood::report::{Format, RenderOptions, period as periods, render};

use super::{estate, hostile, large, period, plain};

fn of(name: &'static str) -> Vec<u8> {
    let mut out = Vec::new();
    let options = RenderOptions::default();
    match name {
        "period" => periods::write(&period::period(), "pdf", &options, &mut out).unwrap(),
        "hostile-period" => periods::write(&period::hostile(), "pdf", &options, &mut out).unwrap(),
        "hostile" => render(&hostile::assessment(), Format::Pdf, &options, &mut out).unwrap(),
        "large" => render(&large::assessment(3_000), Format::Pdf, &options, &mut out).unwrap(),
        _ => render(&estate::assessment(), Format::Pdf, &options, &mut out).unwrap(),
    }
    out
}

const NAMES: [&str; 5] = ["estate", "hostile", "large", "period", "hostile-period"];

/// Each is set once for all tests of a process, and written for readers.
static FILES: LazyLock<Vec<(&str, PathBuf)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pdf");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &'static str| {
        let path = folder.join(format!("{name}-{}.pdf", std::process::id()));
        std::fs::write(&path, of(name)).unwrap();
        (name, path)
    };
    NAMES.map(file).into()
});

fn said(program: &str, args: &[&str], path: &Path) -> Result<String, String> {
    let output = Command::new(program).args(args).arg(path).arg("-").output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr) + &text(&output.stdout)) }
}

/// Letters and digits alone: where lines and words break is the typesetter's affair.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The text of every cell of the tables of a page, tags taken off.
fn cells(page: &str) -> Vec<String> {
    let bodies = page.split("<tbody>").skip(1).map(|rest| rest.split("</tbody>").next().unwrap());
    let cells = bodies.flat_map(|body| body.split("</tr>")).flat_map(|row| row.split("</td>")).map(|cell| {
        let mut text = String::new();
        for (at, part) in cell.split('<').enumerate() {
            text.push_str(if at == 0 { part } else { part.split_once('>').map_or("", |(_, after)| after) });
        }
        squeezed(
            &text
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&"),
        )
    });
    cells.filter(|cell| !cell.is_empty()).collect()
}

#[test]
#[ignore = "needs qpdf and poppler-utils"]
fn the_files_are_sound_tagged_and_say_that_they_are_for_archives() {
    for (name, path) in FILES.iter() {
        let check = Command::new("qpdf").arg("--check").arg(path).output().unwrap();
        let told = String::from_utf8_lossy(&check.stdout).into_owned() + &String::from_utf8_lossy(&check.stderr);
        assert!(check.status.success() && told.contains("No syntax or stream encoding errors"), "{name}: {told}");
        let info = Command::new("pdfinfo").arg(path).output().unwrap();
        let info = String::from_utf8_lossy(&info.stdout).into_owned();
        assert!(info.contains("Tagged:          yes"), "{name}: {info}");
        let meta = Command::new("pdfinfo").arg("-meta").arg(path).output().unwrap();
        let meta = String::from_utf8_lossy(&meta.stdout).into_owned();
        for mark in [
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "<pdfuaid:part>1</pdfuaid:part>",
        ] {
            assert!(meta.contains(mark), "{name}: {mark} in {meta}");
        }
    }
    let (_, path) = &FILES[0];
    let broken = path.with_extension("broken");
    let mut bytes = std::fs::read(path).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&broken, bytes).unwrap();
    assert!(
        !Command::new("qpdf").arg("--check").arg(&broken).output().unwrap().status.success(),
        "half a file is refused"
    );
}

#[test]
#[ignore = "needs poppler-utils"]
fn every_cell_of_the_page_stands_in_the_file_and_inside_the_paper() {
    for (name, page) in
        [("estate", plain(&estate::assessment(), Format::Html)), ("period", period::page(&period::period()))]
    {
        let path = &FILES.iter().find(|(known, _)| *known == name).unwrap().1;
        let text = squeezed(&said("pdftotext", &["-raw"], path).unwrap());
        let cells = cells(&page);
        assert!(cells.len() > 100, "{name}: {} cells", cells.len());
        // A cell may go on over the foot of a page: then its two parts are there.
        let parted = |cell: &str| {
            let mut ends = cell.char_indices().map(|(at, _)| cell.split_at(at));
            ends.any(|(a, b)| text.contains(a) && text.contains(b))
        };
        let missing: Vec<&String> =
            cells.iter().filter(|cell| !text.contains(cell.as_str()) && !parted(cell)).collect();
        assert!(missing.is_empty(), "{name}: {} of {}: {missing:?}", missing.len(), cells.len());
        let boxes = said("pdftotext", &["-bbox"], path).unwrap();
        let number = |line: &str, key: &str| {
            let (_, rest) = line.split_once(&format!("{key}=\"")).unwrap();
            rest.split('"').next().unwrap().parse::<f64>().unwrap()
        };
        let (mut wide, mut high, mut words) = (0.0, 0.0, 0);
        for line in boxes.lines().map(str::trim) {
            if line.starts_with("<page ") {
                (wide, high) = (number(line, "width"), number(line, "height"));
            } else if line.starts_with("<word ") {
                words += 1;
                assert!(number(line, "xMin") >= 0.0 && number(line, "xMax") <= wide, "{name}: {line}");
                assert!(number(line, "yMin") >= 0.0 && number(line, "yMax") <= high, "{name}: {line}");
            }
        }
        assert!(words > 1_000, "{name}: {words}");
    }
}

/// A table that does not break over pages loses its rows without a word.
#[test]
#[ignore = "needs poppler-utils"]
fn as_many_rows_go_in_as_come_out() {
    let period = &FILES.iter().find(|(name, _)| *name == "period").unwrap().1;
    let text = squeezed(&said("pdftotext", &["-raw"], period).unwrap());
    for run in period::period().runs {
        assert_eq!(text.matches(run.id.as_str()).count(), 1, "run {}", run.id);
    }
    let large = &FILES.iter().find(|(name, _)| *name == "large").unwrap().1;
    let text = squeezed(&said("pdftotext", &["-raw"], large).unwrap());
    let page = plain(&large::assessment(3_000), Format::Html);
    let findings = page.matches("data-outcome=\"fail\"").count();
    assert!(findings > 300, "{findings}");
    let listed = text.matches("FAIL").count();
    assert!(listed >= findings.min(300), "{listed} of {findings}");
}

#[test]
fn two_settings_are_the_same_bytes() {
    assert!(of("estate") == of("estate"));
}
