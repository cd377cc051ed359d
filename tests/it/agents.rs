//! Agent desktops and operators: who signs others in and out, what is written
//! down of it, and what those who listen are told.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::daemon::sample_site;
use crate::support::tools::curl;
use crate::support::{Daemon, Site};

const LOBBY: &str = "SEP001122334455";
const DESK: &str = "SEP001122334466";
const ROOM: &str = "SEP001122334477";

/// The sample site with more service parameters.
fn site(parameters: &str) -> Site {
    let head = format!("[parameters]\n{parameters}");
    Site::Text(sample_site().replacen("[parameters]", &head, 1))
}

/// Where somebody is, by the API.
fn on(daemon: &Daemon, phone: &str) -> Option<String> {
    let (_, phone) = daemon.admin().get(&format!("/phones/{phone}"));
    phone["status"]["session"]["user"]
        .as_str()
        .map(str::to_owned)
}

/// What the audit says, the newest first: actor, what, authority, failed.
fn audit(daemon: &Daemon, query: &str) -> Vec<[String; 4]> {
    let (status, answer) = daemon.admin().get(&format!("/audit{query}"));
    assert_eq!(status, 200, "{answer}");
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let rows = answer["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            assert!(row["at"].is_i64() && row["number"].is_u64(), "{row}");
            ["actor", "what", "authority", "failed"].map(|key| text(&row[key]))
        })
        .collect()
}

/// Waits until the audit has a row that says this.
fn until_audited(daemon: &Daemon, query: &str, words: &str) -> [String; 4] {
    for _ in 0..400 {
        let rows = audit(daemon, query);
        if let Some(row) = rows.into_iter().find(|row| row.concat().contains(words)) {
            return row;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("never in the audit: {words}");
}

/// CME, Command Reference, `emadmin login` and `emadmin logout`: the user
/// comes first, and the logout names him, not the phone.
#[test]
fn emadmin_signs_a_user_in_on_a_phone_and_out_wherever_he_is() {
    let daemon = Daemon::start(Site::Sample);
    let said = daemon.says(&["emadmin", "login", "bob", DESK]);
    assert!(
        said.contains("bob signed in on SEP001122334466 with profile bob"),
        "{said}"
    );
    assert_eq!(on(&daemon, DESK).as_deref(), Some("bob"));
    // Carol may be on several phones.
    daemon.says(&["emadmin", "login", "carol", LOBBY]);
    daemon.says(&["login", "carol", ROOM]);
    let said = daemon.says(&["emadmin", "logout", "carol"]);
    assert!(said.contains(LOBBY) && said.contains(ROOM), "{said}");
    assert_eq!(daemon.status()["sessions"], 1);
    let again = daemon.command(&["emadmin", "logout", "carol"]);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("carol is not signed in"));
}

#[test]
fn login_and_logout_take_a_phone_or_a_user_and_every_option() {
    let daemon = Daemon::start(Site::Sample);
    // A name of a desk phone is known in either place.
    daemon.says(&["login", LOBBY, "bob", "--minutes", "30"]);
    let refused = daemon.command(&["login", "alice", LOBBY]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("bob is signed in on this phone"));
    let said = daemon.says(&[
        "login",
        "alice",
        LOBBY,
        "--force",
        "--profile",
        "alice-quiet",
    ]);
    assert!(said.contains("bob signed out on"), "{said}");
    assert!(said.contains("with profile alice-quiet"), "{said}");
    daemon.says(&["logout", "alice"]);
    assert_eq!(on(&daemon, LOBBY), None);
    daemon.says(&["login", "bob", LOBBY]);
    daemon.says(&["logout", LOBBY]);
    for wrong in [
        &["login", "bob"][..],
        &["login", "bob", LOBBY, "--minutes", "5", "--indefinite"],
        &["logout"],
        &["logout", "nobody"],
        &["logout", LOBBY],
    ] {
        assert!(!daemon.command(wrong).status.success(), "{wrong:?}");
    }
    let (_, refusal) = daemon.admin().post(
        &format!("/phones/{LOBBY}/login"),
        &json!({"user": "2002", "login_type": "XX"}),
    );
    assert!(
        refusal["detail"]
            .as_str()
            .unwrap()
            .contains("UID, DN or SP"),
        "{refusal}"
    );
}

/// With *not allowed* an operator moves a user in one step, where a login alone
/// is refused with the phone named.
#[test]
fn a_user_is_moved_from_one_phone_to_another() {
    let text = sample_site().replace("\"auto-logout\"", "\"not-allowed\"");
    let daemon = Daemon::start(Site::Text(text));
    daemon.says(&["login", "bob", LOBBY]);
    let refused = daemon.command(&["login", "bob", DESK]);
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        why.contains(LOBBY) && why.contains("one phone only"),
        "{why}"
    );
    let said = daemon.says(&["login", "bob", DESK, "--move"]);
    assert!(said.contains("bob signed out on SEP001122334455"), "{said}");
    assert_eq!(on(&daemon, DESK).as_deref(), Some("bob"));
    assert_eq!(daemon.status()["sessions"], 1);
}

