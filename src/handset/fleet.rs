//! Thousands of phones at once: who they are, and how they fare together.
//!
//! The phones of a fleet are numbered. Name, address and kind follow from the
//! number, so that whoever writes their configuration needs no list.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Mac;
use super::handle::Handset;
use super::profile::{Kind, Pace, Profile, Servers};

/// The largest number of a phone: three octets of loopback address.
const LAST: u32 = 0x003F_FFFF;

/// Phones that are plugged in between two looks at the other tasks.
const AT_ONCE: usize = 16;

/// A phone by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its number in the fleet, from 0.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
}

impl Member {
    /// Its hardware address, locally administered.
    pub fn mac(self) -> Mac {
        let [_, high, mid, low] = self.number.to_be_bytes();
        Mac([0x02, 0x00, 0x00, high, mid, low])
    }

    /// `SEP` and its hardware address.
    pub fn device_name(self) -> String {
        format!("SEP{}", self.mac())
    }

    /// An address of its own out of 127.64.0.0/10.
    pub fn address(self) -> IpAddr {
        let [_, high, mid, low] = self.number.min(LAST).to_be_bytes();
        Ipv4Addr::new(127, 64 + high, mid, low).into()
    }

    /// Another address, for a second phone with the same name.
    pub fn clone_address(self) -> IpAddr {
        let [_, high, mid, low] = self.number.min(LAST).to_be_bytes();
        Ipv4Addr::new(127, 128 + high, mid, low).into()
    }
}

/// Which phones, and how they come to life.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetPlan {
    /// How many.
    pub phones: u32,
    /// The kinds, in turn: phone 0 is of the first.
    pub kinds: Vec<Kind>,
    /// Whom they ask; each is bound to its own address.
    pub servers: Servers,
    /// How fast they live.
    pub pace: Pace,
    /// All are plugged in within this time, in no order.
    pub spread: Duration,
    /// So many of the first have a second phone with the same name elsewhere.
    pub clones: u32,
}

impl FleetPlan {
    /// The phones, by number.
    pub fn members(&self) -> impl Iterator<Item = Member> + '_ {
        (0..self.phones)
            .zip(self.kinds.iter().copied().cycle())
            .map(|(number, kind)| Member { number, kind })
    }

    /// When phone `number` is plugged in: the same in every run.
    fn delay(&self, number: u32) -> Duration {
        // Knuth's multiplicative hash: neighbours come far from each other.
        let share = f64::from(number.wrapping_mul(2_654_435_761)) / f64::from(u32::MAX);
        self.spread.mul_f64(share)
    }
}

/// Phones that live together.
#[derive(Debug)]
pub struct Fleet {
    phones: Arc<Mutex<Vec<Handset>>>,
    clones: Arc<Mutex<Vec<Handset>>>,
    plugging: JoinHandle<()>,
}

impl Fleet {
    /// Plugs them in, over the plan's spread. Must be called inside a tokio
    /// runtime.
    pub fn spawn(plan: FleetPlan) -> Self {
        let (phones, clones) = (Arc::default(), Arc::default());
        let plugging = tokio::spawn(plug_in(plan, Arc::clone(&phones), Arc::clone(&clones)));
        Self {
            phones,
            clones,
            plugging,
        }
    }

    /// The phones that are plugged in, in no order, without clones.
    pub fn phones(&self) -> Vec<Handset> {
        locked(&self.phones).clone()
    }

    /// How they fare now.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for phone in &*locked(&self.phones) {
            tally.add(phone);
        }
        tally.clones = locked(&self.clones).len();
        tally.clones_registered = locked(&self.clones)
            .iter()
            .filter(|phone| phone.is_registered())
            .count();
        tally
    }

    /// Every fault so far of phones that are no clones, most frequent first;
    /// `named` tells which phone had it first.
    pub fn faults(&self) -> Vec<(String, usize, String)> {
        let mut counted: HashMap<String, (usize, String)> = HashMap::new();
        for phone in &*locked(&self.phones) {
            for fault in phone.faults() {
                counted
                    .entry(fault.to_string())
                    .or_insert_with(|| (0, phone.device_name()))
                    .0 += 1;
            }
        }
        let mut faults: Vec<_> = counted
            .into_iter()
            .map(|(fault, (count, first))| (fault, count, first))
            .collect();
        faults.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        faults
    }

    /// Pulls every plug.
    pub async fn power_off(self) {
        self.plugging.abort();
        let all = [self.phones(), locked(&self.clones).clone()].concat();
        for phone in all {
            phone.power_off().await;
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.plugging.abort();
    }
}

