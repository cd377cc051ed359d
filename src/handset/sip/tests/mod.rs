//! Stories of the SIP phone, and its opinion of single messages.

mod opinions;
mod registrar;
mod stories;
