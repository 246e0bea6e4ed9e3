//! Every report format over one assessment made by hand.

mod estate;

use lastgood::model::assessment::Assessment;
use lastgood::report::{FORMATS, Format, RenderOptions, render};

fn text(assessment: &Assessment, format: Format, options: &RenderOptions) -> String {
    let mut out = Vec::new();
    render(assessment, format, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(assessment: &Assessment, format: Format) -> String {
    text(assessment, format, &RenderOptions::default())
}

/// For the validators that nobody here wrote, and for eyes.
#[test]
fn samples_are_written_for_outside_readers() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    std::fs::create_dir_all(&folder).unwrap();
    for info in FORMATS {
        std::fs::write(folder.join(info.file_name), plain(&estate::assessment(), info.format)).unwrap();
    }
    for (width, colour) in [(60, false), (80, true), (200, true)] {
        let shown = text(&estate::assessment(), Format::Table, &RenderOptions { width, colour });
        std::fs::write(folder.join(format!("table-{width}.txt")), shown).unwrap();
    }
}
