//! On the way to the files: a busy server, no HTTP at all, lost datagrams, and
//! firmware of more blocks than there are numbers.

use std::io::Write as _;
use std::net::SocketAddr;

use embody::handset::{FileOutcome, Handset, Pace};
use ring::digest::{Context, SHA256};

use super::{Desk, Over, desks, expected, jar, on_the_wire, site};
use crate::support::Daemon;
use crate::support::phones::{first_key, registered};
use crate::support::relay::{Relay, Trouble};

fn desk(model: &str, load: &str) -> Desk {
    let mut desks = desks().into_iter();
    let found = desks.find(|desk| desk.model == model && desk.load.starts_with(load));
    found.unwrap()
}

/// As an 8861 was seen to boot while its server was searching.
#[tokio::test(flavor = "multi_thread")]
async fn what_http_is_too_busy_for_comes_over_tftp_file_by_file() {
    let desk = desk("8861", "sip88xx");
    let daemon = Daemon::start(site(std::slice::from_ref(&desk)));
    let trust = format!("CTL{}.tlv", desk.name());
    let own = format!("{}.cnf.xml", desk.name());
    let trouble = Trouble {
        busy: vec![trust.clone(), own.clone()],
        lost: None,
    };
    let relay = Relay::start(&daemon, trouble).await;
    let phone = Handset::spawn(desk.profile(), desk.servers(&relay), Pace::default());
    registered(&phone, 1).await;
    let mut wire = desk.wire();
    let at = |wire: &[String], what: &str| wire.iter().position(|asked| asked == what).unwrap();
    let first = at(&wire, &format!("http {trust} 404"));
    assert_eq!(first, 0, "the first file of all");
    wire[first] = format!("http {trust} 503");
    let file = at(&wire, &format!("http {own} 200"));
    wire[file] = format!("http {own} 503");
    wire.insert(file + 1, format!("tftp {own} found"));
    assert_eq!(relay.asked(), wire);
    first_key(&phone, "Desk").await;
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
}

