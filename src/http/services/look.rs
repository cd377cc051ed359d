//! How one phone wants its pages: soft keys, charset, language, and the
//! addresses under which it comes back.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::Services;
use super::request::Asked;
use crate::model::{
    Charset as ModelCharset, DeviceName, LoginType, ModelName, Phone, PhoneModel,
    SoftKeyLayout as ModelLayout, World, address_for,
};
use crate::phonexml::{Charset, KeyLabels, SoftKey, SoftKeyLayout, SubmitMethod, Url};
use crate::provision::{Language, Word, Wording, Words, fill};

/// The longest `services_host` that leaves room for what follows it in the 256
/// characters of a URL.
const LONGEST_HOST: usize = 100;

/// The login application.
pub(super) const APPLICATION: &str = "/emapp/EMAppServlet";

/// The Extension Assigner.
pub(super) const ASSIGNER: &str = "/assigner/ExtensionAssignerServlet";

/// The change of a PIN.
pub(super) const CHANGE_PIN: &str = "/changecredential/ChangeCredentialServlet";

/// How this phone wants its pages.
#[derive(Clone, Debug)]
pub struct Look {
    /// Where its soft keys sit.
    pub layout: SoftKeyLayout,
    /// What it reads.
    pub charset: Charset,
    /// How its forms come back.
    pub submit: SubmitMethod,
    /// Its language.
    pub words: Words,
    /// Where it reaches us.
    pub links: Links,
}

impl Look {
    /// The look for a phone: what its model is known for, else what its
    /// request tells.
    pub(super) fn of(services: &Services, asked: &Asked, phone: Option<&Phone>) -> Self {
        let catalogue = services.parts.mobility.catalogue();
        // What the phone says of itself counts before what is configured.
        let product = asked.header("x-ciscoipphonemodelname");
        let configured = phone.map(Phone::served_model);
        let named = product.or(configured.map(ModelName::as_str));
        let model: Option<&PhoneModel> = match product {
            Some(product) => catalogue.by_product_name(product),
            None => configured.and_then(|model| catalogue.model(model)),
        };
        let layout = match model.map(|model| model.softkey_layout) {
            Some(ModelLayout::Old) => SoftKeyLayout::Old,
            Some(ModelLayout::New) => SoftKeyLayout::New,
            None => SoftKeyLayout::for_model(named.unwrap_or("7960")),
        };
        let offered = asked.list("accept-charset");
        let charset = match model.map(|model| model.charset) {
            Some(ModelCharset::Latin1) => Charset::negotiate_latin1(offered.as_deref()),
            Some(ModelCharset::Utf8) | None => Charset::negotiate(offered.as_deref()),
        };
        let (locale, host) = {
            let world = services.parts.mobility.store().world();
            let locale = phone.and_then(|phone| user_locale(&world, services, phone));
            (locale, world.parameters.services_host.clone())
        };
        let language = locale
            .and_then(|locale| Language::of_locale(&locale))
            .or_else(|| Language::accepted(&asked.list("accept-language")?))
            .unwrap_or(Language::English);
        let (peer, local) = (asked.ends.peer.ip(), asked.ends.local.ip());
        let address = address_for(services.parts.advertised, peer, local);
        let here = SocketAddr::new(address, asked.ends.local.port());
        Self {
            layout,
            charset,
            submit: named.map(SubmitMethod::for_model).unwrap_or_default(),
            words: services.parts.wording.words(language),
            links: Links::new(&base(host.as_deref(), here), phone.map(|phone| &phone.name)),
        }
    }

    /// A look for pages that are drawn without a request.
    pub fn plain(
        wording: &Arc<Wording>,
        language: Language,
        model: &str,
        charset: Charset,
        links: Links,
    ) -> Self {
        Self {
            layout: SoftKeyLayout::for_model(model),
            charset,
            submit: SubmitMethod::for_model(model),
            words: wording.words(language),
            links,
        }
    }

    /// A word that has no places.
    pub fn word(&self, word: Word) -> &str {
        self.words.text(word)
    }

    /// A text with its places filled, so that all of it fits: it is the values
    /// that are cut, the longest of them first, and not the end of the text.
    pub fn say(&self, word: Word, values: &[(&str, &str)]) -> String {
        let text = self.words.text(word);
        let mut values: Vec<(&str, Cow<'_, str>)> = values
            .iter()
            .map(|(place, value)| (*place, self.charset.transliterate(value)))
            .collect();
        let room = word.room().characters();
        // Once for each value: the longest gives what it can.
        for _ in 0..=values.len() {
            let filled: Vec<(&str, &str)> = values.iter().map(|(p, v)| (*p, &**v)).collect();
            let said = fill(text, &filled);
            let over = said.chars().count().saturating_sub(room);
            let longest = values.iter_mut().max_by_key(|(_, v)| v.chars().count());
            let Some((_, longest)) = longest.filter(|_| over > 0) else {
                return said;
            };
            let left = longest.chars().count().saturating_sub(over).max(1);
            *longest = Cow::Owned(longest.chars().take(left).collect());
        }
        fill(text, &[])
    }

    /// The words on the keys of a form.
    pub(super) fn form_keys(&self) -> KeyLabels<'_> {
        KeyLabels {
            submit: self.word(Word::Submit),
            erase: self.word(Word::Erase),
            exit: self.word(Word::Cancel),
            ..KeyLabels::default()
        }
    }

