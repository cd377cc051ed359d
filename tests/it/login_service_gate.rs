//! So many requests at one time, so many more in order, then *busy*; and what
//! a slow directory or a logout of everybody costs the others (*Feature
//! Configuration Guide*, Extension Mobility service parameters: Maximum
//! Concurrent Requests).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use embody::ports::Store;
use tokio::io::AsyncWriteExt;

use crate::login_service_house::{
    DESK, House, LOBBY, Mood, PATIENCE, SERVLET, SUCCESS, app, code, form, login, post, request,
    site, until, who,
};

fn by(id: &str, password: &str, body: &str) -> String {
    let app = app(id, password);
    post(SERVLET, &form(&format!("<request>{app}{body}</request>")))
}

/// A request that waits at the directory until it is let go.
async fn held(house: &House) -> tokio::net::TcpStream {
    house.directory.is(Mood::Slow("lame"));
    let before = house.directory.waiting.load(Ordering::SeqCst);
    let mut stream = house.dial([127, 0, 0, 1]).await;
    let bytes = by("lame", "change-me", "<logoutAll/>");
    stream.write_all(bytes.as_bytes()).await.unwrap();
    until("it waits at the directory", || {
        house.directory.waiting.load(Ordering::SeqCst) == before + 1
    })
    .await;
    stream
}

/// A directory that takes its time about some does not starve those whose
/// password is known: they take their turns meanwhile, on one turn alone.
#[tokio::test]
async fn a_slow_directory_does_not_starve_the_rest() {
    let house = House::open("maximum_concurrent_requests = 1\nmaximum_waiting_requests = 20").await;
    assert!(
        house.ask(&who(DESK)).await.contains("<none/>"),
        "its password is known now"
    );
    let mut waiting = Vec::new();
    for _ in 0..10 {
        waiting.push(held(&house).await);
    }
    for _ in 0..3 {
        assert_eq!(house.ask(&login(DESK, "bob")).await, SUCCESS);
        assert_eq!(house.ask(&request("<logoutAll/>")).await, SUCCESS);
    }
    // Half the places are for those who need no look: an eleventh is busy.
    let answer = house.say(&by("lame", "change-me", "<logoutAll/>")).await;
    assert_eq!(code(&answer.body), Some(26));
    assert!(house.ask(&who(DESK)).await.contains("<none/>"));
    house.directory.let_go(10);
    for mut stream in waiting {
        let answer = crate::login_service_house::rest(&mut stream).await;
        assert_eq!(code(&answer), Some(10));
    }
}

/// Connections are not requests: thousands that say nothing take no place.
#[tokio::test]
async fn connections_that_ask_nothing_take_no_place() {
    let house = House::open("maximum_concurrent_requests = 1\nmaximum_waiting_requests = 0").await;
    let mut idle = Vec::new();
    for number in 0..50 {
        let mut stream = house.dial([127, 0, 0, 1]).await;
        let bytes = post(SERVLET, &form(&who(DESK)));
        let begun = &bytes[..bytes.len() * (number % 5) / 5];
        stream.write_all(begun.as_bytes()).await.unwrap();
        idle.push(stream);
    }
    assert!(house.ask(&who(DESK)).await.contains("<none/>"));
    assert_eq!(house.service.figures().throttled, 0);
}

/// Those who wait are served in the order in which they came, and who hangs up
/// leaves his place to the next.
#[tokio::test]
async fn who_waits_is_served_in_order_and_who_hangs_up_frees_his_place() {
    // A store that does not write keeps the one turn.
    let house = House::open("maximum_concurrent_requests = 1\nmaximum_waiting_requests = 2").await;
    let _ = house.ask(&who(DESK)).await;
    house.hold_store(true);
    let mut worked_on = house.dial([127, 0, 0, 1]).await;
    let bytes = post(SERVLET, &form(&login(DESK, "bob")));
    worked_on.write_all(bytes.as_bytes()).await.unwrap();
    until("one is worked on", || {
        house.service.figures().in_progress == 1
    })
    .await;
    let mut first = house.dial([127, 0, 0, 1]).await;
    first.write_all(bytes.as_bytes()).await.unwrap();
    until("one waits", || house.service.figures().in_progress == 2).await;
    let mut second = house.dial([127, 0, 0, 1]).await;
    second
        .write_all(post(SERVLET, &form(&who(DESK))).as_bytes())
        .await
        .unwrap();
    until("two wait", || house.service.figures().in_progress == 3).await;
    assert_eq!(house.code_of(&who(DESK)).await, Some(26), "no place");
    drop(first);
    until("the place is free", || {
        house.service.figures().in_progress == 2
    })
    .await;
    let mut third = house.dial([127, 0, 0, 1]).await;
    third
        .write_all(post(SERVLET, &form(&login(LOBBY, "alice"))).as_bytes())
        .await
        .unwrap();
    until("it is taken", || house.service.figures().in_progress == 3).await;
    house.hold_store(false);
    let done = crate::login_service_house::rest(&mut worked_on).await;
    assert!(done.ends_with(SUCCESS), "{done}");
    let seen = crate::login_service_house::rest(&mut second).await;
    assert!(
        seen.contains("<userID>bob</userID>"),
        "after the login: {seen}"
    );
    let last = crate::login_service_house::rest(&mut third).await;
    assert!(last.ends_with(SUCCESS), "{last}");
    assert_eq!(house.is_on(DESK).await.as_deref(), Some("bob"), "once");
}

