//! An operator drops rings and wallpapers in, and what phones show of them.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use crate::provision::{StaticAnswer, StaticFiles, xml};

/// The head of a picture, all that is looked at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes
}

fn put(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn said(files: &StaticFiles, name: &str) -> String {
    match files.read(name) {
        StaticAnswer::Found(body) => String::from_utf8_lossy(&body).into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn rings_are_listed_in_every_spelling_and_found_without_their_folder() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "Rings/Old_Phone.raw", &[1; 480]);
    put(root, "rings/Wide.rwb", &[2; 1000]);
    put(root, "Chime & Bell.raw", &[3; 240]);
    put(root, "deep/down/Not.raw", &[3; 240]);
    let files = StaticFiles::scan(root).unwrap();
    let list = said(&files, "Ringlist.xml");
    assert_eq!(xml::well_formed(&list, &["CiscoIPPhoneRingList"]), Ok(()));
    assert_eq!(list.matches("<Ring>").count(), 2, "{list}");
    assert!(
        list.contains("<DisplayName>Old Phone</DisplayName>"),
        "{list}"
    );
    assert!(
        list.contains("<FileName>Old_Phone.raw</FileName>"),
        "{list}"
    );
    assert!(
        list.contains("<FileName>Chime &amp; Bell.raw</FileName>"),
        "{list}"
    );
    for same in ["RINGLIST.XML", "ringlist.xml"] {
        assert_eq!(said(&files, same), list, "{same}");
    }
    // SIP loads of 7940 and 7960 read another form under this name.
    assert!(!files.has("DistinctiveRingList.xml"));
    assert_eq!(
        said(&files, "RINGLIST.DAT"),
        "Chime & Bell\tChime & Bell.raw\nOld Phone\tOld_Phone.raw\n"
    );
    assert!(said(&files, "Ringlist-wb.xml").contains("<FileName>Wide.rwb</FileName>"));
    assert_eq!(
        said(&files, "Old_Phone.raw").len(),
        480,
        "a 7942 asks at the top"
    );
    assert_eq!(said(&files, "Rings/Old_Phone.raw").len(), 480);
    assert_eq!(said(&files, "Not.raw"), "Missing");
}

#[test]
fn a_list_of_ones_own_stays_and_nothing_is_listed_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert_eq!(
        said(&StaticFiles::scan(root).unwrap(), "Ringlist.xml"),
        "Missing"
    );
    put(root, "a.raw", &[1; 240]);
    put(root, "RingList.xml", b"mine");
    put(root, "Desktops/320x212x16/a.png", &png(320, 212));
    put(root, "Desktops/320x212x16/a-tn.png", &png(80, 53));
    put(root, "Desktops/320x212x16/list.xml", b"mine too");
    let files = StaticFiles::scan(root).unwrap();
    assert_eq!(said(&files, "RINGLIST.XML"), "mine");
    assert_eq!(said(&files, "Desktops/320x212x16/List.xml"), "mine too");
}

#[test]
fn a_ring_that_phones_cannot_play_is_not_listed_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for (name, size) in [
        ("short.raw", 239),
        ("odd.raw", 241),
        ("long.raw", 16_320),
        ("longest.raw", 16_080),
        ("odd.rwb", 7),
        ("a-name-of-26-characters-.raw", 240),
    ] {
        put(root, name, &vec![0; size]);
    }
    put(root, "Rings/longest.raw", &[0; 240]);
    let files = StaticFiles::scan(root).unwrap();
    let list = said(&files, "Ringlist.xml");
    assert_eq!(list.matches("<FileName>").count(), 1, "{list}");
    assert!(list.contains("longest.raw"), "{list}");
    let told = files.media().remarks().join("\n");
    for of in [
        "short.raw",
        "odd.raw",
        "long.raw",
        "odd.rwb",
        "a-name",
        "Rings/longest.raw",
    ] {
        assert!(
            told.contains(&format!("{of} is ")) || told.contains(of),
            "{of}: {told}"
        );
    }
    assert!(told.contains("it has 241 octets"), "{told}");
    assert!(told.contains("longer than 25 characters"), "{told}");
    assert_eq!(files.media().remarks().len(), 6, "{told}");
}

#[test]
fn of_many_rings_thirty_two_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..40 {
        put(folder.path(), &format!("ring{at:02}.raw"), &[0; 240]);
    }
    let files = StaticFiles::scan(folder.path()).unwrap();
    let list = said(&files, "Ringlist.xml");
    assert_eq!(list.matches("<Ring>").count(), 32);
    assert!(list.contains("ring31.raw") && !list.contains("ring32.raw"));
    assert!(files.media().remarks()[0].contains("40 files"));
}

#[test]
fn wallpapers_are_listed_by_display_each_with_its_small_picture() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "Desktops/320x196x4/Boats.png", &png(320, 196));
    put(root, "Desktops/320x196x4/Boats-tn.png", &png(80, 49));
    put(root, "Desktops/320x196x4/Trees & <x>.png", &png(320, 196));
    put(root, "Desktops/320x196x4/TN-Trees & <x>.png", &png(80, 49));
    put(root, "Desktops/320x196x4/Alone.png", &png(320, 196));
    put(root, "Desktops/320x196x4/Wrong.png", &png(800, 480));
    put(root, "Desktops/320x196x4/NoPicture.png", b"GIF89a");
    put(root, "Desktops/odd/a.png", &png(1, 1));
    let files = StaticFiles::scan(root).unwrap();
    let list = said(&files, "Desktops/320x196x4/List.xml");
    assert_eq!(xml::well_formed(&list, &["CiscoIPPhoneImageList"]), Ok(()));
    assert_eq!(list.matches("<ImageItem").count(), 2, "{list}");
    assert!(
        list.contains(
            "Image=\"TFTP:Desktops/320x196x4/Boats-tn.png\" \
             URL=\"TFTP:Desktops/320x196x4/Boats.png\""
        ),
        "{list}"
    );
    assert!(list.contains("TN-Trees &amp; &lt;x&gt;.png"), "{list}");
    let told = files.media().remarks().join("\n");
    assert!(told.contains("Alone-tn.png is missing"), "{told}");
    assert!(
        told.contains("it measures 800x480, and this display 320x196"),
        "{told}"
    );
    assert!(
        told.contains("NoPicture.png is not listed as a wallpaper: it is no PNG"),
        "{told}"
    );
    assert_eq!(files.media().remarks().len(), 3, "{told}");
    assert_eq!(said(&files, "Desktops/odd/List.xml"), "Missing");
}
