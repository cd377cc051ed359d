//! Out of an archive into a folder of its own: bounded in entries, sizes and
//! ratio, no name leads elsewhere, nothing but files and folders.

use std::fs::File;
use std::io::{BufReader, Read, Write as _};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::stage::{Budget, StageError, inside, lay_down};

/// The longest archive that is opened, in bytes.
const LONGEST_ARCHIVE: u64 = 1 << 30;
/// How much larger than the archive its content may be. Loads are packed
/// already and hardly shrink; pictures and texts shrink to a tenth.
const RATIO: u64 = 60;
/// What a small archive may hold whatever the ratio, in bytes.
const SMALL: u64 = 4 << 20;
/// Octets that are unpacked at one time.
const CHUNK: usize = 64 * 1024;

/// Unpacks an archive into `to` and says what there is, by its names from the
/// top of the archive.
pub(super) fn unpack(
    archive: &Path,
    to: &Path,
    budget: &mut Budget,
) -> Result<Vec<String>, StageError> {
    let file = File::open(archive).map_err(|error| StageError::read(archive, &error))?;
    let size = file
        .metadata()
        .map_err(|error| StageError::read(archive, &error))?
        .len();
    if size > LONGEST_ARCHIVE {
        return Err(refused(archive, "it is longer than 1 GiB"));
    }
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(archive, &error))?;
    if zip.has_duplicate_names() {
        return Err(refused(archive, "a file is in it twice"));
    }
    let most = size.saturating_mul(RATIO).max(SMALL);
    let mut unpacked = 0_u64;
    let mut names = Vec::new();
    for at in 0..zip.len() {
        let entry = zip.by_index(at).map_err(|error| broken(archive, &error))?;
        let told = entry.name().map_err(|error| broken(archive, &error))?;
        if entry.is_dir() {
            continue;
        }
        if !entry.is_file() {
            return Err(refused(
                archive,
                &format!("{told:?} in it is a link, and only files are taken"),
            ));
        }
        let name = inside(&told).map_err(|_| {
            refused(
                archive,
                &format!("the name {told:?} in it leads out of the folder or is no name of a file"),
            )
        })?;
        let Some(name) = name else {
            continue;
        };
        let path = to.join(&name);
        budget.file(&name)?;
        unpacked = write(entry, &path, (archive, &name), budget, (unpacked, most))?;
        names.push(name);
    }
    Ok(names)
}

/// Writes one entry; what counts is what comes out, not what was declared.
fn write(
    mut entry: impl Read,
    path: &Path,
    (archive, name): (&Path, &str),
    budget: &mut Budget,
    (mut unpacked, most): (u64, u64),
) -> Result<u64, StageError> {
    let mut out = lay_down(path, name)?;
    let mut size = 0_u64;
    let mut chunk = vec![0_u8; CHUNK];
    loop {
        let read = entry
            .read(&mut chunk)
            .map_err(|error| refused(archive, &format!("{name} in it is broken ({error})")))?;
        let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else {
            return Ok(unpacked);
        };
        let read = part.len() as u64;
        (size, unpacked) = (size.saturating_add(read), unpacked.saturating_add(read));
        budget.octets(name, size, read)?;
        if unpacked > most {
            return Err(refused(
                archive,
                &format!("its content is more than {RATIO} times as large as it is: a bomb"),
            ));
        }
        out.write_all(part)
            .map_err(|error| StageError::write(path, &error))?;
    }
}

fn broken(archive: &Path, error: &ZipError) -> StageError {
    match error {
        ZipError::Io(error) => StageError::read(archive, error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            refused(archive, "it needs a password")
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => refused(
            archive,
            &format!("it is packed in a way that is not read ({error}); pack it anew with deflate"),
        ),
        _ => refused(archive, &format!("it is no whole zip archive ({error})")),
    }
}

fn refused(archive: &Path, why: &str) -> StageError {
    StageError::Refused {
        what: archive.display().to_string(),
        why: why.to_owned(),
    }
}
