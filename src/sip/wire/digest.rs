//! Digest authentication as phones do it: MD5, with and without `qop=auth` (RFC 2617, RFC 3261 section 22).
//!
//! Both sides are here: the server challenges and verifies, the virtual phone answers. Nothing else than MD5 is
//! offered, since Cisco firmware knows nothing else.

use std::fmt;

use md5::{Digest, Md5};

use super::error::Fault;
use super::method::Method;
use super::nonce::hex;
use super::params::Params;
use super::scan;
use super::secret::Secret;

/// What a server asks: the value of WWW-Authenticate or Proxy-Authenticate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Whose passwords are meant.
    pub realm: String,
    /// See [`NonceKey`](super::NonceKey).
    pub nonce: String,
    /// To be sent back unchanged.
    pub opaque: Option<String>,
    /// The answer was right, but its nonce too old: repeat with this one.
    pub stale: bool,
    /// Offer `qop=auth`. Phones answer either way.
    pub qop_auth: bool,
}

impl Challenge {
    /// Reads a challenge. `None` when the scheme is not Digest, the algorithm not MD5, or quality of protection is
    /// asked for without `auth` among the choices.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let params = digest_params(value).ok()??;
        let qop = params.value("qop");
        let auth = qop.is_some_and(|offer| {
            offer
                .split(',')
                .any(|choice| choice.trim().eq_ignore_ascii_case("auth"))
        });
        if !is_md5(params.value("algorithm")) || (qop.is_some() && !auth) {
            return None;
        }
        Some(Self {
            realm: params.value("realm")?.to_owned(),
            nonce: params.value("nonce")?.to_owned(),
            opaque: params.value("opaque").map(str::to_owned),
            stale: params
                .value("stale")
                .is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            qop_auth: auth,
        })
    }

    /// The answer to this challenge.
    pub fn answer(&self, asked: &Answer<'_>) -> Authorization {
        let mut authorization = Authorization {
            username: asked.username.to_owned(),
            realm: self.realm.clone(),
            nonce: self.nonce.clone(),
            uri: asked.uri.to_owned(),
            response: Secret::new(""),
            qop: self.qop_auth.then(|| Quality {
                cnonce: asked.cnonce.to_owned(),
                count: format!("{:08x}", asked.count),
            }),
            opaque: self.opaque.clone(),
        };
        authorization.response = authorization.expected(asked.method, asked.password);
        authorization
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Digest realm={},nonce={}",
            scan::quote(&self.realm),
            scan::quote(&self.nonce)
        )?;
        if let Some(opaque) = &self.opaque {
            write!(f, ",opaque={}", scan::quote(opaque))?;
        }
        if self.stale {
            f.write_str(",stale=true")?;
        }
        f.write_str(",algorithm=MD5")?;
        if self.qop_auth {
            f.write_str(",qop=\"auth\"")?;
        }
        Ok(())
    }
}

/// What a client puts into its answer.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The user name.
    pub username: &'a str,
    /// The password.
    pub password: &'a Secret,
    /// The method of the request.
    pub method: &'a Method,
    /// The digest URI: the Request-URI, or as 7960s do `sip:` and the registrar.
    pub uri: &'a str,
    /// Chosen at random by the client; used with `qop=auth` only.
    pub cnonce: &'a str,
    /// How many requests used this nonce, this one included; used with `qop=auth` only.
    pub count: u32,
}

/// What a client answers: the value of Authorization or Proxy-Authorization. `Display` writes it for the wire,
/// `Debug` hides the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The user name.
    pub username: String,
    /// The realm as the client understood it; to be compared with ours.
    pub realm: String,
    /// The nonce as the client got it; to be judged by [`NonceKey::check`](super::NonceKey::check).
    pub nonce: String,
    /// The digest URI. Phones write the registrar's, whatever the Request-URI is.
    pub uri: String,
    /// What proves that the client knows the password.
    pub response: Secret,
    /// What `qop=auth` adds.
    pub qop: Option<Quality>,
    /// As in the challenge.
    pub opaque: Option<String>,
}

/// The parts of an answer with `qop=auth`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// The client's own nonce.
    pub cnonce: String,
    /// The count as the client wrote it: eight hexadecimal digits, of which the case matters to the hash.
    pub count: String,
}

impl Quality {
    /// How many requests used the nonce, this one included: at most eight hexadecimal digits, above zero. It rises
    /// from request to request, so one that does not was overheard and is repeated (RFC 2617 section 3.2.2).
    pub fn number(&self) -> Option<u32> {
        let digits = &self.count;
        let good = digits.len() <= 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| good)?;
        (number > 0).then_some(number)
    }
}

