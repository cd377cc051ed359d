//! The ways through the pages.

use std::future::Future;
use std::pin::Pin;

use embody::handset::{Handset, Pace};

use super::site::{BUSY, CLOSED, Drawn};
use super::walk::Walk;
use crate::support::phones::registered;

/// What is done on a way.
type Go = for<'w, 'a> fn(&'w mut Walk<'a>) -> Pin<Box<dyn Future<Output = ()> + 'w>>;

/// A way through the pages of a site with these parameters, and who goes it.
pub struct Way {
    pub parameters: &'static str,
    pub who: fn(Drawn) -> bool,
    pub go: Go,
}

pub const ALL: [Way; 2] = [
    Way {
        parameters: "",
        who: |_| true,
        go: |walk| {
            Box::pin(async {
                login(walk).await;
                errors(walk).await;
                if walk.drawn.goes_all_ways() {
                    elsewhere(walk).await;
                    kinds(walk).await;
                    pins(walk).await;
                    triggers(walk).await;
                }
            })
        },
    },
    Way {
        parameters: "evict_previous_user = true\nquick_sign_in_users = 2\n\
                     remember_last_user = true\n",
        who: Drawn::goes_all_ways,
        go: |walk| Box::pin(quick(walk)),
    },
];

/// In and out again (*Extension Mobility 4.1*, Login Call Flow and Logout Call
/// Flow).
async fn login(walk: &mut Walk<'_>) {
    walk.chapter("login");
    walk.main("Nobody is signed in", "1001").await;
    let page = walk.services().await;
    walk.draw("Services", &page);
    let page = walk.number(page.items.len()).await;
    walk.draw("Extension Mobility", &page);
    let page = walk.fill(&[("userid", "alice"), ("seq", "58213")]).await;
    walk.draw("User ID and PIN are typed", &page);
    let page = {
        let _turn = walk.turn().await;
        walk.press("SoftKey:Submit").await.unwrap()
    };
    walk.draw("Submit: she has two profiles", &page);
    let page = walk.number(1).await;
    walk.draw("The first one", &page);
    walk.main("The phone is hers", "2001").await;
    let page = walk.services().await;
    walk.draw("Services, while she is signed in", &page);
    let page = walk.number(page.items.len()).await;
    walk.draw("Extension Mobility, while she is signed in", &page);
    let page = walk.press("http").await.unwrap();
    walk.draw("Yes", &page);
    walk.main("Nobody is signed in any more", "1001").await;
}

/// What goes wrong on the way to a login.
async fn errors(walk: &mut Walk<'_>) {
    walk.chapter("errors");
    walk.open().await;
    let page = walk.submit(&[("userid", "alice")]).await;
    walk.draw("Submit without a PIN", &page);
    let turn = walk.turn().await;
    let page = walk.submit(&[("userid", "bob"), ("seq", "99999")]).await;
    walk.draw("Submit with a wrong PIN", &page);
    let page = walk.submit(&[("userid", "erik"), ("seq", "14142")]).await;
    walk.draw("Submit by somebody without a profile", &page);
    let page = walk
        .load(&format!("/emapp/EMAppServlet?device={CLOSED}"))
        .await;
    walk.draw("At a phone where nobody may sign in", &page);
    let page = walk
        .load("/emapp/EMAppServlet?device=SEP00DEADBEEF00")
        .await;
    walk.draw("At a phone that nobody configured", &page);
    let page = walk.load_own("&doLogout=true").await;
    walk.draw("A logout where nobody is signed in", &page);
    walk.open().await;
    let page = walk.submit(&[("userid", "bob"), ("seq", "31415")]).await;
    drop(turn);
    walk.draw("Submit with the right PIN", &page);
    walk.settled("2002").await;
    let page = walk
        .load_own("&userid=alice&seq=58213&profile=alice-desk")
        .await;
    walk.draw("Somebody else's login while he is signed in", &page);
    walk.sign_out().await;
}

