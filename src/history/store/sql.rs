//! The port to a database: what SQLite and PostgreSQL have in common, as far as the store needs it.

/// A value that goes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// None.
    Null,
    /// A whole number; flags and instants too.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<Option<i64>> for Cell {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::Null, Self::Int)
    }
}

/// A row that comes out. Columns are counted from 0; one of another type reads as none.
pub trait Row {
    /// A whole number.
    fn int(&self, column: usize) -> Option<i64>;
    /// A text.
    fn text(&self, column: usize) -> Option<&str>;
    /// Bytes.
    fn bytes(&self, column: usize) -> Option<&[u8]>;
}

/// How a statement failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// No room.
    Full,
    /// Somebody else writes.
    Busy,
    /// The file is of another kind.
    NotADatabase,
    /// The file is torn.
    Damaged,
    /// Anything else.
    Failed,
}

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How.
    pub kind: FaultKind,
    /// What was said; never a password.
    pub message: String,
}

impl Fault {
    /// One that has no kind of its own.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { kind: FaultKind::Failed, message: message.into() }
    }
}

/// Give rows to a table.
pub type Rows<'r> = &'r mut dyn Iterator<Item = Vec<Cell>>;

/// Take a row.
pub type Take<'t> = &'t mut dyn FnMut(&dyn Row) -> Result<(), Fault>;

/// A database. Parameters are written `$1`, `$2`, …, first used in this order; `{int}`, `{bytes}` and `{compact}` stand
/// for what the dialects call differently.
pub trait Database {
    /// Settings that may change the database: only made when it is known to be ours.
    ///
    /// # Errors
    /// Any.
    fn settle(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    /// Begin to write: waits until no other writer is at work.
    ///
    /// # Errors
    /// [`FaultKind::Busy`] when that takes too long.
    fn begin(&mut self) -> Result<(), Fault>;

    /// Begin to read: everything up to [`Database::commit`] sees one state.
    ///
    /// # Errors
    /// Any.
    fn begin_reading(&mut self) -> Result<(), Fault>;

    /// Keep what was done since the beginning, on disk.
    ///
    /// # Errors
    /// Any; then nothing was kept.
    fn commit(&mut self) -> Result<(), Fault>;

    /// Forget it.
    fn rollback(&mut self);

    /// Execute one or more statements without parameters.
    ///
    /// # Errors
    /// Any.
    fn batch(&mut self, sql: &str) -> Result<(), Fault>;

    /// Add rows to a table.
    ///
    /// # Errors
    /// Any.
    fn insert(&mut self, table: &str, columns: &[&str], rows: Rows<'_>) -> Result<(), Fault>;

    /// Ask; each row is taken as it comes.
    ///
    /// # Errors
    /// Any, those of `take` too.
    fn rows(&mut self, sql: &str, cells: &[Cell], take: Take<'_>) -> Result<(), Fault>;

    /// Whether a table of this name is there, and whether any table is.
    ///
    /// # Errors
    /// Any.
    fn has_table(&mut self, name: &str) -> Result<(bool, bool), Fault>;

    /// Grow no further, where the database can be told so.
    ///
    /// # Errors
    /// Any.
    fn limit_pages(&mut self, _pages: u32) -> Result<(), Fault> {
        Ok(())
    }
}

/// The one number that a statement answers with.
///
/// # Errors
/// Any.
pub fn number(database: &mut dyn Database, sql: &str, cells: &[Cell]) -> Result<Option<i64>, Fault> {
    let mut found = None;
    database.rows(sql, cells, &mut |row| {
        found = row.int(0);
        Ok(())
    })?;
    Ok(found)
}
