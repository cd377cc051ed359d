//! TLS under a port: 1.2 and 1.3, with what rustls takes. Phones that know
//! nothing newer than TLS 1.0 (79xx) cannot use such a port.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

use super::Port;
use super::crowd::Member;

/// With which certificate and key a port encrypts.
#[derive(Clone)]
pub struct Encryption(Arc<ServerConfig>);

impl Encryption {
    /// A certificate in DER, and its key in PKCS#8.
    ///
    /// # Errors
    /// When the key is not that of the certificate, or of no kind that is
    /// known.
    pub fn new(certificate: &[u8], key: &[u8]) -> Result<Self, String> {
        let certificate = CertificateDer::from(certificate.to_vec());
        let key = PrivatePkcs8KeyDer::from(key.to_vec());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.into())
            .map_err(|error| error.to_string())?;
        Ok(Self(Arc::new(config)))
    }
}

impl Port {
    /// The stream inside, once the peer has shaken hands: it has as long for
    /// that as for the head of a request.
    pub(super) async fn encrypted<S>(
        &self,
        encryption: &Encryption,
        stream: S,
        member: &Member,
    ) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let acceptor = TlsAcceptor::from(Arc::clone(&encryption.0));
        tokio::select! {
            stream = acceptor.accept(stream) => stream,
            () = self.rest(Some(self.limits.head)) => Err(io::ErrorKind::TimedOut.into()),
            () = member.has_to_leave() => Err(io::ErrorKind::ConnectionAborted.into()),
            () = self.stop.cancelled() => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}