/// She may be on one phone only, and is on another one.
async fn elsewhere(walk: &mut Walk<'_>) {
    walk.chapter("elsewhere");
    let turn = walk.turn().await;
    walk.daemon.says(&["login", BUSY, "dora"]);
    walk.open().await;
    let page = walk.submit(&[("userid", "dora"), ("seq", "16180")]).await;
    walk.draw("Submit by somebody who is on another phone", &page);
    let page = walk.press("http").await.unwrap();
    walk.draw("The key that moves her here", &page);
    // At once, since the next phone waits for her.
    walk.load_own("&doLogout=true").await;
    drop(turn);
    walk.settled("1001").await;
}

/// The kinds of names that a login takes (`loginType`).
async fn kinds(walk: &mut Walk<'_>) {
    walk.chapter("kinds");
    let page = walk.load_own("&loginType=SP").await;
    walk.draw("By self-service ID", &page);
    let page = walk.load_own("&loginType=DN").await;
    walk.draw("By extension", &page);
    let turn = walk.turn().await;
    let page = walk.submit(&[("userid", "2500"), ("seq", "11235")]).await;
    drop(turn);
    walk.draw("Two people have that extension", &page);
    let page = walk.load_own("&loginType=XX").await;
    walk.draw("By what is no kind", &page);
}

/// The change of a PIN, as far as it goes without the directory.
async fn pins(walk: &mut Walk<'_>) {
    walk.chapter("pin");
    walk.open().await;
    let page = walk.press("http").await.unwrap();
    walk.draw("The key of the login form that changes a PIN", &page);
    let page = walk.submit(&[("userid", "greta"), ("seq", "27182")]).await;
    walk.draw("Submit without the new one", &page);
    let typed = [
        ("seq", "27182"),
        ("newpin", "40817"),
        ("confirmpin", "40818"),
    ];
    let page = walk.submit(&typed).await;
    walk.draw("Submit with two different ones", &page);
}

/// The triggers, whose URLs name no phone (*Extension Mobility 3.1*, Adding
/// the Login Application Trigger).
async fn triggers(walk: &mut Walk<'_>) {
    walk.chapter("triggers");
    let page = walk.load("/login").await;
    walk.draw("The trigger of the login, from the only phone there", &page);
    let page = walk.load("/logout").await;
    walk.draw("The trigger of the logout, and nobody is signed in", &page);
    let beside = Handset::spawn(walk.drawn.beside(), walk.servers(), Pace::default());
    registered(&beside, 1).await;
    let page = walk.load("/login").await;
    walk.draw("The same from one of two phones", &page);
    let page = walk.number(1).await;
    walk.draw("The first one", &page);
    beside.power_off().await;
}

/// The last users of a phone, and the next one who signs in over somebody.
async fn quick(walk: &mut Walk<'_>) {
    walk.chapter("quick");
    walk.settled("1001").await;
    walk.open().await;
    {
        let _turn = walk.turn().await;
        walk.submit(&[("userid", "bob"), ("seq", "31415")]).await;
    }
    walk.sign_out().await;
    let page = walk.open().await;
    walk.draw("Who was here before is offered", &page);
    let page = walk.number(1).await;
    walk.draw("It is him", &page);
    {
        let _turn = walk.turn().await;
        let page = walk.submit(&[("seq", "99999")]).await;
        walk.draw("Submit with a wrong PIN", &page);
        let page = walk.submit(&[("seq", "31415")]).await;
        walk.draw("Submit with the right PIN", &page);
    }
    walk.settled("2002").await;
    let page = walk.open().await;
    walk.draw("Somebody else comes", &page);
    let page = walk.press_nth("http", 1).await.unwrap();
    walk.draw("The key that signs in over him", &page);
    let page = {
        let _turn = walk.turn().await;
        walk.submit(&[("userid", "alice"), ("seq", "58213")]).await
    };
    walk.draw("Submit: she has two profiles", &page);
    let page = walk.number(2).await;
    walk.draw("The second one", &page);
    walk.main("The phone is hers", "2001").await;
    let page = walk.open().await;
    walk.draw("Extension Mobility", &page);
    let page = walk.press("http").await.unwrap();
    walk.draw("Yes", &page);
    walk.settled("1001").await;
    let page = walk.open().await;
    walk.draw("Both are offered", &page);
    let page = walk.number(3).await;
    walk.draw("It is neither", &page);
}
