//! Every family of phones boots: each asks for what its guides and traces say,
//! in that order and over that service, registers, becomes somebody's at its
//! Services key, and is a bare desk again.
//!
//! What the phones ask is written down between them and the daemon, as it
//! stands on the wire; what they should ask is written here.

mod pageless;
mod small;
mod trouble;
mod unsaid;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use embody::directory::Argon2Hasher;
use embody::handset::{Handset, Mac, Model, Pace, Profile, Servers};
use embody::ports::Hasher;
use tokio::task::JoinSet;

use crate::support::phones::{first_key, is_right, open, registered, submit, until};
use crate::support::relay::{Relay, Trouble};
use crate::support::{Daemon, Site};

const PIN: &str = "58213";

/// Where a family asks.
#[derive(Clone, Copy, PartialEq)]
enum Over {
    Tftp,
    /// HTTP, and TFTP for each file that is not found there.
    Http,
}
use Over::{Http, Tftp};

/// Names as they stand on the wire, `{M}` being the hardware address in
/// capitals and `{m}` in small letters; `+` are there.
type Order = &'static [&'static str];

const OLD_SCCP: Order = &["OS79XX.TXT", "+SEP{M}.cnf.xml"];
const OLD_SIP: Order = &[
    "OS79XX.TXT",
    "+SIPDefault.cnf",
    "+SIP{M}.cnf",
    "RINGLIST.DAT",
    "+dialplan.xml",
];
const UNIVERSAL_SCCP: Order = &["CTLSEP{M}.tlv", "+SEP{M}.cnf.xml"];
const UNIVERSAL_SIP: Order = &[
    "CTLSEP{M}.tlv",
    "SEP{M}.cnf.xml",
    "+SIP{M}.cnf",
    "+SIPDefault.cnf",
    "RINGLIST.DAT",
    "+dialplan.xml",
];
const SMALL_7905: Order = &["+SEP{m}.cnf.xml", "ld{m}", "lddefault.cfg"];
const SMALL_7912: Order = &["+SEP{m}.cnf.xml", "gk{m}", "gkdefault.cfg"];
const SMALL_7905_SIP: Order = &["+ld{m}"];
const SMALL_7912_SIP: Order = &["+gk{m}"];
const RADIO: Order = &["+SEP{m}.cnf.xml", "WLANDefault.xml"];

/// What the loads of a model ask for; `{jar}` is its own locale archive.
fn expected(model: &str, load: &str) -> (Over, Vec<&'static str>) {
    const TRUST: Order = &["CTLSEP{M}.tlv", "ITLSEP{M}.tlv", "ITLFile.tlv"];
    let small: Option<Order> = match (model, load.split('-').next().unwrap_or_default()) {
        ("7905", "CP7905080000SIP060111A") => Some(SMALL_7905_SIP),
        ("7905", _) => Some(SMALL_7905),
        ("7912", "CP7912080000SIP060111A") => Some(SMALL_7912_SIP),
        ("7912", _) => Some(SMALL_7912),
        ("7920" | "7921" | "7925" | "7926", _) => Some(RADIO),
        ("7940" | "7960", "P00308010200") => Some(UNIVERSAL_SCCP),
        ("7940" | "7960", "P00305000301") => Some(OLD_SCCP),
        ("7940" | "7960", _) if load == "P0S3-8-12-00" => Some(UNIVERSAL_SIP),
        ("7940" | "7960", _) => Some(OLD_SIP),
        _ => None,
    };
    if let Some(order) = small {
        return (Tftp, order.to_vec());
    }
    let http = ["78", "88", "89", "99"];
    if http.iter().any(|series| model.starts_with(series)) {
        let mut order = [TRUST, &["+SEP{M}.cnf.xml"]].concat();
        order.extend::<&[&str]>(match &model[..2] {
            "78" => &["/{jar}", "/g3-tones.xml", "+dialplan.xml", "+softkeys.xml"],
            "88" => &[
                "/{jar}",
                "/g3-tones.xml",
                "+dialplan.xml",
                "AppDialRules.xml",
                "+softkeys.xml",
            ],
            "89" => &[
                "+featurepolicy.xml",
                "/{jar}",
                "/g3-tones.xml",
                "+dialplan.xml",
                "+softkeys.xml",
            ],
            _ => &[
                "+featurepolicy.xml",
                "/{jar}",
                "/g4-tones.xml",
                "+dialplan.xml",
                "+softkeys.xml",
            ],
        });
        return (Http, order);
    }
    let is_old = load.contains(".8-") || model == "CIPC";
    let mut order = if is_old { &TRUST[..1] } else { TRUST }.to_vec();
    order.push("+SEP{M}.cnf.xml");
    if model == "CIPC" {
        order.push("Communicator\\CIPC_Locale.loads");
    }
    order.push("/{jar}");
    if load.contains("SIP") {
        order.extend(["+dialplan.xml", "+softkeys.xml"]);
    }
    order.push("/g3-tones.xml");
    (Tftp, order)
}

