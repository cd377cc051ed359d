//! The in-memory world: all that is stored, for reading; and the changes that
//! lead from one world to the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pending::Replan;
use super::{
    ApplicationUser, Catalogue, Cause, DeviceName, DevicePool, DeviceProfile, DirectoryNumber,
    Held, ModelName, NumberRecord, ObjectId, ObjectName, Parameters, Pending, Phone, PhoneModel,
    ProfileDefault, ProfileName, ResolveInput, Service, Session, Timestamp, User, UserId, Wanted,
    replan, resolve,
};

/// One change of the world. A commit is a list of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// New service parameters.
    Parameters(Parameters),
    /// A device pool is there or changed.
    PutPool(DevicePool),
    /// A device pool is gone.
    DropPool(ObjectName),
    /// A phone is there or changed.
    PutPhone(Box<Phone>),
    /// A phone is gone, and with it its session, rows and marks.
    DropPhone(ObjectId),
    /// A profile is there or changed.
    PutProfile(Box<DeviceProfile>),
    /// A profile is gone.
    DropProfile(ObjectId),
    /// A device profile default is there or changed.
    PutProfileDefault(Box<ProfileDefault>),
    /// A device profile default is gone.
    DropProfileDefault(ModelName),
    /// A user is there or changed.
    PutUser(Box<User>),
    /// A user is gone.
    DropUser(ObjectId),
    /// An application user is there or changed.
    PutApplicationUser(ApplicationUser),
    /// An application user is gone.
    DropApplicationUser(UserId),
    /// A service is there or changed.
    PutService(Service),
    /// A service is gone.
    DropService(ObjectName),
    /// What is known of a number.
    PutNumber(NumberRecord),
    /// Nothing is known of a number any more.
    DropNumber(DirectoryNumber),
    /// Someone is signed in on a phone.
    PutSession(Session),
    /// Nobody is signed in on a phone.
    DropSession(ObjectId),
    /// What a phone holds.
    PutHeld(Held),
    /// What is to be done about a phone.
    PutPending(Box<Pending>),
    /// Nothing is to be done about a phone.
    DropPending(ObjectId),
    /// The site file as last applied (JSON), the base of the next merge.
    Applied(String),
    /// A line for the audit, in the same transaction as what it tells of.
    Audit {
        /// Who did it.
        actor: String,
        /// What was done, without secrets.
        what: String,
    },
}

/// All that is stored.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// The service parameters.
    pub parameters: Arc<Parameters>,
    /// Device pools by name.
    pub pools: BTreeMap<ObjectName, Arc<DevicePool>>,
    /// Phones by id.
    pub phones: BTreeMap<ObjectId, Arc<Phone>>,
    /// Profiles by id.
    pub profiles: BTreeMap<ObjectId, Arc<DeviceProfile>>,
    /// Device profile defaults by model.
    pub profile_defaults: BTreeMap<ModelName, Arc<ProfileDefault>>,
    /// Users by id.
    pub users: BTreeMap<ObjectId, Arc<User>>,
    /// Application users.
    pub application_users: BTreeMap<UserId, Arc<ApplicationUser>>,
    /// Services by name.
    pub services: BTreeMap<ObjectName, Service>,
    /// Numbers.
    pub numbers: BTreeMap<DirectoryNumber, NumberRecord>,
    /// Sessions by phone.
    pub sessions: BTreeMap<ObjectId, Session>,
    /// The last user of each phone.
    pub last_users: BTreeMap<ObjectId, ObjectId>,
    /// What phones hold.
    pub held: BTreeMap<ObjectId, Held>,
    /// What is to be done.
    pub pending: BTreeMap<ObjectId, Pending>,
    /// The site file as last applied, JSON.
    pub applied: Option<Arc<str>>,
    phone_names: HashMap<DeviceName, ObjectId>,
    profile_names: HashMap<ProfileName, ObjectId>,
    user_names: HashMap<UserId, ObjectId>,
    last_id: i64,
    /// Grows with each change that may matter to what is wanted somewhere, but
    /// for sessions, which matter to their own phone only.
    revision: u64,
}

/// What the *wanted* of one phone rests on: while it is the same, so is what is
/// wanted there (by the same catalogue). Good in this process only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    revision: u64,
    /// Whose session with which profile.
    session: Option<(ObjectId, ObjectId)>,
}

