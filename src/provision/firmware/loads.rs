//! The loads that lie in the tree of static files, and where each of their
//! parts lies.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use super::descriptor::{self, Descriptor, DescriptorError};

/// Lists of files that are read, at most.
const MOST_LOADS: usize = 4096;
/// The end of the name of a list of files.
const EXTENSION: &str = ".loads";
/// What loads of one file are called: those of 7940 and 7960 (`.bin`, `.sbn`),
/// 7905 and 7912 (`.sbin`, `.zup`) before there were lists, of conference
/// phones, and of add-on modules.
const SINGLE: [&str; 4] = [".bin", ".sbn", ".sbin", ".zup"];

/// A file of the tree.
#[derive(Clone, Copy, Debug)]
pub(in crate::provision) struct Listed<'a> {
    /// Its name from the top of the tree, with `/`.
    pub(in crate::provision) name: &'a str,
    /// Where it is.
    pub(in crate::provision) path: &'a Path,
    /// Its size in bytes; an empty file is not served.
    pub(in crate::provision) size: u64,
}

/// A load that is staged: its list of files is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Its name, as `loadInformation` tells it.
    pub name: String,
    /// Where its list of files lies, from the top of the tree.
    pub at: String,
    /// Its files, or why the list cannot be read.
    pub parts: Result<Vec<Part>, DescriptorError>,
    /// Another list of this name that phones get instead.
    pub hidden_by: Option<String>,
}

/// A file that a load names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// What phones get that ask for it, from the top of the tree; `None`: not
    /// found.
    pub at: Option<String>,
    /// A file of this name that lies nearer to the list and differs from what
    /// phones get.
    pub instead_of: Option<String>,
}

/// Whether phones can fetch all of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    /// They can.
    Yes,
    /// Nothing of it is there.
    NotStaged,
    /// Its list of files cannot be read. The text completes "its list of files ..".
    Unreadable(String),
    /// These files are missing, or others of the same name stand before them.
    Missing(Vec<String>),
}

impl std::fmt::Display for Whole {
    /// Completes "load .. ": never with a full stop.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Yes => f.write_str("is whole"),
            Self::NotStaged => f.write_str("is not staged"),
            Self::Unreadable(why) => write!(f, "is not whole: its list of files {why}"),
            Self::Missing(parts) => write!(f, "is not whole: {} missing", parts.join(", ")),
        }
    }
}

impl Load {
    /// Whether all of it can be fetched, as far as the last look at the tree
    /// tells.
    pub fn whole(&self) -> Whole {
        if let Some(other) = &self.hidden_by {
            return Whole::Unreadable(format!("is hidden by {other}, which differs"));
        }
        let parts = match &self.parts {
            Ok(parts) => parts,
            Err(why) => return Whole::Unreadable(why.to_string()),
        };
        let missing: Vec<String> = parts.iter().filter_map(Part::missing).collect();
        if missing.is_empty() {
            Whole::Yes
        } else {
            Whole::Missing(missing)
        }
    }
}

impl Part {
    fn missing(&self) -> Option<String> {
        match (&self.at, &self.instead_of) {
            (None, _) => Some(self.name.clone()),
            (Some(at), Some(own)) => Some(format!("{own} (phones get {at}, which differs)")),
            (Some(_), None) => None,
        }
    }
}

/// All loads of a tree.
#[derive(Clone, Debug, Default)]
pub struct Loads {
    loads: Vec<Load>,
    /// From a bare name in lower case to the name in the tree.
    bare: HashMap<String, String>,
}

