//! Views with made-up values, to try an operator's template with before any
//! phone meets it.

use super::profile::ProfileView;
use super::sip::{DIALPLAN, KeyView, SOFTKEYS, SipView};
use super::text::TextView;
use super::{
    BootView, DateView, DefaultView, EntryView, FEATURE_POLICY, LocaleView, MlppView, ModelView,
    ModuleView, NetworkLocaleView, NodeView, ServicesView, SettingView, UrlsView,
};
use crate::model::{Dialect, ForwardedCallDisplay};

impl BootView {
    /// Something of everything, to try a template with; `full` or as bare as
    /// it gets.
    pub(in super::super) fn sample(dialect: Dialect, full: bool) -> Self {
        let many = |count: usize| if full { count } else { 0 };
        let sip = matches!(
            dialect,
            Dialect::SipLong | Dialect::SipText | Dialect::SipProfile
        );
        let key = |feature, button, index| KeyView {
            feature,
            button,
            index,
            label: "Label".to_owned(),
            name: "2001".to_owned(),
            display_name: "Name".to_owned(),
            contact: "00000000-0000-8000-8000-000000000000".to_owned(),
            ring_idle: 4,
            ring_active: 5,
            lamp: 3,
            maximum_calls: 4,
            busy_trigger: 2,
            forwarded: ForwardedCallDisplay::default(),
        };
        let mut keys = vec![key(9, 1, 1)];
        let more = [key(9, 2, 2), key(2, 3, 1), key(21, 4, 1)];
        keys.extend(more.into_iter().take(many(3)));
        let entry = EntryView {
            r#type: 1,
            name: "Missed Calls".to_owned(),
            url: "Application:Cisco/MissedCalls".to_owned(),
        };
        Self {
            device: "SEP001122334455".to_owned(),
            protocol: if sip { "SIP" } else { "SCCP" },
            stamp: "000000000000000".to_owned(),
            load: if full { "SIP41.9-4-2SR3-1S" } else { "" }.to_owned(),
            date: DateView {
                template: "D.M.Y".to_owned(),
                zone: "GMT Standard/Daylight Time".to_owned(),
                olson: if full { "Europe/London" } else { "" }.to_owned(),
                ntp: vec!["192.0.2.1".to_owned(); many(2)],
            },
            call_managers: vec![
                NodeView {
                    priority: 0,
                    host: "192.0.2.1".to_owned(),
                    address: "192.0.2.1".to_owned(),
                    sccp_port: 2000,
                    sip_port: 5060,
                };
                1 + many(1)
            ],
            locale: full.then(|| LocaleView {
                name: "English_United_States".to_owned(),
                lang_code: "en_US".to_owned(),
                charset: "iso-8859-1".to_owned(),
                version: "1".to_owned(),
            }),
            network_locale: full.then(|| NetworkLocaleView {
                name: "United_States".to_owned(),
                version: "1".to_owned(),
            }),
            modules: vec![
                ModuleView {
                    index: 1,
                    r#type: "7914".to_owned(),
                    lines: 14,
                };
                many(1)
            ],
            mlpp: full.then(|| MlppView {
                domain: "000001".to_owned(),
                indication: "On",
                preemption: "Forceful",
            }),
            vendor_config: vec![
                SettingView {
                    name: "webAccess".to_owned(),
                    value: "0".to_owned(),
                };
                many(1)
            ],
            feature_policy: full.then_some(FEATURE_POLICY),
            urls: UrlsView::sample(),
            services: ServicesView {
                listed: !matches!(dialect, Dialect::SccpShort | Dialect::SipText),
                provisioning: 0,
                entries: vec![entry; 1 + many(2)],
            },
            sip: sip.then(|| SipView {
                port: 5060,
                auth_name: "SEP001122334455".to_owned(),
                auth_password: "secret".to_owned(),
                user: if full { "alice" } else { "" }.to_owned(),
                phone_label: "2001".to_owned(),
                missed_calls: "1".to_owned(),
                external_number_mask: full.then(|| "0555XXXX".to_owned()),
                softkey_file: SOFTKEYS.to_owned(),
                dial_template: DIALPLAN,
                keys,
            }),
            text: (dialect == Dialect::SipText).then(|| TextView::sample(full)),
            profile: (dialect == Dialect::SipProfile).then(|| ProfileView::sample(full)),
        }
    }
}

impl DefaultView {
    /// Likewise.
    pub(in super::super) fn sample() -> Self {
        Self {
            call_managers: BootView::sample(Dialect::SccpShort, false).call_managers,
            models: vec![ModelView {
                type_id: 7,
                title: "Cisco 7960".to_owned(),
            }],
            urls: UrlsView::sample(),
        }
    }
}

impl UrlsView {
    fn sample() -> Self {
        Self {
            authentication: "http://192.0.2.1:8080/ccmcip/authenticate.jsp".to_owned(),
            services: "http://192.0.2.1:8080/ccmcip/getservicesmenu.jsp?name=X".to_owned(),
            menu: "http://192.0.2.1:8080/ccmcip/menu?name=X".to_owned(),
            extension_mobility: "http://192.0.2.1:8080/emapp/EMAppServlet?device=X".to_owned(),
            extension_assigner: "http://192.0.2.1:8080/assigner/ExtensionAssignerServlet"
                .to_owned(),
        }
    }
}