#[test]
fn a_list_is_worked_line_by_line_and_answered_so() {
    let daemon = Daemon::start(Site::Sample);
    let list = daemon.folder.path().join("list.csv");
    let file = list.to_str().unwrap();
    let run = |text: &str, arguments: &[&str]| {
        std::fs::write(&list, text).unwrap();
        let output = daemon.command(arguments);
        let out = String::from_utf8(output.stdout).unwrap();
        (
            output.status.code(),
            out.lines().map(str::to_owned).collect::<Vec<_>>(),
        )
    };
    let text =
        format!("device,user,minutes\n{LOBBY},alice,60\n{DESK},ghost,\nSEP0,bob,\n{ROOM},bob,\n");
    let (code, lines) = run(&text, &["login", "--file", file]);
    assert_eq!(code, Some(3), "some were refused: {lines:?}");
    assert_eq!(lines[0], "device,user,result,code,detail");
    assert!(
        lines[1].starts_with(&format!("{LOBBY},alice,ok,,signed alice in on")),
        "{lines:?}"
    );
    assert_eq!(
        lines[2],
        format!("{DESK},ghost,refused,23,nobody has this user id")
    );
    assert_eq!(lines[3], "SEP0,bob,refused,11,no phone SEP0 is configured");
    assert!(
        lines[4].starts_with(&format!("{ROOM},bob,ok,,")),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 5);

    let (code, lines) = run(
        &format!("{LOBBY},bob\n,bob\n{LOBBY}\n"),
        &["logout", "--file", file],
    );
    assert_eq!(code, Some(3));
    assert!(
        lines[1].contains("refused,19,bob is not signed in there"),
        "alice is: {lines:?}"
    );
    assert!(
        lines[2].starts_with(",bob,ok,,signed bob out of"),
        "{lines:?}"
    );
    assert!(lines[3].contains("signed alice out of"), "{lines:?}");
    let (code, _) = run(&format!("{LOBBY},alice\n"), &["login", "--file", file]);
    assert_eq!(code, Some(0));

    let said = daemon.says(&["logout", "--all"]);
    assert!(
        said.contains("alice signed out on SEP001122334455"),
        "{said}"
    );
    assert!(
        daemon
            .says(&["logout", "--all"])
            .contains("nobody was signed in")
    );
    let long = json!({"items": vec![json!({"device": LOBBY, "user": "bob"}); 251]});
    let (status, answer) = daemon.admin().post("/sessions/login", &long);
    assert_eq!(status, 400, "a list is bounded: {answer}");
}

/// Who, where, when, by whose authority, how it ended, why it failed.
#[test]
fn the_audit_tells_of_logins_refusals_and_the_configuration() {
    let daemon = Daemon::start(site("evict_previous_user = true\n"));
    let services = daemon.ports.services_http;
    let at_the_phone = |query: &str| {
        curl(&[&format!(
            "http://{services}/emapp/EMAppServlet?device={DESK}&{query}"
        )])
    };
    at_the_phone("userid=bob&seq=99999");
    let wrong = until_audited(&daemon, "?refused=true", "code 201");
    assert_eq!(wrong[0], DESK);
    assert!(
        wrong[1].starts_with("tried to sign bob in on SEP001122334466, from 127."),
        "{wrong:?}"
    );
    assert!(
        wrong[3].contains("the PIN or password is wrong"),
        "{wrong:?}"
    );

    assert!(at_the_phone("userid=bob&seq=31415").contains("Login Successful"));
    let evicting = at_the_phone("userid=carol&seq=27182");
    assert!(evicting.contains("Login Successful"), "{evicting}");
    assert_eq!(on(&daemon, DESK).as_deref(), Some("carol"));
    // In her language.
    assert!(at_the_phone("doLogout=true").contains("Abmeldung erfolgreich"));
    let mut rows = audit(&daemon, &format!("?device={DESK}&refused=false"));
    rows.reverse();
    let told: Vec<(&str, &str)> = rows.iter().map(|row| (&*row[1], &*row[2])).collect();
    assert_eq!(
        told,
        [
            (
                "signed bob in on SEP001122334466 with profile bob",
                "bob's own PIN"
            ),
            ("signed bob out of SEP001122334466", "carol's own PIN"),
            (
                "signed carol in on SEP001122334466 with profile carol",
                "carol's own PIN"
            ),
            (
                "signed carol out of SEP001122334466",
                "a key pressed at the phone"
            ),
        ]
    );

    // A user who leaves the site is signed out, and that is told.
    daemon.says(&["login", "carol", ROOM]);
    let without = sample_site();
    let from = without.find("[[user]]\nid = \"carol\"").unwrap();
    let to = without[from..].find("\n# A program").unwrap() + from;
    let without = format!("{}{}", &without[..from], &without[to..]);
    std::fs::write(daemon.site_file(), without).unwrap();
    daemon.says(&["apply", daemon.site_file().to_str().unwrap(), "--prune"]);
    let rows = audit(&daemon, "?user=carol&limit=1");
    assert_eq!(rows[0][1], "signed carol out of SEP001122334477");
    assert_eq!(rows[0][2], "the configuration");
    let (_, timeline) = daemon.admin().get(&format!("/phones/{ROOM}/timeline"));
    let timeline = timeline.to_string();
    assert!(
        timeline.contains("carol was signed out by a change of the configuration"),
        "{timeline}"
    );

    let said = daemon.says(&["audit", "--device", DESK]);
    assert!(
        said.contains("signed bob in on SEP001122334466 with profile bob (by bob's own PIN)"),
        "{said}"
    );
    assert!(
        !said.contains("31415") && !said.contains("99999"),
        "no PIN: {said}"
    );
    let refused = daemon.says(&["audit", "--refused", "--limit", "5"]);
    assert!(refused.contains("REFUSED, code 201"), "{refused}");
    let (status, _) = daemon.admin().get("/audit?device=not+a+name");
    assert_eq!(status, 400);
}

