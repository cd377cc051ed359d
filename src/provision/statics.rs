//! The folder of static files: loads, locales, ring tones, wallpapers.
//!
//! A scan makes an index of what is there; requests are looked up in the
//! index and never joined to a path. What phones ask for by its bare name is
//! found in sub-folders too, if it belongs to a load or is a ring ([`Loads`],
//! [`Media`]), and lists of rings and wallpapers that nobody wrote are made.
//! Links that lead out of the folder, hidden
//! files and empty files are not served: an empty file bricks old phones.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::firmware::{Listed, Loads, Whole, single_files};
use super::media::{self, Media};
use crate::model::LoadName;

/// Files indexed, at most.
const MOST_FILES: usize = 50_000;
/// Folders looked into, at most: links may make them many.
const MOST_FOLDERS: usize = 5_000;
/// Folders inside folders, at most.
const DEEPEST: usize = 8;
/// The longest file served, in bytes. The largest parts of loads have some
/// hundred MB.
pub(super) const LONGEST: u64 = 256 << 20;
/// Bytes of files kept in memory, at most.
const CACHE: u64 = 128 << 20;

/// An index of a folder.
#[derive(Debug, Default)]
pub struct StaticFiles {
    root: PathBuf,
    /// By lower-cased name; several only where names differ by case alone.
    index: HashMap<String, Vec<Entry>>,
    count: usize,
    loads: Loads,
    media: Media,
    cache: Mutex<Cache>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    path: PathBuf,
    /// As the scan found it, in bytes.
    size: u64,
    /// Locked while the file is read: who asks meanwhile waits and shares it.
    last: Mutex<Option<Last>>,
}

/// A file as it was read last, for as long as anybody still sends it.
#[derive(Debug)]
struct Last {
    whole: Weak<Vec<u8>>,
    mark: Mark,
}

/// What is kept in memory though nobody sends it just now.
#[derive(Debug)]
struct Cache {
    files: HashMap<PathBuf, Cached>,
    size: u64,
    room: u64,
    /// How often anything was asked for.
    turn: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            files: HashMap::new(),
            size: 0,
            room: CACHE,
            turn: 0,
        }
    }
}

#[derive(Debug)]
struct Cached {
    body: Bytes,
    mark: Mark,
    /// The [`Cache::turn`] it was asked for last.
    used: u64,
}

impl Cache {
    fn find(&mut self, path: &Path, mark: Mark) -> Option<Bytes> {
        let cached = self.files.get_mut(path)?;
        self.turn += 1;
        cached.used = self.turn;
        (cached.mark == mark).then(|| cached.body.clone())
    }

    /// What was not asked for the longest time makes room. The firmware of one
    /// model and that of the next may be more than fits. What alone is more is
    /// shared by those who fetch it now, and not kept.
    fn keep(&mut self, path: PathBuf, body: Bytes, mark: Mark) {
        self.forget(&path);
        let size = body.len() as u64;
        if size > self.room {
            return;
        }
        while self.size.saturating_add(size) > self.room {
            let files = self.files.iter();
            let Some((idle, _)) = files.min_by_key(|(_, cached)| cached.used) else {
                break;
            };
            let idle = idle.clone();
            self.forget(&idle);
        }
        self.size += size;
        self.turn += 1;
        let used = self.turn;
        self.files.insert(path, Cached { body, mark, used });
    }

    fn forget(&mut self, path: &Path) {
        if let Some(old) = self.files.remove(path) {
            self.size = self.size.saturating_sub(old.body.len() as u64);
        }
    }
}

/// Which file it is and how it was: another file in its place, or another
/// content, has another mark (the time of its last change of any kind cannot
/// be set by hand). What had this mark inside the folder may be served while it
/// has it, whatever has become of the folders above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Mark {
    fn of(data: &Metadata) -> Self {
        Self {
            file: (data.dev(), data.ino()),
            size: data.len(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        }
    }
}

/// What became of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaticAnswer {
    /// The file, whole.
    Found(Bytes),
    /// No such file.
    Missing,
    /// It is there and could not be read now.
    Failed(String),
}

impl StaticFiles {
    /// No static files at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Indexes a folder.
    ///
    /// # Errors
    /// When the folder itself cannot be read; what cannot be read inside it is
    /// left out with a line in the log.
    pub fn scan(folder: &Path) -> io::Result<Self> {
        let mut files = Self::index(folder)?;
        let listed = files.listed();
        let loads = Loads::read(&listed);
        let media = Media::read(&listed);
        (files.loads, files.media) = (loads, media);
        Ok(files)
    }

