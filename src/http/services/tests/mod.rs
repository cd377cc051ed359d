//! What a phone sees of the services, told as the stories of a phone.

mod arrivals;
mod house;
mod login;
mod logout;
mod pins;
mod trust;
mod verify;
mod wishes;