impl World {
    /// The phone of this name.
    pub fn phone(&self, name: &DeviceName) -> Option<&Arc<Phone>> {
        self.phone_names
            .get(name)
            .and_then(|id| self.phones.get(id))
    }

    /// The profile of this name.
    pub fn profile(&self, name: &ProfileName) -> Option<&Arc<DeviceProfile>> {
        self.profile_names
            .get(name)
            .and_then(|id| self.profiles.get(id))
    }

    /// The user with this very id (case counts).
    pub fn user(&self, id: &UserId) -> Option<&Arc<User>> {
        self.user_names.get(id).and_then(|id| self.users.get(id))
    }

    /// The users that this text may mean at a phone's form: the exact id or
    /// alias; else, when `ignore_case`, every id that fits but for case.
    pub fn users_for(&self, typed: &UserId, ignore_case: bool) -> Vec<&Arc<User>> {
        if let Some(user) = self.user(typed) {
            return vec![user];
        }
        let by_alias: Vec<_> = self
            .users
            .values()
            .filter(|user| user.alias.as_ref() == Some(typed))
            .collect();
        if !by_alias.is_empty() || !ignore_case {
            return by_alias;
        }
        let folded = typed.as_str().to_lowercase();
        self.users
            .values()
            .filter(|user| user.user_id.as_str().to_lowercase() == folded)
            .collect()
    }

    /// The sessions of a user.
    pub fn sessions_of(&self, user: ObjectId) -> impl Iterator<Item = &Session> {
        self.sessions
            .values()
            .filter(move |session| session.user == user)
    }

    /// The pool of this name, or the default one.
    pub fn pool(&self, name: &ObjectName) -> Arc<DevicePool> {
        self.pools
            .get(name)
            .or_else(|| self.pools.get(DevicePool::DEFAULT))
            .cloned()
            .unwrap_or_else(|| Arc::new(DevicePool::default_pool()))
    }

    /// An internal id that nothing has, `nth` from 0 within one decision.
    pub fn free_id(&self, nth: i64) -> ObjectId {
        ObjectId(self.last_id + 1 + nth)
    }