    /// All files by name.
    fn listed(&self) -> Vec<Listed<'_>> {
        let mut listed: Vec<Listed<'_>> = self
            .index
            .values()
            .flatten()
            .map(|entry| Listed {
                name: &entry.name,
                path: &entry.path,
                size: entry.size,
            })
            .collect();
        listed.sort_by_key(|file| file.name);
        listed
    }

    /// Writes the small pictures of wallpapers that have none beside them, and
    /// says what was made. They are found after the next look at the folder.
    pub fn make_thumbnails(&self) -> Vec<String> {
        media::thumbnails::make(&self.listed())
    }

    fn index(folder: &Path) -> io::Result<Self> {
        let root = folder.canonicalize()?;
        std::fs::read_dir(&root)?;
        let mut files = Self {
            root: root.clone(),
            ..Self::default()
        };
        let mut folders = vec![(root, String::new(), 0_usize)];
        let mut looked_into = 0_usize;
        while let Some((dir, prefix, depth)) = folders.pop() {
            looked_into += 1;
            if looked_into > MOST_FOLDERS {
                tracing::warn!("static files: only {MOST_FOLDERS} folders are looked into");
                break;
            }
            let entries = match std::fs::read_dir(&dir) {
                Ok(entries) => entries,
                Err(error) => {
                    tracing::warn!(folder = %dir.display(), %error, "static files: left out");
                    continue;
                }
            };
            for entry in entries.flatten() {
                if files.count == MOST_FILES {
                    tracing::warn!("static files: only the first {MOST_FILES} are served");
                    return Ok(files);
                }
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                if name.starts_with('.') {
                    continue;
                }
                let Some((path, data)) = files.resolve(&entry.path()) else {
                    tracing::warn!(file = %entry.path().display(),
                        "static files: left out, it leads out of the folder or cannot be read");
                    continue;
                };
                let name = format!("{prefix}{name}");
                if data.is_dir() && depth < DEEPEST {
                    folders.push((path, format!("{name}/"), depth + 1));
                } else if data.is_file() {
                    files.add(name, path, data.len());
                }
            }
        }
        for same in files.index.values_mut() {
            same.sort_by(|a, b| a.name.cmp(&b.name));
        }
        Ok(files)
    }

    /// How many files are indexed.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The loads that lie there.
    pub fn loads(&self) -> &Loads {
        &self.loads
    }

    /// What is made of the rings and wallpapers that lie there.
    pub fn media(&self) -> &Media {
        &self.media
    }

    /// The names of all files, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index
            .values()
            .flatten()
            .map(|entry| entry.name.as_str())
    }

    /// Whether a phone that asks for `name` now finds something. Looks at the
    /// disk, but reads nothing.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some_and(|entry| {
            self.resolve(&entry.path)
                .is_some_and(|(_, data)| data.is_file() && data.len() > 0 && data.len() <= LONGEST)
        }) || self.media.list(name).is_some()
    }

    /// Whether a phone that is told this load finds all of it now: what was
    /// whole when the folder was looked through may be gone.
    pub fn whole(&self, load: &LoadName) -> Whole {
        let Some(staged) = self.loads.find(load.as_str()) else {
            let single = single_files(load.as_str()).any(|file| self.has(&file));
            return if single { Whole::Yes } else { Whole::NotStaged };
        };
        let whole = staged.whole();
        let (Whole::Yes, Ok(parts)) = (&whole, &staged.parts) else {
            return whole;
        };
        let list = format!("{}.loads", staged.name);
        let names = std::iter::once(&list).chain(parts.iter().map(|part| &part.name));
        let gone: Vec<String> = names.filter(|name| !self.has(name)).cloned().collect();
        if gone.is_empty() {
            whole
        } else {
            Whole::Missing(gone)
        }
    }

    /// The file of this name; letter case decides only between files that
    /// differ by nothing else.
    pub fn read(&self, name: &str) -> StaticAnswer {
        let Some(entry) = self.find(name) else {
            let list = self.media.list(name);
            return list.map_or(StaticAnswer::Missing, StaticAnswer::Found);
        };
        // Looked at anew: it may have been replaced since the scan. What is in
        // memory needs one look, not one at each folder above it.
        if let Ok(data) = std::fs::metadata(&entry.path)
            && let Some(body) = self.cache().find(&entry.path, Mark::of(&data))
        {
            return StaticAnswer::Found(body);
        }
        let Some((path, data)) = self.resolve(&entry.path) else {
            return StaticAnswer::Missing;
        };
        if !data.is_file() || data.len() == 0 || data.len() > LONGEST {
            return StaticAnswer::Missing;
        }
        match off_the_async_threads(|| self.read_once(entry, &path, Mark::of(&data))) {
            Ok(body) if body.is_empty() => StaticAnswer::Missing,
            Ok(body) => StaticAnswer::Found(body),
            Err(error) if error.kind() == io::ErrorKind::NotFound => StaticAnswer::Missing,
            Err(error) => StaticAnswer::Failed(error.to_string()),
        }
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        let indexed = |name: &str| {
            let same = self.index.get(&name.to_lowercase())?;
            same.iter()
                .find(|e| e.name == name)
                .or_else(|| same.first())
        };
        indexed(name)
            .or_else(|| indexed(self.loads.in_folder(name)?))
            .or_else(|| indexed(self.media.in_folder(name)?))
    }

    fn add(&mut self, name: String, path: PathBuf, size: u64) {
        if size > LONGEST {
            tracing::warn!(file = %path.display(), size, "static files: left out, too long");
            return;
        }
        self.count += 1;
        let same = self.index.entry(name.to_lowercase()).or_default();
        let last = Mutex::default();
        same.push(Entry {
            name,
            path,
            size,
            last,
        });
    }

    /// The real path and what is there, when it lies inside the folder.
    fn resolve(&self, path: &Path) -> Option<(PathBuf, Metadata)> {
        let real = path.canonicalize().ok()?;
        let data = std::fs::metadata(&real).ok()?;
        real.starts_with(&self.root).then_some((real, data))
    }

    /// The file from the disk; however many ask for it at the same time, it is
    /// read once, and lies in memory once for all that send it.
    fn read_once(&self, entry: &Entry, path: &Path, mark: Mark) -> io::Result<Bytes> {
        let mut last = entry.last.lock().unwrap_or_else(PoisonError::into_inner);
        let same = last.as_ref().filter(|last| last.mark == mark);
        let whole = if let Some(whole) = same.and_then(|last| last.whole.upgrade()) {
            whole
        } else {
            let whole = Arc::new(read_whole(path)?);
            let read = Arc::downgrade(&whole);
            *last = Some(Last { whole: read, mark });
            whole
        };
        let body = Bytes::from_owner(Shared(whole));
        if !body.is_empty() {
            self.cache().keep(path.to_owned(), body.clone(), mark);
        }
        Ok(body)
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file in memory that many [`Bytes`] are of.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Does what may wait for a disk so that other tasks of an async runtime go on
/// meanwhile: both file services ask from theirs.
pub(super) fn off_the_async_threads<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // No runtime, or one whose only thread cannot be left to others.
        _ => work(),
    }
}

fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    std::fs::File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut body)?;
    if body.len() as u64 > LONGEST {
        return Err(io::Error::other("the file has grown too long"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(text: &str) -> StaticAnswer {
        StaticAnswer::Found(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn files_are_found_whatever_their_case_and_folder() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("English_United_States");
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("mk-sccp.jar"), "jar").unwrap();
        std::fs::write(folder.path().join("Ringlist.xml"), "new").unwrap();
        std::fs::write(folder.path().join("RINGLIST.XML"), "old").unwrap();
        let files = StaticFiles::scan(folder.path()).unwrap();
        assert_eq!(files.len(), 3);
        assert_eq!(
            files.read("english_united_states/MK-SCCP.jar"),
            found("jar")
        );
        assert_eq!(files.read("Ringlist.xml"), found("new"));
        assert_eq!(files.read("RINGLIST.XML"), found("old"));
        assert_eq!(
            files.read("ringlist.xml"),
            found("old"),
            "the first by name"
        );
        assert_eq!(files.read("English_United_States"), StaticAnswer::Missing);
    }

    #[test]
    fn nothing_outside_the_folder_and_nothing_empty_is_served() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "secret").unwrap();
        let at = |name: &str| folder.path().join(name);
        std::os::unix::fs::symlink(outside.path(), at("out")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), at("file")).unwrap();
        std::os::unix::fs::symlink(folder.path(), at("loop")).unwrap();
        std::fs::write(at("empty.tlv"), "").unwrap();
        std::fs::write(at(".hidden"), "x").unwrap();
        std::fs::write(at("swapped"), "x").unwrap();
        std::fs::write(at("inside"), "x").unwrap();
        std::os::unix::fs::symlink(at("inside"), at("link")).unwrap();
        let files = StaticFiles::scan(folder.path()).unwrap();
        for name in ["out/secret", "file", "empty.tlv", ".hidden", "../secret"] {
            assert_eq!(files.read(name), StaticAnswer::Missing, "{name}");
        }
        assert_eq!(files.read("link"), found("x"));
        assert_eq!(files.read("swapped"), found("x"));
        std::fs::remove_file(at("swapped")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), at("swapped")).unwrap();
        assert_eq!(files.read("swapped"), StaticAnswer::Missing);
    }

    #[test]
    fn a_folder_that_becomes_a_link_to_the_outside_serves_nothing_from_there() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let dir = folder.path().join("dir");
        std::fs::create_dir(&dir).unwrap();
        std::fs::write(dir.join("file"), "inside").unwrap();
        std::fs::write(outside.path().join("file"), "secret").unwrap();
        let files = StaticFiles::scan(folder.path()).unwrap();
        assert_eq!(files.read("dir/file"), found("inside"), "now in memory");
        std::fs::remove_dir_all(&dir).unwrap();
        std::os::unix::fs::symlink(outside.path(), &dir).unwrap();
        assert_eq!(files.read("dir/file"), StaticAnswer::Missing);
    }

    #[test]
    fn a_replaced_file_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let files = StaticFiles::scan(folder.path()).unwrap();
        assert_eq!(files.read("a"), found("one"));
        assert_eq!(files.read("a"), found("one"), "from memory");
        std::fs::write(&path, "three").unwrap();
        assert_eq!(files.read("a"), found("three"));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(files.read("a"), StaticAnswer::Missing);
    }

    fn body(files: &StaticFiles, name: &str) -> Bytes {
        match files.read(name) {
            StaticAnswer::Found(body) => body,
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn a_load_that_a_crowd_asks_for_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("load"), vec![7; 16 << 20]).unwrap();
        let files = StaticFiles::scan(folder.path()).unwrap();
        let start = std::sync::Barrier::new(8);
        let ask = || {
            start.wait();
            body(&files, "load")
        };
        let bodies: Vec<Bytes> = std::thread::scope(|scope| {
            let crowd: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            crowd.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let one = bodies[0].as_ptr();
        assert!(bodies.iter().all(|body| body.as_ptr() == one));
    }

    #[test]
    fn what_is_asked_for_again_stays_in_memory_and_what_is_sent_is_there_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c", "d"] {
            std::fs::write(folder.path().join(name), name.repeat(3)).unwrap();
        }
        let files = StaticFiles::scan(folder.path()).unwrap();
        files.cache().room = 10;
        let kept = |name: &str| {
            let path = files.find(name).unwrap().path.clone();
            files.cache().files.contains_key(&path)
        };
        let sending = body(&files, "b");
        for name in ["a", "c", "a", "b", "a", "d"] {
            body(&files, name);
        }
        assert!(kept("a") && kept("b") && kept("d") && !kept("c"));
        body(&files, "a");
        body(&files, "c");
        assert!(!kept("b"), "it is still sent all the same");
        assert_eq!(body(&files, "b").as_ptr(), sending.as_ptr());
        assert!(kept("b"));
        assert_eq!(files.cache().size, 9);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn while_a_disk_is_slow_other_tasks_of_the_thread_go_on() {
        let (turn, turned) = std::sync::mpsc::channel();
        let (asked, reads) = tokio::sync::oneshot::channel();
        let slow = tokio::spawn(async move {
            asked.send(()).unwrap();
            off_the_async_threads(|| {
                // An end for what hangs; nothing is measured by it.
                turned.recv_timeout(std::time::Duration::from_secs(40))
            })
        });
        // The one worker is inside the read: only if it was left to others can
        // this task turn the disk.
        let other = tokio::spawn(async move {
            reads.await.unwrap();
            turn.send(()).unwrap();
        });
        other.await.unwrap();
        assert_eq!(slow.await.unwrap(), Ok(()));
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        assert!(StaticFiles::scan(Path::new("/nonexistent/static")).is_err());
        assert!(StaticFiles::none().is_empty());
    }
}
