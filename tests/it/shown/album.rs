//! Drawings by name, and the files that they must be like.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What to set to have the files written anew.
const BLESS: &str = "EMBODY_BLESS";

/// All drawings of a run.
#[derive(Default)]
pub struct Album(BTreeMap<String, String>);

impl Album {
    pub fn put(&mut self, name: &str, drawings: String) {
        let before = self.0.insert(name.to_owned(), drawings);
        assert!(before.is_none(), "{name} was drawn twice");
    }

    /// Fails unless there is a file for each, the same as it, and no other.
    pub fn compare(&self, folder: &Path) {
        let differences = self.differences(folder);
        if differences.is_empty() {
            return;
        }
        if std::env::var_os(BLESS).is_some() {
            self.write(folder);
            panic!(
                "{} drawings written into {}; read the difference, then run without {BLESS}",
                self.0.len(),
                folder.display()
            );
        }
        panic!(
            "pages are shown otherwise than in {} (\"{BLESS}=1 cargo test --test it shown\" \
             writes them anew):\n{}",
            folder.display(),
            differences.join("\n")
        );
    }

    fn differences(&self, folder: &Path) -> Vec<String> {
        let there = files(folder);
        let mut differences = Vec::new();
        for (name, drawing) in &self.0 {
            match there.get(name) {
                None => differences.push(format!("{name}.txt is missing")),
                Some(file) if file == drawing => {}
                Some(file) => differences.push(format!("{name}.txt\n{}", first(file, drawing))),
            }
        }
        for name in there.keys().filter(|name| !self.0.contains_key(*name)) {
            differences.push(format!("{name}.txt is not drawn any more"));
        }
        differences
    }

    fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for name in files(folder).keys() {
            fs::remove_file(folder.join(format!("{name}.txt"))).unwrap();
        }
        for (name, drawing) in &self.0 {
            fs::write(folder.join(format!("{name}.txt")), drawing).unwrap();
        }
    }
}

/// The drawings of a folder; anything else in it counts as one, too.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let name = name.strip_suffix(".txt").map(str::to_owned).unwrap_or(name);
            (name, fs::read_to_string(path).unwrap_or_default())
        })
        .collect()
}

/// Where two drawings part, with what stands around it.
fn first(file: &str, drawing: &str) -> String {
    const AROUND: usize = 14;
    let (file, drawing): (Vec<&str>, Vec<&str>) =
        (file.lines().collect(), drawing.lines().collect());
    let at = file
        .iter()
        .zip(&drawing)
        .position(|(one, other)| one != other)
        .unwrap_or(file.len().min(drawing.len()));
    let mut text = format!("line {}:\n", at + 1);
    for (what, lines) in [("read", &file), ("shown now", &drawing)] {
        let _ = writeln!(text, "--- {what}");
        let from = at.saturating_sub(AROUND);
        for line in lines.iter().skip(from).take(2 * AROUND) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// All of them at one time.
pub async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures
        .into_iter()
        .map(|one| (Some(Box::pin(one)), None))
        .collect();
    std::future::poll_fn(|context| {
        for (future, output) in &mut waiting {
            if let Some(running) = future
                && let std::task::Poll::Ready(done) = running.as_mut().poll(context)
            {
                (*future, *output) = (None, Some(done));
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

fn drawn(names: &[(&str, &str)]) -> Album {
    let mut album = Album::default();
    for (name, drawing) in names {
        album.put(name, (*drawing).to_owned());
    }
    album
}

#[test]
fn a_missing_an_extra_and_another_file_are_told() {
    let folder = tempfile::tempdir().unwrap();
    drawn(&[("a", "1\n2\n"), ("b", "x\n")]).write(folder.path());
    let same = drawn(&[("a", "1\n2\n"), ("b", "x\n")]);
    assert_eq!(same.differences(folder.path()), Vec::<String>::new());
    let other = drawn(&[("a", "1\n3\n"), ("c", "x\n")]).differences(folder.path());
    assert_eq!(other.len(), 3, "{other:?}");
    assert!(other[0].starts_with("a.txt\nline 2:\n"), "{other:?}");
    assert!(other[1].starts_with("c.txt is missing"), "{other:?}");
    assert!(other[2].starts_with("b.txt is not drawn"), "{other:?}");
    fs::write(folder.path().join("b.orig"), "").unwrap();
    let stray = same.differences(folder.path());
    assert_eq!(stray, ["b.orig.txt is not drawn any more"]);
}
