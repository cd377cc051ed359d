//! What `nft -j list ruleset` prints (libnftables-json(5)).

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::packet::{Test, address_kind};
use super::rules::{Chain, Policy, Rule, Ruleset, Verdict};

/// The most characters of a rule that are told.
const TEXT: usize = 120;

/// The first and last port of some.
type Range = (u16, u16);

/// Where a set is: table and name.
type SetPlace = (String, String);

/// Sets of ports.
type Sets = HashMap<SetPlace, Vec<Range>>;

/// Reads the chains that IPv4 packets for this host meet. Of the family `ip`
/// the tables in `printed` are left out: `iptables` keeps them and printed them
/// itself, and knows more of them.
///
/// # Errors
/// What it is when it is no such list.
pub(super) fn read(text: &str, printed: &HashSet<String>) -> Result<Ruleset, &'static str> {
    let list: Value = serde_json::from_str(text).map_err(|_| "what it prints is not JSON")?;
    let list = list["nftables"].as_array().ok_or("it prints no list")?;
    let sets: Sets = list.iter().filter_map(|one| set(&one["set"])).collect();
    let mut ruleset = Ruleset::default();
    for entry in list {
        let (chain, rule) = (&entry["chain"], &entry["rule"]);
        if let Some(table) = table(chain, printed)
            && let Some(name) = chain["name"].as_str()
        {
            let known = ruleset.chains.entry(key(&table, name)).or_default();
            known.policy = begins_here(chain);
        } else if let Some(table) = table(rule, printed)
            && let Some(name) = rule["chain"].as_str()
        {
            let known: &mut Chain = ruleset.chains.entry(key(&table, name)).or_default();
            known.rules.extend(read_rules(rule, &table, &sets));
        }
    }
    Ok(ruleset)
}

fn key(table: &str, chain: &str) -> String {
    format!("{table} {chain}")
}

