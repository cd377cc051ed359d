//! Proving who the phone is, with the credentials of its file (RFC 2617).

use crate::handset::chance;
use crate::handset::fault::Fault;
use crate::sip::wire::digest::{Answer, Challenge};
use crate::sip::wire::{HeaderName, Message, Method, Secret, StatusCode};

/// The server's challenge, and how often it was answered.
#[derive(Default)]
pub(super) struct Proof(Option<(Challenge, u32)>);

impl Proof {
    /// Takes the challenge of a 401. One that follows an answer means a wrong
    /// password, unless only the nonce was too old.
    pub(super) fn take(&mut self, response: &Message, answered: bool) -> Result<(), Fault> {
        let challenge = response
            .headers
            .value(HeaderName::WWW_AUTHENTICATE)
            .and_then(|value| Challenge::parse(value))
            .ok_or(Fault::RegisterLacks("readable challenge"))?;
        if answered && !challenge.stale {
            self.0 = None;
            return Err(Fault::RegisterStatus {
                status: StatusCode::UNAUTHORIZED.code(),
                reason: "the credentials of the file are not accepted".to_owned(),
            });
        }
        self.0 = Some((challenge, 0));
        Ok(())
    }

    /// Answers the challenge, where there was one, in a REGISTER.
    pub(super) fn add(
        &mut self,
        request: &mut Message,
        credentials: Option<&(String, Secret)>,
        registrar: &str,
    ) -> Result<(), Fault> {
        let Some((challenge, uses)) = &mut self.0 else {
            return Ok(());
        };
        let Some((user, password)) = credentials else {
            return Err(Fault::NoCredentials);
        };
        *uses += 1;
        let answer = challenge.answer(&Answer {
            username: user,
            password,
            method: &Method::Register,
            uri: registrar,
            cnonce: &chance::hex(8),
            count: *uses,
        });
        request
            .headers
            .push(HeaderName::AUTHORIZATION, answer.to_string());
        Ok(())
    }
}
