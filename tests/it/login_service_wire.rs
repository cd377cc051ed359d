//! Requests byte for byte, as programs written for Cisco's login service send
//! them, with their oddities.

use std::time::Duration;

use embody::http::services::LoginServiceSettings;
use tokio::io::AsyncWriteExt;

use crate::login_service_house::{
    APP, Answer, DESK, House, LOBBY, SERVLET, SUCCESS, code, form, login, logout, post, query,
    rest, until, who,
};
use crate::login_service_vectors::{SAMPLE, sample_site};

fn nobody_on(device: &str) -> String {
    format!(
        "<response><deviceUserResults><device name=\"{device}\"><none/><emccDevice>no</emccDevice>\
         </device></deviceUserResults></response>"
    )
}

const UNKNOWN_DEVICE: &str = "<response><deviceUserResults>\
    <device name=\"SEP010203040506\"><doesNotExist/></device></deviceUserResults></response>";

/// Extension Mobility API, How It Works: the printed request, whose header
/// announces 249 octets and whose body has 236. It is answered as if it were
/// right, soon after it stops coming; and at once where the program says that
/// no more will come.
#[tokio::test]
async fn the_printed_request_with_its_wrong_length_is_answered() {
    let printed = format!(
        "POST /emservice/EMServiceServlet HTTP/1.1\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\
         Host: ucmanager:8443\r\n\
         Content-Length: 249\r\n\r\n{SAMPLE}"
    );
    assert_eq!(SAMPLE.len(), 236);
    let house = House::with(&sample_site(), LoginServiceSettings::default()).await;
    let mut waiting = house.dial([127, 0, 0, 1]).await;
    waiting.write_all(printed.as_bytes()).await.unwrap();
    let reading = tokio::spawn(async move { rest(&mut waiting).await });
    tick_until_finished(&house, &reading).await;
    let answer = Answer::of(&reading.await.unwrap());
    assert_eq!((answer.status, answer.body.as_str()), (200, UNKNOWN_DEVICE));
    assert!(
        answer.head.contains("Connection: close"),
        "13 octets may still come"
    );

    let mut half = house.dial([127, 0, 0, 1]).await;
    half.write_all(printed.as_bytes()).await.unwrap();
    half.shutdown().await.unwrap();
    let answer = Answer::of(&rest(&mut half).await);
    assert_eq!((answer.status, answer.body.as_str()), (200, UNKNOWN_DEVICE));

    let right = printed
        .replace("249", "236")
        .replace("Host", "Connection: close\r\nHost");
    assert_eq!(house.say(&right).await.body, UNKNOWN_DEVICE);
}

