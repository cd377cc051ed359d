//! A phone and the machine on a link that loses, doubles, delays and reorders
//! datagrams. Whatever it does, the phone ends registered, every order reaches
//! it once and is concluded once, and nothing grows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::model::OrderKind;
use crate::sip::wire::Method;

/// One step of simulated time.
const TICK: Duration = Duration::from_millis(50);

/// What the link does, in thousandths.
#[derive(Clone, Copy, Debug)]
struct Weather {
    lost: u64,
    doubled: u64,
    /// The longest delay, in ticks.
    delay: u64,
}

/// Packets under way, by the tick at which they arrive.
#[derive(Default)]
struct Link {
    under_way: BTreeMap<u64, Vec<Vec<u8>>>,
}

/// A small generator: the same seed is the same storm.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides.max(1)
    }
}

impl Link {
    fn send(&mut self, packet: &[u8], at: u64, weather: Weather, dice: &mut Dice) {
        let copies = 1 + u64::from(dice.roll(1000) < weather.doubled);
        for _ in 0..copies {
            if dice.roll(1000) >= weather.lost {
                let arrives = at + 1 + dice.roll(weather.delay);
                self.under_way
                    .entry(arrives)
                    .or_default()
                    .push(packet.to_vec());
            }
        }
    }

    fn arrived(&mut self, at: u64) -> Vec<Vec<u8>> {
        self.under_way.remove(&at).unwrap_or_default()
    }
}

/// A user agent with nothing but its timers.
struct Agent {
    cseq: u32,
    /// The REGISTER that waits for its answer: bytes, next repetition, pause.
    asking: Option<(String, u64, u64)>,
    refresh_at: u64,
    granted: u32,
    /// Our requests that it has answered, by branch, with the answer.
    answered: BTreeMap<String, Vec<u8>>,
    /// Call-IDs of the orders that it took.
    orders: BTreeSet<String>,
    /// How often the same order was taken for a new one.
    taken_twice: u32,
}

impl Agent {
    fn ask(&mut self, at: u64) -> String {
        self.cseq += 1;
        let text = if self.granted == 0 {
            first(stamp(1)).replace("CSeq: 113", &format!("CSeq: {}", self.cseq))
        } else {
            refresh(&first(stamp(1)), self.cseq)
        };
        let branch = format!("branch=z9hG4bK{}x", self.cseq);
        let text = text.replacen("branch=z9hG4bK", &branch, 1);
        self.asking = Some((text.clone(), at + 10, 10));
        text
    }

    /// What it sends at this tick of its own accord.
    fn on_time(&mut self, at: u64) -> Option<String> {
        match &mut self.asking {
            Some((text, due, pause)) if *due <= at => {
                *pause = (*pause * 2).min(80);
                *due = at + *pause;
                Some(text.clone())
            }
            None if self.refresh_at <= at => Some(self.ask(at)),
            Some(_) | None => None,
        }
    }

    /// What it answers.
    fn hear(&mut self, packet: &[u8], at: u64) -> Option<Vec<u8>> {
        let message = crate::sip::wire::parse_datagram(packet).unwrap().unwrap();
        let headers = &message.headers;
        if let Some(status) = message.status() {
            let cseq = headers.cseq().unwrap().number;
            if cseq == self.cseq && self.asking.take().is_some() {
                assert_eq!(status, StatusCode::OK);
                self.granted = headers.expires().unwrap();
                self.refresh_at = at + u64::from(self.granted - 5) * 20;
            }
            return None;
        }
        let branch = headers.top_via().unwrap().branch().unwrap().to_owned();
        if let Some(answer) = self.answered.get(&branch) {
            return Some(answer.clone());
        }
        if message.method() == Some(&Method::Notify)
            && !self.orders.insert(headers.call_id().unwrap().to_owned())
        {
            self.taken_twice += 1;
        }
        let answer = Message::response(headers, StatusCode::OK, "agent").to_bytes();
        self.answered.insert(branch, answer.to_vec());
        Some(answer.to_vec())
    }
}

/// What the house decides.
fn decide(desk: &mut Desk, register: &Register) -> Vec<Output> {
    if let Some(output) = desk.registrar.repeated(register, PEER, desk.now) {
        return vec![output];
    }
    let file = register.file_of(&device());
    match desk.registrar.standing(register, &device(), file) {
        Standing::Refresh => desk.registrar.refreshed(register, desk.now, desk.wall),
        Standing::New => {
            let welcome = Welcome {
                device: device(),
                file,
                lines: vec![1, 2],
                signed_in: None,
            };
            desk.registrar
                .admitted(register, &welcome, desk.now, desk.wall)
        }
        Standing::OutOfOrder => desk
            .registrar
            .refused(register, Refusal::OutOfOrder, desk.wall),
        Standing::OtherPhone => panic!("there is one phone"),
    }
}

