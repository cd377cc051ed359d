//! Phones ask for files.

use proptest::prelude::*;

use super::*;
use crate::ports::{Deliveries, FileSource};

fn house() -> House {
    House::new(Site::new(), &[], Settings::default())
}

fn fetch(house: &House, name: &str) -> String {
    said(&house.resolver.fetch(&ask(name.as_bytes(), "192.0.2.50")))
}

#[test]
fn every_name_that_phones_are_known_to_ask_for_gets_its_answer() {
    let statics = [
        ("OS79XX.TXT", "P00308010200"),
        ("P0030801SR02.loads", "parts"),
        ("English_United_States/mk-sccp.jar", "jar"),
        ("Communicator/LangStrings.xml", "cipc"),
        ("APPS-1.4.6.3.SBN", "part"),
        ("Ringlist.xml", "rings"),
        ("ATA0007EB000060.cnf.xml", "an ATA's"),
        ("SEP0123456789AB.cnf.xml", "left behind"),
    ];
    let house = House::new(Site::new(), &statics, Settings::default());
    let old = format!("{OLD}.cnf.xml");
    let new = format!("/{}.CNF.XML", NEW.to_lowercase());
    let text = format!("SIP{}.cnf", &OLD[3..]);
    for (name, wanted) in [
        // Boot files, in the spellings of phones.
        (old.as_str(), "<device>"),
        (&new, "<device>"),
        ("SEP0123456789AB.cnf.xml", "not found"),
        ("XMLDefault.cnf.xml", "<Default>"),
        ("/xmldefault.CNF.xml", "<Default>"),
        // What goes with them.
        ("dialplan.xml", "<DIALTEMPLATE>"),
        ("softkeys.xml", "<softKeyCfg>"),
        ("featurepolicy.xml", "<featurePolicy name"),
        ("SKb7c1.xml", "<softKeyCfg>"),
        // The static folder.
        // The image that it names is not there.
        ("OS79XX.TXT", "not found"),
        ("os79xx.txt", "not found"),
        ("OS79XX.TXT ", "not found"),
        ("P0030801SR02.loads", "parts"),
        ("P0030801SR", "not found"),
        ("/English_United_States/mk-sccp.jar", "jar"),
        ("Communicator\\LangStrings.xml", "cipc"),
        ("apps-1.4.6.3.sbn", "part"),
        ("ATA0007EB000060.cnf.xml", "an ATA's"),
        ("RINGLIST.XML", "rings"),
        // Not there, said at once.
        ("CTLSEP0007EB000060.tlv", "not found"),
        ("ITLSEP0007EB000060.tlv", "not found"),
        ("ITLFile.tlv", "not found"),
        ("SEP0007EB000060.cnf.xml.sgn", "not found"),
        ("SEP0007EB000060.cnf.xml.enc.sgn", "not found"),
        (&text, "not found"),
        ("SIPDefault.cnf", "proxy_register: 1"),
        ("MGC0007EB000060.cnf", "not found"),
        ("MGCDefault.cnf", "not found"),
        ("SEP0007EB000060.cnf", "http://192.0.2.1"),
        ("SEP001A2B000061.cnf", "not found"),
        ("SEPDefault.cnf", "http://192.0.2.1"),
        ("SEPDEFAULT.cnf", "http://192.0.2.1"),
        ("SEDDefault.cnf", "not found"),
        ("SEPDefault.cnf.xml", "not found"),
        ("SPDefault.cnf.xml", "not found"),
        ("ATADefault.cnf.xml", "not found"),
        ("XMLDefault7960.cnf.xml", "not found"),
        ("XMLDefault504G.cnf.xml", "not found"),
        ("gk0007eb000060", "not found"),
        ("gk0007eb000060.txt", "not found"),
        ("gkdefault.cfg", "not found"),
        ("ld0007eb000060", "not found"),
        ("lddefault.cfg", "not found"),
        ("ata0007eb000060", "not found"),
        ("ATA0007EB000061.cnf.xml", "not found"),
        ("RINGLIST.DAT", "not found"),
        ("Ringlist-wb.xml", "not found"),
        ("DistinctiveRingList.xml", "not found"),
        ("syncinfo.xml", "SYNC=\"1\""),
        ("AppDialRules.xml", "not found"),
        ("DR1234.xml", "not found"),
        ("DefaultFP1-2.xml", "not found"),
        ("WLANDefault.xml", "not found"),
        ("/mk-sip.jar", "not found"),
        ("/sp-sip.jar", "not found"),
        ("gb-sccp-sip.jar", "not found"),
        ("/g3-tones.xml", "not found"),
        ("English_United_States/7960-dictionary.xml", "not found"),
        ("United_States/7960-tones.xml", "not found"),
        ("term41.default.loads", "not found"),
        ("Desktops/320x196x4/List.xml", "not found"),
        ("", "not found"),
        ("/", "not found"),
        // No file name at all.
        ("../etc/passwd", "refused"),
        ("a/..\\..\\b", "refused"),
        ("a\0b", "refused"),
        ("a\nb", "refused"),
    ] {
        let answer = fetch(&house, name);
        let fits = match wanted {
            "not found" | "refused" => answer == wanted,
            _ => answer.contains(wanted),
        };
        assert!(fits, "{name:?}: {answer}");
    }
    assert_eq!(fetch(&house, &"a".repeat(255)), "not found");
    assert_eq!(fetch(&house, &"a".repeat(256)), "refused");
    let odd = house.resolver.fetch(&ask(b"\xff\xfe", "192.0.2.50"));
    assert_eq!(said(&odd), "refused");
}

