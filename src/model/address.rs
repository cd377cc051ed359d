//! What a phone is told as our address.

use std::net::IpAddr;

/// The address that a phone at `peer` is told, which reached us at `local`:
/// the advertised one, unless that is loopback and the phone is not on this
/// host; else the one it reached.
pub fn address_for(advertised: Option<IpAddr>, peer: IpAddr, local: IpAddr) -> IpAddr {
    advertised
        .filter(|told| !told.is_loopback() || peer.is_loopback())
        .unwrap_or(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_only_to_a_phone_that_came_from_loopback() {
        let [here, told, phone] =
            [[127, 0, 0, 1], [192, 0, 2, 1], [192, 0, 2, 7]].map(IpAddr::from);
        assert_eq!(address_for(Some(told), phone, here), told);
        assert_eq!(address_for(Some(here), phone, told), told);
        assert_eq!(address_for(Some(here), here, told), here);
        assert_eq!(address_for(None, phone, told), told);
    }
}
