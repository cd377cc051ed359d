//! The SIP phone in CCM mode: one REGISTER for all lines, refreshes, and
//! obedience to service-control.

mod answer;
mod granted;
mod link;
mod proof;
mod requests;
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
use session::Session;

/// One registration, from the connection to its end.
pub(super) async fn live(
    phone: &Phone,
    file: &BootFile,
    cause: Cause,
    off_hook: &mut watch::Receiver<bool>,
) -> Ending {
    let Some(profile) = &file.sip else {
        return Ending::Lost(
            Cause::RegistrationTimeout,
            Fault::RegisterLacks("sipProfile"),
        );
    };
    let link = match connect(phone, file).await {
        Ok(link) => link,
        Err(ending) => return ending,
    };
    let Some(mut session) = Session::new(phone, file, profile, link, off_hook) else {
        return Ending::Lost(Cause::TcpClosed, Fault::Closed);
    };
    let ending = session.live(cause).await;
    if let Ending::Ordered(order) = ending {
        session.leave(order).await;
    }
    ending
}

/// The first call manager of the file that takes the connection.
async fn connect<'a>(phone: &'a Phone, file: &BootFile) -> Result<Link<'a>, Ending> {
    phone.shared.pause(|| HookPoint::Connect).await;
    let mut why = "no such host".to_owned();
    for manager in &file.managers {
        let addresses = net::resolve(&manager.host, manager.sip_port).await;
        for address in addresses.unwrap_or_default() {
            match net::connect(address, phone.servers.bind, phone.pace.patience).await {
                Ok(stream) => return Ok(Link::new(phone, stream, &manager.host)),
                Err(error) => why = format!("{address}: {error}"),
            }
        }
    }
    Err(Ending::Lost(Cause::TcpTimeout, Fault::Unreachable(why)))
}
