//! Stories: who sits down where, and what becomes of it.

#![allow(clippy::unwrap_used)]

mod audit;
mod behaviour;
mod ending;
mod events;
mod eviction;
mod leaving;
mod logins;
mod many;
mod orders;
mod policy;
mod queries;
mod scenarios;

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::query::{DeviceUser, PhoneState};
use super::testing::{
    DESK, House, LAB, LOBBY, catalogue, device, house, login, logout, uid, world,
};
use super::*;
use crate::model::{
    Aim, LoginTime, MultipleLogin, Parameters, Pending, Phone, ProfileName, Progress, User, World,
};
use crate::ports::{EventKind, NoJournal, StoreError};

const NOW: Timestamp = Timestamp(5_000_000);

fn decide(world: &World, command: &LoginCommand) -> Result<SignedIn, Refusal> {
    login::decide(world, &catalogue(), NOW, command).map(|decision| decision.value)
}

fn refused(world: &World, command: &LoginCommand) -> (u16, Refusal) {
    let refusal = decide(world, command).unwrap_err();
    (refusal.service_code(), refusal)
}

fn edit_user(world: &mut World, name: &str, edit: impl FnOnce(&mut User)) {
    let mut user = (**world.user(&uid(name)).unwrap()).clone();
    edit(&mut user);
    world.apply(&Change::PutUser(Box::new(user)));
}

fn edit_phone(world: &mut World, name: &str, edit: impl FnOnce(&mut Phone)) {
    let mut phone = (**world.phone(&device(name)).unwrap()).clone();
    edit(&mut phone);
    world.apply(&Change::PutPhone(Box::new(phone)));
}

fn set(world: &mut World, edit: impl FnOnce(&mut Parameters)) {
    let mut parameters = (*world.parameters).clone();
    edit(&mut parameters);
    world.apply(&Change::Parameters(parameters));
}

fn sign_in(world: &mut World, who: &str, on: &str) -> SignedIn {
    let decision = login::decide(world, &catalogue(), NOW, &login(who, on)).unwrap();
    for change in &decision.changes {
        world.apply(change);
    }
    decision.value
}

fn row<'a>(world: &'a World, on: &str) -> Option<&'a Pending> {
    world.pending.get(&world.phone(&device(on)).unwrap().id)
}

/// Lets every task that can run do so.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

async fn pass(house: &House, minutes: u64) {
    for _ in 0..minutes {
        house.clock.advance(Duration::from_secs(60));
        settle().await;
    }
}
