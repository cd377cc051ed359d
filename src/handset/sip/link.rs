//! The way to the call manager: messages out, messages in.

use std::net::SocketAddr;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::Decoder;

use super::datagrams::{Datagrams, Heard};
use crate::handset::cause::Cause;
use crate::handset::fault::Fault;
use crate::handset::life::Ending;
use crate::handset::phone::Phone;
use crate::sip::wire::{Frame, Framer, Message, Transport};

pub(super) struct Link<'a> {
    phone: &'a Phone,
    pipe: Pipe,
    /// The call manager as the file names it.
    pub(super) host: String,
}

enum Pipe {
    Stream(Box<Stream>),
    Datagrams(Box<Datagrams>),
}

struct Stream {
    socket: TcpStream,
    inbox: BytesMut,
    framer: Framer,
}

impl<'a> Link<'a> {
    pub(super) fn stream(phone: &'a Phone, socket: TcpStream, host: &str) -> Self {
        let stream = Stream {
            socket,
            inbox: BytesMut::with_capacity(4096),
            framer: Framer::default(),
        };
        Self {
            phone,
            pipe: Pipe::Stream(Box::new(stream)),
            host: host.to_owned(),
        }
    }

    pub(super) fn datagrams(phone: &'a Phone, datagrams: Datagrams, host: &str) -> Self {
        Self {
            phone,
            pipe: Pipe::Datagrams(Box::new(datagrams)),
            host: host.to_owned(),
        }
    }

    /// What it is, for Via and Contact.
    pub(super) fn transport(&self) -> Transport {
        match &self.pipe {
            Pipe::Stream(_) => Transport::Tcp,
            Pipe::Datagrams(_) => Transport::Udp,
        }
    }

    /// The phone's end: it goes into Contact.
    pub(super) fn own_address(&self) -> Option<SocketAddr> {
        match &self.pipe {
            Pipe::Stream(stream) => stream.socket.local_addr().ok(),
            Pipe::Datagrams(datagrams) => datagrams.own_address(),
        }
    }

    pub(super) async fn send(&mut self, message: &Message) -> Result<(), Ending> {
        self.phone.shared.counters.sip_sent.add();
        match &mut self.pipe {
            Pipe::Datagrams(datagrams) => {
                datagrams.send(message).await;
                Ok(())
            }
            Pipe::Stream(stream) => {
                let bytes = message.to_bytes();
                let patience = self.phone.pace.patience;
                match tokio::time::timeout(patience, stream.socket.write_all(&bytes)).await {
                    Ok(Ok(())) => Ok(()),
                    _ => Err(closed()),
                }
            }
        }
    }

    /// The next message. May be dropped without losing any.
    pub(super) async fn receive(&mut self) -> Result<Message, Ending> {
        let received = match &mut self.pipe {
            Pipe::Stream(stream) => stream.receive().await,
            Pipe::Datagrams(datagrams) => match datagrams.receive().await {
                Heard::Message(message) => Ok(message),
                Heard::Garbled(error) => Err(garbled(error.to_string())),
            },
        };
        if received.is_ok() {
            self.phone.shared.counters.sip_received.add();
        }
        received
    }
}

impl Stream {
    async fn receive(&mut self) -> Result<Message, Ending> {
        loop {
            let frame = self.framer.decode(&mut self.inbox);
            match frame.map_err(|error| garbled(error.to_string()))? {
                Some(Frame::Message(message)) => return Ok(message),
                Some(Frame::Malformed(error)) => return Err(garbled(error.to_string())),
                Some(Frame::Ping) => {}
                None => match self.socket.read_buf(&mut self.inbox).await {
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