/// Extension Mobility API, LogoutAll: thousands are signed out some dozens a
/// commit, and a login is done between two of them.
#[tokio::test]
async fn a_login_is_done_while_thousands_are_signed_out() {
    use embody::model::{Change, ObjectId, Origin, Session, Timestamp};
    use embody::ports::{Scope, Verdict};
    const CROWD: i64 = 5_000;
    let house = Arc::new(
        House::with(
            &site(""),
            embody::http::services::LoginServiceSettings::default(),
        )
        .await,
    );
    let changes = {
        let world = house.store.world();
        let desk = world.phone(&DESK.parse().unwrap()).unwrap().clone();
        let user = world.user(&"bob".parse().unwrap()).unwrap().clone();
        let profile = *world.profiles.keys().next().unwrap();
        let mut changes = Vec::new();
        for number in 0..CROWD {
            let mut phone = (*desk).clone();
            phone.id = ObjectId(10_000 + number);
            phone.name = format!("SEP0000000{number:05}").parse().unwrap();
            let mut person = (*user).clone();
            person.id = ObjectId(20_000 + number);
            person.user_id = format!("user{number}").parse().unwrap();
            let session = Session {
                phone: phone.id,
                user: person.id,
                profile,
                since: Timestamp(0),
                expires: None,
                origin: Origin::Phone,
                frozen: None,
                mismatched: false,
            };
            changes.push(Change::PutPhone(Box::new(phone)));
            changes.push(Change::PutUser(Box::new(person)));
            changes.push(Change::PutSession(session));
        }
        changes
    };
    let decide = Box::new(move |_: &_| Verdict::Commit(changes.clone()));
    house.store.submit(Scope::Site, decide).await.unwrap();
    let commits = house.store.changed();
    let before = *commits.borrow();
    let (all, first) = (house.clone(), house.clone());
    let leaving = tokio::spawn(async move { all.ask(&request("<logoutAll/>")).await });
    until("it has begun", || {
        first.store.world().sessions.len() < CROWD as usize
    })
    .await;
    // The store stands still in the midst of it, and the login comes: it waits
    // for the store beside the next of the logouts, and not for the last.
    house.hold_store(true);
    let waiting = || house.desk.waiting.load(Ordering::SeqCst);
    until("the next logouts are at the store", || waiting() == 1).await;
    let held_at = *commits.borrow();
    let entering = house.clone();
    let entering = tokio::spawn(async move { entering.ask(&login(LOBBY, "alice")).await });
    until("the login is there too", || waiting() == 2).await;
    let left = house.store.world().sessions.len();
    assert!(left > 2_000, "in the midst of it: {left}");
    house.hold_store(false);
    let entered = tokio::time::timeout(PATIENCE, entering).await;
    assert_eq!(entered.unwrap().unwrap(), SUCCESS);
    let answer = tokio::time::timeout(PATIENCE, leaving)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer, SUCCESS);
    let sessions: Vec<_> = house.store.world().sessions.keys().copied().collect();
    assert_eq!(sessions.len(), 1, "she signed in after the order");
    assert_eq!(house.is_on(LOBBY).await.as_deref(), Some("alice"));
    assert!(held_at > before);
    let changes = house.store.read_after(held_at, usize::MAX).await.unwrap();
    let lobby = house
        .store
        .world()
        .phone(&LOBBY.parse().unwrap())
        .unwrap()
        .id;
    let mut sessions = changes.iter().filter(|change| change.kind == "session");
    let logouts_before = sessions.position(|change| change.key == lobby.0.to_string());
    let logouts_after = sessions.count();
    assert!(
        logouts_before.is_some_and(|before| before <= logouts_after),
        "the login was done after {logouts_before:?} logouts and before {logouts_after}"
    );
    let lines = house.notes.lines();
    let told = format!("{CROWD} users were signed out by emapp");
    assert!(lines.iter().any(|(_, line)| *line == told), "{lines:?}");
}
