//! The folder of keys.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn keys_are_for_their_owner_alone_and_are_never_overwritten() {
    let base = tempfile::tempdir().unwrap();
    let data = base.path().join("data");
    let folder = TrustFolder::of(&data);
    assert!(matches!(folder.load(), Err(FolderError::NoKey(_))));
    let made = folder.create(&owner(), Timestamp(NOON * 1_000)).unwrap();
    assert!(made.certificate.subject().is("CN=site;OU=Phones;O=Example"));
    assert_eq!((mode(&data), mode(folder.path())), (0o700, 0o700));
    let names = ["https.key", "https.pem", "site.key", "site.pem"];
    let mut there: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, names);
    for name in names {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    let key = std::fs::read(folder.path().join("site.key")).unwrap();
    let again = folder
        .create(&owner(), Timestamp(NOON * 1_000))
        .unwrap_err();
    assert_eq!(again, FolderError::Taken(folder.path().to_owned()));
    assert!(again.to_string().contains("nothing was changed"), "{again}");
    assert_eq!(std::fs::read(folder.path().join("site.key")).unwrap(), key);
    let left: Vec<_> = std::fs::read_dir(&data).unwrap().collect();
    assert_eq!(left.len(), 1, "no draft is left behind");
}

#[test]
fn a_key_that_others_can_read_or_that_is_not_the_right_one_is_refused() {
    let data = data();
    let folder = TrustFolder::of(data.path());
    let site = folder.load().unwrap();
    assert_eq!(
        format!("{:?}", site.key),
        "SiteKey",
        "nothing of a key is ever printed"
    );
    let key = folder.path().join("site.key");
    std::fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    let exposed = folder.load().map(drop).unwrap_err().to_string();
    assert!(exposed.contains("chmod 600"), "{exposed}");
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();

    // Somebody put another site's certificate there.
    let other = tempfile::tempdir().unwrap();
    let other = TrustFolder::of(other.path());
    other.create(&owner(), Timestamp(NOON * 1_000)).unwrap();
    let certificate = folder.path().join("site.pem");
    std::fs::copy(other.path().join("site.pem"), &certificate).unwrap();
    assert_eq!(
        folder.load().map(drop),
        Err(FolderError::Foreign(certificate.clone()))
    );
    std::fs::write(&certificate, "nothing").unwrap();
    assert!(matches!(
        folder.load(),
        Err(FolderError::Certificate { .. })
    ));
    std::fs::write(&key, "nothing").unwrap();
    assert!(matches!(folder.load(), Err(FolderError::Key { .. })));
}

#[test]
fn names_are_taken_only_where_every_phone_compares_them_alike() {
    assert_eq!(owner().check(), Ok(()));
    for odd in ["", " site", "a,b", "a;b", "a=b", "süd", "a\nb", "#1"] {
        let owner = Owner {
            name: odd.to_owned(),
            ..owner()
        };
        assert!(owner.check().is_err(), "{odd:?}");
    }
    let long = Owner {
        unit: "x".repeat(65),
        ..owner()
    };
    assert!(long.check().unwrap_err().starts_with("--unit"));
}

#[test]
fn certificates_of_others_join_the_list_and_poor_ones_are_refused() {
    let data = data();
    let folder = TrustFolder::of(data.path());
    let https = folder.path().join("https.pem");
    // Any certificate that phones take will do for a name.
    std::fs::copy(&https, folder.path().join("tvs.pem")).unwrap();
    std::fs::copy(&https, folder.path().join("sast.pem")).unwrap();
    let signing = open(data.path(), SigningSettings::default(), &Wall::new());
    let list = signing.trust_list();
    let read = SignedFile::read(&list).unwrap();
    let roles: Vec<Role> = read_records(read.body)
        .unwrap()
        .iter()
        .map(|record| record.role)
        .collect();
    assert_eq!(roles, [Role::Sast, Role::Sast, Role::CcmTftp, Role::Tvs]);
    assert_eq!(verify(&read, None), Ok(Verdict::RightInItself));

    std::fs::write(folder.path().join("capf.pem"), "nothing").unwrap();
    assert!(matches!(
        folder.load(),
        Err(FolderError::Certificate { .. })
    ));
}
