//! Logins and logouts of many: lists of agent desktops, the evening's logout
//! of everybody. Each list is worked in steps with a pause between them, so
//! that who signs in at a phone meanwhile does not wait.

use std::time::Duration;

use super::{LoginCommand, Mobility, Refusal, SignedIn, SignedOut, Tried, UserLogout, logout};
use crate::model::{DeviceName, ObjectId, Origin};
use crate::ports::Scope;

/// Commands between two pauses.
pub const STEP: usize = 50;

/// How long a pause is: with [`STEP`], a hundred commands a second at most, as
/// many as orders leave for phones.
pub const STEP_PAUSE: Duration = Duration::from_millis(500);

/// Logouts that share a commit.
const LOGOUTS_A_COMMIT: usize = 250;

impl Mobility {
    /// Signs in as many as are listed, one after the other; each line has an
    /// answer of its own.
    pub async fn login_many(&self, commands: Vec<LoginCommand>) -> Vec<Result<SignedIn, Refusal>> {
        let mut answers = Vec::with_capacity(commands.len());
        for command in commands {
            self.pause_after(answers.len()).await;
            answers.push(self.login(command).await);
        }
        answers
    }

    /// Signs out as many as are listed.
    pub async fn logout_many(
        &self,
        commands: Vec<ManyLogout>,
    ) -> Vec<Result<Vec<SignedOut>, Refusal>> {
        let mut answers = Vec::with_capacity(commands.len());
        for command in commands {
            self.pause_after(answers.len()).await;
            answers.push(match command {
                ManyLogout::Phone(command) => self.logout(command).await.map(|gone| vec![gone]),
                ManyLogout::User(command) => self.logout_user(command).await,
            });
        }
        answers
    }

    async fn pause_after(&self, done: usize) {
        if done > 0 && done.is_multiple_of(STEP) {
            let until = self.clock.monotonic() + STEP_PAUSE;
            self.clock.sleep_until(until).await;
        }
    }

    /// Signs a user out wherever he is, in one commit (CME: `emadmin logout`).
    ///
    /// # Errors
    /// [`Refusal`]; [`Refusal::NotSignedIn`] when he is nowhere.
    pub async fn logout_user(&self, command: UserLogout) -> Result<Vec<SignedOut>, Refusal> {
        let scope = logout::user_scope(&self.store.world(), &command);
        let meant = command.clone();
        let outcome = self
            .decide(scope, move |world, catalogue, now| {
                logout::decide_user(world, catalogue, now, &meant)
            })
            .await;
        match &outcome {
            Ok(gone) => self.tell_all_signed_out(gone),
            Err(refusal) => self.tell_user_refused(&command, refusal),
        }
        outcome
    }

    /// Signs everybody out who is signed in now, some hundreds a commit so
    /// that logins go on between them. The reconciler paces the restarts.
    ///
    /// # Errors
    /// [`Refusal::Store`] alone, and who was signed out before it stays so and
    /// is told; that nobody is signed in is no refusal.
    pub async fn logout_all(&self, origin: Origin) -> Result<Vec<SignedOut>, Refusal> {
        let phones: Vec<(ObjectId, DeviceName)> = {
            let world = self.store.world();
            let taken = world.sessions.keys();
            taken
                .filter_map(|id| Some((*id, world.phones.get(id)?.name.clone())))
                .collect()
        };
        let mut everybody = Vec::with_capacity(phones.len());
        for some in phones.chunks(LOGOUTS_A_COMMIT) {
            let scope = Scope::Of {
                phones: some.iter().map(|(_, name)| name.clone()).collect(),
                users: Vec::new(),
            };
            let ids: Vec<ObjectId> = some.iter().map(|(id, _)| *id).collect();
            let origin = origin.clone();
            let gone = self
                .decide(scope, move |world, catalogue, now| {
                    Ok(logout::decide_these(world, catalogue, now, &ids, &origin))
                })
                .await?;
            self.tell_all_signed_out(&gone);
            everybody.extend(gone);
        }
        Ok(everybody)
    }

    fn tell_all_signed_out(&self, gone: &[SignedOut]) {
        for one in gone {
            self.tell_signed_out(one);
            self.tell_planned(&one.planned);
        }
    }

    fn tell_user_refused(&self, command: &UserLogout, refusal: &Refusal) {
        let (device, user) = {
            let world = self.store.world();
            let device = command.device.clone();
            (
                device.filter(|name| world.phone(name).is_some()),
                world.user(&command.user).map(|user| user.user_id.clone()),
            )
        };
        self.refused(super::RefusedAttempt {
            tried: Tried::Logout,
            origin: Some(command.origin.clone()),
            device,
            user,
            from: None,
            code: refusal.service_code(),
            why: refusal.to_string(),
        });
    }
}

/// One line of a list of logouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManyLogout {
    /// Whoever is on a phone.
    Phone(super::LogoutCommand),
    /// A user, wherever he is or on one phone.
    User(UserLogout),
}