/// The archives by the begin of the load.
fn jar(model: &str, load: &str) -> String {
    let begin = match model {
        "7906" | "7911" => "tc",
        "7931" => "gp",
        "7941" | "7942" | "7961" | "7962" => "mk",
        "7945" | "7965" => "be",
        "7970" | "7971" | "7975" => "td",
        "CIPC" => "ipc",
        "8821" => "8821",
        "8845" | "8865" => "sl-bev",
        "8961" => "gh",
        "9951" => "lk",
        "9971" => "gd",
        _ if model.starts_with("69") => "rtl",
        _ if model.starts_with("78") => "sp",
        _ => "sl-be",
    };
    let sccp = load.starts_with("SCCP") || load == "CIPC-8-6-6-0";
    format!("{begin}-{}.jar", if sccp { "sccp" } else { "sip" })
}

/// As the relay writes it down.
fn on_the_wire(over: Over, order: &[&str], mac: Mac, jar: &str) -> Vec<String> {
    let mut wire = Vec::new();
    for asked in order {
        let (name, there) = match asked.strip_prefix('+') {
            Some(name) => (name, true),
            None => (*asked, false),
        };
        let (capital, small) = (mac.to_string(), mac.to_string().to_lowercase());
        let name = name.replace("{M}", &capital).replace("{m}", &small);
        let name = name.replace("{jar}", jar);
        if over == Http {
            let path = name.trim_start_matches('/');
            let status = if there { 200 } else { 404 };
            wire.push(format!("http {path} {status}"));
            if there {
                continue;
            }
        }
        let answer = if there { "found" } else { "error 1" };
        wire.push(format!("tftp {name} {answer}"));
    }
    wire
}

/// One phone of the table.
#[derive(Clone)]
struct Desk {
    model: &'static str,
    load: &'static str,
    sip: bool,
    number: u8,
}

/// Every load of every model at which people sign in.
fn desks() -> Vec<Desk> {
    let loads = Model::all().flat_map(|model| {
        model
            .loads()
            .filter(|(_, family)| family.pages)
            .map(|(load, family)| (model.number, load, family.kind.protocol().name() == "SIP"))
    });
    (1..)
        .zip(loads)
        .map(|(number, (model, load, sip))| Desk {
            model,
            load,
            sip,
            number,
        })
        .collect()
}

impl Desk {
    fn mac(&self) -> Mac {
        Mac([0x00, 0x1A, 0xAB, 0xCD, 0xEF, self.number])
    }

    fn name(&self) -> String {
        format!("SEP{}", self.mac())
    }

    fn profile(&self) -> Profile {
        Profile::with_load(self.model, self.load, self.mac()).unwrap()
    }