#[test]
fn http_names_lose_query_and_percent_signs_and_gain_nothing() {
    let house = House::new(Site::new(), &[("a b.xml", "x")], Settings::default());
    let http = |name: &str| {
        let mut request = ask(name.as_bytes(), "192.0.2.50");
        request.service = FileService::Http;
        said(&house.resolver.fetch(&request))
    };
    assert_eq!(http("/a%20b.xml?x=1"), "x");
    assert_eq!(http("/a%2"), "not found");
    assert_eq!(http("/%2e%2e/secret"), "refused");
    assert_eq!(http("/a%00"), "refused");
    assert_eq!(
        fetch(&house, "a%20b.xml"),
        "not found",
        "TFTP has no such code"
    );
}

#[test]
fn while_starting_nothing_is_said_to_be_missing() {
    let house = House::closed(Site::new(), &[("x.loads", "x")], Settings::default());
    for name in [
        format!("{NEW}.cnf.xml"),
        "SEP0123456789AB.cnf.xml".to_owned(),
        "XMLDefault.cnf.xml".to_owned(),
    ] {
        assert_eq!(fetch(&house, &name), "busy", "{name}");
    }
    assert_eq!(fetch(&house, "x.loads"), "x");
    house.resolver.open(PORTS);
    assert_eq!(fetch(&house, "SEP0123456789AB.cnf.xml"), "not found");
}

#[test]
fn a_known_phone_of_an_unknown_model_is_told_to_come_again() {
    let mut site = Site::new();
    site.change_phone(OLD, |phone| phone.model = ModelName::new("7999").unwrap());
    let house = House::new(site, &[], Settings::default());
    assert_eq!(fetch(&house, &format!("{OLD}.cnf.xml")), "busy");
    assert_eq!(
        house.scene.journal(OLD),
        ["busy: model 7999 is not in the catalogue"]
    );
}

