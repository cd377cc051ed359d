//! The ways through the pages.

use std::future::Future;
use std::pin::Pin;

use super::site::{BUSY, CLOSED};
use super::walk::Walk;

/// What is done on a way.
type Go = for<'w, 'a> fn(&'w mut Walk<'a>) -> Pin<Box<dyn Future<Output = ()> + 'w>>;

/// A way through the pages of a site with these parameters.
pub struct Way {
    pub name: &'static str,
    pub parameters: &'static str,
    pub go: Go,
}

pub const ALL: [Way; 2] = [
    Way {
        name: "login",
        parameters: "",
        go: |walk| Box::pin(login(walk)),
    },
    Way {
        name: "errors",
        parameters: "",
        go: |walk| Box::pin(errors(walk)),
    },
];

/// In and out again (*Extension Mobility 4.1*, Login Call Flow and Logout Call
/// Flow).
async fn login(walk: &mut Walk<'_>) {
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
    walk.daemon.command(&["login", BUSY, "dora"]);
    let blank = walk.open().await;
    walk.draw("Extension Mobility", &blank);
    let page = walk.submit(&[("userid", "alice")]).await;
    walk.draw("Submit without a PIN", &page);
    let turn = walk.turn().await;
    let page = walk.submit(&[("userid", "bob"), ("seq", "99999")]).await;
    walk.draw("Submit with a wrong PIN", &page);
    let page = walk.submit(&[("userid", "erik"), ("seq", "14142")]).await;
    walk.draw("Submit by somebody without a profile", &page);
    walk.open().await;
    let page = walk.submit(&[("userid", "dora"), ("seq", "16180")]).await;
    walk.draw("Submit by somebody who is on another phone", &page);
    let page = walk
        .load(&format!("/emapp/EMAppServlet?device={CLOSED}"))
        .await;
    walk.draw("At a phone where nobody may sign in", &page);
    let page = walk
        .load("/emapp/EMAppServlet?device=SEP00DEADBEEF00")
        .await;
    walk.draw("At a phone that nobody configured", &page);
    let page = walk.load("/emapp/EMAppServlet").await;
    walk.draw("By a URL that names no phone", &page);
    walk.open().await;
    let page = walk.submit(&[("userid", "bob"), ("seq", "31415")]).await;
    drop(turn);
    walk.draw("Submit with the right PIN", &page);
    walk.main("The phone is his", "2002").await;
}
