//! `Desktops/<width>x<height>x<depth>/List.xml` (*Custom Background Images*,
//! Cisco Unified Communications Manager feature guides): each picture, and the
//! small one that stands for it in the menu.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;

use bytes::Bytes;

use super::{Media, escaped, stem};
use crate::provision::firmware::Listed;

/// The folder of all of them.
const FOLDER: &str = "desktops";
const END: &str = ".png";
/// Pictures that are looked into, at most.
const MOST_PICTURES: usize = 2000;
/// Signature, length and name of the first chunk, width and height (Portable
/// Network Graphics, sections 5.2 and 11.2.2).
const HEAD: usize = 24;

/// Width, height and bits of a display, as its folder is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provision) struct Display {
    pub(in crate::provision) width: u32,
    pub(in crate::provision) height: u32,
}

impl Display {
    /// Of a folder like `320x212x16`.
    pub(in crate::provision) fn of(folder: &str) -> Option<Self> {
        let mut numbers = folder.split(['x', 'X']).map(|number| {
            number
                .parse::<u32>()
                .ok()
                .filter(|number| (1..=4096).contains(number))
        });
        let mut next = || numbers.next().flatten();
        let (width, height, _bits) = (next()?, next()?, next()?);
        numbers.next().is_none().then_some(Self { width, height })
    }
}

/// A picture of the tree.
pub(in crate::provision) struct Picture<'a> {
    pub(in crate::provision) file: Listed<'a>,
    pub(in crate::provision) display: Display,
    /// The small one, by its name in the tree.
    pub(in crate::provision) thumbnail: Option<&'a str>,
}

/// The pictures of a tree, each with its small one, by folder.
pub(in crate::provision) fn pictures<'a>(
    files: &'a [Listed<'a>],
) -> BTreeMap<&'a str, Vec<Picture<'a>>> {
    let mut folders: BTreeMap<&str, Vec<&Listed<'_>>> = BTreeMap::new();
    for file in files {
        let is_picture = stem(file.name, END).is_some();
        let folder = file.name.rsplit_once('/').map(|(folder, _)| folder);
        if let Some(folder) = folder.filter(|_| is_picture) {
            folders.entry(folder).or_default().push(file);
        }
    }
    let mut found = BTreeMap::new();
    for (folder, files) in folders {
        let Some(display) = folder
            .split_once('/')
            .filter(|(desktops, _)| desktops.eq_ignore_ascii_case(FOLDER))
            .and_then(|(_, display)| Display::of(display))
        else {
            continue;
        };
        let mut small: BTreeMap<String, &str> = BTreeMap::new();
        for file in &files {
            if let Some(of) = thumbnail_of(file.name) {
                small.insert(of, file.name);
            }
        }
        let large = files
            .iter()
            .filter(|file| thumbnail_of(file.name).is_none())
            .map(|file| Picture {
                file: **file,
                display,
                thumbnail: small.get(&file.name.to_lowercase()).copied(),
            });
        let mut large: Vec<_> = large.collect();
        large.sort_by_key(|picture| picture.file.name.to_lowercase());
        found.insert(folder, large);
    }
    found
}

/// The picture that a small one (`..-tn.png`, `tn-..png`) stands for, in lower
/// case.
fn thumbnail_of(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let (folder, bare) = lower.rsplit_once('/')?;
    let stem = bare.strip_suffix(END)?;
    let of = stem
        .strip_suffix("-tn")
        .or_else(|| stem.strip_prefix("tn-"))
        .filter(|of| !of.is_empty())?;
    Some(format!("{folder}/{of}{END}"))
}

/// Adds the lists of wallpapers of a tree.
pub(super) fn add(media: &mut Media, files: &[Listed<'_>]) {
    let mut looked_into = 0_usize;
    for (folder, pictures) in pictures(files) {
        let mut entries = Vec::new();
        for picture in pictures {
            looked_into += 1;
            if looked_into > MOST_PICTURES {
                media.remark(format!(
                    "Desktops: only {MOST_PICTURES} pictures are looked into"
                ));
                return;
            }
            match (fault(&picture), picture.thumbnail) {
                (Some(fault), _) => media.remark(format!(
                    "{} is not listed as a wallpaper: {fault}",
                    picture.file.name
                )),
                (None, Some(small)) => entries.push((small, picture.file.name)),
                (None, None) => {
                    let stem = stem(picture.file.name, END).unwrap_or(picture.file.name);
                    media.remark(format!(
                        "{} is not listed as a wallpaper: its small picture {stem}-tn.png is \
                         missing; `embody stage` makes it",
                        picture.file.name
                    ));
                }
            }
        }
        media.bounded(folder, &mut entries);
        if !entries.is_empty() {
            let name = format!("{}/list.xml", folder.to_lowercase());
            media.lists.insert(name, as_xml(&entries));
        }
    }
}

fn fault(picture: &Picture<'_>) -> Option<String> {
    let Display { width, height } = picture.display;
    match size(picture) {
        None => Some("it is no PNG picture".to_owned()),
        Some(size) if size != (width, height) => Some(format!(
            "it measures {}x{}, and this display {width}x{height}",
            size.0, size.1
        )),
        Some(_) => None,
    }
}

/// Width and height of a picture.
fn size(picture: &Picture<'_>) -> Option<(u32, u32)> {
    let mut head = [0_u8; HEAD];
    let mut file = std::fs::File::open(picture.file.path).ok()?;
    file.read_exact(&mut head).ok()?;
    let rest = head.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let (width, rest) = rest.split_first_chunk::<4>()?;
    let height = rest.first_chunk::<4>()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}

fn as_xml(entries: &[(&str, &str)]) -> Bytes {
    let mut out =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CiscoIPPhoneImageList>\n");
    for (small, large) in entries {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "  <ImageItem Image=\"TFTP:{}\" URL=\"TFTP:{}\"/>",
            escaped(small),
            escaped(large)
        );
    }
    out.push_str("</CiscoIPPhoneImageList>\n");
    Bytes::from(out)
}
