//! Copying a folder or an archive into the folder of static files.
//!
//! All of it is first laid down in a hidden folder there, which is never
//! served; only when nothing was wrong does it move to its place, file by file
//! and each whole.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::unpack::unpack;
use crate::provision::statics::LONGEST;

/// Files that are taken at one time, at most.
const MOST_FILES: usize = 10_000;
/// Octets that are taken at one time, at most.
const MOST_OCTETS: u64 = 4 << 30;
/// Folders inside folders, at most; deeper ones are not served.
const DEEPEST: usize = 8;
/// The longest name of a file with its folders, in bytes; no phone asks for a
/// longer one.
const LONGEST_NAME: usize = 255;

/// Why nothing was staged; one sentence each.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Something that is not taken.
    #[error("{what} is refused: {why}; nothing was staged")]
    Refused {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// Something that cannot be read.
    #[error("{path} cannot be read: {why}")]
    Read {
        /// What.
        path: String,
        /// Why.
        why: String,
    },
    /// Something that cannot be written.
    #[error("{path} cannot be written: {why}; may you write into the folder of static files?")]
    Write {
        /// What.
        path: String,
        /// Why.
        why: String,
    },
}

impl StageError {
    pub(super) fn read(path: &Path, error: &io::Error) -> Self {
        Self::Read {
            path: path.display().to_string(),
            why: error.to_string(),
        }
    }

    pub(super) fn write(path: &Path, error: &io::Error) -> Self {
        Self::Write {
            path: path.display().to_string(),
            why: error.to_string(),
        }
    }
}

/// What was staged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// The files that are new, from the top of the folder.
    pub added: Vec<String>,
    /// Those that were there with another content.
    pub replaced: Vec<String>,
    /// How many were there already, the same.
    pub same: usize,
    /// What was not taken, and why; one sentence each.
    pub left_out: Vec<String>,
}

/// What may still be taken.
#[derive(Debug, Default)]
pub(super) struct Budget {
    files: usize,
    octets: u64,
}

impl Budget {
    /// One more file.
    pub(super) fn file(&mut self, name: &str) -> Result<(), StageError> {
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(refused(name, &format!("more than {MOST_FILES} files")));
        }
        Ok(())
    }

    /// Some more octets of a file that has `size` so far.
    pub(super) fn octets(&mut self, name: &str, size: u64, more: u64) -> Result<(), StageError> {
        self.octets = self.octets.saturating_add(more);
        if size > LONGEST {
            return Err(refused(
                name,
                "it is longer than 256 MiB, which is not served",
            ));
        }
        if self.octets > MOST_OCTETS {
            return Err(refused(name, "more than 4 GiB in all"));
        }
        Ok(())
    }
}

/// Copies a zip archive or a folder into the folder of static files.
///
/// An archive with loads gets a folder of its own, called as the archive;
/// another keeps its layout from the top: locales and wallpapers are asked for
/// with their folders. A folder keeps its name. `under` says it otherwise: a
/// folder to put it in, empty for the top.
///
/// # Errors
/// [`StageError`]; the folder of static files is as it was, unless the system
/// fails while files move to their places: those that have moved stay there.
pub fn stage(source: &Path, folder: &Path, under: Option<&str>) -> Result<Staged, StageError> {
    let root = folder
        .canonicalize()
        .map_err(|error| StageError::read(folder, &error))?;
    let source = source
        .canonicalize()
        .map_err(|error| StageError::read(source, &error))?;
    let data = std::fs::metadata(&source).map_err(|error| StageError::read(&source, &error))?;
    if data.is_dir() && (root.starts_with(&source) || source.starts_with(&root)) {
        return Err(refused(
            &source.display().to_string(),
            "it is the folder of static files itself, or lies in it, or holds it",
        ));
    }
    let hidden = Hidden::inside(&root)?;
    let mut staged = Staged::default();
    let mut budget = Budget::default();
    let names = if data.is_dir() {
        copy(&source, &hidden.path, &mut budget, &mut staged)?
    } else {
        unpack(&source, &hidden.path, &mut budget)?
    };
    let prefix = match under {
        Some(under) => inside(under)
            .ok()
            .flatten()
            .map(|under| format!("{under}/"))
            .or_else(|| under.trim_matches('/').is_empty().then(String::new))
            .ok_or_else(|| refused(under, "it is no name of a folder"))?,
        None => own_folder(&source, data.is_dir(), &names),
    };
    let mut moves = Vec::new();
    for name in names {
        let (from, name) = (hidden.path.join(&name), format!("{prefix}{name}"));
        moves.push((look(&from, &root, &name)?, from, name));
    }
    // Nothing is made and nothing moves until all may.
    let added = moves.iter().filter(|(how, ..)| matches!(how, Move::Add));
    let mut folders = Folders::default();
    for (_, _, name) in added {
        folders.make_for(&root, name)?;
    }
    for (how, from, name) in moves {
        let to = root.join(&name);
        match how {
            Move::Same => {
                staged.same += 1;
                continue;
            }
            Move::Add => staged.added.push(name),
            Move::Replace => staged.replaced.push(name),
        }
        std::fs::rename(&from, &to).map_err(|error| StageError::write(&to, &error))?;
    }
    folders.made.clear();
    Ok(staged)
}