impl Loads {
    /// Reads the lists of files of a tree.
    pub(in crate::provision) fn read(files: &[Listed<'_>]) -> Self {
        let tree = Tree::of(files);
        let mut lists: Vec<&Listed<'_>> = files
            .iter()
            .filter(|file| file.size > 0 && ends_with(file.name, EXTENSION))
            .collect();
        // Nearer to the top first, then by name: the first counts for phones.
        lists.sort_by_key(|file| (depth(file.name), file.name));
        if lists.len() > MOST_LOADS {
            tracing::warn!("static files: only {MOST_LOADS} loads are looked into");
            lists.truncate(MOST_LOADS);
        }
        let mut loads = Self::default();
        for list in lists {
            loads.add(&tree, list);
        }
        loads
            .loads
            .sort_by(|a, b| (&a.name, &a.at).cmp(&(&b.name, &b.at)));
        loads
    }

    fn add(&mut self, tree: &Tree<'_>, list: &Listed<'_>) {
        let (folder, bare) = split(list.name);
        let served = self.place(tree, folder, bare);
        let hidden_by = match served.at {
            Some(at) if at != list.name && served.instead_of.is_none() => return, // the same, twice
            Some(at) if at != list.name => Some(at),
            _ => None,
        };
        let parts = read(list.path).and_then(|bytes| Descriptor::parse(&bytes));
        let parts = parts.map(|list| {
            let parts = list.parts.iter();
            parts.map(|part| self.place(tree, folder, part)).collect()
        });
        self.loads.push(Load {
            name: bare
                .get(..bare.len().saturating_sub(EXTENSION.len()))
                .unwrap_or(bare)
                .to_owned(),
            at: list.name.to_owned(),
            parts,
            hidden_by,
        });
    }

    /// Where a phone finds `bare`, which a list in `folder` needs: at the top
    /// of the tree, else where an earlier load needed it, else as near to the
    /// list as there is one.
    fn place(&mut self, tree: &Tree<'_>, folder: &str, bare: &str) -> Part {
        let lower = bare.to_lowercase();
        let nearest = tree.nearest(&lower, folder);
        let served = tree
            .top(&lower)
            .or_else(|| self.bare.get(&lower).and_then(|at| tree.by_name(at)))
            .or(nearest);
        if let Some(served) = served.filter(|served| served.name.contains('/')) {
            self.bare
                .entry(lower)
                .or_insert_with(|| served.name.to_owned());
        }
        let differs = |own: &&Listed<'_>| {
            served.is_some_and(|served| served.name != own.name && served.size != own.size)
        };
        Part {
            name: bare.to_owned(),
            at: served.map(|served| served.name.to_owned()),
            instead_of: nearest.filter(differs).map(|own| own.name.to_owned()),
        }
    }

    /// The loads by name.
    pub fn iter(&self) -> impl Iterator<Item = &Load> {
        self.loads.iter()
    }

    /// The load that phones get under this name.
    pub fn find(&self, name: &str) -> Option<&Load> {
        self.loads
            .iter()
            .find(|load| load.hidden_by.is_none() && load.name.eq_ignore_ascii_case(name))
    }

    /// The name in the tree of a file that a load names, or of a list of files,
    /// when it lies in a folder and is asked for without it.
    pub(in crate::provision) fn in_folder(&self, bare: &str) -> Option<&str> {
        self.bare.get(&bare.to_lowercase()).map(String::as_str)
    }
}

/// The names that a load of one file may have.
pub(in crate::provision) fn single_files(load: &str) -> impl Iterator<Item = String> {
    SINGLE.into_iter().map(move |end| format!("{load}{end}"))
}

/// The files of a tree by name.
struct Tree<'a> {
    by_name: HashMap<String, &'a Listed<'a>>,
    by_bare: HashMap<String, Vec<&'a Listed<'a>>>,
}

impl<'a> Tree<'a> {
    fn of(files: &'a [Listed<'a>]) -> Self {
        let mut tree = Self {
            by_name: HashMap::new(),
            by_bare: HashMap::new(),
        };
        for file in files.iter().filter(|file| file.size > 0) {
            tree.by_name.entry(file.name.to_lowercase()).or_insert(file);
            let bare = split(file.name).1.to_lowercase();
            tree.by_bare.entry(bare).or_default().push(file);
        }
        tree
    }

    fn by_name(&self, name: &str) -> Option<&'a Listed<'a>> {
        self.by_name.get(&name.to_lowercase()).copied()
    }

    fn top(&self, lower: &str) -> Option<&'a Listed<'a>> {
        self.by_name.get(lower).copied()
    }

    /// The file of this name that is nearest to `folder`: in it, below it, or
    /// anywhere.
    fn nearest(&self, lower: &str, folder: &str) -> Option<&'a Listed<'a>> {
        let files = self.by_bare.get(lower)?.iter().copied();
        files.min_by_key(|file| {
            let (of, _) = split(file.name);
            (of != folder, !of.starts_with(folder), depth(of), file.name)
        })
    }
}

/// Folder (with its `/`, or empty) and name in it.
fn split(name: &str) -> (&str, &str) {
    name.rfind('/')
        .and_then(|at| name.split_at_checked(at + 1))
        .unwrap_or(("", name))
}

fn depth(name: &str) -> usize {
    name.bytes().filter(|byte| *byte == b'/').count()
}

fn ends_with(name: &str, end: &str) -> bool {
    name.len()
        .checked_sub(end.len())
        .and_then(|at| name.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// A file that cannot be read is told as an empty one: it is in the log.
fn read(path: &Path) -> Result<Vec<u8>, DescriptorError> {
    let mut bytes = Vec::new();
    let most = descriptor::LONGEST as u64 + 1;
    let read = std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            tracing::warn!(file = %path.display(), %error, "a load's list of files cannot be read");
            Err(DescriptorError::Empty)
        }
    }
}
