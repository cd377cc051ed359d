//! Signing, where an operator wants it: the site key is read before a port is
//! opened, so that no phone is answered without the signature it asks for.

use std::path::Path;
use std::sync::Arc;

use super::config::{Config, Port};
use super::start::StartError;
use crate::http::server::Encryption;
use crate::ports::Clock;
use crate::provision::Resolver;
use crate::provision::trust::{Signing, SigningSettings, TrustFolder};

/// Has `resolver` sign, when that is set; what the HTTPS port encrypts with,
/// when there is one.
pub(super) fn open(
    config: &Config,
    data: &Path,
    resolver: &Resolver,
    clock: &Arc<dyn Clock>,
) -> Result<Option<Encryption>, StartError> {
    if !config.files.sign {
        return Ok(None);
    }
    let failed = |error: &dyn std::fmt::Display| StartError::System(error.to_string());
    let folder = TrustFolder::of(data);
    let site = folder.load().map_err(|error| failed(&error))?;
    let https = config.listen.config_https != Port::Off;
    let encryption = if https {
        let web = site.web();
        let encryption = Encryption::new(web.certificate.der(), &web.key);
        Some(encryption.map_err(|why| {
            let folder = folder.path().display();
            failed(&format!("{folder}/https.key cannot be used: {why}"))
        })?)
    } else {
        None
    };
    let settings = SigningSettings {
        hash: config.files.sign_hash,
        https,
    };
    let signing = Signing::open(site, &folder, settings, Arc::clone(clock));
    let signing = signing.map_err(|error| failed(&error))?;
    tracing::info!(
        ?signing,
        "files are signed; phones that take the trust list obey this key alone"
    );
    resolver.sign_with(signing);
    Ok(encryption)
}
