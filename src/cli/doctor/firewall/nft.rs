//! What `nft -j list ruleset` prints (libnftables-json(5)).

use std::collections::HashMap;

use serde_json::Value;

use super::rules::{Chain, Policy, Rule, Ruleset, Test, Verdict};

/// The most characters of a rule that are told.
const TEXT: usize = 120;

/// The first and last port of some.
type Range = (u16, u16);

/// Where a set is: table and name.
type SetPlace = (String, String);

/// Sets of ports.
type Sets = HashMap<SetPlace, Vec<Range>>;

/// Reads the chains that IPv4 packets for this host meet. Tables that
/// `iptables` keeps are left out when it was asked itself, because it knows
/// more of them.
///
/// # Errors
/// What it is when it is no such list.
pub(super) fn read(text: &str, without_iptables: bool) -> Result<Ruleset, &'static str> {
    let list: Value = serde_json::from_str(text).map_err(|_| "what it prints is not JSON")?;
    let list = list["nftables"].as_array().ok_or("it prints no list")?;
    let sets: Sets = list.iter().filter_map(|one| set(&one["set"])).collect();
    let mut ruleset = Ruleset::default();
    for entry in list {
        let (chain, rule) = (&entry["chain"], &entry["rule"]);
        if let Some(table) = table(chain, without_iptables)
            && let Some(name) = chain["name"].as_str()
        {
            let known = ruleset.chains.entry(key(&table, name)).or_default();
            known.policy = begins_here(chain);
        } else if let Some(table) = table(rule, without_iptables)
            && let Some(name) = rule["chain"].as_str()
        {
            let known: &mut Chain = ruleset.chains.entry(key(&table, name)).or_default();
            known.rules.push(read_rule(rule, &table, &sets));
        }
    }
    Ok(ruleset)
}

fn key(table: &str, chain: &str) -> String {
    format!("{table} {chain}")
}

/// Family and name of the table that something is in, if phones meet it.
fn table(object: &Value, without_iptables: bool) -> Option<String> {
    const OF_IPTABLES: [&str; 5] = ["filter", "nat", "mangle", "raw", "security"];
    let (family, name) = (object["family"].as_str()?, object["table"].as_str()?);
    let kept = family == "ip" && OF_IPTABLES.contains(&name) && without_iptables;
    let met = matches!(family, "ip" | "inet") && !kept;
    met.then(|| format!("{family} {name}"))
}

/// The policy of a chain at which packets for this host begin.
fn begins_here(chain: &Value) -> Option<Policy> {
    let hook = chain["hook"].as_str()?;
    let kind = chain["type"].as_str()?;
    if kind != "filter" || !matches!(hook, "input" | "prerouting") {
        return None;
    }
    Some(if chain["policy"] == "drop" {
        Policy::Drop
    } else {
        Policy::Accept
    })
}

fn set(set: &Value) -> Option<(SetPlace, Vec<Range>)> {
    let table = table(set, false)?;
    let name = set["name"].as_str()?.to_owned();
    let elements = set["elem"].as_array()?;
    let ports = elements.iter().map(|element| {
        let counted = &element["elem"]["val"];
        range(if counted.is_null() { element } else { counted })
    });
    Some(((table, name), ports.collect::<Option<_>>()?))
}

/// A port, or the first and last of some.
fn range(value: &Value) -> Option<Range> {
    let port = |value: &Value| u16::try_from(value.as_u64()?).ok();
    match value["range"].as_array().map(Vec::as_slice) {
        Some([first, last]) => Some((port(first)?, port(last)?)),
        _ => port(value).map(|port| (port, port)),
    }
}

fn read_rule(rule: &Value, table: &str, sets: &Sets) -> Rule {
    let mut tests = Vec::new();
    let mut verdict = Verdict::Nothing;
    let statements = rule["expr"].as_array();
    for statement in statements.into_iter().flatten() {
        let Some((name, value)) = statement
            .as_object()
            .and_then(|object| object.iter().next())
        else {
            tests.push(Test::Other);
            continue;
        };
        let target = || key(table, value["target"].as_str().unwrap_or_default());
        match name.as_str() {
            "match" => tests.extend(read_match(value, table, sets)),
            "accept" => verdict = Verdict::Accept,
            "drop" | "reject" => verdict = Verdict::Drop,
            "jump" => verdict = Verdict::Jump(target()),
            "goto" => verdict = Verdict::Goto(target()),
            "return" => verdict = Verdict::Return,
            "counter" | "log" | "comment" | "mangle" | "notrack" => {}
            "vmap" | "queue" | "xt" => {
                // A match of iptables asks something, a target does something.
                if value["type"] == "match" {
                    tests.push(Test::Other);
                } else {
                    verdict = Verdict::Unknown;
                }
            }
            _ => tests.push(Test::Other),
        }
    }
    Rule {
        tests,
        verdict,
        text: in_words(rule),
    }
}