/// Moves the clock on by a second at a time until the task is over.
async fn tick_until_finished<T>(house: &House, task: &tokio::task::JoinHandle<T>) {
    for _ in 0..20_000 {
        if task.is_finished() {
            return;
        }
        house.clock.advance(Duration::from_millis(100));
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
    panic!("no answer");
}

/// What is cut before it is a message is code 1, after the time limit of the
/// port and not never.
#[tokio::test]
async fn a_message_that_never_becomes_whole_is_code_1() {
    let house = House::open("").await;
    let whole = form(&who(DESK));
    let cut = &whole[..whole.len() - 20];
    let bytes = post(SERVLET, &whole).replace(&whole, cut);
    let mut stream = house.dial([127, 0, 0, 1]).await;
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let reading = tokio::spawn(async move { rest(&mut stream).await });
    tick_until_finished(&house, &reading).await;
    let answer = Answer::of(&reading.await.unwrap());
    assert_eq!(
        (answer.status, code(&answer.body)),
        (400, Some(1)),
        "{answer:?}"
    );
    let lines = house.notes.lines();
    let octets = format!("the body ended early, after {} octets", cut.len());
    assert!(
        lines.iter().any(|(_, line)| line.contains(&octets)),
        "{lines:?}"
    );
}

/// A body that is longer than announced: what is behind is no request.
#[tokio::test]
async fn a_length_that_is_too_short_cuts_the_message() {
    let house = House::open("").await;
    let whole = form(&login(DESK, "bob"));
    let bytes = format!(
        "POST {SERVLET} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n\
         {whole}",
        whole.len() - 20
    );
    let answer = house.say(&bytes).await;
    assert_eq!(code(&answer.body), Some(1), "{answer:?}");
    assert_eq!(house.is_on(DESK).await, None);
}

/// Each shape is sent twice: the login is done by the first, and the second
/// finds somebody there.
#[tokio::test]
async fn the_shapes_of_programs_in_use_sign_people_in() {
    let xml = login(DESK, "bob");
    let node = format!(
        "<request>\n<appInfo>\n<appID>emapp</appID>\n<appCertificate>change-me</appCertificate>\n\
         </appInfo>\n<login>\n<deviceName>{DESK}</deviceName>\n<userID>bob</userID>\n\
         <deviceProfile>bob</deviceProfile>\n<exclusiveDuration>\n<time>60</time>\n\
         </exclusiveDuration>\n</login>\n</request>"
    );
    let dotnet = format!(
        "<request>\r\n  <appInfo>\r\n    <appID>emapp</appID>\r\n    \
         <appCertificate>change-me</appCertificate>\r\n  </appInfo>\r\n  <login>\r\n    \
         <deviceName>{DESK}</deviceName>\r\n    <userID>bob</userID>\r\n    \
         <deviceProfile>bob</deviceProfile>\r\n    <exclusiveDuration>\r\n      \
         <indefinite />\r\n    </exclusiveDuration>\r\n  </login>\r\n</request>"
    );
    let upper = |xml: &str| upper_hex(xml, false);
    let plus = |xml: &str| upper_hex(xml, true);
    let head = "Content-Type: application/x-www-form-urlencoded\r\n";
    let shapes = [
        // A Java wrapper of the IP Phone SDK, for 4.0 and for releases before.
        (
            "Java, 4.0",
            SERVLET,
            format!(
                "{head}Authorization: Basic YWRtaW46c2VjcmV0\r\nUser-Agent: Java/1.4.2_04\r\n\
                 Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\n"
            ),
            format!("xml={}", plus(&xml)),
        ),
        (
            "Java, before 4.0",
            "/LoginService/login.asp",
            format!("{head}Authorization: Basic YWRtaW46c2VjcmV0\r\nUser-Agent: Java/1.4.2_04\r\n"),
            format!("xml={}", plus(&xml)),
        ),
        // Cisco's own sample program: a line end behind the form.
        (
            "Java, println",
            SERVLET,
            format!("{head}User-Agent: Java/1.5.0_06\r\n"),
            format!("xml={}\r\n", plus(&format!("{xml}\n"))),
        ),
        // .NET 1.1 and a REST client; lower-case hex, and the expectation that
        // .NET sends with every POST.
        (
            ".NET",
            "/LoginService/login.asp",
            format!("{head}Expect: 100-continue\r\n"),
            form(&xml).replace("%2f", "/"),
        ),
        (
            "RestSharp",
            SERVLET,
            format!("Accept: application/json, application/xml, text/json\r\n{head}"),
            format!("xml={}", plus(&dotnet)),
        ),
        (
            "node",
            SERVLET,
            format!(
                "{head}Accept: */*\r\nCache-Control: no-cache\r\nAccept-Encoding: gzip, deflate\r\n"
            ),
            format!("xml={}", upper(&node)),
        ),
        (
            "python",
            SERVLET,
            format!(
                "User-Agent: python-requests/2.18.4\r\nAccept-Encoding: gzip, deflate\r\n{head}"
            ),
            format!("xml={}", plus(&xml)),
        ),
        // As the guide prints it: line ends that are not encoded.
        (
            "Hello World",
            SERVLET,
            head.to_owned(),
            format!("xml={}", bare_lines(&node)),
        ),
        (
            "other controls",
            SERVLET,
            head.to_owned(),
            format!("a=b&{}&submit=Send", form(&xml)),
        ),
        (
            "not encoded",
            SERVLET,
            head.to_owned(),
            format!("xml={xml}"),
        ),
        ("no type", SERVLET, String::new(), form(&xml)),
        (
            "XML itself",
            SERVLET,
            "Content-Type: text/xml; charset=utf-8\r\n".to_owned(),
            xml.clone(),
        ),
        ("a mark and a prolog", SERVLET, head.to_owned(), {
            let declared =
                format!("\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n{xml}\r\n");
            format!("xml={}", upper(&declared))
        }),
        (
            "the zero of a string in C",
            SERVLET,
            head.to_owned(),
            format!("{}%00", form(&xml)),
        ),
    ];
    let house = House::open("").await;
    for (what, path, headers, body) in shapes {
        let bytes = format!(
            "POST {path} HTTP/1.1\r\nHost: ucmanager:8080\r\n{headers}Connection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = house.say(&bytes).await;
        let continued = "HTTP/1.1 100 Continue";
        let answer = if answer.head.starts_with(continued) {
            Answer::of(&answer.body)
        } else {
            answer
        };
        assert_eq!(answer.body, SUCCESS, "{what}: {answer:?}");
        let second = house.say(&bytes).await;
        assert!(
            second.body.contains("code=\"18\"") || second.head.contains("100 Continue"),
            "{what}"
        );
        assert_eq!(house.ask(&logout(DESK)).await, SUCCESS, "{what}");
    }
}

/// As `URLEncoder` and `querystring` encode.
fn upper_hex(text: &str, plus: bool) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                char::from(byte).to_string()
            }
            b' ' if plus => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn bare_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| upper_hex(line, false)).collect();
    lines.join("\n").replace("%2F", "/")
}

