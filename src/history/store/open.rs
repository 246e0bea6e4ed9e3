//! Opening: is it ours, is it of this version, and if it is older, bring it up to date.

use super::schema::{MIGRATIONS, TABLE};
use super::sql::{Database, Fault, number};
use super::{Store, StoreError};

impl Store {
    /// A store over any database; the place is for messages.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn over(mut database: Box<dyn Database>, place: String) -> Result<Self, StoreError> {
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let found = version(&mut *database).map_err(|fault| StoreError::of(&place, fault))?;
        // Nothing of another program, and nothing that a newer version wrote, is touched.
        if matches!(&found, Found::Version(found) if *found <= known) {
            database.settle().map_err(|fault| StoreError::of(&place, fault))?;
        }
        match found {
            Found::Version(found) if found > known => return Err(StoreError::Newer { place, found, known }),
            Found::Version(found) if found == known => {}
            Found::Other(why) => return Err(StoreError::Other { place, why }),
            Found::Version(_) => {
                migrate(&mut *database).map_err(|fault| StoreError::of(&place, fault))?;
            }
        }
        Ok(Self { database, place })
    }
}

enum Found {
    Version(i64),
    Other(String),
}

fn version(database: &mut dyn Database) -> Result<Found, Fault> {
    let (ours, any) = database.has_table(TABLE)?;
    match (ours, any) {
        (true, _) => Ok(number(database, "SELECT max(version) FROM lastgood_schema", &[])?
            .map_or_else(|| Found::Other("its schema table is empty".to_owned()), Found::Version)),
        (false, false) => Ok(Found::Version(0)),
        (false, true) => Ok(Found::Other("it is a database with tables of another program".to_owned())),
    }
}

/// One step after the other, each in a transaction of its own. Another scan may do the same at the same time: what is
/// there is looked at again when it is our turn.
fn migrate(database: &mut dyn Database) -> Result<(), Fault> {
    for (step, sql) in MIGRATIONS.iter().enumerate() {
        database.begin()?;
        let done = version(database).and_then(|found| match found {
            Found::Version(found) if found == i64::try_from(step).unwrap_or(i64::MAX) => database.batch(sql),
            _ => Ok(()),
        });
        match done.and_then(|()| database.commit()) {
            Ok(()) => {}
            Err(fault) => {
                database.rollback();
                return Err(fault);
            }
        }
    }
    Ok(())
}