impl Authorization {
    /// Reads an answer. `Ok(None)` when it is of another scheme or algorithm, which means no answer to our
    /// challenge; an error when it is a Digest that lacks something or cannot be read.
    pub fn parse(value: &[u8]) -> Result<Option<Self>, Fault> {
        let Some(params) = digest_params(value)? else {
            return Ok(None);
        };
        if !is_md5(params.value("algorithm")) {
            return Ok(None);
        }
        let need = |name| {
            params
                .value(name)
                .map(str::to_owned)
                .ok_or(Fault::Parameter)
        };
        let qop = match params.value("qop") {
            None => None,
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let quality = Quality {
                    cnonce: need("cnonce")?,
                    count: need("nc")?,
                };
                quality.number().ok_or(Fault::Number)?;
                Some(quality)
            }
            Some(_) => return Ok(None),
        };
        Ok(Some(Self {
            username: need("username")?,
            realm: need("realm")?,
            nonce: need("nonce")?,
            uri: need("uri")?,
            response: Secret::new(need("response")?.to_ascii_lowercase()),
            qop,
            opaque: params.value("opaque").map(str::to_owned),
        }))
    }

    /// Whether the client knows the password. User name, realm and nonce are the caller's to judge.
    pub fn proves(&self, method: &Method, password: &Secret) -> bool {
        self.response == self.expected(method, password)
    }

    /// RFC 2617 section 3.2.2.
    fn expected(&self, method: &Method, password: &Secret) -> Secret {
        let ha1 = Secret::new(md5_hex(&[&self.username, &self.realm, password.expose()]));
        let ha2 = md5_hex(&[method.as_str(), &self.uri]);
        Secret::new(match &self.qop {
            None => md5_hex(&[ha1.expose(), &self.nonce, &ha2]),
            Some(Quality { cnonce, count }) => {
                md5_hex(&[ha1.expose(), &self.nonce, count, cnonce, "auth", &ha2])
            }
        })
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Digest username={},realm={},uri={},response={},nonce={}",
            scan::quote(&self.username),
            scan::quote(&self.realm),
            scan::quote(&self.uri),
            scan::quote(self.response.expose()),
            scan::quote(&self.nonce),
        )?;
        if let Some(opaque) = &self.opaque {
            write!(f, ",opaque={}", scan::quote(opaque))?;
        }
        if let Some(Quality { cnonce, count }) = &self.qop {
            write!(f, ",cnonce={},qop=auth,nc={count}", scan::quote(cnonce))?;
        }
        f.write_str(",algorithm=MD5")
    }
}

/// The parameters of a Digest value, or `None` for another scheme.
fn digest_params(value: &[u8]) -> Result<Option<Params>, Fault> {
    let value = scan::trim(value);
    let end = value
        .iter()
        .position(|byte| scan::is_lws(*byte))
        .unwrap_or(value.len());
    let (scheme, rest) = value.split_at(end);
    if !scheme.eq_ignore_ascii_case(b"Digest") {
        return Ok(None);
    }
    Params::parse_commas(rest).map(Some)
}

/// MD5 is what is meant when nothing is said; phones echo the name in lower case.
fn is_md5(algorithm: Option<&str>) -> bool {
    algorithm.is_none_or(|name| name.eq_ignore_ascii_case("MD5"))
}

