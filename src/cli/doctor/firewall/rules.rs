//! Chains of rules, and the way of one packet through them.
//!
//! A rule fits, does not fit, or perhaps fits: what is asked about addresses,
//! rates or marks differs from phone to phone.

use std::collections::HashMap;

use crate::cli::doctor::sockets::Transport;

/// Chains inside chains that are followed.
const DEEPEST: usize = 16;

/// A packet that a phone sends to this host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet {
    transport: Transport,
    port: u16,
    /// Whether it belongs to what this host answered.
    established: bool,
}

impl Packet {
    /// The first of a conversation.
    pub(super) fn first(transport: Transport, port: u16) -> Self {
        Self {
            transport,
            port,
            established: false,
        }
    }

    /// What acknowledges a block, sent back to the port that it came from.
    pub(super) fn of_transfer(port: u16) -> Self {
        Self {
            transport: Transport::Udp,
            port,
            established: true,
        }
    }

    fn state(self) -> &'static str {
        if self.established {
            "established"
        } else {
            "new"
        }
    }
}

/// What a rule asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// What carries it; names as rules have them.
    Transport(Vec<String>),
    /// The port it is for, in any of these ranges.
    Port(Vec<(u16, u16)>),
    /// The state of its connection.
    State(Vec<String>),
    /// The interface is loopback: phones do not come that way.
    Loopback,
    /// Something else.
    Other,
    /// The contrary.
    Not(Box<Test>),
}

/// Yes, no, or (`None`) perhaps.
type Answer = Option<bool>;

impl Test {
    fn fits(&self, packet: Packet) -> Answer {
        match self {
            Self::Transport(names) => {
                let name = packet.transport.name();
                Some(names.iter().any(|known| known.eq_ignore_ascii_case(name)))
            }
            Self::Port(ranges) => {
                let within = |(first, last): &(u16, u16)| (*first..=*last).contains(&packet.port);
                Some(ranges.iter().any(within))
            }
            Self::State(states) => {
                let state = packet.state();
                Some(states.iter().any(|known| known.eq_ignore_ascii_case(state)))
            }
            Self::Loopback => Some(false),
            Self::Other => None,
            Self::Not(test) => test.fits(packet).map(|fits| !fits),
        }
    }
}

/// What a rule does with a packet that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Lets it in.
    Accept,
    /// Drops or rejects it.
    Drop,
    /// Goes through another chain, and back.
    Jump(String),
    /// Goes on in another chain.
    Goto(String),
    /// Leaves this chain.
    Return,
    /// Only looks at it.
    Nothing,
    /// Something that is not followed here.
    Unknown,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) tests: Vec<Test>,
    pub(super) verdict: Verdict,
    /// For people.
    pub(super) text: String,
}

/// A chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) rules: Vec<Rule>,
    /// What comes in begins here; what it does at the end.
    pub(super) policy: Option<Policy>,
}

/// The end of a chain where packets begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    Accept,
    Drop,
}

/// Chains by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ruleset {
    pub(super) chains: HashMap<String, Chain>,
}

/// What becomes of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It comes in.
    Accepted,
    /// It does not.
    Dropped {
        /// The rule, or the policy.
        by: String,
    },
    /// It depends.
    Perhaps {
        /// On this rule.
        by: String,
    },
}

/// Every chain at which packets begin has to let it in.
pub(super) fn fate(seen: &[Ruleset], packet: Packet) -> Fate {
    let mut perhaps = None;
    for ruleset in seen {
        let mut names: Vec<&String> = ruleset.chains.keys().collect();
        names.sort();
        for name in names {
            let Some(policy) = ruleset.chains.get(name).and_then(|chain| chain.policy) else {
                continue;
            };
            match begin(ruleset, name, policy, packet) {
                Fate::Accepted => {}
                dropped @ Fate::Dropped { .. } => return dropped,
                Fate::Perhaps { by } => perhaps = perhaps.or(Some(by)),
            }
        }
    }
    match perhaps {
        Some(by) => Fate::Perhaps { by },
        None => Fate::Accepted,
    }
}

/// What rules that perhaps fit would do.
#[derive(Default)]
struct Maybe {
    accept: Option<String>,
    drop: Option<String>,
}

enum End {
    Accepted,
    Dropped(String),
    /// No rule decided.
    Open,
}

fn begin(ruleset: &Ruleset, name: &str, policy: Policy, packet: Packet) -> Fate {
    let mut maybe = Maybe::default();
    let end = match follow(ruleset, name, packet, &mut maybe, 0) {
        End::Open if policy == Policy::Drop => End::Dropped(format!("the policy of {name}")),
        End::Open => End::Accepted,
        decided => decided,
    };
    match (end, maybe) {
        (End::Accepted | End::Open, Maybe { drop: Some(by), .. })
        | (
            End::Dropped(_),
            Maybe {
                accept: Some(by), ..
            },
        ) => Fate::Perhaps { by },
        (End::Accepted | End::Open, _) => Fate::Accepted,
        (End::Dropped(by), _) => Fate::Dropped { by },
    }
}

