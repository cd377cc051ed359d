//! What holds whatever a peer sends.

use proptest::prelude::*;

use super::*;
use crate::model::OrderKind;

const MESSAGES: [&str; 9] = [
    vector!("notify-service-control-restart"),
    vector!("refer-alarm-7821"),
    vector!("refer-token"),
    vector!("register-200-first"),
    vector!("register-7821-first"),
    vector!("register-7960-auth"),
    vector!("register-7960"),
    vector!("register-7975-keepalive"),
    vector!("register-standby-keepalive"),
];

const METHODS: [&str; 15] = [
    "REGISTER",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "SUBSCRIBE",
    "NOTIFY",
    "REFER",
    "PUBLISH",
    "MESSAGE",
    "INFO",
    "PRACK",
    "UPDATE",
    "NEWMETHOD",
];

/// One thing that happens to a flow.
#[derive(Clone, Debug)]
enum Step {
    /// A recorded message with some bytes changed.
    Message(usize, Vec<(usize, u8)>),
    /// A recorded message as another method.
    Method(usize, usize),
    Bytes(Vec<u8>),
    Later(u16),
    Order,
    Show(String),
    /// Answers the last request of ours.
    Answer(u16),
}

fn step() -> impl Strategy<Value = Step> {
    let edits = prop::collection::vec((0..2600_usize, any::<u8>()), 0..4);
    prop_oneof![
        4 => (0..MESSAGES.len(), edits).prop_map(|(at, edits)| Step::Message(at, edits)),
        2 => (0..MESSAGES.len(), 0..METHODS.len()).prop_map(|(at, method)| Step::Method(at, method)),
        1 => prop::collection::vec(any::<u8>(), 0..64).prop_map(Step::Bytes),
        1 => (0..400_u16).prop_map(Step::Later),
        1 => Just(Step::Order),
        1 => ".{0,20}".prop_map(Step::Show),
        2 => (100..700_u16).prop_map(Step::Answer),
    ]
}

/// How whoever decides decides.
fn decide(desk: &mut Desk, register: &Register, choice: u8) -> Vec<Output> {
    let name = match register.claims().device() {
        Ok(Some(name)) => name.clone(),
        Ok(None) | Err(_) => device(),
    };
    let file = register.file_of(&name);
    match desk.registrar.standing(register, &name, file) {
        Standing::Refresh => desk.registrar.refreshed(register, desk.now, desk.wall),
        Standing::New if choice.is_multiple_of(2) => {
            let welcome = Welcome {
                device: name,
                file,
                lines: vec![1],
                signed_in: None,
            };
            desk.registrar
                .admitted(register, &welcome, desk.now, desk.wall)
        }
        _ => {
            let refusals = [
                Refusal::NotConfigured,
                Refusal::Busy,
                Refusal::Challenge { stale: false },
            ];
            let refusal = refusals[usize::from(choice) % refusals.len()];
            desk.registrar.refused(register, refusal, desk.wall)
        }
    }
}

fn take(desk: &mut Desk, step: Step, last: &mut Option<Message>) -> Vec<Output> {
    match step {
        Step::Message(at, edits) => {
            let mut bytes = MESSAGES[at].as_bytes().to_vec();
            for (place, byte) in edits {
                let len = bytes.len();
                bytes[place % len] = byte;
            }
            desk.say(bytes)
        }
        Step::Method(at, method) => {
            let text = MESSAGES[at];
            let (old, _) = text.split_once(' ').unwrap();
            desk.say(text.replace(old, METHODS[method]))
        }
        Step::Bytes(bytes) => desk.say(bytes),
        Step::Later(seconds) => desk.later(u64::from(seconds)),
        Step::Order => desk.registrar.order(OrderKind::Reset, desk.now, desk.wall),
        Step::Show(words) => desk.registrar.show(&words, 60, desk.now, desk.wall),
        Step::Answer(code) => match last.take() {
            Some(request) => {
                let status = StatusCode::new(code).unwrap();
                desk.say(Message::response(&request.headers, status, "x").to_bytes())
            }
            None => Vec::new(),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_that_a_peer_sends_makes_it_stumble(
        steps in prop::collection::vec((step(), any::<u8>()), 1..16),
        digest in any::<bool>(),
    ) {
        let settings = Settings {
            digest: digest.then(|| Digest {
                realm: "embody".into(),
                key: crate::sip::wire::NonceKey::new([1; 32]),
            }),
            ..Settings::default()
        };
        let mut desk = Desk::with(settings);
        let mut last = None;
        for (step, choice) in steps {
            let mut outputs = take(&mut desk, step, &mut last);
            while let Some(at) = outputs
                .iter()
                .position(|output| matches!(output, Output::Register(_) | Output::Unregister(_)))
            {
                let more = match outputs.remove(at) {
                    Output::Register(register) => decide(&mut desk, &register, choice),
                    Output::Unregister(register) => {
                        vec![desk.registrar.let_go(&register, desk.wall)]
                    }
                    _ => Vec::new(),
                };
                prop_assert!(!more.is_empty(), "every REGISTER is answered");
                outputs.extend(more);
            }
            for message in messages(&outputs) {
                // What leaves can be read, and is what it should be.
                let again = crate::sip::wire::parse_datagram(&message.to_bytes());
                prop_assert!(matches!(again, Ok(Some(_))), "{again:?}");
                if message.method().is_some() {
                    prop_assert_eq!(message.check(), Ok(()));
                    last = Some(message.clone());
                }
            }
            // Time moves on: what is due is done by being told so.
            let deadline = desk.registrar.deadline();
            if deadline <= desk.now {
                let outputs = desk.registrar.on_time(desk.now);
                let closed = told(&outputs).iter().any(|told| told.starts_with("Close"));
                prop_assert!(closed || desk.registrar.deadline() > desk.now);
            }
        }
    }

    #[test]
    fn a_request_that_can_be_answered_is_answered_once(
        at in 0..MESSAGES.len(),
        method in 0..METHODS.len(),
    ) {
        let (old, _) = MESSAGES[at].split_once(' ').unwrap();
        prop_assume!(old != "SIP/2.0");
        let text = MESSAGES[at].replace(old, METHODS[method]);
        let outputs = Desk::new().say(text);
        let answers = outputs
            .iter()
            .filter(|output| {
                matches!(output, Output::Send(_) | Output::Register(_) | Output::Unregister(_))
            })
            .count();
        prop_assert_eq!(answers, usize::from(METHODS[method] != "ACK"), "{:?}", outputs);
    }
}
