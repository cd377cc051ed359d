//! One desk: a phone of any model, Alice, and a profile made for any model.

use std::sync::OnceLock;

use super::*;
use crate::model::{
    AutoProfile, ButtonKind, ButtonTemplate, PhoneModel, ProfileDefault, ServiceParameter,
    TemplateKey,
};

pub(super) const NAME: &str = "SEP001122334455";
const PHONE: ObjectId = ObjectId(1);
const ALICE: ObjectId = ObjectId(2);
const PROFILE: ObjectId = ObjectId(3);

/// Read once: many desks are looked at.
static CONFIGS: OnceLock<PhoneConfigs> = OnceLock::new();

/// The models of the embedded catalogue.
pub(super) fn catalogue() -> Arc<Catalogue> {
    let configs = CONFIGS.get_or_init(|| PhoneConfigs::load(None).unwrap());
    Arc::clone(&configs.catalogue)
}

fn alice() -> User {
    User {
        id: ALICE,
        user_id: UserId::new("alice").unwrap(),
        alias: None,
        first_name: "Alice".to_owned(),
        last_name: String::new(),
        pin: None,
        password: None,
        credential_version: 1,
        profiles: Vec::new(),
        locale: None,
        primary_extension: None,
        self_service_id: None,
        controlled_phones: Vec::new(),
        multiple_login_behavior: None,
        excluded: false,
        extension_assigner: false,
        pin_must_change: false,
        pin_set: None,
    }
}

/// The world of one phone.
pub(super) struct Desk {
    pub(super) world: World,
    pub(super) catalogue: Arc<Catalogue>,
    renderer: Arc<Renderer>,
}

pub(super) fn number(text: &str) -> DirectoryNumber {
    DirectoryNumber::new(text).unwrap()
}

pub(super) fn model(name: &str) -> ModelName {
    ModelName::new(name).unwrap()
}

