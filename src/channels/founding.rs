//! A new firm's first channel, from what the configuration knows of one number.

use super::{
    accounts::field,
    commands::{self, NewChannel},
    config_api::{self, WahaDefaults},
    model::{Channel, ChannelConfig, ChannelKind, LIVE_CHANNELS, WhatsappCloud},
    whatsapp::BASE_URL,
};
use crate::{
    base::{Result, TenantId, chance},
    identity::{FoundingStep, TenantWhatsApp},
    platform::{
        secrets::{Keyring, SecretView},
        store::{KeyRange, Read, Tx, View},
    },
};
use std::sync::Arc;

/// A number as somebody wrote it down, secrets in clear.
#[derive(Clone, Default)]
pub struct GivenNumber {
    /// What people call the channel.
    pub name: String,
    /// Graph id of the number.
    pub phone_number_id: String,
    /// Graph id of the business account.
    pub business_account_id: Option<String>,
    /// May send in the number's name.
    pub access_token: Option<String>,
    /// Signs the webhooks.
    pub app_secret: Option<String>,
    /// Proves to us that Meta asks for the handshake; made up if none is given.
    pub verify_token: Option<String>,
    /// Another Graph API.
    pub base_url: Option<String>,
}

impl GivenNumber {
    /// The same with its secrets sealed for `tenant`.
    ///
    /// # Errors
    /// If sealing fails.
    pub fn sealed(&self, ring: &Keyring, tenant: TenantId) -> Result<NewChannel> {
        let seal = |field, clear: &Option<String>| clear.as_deref().map(|clear| ring.seal(tenant, field, clear)).transpose();
        let made_up = || hex::encode(chance::secret_bytes::<16>());
        let verify_token = self.verify_token.clone().unwrap_or_else(made_up);
        Ok(NewChannel {
            name: self.name.clone(),
            queue: None,
            is_default: true,
            config: ChannelConfig::WhatsappCloud(WhatsappCloud {
                phone_number_id: self.phone_number_id.clone(),
                business_account_id: self.business_account_id.clone(),
                base_url: self.base_url.clone().unwrap_or_else(|| BASE_URL.to_owned()),
                access_token: seal(field::ACCESS_TOKEN, &self.access_token)?,
                app_secret: seal(field::APP_SECRET, &self.app_secret)?,
                verify_token: ring.seal(tenant, field::VERIFY_TOKEN, &verify_token)?,
                display_number: None,
                verified_name: None,
                quality: None,
            }),
        })
    }
}

/// A channel as the configuration names it.
#[derive(Clone)]
pub enum GivenChannel {
    /// A number at Meta's Cloud API.
    Number(GivenNumber),
    /// A session of a WAHA server.
    Session(WahaDefaults),
}

impl GivenChannel {
    fn sealed(&self, ring: &Keyring, tenant: TenantId) -> Result<NewChannel> {
        match self {
            GivenChannel::Number(given) => given.sealed(ring, tenant),
            GivenChannel::Session(given) => Ok(NewChannel {
                name: "WhatsApp".to_owned(),
                queue: None,
                is_default: true,
                config: config_api::new_config(ChannelKind::Waha, serde_json::json!({}), ring, tenant, given)?,
            }),
        }
    }
}

/// Connects the account the configuration names, if it names one, to the box's first firm.
pub fn founding_step(given: Option<GivenChannel>, ring: Keyring) -> FoundingStep {
    Arc::new(move |tx: &mut Tx<'_, '_>, _| {
        if let Some(given) = &given {
            let new = given.sealed(&ring, tx.tenant())?;
            match commands::connect(tx, new) {
                // A second firm on the same box does not get the first one's number.
                Err(error) if error.code() == "account_taken" => {}
                other => drop(other?),
            }
        }
        Ok(())
    })
}

/// The WhatsApp account that answers for a firm: its default channel's.
///
/// # Errors
/// If the store can't be read.
pub fn tenant_whatsapp(view: &View) -> Result<TenantWhatsApp> {
    let channels = view.list(&LIVE_CHANNELS, KeyRange::all())?.map(|hit| Ok(hit?.0)).collect::<Result<Vec<Channel>>>()?;
    let Some(channel) = channels.into_iter().find(|channel| channel.is_default) else { return Ok(TenantWhatsApp::default()) };
    let ChannelConfig::WhatsappCloud(config) = channel.config else { return Ok(TenantWhatsApp::default()) };
    Ok(TenantWhatsApp {
        phone_number_id: Some(config.phone_number_id),
        access_token: SecretView::from(config.access_token.as_ref()),
    })
}
