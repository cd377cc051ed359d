//! Pages out: the phone's charset and soft keys, and the headers it honours.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::Services;
use super::request::Asked;
use crate::model::{
    Charset as ModelCharset, ModelName, Phone, PhoneModel, SoftKeyLayout as ModelLayout,
    address_for,
};
use crate::phonexml::{Charset, Object, SoftKeyLayout, SubmitMethod, Text, Url};

/// A date in the past, after 1970: the page is not put on the URL stack, so
/// Back does not submit again.
const PAST: HeaderValue = HeaderValue::from_static("Thu, 26 Oct 1995 00:00:00 GMT");

/// How this phone wants its pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Where its soft keys sit.
    pub(super) layout: SoftKeyLayout,
    /// What it reads.
    pub(super) charset: Charset,
    /// How its forms come back.
    pub(super) submit: SubmitMethod,
    /// Where it reaches us.
    pub(super) here: SocketAddr,
}

impl Look {
    /// The look for a phone: what its model is known for, else what its
    /// request tells.
    pub(super) fn of(services: &Services, asked: &Asked, phone: Option<&Phone>) -> Self {
        let catalogue = services.parts.mobility.catalogue();
        // What the phone says of itself counts before what is configured.
        let product = asked.header("x-ciscoipphonemodelname");
        let configured = phone.map(Phone::served_model);
        let named = product.or(configured.map(ModelName::as_str));
        let model: Option<&PhoneModel> = match product {
            Some(product) => catalogue.by_product_name(product),
            None => configured.and_then(|model| catalogue.model(model)),
        };
        let layout = match model.map(|model| model.softkey_layout) {
            Some(ModelLayout::Old) => SoftKeyLayout::Old,
            Some(ModelLayout::New) => SoftKeyLayout::New,
            None => SoftKeyLayout::for_model(named.unwrap_or("7960")),
        };
        let offered = asked.list("accept-charset");
        let charset = match model.map(|model| model.charset) {
            Some(ModelCharset::Latin1) => Charset::negotiate_latin1(offered.as_deref()),
            Some(ModelCharset::Utf8) | None => Charset::negotiate(offered.as_deref()),
        };
        let (peer, local) = (asked.ends.peer.ip(), asked.ends.local.ip());
        let address = address_for(services.parts.advertised, peer, local);
        Self {
            layout,
            charset,
            submit: named.map(SubmitMethod::for_model).unwrap_or_default(),
            here: SocketAddr::new(address, asked.ends.local.port()),
        }
    }

    /// A URL of ours for this phone. Paths and values are ours, so it fits the
    /// 256 characters; the emptiest page that could result is still a page.
    pub(super) fn url(&self, path: &str, parameters: &[(&str, &str)]) -> Option<Url> {
        let mut url = format!("http://{}{path}", self.here);
        for (at, (name, value)) in parameters.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.push_str(&crate::emapi::encode_user_id(value));
        }
        Url::new(url).ok()
    }

    /// The object as this phone reads it.
    pub(super) fn show(&self, object: &Object) -> Response<Body> {
        let body = object.to_bytes(self.charset);
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.charset.content_type()),
        );
        headers.insert(header::EXPIRES, PAST);
        // One request a connection: its end tells that the page has left.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// A page that says something, with a way out.
    pub(super) fn say(&self, title: &str, prompt: &str, text: &str) -> Response<Body> {
        let page = Text::new(text)
            .title(title)
            .prompt(prompt)
            .with_exit(self.layout, "Exit");
        self.show(&Object::Text(page))
    }
}

/// A plain answer.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// What is no question to any service. Of these a phone shows no more than
/// *HTTP Error*; the words are for people with other clients.
pub(super) fn error(status: StatusCode) -> Response<Body> {
    let text = match status {
        StatusCode::NOT_FOUND => "There is no such service",
        StatusCode::METHOD_NOT_ALLOWED => "Services are asked with GET or POST",
        StatusCode::REQUEST_TIMEOUT => "The request did not come in time",
        StatusCode::PAYLOAD_TOO_LARGE => "The request is too large",
        StatusCode::SERVICE_UNAVAILABLE => "Busy, please try again",
        _ => "The request cannot be understood",
    };
    let mut response = plain(status, text);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let methods = HeaderValue::from_static("GET, POST");
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}
