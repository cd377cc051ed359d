//! Small servers and files for the tests of this room.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use super::phone::Phone;
use super::seen::Shared;
use super::{Kind, Mac, Pace, Profile, Servers};
use crate::tftp::wire::{ErrorCode, Packet};

pub(super) fn mac(last: u8) -> Mac {
    Mac([0, 0, 0, 0, 0, last])
}

/// Impatient, so that faults come soon.
pub(super) fn pace() -> Pace {
    Pace {
        patience: Duration::from_millis(400),
        retransmit: Duration::from_millis(100),
        back_off: Duration::from_millis(20),
        ..Pace::default()
    }
}

/// A phone without a life, for its parts.
pub(super) fn phone(kind: Kind, servers: Servers) -> Phone {
    Phone {
        profile: Arc::new(Profile::new(kind, mac(1))),
        servers,
        pace: pace(),
        shared: Arc::new(Shared::new(None)),
    }
}

pub(super) fn nowhere() -> Servers {
    Servers::new(SocketAddr::from(([127, 0, 0, 1], 9)))
}

pub(super) fn sccp_file(host: &str, port: u16) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <device xsi:type=\"axl:XIPPhone\">\n\
         <deviceProtocol>SCCP</deviceProtocol>\n\
         <devicePool><dateTimeSetting><dateTemplate>D.M.Y</dateTemplate></dateTimeSetting>\n\
         <callManagerGroup><members><member priority=\"0\"><callManager>\
         <ports><ethernetPhonePort>{port}</ethernetPhonePort></ports>\
         <processNodeName>{host}</processNodeName></callManager></member></members>\
         </callManagerGroup></devicePool>\n\
         <loadInformation></loadInformation>\n\
         <versionStamp>stamp-1</versionStamp>\n\
         <userLocale><name>German_Germany</name><langCode>de</langCode></userLocale>\n\
         <networkLocale>Germany</networkLocale>\n\
         <deviceSecurityMode>1</deviceSecurityMode>\n\
         <servicesURL>http://10.0.0.1:8080/menu?a=1&amp;b=2</servicesURL>\n\
         <phoneServices useHTTPS=\"false\"><provisioning>2</provisioning>\
         <phoneService type=\"0\" category=\"0\"><name>Weather</name>\
         <url>http://10.0.0.2/weather?d=#DEVICENAME#</url></phoneService></phoneServices>\n\
         </device>\n"
    )
}

pub(super) fn sip_file(host: &str, port: u16) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <device>\n<deviceProtocol>SIP</deviceProtocol>\n\
         <devicePool><callManagerGroup><members><member priority=\"0\"><callManager>\
         <ports><sipPort>{port}</sipPort></ports>\
         <processNodeName>{host}</processNodeName></callManager></member></members>\
         </callManagerGroup></devicePool>\n\
         <sipProfile><sipProxies><registerWithProxy>true</registerWithProxy></sipProxies>\n\
         <sipStack><timerRegisterExpires>3600</timerRegisterExpires>\
         <timerRegisterDelta>5</timerRegisterDelta></sipStack>\n\
         <sipLines><line button=\"1\" lineIndex=\"1\"><featureID>9</featureID>\
         <featureLabel>Lobby</featureLabel><proxy>USECALLMANAGER</proxy><port>{port}</port>\
         <name>2001</name><displayName>Lobby</displayName>\
         <authName>SEP000000000001</authName><authPassword>rightpassword</authPassword>\
         <contact>5a0e1c9e-0000-4000-8000-000000000001</contact></line>\
         <line button=\"2\"><featureID>2</featureID><featureLabel>Emergency</featureLabel>\
         <speedDialNumber>911</speedDialNumber></line></sipLines>\n\
         <dialTemplate>dialplan.xml</dialTemplate><softKeyFile>softkeys.xml</softKeyFile>\
         </sipProfile>\n\
         <loadInformation></loadInformation><versionStamp>stamp-1</versionStamp>\n\
         <servicesURL>http://10.0.0.1:8080/menu</servicesURL>\n\
         <transportLayerProtocol>1</transportLayerProtocol>\n\
         <phoneServices useHTTPS=\"false\"><provisioning>0</provisioning>\
         <phoneService type=\"0\" category=\"0\"><name>Extension Mobility</name>\
         <url>http://10.0.0.1:8080/emapp/EMAppServlet?device=SEP000000000001</url></phoneService>\
         </phoneServices>\n</device>\n"
    )
}

/// A TFTP server with these files; one block size, no options.
pub(super) async fn tftp(files: HashMap<String, Vec<u8>>) -> SocketAddr {
    let listener = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let files = Arc::new(files);
    tokio::spawn(async move {
        let mut buffer = [0; 1024];
        loop {
            let (length, peer) = listener.recv_from(&mut buffer).await.unwrap();
            let Ok(Packet::Read(request)) = Packet::parse(&buffer[..length]) else {
                continue;
            };
            let name = String::from_utf8(request.name).unwrap();
            tokio::spawn(send_file(peer, files.get(&name).cloned()));
        }
    });
    address
}

async fn send_file(peer: SocketAddr, file: Option<Vec<u8>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let Some(file) = file else {
        let error = Packet::error(ErrorCode::FileNotFound, "not found").encode();
        socket.send_to(&error, peer).await.unwrap();
        return;
    };
    let mut buffer = [0; 64];
    for number in 0..=file.len() / 512 {
        let at = number * 512;
        let block = u16::try_from(number + 1).unwrap();
        let bytes = &file[at..file.len().min(at + 512)];
        let data = Packet::Data { block, bytes }.encode();
        socket.send_to(&data, peer).await.unwrap();
        loop {
            let (length, _) = socket.recv_from(&mut buffer).await.unwrap();
            if Packet::parse(&buffer[..length]) == Ok(Packet::Ack { block }) {
                break;
            }
        }
    }
}

/// A web server that answers each request with what `answer` makes of it, as
/// raw bytes, and closes.
pub(super) async fn web(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            loop {
                let head = request
                    .windows(4)
                    .position(|four: &[u8]| four == b"\r\n\r\n");
                if head.is_some_and(|at| request.len() >= at + 4 + body_length(&request)) {
                    break;
                }
                if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            let answer = answer(&String::from_utf8_lossy(&request));
            let _ = stream.write_all(&answer).await;
        }
    });
    address
}

fn body_length(request: &[u8]) -> usize {
    String::from_utf8_lossy(request)
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0)
}

/// A whole answer of a web server.
pub(super) fn ok(content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
