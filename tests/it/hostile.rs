//! Peers that mean harm, or behave as if they did, against the real daemon;
//! while they do, phones that behave are served. Every load is bounded in
//! count; what is looked for is never a speed.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bytes::BytesMut;
use embody::handset::{Handset, Kind};
use embody::sccp::wire::{DeviceType, Dialect, FrameCodec, PhoneMessage, Register, encode_phone};
use tokio_util::codec::Encoder;

use crate::support::phones::{first_key, open, plug_in, registered, submit, until};
use crate::support::{Daemon, Site};

/// What the memory of the daemon may grow by over an attack, in kilobytes. What
/// is refused or forgotten leaves some 10,000 (a heap is not given back to the
/// last page, less so on a machine that stalls); a flood of requests that all
/// found a place leaves more than 75,000.
const GROWTH: u64 = 40_000;

/// The same for connections that hold a place each, as many as there are for one
/// address: 40 kB a place, of which 8 to 27 were seen.
const GROWTH_OF_ALL_PLACES: u64 = 4_096 * 40;

/// The phones that must be served whatever happens: two that are registered
/// before it begins, and one that boots in the middle of it.
struct House {
    daemon: Daemon,
    desk: Handset,
    meeting_room: Handset,
    /// What the daemon held before, in kilobytes.
    before: u64,
}

impl House {
    async fn open(config: &str) -> Self {
        let daemon = Daemon::start_with(Site::Sample, config, &[("RUST_LOG", "warn")]);
        let desk = plug_in(&daemon, Kind::Cisco7961);
        let meeting_room = plug_in(&daemon, Kind::Cisco8841);
        registered(&desk, 1).await;
        registered(&meeting_room, 1).await;
        Self {
            before: daemon.resident_kilobytes(),
            daemon,
            desk,
            meeting_room,
        }
    }

    /// Runs `attack` again and again on threads of its own, while one phone
    /// boots and two people sign in; then looks whether anything is left of it.
    async fn stands(self, attack: impl Fn(&Daemon, u32) + Send + Sync) {
        let over = AtomicBool::new(false);
        let (daemon, over) = (&self.daemon, &over);
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        thread::scope(|scope| {
            let attack = &attack;
            scope.spawn(move || {
                attack(daemon, 0);
                let _ = begun.send(());
                // At most so often: a load is bounded also when a test hangs.
                for round in 1..20 {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    attack(daemon, round);
                }
            });
            let served = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| {
                served.block_on(async {
                    let _over = Over(over);
                    has_begun.await.unwrap();
                    self.life_goes_on().await;
                });
            });
        });
        self.nothing_is_left(GROWTH).await;
    }

    async fn life_goes_on(&self) {
        let lobby = plug_in(&self.daemon, Kind::Cisco7960);
        registered(&lobby, 1).await;
        first_key(&lobby, "Lobby").await;
        for (phone, user, pin, label) in [
            (&self.desk, "2003", "27182", "Carol"),
            (&self.meeting_room, "2002", "31415", "2002"),
        ] {
            let before = phone.registrations_count();
            open(phone).await;
            let page = submit(phone, user, pin).await;
            assert!(page.text.contains("Login Successful"), "{}", page.draw());
            registered(phone, before + 1).await;
            until("the user's key", || {
                let keys = phone.buttons();
                keys.first()
                    .is_some_and(|key| key.label == label || key.label == user)
            })
            .await;
        }
        lobby.power_off().await;
    }

    async fn nothing_is_left(self, growth: u64) {
        assert_eq!(self.desk.faults(), [], "the desk phone");
        assert_eq!(self.meeting_room.faults(), [], "the meeting room's phone");
        let late = plug_in(&self.daemon, Kind::Cisco7960);
        registered(&late, 1).await;
        let (before, memory) = (self.before, self.daemon.resident_kilobytes());
        assert!(memory < before + growth, "{before} kB, then {memory} kB");
        let log = self.daemon.log();
        assert!(!log.contains("panicked"), "{log}");
        for phone in [late, self.desk, self.meeting_room] {
            phone.power_off().await;
        }
    }
}

