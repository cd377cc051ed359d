//! The Skinny phone: it registers, pulls everything that it shows, keeps alive,
//! and obeys `Reset`.

mod buttons;
mod identity;
mod link;
mod pulls;
mod pushed;
mod session;
#[cfg(test)]
mod tests;

use tokio::sync::watch;

use super::cause::Cause;
use super::fault::Fault;
use super::file::BootFile;
use super::hook::HookPoint;
use super::life::Ending;
use super::net;
use super::phone::Phone;
use link::Link;
use session::{Leave, Session};

/// One registration, from the connection to its end.
pub(super) async fn live(
    phone: &Phone,
    file: &BootFile,
    cause: Cause,
    off_hook: &mut watch::Receiver<bool>,
) -> Ending {
    let link = match connect(phone, file).await {
        Ok(link) => link,
        Err(ending) => return ending,
    };
    let mut session = Session::new(phone, file, link, off_hook);
    let mut ending = match session.register(cause).await {
        Ok(()) => session.serve().await,
        Err(ending) => ending,
    };
    while let Ending::Ordered(order) = ending {
        match session.leave(order).await {
            Leave::Gone => return Ending::Ordered(order),
            Leave::Refused => ending = session.serve().await,
        }
    }
    ending
}

/// The first call manager of the file that takes the connection.
async fn connect<'a>(phone: &'a Phone, file: &BootFile) -> Result<Link<'a>, Ending> {
    phone.shared.pause(|| HookPoint::Connect).await;
    let mut why = String::new();
    for manager in &file.managers {
        let addresses = net::resolve(&manager.host, manager.sccp_port).await;
        for address in addresses.unwrap_or_default() {
            match net::connect(address, phone.servers.bind, phone.pace.patience).await {
                Ok(stream) => return Ok(Link::new(phone, stream)),
                Err(error) => why = format!("{address}: {error}"),
            }
        }
    }
    if why.is_empty() {
        "no such host".clone_into(&mut why);
    }
    Err(Ending::Lost(Cause::TcpTimeout, Fault::Unreachable(why)))
}
