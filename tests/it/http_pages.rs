//! Every page and error page of the services, on every family of phones and in
//! every character set that they offer, with the longest and oddest names a
//! site can have: judged by the strict parser, by xmllint and by a schema.

use std::fmt::Write as _;
use std::path::Path;

use embody::phonexml::{
    Charset, KeyRole, Object, SoftKey, SoftKeyLayout, Strictness, SubmitMethod, parse_with_charset,
};

use crate::support::daemon::sample_site;
use crate::support::tools::run;
use crate::support::web::{Answer, ask};
use crate::support::{Daemon, Site};

const OLD: &str = "SEP001122334455";
const MIDDLE: &str = "SEP001122334466";
const NEW: &str = "SEP001122334477";
/// Extension Mobility is off, and there is no service.
const BARE: &str = "SEP0011223344AA";

const UMLAUTS: &str = "ÄÖÜäöüß";
const MARKUP: &str = "<&>\"' ]]> &amp;";
const FAR: &str = "電話サービス";
const EMOJI: &str = "☎️📞👩‍💻";
const RIGHT_TO_LEFT: &str = "שלום مرحبا\u{202E}";

/// `text` again and again, to exactly so many characters, with no blank at an
/// end.
fn long(text: &str, characters: usize) -> String {
    let long: String = text.chars().cycle().take(characters - 1).collect();
    format!("{long}x")
}

fn names() -> Vec<String> {
    [UMLAUTS, MARKUP, FAR, EMOJI, RIGHT_TO_LEFT, "Łódź – “œ” €…"]
        .map(|text| long(text, 64))
        .to_vec()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A user id that nobody can show whole: 90 characters, all of markup and far
/// scripts.
fn odd_user() -> String {
    long("<ü&電\"'>", 90)
}

/// The sample site with the worst names there can be.
fn site() -> String {
    let services: Vec<String> = names()
        .iter()
        .map(|name| format!("{{ name = {} }}", quoted(name)))
        .collect();
    let services = services.join(", ");
    let mut site = sample_site()
        .replace("= \"auto-logout\"", "= \"not-allowed\"")
        .replace(
            "description = \"Lobby\"\n",
            &format!("description = \"Lobby\"\nservice = [{services}]\n"),
        )
        .replace(
            "description = \"Shared desk\" ",
            &format!("service = [{services}]\ndescription = \"Shared desk\" "),
        );
    for name in names() {
        let url = format!(
            "http://services.example.com/?a=1&b=2&c='{}",
            "y".repeat(210)
        );
        assert!(url.len() <= 256);
        let (name, url) = (quoted(&name), quoted(&url));
        write!(site, "\n[[service]]\nname = {name}\nurl = {url}\n").unwrap();
    }
    write!(
        site,
        "\n[[phone]]\nname = \"{BARE}\"\nmodel = \"7961\"\nprotocol = \"sccp\"\n\
         line = [{{ number = \"1009\" }}]\n"
    )
    .unwrap();
    let profiles: Vec<String> = [UMLAUTS, MARKUP, FAR, EMOJI, RIGHT_TO_LEFT]
        .map(|text| quoted(&long(text, 50)))
        .to_vec();
    for (at, name) in profiles.iter().enumerate() {
        write!(
            site,
            "\n[[profile]]\nname = {name}\nmodel = \"7961\"\n\
             line = [{{ number = \"30{at:02}\", label = {} }}]\nservice = [{services}]\n",
            quoted(&long(UMLAUTS, 30))
        )
        .unwrap();
    }
    let user = |id: &str, first: &str, last: &str, profiles: &str| {
        format!(
            "\n[[user]]\nid = {}\nfirst_name = {}\nlast_name = {}\npin = \"12345\"\nprofiles = [{profiles}]\n",
            quoted(id),
            quoted(&long(first, 64)),
            quoted(&long(last, 64)),
        )
    };
    site.push_str(&user(&odd_user(), MARKUP, EMOJI, &profiles.join(", ")));
    site.push_str(&user("umlaut", UMLAUTS, FAR, &profiles[0]));
    site.push_str(&user("nobody", RIGHT_TO_LEFT, UMLAUTS, ""));
    site
}

/// A phone as its requests tell of it.
struct Look {
    product: Option<&'static str>,
    accept_charset: Option<&'static str>,
    device: &'static str,
}

/// The pages seen, to be judged by programs in one go.
struct Judge {
    folder: tempfile::TempDir,
    pages: Vec<String>,
    by_schema: Vec<String>,
    kinds: std::collections::BTreeSet<String>,
}

impl Judge {
    fn keep(&mut self, page: &[u8], object: &Object, charset: Charset) {
        let number = self.pages.len();
        let file = |name: &str, bytes: &[u8]| {
            let path = self.folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let page = file(&format!("{number}.xml"), page);
        let ordered = object.to_bytes_by_schema(charset);
        let ordered = file(&format!("{number}-schema.xml"), &ordered);
        self.pages.push(page);
        self.by_schema.push(ordered);
    }

    fn pass(&self) {
        xmllint(&["--noout"], &self.pages);
        let schema = schema();
        xmllint(&["--noout", "--schema", &schema], &self.by_schema);
    }
}

fn schema() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/phonexml/pages.xsd");
    path.to_str().unwrap().to_owned()
}

fn xmllint(options: &[&str], files: &[String]) {
    for some in files.chunks(400) {
        let mut arguments = options.to_vec();
        arguments.extend(some.iter().map(String::as_str));
        let output = run("xmllint", &arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{}",
            said.chars().take(2000).collect::<String>()
        );
    }
}

/// What an outsider understands of an Accept-Charset: the sets that it names.
fn offered(header: Option<&str>) -> Vec<&'static str> {
    let header = header.unwrap_or_default().to_ascii_lowercase();
    let mut sets = Vec::new();
    if header.contains("utf-8") {
        sets.push("UTF-8");
    }
    if header.contains("iso-8859-1") || header.contains('*') || sets.is_empty() {
        sets.push("ISO-8859-1");
    }
    sets
}