/// The folder that it gets when nobody says another.
fn own_folder(source: &Path, is_folder: bool, names: &[String]) -> String {
    let has_loads = names
        .iter()
        .any(|name| name.to_ascii_lowercase().ends_with(".loads"));
    if !is_folder && !has_loads {
        return String::new();
    }
    let name = if is_folder {
        source.file_name()
    } else {
        source.file_stem()
    };
    let name = name.map(|name| name.to_string_lossy().into_owned());
    name.and_then(|name| inside(&name).ok().flatten())
        .map_or_else(|| "staged/".to_owned(), |name| format!("{name}/"))
}

/// A name leads elsewhere, or phones could not ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outside;

/// A name from outside as a name inside a folder; `None`: a hidden file, which
/// is never served.
pub(super) fn inside(name: &str) -> Result<Option<String>, Outside> {
    let name = name.replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || drive || name.len() > LONGEST_NAME {
        return Err(Outside);
    }
    let segments: Vec<&str> = name
        .split('/')
        .filter(|segment| !matches!(*segment, "" | "."))
        .collect();
    let odd = |segment: &&str| *segment == ".." || segment.contains(char::is_control);
    if segments.is_empty() || segments.len() > DEEPEST || segments.iter().any(odd) {
        return Err(Outside);
    }
    // What archivers add for themselves.
    let own = |segment: &&str| segment.starts_with('.') || *segment == "__MACOSX";
    Ok((!segments.iter().any(own)).then(|| segments.join("/")))
}

