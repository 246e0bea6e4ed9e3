//! The auditor's report on paper: PDF/A-2a and PDF/UA-1, typeset by typst from the very page that is the HTML report.
//!
//! What stands on the page stands in the PDF: no text, number or picture is made here. The typesetter sees one
//! template and the page as data, so that no name can act as markup; no file system, network, clock or font of the
//! machine. Equal pages give equal bytes. It stands behind the feature `pdf`, since typst takes long to compile.

mod page;

use std::io;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, pdf};

use crate::model::Instant;
use crate::model::assessment::Assessment;
use crate::model::period::PeriodAssessment;

use super::RenderOptions;
use super::html;

/// Ten thousand verdicts are a thousand pages, which nobody reads and take minutes to set. Full populations are for
/// the workbook.
const LISTED: html::Listed = html::Listed { most: 1_500, quiet: false };

const TEMPLATE: &str = include_str!("pdf/page.typ");

/// The fonts that everything is set in. What they cannot show is written out, since PDF/A forbids unknown glyphs.
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files = [
        dejavu::sans::regular(),
        dejavu::sans::bold(),
        dejavu::sans::oblique(),
        dejavu::sans_condensed::regular(),
        dejavu::sans_condensed::bold(),
        dejavu::sans_mono::regular(),
    ];
    files.into_iter().flat_map(|file| Font::iter(Bytes::new(file))).collect()
});

/// The report of an assessment.
pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Vec::new();
    html::page(assessment, LISTED, &mut page)?;
    out.write_all(&typeset(&page, assessment.run.as_of)?)
}

/// The report of a period.
pub(super) fn write_period(period: &PeriodAssessment, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Vec::new();
    html::period::write(period, &mut page)?;
    out.write_all(&typeset(&page, period.as_of)?)
}

/// `dated` is the date of the document: that of what it says, so that equal reports give equal bytes.
fn typeset(html: &[u8], dated: Instant) -> io::Result<Vec<u8>> {
    let html = std::str::from_utf8(html).map_err(io::Error::other)?;
    let data = page::data(html, dated, &|c| FONTS.iter().any(|font| font.info().coverage.contains(u32::from(c))))?;
    let world = OnePage::new(&data)?;
    let document: PagedDocument = typst::compile(&world).output.map_err(|errors| refused(&errors))?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| io::Error::other(error.message().to_string()))?;
    let options = PdfOptions {
        // Two reports with the same contents are the same document.
        ident: Smart::Custom(crate::model::inventory::hex(&<sha2::Sha256 as sha2::Digest>::digest(&data))),
        creator: Smart::Custom(Some(format!("lastgood {}", env!("CARGO_PKG_VERSION")))),
        standards,
        ..PdfOptions::default()
    };
    pdf(&document, &options).map_err(|errors| refused(&errors))
}

fn refused(errors: &[SourceDiagnostic]) -> io::Error {
    let said: Vec<String> = errors.iter().take(3).map(|error| error.message.to_string()).collect();
    io::Error::other(format!("the PDF cannot be set: {}", said.join("; ")))
}

/// All that the typesetter can see.
struct OnePage {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    data: (FileId, Bytes),
}

impl OnePage {
    fn new(data: &[u8]) -> io::Result<Self> {
        let file = |name: &str| {
            let path = VirtualPath::new(name).map_err(|_| io::Error::other("not a path"))?;
            io::Result::Ok(RootedPath::new(VirtualRoot::Project, path).intern())
        };
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(FONTS.iter())),
            template: Source::new(file("/page.typ")?, TEMPLATE.to_owned()),
            data: (file("/page.json")?, Bytes::new(data.to_vec())),
        })
    }
}

impl World for OnePage {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
