//! Who is meant, and what would prove it.

use super::lockout::Account;
use super::pins;
use crate::model::{ApplicationUser, CredentialHash, Secret, Timestamp, User, UserId, World};
use crate::ports::{Denied, Identity, Verified};

/// Who the identity turned out to be, and what would prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) verified: Verified,
    pub(super) proof: Where,
}

/// Where the credential is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// Here, as a hash.
    Here(CredentialHash),
    /// With the directory server.
    There,
    /// Nowhere.
    Nowhere,
}

/// Which credentials the directory server keeps: those of everybody who has
/// no hash of the kind here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct KeptThere {
    pub(super) passwords: bool,
    pub(super) pins: bool,
}

impl KeptThere {
    /// Whether it keeps this kind.
    pub(super) fn kind_of(self, secret: &Secret) -> bool {
        match secret {
            Secret::Pin(_) => self.pins,
            Secret::Password(_) => self.passwords,
        }
    }

    fn place(self, hash: Option<&CredentialHash>, secret: &Secret) -> Where {
        match hash {
            Some(hash) => Where::Here(hash.clone()),
            None if self.kind_of(secret) => Where::There,
            None => Where::Nowhere,
        }
    }
}

impl Candidate {
    fn user(world: &World, user: &User, secret: &Secret, there: KeptThere, now: Timestamp) -> Self {
        let hash = match secret {
            Secret::Pin(_) => user.pin.as_ref(),
            Secret::Password(_) => user.password.as_ref(),
        };
        let with_pin = matches!(secret, Secret::Pin(_));
        Self {
            verified: Verified::User {
                id: user.id,
                user_id: user.user_id.clone(),
                version: user.credential_version,
                pin_must_change: with_pin && pins::must_change(user, &world.parameters, now),
            },
            proof: there.place(hash, secret),
        }
    }

    fn application(user: &ApplicationUser, secret: &Secret, there: KeptThere) -> Self {
        Self {
            verified: Verified::Application {
                user_id: user.user_id.clone(),
                proxy_rights: user.proxy_rights,
                version: user.credential_version,
            },
            proof: match secret {
                Secret::Pin(_) => Where::Nowhere,
                Secret::Password(_) => there.place(user.password.as_ref(), secret),
            },
        }
    }

    pub(super) fn user_id(&self) -> &UserId {
        match &self.verified {
            Verified::User { user_id, .. } | Verified::Application { user_id, .. } => user_id,
        }
    }

    pub(super) fn account(&self) -> Account {
        match &self.verified {
            Verified::User { id, .. } => Account::User(*id),
            Verified::Application { user_id, .. } => Account::Application(user_id.clone()),
        }
    }

    pub(super) fn version(&self) -> u64 {
        match &self.verified {
            Verified::User { version, .. } | Verified::Application { version, .. } => *version,
        }
    }
}

/// Finds who is meant.
pub(super) fn find(
    world: &World,
    identity: &Identity,
    secret: &Secret,
    there: KeptThere,
    now: Timestamp,
) -> Result<Candidate, Denied> {
    match identity {
        Identity::User {
            typed,
            login_type,
            ignore_case,
        } => match world.users_for(typed, *login_type, *ignore_case).as_slice() {
            [] => Err(Denied::Unknown),
            [user] => Ok(Candidate::user(world, user, secret, there, now)),
            _ => Err(Denied::Ambiguous),
        },
        Identity::Application(id) => {
            if let Some(user) = world.application_users.get(id) {
                return Ok(Candidate::application(user, secret, there));
            }
            // An end user acts through the login service by password, never
            // by PIN.
            match (world.user(id), secret) {
                (Some(user), Secret::Password(_)) => {
                    Ok(Candidate::user(world, user, secret, there, now))
                }
                (Some(_), Secret::Pin(_)) => Err(Denied::NotSet),
                (None, _) => Err(Denied::Unknown),
            }
        }
    }
}