/// Copies a folder into the hidden one.
fn copy(
    source: &Path,
    to: &Path,
    budget: &mut Budget,
    staged: &mut Staged,
) -> Result<Vec<String>, StageError> {
    let mut names = Vec::new();
    let mut folders = vec![(source.to_owned(), String::new())];
    while let Some((dir, prefix)) = folders.pop() {
        let entries = std::fs::read_dir(&dir).map_err(|error| StageError::read(&dir, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| StageError::read(&dir, &error))?;
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|error| StageError::read(&path, &error))?;
            let told = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let is_text = entry.file_name().to_str().is_some();
            let Some(name) = inside(&told).ok().filter(|_| is_text) else {
                let why = "phones cannot ask for such a name";
                staged.left_out.push(format!("{told:?} is left out: {why}"));
                continue;
            };
            let Some(name) = name else {
                continue;
            };
            budget.file(&name)?;
            if kind.is_dir() {
                folders.push((path, format!("{name}/")));
            } else if !kind.is_file() {
                let why = "it is a link or no file; links are not followed";
                staged.left_out.push(format!("{name} is left out: {why}"));
            } else if name.to_ascii_lowercase().ends_with(".zip") {
                let why = "phones read no archives; stage it by itself";
                staged.left_out.push(format!("{name} is left out: {why}"));
            } else {
                copy_file(&path, &to.join(&name), &name, budget)?;
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

fn copy_file(from: &Path, to: &Path, name: &str, budget: &mut Budget) -> Result<(), StageError> {
    let file = File::open(from).map_err(|error| StageError::read(from, &error))?;
    let mut out = lay_down(to, name)?;
    let copied = io::copy(&mut file.take(LONGEST + 1), &mut out)
        .map_err(|error| StageError::write(to, &error))?;
    budget.octets(name, copied, copied)
}

/// Makes a file of the hidden folder, and the folders for it.
pub(super) fn lay_down(path: &Path, name: &str) -> Result<File, StageError> {
    use io::ErrorKind::{AlreadyExists, IsADirectory, NotADirectory};
    let made = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| File::create_new(path));
    made.map_err(|error| match error.kind() {
        // The hidden folder was empty: it is the source that has both.
        AlreadyExists | IsADirectory | NotADirectory => {
            let why = "the source has it twice, or both as a file and as a folder";
            refused(name, why)
        }
        _ => StageError::write(path, &error),
    })
}

/// What becomes of a file of the hidden folder.
enum Move {
    Same,
    Add,
    Replace,
}

/// Looks whether a file may move to its place, and changes nothing.
fn look(from: &Path, root: &Path, name: &str) -> Result<Move, StageError> {
    let to = root.join(name);
    for folder in folders_of(root, name) {
        match std::fs::symlink_metadata(&folder) {
            Ok(_) => may_enter(&folder, root)?,
            // Nothing is there, so there is nothing in it either.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Move::Add),
            Err(error) => return Err(StageError::read(&folder, &error)),
        }
    }
    match std::fs::symlink_metadata(&to) {
        Ok(there) if there.is_dir() => {
            let why = "a folder of this name is there";
            Err(refused(&to.display().to_string(), why))
        }
        Ok(there) if there.is_file() && same(from, &to).unwrap_or(false) => Ok(Move::Same),
        Ok(_) => Ok(Move::Replace),
        Err(_) => Ok(Move::Add),
    }
}

/// The folders on the way to a file, the outermost first.
fn folders_of(root: &Path, name: &str) -> Vec<PathBuf> {
    let ends = name.match_indices('/').map(|(at, _)| at);
    ends.filter_map(|at| Some(root.join(name.get(..at)?)))
        .collect()
}

/// Whether what is there is a folder, and one inside the folder of static files.
fn may_enter(folder: &Path, root: &Path) -> Result<(), StageError> {
    let why = match folder.canonicalize() {
        Ok(real) if !real.starts_with(root) => {
            "a link in the folder of static files leads out of it"
        }
        Ok(real) if real.is_dir() => return Ok(()),
        Ok(_) => {
            "a file of this name is there, and what is staged needs a folder; move the file away or stage under another folder"
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            "a link in the folder of static files leads nowhere"
        }
        Err(error) => return Err(StageError::read(folder, &error)),
    };
    Err(refused(&folder.display().to_string(), why))
}

/// Folders that were made for what is to move; they go again unless it did.
#[derive(Default)]
struct Folders {
    made: Vec<PathBuf>,
}

impl Folders {
    fn make_for(&mut self, root: &Path, name: &str) -> Result<(), StageError> {
        for folder in folders_of(root, name) {
            match std::fs::create_dir(&folder) {
                Ok(()) => self.made.push(folder),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StageError::write(&folder, &error)),
            }
        }
        Ok(())
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in self.made.iter().rev() {
            // One that holds something by now stays.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

fn same(a: &Path, b: &Path) -> io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
    loop {
        of_a.clear();
        of_b.clear();
        a.by_ref().take(1 << 20).read_to_end(&mut of_a)?;
        b.by_ref().take(1 << 20).read_to_end(&mut of_b)?;
        if of_a != of_b {
            return Ok(false);
        }
        if of_a.is_empty() {
            return Ok(true);
        }
    }
}

/// A hidden folder that goes when it is dropped.
struct Hidden {
    path: PathBuf,
}

impl Hidden {
    fn inside(root: &Path) -> Result<Self, StageError> {
        let taken: BTreeSet<_> = std::fs::read_dir(root)
            .map_err(|error| StageError::read(root, &error))?
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        let id = std::process::id();
        // One more than there are names: one of them is free.
        let name = (0..=taken.len())
            .map(|at| format!(".embody-stage-{id}-{at}"))
            .find(|name| !taken.contains(std::ffi::OsStr::new(name)))
            .unwrap_or_default();
        let path = root.join(name);
        // Nobody else writes into it meanwhile.
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| StageError::write(&path, &error))?;
        Ok(Self { path })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(folder = %self.path.display(), %error, "cannot be removed");
        }
    }
}

fn refused(what: &str, why: &str) -> StageError {
    StageError::Refused {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}