/// What came of a storm.
#[derive(Debug, Default)]
struct Record {
    registrations: u32,
    expired: u32,
    ordered: u32,
    accepted: u32,
    refused: u32,
    largest: usize,
}

fn storm(weather: Weather, seed: u64, orders: &[u64]) -> (Record, Agent, Desk) {
    const END: u64 = 20 * 400;
    let mut desk = Desk::over_udp();
    let mut agent = Agent {
        cseq: 100,
        asking: None,
        refresh_at: 0,
        granted: 0,
        answered: BTreeMap::new(),
        orders: BTreeSet::new(),
        taken_twice: 0,
    };
    let (mut up, mut down, mut dice) = (Link::default(), Link::default(), Dice(seed));
    let mut record = Record::default();
    for at in 0..END {
        desk.now += TICK;
        // The last minute is fine weather.
        let weather = if at > END - 20 * 60 {
            Weather {
                lost: 0,
                doubled: 0,
                delay: 1,
            }
        } else {
            weather
        };
        if let Some(packet) = agent.on_time(at) {
            up.send(packet.as_bytes(), at, weather, &mut dice);
        }
        let mut outputs = Vec::new();
        for packet in up.arrived(at) {
            for output in desk.say(packet) {
                match output {
                    Output::Register(register) => outputs.extend(decide(&mut desk, &register)),
                    other => outputs.push(other),
                }
            }
        }
        if orders.contains(&at) && desk.registrar.device().is_some() {
            record.ordered += 1;
            outputs.extend(
                desk.registrar
                    .order(OrderKind::Restart, desk.now, desk.wall),
            );
        }
        outputs.extend(desk.registrar.on_time(desk.now));
        for output in outputs {
            match output {
                Output::Send(message) => down.send(&message.to_bytes(), at, weather, &mut dice),
                Output::Again(packet, _) => down.send(&packet, at, weather, &mut dice),
                Output::Registered => record.registrations += 1,
                Output::OrderAccepted => record.accepted += 1,
                Output::OrderRefused(_) => record.refused += 1,
                Output::Unregistered(_) => record.expired += 1,
                Output::Close(_) => {}
                other => panic!("{other:?}"),
            }
        }
        for packet in down.arrived(at) {
            if let Some(answer) = agent.hear(&packet, at) {
                up.send(&answer, at, weather, &mut dice);
            }
        }
        record.largest = record.largest.max(desk.registrar.size());
    }
    (record, agent, desk)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_phone_ends_registered_and_every_order_arrives_once(
        lost in 0..400_u64,
        doubled in 0..400_u64,
        delay in 1..30_u64,
        seed in any::<u64>(),
        orders in prop::collection::btree_set(100..6000_u64, 0..6),
    ) {
        let orders: Vec<u64> = orders.into_iter().collect();
        let weather = Weather { lost, doubled, delay };
        let (record, agent, desk) = storm(weather, seed, &orders);
        prop_assert_eq!(desk.registrar.device(), Some(&device()));
        prop_assert!(agent.granted >= 65);
        prop_assert_eq!(record.accepted + record.refused, record.ordered, "{:?}", record);
        let seen = u32::try_from(agent.orders.len()).unwrap();
        prop_assert!(seen <= record.ordered && seen >= record.accepted, "{:?}", record);
        prop_assert_eq!(agent.taken_twice, 0);
        prop_assert!(record.largest < 12 * 1024, "{:?}", record);
        // A REGISTER that came twice is one. When all of a refresh is lost for
        // twenty seconds there is another.
        prop_assert_eq!(record.registrations, 1 + record.expired, "{:?}", record);
        prop_assert!(record.expired <= 2 && (lost > 150 || record.expired == 0), "{:?}", record);
    }
}

#[test]
fn in_fine_weather_nothing_is_sent_twice() {
    let fine = Weather {
        lost: 0,
        doubled: 0,
        delay: 1,
    };
    let (record, agent, _) = storm(fine, 1, &[1000, 2000]);
    assert_eq!((record.ordered, record.accepted), (2, 2));
    assert_eq!((record.registrations, record.expired), (1, 0));
    assert_eq!(agent.orders.len(), 2);
}
