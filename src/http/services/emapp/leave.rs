//! The logout itself (steps 6 to 11 of the logout).

use axum::body::Body;
use axum::http::Response;

use super::super::pages::{Page, SignedOut};
use super::{Visit, failed, refused};
use crate::emapi::Attempt;
use crate::http::services::pages::Failed;
use crate::mobility::LogoutCommand;
use crate::model::Origin;

impl Visit<'_> {
    pub(super) async fn sign_out(&self) -> Response<Body> {
        let command = LogoutCommand {
            device: self.phone.name.clone(),
            origin: Origin::Phone,
            channel: self.channel(),
        };
        match self.services.parts.mobility.logout(command).await {
            Ok(gone) => self.done(&Page::SignedOut(SignedOut {
                effect: self.effect(&gone.planned),
            })),
            Err(refusal) => self.show(&Page::Failed(Failed {
                about: refused::about(&refusal),
                ..failed(refused::of_refusal(&refusal), Attempt::Logout)
            })),
        }
    }
}
