//! The models: what stands on the case, what hangs on it, and which of the
//! [`Kind`]s it behaves like.
//!
//! Numbers and loads: Cisco's list of models (`typemodel`), administration
//! guides of the series. Displays: [`Display`].

use self::Client::{First, Second, Third};
use super::display::Display;
use super::family::{
    ADAPTER, ADAPTER_SIP, COMMUNICATOR_SCCP, COMMUNICATOR_SIP, FIRST, Family, OLD_SCCP, OLD_SIP,
    RADIO, RADIO_LATER, SCCP_8, SCCP_9, SCCP_69XX, SCCP_6901, SERIES_78, SERIES_88, SERIES_89,
    SERIES_99, SIP_8, SIP_9, SIP_69XX, SMALL_7905, SMALL_7905_SIP, SMALL_7912, SMALL_7912_SIP,
    UNIVERSAL_SCCP, UNIVERSAL_SIP,
};
use super::profile::{Kind, Protocol};
use crate::sccp::wire::DeviceType;

/// How the browser of a model asks for pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// The first one: HTTP/1.0, and ISO-8859-1 alone.
    First,
    /// That of the 9 series: HTTP/1.1, UTF-8 first.
    Second,
    /// That of the 7800 and 8800 series: as the second, and hard to please
    /// about dates.
    Third,
}

/// A model.
#[derive(Debug, PartialEq, Eq)]
pub struct Model {
    /// The number on the case.
    pub number: &'static str,
    /// The name that its browser reports (`x-CiscoIPPhoneModelName`).
    pub product: &'static str,
    /// CallManager's number of the model, the same in both protocols.
    pub device_type: DeviceType,
    /// Programmable keys beside the display.
    pub keys: usize,
    /// How it asks for pages.
    pub client: Client,
    /// What it reports of its display (`x-CiscoIPPhoneDisplay`: pixels, depth,
    /// colour or grey); `None` where nobody has seen it.
    pub pixels: Option<&'static str>,
    /// What its display shows.
    pub display: Display,
    /// Its loads: the usual ones, Skinny before SIP, then older ones.
    loads: &'static [Load],
}

/// A load that such phones run.
#[derive(Debug, PartialEq, Eq)]
struct Load {
    family: &'static Family,
    name: &'static str,
    locale: LocaleFiles,
}

/// How a load names the files of a user locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LocaleFiles {
    /// One archive.
    Archive(&'static str),
    /// Single files, whose names begin with this.
    Single(&'static str),
}

impl Model {
    /// The model with that number on its case.
    pub fn find(number: &str) -> Option<&'static Self> {
        MODELS.iter().find(|model| model.number == number)
    }

    /// All of them, by their numbers.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        MODELS.iter()
    }

    /// How it behaves with this protocol (`"sip"`, in any case); without one
    /// with Skinny, where there is such a load.
    pub fn kind(&self, protocol: Option<&str>) -> Option<Kind> {
        self.loads.iter().map(|load| load.family.kind).find(|kind| {
            protocol.is_none_or(|name| name.eq_ignore_ascii_case(kind.protocol().name()))
        })
    }

    /// The loads that such phones run, and how each boots; the usual ones first.
    pub fn loads(&self) -> impl Iterator<Item = (&'static str, &'static Family)> {
        self.loads.iter().map(|load| (load.name, load.family))
    }

    /// A load that such phones run with the protocol of that kind; empty where
    /// there is none.
    pub fn usual_load(&self, kind: Kind) -> &'static str {
        self.load(kind.protocol()).map_or("", |load| load.name)
    }

    /// The load that such phones usually run with the protocol of that kind,
    /// or any where there is none.
    pub(super) fn usual(&self, kind: Kind) -> (&'static str, &'static Family) {
        self.load(kind.protocol())
            .or(self.loads.first())
            .map_or(("", &SCCP_9), |load| (load.name, load.family))
    }

    /// What it asks for as its user locale, by the protocol of that kind.
    pub(super) fn locale_files(&self, kind: Kind) -> LocaleFiles {
        self.load(kind.protocol())
            .map_or(LocaleFiles::Single(self.number), |load| load.locale)
    }

    fn load(&self, protocol: Protocol) -> Option<&'static Load> {
        self.loads
            .iter()
            .find(|load| load.family.kind.protocol() == protocol)
    }
}

