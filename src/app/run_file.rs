//! `run.json` in the data folder: where the admin API is and the token for it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a command needs to reach the daemon of a data folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunFile {
    /// The bearer token.
    pub token: String,
    /// The base URL of the admin API; absent when that port is off.
    pub admin: Option<String>,
    /// Where this node listens, by port name.
    pub listen: Value,
    /// Its process.
    pub pid: u32,
}

impl RunFile {
    /// Where it is in a data folder.
    pub fn path(data: &Path) -> PathBuf {
        data.join("run.json")
    }

    /// Reads it.
    ///
    /// # Errors
    /// A sentence: the daemon does not run, or the file is not readable.
    pub fn read(data: &Path) -> Result<Self, String> {
        let path = Self::path(data);
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!(
                "no daemon runs on {} (there is no run.json); start `embody serve`, or name its \
                 folder with --data",
                data.display()
            ),
            _ => format!("{} cannot be read: {error}", path.display()),
        })?;
        serde_json::from_str(&text)
            .map_err(|error| format!("{} is not as expected: {error}", path.display()))
    }

    /// Writes it for its owner alone, whole or not at all.
    pub(super) fn write(&self, data: &Path) -> io::Result<()> {
        let path = Self::path(data);
        let fresh = path.with_extension("json.new");
        let _ = fs::remove_file(&fresh);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.write_all(b"\n")?;
        drop(file);
        fs::rename(&fresh, &path)
    }

    /// Removes it when the daemon stops.
    pub(super) fn remove(data: &Path) {
        let _ = fs::remove_file(Self::path(data));
    }
}