    /// The words on the keys of a list.
    pub(super) fn list_keys(&self) -> KeyLabels<'_> {
        KeyLabels {
            select: self.word(Word::Select),
            exit: self.word(Word::Exit),
            ..KeyLabels::default()
        }
    }
}

/// The user locale that is wanted on a phone now.
fn user_locale(world: &World, services: &Services, phone: &Phone) -> Option<String> {
    let wanted = world.wanted(services.parts.mobility.catalogue(), phone.id)?;
    Some(wanted.file.user_locale)
}

/// The beginning of our URLs. A host name that would leave no room, or could
/// not stand in a URL, gives way to the address that the phone reached.
fn base(host: Option<&str>, here: SocketAddr) -> String {
    let port = here.port();
    let plain = |host: &&str| {
        !host.is_empty()
            && host.len() <= LONGEST_HOST
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    };
    match host.map(str::trim) {
        Some(host) if matches!(host.parse(), Ok(IpAddr::V6(_))) => {
            format!("http://[{host}]:{port}")
        }
        Some(host) if plain(&host) => format!("http://{host}:{port}"),
        _ => format!("http://{here}"),
    }
}

/// The addresses of our pages for one phone.
#[derive(Clone, Debug)]
pub struct Links {
    base: String,
    /// The login application as the phone came to it.
    path: String,
    device: Option<DeviceName>,
    login_type: Option<LoginType>,
}

impl Links {
    /// Links that begin with `base` (`http://host:port`), for a phone.
    pub fn new(base: &str, device: Option<&DeviceName>) -> Self {
        Self {
            base: base.to_owned(),
            path: APPLICATION.to_owned(),
            device: device.cloned(),
            login_type: None,
        }
    }

    /// The same, by another way to the application, and with the `loginType`
    /// that it was opened with.
    #[must_use]
    pub fn by(mut self, path: &str, login_type: Option<LoginType>) -> Self {
        path.clone_into(&mut self.path);
        self.login_type = login_type;
        self
    }

    /// The login application.
    pub fn application(&self, more: &[(&str, &str)]) -> Url {
        self.url(&self.path, self.device.as_ref(), more)
    }

    /// The same for another phone.
    pub fn application_of(&self, device: &DeviceName) -> Url {
        self.url(&self.path, Some(device), &[])
    }

    /// The login application by its own name, however the phone came here.
    pub fn door(&self) -> Url {
        self.url(APPLICATION, self.device.as_ref(), &[])
    }

    /// The Extension Assigner.
    pub fn assigner(&self) -> Url {
        self.url(ASSIGNER, self.device.as_ref(), &[])
    }

    /// The change of a PIN.
    pub fn change_pin(&self, more: &[(&str, &str)]) -> Url {
        self.url(CHANGE_PIN, self.device.as_ref(), more)
    }

    /// Everything in it is ours and short, so it is a URL; were it none, the
    /// key would leave the page rather than the page be lost.
    fn url(&self, path: &str, device: Option<&DeviceName>, more: &[(&str, &str)]) -> Url {
        let mut url = format!("{}{path}", self.base);
        let mut mark = '?';
        let login_type = self.login_type.map(|kind| ("loginType", kind_word(kind)));
        let first = device.map(|device| ("device", device.as_str()));
        for (name, value) in first
            .into_iter()
            .chain(login_type)
            .chain(more.iter().copied())
        {
            url.push(mark);
            url.push_str(name);
            url.push('=');
            url.push_str(&crate::emapi::encode_user_id(value));
            mark = '&';
        }
        Url::new(url).unwrap_or_else(|_| SoftKey::Exit.into())
    }
}

/// How a `loginType` is written.
fn kind_word(kind: LoginType) -> &'static str {
    match kind {
        LoginType::UserId => "UID",
        LoginType::DirectoryNumber => "DN",
        LoginType::SelfService => "SP",
    }
}

/// Reads a `loginType`; `None`: it is none of its three words (Cisco, *Feature
/// Configuration Guide*, Extension Mobility: the service's URL).
pub(super) fn read_login_type(text: &str) -> Option<LoginType> {
    [
        LoginType::UserId,
        LoginType::DirectoryNumber,
        LoginType::SelfService,
    ]
    .into_iter()
    .find(|kind| kind_word(*kind).eq_ignore_ascii_case(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What would be no URL, or leave no room in one, gives way to the address.
    #[test]
    fn a_host_is_told_where_it_can_stand_in_a_url() {
        let here = SocketAddr::from(([192, 0, 2, 1], 8080));
        let long = "h".repeat(LONGEST_HOST + 1);
        for (host, told) in [
            (None, "http://192.0.2.1:8080"),
            (Some("em.example.com"), "http://em.example.com:8080"),
            (Some("192.0.2.9"), "http://192.0.2.9:8080"),
            (Some("2001:db8::1"), "http://[2001:db8::1]:8080"),
            (Some(""), "http://192.0.2.1:8080"),
            (Some("a host"), "http://192.0.2.1:8080"),
            (Some(&long), "http://192.0.2.1:8080"),
        ] {
            assert_eq!(base(host, here), told, "{host:?}");
        }
    }
}
