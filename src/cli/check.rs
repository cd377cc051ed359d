//! `embody check`: says what is wrong before a phone does.

mod ports;
mod transports;

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

pub(super) use ports::clashes;

use super::{Outcome, serve};
use crate::app::{Config, Listen, Port, SystemClock};
use crate::directory::{LdapServer, LdapSettings, LookFault, Person};
use crate::model::UserId;
use crate::provision::trust::HashAlgorithm;
use crate::provision::{FolderReport, PhoneConfigs, StaticFiles, loads_of_site, locales_of_site};
use crate::site::{self, Severity, SiteDocument};

/// The most people who are looked for in the directory.
const MOST_LOOKED_FOR: usize = 1000;

/// What `check` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The configuration; all defaults when absent.
    #[arg(long)]
    config: Option<PathBuf>,
    /// The site file.
    #[arg(long)]
    site: Option<PathBuf>,
}

/// Exit code 0 when nothing is wrong; warnings do not count.
pub(super) async fn run(arguments: &Arguments) -> Outcome {
    let config = serve::config(arguments.config.as_deref())?;
    let configs = PhoneConfigs::load(config.files.phone_configs.as_deref())
        .map_err(|error| format!("the phone configurations cannot be used: {error}"))?;
    for warning in of_config(&config) {
        println!("warning: {warning}");
    }
    println!("warning: calls are not built yet: emergency keys cannot be dialled through Embody");
    for replaced in &configs.replaced {
        println!("warning: {replaced}");
    }
    let files = static_files(&config);
    for warning in of_files(&files) {
        println!("warning: {warning}");
    }
    let clashes = clashes(&config);
    for clash in &clashes {
        println!("error: {clash}");
    }
    let mut errors = 0;
    let mut site_file = None;
    if let Some(path) = &arguments.site {
        let (name, text) = serve::text(path)?;
        let document = site::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        for finding in site::check(&document, &configs.catalogue) {
            println!("{name}: {finding}");
            errors += usize::from(finding.severity == Severity::Error);
        }
        for warning in of_phones(&config, &files, &document, &configs) {
            println!("{name}: warning: {warning}");
        }
        for warning in transports::missing(&config, &document, &configs.catalogue) {
            println!("warning: {warning}");
        }
        site_file = Some(document);
    }
    if let Some(ldap) = &config.ldap {
        let wanted = site_file.as_ref().map_or_else(Vec::new, without_hash);
        match look_at_directory(ldap, &wanted).await {
            Ok(findings) => {
                for finding in findings {
                    println!("{finding}");
                }
            }
            Err(LookFault::Unreachable(why)) => println!("warning: [ldap] {why}"),
            Err(LookFault::Refused(why)) => {
                println!("{why}");
                errors += 1;
            }
        }
    }
    if errors > 0 {
        return Err(format!("{errors} errors; nothing would be applied"));
    }
    if !clashes.is_empty() {
        return Err("embody would not start".to_owned());
    }
    println!("nothing is wrong");
    Ok(ExitCode::SUCCESS)
}

/// Somebody of the site whom the directory has to know.
struct Wanted {
    id: UserId,
    /// Absent for an application.
    name: Option<String>,
    extension: Option<String>,
    locale: Option<String>,
}

/// Those of a site who have no password of their own in it.
fn without_hash(site: &SiteDocument) -> Vec<Wanted> {
    let users = site.users.iter().map(|user| &user.value);
    let users = users
        .filter(|user| user.password.is_none() && user.password_hash.is_none())
        .map(|user| Wanted {
            id: user.id.clone(),
            name: Some(format!("{} {}", user.first_name, user.last_name)),
            extension: user.primary_extension.as_ref().map(ToString::to_string),
            locale: user.locale.clone(),
        });
    let applications = site.application_users.iter().map(|user| &user.value);
    let applications = applications
        .filter(|user| user.password.is_none() && user.password_hash.is_none())
        .map(|user| Wanted {
            id: user.id.clone(),
            name: None,
            extension: None,
            locale: None,
        });
    applications.chain(users).collect()
}

/// Asks the directory for everybody whom it has to know.
async fn look_at_directory(
    ldap: &LdapSettings,
    wanted: &[Wanted],
) -> Result<Vec<String>, LookFault> {
    let clock = std::sync::Arc::new(SystemClock::new());
    let server = LdapServer::new(ldap, clock).map_err(LookFault::Refused)?;
    let looked_for = wanted.get(..MOST_LOOKED_FOR).unwrap_or(wanted);
    let ids: Vec<UserId> = looked_for.iter().map(|one| one.id.clone()).collect();
    let found = server.survey(&ids).await?;
    let mut findings: Vec<String> = looked_for
        .iter()
        .zip(&found)
        .flat_map(|(wanted, found)| of_person(wanted, found))
        .collect();
    if let Some(left) = wanted
        .len()
        .checked_sub(MOST_LOOKED_FOR)
        .filter(|left| *left > 0)
    {
        findings.push(format!(
            "note: {left} more were not looked for in the directory"
        ));
    }
    Ok(findings)
}

