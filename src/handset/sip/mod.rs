//! The SIP phone in CCM mode: one REGISTER for all lines, refreshes, and
//! obedience to service-control; over TCP, or over UDP where its file says so.
//! And the plain one, which reads a text file.

mod answer;
mod datagrams;
mod granted;
mod link;
mod plain;
mod proof;
mod requests;
mod session;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::sync::watch;

use super::cause::Cause;
use super::fault::Fault;
use super::file::{BootFile, SipProfile};
use super::hook::HookPoint;
use super::life::Ending;
use super::net;
use super::phone::Phone;
use super::profile::Kind;
use crate::sip::wire::Transport;
use datagrams::Datagrams;
use link::Link;
use plain::Plain;
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
    let link = match connect(phone, file, profile).await {
        Ok(link) => link,
        Err(ending) => return ending,
    };
    if phone.profile.kind == Kind::Cisco7960Sip {
        return match Plain::new(phone, profile, link, off_hook) {
            Some(mut plain) => plain.live().await,
            None => Ending::Lost(Cause::TcpClosed, Fault::Closed),
        };
    }
    let Some(mut session) = Session::new(phone, file, profile, link, off_hook) else {
        return Ending::Lost(Cause::TcpClosed, Fault::Closed);
    };
    let ending = session.live(cause).await;
    if let Ending::Ordered(order) = ending {
        session.leave(order).await;
    }
    ending
}

/// The first call manager of the file that takes the connection; over UDP the
/// first one, since none is asked before.
async fn connect<'a>(
    phone: &'a Phone,
    file: &BootFile,
    profile: &SipProfile,
) -> Result<Link<'a>, Ending> {
    phone.shared.pause(|| HookPoint::Connect).await;
    let mut why = "no such host".to_owned();
    for manager in &file.managers {
        let addresses = net::resolve(&manager.host, manager.sip_port).await;
        for address in addresses.unwrap_or_default() {
            match open(phone, profile, address, &manager.host).await {
                Ok(link) => return Ok(link),
                Err(error) => why = format!("{address}: {error}"),
            }
        }
    }
    Err(Ending::Lost(Cause::TcpTimeout, Fault::Unreachable(why)))
}

async fn open<'a>(
    phone: &'a Phone,
    profile: &SipProfile,
    manager: SocketAddr,
    host: &str,
) -> io::Result<Link<'a>> {
    let own = phone.servers.bind;
    if profile.transport == Transport::Udp {
        let any: IpAddr = match manager {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let own = SocketAddr::new(own.unwrap_or(any), 0);
        let datagrams = Datagrams::open(own, manager).await?;
        return Ok(Link::datagrams(phone, datagrams, host));
    }
    let stream = net::connect(manager, own, phone.pace.patience).await?;
    Ok(Link::stream(phone, stream, host))
}