/// A program that is published to sign everybody out asks for it in a `query`.
#[tokio::test]
async fn everybody_is_signed_out_from_a_query_too() {
    let house = House::open("").await;
    assert_eq!(house.ask(&login(DESK, "bob")).await, SUCCESS);
    let xml = "<query>\n    <appInfo>\n        <appID>emapp</appID>\n        \
               <appCertificate>change-me</appCertificate>\n    </appInfo>\n       <logoutAll>  \n  \
               </logoutAll>  \n</query>";
    assert_eq!(house.ask(xml).await, SUCCESS);
    assert_eq!(house.is_on(DESK).await, None);
}

/// Extension Mobility API, "Hello World" pages: printed with a root that is
/// opened as one and closed as another.
#[tokio::test]
async fn the_misprinted_sample_is_code_1_with_its_place() {
    let house = House::open("").await;
    let body = "xml=%3Crequest%3E\n%3CappInfo%3E\n%3CappID%3Eappid%3C/appID%3E\n\
        %3CappCertificate%3Eapppasswd%3C/appCertificate%3E\n%3C/appInfo%3E\n%3CuserDevicesQuery%3E\n\
        %3CuserID%3Ejohn%3C/userID%3E\n%3C/userDevicesQuery%3E\n%3C/query%3E";
    let answer = house.say(&post(SERVLET, body)).await.body;
    assert_eq!(code(&answer), Some(1), "{answer}");
    assert!(
        answer.contains("line 9, column 1: the end tag does not close"),
        "{answer}"
    );
    let lower = query("<deviceuserquery><devicename>SEP1</devicename></deviceuserquery>");
    assert_eq!(house.code_of(&lower.to_lowercase()).await, Some(1));
}

#[tokio::test]
async fn a_get_may_carry_raw_xml() {
    let house = House::open("").await;
    for xml in [
        who(DESK),
        who(DESK).replace("><", "> <"),
        who(DESK).replace('<', "%3c"),
    ] {
        let line = format!("GET {SERVLET}?xml={xml} HTTP/1.1\r\nHost: ucmanager\r\n\r\n");
        let answer = house.say(&line).await;
        assert_eq!(
            (answer.status, answer.body),
            (200, nobody_on(DESK)),
            "{xml}"
        );
    }
    let line = format!("GET {SERVLET}?xml={} HTTP/1.0\r\n\r\n", login(DESK, "bob"));
    assert_eq!(house.say(&line).await.body, SUCCESS);
}