#[test]
fn each_phone_is_told_an_address_that_it_can_reach() {
    let told = |advertised: Option<&str>, peer: &str, local: &str| {
        let settings = Settings {
            advertised_address: advertised.map(str::to_owned),
            ..Settings::default()
        };
        let house = House::new(Site::new(), &[], settings);
        let mut request = ask(format!("{OLD}.cnf.xml").as_bytes(), "192.0.2.50");
        request.peer = peer.parse().unwrap();
        request.local = local.parse().unwrap();
        let file = said(&house.resolver.fetch(&request));
        texts(&file, "processNodeName")
            .first()
            .map_or(file.clone(), |host| (*host).to_owned())
    };
    let (lan, loopback) = ("10.0.0.9:1", "127.0.0.1:1");
    assert_eq!(told(None, lan, "10.0.0.1:69"), "10.0.0.1");
    assert_eq!(told(None, loopback, "127.0.0.1:69"), "127.0.0.1");
    assert_eq!(
        told(None, "[::ffff:10.0.0.9]:1", "[::ffff:10.0.0.1]:69"),
        "10.0.0.1"
    );
    assert_eq!(told(None, lan, "0.0.0.0:69"), "busy");
    assert_eq!(told(None, lan, "127.0.0.1:69"), "busy");
    assert_eq!(told(Some("cm.example"), lan, "10.0.0.1:69"), "cm.example");
    assert_eq!(told(Some("127.0.0.1"), lan, "10.0.0.1:69"), "10.0.0.1");
    assert_eq!(told(Some("localhost"), lan, "10.0.0.1:69"), "10.0.0.1");
    assert_eq!(
        told(Some("127.0.0.1"), loopback, "127.0.0.1:69"),
        "127.0.0.1"
    );
}

#[test]
fn a_delivery_counts_for_the_registration_from_the_same_address() {
    let house = house();
    let stamp = Site::new().wanted(NEW).stamps.file;
    let request = ask(format!("{NEW}.cnf.xml").as_bytes(), "192.0.2.50");
    let deliver = || {
        let FileAnswer::Found { ticket, .. } = house.resolver.fetch(&request) else {
            panic!("no file");
        };
        house.resolver.delivered(&request, ticket);
        house.resolver.delivered(&request, ticket);
    };
    let taken = || house.scene.taken.lock().unwrap().clone();

    assert_eq!(house.resolver.last(&device(NEW)), None);
    deliver();
    let last = house.resolver.last(&device(NEW)).unwrap();
    assert_eq!((last.peer, last.file), (request.peer.ip(), stamp));
    let away = [(device(NEW), stamp)];
    assert_eq!(
        taken(),
        away,
        "whoever takes the file of a phone that is away may be it"
    );
    assert_eq!(house.scene.journal(NEW), ["sent", "delivered"]);

    house.scene.register(NEW, "192.0.2.99");
    deliver();
    assert_eq!(taken(), away, "registered from another address");

    house.scene.register(NEW, "192.0.2.50");
    deliver();
    assert_eq!(taken(), [(device(NEW), stamp), (device(NEW), stamp)]);
}

/// A site in which alice is signed in at [`NEW`] with a profile that takes part
/// of everything that is kept for phones.
fn busy_site() -> Site {
    let mut site = Site::new();
    site.sign_in(NEW);
    site
}

#[test]
fn an_edit_between_two_fetches_is_in_the_second() {
    let house = House::new(busy_site(), &[], Settings::default());
    // The same edits on a site that nobody fetched from.
    let mut beside = busy_site();
    let name = format!("{NEW}.cnf.xml");
    let mut before = fetch(&house, &name);
    let (phone, alice) = {
        let world = house.store.world();
        let phone = (**world.phone(&device(NEW)).unwrap()).clone();
        (phone, (*world.users[&ObjectId(10)]).clone())
    };
    let mut profile = profile(23, "8841");
    profile.lines = vec![line("2003", Some("edited"))];
    let mut french = alice.clone();
    french.locale = Some("French_France".to_owned());
    let mut pool = DevicePool::default_pool();
    pool.time_zone = Some("Europe/Paris".to_owned());
    let parameters = Parameters {
        placeholder_label: "Nobody".to_owned(),
        ..Parameters::default()
    };
    let mut labelled = phone.clone();
    labelled.sip_secret = SipSecret::new("another0another0");
    let session = house.store.world().sessions[&phone.id].clone();
    let other = ObjectId(22);
    let changes = [
        Change::PutProfile(Box::new(profile)),
        Change::PutUser(Box::new(french)),
        Change::PutPool(pool),
        Change::PutPhone(Box::new(labelled)),
        Change::PutSession(Session {
            profile: other,
            ..session.clone()
        }),
        Change::PutSession(session),
        Change::DropSession(phone.id),
        Change::Parameters(parameters),
    ];
    for change in &changes {
        house.store.commit(change);
        beside.apply(change);
        let after = fetch(&house, &name);
        assert_eq!(after, beside.render(NEW, "192.0.2.1"), "{change:?}");
        assert_ne!(after, before, "{change:?}");
        before = after;
    }
    house.store.commit(&Change::DropPhone(phone.id));
    assert_eq!(fetch(&house, &name), "not found");
}