/// Family and name of the table that something is in, if phones meet it.
fn table(object: &Value, printed: &HashSet<String>) -> Option<String> {
    let (family, name) = (object["family"].as_str()?, object["table"].as_str()?);
    let by_iptables = family == "ip" && printed.contains(name);
    let met = matches!(family, "ip" | "inet") && !by_iptables;
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
    let table = table(set, &HashSet::new())?;
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

/// A rule; where a map gives the verdict, one for each line of it.
fn read_rules(rule: &Value, table: &str, sets: &Sets) -> Vec<Rule> {
    let text = in_words(rule);
    let mut tests = Vec::new();
    let mut verdict = Verdict::Nothing;
    let statements = rule["expr"].as_array();
    for statement in statements.into_iter().flatten() {
        let Some((name, value)) = only(statement) else {
            tests.push(Test::Other);
            continue;
        };
        if let Some(known) = read_verdict(name, value, table) {
            verdict = known;
            continue;
        }
        match name.as_str() {
            "match" => tests.extend(read_match(value, table, sets)),
            "counter" | "log" | "comment" | "mangle" | "notrack" => {}
            "vmap" => match read_map(value, table, sets) {
                Some(lines) => {
                    let whole = |(asked, verdict)| Rule {
                        tests: tests.iter().cloned().chain(asked).collect(),
                        verdict,
                        text: text.clone(),
                    };
                    return lines.into_iter().map(whole).collect();
                }
                None => verdict = Verdict::Unknown,
            },
            // A match of iptables asks something, a target does something.
            "xt" if value["type"] == "match" => tests.push(Test::Other),
            "xt" | "queue" => verdict = Verdict::Unknown,
            _ => tests.push(Test::Other),
        }
    }
    vec![Rule {
        tests,
        verdict,
        text,
    }]
}

/// The one name in an object, with what it names.
fn only(object: &Value) -> Option<(&String, &Value)> {
    object.as_object()?.iter().next()
}

fn read_verdict(name: &str, value: &Value, table: &str) -> Option<Verdict> {
    let target = || key(table, value["target"].as_str().unwrap_or_default());
    Some(match name {
        "accept" => Verdict::Accept,
        "drop" | "reject" => Verdict::Drop,
        "jump" => Verdict::Jump(target()),
        "goto" => Verdict::Goto(target()),
        "return" => Verdict::Return,
        "continue" => Verdict::Nothing,
        "dnat" | "redirect" => Verdict::Redirect,
        _ => return None,
    })
}

/// The lines of a map that stands in its rule: no two of them fit one packet.
/// `None` when it is elsewhere, or a verdict of it is not understood.
fn read_map(map: &Value, table: &str, sets: &Sets) -> Option<Vec<(Vec<Test>, Verdict)>> {
    let lines = map["data"]["set"].as_array()?.iter();
    let read = |line: &Value| {
        let (value, (name, target)) = (line.get(0)?, only(line.get(1)?)?);
        let asked = asks(&map["key"], Some("=="), value, table, sets);
        Some((asked, read_verdict(name, target, table)?))
    };
    lines.map(read).collect()
}

fn read_match(value: &Value, table: &str, sets: &Sets) -> Vec<Test> {
    let (left, right) = (&value["left"], &value["right"]);
    asks(left, value["op"].as_str(), right, table, sets)
}

fn asks(left: &Value, op: Option<&str>, right: &Value, table: &str, sets: &Sets) -> Vec<Test> {
    // A field asks for what it is a field of, whatever is said of it.
    let carrier = left["payload"]["protocol"].as_str().and_then(carrier);
    let test = match op {
        Some("==" | "in") => read_question(left, right, table, sets),
        Some("!=") => read_question(left, right, table, sets).map(|test| Test::Not(Box::new(test))),
        _ => None,
    };
    let asked = test.unwrap_or(Test::Other);
    carrier.into_iter().chain([asked]).collect()
}

/// What a packet has to be to have a field of this protocol.
fn carrier(protocol: &str) -> Option<Test> {
    const TRANSPORTS: [&str; 11] = [
        "tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmpv6", "igmp", "esp", "ah", "comp",
    ];
    match protocol {
        "ip6" => Some(Test::Known(false)),
        name => TRANSPORTS
            .contains(&name)
            .then(|| Test::Transport(vec![name.to_owned()])),
    }
}

/// What is asked, leaving aside whether it is denied; `None` when it is not
/// understood.
fn read_question(left: &Value, right: &Value, table: &str, sets: &Sets) -> Option<Test> {
    let payload = &left["payload"];
    if payload["field"] == "dport" {
        let ports = match right.as_str().and_then(|name| name.strip_prefix('@')) {
            Some(name) => sets.get(&(table.to_owned(), name.to_owned())).cloned(),
            None => list(right, range),
        };
        return ports.map(Test::Port);
    }
    let words = || list(right, |value| value.as_str().map(str::to_owned));
    // Phones speak IPv4.
    let family =
        || words().map(|names| Test::Known(names.iter().any(|n| n == "ipv4" || n == "ip")));
    match (left["meta"]["key"].as_str(), left["ct"]["key"].as_str()) {
        (Some("l4proto"), _) => words().map(Test::Transport),
        (Some("nfproto" | "protocol"), _) => family(),
        (Some("iif" | "iifname"), _) if right == "lo" => Some(Test::Loopback),
        (_, Some("state")) => words().map(Test::State),
        (_, Some("status")) => words()
            .filter(|all| all.iter().all(|one| one == "dnat"))
            .map(Test::State),
        _ if payload["protocol"] == "ip" && payload["field"] == "protocol" => {
            words().map(Test::Transport)
        }
        _ if is_kind_of_destination(&left["fib"]) => {
            let kinds = words()?;
            let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
            address_kind(&kinds).map(Test::Known)
        }
        _ => None,
    }
}

/// `fib daddr type`, and nothing of interfaces with it.
fn is_kind_of_destination(fib: &Value) -> bool {
    let flags = fib["flags"].as_array().map(Vec::as_slice);
    fib["result"] == "type" && matches!(flags, Some([flag]) if flag == "daddr")
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
                    | "range" | "prefix" | "target" | "type" | "expr" | "data" => {}
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
        let ruleset = read(PRINTED, &HashSet::new()).unwrap();
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
    fn tables_that_iptables_printed_are_left_to_it() {
        let none = HashSet::new();
        let nat = HashSet::from(["nat".to_owned()]);
        let filter = HashSet::from(["filter".to_owned()]);
        let text = PRINTED.replace("\"inet\"", "\"ip\"");
        assert_eq!(read(&text, &filter).unwrap(), Ruleset::default());
        let native = read(&text, &nat).unwrap();
        assert!(native.chains.contains_key("ip filter input"), "{native:?}");
        assert_eq!(read(&text, &none).unwrap(), native);
        // iptables knows nothing of tables for both families.
        assert_ne!(read(PRINTED, &filter).unwrap(), Ruleset::default());
        let six = PRINTED.replace("\"inet\"", "\"ip6\"");
        assert_eq!(read(&six, &none).unwrap(), Ruleset::default());
        assert!(read("nothing", &none).is_err());
        assert!(read("{}", &none).is_err());
    }

    /// As nft 1.0.6 prints them.
    #[test]
    fn what_is_for_others_than_phones_is_known() {
        let tests = |what: &str| {
            let value: Value = serde_json::from_str(what).unwrap();
            read_match(&value, "inet filter", &Sets::new())
        };
        let asks = |left: &str, op: &str, right: &str| {
            tests(&format!(
                "{{\"op\":{op:?},\"left\":{left},\"right\":{right}}}"
            ))
        };
        let carried = |name: &str| Test::Transport(vec![name.to_owned()]);
        let ping = r#"{"payload":{"protocol":"icmp","field":"type"}}"#;
        let expected = [carried("icmp"), Test::Other];
        assert_eq!(asks(ping, "==", "\"echo-request\""), expected);
        assert_eq!(asks(ping, "<", "3"), expected);
        let source = r#"{"payload":{"protocol":"tcp","field":"sport"}}"#;
        assert_eq!(asks(source, "!=", "5"), [carried("tcp"), Test::Other]);
        let six = r#"{"payload":{"protocol":"ip6","field":"saddr"}}"#;
        assert_eq!(
            asks(six, "==", "\"::1\""),
            [Test::Known(false), Test::Other]
        );
        let family = r#"{"meta":{"key":"nfproto"}}"#;
        assert_eq!(asks(family, "==", "\"ipv6\""), [Test::Known(false)]);
        assert_eq!(asks(family, "==", "\"ipv4\""), [Test::Known(true)]);
        let kind = r#"{"fib":{"result":"type","flags":["daddr"]}}"#;
        assert_eq!(asks(kind, "==", "\"local\""), [Test::Known(true)]);
        let not = Test::Not(Box::new(Test::Known(true)));
        assert_eq!(asks(kind, "!=", "\"local\""), [not]);
        let several = r#"{"set":["broadcast","multicast"]}"#;
        assert_eq!(asks(kind, "==", several), [Test::Known(false)]);
        let at_interface = r#"{"fib":{"result":"type","flags":["daddr","iif"]}}"#;
        assert_eq!(asks(at_interface, "==", "\"local\""), [Test::Other]);
    }

    proptest! {
        #[test]
        fn any_list_is_read_or_refused(text in "[\\[\\]{}:,\"a-z0-9 ]{0,80}", cut in 0..3000_usize) {
            let none = HashSet::new();
            let _ = read(&text, &none);
            let _ = read(&format!("{{\"nftables\":[{{\"rule\":{text}}}]}}"), &none);
            let mut end = cut.min(PRINTED.len());
            while !PRINTED.is_char_boundary(end) {
                end -= 1;
            }
            let _ = read(&PRINTED[..end], &none);
        }
    }
}