fn read_match(value: &Value, table: &str, sets: &Sets) -> Vec<Test> {
    let (left, right) = (&value["left"], &value["right"]);
    let contrary = match value["op"].as_str() {
        Some("==" | "in") => false,
        Some("!=") => true,
        _ => return vec![Test::Other],
    };
    let turned = |test: Test| {
        if contrary {
            Test::Not(Box::new(test))
        } else {
            test
        }
    };
    let payload = &left["payload"];
    if payload["field"] == "dport" {
        let ports = match right.as_str().and_then(|name| name.strip_prefix('@')) {
            Some(name) => sets.get(&(table.to_owned(), name.to_owned())).cloned(),
            None => list(right, range),
        };
        let Some(ports) = ports else {
            return vec![Test::Other];
        };
        // `tcp dport` asks for both.
        let carrier = payload["protocol"].as_str().filter(|name| *name != "th");
        let carrier = carrier.map(|name| Test::Transport(vec![name.to_owned()]));
        return carrier
            .into_iter()
            .chain([turned(Test::Port(ports))])
            .collect();
    }
    let words = || list(right, |value| value.as_str().map(str::to_owned));
    let test = match (left["meta"]["key"].as_str(), left["ct"]["key"].as_str()) {
        (Some("l4proto"), _) => words().map(Test::Transport),
        (Some("iif" | "iifname"), _) if right == "lo" => Some(Test::Loopback),
        (_, Some("state")) => words().map(Test::State),
        _ if left["payload"]["field"] == "protocol" => words().map(Test::Transport),
        _ => None,
    };
    vec![test.map_or(Test::Other, turned)]
}

/// One thing or a set of them; `None` when one of them is not understood.
fn list<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    let several = value.as_array().or_else(|| value["set"].as_array());
    match several {
        Some(several) => several.iter().map(read).collect(),
        None => read(value).map(|one| vec![one]),
    }
}

/// A rule much as it was written: the names and values in it, in their order.
fn in_words(rule: &Value) -> String {
    let mut words = Vec::new();
    for statement in rule["expr"].as_array().into_iter().flatten() {
        collect(statement, &mut words);
    }
    let text: String = words.join(" ");
    text.chars().take(TEXT).collect()
}

fn collect(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let (Some(left), Some(right)) = (object.get("left"), object.get("right")) {
                collect(left, words);
                if object.get("op").is_some_and(|op| op == "!=") {
                    words.push("!=".to_owned());
                }
                collect(right, words);
                return;
            }
            if let (Some(address), Some(length)) = (object.get("addr"), object.get("len")) {
                words.push(format!("{}/{length}", address.as_str().unwrap_or_default()));
                return;
            }
            for (name, inner) in object {
                match name.as_str() {
                    "counter" => continue,
                    "match" | "payload" | "meta" | "key" | "field" | "protocol" | "set"
                    | "range" | "prefix" | "target" | "type" | "expr" => {}
                    name => words.push(name.to_owned()),
                }
                collect(inner, words);
            }
            // What a payload is of stands before its field.
            if let (Some(field), Some(protocol)) = (object.get("field"), object.get("protocol"))
                && let (Some(field), Some(protocol)) = (field.as_str(), protocol.as_str())
            {
                words.truncate(words.len().saturating_sub(2));
                words.extend([protocol.to_owned(), field.to_owned()]);
            }
        }
        Value::Array(several) => several.iter().for_each(|one| collect(one, words)),
        Value::String(text) => words.push(text.clone()),
        Value::Null => {}
        other => words.push(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const PRINTED: &str = include_str!("../../../../tests/data/firewall/nft.json");

    #[test]
    fn the_rules_are_those_that_were_set() {
        let ruleset = read(PRINTED, false).unwrap();
        let input = &ruleset.chains["inet filter input"];
        assert_eq!(input.policy, Some(Policy::Drop));
        let texts: Vec<&str> = input.rules.iter().map(|rule| rule.text.as_str()).collect();
        assert_eq!(texts[0], "iif lo accept");
        assert_eq!(texts[2], "ip saddr 10.0.0.0/8 tcp dport 2000 accept");
        assert_eq!(texts[3], "udp dport @open accept");
        let set = vec![(69, 69), (6970, 6970), (8000, 8099)];
        let udp = Test::Transport(vec!["udp".to_owned()]);
        assert_eq!(input.rules[3].tests, [udp.clone(), Test::Port(set)]);
        let jump = &input.rules[5];
        assert_eq!(jump.verdict, Verdict::Jump("inet filter sip".to_owned()));
        let not = Test::Not(Box::new(Test::Port(vec![(1, 100)])));
        assert_eq!(input.rules[6].tests, [udp, not]);
        assert_eq!(input.rules[6].verdict, Verdict::Nothing);
        assert_eq!(input.rules[7].verdict, Verdict::Drop);
        assert_eq!(ruleset.chains["inet filter sip"].policy, None);
    }

    #[test]
    fn tables_of_iptables_are_left_to_it() {
        let text = PRINTED.replace("\"inet\"", "\"ip\"");
        assert_eq!(read(&text, true).unwrap(), Ruleset::default());
        assert_ne!(read(&text, false).unwrap(), Ruleset::default());
        let six = PRINTED.replace("\"inet\"", "\"ip6\"");
        assert_eq!(read(&six, false).unwrap(), Ruleset::default());
        assert!(read("nothing", false).is_err());
        assert!(read("{}", false).is_err());
    }

    proptest! {
        #[test]
        fn any_list_is_read_or_refused(text in "[\\[\\]{}:,\"a-z0-9 ]{0,80}", cut in 0..3000_usize) {
            let _ = read(&text, false);
            let _ = read(&format!("{{\"nftables\":[{{\"rule\":{text}}}]}}"), false);
            let mut end = cut.min(PRINTED.len());
            while !PRINTED.is_char_boundary(end) {
                end -= 1;
            }
            let _ = read(&PRINTED[..end], true);
        }
    }
}
