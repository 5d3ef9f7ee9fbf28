//! The WhatsApp channel that the configuration names, made with the firm by `farol setup`.

use super::House;
use crate::{
    base::{Actor, Grants, Origin, Reach, Result, TenantId, UserId},
    channels::{self, Ingest, WhatsappPreset},
    platform::store::Lane,
};
use std::sync::Arc;

/// Makes it for a new firm; `false` where the configuration names none.
pub async fn make(house: &House, tenant: TenantId, owner: UserId) -> Result<bool> {
    let config = &house.config;
    let (Some(number), Some(token)) = (&config.whatsapp_phone_number_id, &config.whatsapp_access_token) else {
        return Ok(false);
    };
    let preset = WhatsappPreset {
        phone_number_id: number,
        business_account_id: config.whatsapp_business_account_id.as_deref(),
        access_token: token.expose(),
        app_secret: config.whatsapp_app_secret.as_ref().map(|secret| secret.expose()),
        verify_token: config.whatsapp_verify_token.as_ref().map(|token| token.expose()),
    };
    let new = preset.channel(&house.keyring, tenant)?;
    let actor = Actor {
        user: owner,
        name: "console".into(),
        session: house.env.new_id(),
        tenant,
        // Whoever sets the box up from its own command line may do everything in the firm that is founded there.
        grants: Arc::new(Grants::from_pairs([("*".into(), Reach::Tenant)])),
        queues: Arc::new([]),
        origin: Origin::console(),
    };
    house.store.write(tenant, Lane::People, Origin::console(), move |tx| channels::create(tx, &actor, new)).await?;
    if let Some(ingest) = house.kit.as_ref().and_then(|kit| kit.find_service::<Ingest>()) {
        ingest.accounts().reload()?;
    }
    Ok(true)
}