fn locked(phones: &Mutex<Vec<Handset>>) -> MutexGuard<'_, Vec<Handset>> {
    phones.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn plug_in(
    plan: FleetPlan,
    phones: Arc<Mutex<Vec<Handset>>>,
    clones: Arc<Mutex<Vec<Handset>>>,
) {
    let mut order: Vec<(Duration, Member)> = plan
        .members()
        .map(|member| (plan.delay(member.number), member))
        .collect();
    order.sort_by_key(|(delay, member)| (*delay, member.number));
    let mut gone = Duration::ZERO;
    for some in order.chunks(AT_ONCE) {
        let Some((delay, _)) = some.first() else {
            continue;
        };
        tokio::time::sleep(delay.saturating_sub(gone)).await;
        gone = gone.max(*delay);
        for (_, member) in some {
            let handset = |bind| {
                let servers = Servers {
                    bind: Some(bind),
                    ..plan.servers
                };
                Handset::spawn(Profile::new(member.kind, member.mac()), servers, plan.pace)
            };
            locked(&phones).push(handset(member.address()));
            if member.number < plan.clones {
                locked(&clones).push(handset(member.clone_address()));
            }
        }
    }
}

/// How a fleet fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Phones that are plugged in.
    pub phones: usize,
    /// Of them in service.
    pub registered: usize,
    /// The least registrations that one of them had.
    pub least_registrations: u32,
    /// The most registrations that one of them had.
    pub most_registrations: u32,
    /// Orders to restart or reset that were taken.
    pub orders: u64,
    /// The most orders that one of them took.
    pub most_orders: u32,
    /// Faults.
    pub faults: usize,
    /// TFTP datagrams that had to be sent again.
    pub tftp_repeated: u64,
    /// TFTP datagrams sent.
    pub tftp_sent: u64,
    /// HTTP requests.
    pub http_requests: u64,
    /// Second phones with the name of another.
    pub clones: usize,
    /// Of them in service.
    pub clones_registered: usize,
}

impl Tally {
    fn add(&mut self, phone: &Handset) {
        let registrations = phone.registrations_count();
        let orders = phone.orders_received();
        let ordered = orders.restarts + orders.resets;
        let traffic = phone.traffic();
        self.least_registrations = match self.phones {
            0 => registrations,
            _ => self.least_registrations.min(registrations),
        };
        self.phones += 1;
        self.registered += usize::from(phone.is_registered());
        self.most_registrations = self.most_registrations.max(registrations);
        self.orders += u64::from(ordered);
        self.most_orders = self.most_orders.max(ordered);
        self.faults += phone.fault_count();
        self.tftp_repeated += traffic.tftp_repeated;
        self.tftp_sent += traffic.tftp_sent;
        self.http_requests += traffic.http_requests;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;
    use crate::handset::testing::nowhere;

    fn plan(phones: u32) -> FleetPlan {
        FleetPlan {
            phones,
            kinds: vec![Kind::Cisco7961, Kind::Cisco8841],
            servers: nowhere(),
            pace: Pace::default(),
            spread: Duration::from_secs(10),
            clones: 2,
        }
    }

    #[test]
    fn every_phone_has_a_name_and_an_address_of_its_own() {
        let plan = plan(70_000);
        let names: HashSet<_> = plan.members().map(Member::device_name).collect();
        let addresses: HashSet<_> = plan
            .members()
            .flat_map(|member| [member.address(), member.clone_address()])
            .collect();
        assert_eq!(names.len(), 70_000);
        assert_eq!(addresses.len(), 140_000);
        assert!(addresses.iter().all(IpAddr::is_loopback));
        let last = plan.members().last().unwrap();
        assert_eq!(last.device_name(), "SEP02000001116F");
        assert_eq!(last.kind, Kind::Cisco8841);
    }

    #[test]
    fn they_are_plugged_in_over_the_whole_spread() {
        let plan = plan(1000);
        let early = (0..1000)
            .filter(|number| plan.delay(*number) < Duration::from_secs(5))
            .count();
        assert!((450..550).contains(&early), "{early}");
        assert!((0..1000).all(|number| plan.delay(number) <= plan.spread));
    }

    #[tokio::test]
    async fn a_fleet_counts_its_phones_and_their_faults() {
        let mut plan = plan(20);
        plan.spread = Duration::ZERO;
        plan.pace.retransmit = Duration::from_millis(1);
        plan.pace.back_off = Duration::from_millis(1);
        let fleet = Fleet::spawn(plan);
        while fleet.tally().faults < 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let tally = fleet.tally();
        assert_eq!((tally.phones, tally.clones, tally.registered), (20, 2, 0));
        assert!(tally.tftp_repeated > 0);
        assert!(fleet.faults()[0].0.contains("no answer"));
        fleet.power_off().await;
    }
}