pub(super) fn subscription(name: &str, parameters: &[(&str, &str)]) -> ServiceSubscription {
    ServiceSubscription {
        name: object(name),
        parameters: parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

pub(super) fn lines(numbers: &[&str]) -> Vec<Line> {
    numbers.iter().map(|it| line(it, None)).collect()
}

pub(super) fn dials(numbers: &[&str]) -> Vec<SpeedDial> {
    let dial = |text: &&str| SpeedDial::new(number(text));
    numbers.iter().map(dial).collect()
}

/// The entries that the catalogue's lists of calls and directories take.
pub(super) const CALL_LISTS: usize = 3;

impl Desk {
    /// A bare phone of a model without a setting, and Alice with an empty
    /// profile made for another model or the same.
    pub(super) fn new(phone_model: &str, profile_model: &str) -> Self {
        let mut world = World::default();
        let mut phone = super::phone(PHONE.0, NAME, phone_model, Vec::new());
        phone.speed_dials.clear();
        world.apply(&Change::PutPhone(Box::new(phone)));
        let profile = ProfileName::new("alice").unwrap();
        let profile = DeviceProfile::new(PROFILE, profile, model(profile_model));
        world.apply(&Change::PutProfile(Box::new(profile)));
        world.apply(&Change::PutUser(Box::new(alice())));
        let configs = CONFIGS.get_or_init(|| PhoneConfigs::load(None).unwrap());
        Self {
            world,
            catalogue: Arc::clone(&configs.catalogue),
            renderer: Arc::clone(&configs.renderer),
        }
    }

    pub(super) fn apply(&mut self, change: &Change) -> &mut Self {
        self.world.apply(change);
        self
    }

    pub(super) fn phone(&mut self, edit: impl FnOnce(&mut Phone)) -> &mut Self {
        let mut phone = (*self.world.phones[&PHONE]).clone();
        edit(&mut phone);
        self.apply(&Change::PutPhone(Box::new(phone)))
    }

    pub(super) fn profile(&mut self, edit: impl FnOnce(&mut DeviceProfile)) -> &mut Self {
        let mut profile = (*self.world.profiles[&PROFILE]).clone();
        edit(&mut profile);
        self.apply(&Change::PutProfile(Box::new(profile)))
    }

    pub(super) fn user(&mut self, edit: impl FnOnce(&mut User)) -> &mut Self {
        let mut user = (*self.world.users[&ALICE]).clone();
        edit(&mut user);
        self.apply(&Change::PutUser(Box::new(user)))
    }

    pub(super) fn parameters(&mut self, edit: impl FnOnce(&mut Parameters)) -> &mut Self {
        let mut parameters = (*self.world.parameters).clone();
        edit(&mut parameters);
        self.apply(&Change::Parameters(parameters))
    }

    pub(super) fn pool(&mut self, edit: impl FnOnce(&mut DevicePool)) -> &mut Self {
        let mut pool = (*self.world.pool(&object(DevicePool::DEFAULT))).clone();
        edit(&mut pool);
        self.apply(&Change::PutPool(pool))
    }

    /// The device profile default of the phone's model.
    pub(super) fn default_of(
        &mut self,
        name: &str,
        edit: impl FnOnce(&mut ProfileDefault),
    ) -> &mut Self {
        let mut default = ProfileDefault {
            model: model(name),
            locale: None,
            features: Features::default(),
            services: Vec::new(),
        };
        edit(&mut default);
        self.apply(&Change::PutProfileDefault(Box::new(default)))
    }

    /// A phone button template: `l` a line, `s` a speed dial, `-` nothing.
    pub(super) fn template(&mut self, name: &str, of: &str, keys: &str) -> &mut Self {
        let key = |letter| match letter {
            'l' => TemplateKey::Line,
            's' => TemplateKey::SpeedDial,
            _ => TemplateKey::None,
        };
        self.apply(&Change::PutButtonTemplate(ButtonTemplate {
            name: object(name),
            model: model(of),
            buttons: keys.chars().map(key).collect(),
        }))
    }

    pub(super) fn service(
        &mut self,
        name: &str,
        url: &str,
        parameters: &[(&str, Option<&str>)],
    ) -> &mut Self {
        let parameter = |(name, default): &(&str, Option<&str>)| ServiceParameter {
            name: (*name).to_owned(),
            display_name: None,
            default: default.map(str::to_owned),
            required: false,
            description: String::new(),
        };
        self.apply(&Change::PutService(Service {
            name: object(name),
            url: url.to_owned(),
            description: String::new(),
            parameter: parameters.iter().map(parameter).collect(),
        }))
    }

    /// The snapshot of the phone, as it is stored while nobody keeps it in
    /// step.
    pub(super) fn snapshot(&mut self, edit: impl FnOnce(&mut DeviceProfile)) -> &mut Self {
        let phone = &self.world.phones[&PHONE];
        let name = ProfileName::new("SEP001122334455-auto").unwrap();
        let mut profile = DeviceProfile::new(PHONE, name, phone.model.clone());
        profile.lines.clone_from(&phone.lines);
        profile.speed_dials.clone_from(&phone.speed_dials);
        profile.services.clone_from(&phone.services);
        profile.features.clone_from(&phone.features);
        profile.locale.clone_from(&phone.locale);
        edit(&mut profile);
        self.apply(&Change::PutAutoProfile(Box::new(AutoProfile {
            phone: PHONE,
            taken: Timestamp(0),
            of: Stamp::from_bits(0),
            profile,
        })))
    }

    pub(super) fn sign_in(&mut self) -> &mut Self {
        self.apply(&Change::PutSession(Session {
            phone: PHONE,
            user: ALICE,
            profile: PROFILE,
            since: Timestamp(0),
            expires: None,
            origin: Origin::Phone,
            frozen: None,
            mismatched: false,
        }))
    }

    pub(super) fn sign_out(&mut self) -> &mut Self {
        self.apply(&Change::DropSession(PHONE))
    }

    pub(super) fn over_sip(&mut self) -> &mut Self {
        self.phone(|phone| phone.observed_protocol = Some(Protocol::Sip))
    }

    pub(super) fn wanted(&self) -> Wanted {
        self.world.wanted(&self.catalogue, PHONE).unwrap()
    }

    pub(super) fn model(&self) -> &PhoneModel {
        let name = self.world.phones[&PHONE].served_model();
        self.catalogue.model(name).unwrap()
    }

    const CONTEXT: RenderContext<'_> = RenderContext {
        host: "192.0.2.1",
        ports: PORTS,
        host_time_zone: "Europe/London",
        now: NOW,
    };

    pub(super) fn file(&self) -> String {
        let file = self.renderer.boot_file(&self.wanted(), &Self::CONTEXT);
        String::from_utf8(file.unwrap().to_vec()).unwrap()
    }

    /// The compiled one.
    pub(super) fn compiled(&self) -> Vec<u8> {
        let wanted = self.wanted();
        let dialect = wanted.file.dialect;
        let file = self
            .renderer
            .compiled_file(&wanted, dialect, &Self::CONTEXT);
        file.unwrap().to_vec()
    }

    /// The keys as a person reads them: `1 line 2001`, `6 emergency 112`.
    pub(super) fn keys(&self) -> Vec<String> {
        let wanted = self.wanted();
        let key = |button: &crate::model::Button| match &button.kind {
            ButtonKind::Line { number: None, .. } => format!("{} placeholder", button.key),
            ButtonKind::Line {
                number: Some(number),
                overlaid,
                ..
            } => {
                let all: Vec<String> = std::iter::once(number)
                    .chain(overlaid)
                    .map(ToString::to_string)
                    .collect();
                format!("{} line {}", button.key, all.join(","))
            }
            ButtonKind::SpeedDial {
                number,
                emergency,
                blf,
                ..
            } => {
                let word = match (emergency, blf) {
                    (true, _) => "emergency",
                    (_, true) => "lamp",
                    _ => "dial",
                };
                format!("{} {word} {number}", button.key)
            }
        };
        wanted.buttons().iter().map(key).collect()
    }

    /// What found no key, in the words of the plan.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.wanted().remarks()
    }

    /// The menu as a person reads it: names, then the entry that signs in.
    pub(super) fn menu(&self) -> Vec<String> {
        let wanted = self.wanted();
        let entries = wanted.menu.iter();
        let mut names: Vec<String> = entries
            .map(|entry| format!("{} {}", entry.name, entry.url))
            .collect();
        names.extend(wanted.door.map(|door| format!("[{door}]")));
        names
    }
}
