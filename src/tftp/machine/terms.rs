//! What the server's side agrees to: the options of a request against what is
//! allowed (RFC 2347, 2348, 2349).

use std::time::Duration;

use crate::tftp::wire::{
    DEFAULT_BLOCK_SIZE, MAX_BLOCK_SIZE, MIN_BLOCK_SIZE, OptionKind, Options, TransferOption,
};

use super::Retry;

/// What a transfer may be like, by the operator's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Largest block size agreed to, in octets.
    pub max_block_size: u16,
    /// Repetition of unanswered packets.
    pub retry: Retry,
}

impl Default for Terms {
    /// Blocks up to 1428 octets: with all headers, also of a tunnel or IPv6,
    /// they fit an Ethernet frame.
    fn default() -> Self {
        Self {
            max_block_size: 1428,
            retry: Retry::default(),
        }
    }
}

/// The outcome of the negotiation.
pub(super) struct Agreed {
    /// Octets of each full block.
    pub(super) block_size: u16,
    /// The interval that the client wishes between repetitions.
    pub(super) timeout: Option<Duration>,
    /// What to acknowledge; empty means no OACK.
    pub(super) acknowledged: Options,
}

/// Takes from `asked` what is acceptable; the rest is left out of the OACK, as
/// RFC 2347 wants it. `size` is the length of the file as it will be sent, where
/// it is known.
pub(super) fn negotiate(asked: &Options, terms: &Terms, size: Option<usize>) -> Agreed {
    let mut agreed = Agreed {
        block_size: DEFAULT_BLOCK_SIZE,
        timeout: None,
        acknowledged: Options::default(),
    };
    for kind in [
        OptionKind::BlockSize,
        OptionKind::Timeout,
        OptionKind::TransferSize,
    ] {
        let Some(option) = asked.get(kind) else {
            continue;
        };
        let accepted = match kind {
            OptionKind::BlockSize => block_size(option, terms).map(|octets| {
                agreed.block_size = octets;
                u64::from(octets)
            }),
            OptionKind::Timeout => option
                .as_number()
                .filter(|seconds| (1..=255).contains(seconds))
                .inspect(|seconds| agreed.timeout = Some(Duration::from_secs(*seconds))),
            OptionKind::TransferSize => size.and_then(|octets| u64::try_from(octets).ok()),
        };
        if let Some(value) = accepted {
            // The name goes back as the client spelled it: whoever compares
            // with case then finds it too.
            agreed.acknowledged.push(TransferOption {
                name: option.name.clone(),
                value: value.to_string().into_bytes(),
            });
        }
    }
    agreed
}

/// A server may lower the block size, never raise it (RFC 2348): what is too
/// large is cut to our limit, what is too small cannot be had.
fn block_size(option: &TransferOption, terms: &Terms) -> Option<u16> {
    let limit = terms.max_block_size.clamp(MIN_BLOCK_SIZE, MAX_BLOCK_SIZE);
    let asked = option.as_number()?;
    let octets = u16::try_from(asked).unwrap_or(u16::MAX).min(limit);
    (octets >= MIN_BLOCK_SIZE).then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Options {
        pairs
            .iter()
            .map(|(name, value)| TransferOption {
                name: name.as_bytes().to_vec(),
                value: value.as_bytes().to_vec(),
            })
            .collect()
    }

    fn answer(pairs: &[(&str, &str)]) -> (u16, Vec<(String, String)>) {
        let agreed = negotiate(&asked(pairs), &Terms::default(), Some(70_000));
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let acknowledged = agreed.acknowledged.iter();
        (
            agreed.block_size,
            acknowledged
                .map(|option| (text(&option.name), text(&option.value)))
                .collect(),
        )
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn nothing_asked_nothing_acknowledged() {
        assert_eq!(answer(&[]), (512, vec![]));
    }

    #[test]
    fn block_sizes_are_lowered_but_never_raised() {
        for (asked, size) in [("8", 8), ("512", 512), ("1428", 1428), ("1429", 1428)] {
            let acknowledged = vec![pair("blksize", &size.to_string())];
            assert_eq!(answer(&[("blksize", asked)]), (size, acknowledged));
        }
        for asked in ["65464", "65535", "65536", "70000", "99999999999"] {
            let acknowledged = vec![pair("blksize", "1428")];
            assert_eq!(answer(&[("blksize", asked)]), (1428, acknowledged));
        }
        for asked in ["0", "7", "", "-8", "big"] {
            assert_eq!(answer(&[("blksize", asked)]), (512, vec![]), "{asked:?}");
        }
    }

    #[test]
    fn timeouts_of_1_to_255_seconds_are_kept() {
        for good in ["1", "255"] {
            let acknowledged = vec![pair("timeout", good)];
            assert_eq!(answer(&[("timeout", good)]).1, acknowledged);
        }
        for bad in ["0", "256", "1.5", "-1"] {
            assert_eq!(answer(&[("timeout", bad)]).1, vec![], "{bad}");
        }
    }

    #[test]
    fn the_size_is_told_when_asked_with_the_clients_spelling() {
        assert_eq!(answer(&[("TSize", "0")]).1, vec![pair("TSize", "70000")]);
        assert_eq!(answer(&[("tsize", "")]).1, vec![pair("tsize", "70000")]);
    }

    #[test]
    fn a_size_that_is_not_known_is_left_out() {
        let both = asked(&[("blksize", "1024"), ("tsize", "0")]);
        let agreed = negotiate(&both, &Terms::default(), None);
        assert_eq!(agreed.acknowledged, asked(&[("blksize", "1024")]));
    }

    #[test]
    fn unknown_options_are_passed_over() {
        let asked = [("windowsize", "16"), ("multicast", ""), ("tsize", "0")];
        assert_eq!(answer(&asked).1, vec![pair("tsize", "70000")]);
    }
}
