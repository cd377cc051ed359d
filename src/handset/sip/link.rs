//! One connection: messages out, messages in.

use std::net::SocketAddr;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::Decoder;

use crate::handset::cause::Cause;
use crate::handset::fault::Fault;
use crate::handset::life::Ending;
use crate::handset::phone::Phone;
use crate::sip::wire::{Frame, Framer, Message};

pub(super) struct Link<'a> {
    phone: &'a Phone,
    stream: TcpStream,
    inbox: BytesMut,
    framer: Framer,
    /// The call manager as the file names it.
    pub(super) host: String,
}

impl<'a> Link<'a> {
    pub(super) fn new(phone: &'a Phone, stream: TcpStream, host: &str) -> Self {
        Self {
            phone,
            stream,
            inbox: BytesMut::with_capacity(4096),
            framer: Framer::default(),
            host: host.to_owned(),
        }
    }

    /// The phone's end of the connection: it goes into Contact.
    pub(super) fn own_address(&self) -> Option<SocketAddr> {
        self.stream.local_addr().ok()
    }

    pub(super) async fn send(&mut self, message: &Message) -> Result<(), Ending> {
        self.phone.shared.counters.sip_sent.add();
        let bytes = message.to_bytes();
        let written =
            tokio::time::timeout(self.phone.pace.patience, self.stream.write_all(&bytes)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            _ => Err(closed()),
        }
    }

    /// The next message. May be dropped without losing any.
    pub(super) async fn receive(&mut self) -> Result<Message, Ending> {
        loop {
            let frame = self.framer.decode(&mut self.inbox);
            match frame.map_err(|error| garbled(error.to_string()))? {
                Some(Frame::Message(message)) => {
                    self.phone.shared.counters.sip_received.add();
                    return Ok(message);
                }
                Some(Frame::Malformed(error)) => return Err(garbled(error.to_string())),
                Some(Frame::Ping) => {}
                None => match self.stream.read_buf(&mut self.inbox).await {
                    Ok(0) | Err(_) => return Err(closed()),
                    Ok(_) => {}
                },
            }
        }
    }
}

fn closed() -> Ending {
    Ending::Lost(Cause::TcpClosed, Fault::Closed)
}

fn garbled(what: String) -> Ending {
    Ending::Lost(Cause::TcpClosed, Fault::Garbled(what))
}