#[test]
fn without_an_edit_nothing_is_resolved_again() {
    let house = House::new(busy_site(), &[], Settings::default());
    let name = format!("{NEW}.cnf.xml");
    let first = fetch(&house, &name);
    // Seen only by who resolves.
    let mut labelled = profile(23, "8841");
    labelled.lines = vec![line("2003", Some("tampered"))];
    house.store.tamper(|world| {
        world
            .profiles
            .insert(labelled.id, Arc::new(labelled.clone()));
    });
    assert_eq!(fetch(&house, &name), first);
    let (phone, held) = (ObjectId(3), Site::new().wanted(NEW).stamps.file);
    for change in [
        Change::PutHeld(Held {
            phone,
            file: Some(held),
            station: None,
            node: "here".to_owned(),
            seen: Timestamp(0),
        }),
        Change::DropPending(phone),
        // Somebody leaves another phone.
        Change::DropSession(ObjectId(1)),
    ] {
        house.store.commit(&change);
        assert_eq!(fetch(&house, &name), first, "{change:?}");
    }
    let edit = Change::DropService(object("Weather"));
    house.store.commit(&edit);
    assert!(fetch(&house, &name).contains("tampered"));
}

#[test]
fn a_file_that_is_not_a_phones_own_delivers_nothing() {
    let house = house();
    let request = ask(b"dialplan.xml", "192.0.2.50");
    let FileAnswer::Found { ticket, .. } = house.resolver.fetch(&request) else {
        panic!("no file");
    };
    house.resolver.delivered(&request, ticket);
    house.resolver.delivered(&request, 77);
    assert!(house.scene.events.lock().unwrap().is_empty());
}

#[test]
fn secrets_asked_from_elsewhere_are_written_down_or_refused() {
    for (restrict_files, answer) in [(false, "<device>"), (true, "refused")] {
        let settings = Settings {
            restrict_files,
            ..Settings::default()
        };
        let house = House::new(Site::new(), &[], settings);
        house.scene.register(NEW, "192.0.2.99");
        house.scene.register(OLD, "192.0.2.99");
        let file = fetch(&house, &format!("{NEW}.cnf.xml"));
        assert!(file.contains(answer), "{file}");
        assert!(house.scene.journal(NEW)[0].contains("registered from 192.0.2.99"));
        let other = fetch(&house, &format!("{OLD}.cnf.xml"));
        assert!(other.contains("<device>"), "an SCCP file holds no secret");
        assert_eq!(house.scene.journal(OLD), ["sent"]);
        house.scene.register(NEW, "192.0.2.50");
        assert!(fetch(&house, &format!("{NEW}.cnf.xml")).contains("<device>"));
    }
}