    /// The model a phone is served as, and what is wanted on it with
    /// `session`; `None` when the catalogue does not know its model.
    pub fn wanted_with<'a>(
        &self,
        catalogue: &'a Catalogue,
        phone: &Phone,
        session: Option<&Session>,
    ) -> Option<(Wanted, &'a PhoneModel)> {
        let model = catalogue.model(phone.served_model())?;
        let mut protocol = phone.protocol_or(model.first_protocol());
        if model.facts(protocol).is_none() {
            protocol = model.first_protocol();
        }
        let facts = model.facts(protocol)?;
        let session = session.and_then(|session| {
            Some((
                self.users.get(&session.user)?,
                self.profiles.get(&session.profile)?,
            ))
        });
        let logout_profile = match &phone.logout_profile {
            super::LogoutProfile::UseCurrentSettings => None,
            super::LogoutProfile::Profile(name) => self.profile(name),
        };
        let in_force = session.map(|(_, profile)| profile).or(logout_profile);
        let pool = self.pool(&phone.device_pool);
        let wanted = resolve(&ResolveInput {
            phone,
            model,
            protocol,
            facts,
            session: session.map(|(user, profile)| (&**user, &**profile)),
            logout_profile: logout_profile.map(|profile| &**profile),
            same_family: in_force
                .is_none_or(|profile| catalogue.same_family(&profile.model, &model.name)),
            profile_default: self
                .profile_defaults
                .get(&model.name)
                .map(|default| &**default),
            pool: &pool,
            services: &self.services,
            parameters: &self.parameters,
            template: catalogue.template(facts.dialect),
        });
        Some((wanted, model))
    }

    /// What the wanted of a phone rests on now. Costs next to nothing, unlike
    /// the wanted itself.
    pub fn basis(&self, phone: ObjectId) -> Basis {
        let session = self.sessions.get(&phone);
        Basis {
            revision: self.revision,
            session: session.map(|session| (session.user, session.profile)),
        }
    }

    /// What is wanted on a phone now.
    pub fn wanted(&self, catalogue: &Catalogue, phone: ObjectId) -> Option<Wanted> {
        let phone = self.phones.get(&phone)?;
        let session = self.sessions.get(&phone.id);
        self.wanted_with(catalogue, phone, session)
            .map(|(wanted, _)| wanted)
    }

    /// The pending rows that `changes` bring about, as further changes: each
    /// phone whose wanted differs before and after gets one.
    pub fn pending_for(
        &self,
        catalogue: &Catalogue,
        changes: &[Change],
        cause: &Cause,
        now: Timestamp,
        not_before: Timestamp,
    ) -> Vec<Change> {
        let sessions_only = changes.iter().all(|change| {
            matches!(
                change,
                Change::PutSession(_) | Change::DropSession(_) | Change::Audit { .. }
            )
        });
        if sessions_only {
            self.pending_for_sessions(catalogue, changes, cause, now, not_before)
        } else {
            self.pending_for_all(catalogue, changes, cause, now, not_before)
        }
    }

    fn pending_for_sessions(
        &self,
        catalogue: &Catalogue,
        changes: &[Change],
        cause: &Cause,
        now: Timestamp,
        not_before: Timestamp,
    ) -> Vec<Change> {
        let mut after: BTreeMap<ObjectId, Option<&Session>> = BTreeMap::new();
        for change in changes {
            match change {
                Change::PutSession(session) => after.insert(session.phone, Some(session)),
                Change::DropSession(phone) => after.insert(*phone, None),
                _ => continue,
            };
        }
        let mut rows = Vec::new();
        for (id, session) in after {
            let Some(phone) = self.phones.get(&id) else {
                continue;
            };
            let old = self.wanted_with(catalogue, phone, self.sessions.get(&id));
            let new = self.wanted_with(catalogue, phone, session);
            if let (Some((old, _)), Some((new, model))) = (old, new) {
                // A user displaced by a login elsewhere signed out there.
                let cause = match (session, self.sessions.get(&id)) {
                    (None, Some(gone)) => self
                        .users
                        .get(&gone.user)
                        .map_or_else(|| cause.clone(), |u| Cause::Logout(u.user_id.clone())),
                    _ => cause.clone(),
                };
                rows.extend(self.row(id, &old, &new, model, cause, now, not_before));
            }
        }
        rows
    }

    fn pending_for_all(
        &self,
        catalogue: &Catalogue,
        changes: &[Change],
        cause: &Cause,
        now: Timestamp,
        not_before: Timestamp,
    ) -> Vec<Change> {
        let mut after = self.clone();
        for change in changes {
            after.apply(change);
        }
        let mut rows = Vec::new();
        for (id, phone) in &after.phones {
            let Some(before) = self.phones.get(id) else {
                continue;
            };
            let old = self.wanted_with(catalogue, before, self.sessions.get(id));
            let new = after.wanted_with(catalogue, phone, after.sessions.get(id));
            if let (Some((old, _)), Some((new, model))) = (old, new) {
                rows.extend(self.row(*id, &old, &new, model, cause.clone(), now, not_before));
            }
        }
        rows
    }

    #[allow(clippy::too_many_arguments)]
    fn row(
        &self,
        id: ObjectId,
        old: &Wanted,
        new: &Wanted,
        model: &PhoneModel,
        cause: Cause,
        now: Timestamp,
        not_before: Timestamp,
    ) -> Option<Change> {
        let row = self.pending.get(&id);
        let held = self.held.get(&id);
        match replan(
            row,
            held,
            old,
            new,
            model,
            &self.parameters,
            cause,
            now,
            not_before,
        ) {
            Replan::Keep => None,
            Replan::Put(row) => Some(Change::PutPending(row)),
            Replan::Drop => Some(Change::DropPending(id)),
        }
    }

    /// Applies one change.
    pub fn apply(&mut self, change: &Change) {
        if matters_to_many(change) {
            self.revision += 1;
        }
        match change {
            Change::Parameters(parameters) => self.parameters = Arc::new(parameters.clone()),
            Change::PutPool(pool) => {
                self.pools.insert(pool.name.clone(), Arc::new(pool.clone()));
            }
            Change::DropPool(name) => {
                self.pools.remove(name);
            }
            Change::PutPhone(phone) => self.put_phone(phone),
            Change::DropPhone(id) => self.drop_phone(*id),
            Change::PutProfile(profile) => self.put_profile(profile),
            Change::DropProfile(id) => {
                if let Some(profile) = self.profiles.remove(id) {
                    forget(&mut self.profile_names, &profile.name, *id);
                }
            }
            Change::PutProfileDefault(default) => {
                self.profile_defaults
                    .insert(default.model.clone(), Arc::new((**default).clone()));
            }
            Change::DropProfileDefault(model) => {
                self.profile_defaults.remove(model);
            }
            Change::PutUser(user) => self.put_user(user),
            Change::DropUser(id) => {
                if let Some(user) = self.users.remove(id) {
                    forget(&mut self.user_names, &user.user_id, *id);
                }
                self.last_users.retain(|_, user| user != id);
            }
            Change::PutApplicationUser(user) => {
                self.application_users
                    .insert(user.user_id.clone(), Arc::new(user.clone()));
            }
            Change::DropApplicationUser(id) => {
                self.application_users.remove(id);
            }
            Change::PutService(service) => {
                self.services.insert(service.name.clone(), service.clone());
            }
            Change::DropService(name) => {
                self.services.remove(name);
            }
            Change::PutNumber(record) => {
                self.numbers.insert(record.number.clone(), record.clone());
            }
            Change::DropNumber(number) => {
                self.numbers.remove(number);
            }
            Change::PutSession(session) => {
                self.last_users.insert(session.phone, session.user);
                self.sessions.insert(session.phone, session.clone());
            }
            Change::DropSession(phone) => {
                self.sessions.remove(phone);
            }
            Change::PutHeld(held) => {
                self.held.insert(held.phone, held.clone());
            }
            Change::PutPending(row) => {
                self.pending.insert(row.phone, (**row).clone());
            }
            Change::DropPending(phone) => {
                self.pending.remove(phone);
            }
            Change::Applied(site) => self.applied = Some(site.as_str().into()),
            Change::Audit { .. } => {}
        }
    }

    fn saw_id(&mut self, id: ObjectId) {
        self.last_id = self.last_id.max(id.0);
    }

    fn put_phone(&mut self, phone: &Phone) {
        self.saw_id(phone.id);
        if let Some(old) = self.phones.insert(phone.id, Arc::new(phone.clone())) {
            forget(&mut self.phone_names, &old.name, old.id);
        }
        self.phone_names.insert(phone.name.clone(), phone.id);
    }

    fn drop_phone(&mut self, id: ObjectId) {
        if let Some(phone) = self.phones.remove(&id) {
            forget(&mut self.phone_names, &phone.name, id);
        }
        self.sessions.remove(&id);
        self.last_users.remove(&id);
        self.held.remove(&id);
        self.pending.remove(&id);
    }

    fn put_profile(&mut self, profile: &DeviceProfile) {
        self.saw_id(profile.id);
        if let Some(old) = self.profiles.insert(profile.id, Arc::new(profile.clone())) {
            forget(&mut self.profile_names, &old.name, old.id);
        }
        self.profile_names.insert(profile.name.clone(), profile.id);
    }

    fn put_user(&mut self, user: &User) {
        self.saw_id(user.id);
        if let Some(old) = self.users.insert(user.id, Arc::new(user.clone())) {
            forget(&mut self.user_names, &old.user_id, old.id);
        }
        self.user_names.insert(user.user_id.clone(), user.id);
    }
}

