//! What a registered phone is answered from: taken at RegisterAck, so that a
//! login in the middle of its questions cannot mix two configurations.

use std::net::IpAddr;

use jiff::tz::TimeZone;

use crate::model::{
    Button as Key, ButtonKind, DeviceName, ForwardedCallDisplay, Stamp, StationPart, Timestamp,
};
use crate::sccp::wire::{
    Button, ButtonTemplate, ButtonType, ConfigStat, DefineTimeDate, FeatureStat, ForwardStat,
    ForwardedDisplay, Instance, Label, LineStat, ServerMessage, ServerRes, ServerSlot,
    ServiceUrlStat, SpeedDialStat, Text,
};

/// Everything one registration is answered from.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The phone.
    pub device: DeviceName,
    /// What it should show.
    pub station: StationPart,
    /// The stamp of that.
    pub stamp: Stamp,
    /// How many keys the phone has.
    pub keys: u8,
    /// Who is signed in, for ConfigStat.
    pub user: String,
    /// What a version request is answered with: the load it reported, or the
    /// phone starts a download; another only if it can be fetched whole.
    pub load: Option<String>,
    /// The zone of its clock; SCCP phones show what they are told.
    pub zone: TimeZone,
    /// Our address as this phone reaches it, and the port.
    pub server: (IpAddr, u16),
}

impl Snapshot {
    /// The button template: every key in order, instances counted per type, and
    /// unused ones up to `least`.
    pub(super) fn button_template(&self, least: usize) -> Vec<ServerMessage> {
        let last = self
            .station
            .buttons
            .iter()
            .map(|key| key.key)
            .max()
            .unwrap_or(1);
        let mut buttons = vec![Button::UNUSED; usize::from(self.keys.max(last)).max(least)];
        for key in &self.station.buttons {
            let (instance, kind) = match &key.kind {
                ButtonKind::Line { index, .. } => (*index, ButtonType::LINE),
                ButtonKind::SpeedDial {
                    index, blf: false, ..
                } => (*index, ButtonType::SPEED_DIAL),
                ButtonKind::SpeedDial { index, .. } => (*index, ButtonType::BLF_SPEED_DIAL),
            };
            if let Some(slot) = usize::from(key.key)
                .checked_sub(1)
                .and_then(|at| buttons.get_mut(at))
            {
                *slot = Button { instance, kind };
            }
        }
        ButtonTemplate::of(&buttons)
            .into_iter()
            .map(ServerMessage::ButtonTemplate)
            .collect()
    }

    /// A line; an unknown one is answered empty, or the phone asks for ever.
    pub(super) fn line(&self, asked: Instance) -> ServerMessage {
        let line = self.keys_of_kind().find_map(|key| match &key.kind {
            ButtonKind::Line {
                index,
                number,
                label,
                display_name,
                settings,
                ..
            } if u32::from(*index) == asked.0 => {
                Some(LineStat {
                    line: asked,
                    // The placeholder line has a name that nobody can dial.
                    number: number
                        .as_ref()
                        .map_or_else(|| self.device.to_string(), ToString::to_string),
                    // The top bar: the full number, as CallManager does it.
                    display_name: settings
                        .full_number
                        .as_ref()
                        .unwrap_or(display_name)
                        .clone(),
                    label: label.clone(),
                    forwarded: forwarded(settings.forwarded_call_display),
                })
            }
            _ => None,
        });
        ServerMessage::LineStat(line.unwrap_or(LineStat {
            line: asked,
            ..LineStat::default()
        }))
    }

    /// A speed dial; unknown ones empty.
    pub(super) fn speed_dial(&self, asked: Instance) -> ServerMessage {
        let dial = self.keys_of_kind().find_map(|key| match &key.kind {
            ButtonKind::SpeedDial {
                index,
                number,
                label,
                blf: false,
                ..
            } if u32::from(*index) == asked.0 => Some(SpeedDialStat {
                index: asked,
                number: number.to_string(),
                label: label.clone(),
            }),
            _ => None,
        });
        let empty = SpeedDialStat {
            index: asked,
            ..SpeedDialStat::default()
        };
        ServerMessage::SpeedDialStat(dial.unwrap_or(empty))
    }

    fn keys_of_kind(&self) -> impl Iterator<Item = &Key> {
        self.station.buttons.iter()
    }

    /// A feature key: speed dials with a busy lamp are all there are. Whether
    /// the number is in a call is unknown while calls are not built. Unknown
    /// ones are answered empty.
    pub(super) fn feature(&self, asked: Instance) -> ServerMessage {
        let lamp = self.keys_of_kind().find_map(|key| match &key.kind {
            ButtonKind::SpeedDial {
                index,
                label,
                blf: true,
                ..
            } if u32::from(*index) == asked.0 => Some(FeatureStat {
                index: asked,
                kind: ButtonType::BLF_SPEED_DIAL,
                label: Text::default().words(label),
                status: 0,
            }),
            _ => None,
        });
        let empty = FeatureStat {
            index: asked,
            ..FeatureStat::default()
        };
        ServerMessage::FeatureStat(lamp.unwrap_or(empty))
    }