#[test]
fn a_phone_shows_its_load_by_what_it_asks_for() {
    let house = house();
    let shown = || house.scene.shown.lock().unwrap().clone();
    fetch(&house, "mk-sip.jar");
    assert_eq!(shown(), [], "nobody boots from there");
    fetch(&house, &format!("{MIDDLE}.cnf.xml"));
    fetch(&house, "mk-sccp.jar");
    assert_eq!(shown(), [], "that is how it is served");
    fetch(&house, "/mk-sip.jar");
    assert_eq!(shown(), [(device(MIDDLE), Protocol::Sip)]);
    *house.scene.now.lock().unwrap() = Duration::from_secs(600);
    fetch(&house, "/mk-sip.jar");
    assert_eq!(shown().len(), 1, "its boot is long over");
}

#[test]
fn the_operator_reads_why_a_phone_takes_no_file_of_ours() {
    let house = house();
    fetch(&house, &format!("{NEW}.cnf.xml.sgn"));
    assert!(house.scene.journal(NEW)[0].contains("erase its security settings"));
    fetch(&house, &format!("SIP{}.cnf", &OLD[3..]));
    assert!(house.scene.journal(OLD)[0].contains("load of SIP"));
}

/// Its other file would not be found from then on: nobody may do that to a
/// phone that works by asking for a file in its name.
#[test]
fn a_7960_is_taken_for_a_sip_phone_only_where_nothing_speaks_against_it() {
    let text = format!("SIP{}.cnf", &OLD[3..]);
    let shown = |protocol: Option<Protocol>, before: &dyn Fn(&House)| {
        let mut site = Site::new();
        site.change_phone(OLD, |phone| phone.protocol = protocol);
        let house = House::new(site, &[], Settings::default());
        before(&house);
        fetch(&house, &text);
        house.scene.shown.lock().unwrap().clone()
    };
    let nothing = |_: &House| {};
    assert_eq!(shown(None, &nothing), [(device(OLD), Protocol::Sip)]);
    assert_eq!(
        shown(Some(Protocol::Sccp), &nothing),
        [],
        "the operator's word"
    );
    let registered = |house: &House| house.scene.register(OLD, "192.0.2.99");
    assert_eq!(shown(None, &registered), [], "it works as it is");
    let booting = |house: &House| {
        fetch(house, &format!("{OLD}.cnf.xml"));
    };
    assert_eq!(shown(None, &booting), [], "it has found the other");
}

/// With a SIP load a file for SCCP may be of no use to it: it never registers,
/// boots again, and finds no XML file then.
#[test]
fn a_7960_of_which_nothing_is_known_is_tried_with_both_files() {
    let (xml, text) = (format!("{OLD}.cnf.xml"), format!("SIP{}.cnf", &OLD[3..]));
    let house = House::new(Site::new(), &[], Settings::default());
    let at = |seconds| *house.scene.now.lock().unwrap() = Duration::from_secs(seconds);
    let finds = || fetch(&house, &xml).contains("<device>");
    for seconds in [0, 5, 30] {
        at(seconds);
        assert!(finds(), "somebody looked at it, or it repeats itself");
    }
    at(60);
    assert!(!finds());
    let file = fetch(&house, &text);
    assert!(file.contains("\nline1_authname: \"SEP"), "{file}");
    // An SCCP load asks on, too: that shows nothing.
    assert_eq!(*house.scene.shown.lock().unwrap(), []);
    at(120);
    assert!(finds(), "in turn");
    assert_eq!(fetch(&house, &text), "not found");
    // Whoever is registered, or was once, or is said to be something.
    at(180);
    assert!(finds());
    at(240);
    house.scene.register(OLD, "192.0.2.99");
    assert!(finds());
    for change in [
        (|phone: &mut Phone| phone.protocol = Some(Protocol::Sccp)) as fn(&mut Phone),
        |phone| phone.observed_protocol = Some(Protocol::Sccp),
    ] {
        let mut site = Site::new();
        site.change_phone(OLD, change);
        let house = House::new(site, &[], Settings::default());
        for seconds in [0, 30, 60, 90] {
            *house.scene.now.lock().unwrap() = Duration::from_secs(seconds);
            assert!(fetch(&house, &xml).contains("<device>"));
        }
    }
}