    fn servers(&self, relay: &Relay) -> Servers {
        Servers {
            tftp: relay.tftp,
            config_http: Some(relay.http),
            bind: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 6, self.number))),
        }
    }

    fn wire(&self) -> Vec<String> {
        let (over, order) = expected(self.model, self.load);
        on_the_wire(over, &order, self.mac(), &jar(self.model, self.load))
    }
}

/// Each phone with a line of its own, and somebody who may sit down at it.
fn site(desks: &[Desk]) -> Site {
    // A cheap hash: all of them sign in at once, and that is not what is tried.
    let hash = Argon2Hasher::with_cost(8, 1).unwrap().hash(PIN).unwrap();
    let mut text = "version = 1\n".to_owned();
    for desk in desks {
        let (model, number) = (desk.model, desk.number);
        let protocol = if desk.sip { "sip" } else { "sccp" };
        let (bare, his) = (1000 + u16::from(number), 2000 + u16::from(number));
        write!(
            text,
            "[[phone]]\nname = \"{}\"\nmodel = \"{model}\"\nprotocol = \"{protocol}\"\n\
             extension_mobility = true\nline = [{{ number = \"{bare}\", label = \"Desk\" }}]\n\
             [[profile]]\nname = \"p{number}\"\nmodel = \"{model}\"\n\
             line = [{{ number = \"{his}\", label = \"Hers\" }}]\n\
             [[user]]\nid = \"u{number}\"\npin_hash = \"{}\"\nprofiles = [\"p{number}\"]\n",
            desk.name(),
            hash.expose()
        )
        .unwrap();
    }
    Site::Text(text)
}

async fn key(phone: &Handset, number: u16, label: &str) {
    first_key(phone, label).await;
    let number = number.to_string();
    until("the number on the first key", || {
        phone
            .buttons()
            .first()
            .is_some_and(|key| key.number == number)
    })
    .await;
}

