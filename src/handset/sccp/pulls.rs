//! Registering: the phone announces itself and then pulls all that it needs.
//! An answer that does not come ends the attempt, as on a real phone.

use super::buttons::{self, Known};
use super::identity;
use super::session::Session;
use crate::handset::cause::Cause;
use crate::handset::display::Clock;
use crate::handset::event::ButtonKind;
use crate::handset::fault::Fault;
use crate::handset::hook::{HookPoint, Pull};
use crate::handset::life::Ending;
use crate::handset::profile::Kind;
use crate::sccp::wire::{
    Button, DefineTimeDate, Dialect, FeatureStatReq, Instance, PhoneMessage, RegisterAck,
    ServerMessage, SoftKeySets, SoftKeyTemplate,
};

/// UDP port for media, as 7960s announce it.
const MEDIA_PORT: u32 = 16384;
/// Characters of a load that fit the version message.
const VERSION_LENGTH: usize = 15;
/// Buttons that a phone with all its modules can have.
const MOST_BUTTONS: usize = 128;

impl Session<'_> {
    /// From the first word to being in service.
    pub(super) async fn register(&mut self, cause: Cause) -> Result<(), Ending> {
        let ack = self.announce(cause).await?;
        let announced = self.phone.profile.version;
        if ack.version > announced {
            return Err(lost(Fault::Version {
                chosen: ack.version.0,
                announced: announced.0,
            }));
        }
        let kind = self.phone.profile.kind;
        self.link.dialect = Dialect::agreed(ack.version, identity::features(kind));
        self.keep_alive = ack.keep_alive.max(1);
        self.pull_device().await?;
        self.pull_buttons().await?;
        self.finish().await
    }

    async fn announce(&mut self, cause: Cause) -> Result<RegisterAck, Ending> {
        let phone = self.phone;
        let own = self.link.own_address();
        self.link
            .send(&identity::alarm(&phone.profile, cause, own))
            .await?;
        phone.shared.pause(|| HookPoint::Register).await;
        let register = identity::register(&phone.profile, self.file, own);
        self.link.send(&register).await?;
        if phone.profile.kind == Kind::Cisco7960 {
            self.link.send(&PhoneMessage::IpPort(MEDIA_PORT)).await?;
        }
        let answer = self.await_answer("Register", |message| match message {
            ServerMessage::RegisterAck(ack) => Some(Ok(ack.clone())),
            ServerMessage::RegisterReject(text) => Some(Err(text.clone())),
            _ => None,
        });
        answer
            .await?
            .map_err(|text| Ending::Lost(Cause::Rejected, Fault::Rejected(text)))
    }

    async fn pull_device(&mut self) -> Result<(), Ending> {
        let pause = HookPoint::Pull(Pull::Capabilities);
        self.phone.shared.pause(|| pause).await;
        self.await_answer(&Pull::Capabilities.to_string(), |message| {
            matches!(message, ServerMessage::CapabilitiesReq).then_some(())
        })
        .await?;
        let capabilities = identity::capabilities(self.phone.profile.kind);
        self.link.send(&capabilities).await?;
        let load = self
            .ask(
                Pull::Version,
                &PhoneMessage::VersionReq,
                |message| match message {
                    ServerMessage::Version(load) => Some(load.clone()),
                    _ => None,
                },
            )
            .await?;
        self.compare_load(load);
        Ok(())
    }

    /// Another load than the running one would be downloaded now.
    fn compare_load(&self, offered: String) {
        let running = &self.phone.profile.load;
        let same = offered.is_empty()
            || offered == *running
            || Some(offered.as_str()) == running.get(..VERSION_LENGTH);
        if !same {
            self.phone.shared.fault(Fault::WouldDownload {
                running: running.clone(),
                offered,
            });
        }
    }

    async fn pull_buttons(&mut self) -> Result<(), Ending> {
        let template = self.pull_template().await?;
        self.pull_soft_keys().await?;
        self.ask(Pull::ConfigStat, &PhoneMessage::ConfigStatReq, |message| {
            matches!(message, ServerMessage::ConfigStat(_)).then_some(())
        })
        .await?;
        self.buttons.clear();
        for mut known in buttons::plan(&template).map_err(lost)? {
            self.pull_button(&mut known).await?;
            self.buttons.push(known);
        }
        Ok(())
    }

    /// The template may come in parts.
    async fn pull_template(&mut self) -> Result<Vec<Button>, Ending> {
        let mut collected: Vec<Button> = Vec::new();
        self.ask(
            Pull::ButtonTemplate,
            &PhoneMessage::ButtonTemplateReq,
            |message| {
                let ServerMessage::ButtonTemplate(part) = message else {
                    return None;
                };
                collected.truncate(part.offset as usize);
                collected.extend(&part.buttons);
                let all = (part.total as usize).min(MOST_BUTTONS);
                (collected.len() >= all).then(|| std::mem::take(&mut collected))
            },
        )
        .await
    }

    async fn pull_soft_keys(&mut self) -> Result<(), Ending> {
        let request = PhoneMessage::SoftKeyTemplateReq;
        let template = self
            .ask(Pull::SoftKeyTemplate, &request, |message| match message {
                ServerMessage::SoftKeyTemplate(template) => Some(template.clone()),
                _ => None,
            })
            .await?;
        let sets = self
            .ask(
                Pull::SoftKeySets,
                &PhoneMessage::SoftKeySetReq,
                |message| match message {
                    ServerMessage::SoftKeySets(sets) => Some(sets.clone()),
                    _ => None,
                },
            )
            .await?;
        if let Some(fault) = judge_soft_keys(&template, &sets) {
            self.phone.shared.fault(fault);
        }
        self.phone.shared.set_soft_keys(on_hook(&template, &sets));
        Ok(())
    }

    async fn pull_button(&mut self, known: &mut Known) -> Result<(), Ending> {
        let index = known.instance;
        let (pull, request) = match known.seen.kind {
            ButtonKind::Line => (
                Pull::Line(index),
                PhoneMessage::LineStatReq(Instance(index)),
            ),
            ButtonKind::SpeedDial => (
                Pull::SpeedDial(index),
                PhoneMessage::SpeedDialStatReq(Instance(index)),
            ),
            ButtonKind::Service => (
                Pull::ServiceUrl(index),
                PhoneMessage::ServiceUrlStatReq(Instance(index)),
            ),
            _ if buttons::is_feature(known.kind) => (
                Pull::Feature(index),
                PhoneMessage::FeatureStatReq(FeatureStatReq {
                    index: Instance(index),
                    capabilities: 1,
                }),
            ),
            _ => {
                known.seen.label = known.kind.to_string();
                return Ok(());
            }
        };
        self.ask(pull, &request, |message| known.take(message).then_some(()))
            .await?;
        if known.is_empty() {
            let what = format!("{} {index} on key {}", known.kind, known.seen.key);
            self.phone.shared.fault(Fault::EmptyButton(what));
        }
        if known.seen.kind == ButtonKind::Line {
            let request = PhoneMessage::ForwardStatReq(Instance(index));
            self.ask(Pull::Forward(index), &request, |message| {
                matches!(message, ServerMessage::ForwardStat(stat) if stat.line.0 == index)
                    .then_some(())
            })
            .await?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Ending> {
        let lines = self
            .buttons
            .iter()
            .filter(|known| known.seen.kind == ButtonKind::Line)
            .count();
        let told = match self.phone.profile.kind {
            Kind::Cisco7960 => 0,
            _ => lines as u32,
        };
        self.link
            .send(&PhoneMessage::RegisterAvailableLines(told))
            .await?;
        let time = self
            .ask(
                Pull::TimeDate,
                &PhoneMessage::TimeDateReq,
                |message| match message {
                    ServerMessage::DefineTimeDate(time) => Some(*time),
                    _ => None,
                },
            )
            .await?;
        if is_time(&time) {
            self.phone.shared.set_clock(Clock {
                year: time.year,
                month: time.month,
                day: time.day,
                hour: time.hour,
                minute: time.minute,
            });
        } else {
            self.phone.shared.fault(Fault::Time);
        }
        self.take_arrived().await?;
        self.phone.shared.pause(|| HookPoint::InService).await;
        self.show_buttons();
        self.in_service = true;
        self.phone.shared.in_service();
        Ok(())
    }
}

fn lost(fault: Fault) -> Ending {
    Ending::Lost(Cause::RegistrationTimeout, fault)
}

/// A set names keys by their place in the template, and repeats their event.
fn judge_soft_keys(template: &SoftKeyTemplate, sets: &SoftKeySets) -> Option<Fault> {
    let fits = sets.sets.iter().flat_map(|set| &set.places).all(|place| {
        let Some(at) = usize::from(place.position).checked_sub(1) else {
            return true;
        };
        template
            .keys
            .get(at)
            .is_some_and(|key| key.event == place.event)
    });
    (!fits).then(|| Fault::Template("a soft key set contradicts the soft key template".to_owned()))
}

/// The names of the first set, in which a phone waits for calls.
fn on_hook(template: &SoftKeyTemplate, sets: &SoftKeySets) -> Vec<String> {
    let places = sets.sets.first().into_iter().flat_map(|set| &set.places);
    let keys = places.filter_map(|place| {
        let at = usize::from(place.position).checked_sub(1)?;
        template.keys.get(at)
    });
    keys.map(|key| key.label.to_string()).collect()
}

fn is_time(time: &DefineTimeDate) -> bool {
    (1990..2200).contains(&time.year)
        && (1..=12).contains(&time.month)
        && (1..=31).contains(&time.day)
        && time.day_of_week <= 6
        && time.hour <= 23
        && time.minute <= 59
        && time.second <= 60
}