/// What is odd about one of them.
fn of_person(wanted: &Wanted, found: &[Person]) -> Vec<String> {
    let id = &wanted.id;
    let person = match found {
        [] => return vec![format!("warning: {id} is not in the directory")],
        [person] => person,
        _ => {
            return vec![format!(
                "warning: {id} fits several entries of the directory, so nobody is let in as {id}"
            )];
        }
    };
    if person.id.to_lowercase() != id.as_str().to_lowercase() {
        return vec![format!(
            "warning: {id} is {:?} in the directory, which is somebody else",
            person.id
        )];
    }
    let names = [&person.first_name, &person.last_name].map(|name| name.as_deref().unwrap_or(""));
    let name = wanted.name.as_ref().map(|_| names.join(" "));
    [
        ("name", &wanted.name, &name),
        ("extension", &wanted.extension, &person.extension),
        ("locale", &wanted.locale, &person.locale),
    ]
    .into_iter()
    .filter_map(|(what, here, there)| {
        let there = there
            .as_deref()
            .map(str::trim)
            .filter(|there| !there.is_empty())?;
        let same = here.as_deref().map(str::trim) == Some(there);
        (!same).then(|| format!("note: {id}: the {what} in the directory is {there:?}"))
    })
    .collect()
}

/// Which phones signing leaves out.
fn of_signing(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    if config.files.sign && config.files.sign_hash != HashAlgorithm::Sha1 {
        warnings.push(format!(
            "[files] sign_hash: 79xx phones know SHA-1 alone and take nothing signed with {}",
            config.files.sign_hash
        ));
    }
    if config.listen.config_https != Port::Off {
        warnings.push(
            "[listen] config_https: 79xx phones know nothing newer than TLS 1.0 and cannot use \
             this port; do not have them take this trust list"
                .to_owned(),
        );
    }
    if let Port::On { port, .. } = config.listen.config_https
        && port != 6971
    {
        warnings.push(format!(
            "[listen] config_https: phones come to port 6971, whatever is set here; {port} serves \
             nobody unless something hands the one on to the other"
        ));
    }
    warnings
}

/// The folder of static files; that it is not there is told elsewhere.
fn static_files(config: &Config) -> StaticFiles {
    let folder = config.files.folder.as_deref();
    folder
        .and_then(|folder| StaticFiles::scan(folder).ok())
        .unwrap_or_default()
}

fn of_files(files: &StaticFiles) -> Vec<String> {
    let report = FolderReport::of(files);
    let loads = report.loads.into_iter();
    let broken = loads.filter(|(_, whole)| !whole).map(|(what, _)| what);
    broken.chain(report.findings).collect()
}

/// What phones of the site will not find. Nobody who names no folder expects
/// locales from us; a load he may.
fn of_phones(
    config: &Config,
    files: &StaticFiles,
    document: &SiteDocument,
    configs: &PhoneConfigs,
) -> Vec<String> {
    let world = site::world_of(document);
    let mut warnings = loads_of_site(files, &world, &configs.catalogue, &|_| None);
    if config.files.folder.is_some() {
        warnings.append(&mut locales_of_site(files, &world, &configs.catalogue));
    }
    warnings
}

/// What in `embody.toml` is allowed, but probably not meant.
pub(super) fn of_config(config: &Config) -> Vec<String> {
    let mut warnings = Vec::new();
    let Listen {
        address,
        advertised_address,
        admin_address,
        ..
    } = &config.listen;
    if let Some(told) = advertised_address
        && told.is_loopback()
        && !address.is_loopback()
    {
        warnings.push(format!(
            "[listen] advertised_address {told} is loopback beside address {address}: only phones \
             on this host could reach it"
        ));
    }
    if let Some(told) = advertised_address.filter(IpAddr::is_unspecified) {
        warnings.push(format!(
            "[listen] advertised_address {told} is no address a phone can reach"
        ));
    }
    if !admin_address.is_loopback() {
        warnings.push(format!(
            "[listen] admin_address {admin_address}: the admin API is open to the network without \
             TLS; its token travels in clear"
        ));
    }
    if config.listen.tftp == Port::Off {
        warnings.push(
            "[listen] tftp is off: 7940, 7960 and 79x1 phones cannot boot without it".to_owned(),
        );
    }
    warnings.extend(of_signing(config));
    let folders = [
        ("folder", &config.files.folder),
        ("phone_configs", &config.files.phone_configs),
    ];
    for (key, folder) in folders {
        if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
            warnings.push(format!(
                "[files] {key}: there is no folder {}",
                folder.display()
            ));
        }
    }
    warnings.extend(config.ldap.iter().flat_map(LdapSettings::warnings));
    warnings
}
