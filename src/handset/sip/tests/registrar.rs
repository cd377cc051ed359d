//! A registrar that does as each story wants.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::broadcast;
use tokio_util::codec::Decoder;

use crate::sip::wire::{
    Contacts, Frame, Framer, HeaderName, Message, Method, StatusCode, parse_datagram,
};

/// A registrar: answers as it should, unless the script says otherwise.
#[derive(Clone)]
pub(super) struct Registrar {
    heard: Arc<Mutex<Vec<Message>>>,
    pub(super) push: broadcast::Sender<String>,
    script: Script,
}

type Script = Arc<dyn Fn(&Message, Message) -> Message + Send + Sync>;

impl Registrar {
    /// `script` may change the good answer to a request.
    pub(super) fn new(
        script: impl Fn(&Message, Message) -> Message + Send + Sync + 'static,
    ) -> Self {
        Self {
            heard: Arc::default(),
            push: broadcast::Sender::new(8),
            script: Arc::new(script),
        }
    }

    pub(super) async fn listen(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let registrar = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(registrar.clone().serve(stream));
            }
        });
        port
    }

    /// Listens for datagrams on a bad line: the first copy of every message is
    /// lost, and whatever it says it says twice.
    pub(super) async fn listen_on_a_bad_line(&self) -> u16 {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let registrar = self.clone();
        tokio::spawn(async move {
            let mut pushed = registrar.push.subscribe();
            let (mut lost, mut phone) = (HashSet::new(), None);
            let mut buffer = [0; 8192];
            loop {
                let said = tokio::select! {
                    text = pushed.recv() => text.unwrap().into_bytes(),
                    received = socket.recv_from(&mut buffer) => {
                        let (length, from) = received.unwrap();
                        phone = Some(from);
                        if lost.insert(buffer[..length].to_vec()) {
                            continue;
                        }
                        let message = parse_datagram(&buffer[..length]).unwrap().unwrap();
                        message.check().unwrap();
                        registrar.heard.lock().unwrap().push(message.clone());
                        if message.method().is_none() {
                            continue;
                        }
                        (registrar.script)(&message, usual(&message)).to_bytes().to_vec()
                    }
                };
                for _ in 0..2 {
                    socket.send_to(&said, phone.unwrap()).await.unwrap();
                }
            }
        });
        port
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut pushed = self.push.subscribe();
        let (mut framer, mut inbox) = (Framer::default(), BytesMut::new());
        loop {
            tokio::select! {
                text = pushed.recv() => {
                    stream.write_all(text.unwrap().as_bytes()).await.unwrap();
                    continue;
                }
                read = stream.read_buf(&mut inbox) => if read.unwrap_or(0) == 0 { return },
            }
            while let Some(frame) = framer.decode(&mut inbox).unwrap() {
                let Frame::Message(message) = frame else {
                    continue;
                };
                message.check().unwrap();
                self.heard.lock().unwrap().push(message.clone());
                if message.method().is_some() {
                    let answer = (self.script)(&message, usual(&message)).to_bytes();
                    let _ = stream.write_all(&answer).await;
                }
            }
        }
    }

    pub(super) fn registers(&self) -> Vec<Message> {
        let heard = self.heard.lock().unwrap();
        let register = |message: &&Message| message.method() == Some(&Method::Register);
        heard.iter().filter(register).cloned().collect()
    }

    pub(super) fn statuses(&self) -> Vec<u16> {
        let heard = self.heard.lock().unwrap();
        heard
            .iter()
            .filter_map(|message| Some(message.status()?.code()))
            .collect()
    }

    /// An order for the phone as it is registered now.
    pub(super) fn order(&self, action: &str) -> String {
        let register = self.registers().pop().unwrap();
        let Ok(Contacts::List(contacts)) = register.headers.contacts() else {
            panic!("no contact");
        };
        let uri = String::from_utf8(contacts[0].raw_uri.to_vec()).unwrap();
        let address = uri.split(';').next().unwrap().to_owned();
        let body = format!(
            "action={action}\r\nRegisterCallId={{{}}}\r\n",
            register.headers.call_id().unwrap()
        );
        format!(
            "NOTIFY {uri} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\n\
             From: <sip:127.0.0.1>;tag=1\r\nTo: <{address}>\r\nCall-ID: order@127.0.0.1\r\n\
             CSeq: 101 NOTIFY\r\nMax-Forwards: 70\r\nEvent: service-control\r\n\
             Subscription-State: active\r\nContent-Type: text/plain\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

fn usual(request: &Message) -> Message {
    if request.method() == Some(&Method::Refer) {
        return Message::response(&request.headers, StatusCode::ACCEPTED, "alarm");
    }
    let mut response = Message::response(&request.headers, StatusCode::OK, "registrar");
    let headers = &mut response.headers;
    headers.push(HeaderName::DATE, "Sat, 09 Mar 2019 18:32:46 GMT");
    headers.push(HeaderName::EXPIRES, "120");
    headers.push(HeaderName::SUPPORTED, "X-cisco-sis-9.0.0");
    if let Some(contact) = request.headers.text(HeaderName::CONTACT) {
        headers.push(HeaderName::CONTACT, contact);
    }
    let body = "<x-cisco-remotecc-response><response><code>200</code><optionsind/></response>\
        </x-cisco-remotecc-response>";
    response.set_body("application/x-cisco-remotecc-response+xml", body);
    response
}
