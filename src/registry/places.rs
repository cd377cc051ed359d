//! How many connections there are, in all and by address: one bound for every
//! port that accepts connections.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// Bounds on connections at one time.
#[derive(Clone, Copy, Debug)]
pub struct PlaceLimits {
    /// In all.
    pub total: usize,
    /// From one address.
    pub per_address: usize,
}

impl Default for PlaceLimits {
    fn default() -> Self {
        Self {
            total: 32_768,
            per_address: 4_096,
        }
    }
}

/// The places of one port.
#[derive(Clone, Debug)]
pub struct Places {
    limits: PlaceLimits,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One taken place; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    places: Places,
    address: IpAddr,
}

impl Places {
    /// Places within these limits.
    pub fn new(limits: PlaceLimits) -> Self {
        Self {
            limits,
            taken: Arc::default(),
        }
    }

    /// Takes a place for a connection from `address`; `None` when all are taken.
    pub fn take(&self, address: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock().ok()?;
        let here = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.total >= self.limits.total || here >= self.limits.per_address {
            return None;
        }
        taken.total += 1;
        taken.by_address.insert(address, here + 1);
        Some(Place {
            places: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Ok(mut taken) = self.places.taken.lock() else {
            return;
        };
        taken.total = taken.total.saturating_sub(1);
        if let Some(here) = taken.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places_and_gets_them_back() {
        let places = Places::new(PlaceLimits {
            total: 3,
            per_address: 2,
        });
        let (one, two) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let first = places.take(one);
        let second = places.take(one);
        assert!(first.is_some() && second.is_some());
        assert!(places.take(one).is_none(), "two from one address");
        let third = places.take(two);
        assert!(third.is_some());
        assert!(places.take(two).is_none(), "three in all");
        drop(first);
        assert!(places.take(one).is_some());
    }
}