impl Kind {
    /// The model after which it is called.
    pub(super) fn usual_model(self) -> &'static Model {
        Model::find(self.model()).unwrap_or(&MODELS[0])
    }
}

/// A load whose locale is single files.
const fn single(family: &'static Family, name: &'static str, begin: &'static str) -> Load {
    Load {
        family,
        name,
        locale: LocaleFiles::Single(begin),
    }
}

/// A load whose locale is an archive.
const fn archive(family: &'static Family, name: &'static str, archive: &'static str) -> Load {
    Load {
        family,
        name,
        locale: LocaleFiles::Archive(archive),
    }
}

const fn model(
    (number, product): (&'static str, &'static str),
    device_type: u32,
    keys: usize,
    (client, pixels): (Client, Option<&'static str>),
    display: Display,
    loads: &'static [Load],
) -> Model {
    Model {
        number,
        product,
        device_type: DeviceType(device_type),
        keys,
        client,
        pixels,
        display,
        loads,
    }
}

const GREY_794X: Option<&str> = Some("298,144,3,G");
const COLOUR_796X: Option<&str> = Some("298,156,16,C");
const COLOUR_797X: Option<&str> = Some("298,168,12,C");
const COLOUR_88XX: Option<&str> = Some("800,480,24,C");

#[rustfmt::skip] // a table
const LOADS_7960: &[Load] = &[
    single(&UNIVERSAL_SCCP, "P00308010200", "7960"),
    single(&UNIVERSAL_SIP, "P0S3-8-12-00", "7960"),
    single(&OLD_SCCP, "P00305000301", "7960"),
    single(&OLD_SIP, "P0S3-06-3-00", "7960"),
];
#[rustfmt::skip]
const LOADS_7905: &[Load] = &[
    single(&SMALL_7905, "CP7905080003SCCP070409A", "7905"),
    single(&SMALL_7905_SIP, "CP7905080000SIP060111A", "7905"),
];
#[rustfmt::skip]
const LOADS_7912: &[Load] = &[
    single(&SMALL_7912, "CP7912080004SCCP080108A", "7905"),
    single(&SMALL_7912_SIP, "CP7912080000SIP060111A", "7905"),
];
#[rustfmt::skip]
const LOADS_7911: &[Load] = &[
    archive(&SCCP_9, "SCCP11.9-4-2SR3-1S", "tc-sccp.jar"),
    archive(&SIP_9, "SIP11.9-4-2SR3-1S", "tc-sip.jar"),
    archive(&SCCP_8, "SCCP11.8-5-4S", "tc-sccp.jar"),
    archive(&SIP_8, "SIP11.8-5-3S", "tc-sip.jar"),
];
#[rustfmt::skip]
const LOADS_7931: &[Load] = &[
    archive(&SCCP_9, "SCCP31.9-4-2SR3-1S", "gp-sccp.jar"),
    archive(&SIP_9, "SIP31.9-4-2SR3-1S", "gp-sip.jar"),
    archive(&SCCP_8, "SCCP31.8-5-4S", "gp-sccp.jar"),
    archive(&SIP_8, "SIP31.8-5-4S", "gp-sip.jar"),
];
#[rustfmt::skip]
const LOADS_7941: &[Load] = &[
    archive(&SCCP_9, "SCCP41.9-4-2SR3-1S", "mk-sccp.jar"),
    archive(&SIP_9, "SIP41.9-4-2SR3-1S", "mk-sip.jar"),
    archive(&SCCP_8, "SCCP41.8-5-4S", "mk-sccp.jar"),
    archive(&SIP_8, "SIP41.8-5-4S", "mk-sip.jar"),
];
#[rustfmt::skip]
const LOADS_7942: &[Load] = &[
    archive(&SCCP_9, "SCCP42.9-4-2SR3-1S", "mk-sccp.jar"),
    archive(&SIP_9, "SIP42.9-4-2SR3-1S", "mk-sip.jar"),
    archive(&SCCP_8, "SCCP42.8-5-4S", "mk-sccp.jar"),
    archive(&SIP_8, "SIP42.8-5-4S", "mk-sip.jar"),
];
#[rustfmt::skip]
const LOADS_7945: &[Load] = &[
    archive(&SCCP_9, "SCCP45.9-4-2SR4-3S", "be-sccp.jar"),
    archive(&SIP_9, "SIP45.9-4-2SR4-3S", "be-sip.jar"),
    archive(&SCCP_8, "SCCP45.8-5-4S", "be-sccp.jar"),
    archive(&SIP_8, "SIP45.8-5-4S", "be-sip.jar"),
];
#[rustfmt::skip]
const LOADS_7970: &[Load] = &[
    archive(&SCCP_9, "SCCP70.9-4-2SR3-1S", "td-sccp.jar"),
    archive(&SIP_9, "SIP70.9-4-2SR3-1S", "td-sip.jar"),
    archive(&SCCP_8, "SCCP70.8-5-4S", "td-sccp.jar"),
    archive(&SIP_8, "SIP70.8-5-4S", "td-sip.jar"),
];
#[rustfmt::skip]
const LOADS_7975: &[Load] = &[
    archive(&SCCP_9, "SCCP75.9-4-2SR4-3S", "td-sccp.jar"),
    archive(&SIP_9, "SIP75.9-4-2SR4-3S", "td-sip.jar"),
    archive(&SCCP_8, "SCCP75.8-5-4S", "td-sccp.jar"),
    archive(&SIP_8, "SIP75.8-5-4S", "td-sip.jar"),
];
#[rustfmt::skip]
const LOADS_CIPC: &[Load] = &[
    archive(&COMMUNICATOR_SCCP, "CIPC-8-6-6-0", "ipc-sccp.jar"),
    archive(&COMMUNICATOR_SIP, "CIPC-8-6-6-0-SIP", "ipc-sip.jar"),
];
#[rustfmt::skip]
const LOADS_69XX: &[Load] = &[
    archive(&SCCP_69XX, "SCCP69xx.9-4-1-3SR3", "rtl-sccp.jar"),
    archive(&SIP_69XX, "SIP69xx.9-4-1-3SR3", "rtl-sip.jar"),
];
const SIP_78XX: &[Load] = &[archive(&SERIES_78, "sip78xx.12-5-1SR2-2", "sp-sip.jar")];
const SIP_88XX: &[Load] = &[archive(&SERIES_88, "sip88xx.12-5-1SR2-2", "sl-be-sip.jar")];
const SIP_8845: &[Load] = &[archive(
    &SERIES_88,
    "sip8845_65.12-5-1SR2-2",
    "sl-bev-sip.jar",
)];

#[rustfmt::skip] // a table
static MODELS: [Model; 46] = [
    model(("7905", "CP-7905G"), 20000, 1, (First, None), Display::SMALL, LOADS_7905),
    model(("7906", "CP-7906G"), 369, 1, (Second, None), Display::SMALL_LATER, LOADS_7911),
    model(("7910", "CP-7910"), 6, 1, (First, None), Display::SMALL, &[single(&FIRST, "P00405000700", "")]),
    model(("7911", "CP-7911G"), 307, 1, (Second, None), Display::SMALL_LATER, LOADS_7911),
    model(("7912", "CP-7912G"), 30007, 1, (First, None), Display::SMALL, LOADS_7912),
    model(("7920", "CP-7920"), 30002, 6, (First, Some("128, 59, 1, G")), Display::RADIO, &[single(&RADIO, "cmterm_7920.4.0-03-02", "7920")]),
    model(("7921", "CP-7921G"), 365, 6, (First, Some("176, 140, 16, C")), Display::RADIO_LATER, &[single(&RADIO_LATER, "CP7921G-1.4.6.3", "7921")]),
    model(("7925", "CP-7925G"), 484, 6, (First, Some("176, 140, 16, C")), Display::RADIO_LATER, &[single(&RADIO_LATER, "CP7925G-1.4.8.4", "7921")]),
    model(("7926", "CP-7926G"), 577, 6, (First, Some("176, 140, 16, C")), Display::RADIO_LATER, &[single(&RADIO_LATER, "CP7926G-1.4.5.3", "7921")]),
    model(("7931", "CP-7931G"), 348, 20, (Second, None), Display::LOW, LOADS_7931),
    model(("7935", "CP-7935"), 9, 1, (First, None), Display::SMALL, &[single(&FIRST, "P00503021900", "")]),
    model(("7936", "CP-7936"), 30019, 1, (First, None), Display::SMALL, &[single(&FIRST, "cmterm_7936.3-3-21-0", "")]),
    model(("7940", "CP-7940G"), 8, 2, (First, Some("133, 65, 2, G")), Display::MONO, LOADS_7960),
    model(("7941", "CP-7941G"), 115, 2, (Second, GREY_794X), Display::GREY, LOADS_7941),
    model(("7942", "CP-7942G"), 434, 2, (Second, GREY_794X), Display::GREY, LOADS_7942),
    model(("7945", "CP-7945G"), 435, 2, (Second, COLOUR_796X), Display::COLOUR, LOADS_7945),
    model(("7960", "CP-7960"), 7, 6, (First, Some("133, 65, 2, G")), Display::MONO, LOADS_7960),
    model(("7961", "CP-7961G"), 30018, 6, (Second, GREY_794X), Display::GREY, LOADS_7941),
    model(("7962", "CP-7962G"), 404, 6, (Second, GREY_794X), Display::GREY, LOADS_7942),
    model(("7965", "CP-7965G"), 436, 6, (Second, COLOUR_796X), Display::COLOUR, LOADS_7945),
    model(("7970", "CP-7970G"), 30006, 8, (Second, COLOUR_797X), Display::TOUCH, LOADS_7970),
    model(("7971", "CP-7971G-GE"), 119, 8, (Second, COLOUR_797X), Display::TOUCH, LOADS_7970),
    model(("7975", "CP-7975G"), 437, 8, (Second, COLOUR_797X), Display::TOUCH, LOADS_7975),
    model(("ATA186", "ATA186"), 12, 1, (First, None), Display::SMALL, &[single(&ADAPTER, "ATA030204SCCP090202A", "")]),
    model(("ATA187", "ATA187"), 550, 1, (Second, None), Display::SMALL, &[single(&ADAPTER_SIP, "ATA187.9-2-3-1", "")]),
    model(("CIPC", "CIPC"), 30016, 8, (Second, COLOUR_797X), Display::TOUCH, LOADS_CIPC),
    model(("6901", "CP-6901"), 547, 1, (Second, None), Display::SMALL, &[archive(&SCCP_6901, "SCCP6901.9-2-1-a", "rtl-sccp.jar")]),
    model(("6911", "CP-6911"), 548, 1, (Second, None), Display::SMALL, &[archive(&SCCP_6901, "SCCP6911.9-2-1-a", "rtl-sccp.jar")]),
    model(("6921", "CP-6921"), 495, 2, (Second, None), Display::FLAT, LOADS_69XX),
    model(("6941", "CP-6941"), 496, 4, (Second, None), Display::FLAT, LOADS_69XX),
    model(("6945", "CP-6945"), 564, 4, (Second, None), Display::FLAT, LOADS_69XX),
    model(("6961", "CP-6961"), 497, 12, (Second, None), Display::FLAT, LOADS_69XX),
    model(("7811", "CP-7811"), 36213, 1, (Third, None), Display::LOW_78XX, SIP_78XX),
    model(("7821", "CP-7821"), 621, 2, (Third, None), Display::GREY_78XX, SIP_78XX),
    model(("7841", "CP-7841"), 622, 4, (Third, None), Display::GREY_78XX, SIP_78XX),
    model(("7861", "CP-7861"), 623, 16, (Third, None), Display::GREY_78XX, SIP_78XX),
    model(("8811", "CP-8811"), 36217, 5, (Third, Some("800,480,4,G")), Display::WIDE, SIP_88XX),
    model(("8821", "CP-8821"), 36216, 6, (Third, Some("240,320,24,C")), Display::RADIO_88XX, &[archive(&SERIES_88, "sip8821.11-0-6SR2-4", "8821-sip.jar")]),
    model(("8841", "CP-8841"), 683, 5, (Third, COLOUR_88XX), Display::WIDE, SIP_88XX),
    model(("8845", "CP-8845"), 36224, 5, (Third, COLOUR_88XX), Display::WIDE, SIP_8845),
    model(("8851", "CP-8851"), 684, 5, (Third, COLOUR_88XX), Display::WIDE, SIP_88XX),
    model(("8861", "CP-8861"), 685, 5, (Third, COLOUR_88XX), Display::WIDE, SIP_88XX),
    model(("8865", "CP-8865"), 36225, 5, (Third, COLOUR_88XX), Display::WIDE, SIP_8845),
    model(("8961", "CP-8961"), 540, 5, (Third, Some("640,480,24,C")), Display::WIDE_89XX, &[archive(&SERIES_89, "sip8961.9-4-1-9", "gh-sip.jar")]),
    model(("9951", "CP-9951"), 537, 5, (Third, Some("640,480,24,C")), Display::WIDE_89XX, &[archive(&SERIES_99, "sip9951.9-4-1-9", "lk-sip.jar")]),
    model(("9971", "CP-9971"), 493, 6, (Third, Some("640,480,24,C")), Display::WIDE_89XX, &[archive(&SERIES_99, "sip9971.9-4-1-9", "gd-sip.jar")]),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_model_is_one_and_has_a_load() {
        let numbers: HashSet<_> = Model::all().map(|model| model.number).collect();
        let types: HashSet<_> = Model::all().map(|model| model.device_type.0).collect();
        assert_eq!((numbers.len(), types.len()), (MODELS.len(), MODELS.len()));
        for model in Model::all() {
            let kind = model.kind(None).unwrap();
            assert!(!model.usual_load(kind).is_empty(), "{}", model.number);
            assert!(
                model.product.contains(model.number),
                "{} is called {}",
                model.number,
                model.product
            );
        }
    }

    #[test]
    fn a_model_behaves_like_its_generation() {
        let kind = |number: &str, protocol| Model::find(number).unwrap().kind(protocol);
        assert_eq!(kind("7940", None), Some(Kind::Cisco7960));
        assert_eq!(kind("7940", Some("sip")), Some(Kind::Cisco7960Sip));
        assert_eq!(kind("7905", Some("sip")), Some(Kind::Cisco7960Sip));
        assert_eq!(kind("7920", Some("sip")), None);
        assert_eq!(kind("7970", None), Some(Kind::Cisco7961));
        assert_eq!(kind("7970", Some("SIP")), Some(Kind::Cisco7961Sip));
        assert_eq!(kind("8861", None), Some(Kind::Cisco8841));
        for kind in Kind::ALL {
            let model = kind.usual_model();
            assert_eq!(model.number, kind.model());
            assert_eq!(
                model.kind(Some(kind.protocol().name())),
                Some(kind),
                "{kind:?}"
            );
        }
        let files = |number: &str, kind| Model::find(number).unwrap().locale_files(kind);
        let archive = LocaleFiles::Archive("td-sip.jar");
        assert_eq!(files("7970", Kind::Cisco7961Sip), archive);
        let single = LocaleFiles::Single("7960");
        assert_eq!(files("7940", Kind::Cisco7960), single);
    }
}