/// Whether a change may matter to what is wanted on phones that it does not
/// name. Of a session only its user and its profile matter, to its phone; what
/// is held or pending, the last users and the audit matter to no file.
fn matters_to_many(change: &Change) -> bool {
    match change {
        Change::Parameters(_)
        | Change::PutPool(_)
        | Change::DropPool(_)
        | Change::PutPhone(_)
        | Change::DropPhone(_)
        | Change::PutProfile(_)
        | Change::DropProfile(_)
        | Change::PutProfileDefault(_)
        | Change::DropProfileDefault(_)
        | Change::PutUser(_)
        | Change::DropUser(_)
        | Change::PutApplicationUser(_)
        | Change::DropApplicationUser(_)
        | Change::PutService(_)
        | Change::DropService(_)
        | Change::PutNumber(_)
        | Change::DropNumber(_) => true,
        Change::PutSession(_)
        | Change::DropSession(_)
        | Change::PutHeld(_)
        | Change::PutPending(_)
        | Change::DropPending(_)
        | Change::Applied(_)
        | Change::Audit { .. } => false,
    }
}

/// Takes a name out of an index, unless another object has it by now.
fn forget<N: std::hash::Hash + Eq>(names: &mut HashMap<N, ObjectId>, name: &N, id: ObjectId) {
    if names.get(name) == Some(&id) {
        names.remove(name);
    }
}