fn follow(ruleset: &Ruleset, name: &str, packet: Packet, maybe: &mut Maybe, depth: usize) -> End {
    let Some(chain) = ruleset.chains.get(name).filter(|_| depth < DEEPEST) else {
        return End::Open;
    };
    for rule in &chain.rules {
        let fits = all_fit(&rule.tests, packet);
        let by = || format!("\"{}\"", rule.text);
        match (fits, &rule.verdict) {
            (Some(false), _) | (_, Verdict::Nothing) | (None, Verdict::Return) => {}
            (Some(true), Verdict::Accept) => return End::Accepted,
            (Some(true), Verdict::Drop) => return End::Dropped(by()),
            (Some(true), Verdict::Return) => return End::Open,
            (None, Verdict::Accept) => maybe.note_accept(by()),
            (None, Verdict::Drop) => maybe.note_drop(by()),
            (_, Verdict::Unknown) => {
                maybe.note_accept(by());
                maybe.note_drop(by());
            }
            (fits, Verdict::Jump(next) | Verdict::Goto(next)) => {
                let end = follow(ruleset, next, packet, maybe, depth + 1);
                match (fits, end) {
                    (None, End::Accepted) => maybe.note_accept(by()),
                    (None, End::Dropped(_)) => maybe.note_drop(by()),
                    (_, End::Open) if matches!(rule.verdict, Verdict::Goto(_)) => {
                        if fits == Some(true) {
                            return End::Open;
                        }
                    }
                    (_, End::Open) => {}
                    (_, decided) => return decided,
                }
            }
        }
    }
    End::Open
}

fn all_fit(tests: &[Test], packet: Packet) -> Answer {
    let mut surely = true;
    for test in tests {
        match test.fits(packet) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => surely = false,
        }
    }
    surely.then_some(true)
}

impl Maybe {
    fn note_accept(&mut self, by: String) {
        self.accept.get_or_insert(by);
    }

    fn note_drop(&mut self, by: String) {
        self.drop.get_or_insert(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(tests: Vec<Test>, verdict: Verdict) -> Rule {
        let text = format!("{verdict:?}");
        Rule {
            tests,
            verdict,
            text,
        }
    }

    fn one(policy: Policy, rules: Vec<Rule>) -> Vec<Ruleset> {
        let chain = Chain {
            rules,
            policy: Some(policy),
        };
        // A chain that leads to itself is followed only so far.
        let ring = Chain {
            rules: vec![rule(Vec::new(), Verdict::Jump("ring".to_owned()))],
            policy: None,
        };
        let chains = [("in".to_owned(), chain), ("ring".to_owned(), ring)];
        vec![Ruleset {
            chains: chains.into(),
        }]
    }

    fn sccp() -> Packet {
        Packet::first(Transport::Tcp, 2000)
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_else_the_policy() {
        let port = |port| Test::Port(vec![(port, port)]);
        let open = one(Policy::Drop, vec![rule(vec![port(2000)], Verdict::Accept)]);
        assert_eq!(fate(&open, sccp()), Fate::Accepted);
        let other = one(Policy::Drop, vec![rule(vec![port(2001)], Verdict::Accept)]);
        let by = "the policy of in".to_owned();
        assert_eq!(fate(&other, sccp()), Fate::Dropped { by });
        let not = one(
            Policy::Accept,
            vec![rule(vec![Test::Not(Box::new(port(2001)))], Verdict::Drop)],
        );
        let by = "\"Drop\"".to_owned();
        assert_eq!(fate(&not, sccp()), Fate::Dropped { by });
        assert_eq!(
            fate(&[open, other].concat(), sccp()),
            fate(&one(Policy::Drop, vec![]), sccp())
        );
    }

    #[test]
    fn what_is_not_understood_is_perhaps() {
        let from = |verdict| rule(vec![Test::Other], verdict);
        let perhaps = |by: &str| Fate::Perhaps {
            by: format!("\"{by}\""),
        };
        let some = one(Policy::Drop, vec![from(Verdict::Accept)]);
        assert_eq!(fate(&some, sccp()), perhaps("Accept"));
        let blocked = one(Policy::Accept, vec![from(Verdict::Drop)]);
        assert_eq!(fate(&blocked, sccp()), perhaps("Drop"));
        // It makes no difference then.
        let both = one(Policy::Accept, vec![from(Verdict::Accept)]);
        assert_eq!(fate(&both, sccp()), Fate::Accepted);
        let odd = one(Policy::Accept, vec![rule(Vec::new(), Verdict::Unknown)]);
        assert_eq!(fate(&odd, sccp()), perhaps("Unknown"));
    }

    #[test]
    fn chains_are_followed_and_a_ring_of_them_ends() {
        let ring = rule(Vec::new(), Verdict::Jump("ring".to_owned()));
        let all = one(Policy::Drop, vec![ring, rule(Vec::new(), Verdict::Accept)]);
        assert_eq!(fate(&all, sccp()), Fate::Accepted);
        let left = rule(Vec::new(), Verdict::Goto("ring".to_owned()));
        let all = one(Policy::Drop, vec![left, rule(Vec::new(), Verdict::Accept)]);
        assert!(matches!(fate(&all, sccp()), Fate::Dropped { .. }));
    }

    #[test]
    fn loopback_and_known_connections_are_not_how_phones_come() {
        let states = Test::State(vec!["established".to_owned(), "RELATED".to_owned()]);
        let usual = one(
            Policy::Drop,
            vec![
                rule(vec![Test::Loopback], Verdict::Accept),
                rule(vec![states], Verdict::Accept),
            ],
        );
        assert!(matches!(fate(&usual, sccp()), Fate::Dropped { .. }));
        assert_eq!(fate(&usual, Packet::of_transfer(50_000)), Fate::Accepted);
    }
}
