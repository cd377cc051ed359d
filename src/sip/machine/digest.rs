//! Digest authentication of REGISTER, when the site asks for it (RFC 3261
//! section 22, MD5 as phones know nothing else). REFER and PUBLISH are never
//! challenged: phones cannot answer that.

use crate::model::{SipSecret, Timestamp};
use crate::sip::wire::digest::{Authorization, Challenge};
use crate::sip::wire::{HeaderName, Message, Method, NONCE_LIFETIME, NonceKey, NonceState, Secret};

use super::answer::wall_clock;

/// How phones are challenged.
#[derive(Clone, Debug)]
pub struct Digest {
    /// Whose secrets are meant; phones show it to nobody.
    pub realm: String,
    /// What makes nonces genuine.
    pub key: NonceKey,
}

/// What the credentials of a REGISTER are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It knows the secret.
    Proven,
    /// It is to be asked: it said nothing, or nothing that answers us.
    Ask {
        /// The answer was right, but to an old nonce.
        stale: bool,
    },
    /// It does not know the secret.
    Wrong,
}

impl Digest {
    /// Judges the answer in a REGISTER against the secret of the phone that it
    /// names.
    pub fn judge(
        &self,
        answer: Option<&Authorization>,
        secret: &SipSecret,
        wall: Timestamp,
    ) -> Verdict {
        let Some(answer) = answer.filter(|answer| answer.realm == self.realm) else {
            return Verdict::Ask { stale: false };
        };
        let nonce = self
            .key
            .check(&answer.nonce, wall_clock(wall), NONCE_LIFETIME);
        if nonce == NonceState::Foreign {
            // Most likely minted before we were restarted.
            return Verdict::Ask { stale: false };
        }
        if !answer.proves(&Method::Register, &Secret::new(secret.expose())) {
            return Verdict::Wrong;
        }
        match nonce {
            NonceState::Fresh => Verdict::Proven,
            NonceState::Stale | NonceState::Foreign => Verdict::Ask { stale: true },
        }
    }

    /// Puts a challenge into a 401.
    pub(super) fn challenge(&self, response: &mut Message, stale: bool, wall: Timestamp) {
        let challenge = Challenge {
            realm: self.realm.clone(),
            nonce: self.key.mint(wall_clock(wall)),
            opaque: None,
            stale,
            qop_auth: true,
        };
        response
            .headers
            .push(HeaderName::WWW_AUTHENTICATE, challenge.to_string());
    }

    /// The answer to a challenge of this realm, among all Authorization lines
    /// of a request.
    pub(super) fn answer_in(
        &self,
        request: &Message,
    ) -> Result<Option<Authorization>, crate::sip::wire::Fault> {
        let mut found: Option<Authorization> = None;
        for field in request.headers.all(HeaderName::AUTHORIZATION) {
            if let Some(answer) = Authorization::parse(field.value())?
                && answer.realm == self.realm
            {
                found.get_or_insert(answer);
            }
        }
        Ok(found)
    }
}