/// Ends the attack, also when a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A loopback address of the attackers' net.
fn attacker(number: u32) -> Ipv4Addr {
    let [_, _, high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 66, high, low.max(1))
}

fn udp(number: u32) -> UdpSocket {
    let socket = UdpSocket::bind((attacker(number), 0)).unwrap();
    let patience = Some(Duration::from_secs(20));
    socket.set_read_timeout(patience).unwrap();
    socket
}

/// A connection from an attacker; `None` when the daemon would not have it.
fn tcp(number: u32, to: SocketAddr) -> Option<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let own = SocketAddr::new(IpAddr::V4(attacker(number)), 0);
    socket.bind(&own.into()).unwrap();
    socket
        .connect_timeout(&to.into(), Duration::from_secs(5))
        .ok()?;
    let stream = TcpStream::from(socket);
    stream
        .set_write_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    Some(stream)
}

/// Name and value.
type TransferOption<'a> = (&'a [u8], &'a [u8]);

fn rrq(name: &[u8], mode: &[u8], options: &[TransferOption<'_>]) -> Vec<u8> {
    let mut packet = [&[0, 1][..], name, b"\0", mode, b"\0"].concat();
    for (name, value) in options {
        packet.extend_from_slice(name);
        packet.push(0);
        packet.extend_from_slice(value);
        packet.push(0);
    }
    packet
}

const FILE: &[u8] = b"SEP001122334455.cnf.xml";

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_read_requests_that_nobody_answers_starves_no_phone() {
    let house = House::open("[tftp]\ntransfers = 128\n").await;
    house
        .stands(|daemon, round| {
            for number in 0..1000 {
                let socket = udp(round * 1000 + number);
                for name in [FILE, b"XMLDefault.cnf.xml"] {
                    let request = rrq(
                        name,
                        b"octet",
                        &[(b"blksize", b"1428"), (b"timeout", b"255")],
                    );
                    let _ = socket.send_to(&request, daemon.ports.tftp);
                }
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_requests_for_nothing_and_of_noise_starves_no_phone() {
    let house = House::open("").await;
    house
        .stands(|daemon, round| {
            for number in 0..1000 {
                let socket = udp(round * 1000 + number);
                for packet in [
                    rrq(b"NOTHING", b"octet", &[]),
                    rrq(b"../../etc/shadow", b"octet", &[]),
                    b"\0\x02evil\0octet\0".to_vec(),
                    b"\0\x04\0\x01".to_vec(),
                    b"\0\x03\0\x01noise".to_vec(),
                    vec![0xff; 1400],
                ] {
                    let _ = socket.send_to(&packet, daemon.ports.tftp);
                }
            }
        })
        .await;
}

#[test]
fn every_absurd_request_is_answered_once_and_shortly() {
    let daemon = Daemon::start(Site::Sample);
    let long = [b'A'; 512];
    let names: [&[u8]; 12] = [
        b"",
        b"/",
        b".",
        b"..",
        b"English_United_States",
        b"English_United_States/",
        b"..\\..\\windows",
        b"\\\\server\\share",
        b"C:\\boot.ini",
        b"a/../../b",
        b"%2e%2e%2f",
        &long,
    ];
    for name in names {
        let phone = udp(1);
        phone
            .send_to(&rrq(name, b"octet", &[]), daemon.ports.tftp)
            .unwrap();
        let mut buffer = [0; 2048];
        let (length, _) = phone.recv_from(&mut buffer).expect("never silence");
        assert_eq!(buffer[..2], [0, 5], "{}", name.escape_ascii());
        assert!(matches!(buffer[3], 1 | 2), "ERROR {}", buffer[3]);
        assert!(length < 100, "{length} octets");
    }
    for mode in [&b"mail"[..], b"", b"image", b"OCTET\x01"] {
        let phone = udp(1);
        phone
            .send_to(&rrq(FILE, mode, &[]), daemon.ports.tftp)
            .unwrap();
        let mut buffer = [0; 2048];
        phone.recv_from(&mut buffer).expect("never silence");
        assert_eq!(buffer[..4], [0, 5, 0, 4], "{}", mode.escape_ascii());
    }
}

#[test]
fn absurd_options_are_left_out_and_the_file_comes_all_the_same() {
    let daemon = Daemon::start(Site::Sample);
    // What is asked, and what is agreed to.
    let cases: [(&[TransferOption<'_>], &[u8]); 9] = [
        (&[(b"blksize", b"0"), (b"timeout", b"0")], b""),
        (&[(b"blksize", b"-1"), (b"tsize", b"junk")], b"tsize\0"),
        (&[(b"blksize", b"65464")], b"blksize\x001428\0"),
        (
            &[(b"timeout", b"255"), (b"timeout", b"1")],
            b"timeout\x00255\0",
        ),
        (&[(b"windowsize", b"65535")], b""),
        (&[(b"multicast", b"")], b""),
        (&[(b"utimeout", b"1"), (b"rollover", b"0")], b""),
        (&[(b"", b""), (b"blksize", b"99999999999999999999999")], b""),
        (
            &[(b"BlkSize", b"512"), (b"blksize", b"8")],
            b"BlkSize\x00512\0",
        ),
    ];
    for (options, agreed) in cases {
        let phone = udp(1);
        phone
            .send_to(&rrq(FILE, b"octet", options), daemon.ports.tftp)
            .unwrap();
        let mut buffer = [0; 2048];
        let (length, from) = phone.recv_from(&mut buffer).expect("never silence");
        let answer = &buffer[..length];
        if agreed.is_empty() {
            assert_eq!(answer[..4], [0, 3, 0, 1], "{}", answer.escape_ascii());
        } else {
            assert_eq!(answer[..2], [0, 6], "{}", answer.escape_ascii());
            assert!(answer[2..].starts_with(agreed), "{}", answer.escape_ascii());
            phone.send_to(&[0, 4, 0, 0], from).unwrap();
            let (_, _) = phone.recv_from(&mut buffer).unwrap();
            assert_eq!(buffer[..4], [0, 3, 0, 1]);
        }
        phone.send_to(b"\0\x05\0\0enough\0", from).unwrap();
    }
}

#[test]
fn whoever_never_answers_is_sent_little_however_often_it_asks() {
    let daemon = Daemon::start(Site::Sample);
    let (victim, witness) = (udp(1), udp(2));
    let request = rrq(FILE, b"octet", &[(b"blksize", b"65464")]);
    for _ in 0..1000 {
        victim.send_to(&request, daemon.ports.tftp).unwrap();
    }
    // Requests are read in turn: all of the above were, when this is answered.
    witness
        .send_to(&rrq(b"NOTHING", b"octet", &[]), daemon.ports.tftp)
        .unwrap();
    witness.recv_from(&mut [0; 100]).unwrap();
    victim
        .set_read_timeout(Some(Duration::from_millis(1500)))
        .unwrap();
    let (mut octets, mut packets) = (0, 0);
    while let Ok((length, _)) = victim.recv_from(&mut [0; 2048]) {
        octets += length;
        packets += 1;
        assert!(packets <= 12, "{packets} packets, {octets} octets");
    }
    assert!(
        packets > 0 && octets <= 12 * 64,
        "{packets} packets, {octets} octets"
    );
}

#[test]
fn forged_acknowledgements_and_storms_of_them_harm_no_transfer() {
    let daemon = Daemon::start(Site::Sample);
    let phone = udp(1);
    phone
        .send_to(&rrq(FILE, b"octet", &[]), daemon.ports.tftp)
        .unwrap();
    let mut file = Vec::new();
    let mut buffer = [0; 600];
    let strangers = [udp(1), udp(2), udp(3)];
    for number in 1_u16.. {
        let [high, low] = number.to_be_bytes();
        let mut again = 0;
        let (length, from) = loop {
            let (length, from) = phone.recv_from(&mut buffer).unwrap();
            let block = u16::from_be_bytes([buffer[2], buffer[3]]);
            assert_eq!(buffer[..2], [0, 3]);
            if block == number {
                break (length, from);
            }
            // A server that waited long says a block again, as often as it has
            // tries; one that answers old acknowledgements does for each.
            assert_eq!(block + 1, number, "in turn");
            again += 1;
            assert!(again < 5, "block {block} came {again} times more");
        };
        file.extend_from_slice(&buffer[4..length]);
        if number == 2 {
            for stranger in &strangers {
                // The same address with another port, and other addresses.
                stranger.send_to(&[0, 4, high, low], from).unwrap();
                stranger.recv_from(&mut buffer).unwrap();
                assert_eq!(buffer[..4], [0, 5, 0, 5], "Unknown transfer ID");
                // An ERROR of a stranger ends nothing, and is not answered.
                stranger.send_to(b"\0\x05\0\0die\0", from).unwrap();
            }
        }
        // A storm of what is old and what is to come, then the right one.
        for wrong in (0..200).map(|n| number.wrapping_add(n).wrapping_sub(100)) {
            if wrong != number {
                let [high, low] = wrong.to_be_bytes();
                phone.send_to(&[0, 4, high, low], from).unwrap();
            }
        }
        for _ in 0..20 {
            phone.send_to(&[0, 4, high, low], from).unwrap();
        }
        if length < 516 {
            break;
        }
    }
    let whole = crate::support::tools::curl(&[&format!(
        "http://{}/{}",
        daemon.ports.config_http,
        String::from_utf8_lossy(FILE)
    )]);
    assert!(file == whole.as_bytes(), "other octets");
}

fn register_over_sip(device: &str, number: u32) -> String {
    let address = attacker(number);
    let body = "x".repeat(200);
    format!(
        "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP {address}:5060;branch=z9hG4bK{number}\r\n\
         From: <sip:6666@127.0.0.1>;tag={number}\r\nTo: <sip:6666@127.0.0.1>\r\n\
         Call-ID: {number}-flood@{address}\r\nMax-Forwards: 70\r\nCSeq: 101 REGISTER\r\n\
         User-Agent: Cisco-CP8841/12.5.1\r\n\
         Contact: <sip:6666@{address}:5060;transport=tcp>;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-666666{number:06}>\";\
         +u.sip!devicename.ccm.cisco.com=\"{device}\";+u.sip!model.ccm.cisco.com=\"683\"\r\n\
         Expires: 3600\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_sip_registrations_starves_no_phone() {
    let house = House::open("").await;
    house
        .stands(|daemon, round| {
            for number in 0..150 {
                let number = round * 150 + number;
                let Some(mut stream) = tcp(number, daemon.ports.sip) else {
                    continue;
                };
                for _ in 0..10 {
                    // Unknown phones, and the meeting room's name from elsewhere.
                    for device in [&*format!("SEP6666{number:08}"), "SEP001122334477"] {
                        let message = register_over_sip(device, number);
                        let _ = stream.write_all(message.as_bytes());
                    }
                }
                let _ = stream.write_all(b"REGISTER sip:half");
            }
        })
        .await;
}

fn skinny_register(name: &str) -> BytesMut {
    let register = Register::shortest(name, DeviceType::CISCO_7961, Ipv4Addr::LOCALHOST);
    let message = PhoneMessage::Register(Box::new(register));
    let mut bytes = BytesMut::new();
    FrameCodec
        .encode(encode_phone(&message, Dialect::BASIC), &mut bytes)
        .unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_skinny_registrations_starves_no_phone() {
    let house = House::open("").await;
    house
        .stands(|daemon, round| {
            let held: Vec<_> = (0..200)
                .filter_map(|number| {
                    let number = round * 200 + number;
                    let mut stream = tcp(number, daemon.ports.sccp)?;
                    let _ = stream.write_all(&skinny_register(&format!("SEP6666{number:08}")));
                    Some(stream)
                })
                .collect();
            drop(held);
        })
        .await;
}

/// Clones of the lobby's name fight over it; the others are not concerned, and
/// once the clones are gone the name is the phone's again.
#[tokio::test(flavor = "multi_thread")]
async fn clones_of_one_name_harm_no_other() {
    let house = House::open("").await;
    let clones: Vec<_> = (0..200)
        .filter_map(|number| {
            let mut stream = tcp(number % 4, house.daemon.ports.sccp)?;
            let _ = stream.write_all(&skinny_register("SEP001122334499"));
            let _ = stream.write_all(&skinny_register("SEP001122334455"));
            Some(stream)
        })
        .collect();
    drop(clones);
    house.stands(|_, _| thread::yield_now()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_or_one_octet_at_a_time_starve_no_phone() {
    let house = House::open("").await;
    let ports = house.daemon.ports.clone();
    let every = [
        ports.sccp,
        ports.sip,
        ports.config_http,
        ports.services_http,
    ];
    // Held open until the end; half of them will speak slowly.
    let mut held: Vec<TcpStream> = (0..1200)
        .filter_map(|number| tcp(number, every[number as usize % every.len()]))
        .collect();
    assert!(held.len() > 1000, "{} connections", held.len());
    for stream in held.iter().step_by(3) {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let slow = [
        &b"\x28\0\0\0\0\0\0\0\x01\0\0\0SEP"[..],
        b"REGISTER ",
        b"GET /SEP",
        b"POST /em",
    ];
    let held = std::sync::Mutex::new(&mut held);
    house
        .stands(|_, round| {
            let mut held = held.lock().unwrap();
            for (number, stream) in held.iter_mut().enumerate() {
                let words = slow[number % slow.len()];
                if let Some(octet) = words.get(round as usize) {
                    let _ = stream.write_all(&[*octet]);
                }
            }
            // So that it goes on for a while, not as a proof.
            thread::sleep(Duration::from_millis(100));
        })
        .await;
}

/// More connections from one address than there are places for one address:
/// others are served, and so is this one when they are gone.
#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_places_of_an_address_are_its_own_trouble() {
    let house = House::open("").await;
    let port = house.daemon.ports.config_http;
    let held: Vec<_> = (0..4_300).filter_map(|_| tcp(1, port)).collect();
    assert!(held.len() > 4_096, "{} connections", held.len());
    let mut one_more = tcp(1, port).expect("a connection that is closed at once");
    let _ = one_more.write_all(b"GET /XMLDefault.cnf.xml HTTP/1.0\r\n\r\n");
    let mut answer = Vec::new();
    let _ = one_more.read_to_end(&mut answer);
    assert!(answer.is_empty(), "{}", answer.escape_ascii());
    house.life_goes_on().await;
    drop(held);
    until("the address is served again", || {
        let Some(mut stream) = tcp(1, port) else {
            return false;
        };
        let _ = stream.write_all(b"GET /XMLDefault.cnf.xml HTTP/1.0\r\n\r\n");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer.starts_with(b"HTTP/1.")
    })
    .await;
    house.nothing_is_left(GROWTH_OF_ALL_PLACES).await;
}

/// What scanners send to every port, and what belongs to another port.
#[tokio::test(flavor = "multi_thread")]
async fn scanners_find_nothing_that_breaks() {
    let house = House::open("").await;
    house
        .stands(|daemon, round| {
            let ports = &daemon.ports;
            let long = vec![b'A'; 100_000];
            let probes: [&[u8]; 10] = [
                b"",
                b"\r\n\r\n",
                b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                b"GET / HTTP/1.0\r\n\r\n",
                b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\nFrom: <sip:nm@nm>;tag=root\r\nTo: <sip:nm2@nm2>\r\nCall-ID: 50000\r\nCSeq: 42 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                b"\x04\0\0\0\0\0\0\0\xff\xff\xff\xff",
                b"POST /emservice/EMServiceServlet HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
                b"GET /%00%ff/../../ HTTP/1.1\r\nHost:\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
                &long,
            ];
            for port in [ports.sccp, ports.sip, ports.config_http, ports.services_http, ports.admin_http] {
                for (number, probe) in probes.iter().enumerate() {
                    let Some(mut stream) = tcp(round * 100 + number as u32, port) else {
                        continue;
                    };
                    let _ = stream.write_all(probe);
                    let _ = stream.shutdown(std::net::Shutdown::Write);
                    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
                    let _ = stream.read(&mut [0; 4096]);
                }
            }
        })
        .await;
}
