//! The servers of phones, each on its port.

use std::sync::Arc;

use super::House;
use crate::app::config::{SipAnswers, SipTransport};
use crate::app::listen::PortError;
use crate::ports::{Deliveries, Journal, StagedLoads};
use crate::{sccp, sip, tftp};

impl House {
    pub(super) fn bind_tftp(&self) -> Result<Option<tftp::server::Server>, PortError> {
        let Some(address) = self.config.listen.tftp.socket(self.config.listen.address) else {
            return Ok(None);
        };
        let tftp = &self.config.tftp;
        let settings = tftp::server::Settings {
            max_block_size: tftp.max_block_size,
            max_transfers: tftp.transfers,
            max_per_address: tftp.per_address(),
            ports: tftp.port_range(),
            ..tftp::server::Settings::default()
        };
        tftp::server::Server::bind(address, settings, self.files())
            .map(Some)
            .map_err(|error| PortError {
                service: "TFTP",
                key: "tftp",
                address,
                error,
            })
    }

    pub(super) fn bind_sccp(&self) -> Result<Option<sccp::server::Server>, PortError> {
        let Some(address) = self.config.listen.sccp.socket(self.config.listen.address) else {
            return Ok(None);
        };
        let parts = sccp::server::Parts {
            store: Arc::clone(&self.store),
            catalogue: Arc::clone(&self.catalogue),
            registry: Arc::clone(&self.registry),
            sightings: Arc::clone(&self.sightings),
            journal: Arc::clone(&self.journal) as Arc<dyn Journal>,
            clock: Arc::clone(&self.clock),
            deliveries: Arc::clone(&self.resolver) as Arc<dyn Deliveries>,
            newcomers: Arc::new(self.mobility.clone()),
            loads: Arc::clone(&self.resolver) as Arc<dyn StagedLoads>,
        };
        let settings = sccp::server::Settings {
            station: sccp::machine::Settings {
                keepalive: self.config.sccp.keepalive,
                secondary_keepalive: self.config.sccp.secondary_keepalive,
            },
            advertised: self.config.listen.advertised_address,
            ..sccp::server::Settings::default()
        };
        let bound = sccp::server::Server::bind(address, parts, settings);
        bound.map(Some).map_err(|error| PortError {
            service: "SCCP",
            key: "sccp",
            address,
            error,
        })
    }

    pub(super) fn bind_sip(&self) -> Result<Option<sip::server::Server>, PortError> {
        let Some(address) = self.config.listen.sip.socket(self.config.listen.address) else {
            return Ok(None);
        };
        let parts = sip::server::Parts {
            store: Arc::clone(&self.store),
            catalogue: Arc::clone(&self.catalogue),
            registry: Arc::clone(&self.registry),
            sightings: Arc::clone(&self.sightings),
            journal: Arc::clone(&self.journal) as Arc<dyn Journal>,
            clock: Arc::clone(&self.clock),
            deliveries: Arc::clone(&self.resolver) as Arc<dyn Deliveries>,
            newcomers: Arc::new(self.mobility.clone()),
        };
        let carries = |transport| self.config.sip.transports.contains(&transport);
        let settings = sip::server::Settings {
            transports: sip::server::Transports {
                udp: carries(SipTransport::Udp),
                tcp: carries(SipTransport::Tcp),
            },
            answers: match self.config.sip.answers {
                SipAnswers::Source => sip::machine::AnswerPort::Source,
                SipAnswers::Via => sip::machine::AnswerPort::Via,
            },
            digest: self.config.sip.digest,
            realm: self.config.sip.realm.clone(),
            advertised: self.config.listen.advertised_address,
            ..sip::server::Settings::default()
        };
        let bound = sip::server::Server::bind(address, parts, &settings);
        bound.map(Some).map_err(|error| PortError {
            service: "SIP",
            key: "sip",
            address,
            error,
        })
    }
}
