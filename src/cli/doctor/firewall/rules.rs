//! Chains of rules, and the way of one packet through them.

use std::collections::HashMap;

use super::packet::{Packet, Test, all_fit};

/// Chains inside chains that are followed.
const DEEPEST: usize = 16;

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
    /// Turns it to another place, where other rules judge it.
    Redirect,
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

impl Ruleset {
    fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.chains.values().flat_map(|chain| &chain.rules)
    }
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
        /// The chain where it began.
        begun: String,
    },
    /// It depends.
    Perhaps {
        /// On this rule.
        by: String,
    },
}

/// Every chain at which packets begin has to let it in.
pub(super) fn fate(seen: &[Ruleset], packet: Packet) -> Fate {
    let rules = || seen.iter().flat_map(Ruleset::rules);
    let packet = if rules().any(|rule| rule.verdict == Verdict::Redirect) {
        packet.perhaps_turned()
    } else {
        packet
    };
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

#[derive(Clone, Debug, PartialEq, Eq)]
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
        (End::Dropped(by), _) => Fate::Dropped {
            by,
            begun: name.to_owned(),
        },
    }
}

fn follow(ruleset: &Ruleset, name: &str, packet: Packet, maybe: &mut Maybe, depth: usize) -> End {
    let Some(chain) = ruleset.chains.get(name).filter(|_| depth < DEEPEST) else {
        return End::Open;
    };
    // The rule by which the packet has perhaps left this chain already: what
    // comes after it is met only perhaps, until the chain ends.
    let mut left: Option<String> = None;
    for rule in &chain.rules {
        let fits = all_fit(&rule.tests, packet);
        let by = || format!("\"{}\"", rule.text);
        let end = match (fits, &rule.verdict) {
            (Some(false), _) | (_, Verdict::Nothing | Verdict::Redirect) => continue,
            (_, Verdict::Unknown) => {
                maybe.note(&End::Accepted, by());
                maybe.note(&End::Dropped(by()), by());
                continue;
            }
            (None, Verdict::Return) => {
                left.get_or_insert_with(by);
                continue;
            }
            (Some(true), Verdict::Return) => return End::Open,
            (_, Verdict::Accept) => End::Accepted,
            (_, Verdict::Drop) => End::Dropped(by()),
            (_, Verdict::Jump(next) | Verdict::Goto(next)) => {
                let end = follow(ruleset, next, packet, maybe, depth + 1);
                let leaves = matches!(rule.verdict, Verdict::Goto(_));
                match (end, fits) {
                    (End::Open, Some(true)) if leaves => return End::Open,
                    (End::Open, None) if leaves => {
                        left.get_or_insert_with(by);
                        continue;
                    }
                    (End::Open, _) => continue,
                    (decided, _) => decided,
                }
            }
        };
        match (fits, &left) {
            (None, _) => maybe.note(&end, by()),
            (Some(_), None) => return end,
            (Some(_), Some(left)) => {
                maybe.note(&end, left.clone());
                return End::Open;
            }
        }
    }
    End::Open
}

impl Maybe {
    /// It perhaps ends like this, and that depends on a rule.
    fn note(&mut self, end: &End, by: String) {
        match end {
            End::Accepted => self.accept.get_or_insert(by),
            End::Dropped(_) => self.drop.get_or_insert(by),
            End::Open => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::sockets::Transport;

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

    fn dropped(by: &str) -> Fate {
        Fate::Dropped {
            by: by.to_owned(),
            begun: "in".to_owned(),
        }
    }

    /// A chain beside the one where packets begin.
    fn and(mut all: Vec<Ruleset>, name: &str, rules: Vec<Rule>) -> Vec<Ruleset> {
        let chain = Chain {
            rules,
            policy: None,
        };
        if let Some(first) = all.first_mut() {
            first.chains.insert(name.to_owned(), chain);
        }
        all
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_else_the_policy() {
        let port = |port| Test::Port(vec![(port, port)]);
        let open = one(Policy::Drop, vec![rule(vec![port(2000)], Verdict::Accept)]);
        assert_eq!(fate(&open, sccp()), Fate::Accepted);
        let other = one(Policy::Drop, vec![rule(vec![port(2001)], Verdict::Accept)]);
        assert_eq!(fate(&other, sccp()), dropped("the policy of in"));
        let not = one(
            Policy::Accept,
            vec![rule(vec![Test::Not(Box::new(port(2001)))], Verdict::Drop)],
        );
        assert_eq!(fate(&not, sccp()), dropped("\"Drop\""));
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

    /// After a rule that perhaps leaves a chain, the rest of that chain is met
    /// perhaps, and what comes after the chain surely.
    #[test]
    fn what_perhaps_leaves_a_chain_makes_the_rest_of_it_perhaps() {
        let all = |verdict| rule(Vec::new(), verdict);
        let some = |verdict| rule(vec![Test::Other], verdict);
        let perhaps = |by: &str| Fate::Perhaps {
            by: format!("\"{by}\""),
        };
        let sub = |rules| vec![all(Verdict::Jump("sub".to_owned())), rules];
        let leave = || some(Verdict::Return);
        for (policy, rules, after, fate_of_it) in [
            // The chain of ufw, when it is not known which packets it is for.
            (
                Policy::Drop,
                Verdict::Drop,
                Verdict::Accept,
                perhaps("Return"),
            ),
            (
                Policy::Drop,
                Verdict::Drop,
                Verdict::Nothing,
                dropped("the policy of in"),
            ),
            (
                Policy::Accept,
                Verdict::Accept,
                Verdict::Drop,
                perhaps("Return"),
            ),
            (
                Policy::Accept,
                Verdict::Accept,
                Verdict::Nothing,
                Fate::Accepted,
            ),
        ] {
            let begun = one(policy, sub(all(after.clone())));
            let begun = and(begun, "sub", vec![leave(), all(rules.clone())]);
            assert_eq!(fate(&begun, sccp()), fate_of_it, "{rules:?} {after:?}");
        }
        // In the chain where packets begin, the policy comes then.
        let begun = one(Policy::Drop, vec![leave(), all(Verdict::Accept)]);
        assert_eq!(fate(&begun, sccp()), perhaps("Return"));
        // What goes elsewhere for good and comes to nothing leaves as well.
        let gone = some(Verdict::Goto("void".to_owned()));
        let begun = one(Policy::Accept, vec![gone, all(Verdict::Drop)]);
        let begun = and(begun, "void", Vec::new());
        assert_eq!(fate(&begun, sccp()), perhaps("Goto(\"void\")"));
        // What surely leaves is followed as ever.
        let begun = one(Policy::Accept, sub(all(Verdict::Nothing)));
        let begun = and(begun, "sub", vec![all(Verdict::Return), all(Verdict::Drop)]);
        assert_eq!(fate(&begun, sccp()), Fate::Accepted);
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

    /// Who turns port 69 to one above 1024 lets in what was turned.
    #[test]
    fn what_was_turned_here_is_let_in_only_where_something_turns_packets() {
        let turned = Test::State(vec!["DNAT".to_owned()]);
        let rules = one(Policy::Drop, vec![rule(vec![turned], Verdict::Accept)]);
        assert_eq!(fate(&rules, sccp()), dropped("the policy of in"));
        let turns = rule(Vec::new(), Verdict::Redirect);
        let rules = and(rules, "before", vec![turns]);
        let perhaps = "\"Accept\"".to_owned();
        assert_eq!(fate(&rules, sccp()), Fate::Perhaps { by: perhaps });
    }
}
