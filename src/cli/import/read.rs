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
        room: Source::MOST_BYTES,
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
    /// How many bytes may still be read.
    room: usize,
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
        let source = match want {
            Want::Text => {
                let most = self.room.min(Source::LONGEST);
                let bytes = read(path, most).map_err(|error| unreadable(path, &error))?;
                match self.room.checked_sub(bytes.len()) {
                    Some(room) if bytes.len() <= most => {
                        self.room = room;
                        Source::text_file(name, bytes)
                    }
                    _ => Source::too_long(name),
                }
            }
            Want::Name | Want::Nothing => Source::named(name),
        };
        self.sources.push(source);
        Ok(())
    }
}

/// A file, and no more of it than shows that it is too long.
fn read(path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What is left out is not held in memory until somebody counts.
    #[test]
    fn no_more_is_read_than_there_is_room_for() {
        let folder = tempfile::tempdir().unwrap();
        for (name, length) in [("a.cnf", 30), ("b.cnf", 50), ("c.cnf", 20), ("d.cnf", 1)] {
            let name = format!("SIP00112233440{name}");
            fs::write(folder.path().join(name), vec![b'#'; length]).unwrap();
        }
        let mut walk = Walk {
            format: Format::Tftpboot,
            sources: Vec::new(),
            entries: 0,
            room: 50,
        };
        walk.folder(folder.path(), "", 0).unwrap();
        let held: Vec<(Option<usize>, bool)> = walk
            .sources
            .iter()
            .map(|source| (source.bytes.as_ref().map(Vec::len), source.too_long))
            .collect();
        assert_eq!(
            held,
            [
                (Some(30), false),
                (None, true),
                (Some(20), false),
                (None, true)
            ]
        );
    }
}