/// As a 7821 was seen to boot from a server that has TFTP alone.
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_answers_at_6970_all_files_come_over_tftp() {
    let desk = desk("7821", "sip78xx");
    let daemon = Daemon::start(site(std::slice::from_ref(&desk)));
    let relay = Relay::start(&daemon, Trouble::default()).await;
    let mut servers = desk.servers(&relay);
    servers.config_http = Some(SocketAddr::from(([127, 0, 0, 1], 9)));
    let phone = Handset::spawn(desk.profile(), servers, Pace::default());
    registered(&phone, 1).await;
    let (_, order) = expected(desk.model, desk.load);
    let jar = jar(desk.model, desk.load);
    let wire = on_the_wire(Over::Tftp, &order, desk.mac(), &jar);
    assert_eq!(relay.asked(), wire);
    assert!(phone.faults().is_empty(), "{:?}", phone.faults());
    phone.power_off().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_datagrams_only_make_the_boot_longer() {
    let desks = [desk("7961", "SIP41.9"), desk("7960", "P0S3-8")];
    let daemon = Daemon::start(site(&desks));
    let mut boots = tokio::task::JoinSet::new();
    for desk in desks {
        let trouble = Trouble {
            busy: Vec::new(),
            lost: Some(5),
        };
        let relay = Relay::start(&daemon, trouble).await;
        boots.spawn(async move {
            let phone = Handset::spawn(desk.profile(), desk.servers(&relay), Pace::default());
            registered(&phone, 1).await;
            assert_eq!(relay.asked(), desk.wire(), "{}", desk.load);
            assert!(relay.dropped() >= 4, "{} were lost", relay.dropped());
            let repeated = phone.traffic().tftp_repeated;
            assert!(repeated > 0, "and asked for again");
            assert!(phone.faults().is_empty(), "{:?}", phone.faults());
            first_key(&phone, "Desk").await;
            phone.power_off().await;
        });
    }
    while let Some(booted) = boots.join_next().await {
        booted.unwrap();
    }
}

/// Firmware with these sizes, and a phone that fetches it block by block.
async fn fetched(sizes: &[(&str, usize)]) {
    const PIECE: usize = 1 << 16;
    let folder = tempfile::tempdir().unwrap();
    let mut digests = Vec::new();
    for (name, size) in sizes {
        let mut file = std::fs::File::create(folder.path().join(name)).unwrap();
        let mut digest = Context::new(&SHA256);
        let mut number = 0_u32;
        let mut left = *size;
        while left > 0 {
            // No two pieces are alike, or blocks in the wrong place would do.
            number += 1;
            let mut piece: Vec<u8> = (0..PIECE / 4)
                .zip(number.wrapping_mul(2_654_435_761)..)
                .flat_map(|(_, word)| word.wrapping_mul(2_246_822_519).to_be_bytes())
                .collect();
            piece.truncate(left);
            left -= piece.len();
            digest.update(&piece);
            file.write_all(&piece).unwrap();
        }
        digests.push(digest.finish());
    }
    let desk = desk("7970", "SCCP70.9");
    let config = format!("[files]\nfolder = {:?}\n", folder.path().to_str().unwrap());
    let daemon = Daemon::start_with(site(std::slice::from_ref(&desk)), &config, &[]);
    let relay = Relay::start(&daemon, Trouble::default()).await;
    let mut servers = desk.servers(&relay);
    servers.tftp = daemon.ports.tftp;
    let phone = Handset::spawn(desk.profile(), servers, Pace::default());
    registered(&phone, 1).await;
    for ((name, size), digest) in sizes.iter().zip(digests) {
        let before = phone.traffic().tftp_received;
        let came = phone.download(name).await.unwrap();
        assert_eq!(came.len(), *size, "{name}");
        let mut its = Context::new(&SHA256);
        its.update(&came);
        assert_eq!(its.finish().as_ref(), digest.as_ref(), "{name}");
        // The last block is never a full one.
        let blocks = u64::try_from(size / 512 + 1).unwrap();
        assert!(phone.traffic().tftp_received - before >= blocks, "{name}");
    }
    let missing = phone.download("SCCP70.9-9-9S.loads").await;
    assert_eq!(missing.unwrap_err().outcome, FileOutcome::NotFound);
    phone.power_off().await;
}

/// A phone without firmware asks for the list of its series, and then for what
/// that lists, as it is listed.
#[tokio::test(flavor = "multi_thread")]
async fn a_load_of_several_megabytes_comes_whole_in_the_order_of_its_list() {
    let parts = [
        ("jar70sccp.9-4-2ES26.sbn", 4 << 20),
        ("cnu70.9-4-2ES26.sbn", 512 * 1000),
        ("apps70.9-4-2ES26.sbn", 1),
    ];
    let folder = tempfile::tempdir().unwrap();
    // The header of a signed file, then lines as Cisco's lists have them.
    let mut list = vec![1, 0, 2, 1, 0, 2, 0, 2, 0, 12, 13, 13];
    for (number, (name, size)) in (1..).zip(parts) {
        let bytes: Vec<u8> = (0..size).map(|at| content(number, at)).collect();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        list.extend_from_slice(format!("{name}  \r\n").as_bytes());
    }
    std::fs::write(folder.path().join("term70.default.loads"), list).unwrap();
    let desk = desk("7970", "SCCP70.9");
    let config = format!("[files]\nfolder = {:?}\n", folder.path().to_str().unwrap());
    let daemon = Daemon::start_with(site(std::slice::from_ref(&desk)), &config, &[]);
    let relay = Relay::start(&daemon, Trouble::default()).await;
    let phone = Handset::spawn(desk.profile(), desk.servers(&relay), Pace::default());
    registered(&phone, 1).await;
    let before = relay.asked().len();
    let load = phone.download_load("term70.default").await.unwrap();
    for ((number, (name, size)), part) in (1..).zip(parts).zip(&load) {
        assert_eq!((part.name.as_str(), part.bytes.len()), (name, size));
        let whole = (0..).zip(&part.bytes);
        assert!(
            whole.clone().all(|(at, byte)| *byte == content(number, at)),
            "{name}"
        );
    }
    let mut order = vec!["tftp term70.default.loads found".to_owned()];
    order.extend(parts.map(|(name, _)| format!("tftp {name} found")));
    assert_eq!(relay.asked()[before..], order);
    phone.power_off().await;
}

/// Bytes of which no two blocks are alike.
fn content(part: usize, at: usize) -> u8 {
    let block = (at / 512 + 1) * 40_503 * part;
    (block >> (at % 3 * 5)).to_le_bytes()[0] ^ (at % 251).to_le_bytes()[0]
}

/// More than 65535 blocks of 512 bytes: after the last number comes 0.
#[tokio::test(flavor = "multi_thread")]
async fn firmware_of_more_blocks_than_there_are_numbers_comes_whole() {
    fetched(&[("rootfs88xx.sbn", 65_540 * 512 + 7)]).await;
}
