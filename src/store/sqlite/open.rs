//! The data folder: made, looked at, locked, and its database opened.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::load::{self, LoadError};
use super::schema::{self, SchemaError};
use crate::model::World;

const DATABASE: &str = "embody.db";
const LOCK: &str = "embody.lock";

/// Why the data folder cannot be used. The text is for the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The folder is missing and cannot be made.
    #[error("the data folder {} cannot be made: {why}", .dir.display())]
    Create {
        /// The folder.
        dir: PathBuf,
        /// What the system says.
        why: String,
    },
    /// There is something else of this name.
    #[error("{} is not a folder", .dir.display())]
    NotAFolder {
        /// What should be a folder.
        dir: PathBuf,
    },
    /// Others may read it.
    #[error(
        "the data folder {0} is open to other users (mode {mode:03o}) and holds secrets; run: chmod 700 {0}",
        .dir.display()
    )]
    Exposed {
        /// The folder.
        dir: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It cannot be written.
    #[error(
        "{} cannot be written ({why}); give the data folder to the user that runs embody, on a file system mounted read-write",
        .path.display()
    )]
    ReadOnly {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Another daemon has it.
    #[error("the data folder {} is in use by another embody{}", .dir.display(), process(*.pid))]
    Locked {
        /// The folder.
        dir: PathBuf,
        /// The process that has it, as far as it said.
        pid: Option<u32>,
    },
    /// The database is damaged.
    #[error(
        "{} is damaged: {what}; stop every embody, keep the folder for inspection and restore a backup",
        .file.display()
    )]
    Corrupt {
        /// The database.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The database is of a newer version.
    #[error(
        "{} was written by a newer embody (schema {found}, this one knows {known}); start that version, or restore an older backup",
        .file.display()
    )]
    Newer {
        /// The database.
        file: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Anything else the database says.
    #[error("{} cannot be opened: {what}", .file.display())]
    Database {
        /// The database.
        file: PathBuf,
        /// What it says.
        what: String,
    },
    /// The writer could not be started.
    #[error("the thread that writes the database cannot be started: {0}")]
    Thread(String),
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// What [`open`] brings.
pub(super) struct Opened {
    /// The writer's connection.
    pub(super) connection: Connection,
    /// Held for life: it keeps other daemons out.
    pub(super) lock: File,
    /// All that is stored.
    pub(super) world: World,
    /// The number of the newest change.
    pub(super) number: u64,
}

pub(super) fn open(dir: &Path) -> Result<Opened, OpenError> {
    folder(dir)?;
    let lock = lock(dir)?;
    let file = dir.join(DATABASE);
    private_file(&file)?;
    let broken = |error: &rusqlite::Error| database_error(&file, error);

    // No URI: a folder called `file:x` is a folder.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&file, flags).map_err(|e| broken(&e))?;
    schema::configure(&connection).map_err(|e| broken(&e))?;
    schema::migrate(&mut connection).map_err(|error| match error {
        SchemaError::Newer(found, known) => OpenError::Newer {
            file: file.clone(),
            found,
            known,
        },
        SchemaError::Sqlite(error) => broken(&error),
    })?;
    let pragmas = schema::pragmas(&connection).map_err(|e| broken(&e))?;
    if pragmas.journal_mode != "wal" {
        return Err(OpenError::Database {
            file,
            what: format!(
                "its file system does not allow write-ahead logging (journal mode is {})",
                pragmas.journal_mode
            ),
        });
    }
    load::check(&connection)
        .and_then(|()| load::world(&connection))
        .and_then(|world| Ok((world, load::newest(&connection)?)))
        .map(|(world, number)| Opened {
            connection,
            lock,
            world,
            number,
        })
        .map_err(|error| match error {
            LoadError::Sqlite(error) => broken(&error),
            LoadError::Row(what) => OpenError::Corrupt {
                file: file.clone(),
                what,
            },
        })
}

/// Makes the folder when missing; refuses one that others may enter.
fn folder(dir: &Path) -> Result<(), OpenError> {
    let create = |why: &std::io::Error| OpenError::Create {
        dir: dir.to_owned(),
        why: why.to_string(),
    };
    let found = match std::fs::metadata(dir) {
        Ok(found) => found,
        Err(why) if why.kind() == ErrorKind::NotFound => {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
            made.map_err(|why| create(&why))?;
            std::fs::metadata(dir).map_err(|why| create(&why))?
        }
        Err(why) => return Err(create(&why)),
    };
    if !found.is_dir() {
        return Err(OpenError::NotAFolder {
            dir: dir.to_owned(),
        });
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(OpenError::Exposed {
            dir: dir.to_owned(),
            mode,
        });
    }
    Ok(())
}

/// Takes the folder. The lock goes with the process, however it ends.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK);
    let read_only = |why: &std::io::Error| OpenError::ReadOnly {
        path: path.clone(),
        why: why.to_string(),
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|why| read_only(&why))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let read = (&mut file).take(16).read_to_string(&mut text);
            return Err(OpenError::Locked {
                dir: dir.to_owned(),
                pid: read.ok().and_then(|_| text.trim().parse().ok()),
            });
        }
        Err(TryLockError::Error(why)) => return Err(read_only(&why)),
    }
    // Only for the sentence that another daemon will say.
    let pid = file
        .set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    pid.map_err(|why| read_only(&why))?;
    Ok(file)
}

/// Makes the database file before SQLite does, for its owner alone; SQLite
/// gives its log files the same mode.
fn private_file(file: &Path) -> Result<(), OpenError> {
    let made = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(file)
        .and_then(|made| made.set_permissions(Permissions::from_mode(0o600)));
    made.map_err(|why| OpenError::ReadOnly {
        path: file.to_owned(),
        why: why.to_string(),
    })
}

fn database_error(file: &Path, error: &rusqlite::Error) -> OpenError {
    let file = file.to_owned();
    let what = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Corrupt { file, what }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            OpenError::ReadOnly {
                path: file,
                why: what,
            }
        }
        _ => OpenError::Database { file, what },
    }
}