    /// No service keys yet: every one is answered empty.
    pub(super) fn service_url(asked: Instance) -> ServerMessage {
        ServerMessage::ServiceUrlStat(ServiceUrlStat {
            index: asked,
            ..ServiceUrlStat::default()
        })
    }

    /// Nothing is forwarded.
    pub(super) fn forward(line: Instance) -> ServerMessage {
        ServerMessage::ForwardStat(ForwardStat {
            line,
            ..ForwardStat::default()
        })
    }

    /// The lines that there are, by instance.
    pub(super) fn lines(&self) -> Vec<Instance> {
        self.instances(|kind| match kind {
            ButtonKind::Line { index, .. } => Some(*index),
            ButtonKind::SpeedDial { .. } => None,
        })
    }

    /// The speed dials without a busy lamp that there are, by instance.
    pub(super) fn speed_dials(&self) -> Vec<Instance> {
        self.instances(|kind| match kind {
            ButtonKind::SpeedDial {
                index, blf: false, ..
            } => Some(*index),
            ButtonKind::SpeedDial { .. } | ButtonKind::Line { .. } => None,
        })
    }

    /// Those with one, by instance: they count for themselves.
    pub(super) fn busy_lamps(&self) -> Vec<Instance> {
        self.instances(|kind| match kind {
            ButtonKind::SpeedDial {
                index, blf: true, ..
            } => Some(*index),
            ButtonKind::SpeedDial { .. } | ButtonKind::Line { .. } => None,
        })
    }

    fn instances(&self, index: impl Fn(&ButtonKind) -> Option<u8>) -> Vec<Instance> {
        self.keys_of_kind()
            .filter_map(|key| index(&key.kind))
            .map(|index| Instance(u32::from(index)))
            .collect()
    }

    pub(super) fn config(&self) -> ServerMessage {
        let count = |instances: Vec<Instance>| u32::try_from(instances.len()).unwrap_or(u32::MAX);
        ServerMessage::ConfigStat(ConfigStat {
            device_name: self.device.to_string(),
            user: 0,
            instance: 1,
            user_name: self.user.clone(),
            server_name: String::new(),
            lines: count(self.lines()),
            speed_dials: count(self.speed_dials()),
        })
    }

    pub(super) fn servers(&self) -> ServerMessage {
        let (address, port) = self.server;
        ServerMessage::ServerRes(ServerRes {
            servers: vec![ServerSlot {
                name: address.to_string(),
                port: u32::from(port),
                address,
            }],
        })
    }

    /// The running load, so that no phone starts a download unasked.
    pub(super) fn version(&self) -> ServerMessage {
        ServerMessage::Version(self.load.clone().unwrap_or_default())
    }

    /// Local time: SCCP phones apply no zone.
    pub(super) fn time_date(&self, now: Timestamp) -> ServerMessage {
        let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
        let local = at.to_zoned(self.zone.clone());
        let part = |number: i8| u32::try_from(number).unwrap_or(0);
        ServerMessage::DefineTimeDate(DefineTimeDate {
            year: u32::try_from(local.year()).unwrap_or(0),
            month: part(local.month()),
            day_of_week: part(local.weekday().to_sunday_zero_offset()),
            day: part(local.day()),
            hour: part(local.hour()),
            minute: part(local.minute()),
            second: part(local.second()),
            millisecond: u32::try_from(local.millisecond()).unwrap_or(0),
            unix_time: u32::try_from(now.seconds()).unwrap_or(u32::MAX),
        })
    }

    /// What the display says while idle.
    pub(super) fn prompt(&self) -> Text {
        match &self.station.prompt {
            Some(prompt) => Text::default().words(prompt),
            None => Text::from(Label::YOUR_CURRENT_OPTIONS),
        }
    }
}

/// What a phone shows of forwarded calls. Who sets nothing gets all of it, as
/// phones always did.
fn forwarded(set: ForwardedCallDisplay) -> ForwardedDisplay {
    if set == ForwardedCallDisplay::default() {
        return ForwardedDisplay::ALL;
    }
    ForwardedDisplay::NONE
        .with(ForwardedDisplay::CALLER_NAME, set.caller_name)
        .with(ForwardedDisplay::CALLER_NUMBER, set.caller_number)
        .with(ForwardedDisplay::REDIRECTED_NUMBER, set.redirected_number)
        .with(ForwardedDisplay::DIALED_NUMBER, set.dialed_number)
}
