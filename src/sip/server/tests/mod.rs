//! The server over loopback, told from the phone's side. What the server leans
//! on is played here.
#![allow(clippy::unwrap_used, clippy::panic)]

mod datagrams;
mod digest;
mod floods;
mod forged;
mod house;
mod identity;
mod phone;
mod stories;
mod strangers;

use house::{House, foreign, other_device, registered_file};
use phone::Desk;
