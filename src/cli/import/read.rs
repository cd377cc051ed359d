//! The files of an import, out of files and folders.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::site::import::{Format, LeftOut, Source, Want};

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
            let root = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
            walk.folder(path, "", 0, &root)?;
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
    /// Looks into a folder; `inside` is its path from the one that was named,
    /// which is `root` without links.
    fn folder(
        &mut self,
        folder: &Path,
        inside: &str,
        depth: usize,
        root: &Path,
    ) -> Result<(), String> {
        if depth > DEEPEST {
            self.push(Source::left_out(inside.to_owned(), LeftOut::TooDeep));
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
                self.folder(&path, &inside, depth + 1, root)?;
            } else if kind.is_symlink() {
                self.link(&path, inside, &name, root)?;
            } else if kind.is_file() {
                match self.format.wants(&name) {
                    Want::Nothing => {}
                    want => self.file(&path, inside, want)?,
                }
            }
        }
        Ok(())
    }

    /// Follows a link to a file of the same folder, as operators make them for
    /// phones that share one. Others are told: they may lead anywhere, and round.
    fn link(&mut self, path: &Path, inside: String, name: &str, root: &Path) -> Result<(), String> {
        let want = self.format.wants(name);
        let found = fs::canonicalize(path).and_then(|end| Ok((fs::metadata(&end)?, end)));
        let why = match found {
            Err(_) => LeftOut::LinkToNothing,
            Ok((found, _)) if found.is_dir() => LeftOut::LinkToFolder,
            // A file beside those of the format, as it is without a link.
            Ok(_) if want == Want::Nothing => return Ok(()),
            Ok((found, _)) if !found.is_file() => LeftOut::LinkToDevice,
            Ok((_, end)) if !end.starts_with(root) => LeftOut::LinkOutside,
            Ok((_, end)) => return self.file(&end, inside, want),
        };
        self.push(Source::left_out(inside, why));
        Ok(())
    }

    fn push(&mut self, source: Source) {
        // One more than are taken: it has the rest told.
        if self.sources.len() <= Source::MOST {
            self.sources.push(source);
        }
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
                    _ => Source::left_out(name, LeftOut::TooLong),
                }
            }
            Want::Name | Want::Nothing => Source::named(name),
        };
        self.push(source);
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
        walk.folder(folder.path(), "", 0, folder.path()).unwrap();
        let held: Vec<(Option<usize>, bool)> = walk
            .sources
            .iter()
            .map(|source| {
                let length = source.bytes.as_ref().map(Vec::len);
                (length, source.left_out == Some(LeftOut::TooLong))
            })
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

    /// One file for many phones, and links that lead elsewhere.
    #[test]
    fn links_inside_the_folder_are_followed_and_others_told() {
        use std::os::unix::fs::symlink;
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("SEP001122334400.cnf.xml"), "no").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("shared")).unwrap();
        fs::write(at("shared/lobby.xml"), "<device/>").unwrap();
        for (target, name) in [
            ("shared/lobby.xml", "SEP001122334401.cnf.xml"),
            ("SEP001122334401.cnf.xml", "SEP001122334402.cnf.xml"),
            ("nowhere", "SEP001122334403.cnf.xml"),
            ("SEP001122334404.cnf.xml", "SEP001122334404.cnf.xml"),
            ("/dev/null", "SEP001122334405.cnf.xml"),
            ("shared/lobby.xml", "notes.txt"),
            ("..", "up"),
            ("shared", "other"),
        ] {
            symlink(target, at(name)).unwrap();
        }
        let secret = outside.path().join("SEP001122334400.cnf.xml");
        symlink(secret, at("SEP001122334406.cnf.xml")).unwrap();

        let sources = sources(Format::Tftpboot, &[folder.path().to_owned()]).unwrap();
        let found: Vec<_> = sources
            .iter()
            .map(|source| {
                let name = source.name.as_str();
                (name, source.bytes.as_deref(), source.left_out)
            })
            .collect();
        use LeftOut::{LinkOutside, LinkToDevice, LinkToFolder, LinkToNothing};
        assert_eq!(
            found,
            [
                ("SEP001122334401.cnf.xml", Some(&b"<device/>"[..]), None),
                ("SEP001122334402.cnf.xml", Some(&b"<device/>"[..]), None),
                ("SEP001122334403.cnf.xml", None, Some(LinkToNothing)),
                ("SEP001122334404.cnf.xml", None, Some(LinkToNothing)),
                ("SEP001122334405.cnf.xml", None, Some(LinkToDevice)),
                ("SEP001122334406.cnf.xml", None, Some(LinkOutside)),
                ("other", None, Some(LinkToFolder)),
                ("up", None, Some(LinkToFolder)),
            ]
        );
    }
}