/// The id that an unknown identity goes by.
pub(super) fn id_as_typed(identity: &Identity) -> &UserId {
    match identity {
        Identity::User { typed, .. } => typed,
        Identity::Application(id) => id,
    }
}

/// A directory server knows no case: where two are configured whose ids differ
/// by case alone, its entry is for one of them only.
pub(super) fn has_twin(world: &World, id: &UserId) -> bool {
    let folded = id.as_str().to_lowercase();
    let twin = |other: &UserId| other != id && other.as_str().to_lowercase() == folded;
    world.users.values().any(|user| twin(&user.user_id)) || world.application_users.keys().any(twin)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::world;
    use super::*;
    use crate::model::{LoginType, ObjectId, Password, Pin};

    fn found(identity: &Identity, secret: &Secret) -> Result<(Option<ObjectId>, bool), Denied> {
        find(
            &world(),
            identity,
            secret,
            KeptThere::default(),
            Timestamp(0),
        )
        .map(|found| {
            let id = match found.verified {
                Verified::User { id, .. } => Some(id),
                Verified::Application { .. } => None,
            };
            (id, matches!(found.proof, Where::Here(_)))
        })
    }

    fn typed(text: &str, ignore_case: bool) -> Identity {
        Identity::User {
            typed: UserId::new(text).unwrap(),
            login_type: LoginType::UserId,
            ignore_case,
        }
    }

    #[test]
    fn a_user_is_found_by_id_alias_and_case() {
        let pin = Secret::Pin(Pin::new("1"));
        let alice = Ok((Some(ObjectId(11)), true));
        assert_eq!(found(&typed("alice", false), &pin), alice);
        assert_eq!(found(&typed("2001", false), &pin), alice);
        assert_eq!(found(&typed("ALICE", true), &pin), alice);
        assert_eq!(found(&typed("ALICE", false), &pin), Err(Denied::Unknown));
        assert_eq!(found(&typed("twin", true), &pin), Err(Denied::Ambiguous));
        let exact = Ok((Some(ObjectId(13)), false));
        assert_eq!(found(&typed("Twin", true), &pin), exact);
    }

    #[test]
    fn the_kind_of_secret_chooses_the_credential() {
        let (pin, password) = (
            Secret::Pin(Pin::new("1")),
            Secret::Password(Password::new("1")),
        );
        let app = |id: &str| Identity::Application(UserId::new(id).unwrap());
        assert_eq!(found(&app("emapp"), &password), Ok((None, true)));
        assert_eq!(found(&app("emapp"), &pin), Ok((None, false)));
        assert_eq!(
            found(&app("alice"), &password),
            Ok((Some(ObjectId(11)), true))
        );
        assert_eq!(found(&app("alice"), &pin), Err(Denied::NotSet));
        assert_eq!(found(&app("2001"), &password), Err(Denied::Unknown));
        assert_eq!(
            found(&typed("Twin", false), &password),
            Ok((Some(ObjectId(13)), false))
        );
    }

    #[test]
    fn who_has_no_hash_here_is_asked_for_there() {
        let place = |id: &str, secret: &Secret, there| {
            let found = find(&world(), &typed(id, false), secret, there, Timestamp(0)).unwrap();
            let twin = has_twin(&world(), found.user_id());
            (found.proof, twin)
        };
        let (pin, password) = (
            Secret::Pin(Pin::new("1")),
            Secret::Password(Password::new("1")),
        );
        let passwords = KeptThere {
            passwords: true,
            pins: false,
        };
        assert_eq!(place("Twin", &password, passwords), (Where::There, true));
        assert_eq!(place("Twin", &pin, passwords), (Where::Nowhere, true));
        let both = KeptThere {
            passwords: true,
            pins: true,
        };
        assert_eq!(place("Twin", &pin, both), (Where::There, true));
        assert!(matches!(
            place("alice", &pin, both),
            (Where::Here(_), false)
        ));
    }
}