impl Look {
    fn ask(&self, daemon: &Daemon, target: &str) -> Answer {
        let mut request = format!("GET {target} HTTP/1.1\r\nHost: embody\r\n");
        if let Some(product) = self.product {
            write!(request, "x-CiscoIPPhoneModelName: {product}\r\n").unwrap();
        }
        if let Some(charset) = self.accept_charset {
            write!(request, "Accept-Charset: {charset}\r\n").unwrap();
        }
        request.push_str("\r\n");
        ask(daemon.ports.services_http, &request)
    }

    /// Fetches a page and judges all of it that a phone would.
    fn page(&self, daemon: &Daemon, judge: &mut Judge, kind: &str, target: &str) -> Object {
        let answer = self.ask(daemon, target);
        let told = format!(
            "{kind} for {:?} with {:?} at {target}:\n{}\n{}",
            self.product,
            self.accept_charset,
            answer.head,
            answer.text()
        );
        assert_eq!(answer.status, 200, "{told}");
        assert_eq!(
            answer.header("Expires"),
            Some("Thu, 26 Oct 1995 00:00:00 GMT"),
            "{told}"
        );
        assert_eq!(answer.header("Connection"), Some("close"), "{told}");
        let served = answer.header("Content-Type").unwrap();
        let served = served.strip_prefix("text/xml; charset=").expect(&told);
        assert!(offered(self.accept_charset).contains(&served), "{told}");
        let declaration = format!("<?xml version=\"1.0\" encoding=\"{served}\"?>\n<Cisco");
        assert!(answer.body.starts_with(declaration.as_bytes()), "{told}");
        let charset = Charset::from_name(served).unwrap();
        let text = charset.decode(&answer.body).expect(&told);
        // Latin-1 has no letters from 0x80 to 0x9F: Windows has.
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n' && c != '\r'),
            "{told}"
        );
        for after in text.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
            assert!(
                known.iter().any(|entity| after.starts_with(entity)),
                "{told}"
            );
        }
        let read = parse_with_charset(&answer.body, Some(served), Strictness::Strict);
        let object = read.unwrap_or_else(|fault| panic!("{fault}: {told}"));
        // A phone that says nothing of itself is taken for what is configured.
        let configured = if target.contains(NEW) { "8841" } else { "7961" };
        let model = self.product.unwrap_or(configured);
        let layout = SoftKeyLayout::for_model(model);
        let keys = &object.frame().expect(&told).soft_keys;
        let exit = keys.doing(SoftKey::Exit).expect(&told);
        assert_eq!(exit.position, layout.position(KeyRole::Leave), "{told}");
        let mut places: Vec<_> = keys.iter().map(|key| key.position).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), keys.len(), "{told}");
        if let Object::Input(form) = &object {
            let method = SubmitMethod::for_model(model);
            assert_eq!(form.method, method, "{told}");
        }
        let said = without_tokens(&text);
        assert!(
            !said.contains("12345") && !said.contains("31415"),
            "a PIN: {told}"
        );
        judge.keep(&answer.body, &object, charset);
        judge.kinds.insert(kind.to_owned());
        object
    }
}