/// A stream of server-sent events, read as any program reads it.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(daemon: &Daemon, query: &str) -> (String, Self) {
        let run = std::fs::read_to_string(daemon.data().join("run.json")).unwrap();
        let run: Value = serde_json::from_str(&run).unwrap();
        let token = run["token"].as_str().unwrap();
        let mut stream = TcpStream::connect(daemon.ports.admin_http).unwrap();
        let patience = Some(Duration::from_secs(40));
        stream.set_read_timeout(patience).unwrap();
        let request = format!(
            "GET /api/v1/events{query} HTTP/1.1\r\nHost: embody\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(lines.read_line(&mut head).unwrap(), 0, "{head}");
        }
        (head, Self(lines))
    }

    /// The next event: its kind and its data.
    fn next(&mut self) -> (String, Value) {
        let mut kind = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
            if let Some(name) = line.strip_prefix("event: ") {
                name.trim().clone_into(&mut kind);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (kind, serde_json::from_str(data).unwrap());
            }
        }
    }
}

/// Understanding Extension Mobility, How the Extension Mobility System Works:
/// those who monitor the device or user are notified.
#[test]
fn whoever_listens_is_told_of_logins_by_kind_and_phone() {
    let daemon = Daemon::start(Site::Sample);
    let (head, mut all) = Stream::open(&daemon, "?kind=sessions");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("text/event-stream"), "{head}");
    let (_, mut outs) = Stream::open(&daemon, &format!("?kind=signed-out&device={DESK}"));
    daemon.says(&["login", "bob", LOBBY]);
    daemon.says(&["login", "bob", DESK]);
    daemon.says(&["logout", DESK]);
    let mut told: Vec<(String, String)> = Vec::new();
    let mut changes = Vec::new();
    while told.len() < 14 {
        let (kind, data) = all.next();
        if kind == "lines-changed" {
            changes.push(data["event"]["change"].clone());
        }
        let place = data["device"].as_str().unwrap().to_owned();
        told.push((kind, place));
    }
    let step = |on: &str, kinds: &[&str]| -> Vec<(String, String)> {
        kinds
            .iter()
            .map(|kind| ((*kind).to_owned(), on.to_owned()))
            .collect()
    };
    let signed_in = ["signed-in", "control-list-changed", "lines-changed"];
    let signed_out = [
        "signed-out",
        "control-list-changed",
        "call-backs-ended",
        "lines-changed",
    ];
    let expected = [
        step(LOBBY, &signed_in),
        step(LOBBY, &signed_out),
        step(DESK, &signed_in),
        step(DESK, &signed_out),
    ];
    assert_eq!(told, expected.concat());
    assert_eq!(changes[0], json!({"old": ["1001"], "new": ["2002"]}));
    assert_eq!(changes[1], json!({"old": ["2002"], "new": ["1001"]}));

    let (kind, data) = outs.next();
    assert_eq!(
        (kind.as_str(), &data["device"]),
        ("signed-out", &json!(DESK))
    );
    assert_eq!(data["event"]["reason"], json!({"because": "operator"}));
    let (status, answer) = daemon.admin().get("/events?kind=sigend-in");
    assert_eq!(status, 400);
    assert!(
        answer["detail"].as_str().unwrap().contains("signed-in"),
        "{answer}"
    );
}

/// Streams are bounded, and a place is free again when its reader is gone.
#[test]
fn there_are_so_many_streams_and_no_more() {
    let daemon = Daemon::start(Site::Sample);
    let mut streams: Vec<Stream> = (0..64).map(|_| Stream::open(&daemon, "").1).collect();
    let (status, answer) = daemon.admin().get("/events");
    assert_eq!(status, 503, "{answer}");
    drop(streams.split_off(32));
    daemon.says(&["login", "bob", DESK]);
    for stream in &mut streams {
        assert_ne!(stream.next().0, "missed");
    }
    let free = (0..400).any(|_| {
        let (head, _) = Stream::open(&daemon, "");
        std::thread::sleep(Duration::from_millis(50));
        head.starts_with("HTTP/1.1 200")
    });
    assert!(free, "the places of those who left");
}
