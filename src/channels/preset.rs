//! A channel as the process's configuration names it, for installs without a browser.

use super::{
    accounts::field,
    commands::NewChannel,
    model::{ChannelConfig, WhatsappCloud},
    whatsapp::BASE_URL,
};
use crate::{
    base::{Result, TenantId, chance},
    platform::secrets::Keyring,
};

/// What the configuration knows of a WhatsApp number.
#[derive(Clone, Copy)]
pub struct WhatsappPreset<'a> {
    /// Graph id of the number.
    pub phone_number_id: &'a str,
    /// Graph id of the business account.
    pub business_account_id: Option<&'a str>,
    /// May send in the number's name.
    pub access_token: &'a str,
    /// Signs the webhooks; without it none is believed.
    pub app_secret: Option<&'a str>,
    /// Proves to us that Meta asks for the handshake; a random one if none is given.
    pub verify_token: Option<&'a str>,
}

impl WhatsappPreset<'_> {
    /// The channel to create in `tenant`, its secrets sealed.
    pub fn channel(&self, ring: &Keyring, tenant: TenantId) -> Result<NewChannel> {
        let random = || hex::encode(chance::secret_bytes::<16>());
        let verify_token = self.verify_token.map_or_else(random, str::to_owned);
        Ok(NewChannel {
            name: "WhatsApp".into(),
            queue: None,
            is_default: true,
            config: ChannelConfig::WhatsappCloud(WhatsappCloud {
                phone_number_id: self.phone_number_id.to_owned(),
                business_account_id: self.business_account_id.map(str::to_owned),
                base_url: BASE_URL.to_owned(),
                access_token: Some(ring.seal(tenant, field::ACCESS_TOKEN, self.access_token)?),
                app_secret: self.app_secret.map(|secret| ring.seal(tenant, field::APP_SECRET, secret)).transpose()?,
                verify_token: ring.seal(tenant, field::VERIFY_TOKEN, &verify_token)?,
                display_number: None,
                verified_name: None,
                quality: None,
            }),
        })
    }
}
