//! A history in a file.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};

use super::sql::{Cell, Database, Fault, FaultKind, Row, Rows, Take};

/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Sqlite {
    connection: Connection,
}

/// Open the file, or make it. What is no database is refused at the first statement.
pub(super) fn open(path: &Path) -> Result<Sqlite, Fault> {
    let connection = Connection::open(path).map_err(|error| fault(&error))?;
    connection.busy_timeout(PATIENCE).map_err(|error| fault(&error))?;
    Ok(Sqlite { connection })
}

fn fault(error: &rusqlite::Error) -> Fault {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FaultKind::Full,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => FaultKind::Busy,
        Some(ErrorCode::NotADatabase) => FaultKind::NotADatabase,
        Some(ErrorCode::DatabaseCorrupt) => FaultKind::Damaged,
        _ => FaultKind::Failed,
    };
    Fault { kind, message: error.to_string() }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn int(&self, column: usize) -> Option<i64> {
        self.get_ref(column).ok()?.as_i64().ok()
    }

    fn text(&self, column: usize) -> Option<&str> {
        self.get_ref(column).ok()?.as_str().ok()
    }

    fn bytes(&self, column: usize) -> Option<&[u8]> {
        self.get_ref(column).ok()?.as_blob().ok()
    }
}

impl Database for Sqlite {
    fn settle(&mut self) -> Result<(), Fault> {
        // A transaction that was committed is on disk (synchronous), and readers never wait for writers (WAL).
        self.batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536",
        )
    }

    fn begin(&mut self) -> Result<(), Fault> {
        self.batch("BEGIN IMMEDIATE")
    }

    fn begin_reading(&mut self) -> Result<(), Fault> {
        self.batch("BEGIN")
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.batch("COMMIT")
    }

    fn rollback(&mut self) {
        // SQLite may have rolled back by itself, as it does when the disk is full.
        let _ = self.connection.execute_batch("ROLLBACK");
    }

    fn batch(&mut self, sql: &str) -> Result<(), Fault> {
        let sql = sql.replace("{int}", "INTEGER").replace("{bytes}", "BLOB").replace("{compact}", "WITHOUT ROWID");
        self.connection.execute_batch(&sql).map_err(|error| fault(&error))
    }

    fn insert(&mut self, table: &str, columns: &[&str], rows: Rows<'_>) -> Result<(), Fault> {
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        let mut statement = self.connection.prepare(&sql).map_err(|error| fault(&error))?;
        for row in rows {
            statement.execute(rusqlite::params_from_iter(&row)).map_err(|error| fault(&error))?;
        }
        Ok(())
    }

    fn rows(&mut self, sql: &str, cells: &[Cell], take: Take<'_>) -> Result<(), Fault> {
        let mut statement = self.connection.prepare(sql).map_err(|error| fault(&error))?;
        let mut rows = statement.query(rusqlite::params_from_iter(cells)).map_err(|error| fault(&error))?;
        while let Some(row) = rows.next().map_err(|error| fault(&error))? {
            take(row)?;
        }
        Ok(())
    }

    fn has_table(&mut self, name: &str) -> Result<(bool, bool), Fault> {
        let (mut this, mut any) = (false, false);
        self.rows("SELECT name FROM sqlite_master WHERE type = 'table'", &[], &mut |row| {
            any = true;
            this |= row.text(0) == Some(name);
            Ok(())
        })?;
        Ok((this, any))
    }

    fn limit_pages(&mut self, pages: u32) -> Result<(), Fault> {
        let sql = format!("PRAGMA max_page_count = {pages}");
        self.rows(&sql, &[], &mut |_| Ok(()))
    }
}