/// MD5 of the parts with colons between, in lower-case hexadecimal.
fn md5_hex(parts: &[&str]) -> String {
    let mut hash = Md5::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            hash.update(b":");
        }
        hash.update(part.as_bytes());
    }
    hex(hash.finalize().iter())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_example_of_rfc_2617_comes_out() {
        let challenge = Challenge::parse(b"Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"").unwrap();
        let password = Secret::new("Circle Of Life");
        let method = Method::Other("GET".to_owned());
        let answer = challenge.answer(&Answer {
            username: "Mufasa",
            password: &password,
            method: &method,
            uri: "/dir/index.html",
            cnonce: "0a4f113b",
            count: 1,
        });
        assert_eq!(answer.response.expose(), "6629fae49393a05397450978507c4ef1");
        let read = Authorization::parse(answer.to_string().as_bytes())
            .unwrap()
            .unwrap();
        assert_eq!(read, answer);
        assert!(read.proves(&method, &password));
        assert!(!read.proves(&Method::Register, &password));
        assert!(!read.proves(&method, &Secret::new("circle of life")));
    }

    #[test]
    fn without_qop_the_old_hash_is_used() {
        let challenge = Challenge {
            realm: "embody".to_owned(),
            nonce: "n,1\"".to_owned(),
            opaque: None,
            stale: true,
            qop_auth: false,
        };
        let read = Challenge::parse(challenge.to_string().as_bytes()).unwrap();
        assert_eq!(read, challenge);
        let password = Secret::new("x");
        let answer = read.answer(&Answer {
            username: "SEP001122334455",
            password: &password,
            method: &Method::Register,
            uri: "sip:192.0.2.9",
            cnonce: "unused",
            count: 1,
        });
        assert_eq!(answer.qop, None);
        assert!(answer.proves(&Method::Register, &password));
    }

    #[test]
    fn the_answer_of_a_7960_is_read() {
        let value = br#"Digest username="1600",realm="asterisk",uri="sip:192.0.2.9",response="40AE56341397370a90d6720f19562523",nonce="1608794790/f4dc9767e5f40180ee8cb4cd78bd9d3e",opaque="4cf02bb020c6e7ae",cnonce="61cdcfdc",qop=auth,nc=00000001,algorithm=md5"#;
        let answer = Authorization::parse(value).unwrap().unwrap();
        assert_eq!(answer.username, "1600");
        assert_eq!(answer.uri, "sip:192.0.2.9");
        assert_eq!(answer.qop.as_ref().unwrap().count, "00000001");
        assert!(!format!("{answer:?}").contains("40ae"));
        assert!(!answer.proves(&Method::Register, &Secret::new("wrong")));
    }

    /// The example of RFC 7616 section 3.9.1, and those of RFC 2617 without quality of protection.
    #[test]
    fn the_examples_of_other_documents_come_out() {
        let get = Method::Other("GET".to_owned());
        for (value, password) in [
            (
                &br#"Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="8ca523f5e9506fed4657c9700eebdbec", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#[..],
                "Circle of Life",
            ),
            (
                br#"Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
                "CircleOfLife",
            ),
            (
                br#"Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", response="670FD8C2DF070C60B045671B8B24FF02""#,
                "Circle Of Life",
            ),
        ] {
            let answer = Authorization::parse(value).unwrap().unwrap();
            assert!(answer.proves(&get, &Secret::new(password)), "{password}");
            assert!(!answer.proves(&get, &Secret::new("Circle of life")));
            assert!(!answer.proves(&Method::Register, &Secret::new(password)));
        }
    }

    #[test]
    fn one_answer_may_be_written_in_many_ways() {
        let written = r#"Digest username="1600",realm="embody",uri="sip:192.0.2.9",response="0123456789abcdef0123456789abcdef",nonce="n",cnonce="c",qop=auth,nc=0000000A,algorithm=MD5"#;
        let expected = Authorization::parse(written.as_bytes()).unwrap().unwrap();
        assert_eq!(expected.qop.as_ref().unwrap().number(), Some(10));
        for (from, to) in [
            ("Digest ", "  dIGEST\t"),
            ("algorithm=MD5", "algorithm=md5"),
            ("algorithm=MD5", "algorithm=\"MD5\""),
            (",algorithm=MD5", ""),
            ("qop=auth", "qop=\"auth\""),
            ("qop=auth", "QOP = AUTH"),
            (",", " ,\t "),
            (",", ",,"),
            ("=\"", " = \""),
            ("abcdef\"", "ABCDEF\""),
            ("uri=\"sip:192.0.2.9\"", "uri=sip:192.0.2.9"),
            ("algorithm=MD5", "algorithm=MD5,auth-param=\"x, y\","),
        ] {
            assert!(written.contains(from));
            let odd = written.replace(from, to);
            let read = Authorization::parse(odd.as_bytes());
            assert_eq!(read, Ok(Some(expected.clone())), "{odd}");
        }
        // The case of the count goes into the hash.
        let lower = written.replace("0000000A", "0000000a");
        let lower = Authorization::parse(lower.as_bytes()).unwrap().unwrap();
        assert_ne!(
            lower.expected(&Method::Register, &Secret::new("x")),
            expected.expected(&Method::Register, &Secret::new("x"))
        );
        let semicolons = written.replace(
            "uri=\"sip:192.0.2.9\"",
            "uri=\"sip:192.0.2.9;transport=tcp\"",
        );
        let read = Authorization::parse(semicolons.as_bytes())
            .unwrap()
            .unwrap();
        assert_eq!(read.uri, "sip:192.0.2.9;transport=tcp");
    }

    #[test]
    fn a_challenge_that_cannot_be_met_is_none() {
        for other in [
            "Digest realm=\"r\",nonce=\"n\",algorithm=MD5-sess",
            "Digest realm=\"r\",nonce=\"n\",algorithm=SHA-256",
            "Digest realm=\"r\",nonce=\"n\",qop=\"auth-int\"",
            "Digest realm=\"r\"",
            "Basic realm=\"r\"",
        ] {
            assert_eq!(Challenge::parse(other.as_bytes()), None, "{other}");
        }
        let both = "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int, auth\", stale=TRUE";
        let challenge = Challenge::parse(both.as_bytes()).unwrap();
        assert!(challenge.qop_auth && challenge.stale);
    }

    #[test]
    fn other_schemes_are_no_answer_and_broken_ones_are_faults() {
        for other in [
            &b"NoOneKnowsThisScheme opaque-data=here"[..],
            b"Basic eDp5",
            b"Digest username=\"a\",algorithm=SHA-256",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\",response=\"x\",algorithm=MD5-sess",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\",response=\"x\",qop=\"auth,auth-int\"",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\",response=\"x\",qop=auth-int",
            b"",
        ] {
            assert_eq!(Authorization::parse(other), Ok(None));
        }
        for broken in [
            &b"Digest"[..],
            b"Digest username=\"a",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\"",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\",response=\"x\",qop=auth",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\",response=\"x\",qop=auth,cnonce=c,nc=00000000",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\",response=\"x\",qop=auth,cnonce=c,nc=000000001",
            b"Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"u\",response=\"x\",qop=auth,cnonce=c,nc=+1",
        ] {
            assert!(Authorization::parse(broken).is_err());
        }
    }
}
