//! What a registered phone is answered from: taken at RegisterAck, so that a
//! login in the middle of its questions cannot mix two configurations.

use std::net::IpAddr;

use jiff::tz::TimeZone;

use crate::model::{Button as Key, ButtonKind, DeviceName, Stamp, StationPart, Timestamp};
use crate::sccp::wire::{
    Button, ButtonTemplate, ButtonType, ConfigStat, DefineTimeDate, FeatureStat, ForwardStat,
    Instance, Label, LineStat, ServerMessage, ServerRes, ServerSlot, ServiceUrlStat, SpeedDialStat,
    Text,
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
    /// The load it reported: what a version request is answered with, or the
    /// phone starts a download.
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
                ButtonKind::SpeedDial { index, .. } => (*index, ButtonType::SPEED_DIAL),
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
                ..
            } if u32::from(*index) == asked.0 => {
                Some(LineStat {
                    line: asked,
                    // The placeholder line has a name that nobody can dial.
                    number: number
                        .as_ref()
                        .map_or_else(|| self.device.to_string(), ToString::to_string),
                    display_name: display_name.clone(),
                    label: label.clone(),
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

    /// No feature keys yet: every one is answered empty.
    pub(super) fn feature(asked: Instance) -> ServerMessage {
        ServerMessage::FeatureStat(FeatureStat {
            index: asked,
            ..FeatureStat::default()
        })
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

    /// The speed dials that there are, by instance.
    pub(super) fn speed_dials(&self) -> Vec<Instance> {
        self.instances(|kind| match kind {
            ButtonKind::SpeedDial { index, .. } => Some(*index),
            ButtonKind::Line { .. } => None,
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

    /// The running load, so that no phone starts a download.
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
