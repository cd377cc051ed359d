//! Every parser that takes bytes from outside, as a function that may be given
//! any bytes. None may panic, and each asserts what must hold besides: that
//! what was read is written and read again the same, that a stream means the
//! same wherever it is cut, that nothing grows, that no secret is shown.
//!
//! The coverage-guided fuzzer of `tests/fuzz` runs them, and `tests/it` replays
//! the corpora. What must not live here: knowledge of what a right answer is;
//! that belongs in the tests beside the code.

mod files;
mod ldap;
mod sccp;
mod sip;
mod tftp;
mod trust;
mod web;

/// A target.
pub type Target = fn(&[u8]);

/// All of them, by the name of their corpus.
pub const ALL: &[(&str, Target)] = &[
    ("tftp_packet", tftp::packet),
    ("tftp_transfer", tftp::transfer),
    ("file_name", tftp::file_name),
    ("sip_datagram", sip::datagram),
    ("sip_stream", sip::stream),
    ("sip_values", sip::values),
    ("sip_digest", sip::digest),
    ("sip_bodies", sip::bodies),
    ("sip_hook", sip::hook),
    ("sccp_frames", sccp::frames),
    ("sccp_phone", sccp::phone),
    ("sccp_server", sccp::server),
    ("sccp_alarm", sccp::alarm),
    ("phone_page", web::phone_page),
    ("phone_web", web::phone_web),
    ("http_parameters", web::parameters),
    ("login_service", web::login_service),
    ("login_form", web::login_form),
    ("site_file", files::site),
    ("daemon_config", files::config),
    ("catalogue", files::catalogue),
    ("boot_file", files::boot_file),
    ("load_list", files::load_list),
    ("import_tftpboot", files::import_tftpboot),
    ("import_chan_sccp", files::import_chan_sccp),
    ("import_cme", files::import_cme),
    ("import_bat", files::import_bat),
    ("ldap_responses", ldap::responses),
    ("ldap_filter", ldap::search),
    ("ldap_stored_pin", ldap::stored),
    ("trust_list", trust::list),
];

/// Small numbers off the front of the input; zeros when it is used up.
struct Dice<'a>(&'a [u8]);

impl<'a> Dice<'a> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where `length` octets are cut, as the first bytes of the input say.
fn cuts(dice: &mut Dice<'_>) -> Vec<usize> {
    let count = dice.byte() % 8;
    (0..count).map(|_| usize::from(dice.byte()) + 1).collect()
}

/// `stream` in pieces of these lengths, the rest as the last.
fn pieces<'a>(stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}
