//! What `iptables-save` prints (iptables-save(8), iptables-extensions(8)).

use std::collections::HashMap;

use super::rules::{Chain, Policy, Rule, Ruleset, Test, Verdict};

/// Reads the tables that drop packets; none where there is no rule at all.
pub(super) fn read(text: &str) -> Vec<Ruleset> {
    let mut tables = Vec::new();
    let mut chains: HashMap<String, Chain> = HashMap::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('*') {
            chains.clear();
        } else if let Some(rest) = line.strip_prefix(':') {
            let mut words = rest.split_whitespace();
            if let (Some(name), Some(policy)) = (words.next(), words.next()) {
                // The other hooks are not for what comes to this host.
                let met = matches!(name, "INPUT" | "PREROUTING");
                let policy = match policy {
                    "ACCEPT" if met => Some(Policy::Accept),
                    "DROP" | "REJECT" if met => Some(Policy::Drop),
                    _ => None,
                };
                let rules = Vec::new();
                chains.insert(name.to_owned(), Chain { rules, policy });
            }
        } else if let Some(rest) = line.strip_prefix("-A ") {
            let words = split(rest);
            if let Some((name, options)) = words.split_first()
                && let Some(chain) = chains.get_mut(name)
            {
                chain.rules.push(read_rule(options));
            }
        } else if line == "COMMIT" && !chains.is_empty() {
            let chains = std::mem::take(&mut chains);
            tables.push(Ruleset { chains });
        }
    }
    tables
}

/// Words; what stands in quotes is one.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '"' => {
                quoted = !quoted;
                continue;
            }
            ' ' if !quoted => {
                words.push(String::new());
                continue;
            }
            '\\' if quoted => letters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn read_rule(options: &[String]) -> Rule {
    let mut tests = Vec::new();
    let mut verdict = Verdict::Nothing;
    let mut words = options.iter().map(String::as_str).peekable();
    let mut contrary = false;
    while let Some(word) = words.next() {
        if word == "!" {
            contrary = true;
            continue;
        }
        let mut values = Vec::new();
        while let Some(value) = words.next_if(|next| !next.starts_with('-') && *next != "!") {
            values.push(value);
        }
        let value = values.first().copied().unwrap_or_default();
        let list = || value.split(',').map(str::to_owned).collect();
        let test = match word {
            "-m" | "--match" | "--comment" | "--reject-with" | "--log-prefix" | "--log-level" => {
                None
            }
            "-p" | "--protocol" => Some(Test::Transport(vec![value.to_owned()])),
            "--dport" | "--dports" | "--destination-port" | "--destination-ports" => {
                Some(ports(value).map_or(Test::Other, Test::Port))
            }
            "--ctstate" | "--state" => Some(Test::State(list())),
            "-i" | "--in-interface" if value == "lo" => Some(Test::Loopback),
            "-j" | "--jump" => {
                verdict = target(value);
                None
            }
            "-g" | "--goto" => {
                verdict = Verdict::Goto(value.to_owned());
                None
            }
            _ => Some(Test::Other),
        };
        if let Some(test) = test {
            tests.push(if contrary {
                Test::Not(Box::new(test))
            } else {
                test
            });
        }
        contrary = false;
    }
    Rule {
        tests,
        verdict,
        text: options.join(" "),
    }
}

fn target(name: &str) -> Verdict {
    match name {
        "ACCEPT" => Verdict::Accept,
        "DROP" | "REJECT" => Verdict::Drop,
        "RETURN" => Verdict::Return,
        "LOG" | "NFLOG" | "ULOG" | "MARK" | "CONNMARK" | "TRACE" | "CT" | "NOTRACK" => {
            Verdict::Nothing
        }
        "QUEUE" | "NFQUEUE" | "TARPIT" | "TPROXY" => Verdict::Unknown,
        chain => Verdict::Jump(chain.to_owned()),
    }
}

/// `69`, `8000:8099`, or several of them.
fn ports(text: &str) -> Option<Vec<(u16, u16)>> {
    let one = |text: &str| match text.split_once(':') {
        Some((first, last)) => Some((first.parse().ok()?, last.parse().ok()?)),
        None => text.parse().ok().map(|port| (port, port)),
    };
    text.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const PRINTED: &str = include_str!("../../../../tests/data/firewall/iptables-save.txt");

    #[test]
    fn the_rules_are_those_that_were_set() {
        let tables = read(PRINTED);
        let [filter] = tables.as_slice() else {
            panic!("{tables:?}");
        };
        let input = &filter.chains["INPUT"];
        assert_eq!(input.policy, Some(Policy::Drop));
        assert_eq!(input.rules.len(), 5);
        assert_eq!(input.rules[0].tests, [Test::Loopback]);
        let ports = Test::Port(vec![(2000, 2000), (6970, 6970), (8000, 8099)]);
        assert_eq!(input.rules[3].tests[1], ports);
        assert_eq!(input.rules[4].verdict, Verdict::Jump("SIP".to_owned()));
        assert_eq!(filter.chains["SIP"].rules[1].verdict, Verdict::Drop);
        assert_eq!(filter.chains["FORWARD"].policy, None);
    }

    #[test]
    fn the_contrary_and_comments_are_read() {
        let text = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ! -p tcp -m comment --comment \
                    \"no \\\"-j ACCEPT\\\" here\" -j DROP\nCOMMIT\n";
        let rule = &read(text)[0].chains["INPUT"].rules[0];
        let not = Test::Not(Box::new(Test::Transport(vec!["tcp".to_owned()])));
        assert_eq!(rule.tests, [not]);
        assert_eq!(rule.verdict, Verdict::Drop);
        assert_eq!(read("# nothing\n"), []);
    }

    proptest! {
        #[test]
        fn any_lines_are_rules_or_none(lines in "([*:]|-A |COMMIT\n|\n|INPUT |DROP |-p |--dport |[a-z0-9:,!\" \\\\-]){0,60}") {
            let _ = read(&lines);
        }
    }
}