async fn story(daemon: Arc<Daemon>, desk: Desk) {
    let relay = Relay::start(&daemon, Trouble::default()).await;
    let servers = desk.servers(&relay);
    let phone = Handset::spawn(desk.profile(), servers, Pace::default());
    let (what, device) = (format!("{} {}", desk.model, desk.load), desk.name());
    registered(&phone, 1).await;
    assert_eq!(relay.asked(), desk.wire(), "{what}");
    let (bare, his) = (1000 + u16::from(desk.number), 2000 + u16::from(desk.number));
    key(&phone, bare, "Desk").await;
    until("right", || is_right(&daemon, &device)).await;

    let before = phone.registrations_count();
    open(&phone).await;
    let page = submit(&phone, &format!("u{}", desk.number), PIN).await;
    assert!(
        page.text.contains("Login Successful"),
        "{what}: {}",
        page.draw()
    );
    registered(&phone, before + 1).await;
    key(&phone, his, "Hers").await;
    until("right", || is_right(&daemon, &device)).await;

    let before = phone.registrations_count();
    let question = open(&phone).await;
    assert!(
        question.draw().contains(&format!("u{}", desk.number)),
        "{what}"
    );
    let page = phone.soft_key("Yes").await.unwrap().unwrap();
    assert!(
        page.text.contains("Logout successful"),
        "{what}: {}",
        page.draw()
    );
    registered(&phone, before + 1).await;
    key(&phone, bare, "Desk").await;
    until("right", || is_right(&daemon, &device)).await;
    assert!(phone.faults().is_empty(), "{what}: {:?}", phone.faults());
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_load_of_every_model_boots_in_its_order_and_signs_in_and_out() {
    let desks = desks();
    let families: BTreeMap<&str, &str> = Model::all()
        .flat_map(Model::loads)
        .map(|(load, family)| (family.name, load))
        .collect();
    assert!(families.len() >= 20, "{families:?}");
    let daemon = Arc::new(Daemon::start(site(&desks)));
    let mut stories = JoinSet::new();
    for desk in desks {
        stories.spawn(story(Arc::clone(&daemon), desk));
    }
    let mut failed = Vec::new();
    while let Some(told) = stories.join_next().await {
        if let Err(error) = told {
            failed.push(error.to_string());
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// With a locale each asks in the folder of its name; old loads for single
/// files. What a pool says of tones is asked in another folder.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_locale_its_files_are_asked_for_in_its_folder() {
    const OLD: [&str; 3] = ["dictionary.xml", "font.xml", "kate.xml"];
    let wanted = [
        "P00308010200",
        "CP7905080003SCCP",
        "SCCP70.9",
        "SIP41.8",
        "sip88xx",
    ];
    let desks: Vec<Desk> = desks()
        .into_iter()
        .filter(|desk| ["7960", "7905", "7970", "7961", "8841"].contains(&desk.model))
        .filter(|desk| wanted.iter().any(|load| desk.load.starts_with(load)))
        .collect();
    assert_eq!(desks.len(), wanted.len());
    let Site::Text(text) = site(&desks) else {
        unreachable!("it is a text")
    };
    let speaks = "extension_mobility = true\nlocale = \"German_Germany\"";
    let text = text.replace("extension_mobility = true", speaks);
    let pool = "[[device_pool]]\nname = \"Default\"\nnetwork_locale = \"Germany\"\n";
    let daemon = Daemon::start(Site::Text(format!("{text}{pool}")));
    for desk in desks {
        let relay = Relay::start(&daemon, Trouble::default()).await;
        let servers = desk.servers(&relay);
        let phone = Handset::spawn(desk.profile(), servers, Pace::default());
        registered(&phone, 1).await;
        let (over, order) = expected(desk.model, desk.load);
        let mut order: Vec<String> = order.into_iter().map(str::to_owned).collect();
        for asked in &mut order {
            *asked = match asked.as_str() {
                "/{jar}" => "German_Germany/{jar}".to_owned(),
                "/g3-tones.xml" => "Germany/g3-tones.xml".to_owned(),
                _ => continue,
            };
        }
        if ["7960", "7905"].contains(&desk.model) {
            let begin = desk.model;
            order.extend(OLD.map(|end| format!("German_Germany/{begin}-{end}")));
            order.push("German_Germany/SCCP-dictionary.xml".to_owned());
        }
        if desk.model == "7960" {
            order.push("Germany/7960-tones.xml".to_owned());
        }
        let order: Vec<&str> = order.iter().map(String::as_str).collect();
        let jar = jar(desk.model, desk.load);
        let wire = on_the_wire(over, &order, desk.mac(), &jar);
        assert_eq!(relay.asked(), wire, "{}", desk.load);
        phone.power_off().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_boots_a_phone_with_a_load_of_his_choice() {
    let found = desks().into_iter().find(|desk| desk.load == "P0S3-06-3-00");
    let desk = found.unwrap();
    let (name, model) = (desk.name(), desk.model);
    let daemon = Daemon::start(site(std::slice::from_ref(&desk)));
    let phone = [
        "phone",
        "--once",
        "--model",
        model,
        "--name",
        &name,
        "--firmware",
    ];
    let told = daemon.says(&[&phone[..], &[desk.load]].concat());
    let asked: Vec<&str> = told
        .lines()
        .filter(|line| line.contains(" over "))
        .collect();
    assert!(
        asked[0].starts_with("OS79XX.TXT over Tftp: NotFound"),
        "{told}"
    );
    assert!(
        asked[1].starts_with("SIPDefault.cnf over Tftp: Found"),
        "{told}"
    );
    assert!(told.contains("keys: [1] Desk"), "{told}");

    let unknown = daemon.command(&[&phone[..], &["P0S3-1"]].concat());
    let told = String::from_utf8(unknown.stderr).unwrap();
    assert!(!unknown.status.success(), "{told}");
    let listed = "P0S3-06-3-00 (7940 and 7960, SIP to 6)";
    assert!(told.contains("P0S3-1") && told.contains(listed), "{told}");
}