/// The first file that a 7940 or 7960 finds picks its protocol.
#[test]
fn a_7960_finds_the_file_of_its_protocol_and_not_the_other() {
    let (xml, text) = (format!("{OLD}.cnf.xml"), format!("SIP{}.cnf", &OLD[3..]));
    let house = House::new(Site::new(), &[], Settings::default());
    assert!(fetch(&house, &xml).contains("<device>"));
    assert_eq!(fetch(&house, &text), "not found");
    let mut site = Site::new();
    site.change_phone(OLD, |phone| phone.protocol = Some(Protocol::Sip));
    let house = House::new(site, &[], Settings::default());
    assert_eq!(fetch(&house, &xml), "not found");
    let file = fetch(&house, &text.to_lowercase());
    assert!(file.contains("\nline1_authname: \"SEP"), "{file}");
    let other = format!("SIP{}.cnf", &MIDDLE[3..]);
    assert_eq!(
        fetch(&house, &other),
        "not found",
        "a 7961 knows no such file"
    );
}

/// CSCdv19260: what an editor leaves behind the name becomes part of it.
#[test]
fn the_image_of_old_phones_is_named_bare_and_only_while_it_is_there() {
    for image in ["P0S3-8-12-00.bin", "p0s3-8-12-00.sbn"] {
        let statics = [("OS79XX.TXT", "P0S3-8-12-00 \r\n"), (image, "parts")];
        let house = House::new(Site::new(), &statics, Settings::default());
        assert_eq!(fetch(&house, "OS79XX.TXT"), "P0S3-8-12-00");
    }
    let statics = [("OS79XX.TXT", "\n"), (".loads", "x")];
    let house = House::new(Site::new(), &statics, Settings::default());
    assert_eq!(fetch(&house, "OS79XX.TXT"), "not found");
}

#[test]
fn a_named_soft_key_set_comes_from_the_static_folder() {
    let house = House::new(
        Site::new(),
        &[("SKFrontDesk.xml", "mine")],
        Settings::default(),
    );
    assert_eq!(fetch(&house, "skfrontdesk.xml"), "mine");
    assert!(fetch(&house, "SKOther.xml").contains("<softKeyCfg>"));
}

#[test]
fn new_static_files_are_served_after_a_rescan() {
    let house = house();
    std::fs::write(house.static_folder.join("new.loads"), "x").unwrap();
    assert_eq!(fetch(&house, "new.loads"), "not found");
    assert_eq!(house.resolver.rescan(), 1);
    assert_eq!(fetch(&house, "new.loads"), "x");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_name_makes_a_panic_or_leads_out_of_the_folder(
        name in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            "(\\.\\.|/|\\\\|a|canary|%2e|\\.|SEP|sip|\\.cnf\\.xml|sk|-sip\\.jar){0,8}"
                .prop_map(String::into_bytes),
        ],
        over_http in any::<bool>(),
    ) {
        thread_local! {
            static HOUSE: House =
                House::new(Site::new(), &[("a/a", "inside")], Settings::default());
        }
        HOUSE.with(|house| {
            let mut request = ask(&name, "192.0.2.50");
            if over_http {
                request.service = FileService::Http;
            }
            let answer = said(&house.resolver.fetch(&request));
            prop_assert!(!answer.contains("OUTSIDE"));
            prop_assert!(!answer.is_empty());
            Ok(())
        })?;
    }

    #[test]
    fn whatever_a_label_holds_the_file_is_read_by_a_phone(
        label in any::<String>(),
        zone in any::<String>(),
    ) {
        let mut site = Site::new();
        site.change_phone(NEW, |phone| {
            phone.lines = vec![line("1001", Some(&label))];
            phone.locale = Some(zone.clone());
        });
        let file = site.render(NEW, "192.0.2.1");
        prop_assert_eq!(texts(&file, "authPassword"), [SECRET]);
    }
}