/// Without what is drawn by lot: any digits may stand there.
fn without_tokens(text: &str) -> String {
    let mut parts = text.split("token=");
    let before = parts.next().unwrap_or_default().to_owned();
    parts.fold(before, |said, part| {
        said + part.trim_start_matches(|c: char| c.is_ascii_hexdigit())
    })
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "%{byte:02X}");
        escaped
    })
}

fn path_of(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

/// Pages that change nothing.
fn look_around(daemon: &Daemon, judge: &mut Judge, look: &Look) {
    let device = look.device;
    let menu = "/ccmcip/getservicesmenu.jsp";
    let door = format!("/emapp/EMAppServlet?device={device}");
    let odd = escaped(&odd_user());
    let pin = "/changecredential/ChangeCredentialServlet";
    for (kind, target) in [
        ("menu", format!("{menu}?locale=x&name={device}")),
        ("menu of nobody", menu.to_owned()),
        ("menu of a stranger", format!("{menu}?name=SEP00DEADBEEF00")),
        ("no services", format!("{menu}?name={BARE}")),
        ("form", door.clone()),
        ("no device", "/emapp/EMAppServlet".to_owned()),
        (
            "unknown device",
            "/emapp/EMAppServlet?device=SEP00DEADBEEF00".to_owned(),
        ),
        ("switched off", format!("/emapp/EMAppServlet?device={BARE}")),
        ("blank", format!("{door}&userid={odd}&seq=")),
        ("blank, short", format!("{door}&userid=a%26%3C%3E&seq=")),
        ("stale token", format!("{door}&token=0123")),
        ("extension", format!("{door}&loginType=DN")),
        ("self-service id", format!("{door}&loginType=SP")),
        ("no login type", format!("{door}&loginType=XX")),
        ("login trigger", format!("/login?device={device}")),
        ("change of a PIN", format!("{pin}?device={device}")),
        (
            "two new PINs",
            format!("{pin}?device={device}&userid={odd}&seq=12345&newpin=1&confirmpin=2"),
        ),
        (
            "wrong old PIN",
            format!("{pin}?device={device}&userid=ghost{device}&seq=1&newpin=1&confirmpin=1"),
        ),
        (
            "blank PINs",
            format!("{pin}?device={device}&userid={odd}&seq=12345&newpin=&confirmpin="),
        ),
        ("nobody to sign out", format!("{door}&doLogout=true")),
    ] {
        let object = look.page(daemon, judge, kind, &target);
        if kind == "menu" {
            let Object::Menu(menu) = &object else {
                panic!("{object:?}")
            };
            let last = menu.items.iter().last().unwrap();
            assert_eq!(last.name.as_str(), "Sign in (Extension Mobility)");
        }
    }
}

/// Signing in and out, with what may go wrong.
fn sign_in_and_out(daemon: &Daemon, judge: &mut Judge, look: &Look) {
    let device = look.device;
    let elsewhere = if device == NEW { MIDDLE } else { NEW };
    let door = format!("/emapp/EMAppServlet?device={device}");
    let sign = |user: &str, pin: &str| format!("{door}&userid={}&seq={pin}", escaped(user));
    let odd = odd_user();
    look.page(
        daemon,
        judge,
        "wrong PIN",
        &sign(&format!("ghost{device}"), "1"),
    );
    look.page(daemon, judge, "no profile", &sign("nobody", "12345"));
    let unknown = format!("{}&profile=none", sign("umlaut", "12345"));
    look.page(daemon, judge, "no such profile", &unknown);
    let choice = look.page(daemon, judge, "profiles", &sign(&odd, "12345"));
    let Object::Menu(choice) = choice else {
        panic!("{choice:?}")
    };
    assert_eq!(choice.items.len(), 5, "each of them can be chosen");
    let chosen = choice.items.as_slice()[2].url.clone().unwrap();
    let signed_in = look.page(daemon, judge, "signed in", &path_of(chosen.as_str()));
    assert!(
        format!("{signed_in:?}").contains("Login Successful"),
        "{signed_in:?}"
    );
    let menu = format!("/ccmcip/getservicesmenu.jsp?name={device}");
    look.page(daemon, judge, "menu, signed in", &menu);
    look.page(daemon, judge, "question", &door);
    look.page(daemon, judge, "occupied", &sign("umlaut", "12345"));
    let twice = sign(&odd, "12345").replace(device, elsewhere);
    let twice = look.page(daemon, judge, "signed in elsewhere: profiles", &twice);
    if let Object::Menu(choice) = twice {
        let chosen = choice.items.as_slice()[0].url.clone().unwrap();
        let path = path_of(chosen.as_str());
        let refused = look.page(daemon, judge, "signed in elsewhere", &path);
        assert!(format!("{refused:?}").contains("(25)"), "{refused:?}");
    }
    let out = look.page(
        daemon,
        judge,
        "signed out",
        &format!("{door}&doLogout=true"),
    );
    assert!(format!("{out:?}").contains("Logout successful"), "{out:?}");
}

#[test]
fn every_page_fits_every_phone() {
    let daemon = Daemon::start(Site::Text(site()));
    let mut judge = Judge {
        folder: tempfile::tempdir().unwrap(),
        pages: Vec::new(),
        by_schema: Vec::new(),
        kinds: std::collections::BTreeSet::default(),
    };
    let products = [
        (Some("CP-7960"), OLD),
        (Some("CP-7940G"), OLD),
        (Some("CP-7961G"), MIDDLE),
        (Some("CP-7970G"), MIDDLE),
        (Some("CP-7921G"), MIDDLE),
        (Some("CP-6941"), MIDDLE),
        (Some("CP-8841"), NEW),
        (Some("CP-7821"), NEW),
        (Some("CP-8821"), NEW),
        (Some("CP-9971"), NEW),
        (None, MIDDLE),
    ];
    let charsets = [
        Some("utf-8,iso-8859-1;q=0.8"),
        Some("iso-8859-1"),
        Some("iso-8859-1,utf-8;q=0.8"),
        Some("utf-8,;q=0.8"),
        Some("UTF-8"),
        Some("*"),
        Some("windows-1251,x;q=,;;"),
        None,
    ];
    for (product, device) in products {
        for (at, accept_charset) in charsets.into_iter().enumerate() {
            let look = Look {
                product,
                accept_charset,
                device,
            };
            look_around(&daemon, &mut judge, &look);
            if at < 2 {
                sign_in_and_out(&daemon, &mut judge, &look);
            }
        }
    }
    assert!(judge.kinds.len() >= 30, "{:?}", judge.kinds);
    judge.pass();
}

#[test]
fn the_schema_that_judges_counts_characters() {
    let folder = tempfile::tempdir().unwrap();
    let schema = schema();
    let verdict = |page: &str| {
        let path = folder.path().join("page.xml");
        std::fs::write(&path, page).unwrap();
        let arguments = ["--noout", "--schema", &schema, path.to_str().unwrap()];
        run("xmllint", &arguments).status.success()
    };
    let titled = |n| {
        let title = "電".repeat(n);
        format!("<CiscoIPPhoneText><Title>{title}</Title><Text>x</Text></CiscoIPPhoneText>")
    };
    assert!(verdict(&titled(32)));
    assert!(!verdict(&titled(33)));
    let key = "<SoftKeyItem><Name>n</Name><URL>u</URL></SoftKeyItem>";
    assert!(!verdict(&format!(
        "<CiscoIPPhoneMenu>{key}</CiscoIPPhoneMenu>"
    )));
    let item = "<MenuItem><Name>n</Name><URL>u</URL></MenuItem>";
    assert!(verdict(&format!(
        "<CiscoIPPhoneMenu>{}</CiscoIPPhoneMenu>",
        item.repeat(100)
    )));
    assert!(!verdict(&format!(
        "<CiscoIPPhoneMenu>{}</CiscoIPPhoneMenu>",
        item.repeat(101)
    )));
    assert!(!verdict("<CiscoIPPhoneText colour='red'/>"));
}

#[test]
fn an_old_phone_reads_what_latin1_can_say_and_the_nearest_of_the_rest() {
    let daemon = Daemon::start(Site::Text(site()));
    let look = Look {
        product: Some("CP-7960"),
        accept_charset: Some("iso-8859-1"),
        device: OLD,
    };
    let menu = look.ask(&daemon, &format!("/ccmcip/getservicesmenu.jsp?name={OLD}"));
    let text = Charset::Latin1.decode(&menu.body).unwrap();
    assert!(text.contains("<Name>ÄÖÜäöüßÄÖÜ"), "{text}");
    assert!(
        menu.body
            .windows(3)
            .any(|three| three == [0xC4, 0xD6, 0xDC])
    );
    assert!(text.contains("Lódz - &quot;oe&quot; EUR..."), "{text}");
}
