//! The store: the only part of [`crate::history`] that does I/O. One set of tables and statements for SQLite (a file)
//! and PostgreSQL (a URL).
//!
//! A scan is appended in one transaction, and once: its run id is its identity. Writers take turns.

mod append;
mod intern;
mod load;
mod open;
mod period;
mod postgres;
pub mod schema;
pub mod sql;
mod sqlite;

use std::path::Path;

use crate::model::text::Text;
use sql::{Database, Fault, FaultKind};

pub use append::Appended;
pub use load::Forgotten;
pub use period::Asked;
pub use postgres::display as display_url;

/// A history that is open.
pub struct Store {
    database: Box<dyn Database>,
    place: String,
}

/// Why a history could not be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk or the quota is full. Nothing of the scan was kept, and everything that was there is there.
    #[error("the history `{place}` is full: {why}; nothing of this scan was kept in it")]
    Full {
        /// Where.
        place: String,
        /// What the system said.
        why: String,
    },
    /// Another writer did not end in time.
    #[error("the history `{place}` is in use by another scan, which did not end in time")]
    Busy {
        /// Where.
        place: String,
    },
    /// A newer version wrote it.
    #[error("the history `{place}` has schema {found}; this version of lastgood knows schemas up to {known}")]
    Newer {
        /// Where.
        place: String,
        /// What it has.
        found: i64,
        /// What we know.
        known: i64,
    },
    /// It is something else.
    #[error("`{place}` is not a history of lastgood: {why}")]
    Other {
        /// Where.
        place: String,
        /// What it is.
        why: String,
    },
    /// There is none.
    #[error("there is no history at `{place}`")]
    Missing {
        /// Where.
        place: String,
    },
    /// It has no such run.
    #[error("the history `{place}` has no run `{id}`")]
    NoRun {
        /// Where.
        place: String,
        /// What was asked for.
        id: String,
    },
    /// Something that it says cannot be.
    #[error("the history `{place}` is damaged: {why}")]
    Damaged {
        /// Where.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// The system or the server said no.
    #[error("the history `{place}` cannot be used: {why}")]
    Failed {
        /// Where.
        place: String,
        /// What was said.
        why: String,
    },
}

impl StoreError {
    /// What the user can do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Full { .. } => "make room and scan again: the runs that are in it are whole",
            Self::Busy { .. } => "scan again when the other one has ended; both will be kept",
            Self::Newer { .. } => "use the version of lastgood that wrote it, or a newer one; nothing was written",
            Self::Other { .. } => "name a file that `scan --history` made, or one that is not there yet",
            Self::Missing { .. } => "make one with `lastgood scan --history PATH`; each scan adds a run",
            Self::NoRun { .. } => "`lastgood history runs` lists them; the first letters of an id are enough",
            Self::Damaged { .. } => "take the file from its backup; nothing was written",
            Self::Failed { .. } => "check the path or URL, its permissions, and that the server answers",
        }
    }

    fn of(place: &str, fault: Fault) -> Self {
        let (place, why) = (place.to_owned(), fault.message);
        match fault.kind {
            FaultKind::Full => Self::Full { place, why },
            FaultKind::Busy => Self::Busy { place },
            FaultKind::NotADatabase => Self::Other { place, why },
            FaultKind::Damaged => Self::Damaged { place, why },
            FaultKind::Failed => Self::Failed { place, why },
        }
    }
}

/// Whether a name is that of a PostgreSQL server rather than of a file.
pub fn is_url(name: &str) -> bool {
    name.starts_with("postgres://") || name.starts_with("postgresql://")
}

/// The database of this name and its place for messages, as it is: see [`Store::over`].
///
/// # Errors
/// [`StoreError`]: it cannot be opened, or the server does not answer.
pub fn database(name: &str) -> Result<(Box<dyn Database>, String), StoreError> {
    if is_url(name) {
        let place = postgres::display(name);
        let database = postgres::connect(name).map_err(|fault| StoreError::of(&place, fault))?;
        return Ok((Box::new(database), place));
    }
    let database = sqlite::open(Path::new(name)).map_err(|fault| StoreError::of(name, fault))?;
    Ok((Box::new(database), name.to_owned()))
}

impl Store {
    /// Open the history of this name, a path or a URL, and bring its schema up to date. Where there is none, one is
    /// made.
    ///
    /// # Errors
    /// [`StoreError`]: a newer schema, another kind of file, a server that does not answer.
    pub fn open(name: &str) -> Result<Self, StoreError> {
        let (database, place) = database(name)?;
        Self::over(database, place)
    }

    /// How many rows each table has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn counts(&mut self) -> Result<Vec<(&'static str, i64)>, StoreError> {
        let tables = ["lg_run", "lg_verdict", "lg_resource", "lg_point", "lg_activity", "lg_piece", "lg_text"];
        let fails = self.fails();
        let mut count = |table| sql::number(&mut *self.database, &format!("SELECT count(*) FROM {table}"), &[]);
        tables.into_iter().map(|table| Ok((table, count(table).map_err(&fails)?.unwrap_or(0)))).collect()
    }

    /// The same for reading: it must be there already.
    ///
    /// # Errors
    /// As for [`Store::open`], and [`StoreError::Missing`].
    pub fn open_existing(name: &str) -> Result<Self, StoreError> {
        if !is_url(name) && !Path::new(name).is_file() {
            return Err(StoreError::Missing { place: name.to_owned() });
        }
        Self::open(name)
    }

    /// Let the store grow no further than this: for SQLite, pages of 4096 bytes. PostgreSQL has its own quotas.
    ///
    /// # Errors
    /// [`StoreError::Failed`].
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), StoreError> {
        let place = &self.place;
        self.database.limit_pages(pages).map_err(|fault| StoreError::of(place, fault))
    }

    fn fails(&self) -> impl Fn(Fault) -> StoreError + use<> {
        let place = self.place.clone();
        move |fault| StoreError::of(&place, fault)
    }

    fn damaged(&self, why: impl Into<String>) -> StoreError {
        StoreError::Damaged { place: self.place.clone(), why: why.into() }
    }

    /// Where it is, without a password.
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// Instants are kept as microseconds since 1970.
fn micros(at: crate::model::Instant) -> i64 {
    at.timestamp_micros()
}

fn instant(micros: i64) -> crate::model::Instant {
    crate::model::Instant::from_timestamp_micros(micros).unwrap_or_default()
}

fn text(value: &str) -> Text {
    Text::from(value)
}