/// One program in .NET posts to an address with the message in its query, and
/// its address again as the body.
#[tokio::test]
async fn a_post_may_carry_its_message_in_the_query() {
    let house = House::open("").await;
    let path = format!("{SERVLET}?{}", form(&who(DESK)));
    let bytes = post(&path, &format!("http://ucmanager{path}"))
        .replace("application/x-www-form-urlencoded", "text/xml");
    assert_eq!(house.say(&bytes).await.body, nobody_on(DESK));
}

/// Paths are found however they are spelt, and 3.x has a path for queries.
#[tokio::test]
async fn every_path_that_was_ever_served_is() {
    let house = House::open("").await;
    for path in [
        SERVLET,
        "/emservice/EMServiceServlet/",
        "/EMSERVICE/emserviceservlet",
        "/LoginService/login.asp",
        "/LoginService/query.asp",
        "/loginservice/loginservice.asp",
    ] {
        let answer = house.ask_at(path, &who(DESK)).await;
        assert!(answer.contains("<none/>"), "{path}: {answer}");
        let old = path.to_lowercase().starts_with("/loginservice/");
        assert_eq!(answer.contains("emccDevice"), !old, "{path}: {answer}");
    }
    let nowhere = house.say(&post("/emservice/", &form(&who(DESK)))).await;
    assert_eq!(nowhere.status, 404);
}

/// Device names count without regard to case, and white space around values is
/// none of them.
#[tokio::test]
async fn names_are_found_however_they_are_spelt() {
    let house = House::open("").await;
    let spelt = format!(
        "<request>\n{APP}\n<login>\n<userID>\n  bob\n</userID>\n<deviceName> {} </deviceName>\n\
         </login>\n</request>",
        DESK.to_lowercase()
    );
    assert_eq!(house.ask(&spelt).await, SUCCESS);
    let asked = house.ask(&who("sep001122334466")).await;
    assert!(
        asked.contains("<device name=\"sep001122334466\"><userID>bob</userID>"),
        "{asked}"
    );
}

/// An application keeps its connection and sends one request after the other.
#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let house = House::open("").await;
    let kept = |xml: &str| post(SERVLET, &form(xml)).replace("Connection: close\r\n", "");
    let all = [login(DESK, "bob"), who(DESK)]
        .map(|xml| kept(&xml))
        .concat();
    let answer = house
        .say(&(all + &post(SERVLET, &form(&logout(DESK)))))
        .await;
    assert_eq!(answer.body.matches(SUCCESS).count(), 2, "{answer:?}");
    assert_eq!(
        answer.body.matches("<userID>bob</userID>").count(),
        1,
        "{answer:?}"
    );
}

/// Who hangs up while he is served is served; nobody is left half signed in.
#[tokio::test]
async fn who_hangs_up_while_he_is_served_is_signed_in_whole() {
    let house = House::open("").await;
    // The application is known from here on: who hangs up while the directory
    // is asked gives his turn back.
    house.ask(&who(DESK)).await;
    for (device, user) in [(DESK, "bob"), (LOBBY, "alice")] {
        let mut stream = house.dial([127, 0, 0, 1]).await;
        let bytes = post(SERVLET, &form(&login(device, user)));
        stream.write_all(bytes.as_bytes()).await.unwrap();
        drop(stream);
    }
    until("both were served or gone", || {
        house.service.figures().in_progress == 0
            && house
                .service
                .figures()
                .of(embody::http::services::Kind::Login)
                .attempts
                == 2
    })
    .await;
    assert_eq!(house.is_on(DESK).await.as_deref(), Some("bob"));
    assert_eq!(house.is_on(LOBBY).await.as_deref(), Some("alice"));
}
