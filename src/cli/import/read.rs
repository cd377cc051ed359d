//! The files of an import, out of files and folders.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::site::import::{Format, Source, Want};

/// The deepest folder in a folder that is looked into.
const DEEPEST: usize = 8;
/// The most entries of folders that are looked at: firmware and rings lie
/// there too.
const MOST_ENTRIES: usize = 200_000;

/// The files of these paths. Of a folder those that the format wants, in order
/// of their names; a file that is named itself is one of them in any case.
pub(super) fn sources(format: Format, paths: &[PathBuf]) -> Result<Vec<Source>, String> {
    let mut walk = Walk {
        format,
        sources: Vec::new(),
        entries: 0,
    };
    for path in paths {
        let found = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if found.is_dir() {
            walk.folder(path, "", 0)?;
        } else {
            let name = path.display().to_string();
            let base = path.file_name().unwrap_or_default().to_string_lossy();
            let want = match format.wants(&base) {
                Want::Name => Want::Name,
                Want::Text | Want::Nothing => Want::Text,
            };
            walk.file(path, name, want)?;
        }
    }
    Ok(walk.sources)
}

struct Walk {
    format: Format,
    sources: Vec<Source>,
    entries: usize,
}

impl Walk {
    /// Looks into a folder; `inside` is its path from the one that was named.
    /// Links are not followed: they may lead anywhere, and round.
    fn folder(&mut self, folder: &Path, inside: &str, depth: usize) -> Result<(), String> {
        if depth > DEEPEST {
            return Ok(());
        }
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return Err(format!(
                    "more than {MOST_ENTRIES} files lie in {}; name the folders with the boot \
                     files",
                    folder.display()
                ));
            }
            found.push((entry.file_name(), entry.path()));
        }
        found.sort();
        for (name, path) in found {
            let name = name.to_string_lossy();
            let inside = match inside {
                "" => name.to_string(),
                inside => format!("{inside}/{name}"),
            };
            let kind = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, &error))?;
            if kind.is_dir() {
                self.folder(&path, &inside, depth + 1)?;
            } else if kind.is_file() {
                match self.format.wants(&name) {
                    Want::Nothing => {}
                    want => self.file(&path, inside, want)?,
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, name: String, want: Want) -> Result<(), String> {
        if self.sources.len() > Source::MOST {
            return Ok(());
        }
        let bytes = match want {
            Want::Text => Some(read(path).map_err(|error| unreadable(path, &error))?),
            Want::Name | Want::Nothing => None,
        };
        self.sources.push(Source { name, bytes });
        Ok(())
    }
}

/// A file, and no more of it than shows that it is too long.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(Source::LONGEST)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}
