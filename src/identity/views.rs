//! People and firms as the API and the sockets show them. Never the stored types.

use super::{
    model::{Invitation, Member, Presence, Role, Session, Tenant},
    roles::{self, BuiltIn},
};
use crate::{
    base::{Grants, InvitationId, QueueId, Reach, Result, RoleId, SessionId, TenantId, Timestamp, UserId, locale::Language},
    platform::{
        secrets::SecretView,
        store::{Read, TenantScope},
    },
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A colleague.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub struct MemberView {
    /// Their id.
    pub id: UserId,
    /// Running number in the firm.
    #[schema(example = 7)]
    pub number: u64,
    /// Their name.
    #[schema(example = "Ana Prates")]
    pub name: String,
    /// Their e-mail.
    #[schema(example = "ana@example.com")]
    pub email: String,
    /// Key of their role.
    #[schema(example = "AGENT")]
    pub role: String,
    /// 1 administrator, 2 staff, 3 own resources only.
    #[serde(rename = "tipo_id")]
    #[schema(example = 2)]
    pub tipo_id: u8,
    /// The firm.
    pub company_id: TenantId,
    /// Are they there?
    pub status: Presence,
    /// The same under another source's name.
    pub online_status: Presence,
    /// May they sign in?
    pub is_active: bool,
    /// May they do everything, above firms too?
    #[serde(rename = "is_super_admin")]
    pub is_super_admin: bool,
    /// The queues they work in.
    pub queue_ids: Vec<QueueId>,
    /// The first of them, which one source calls their department.
    pub department_id: Option<QueueId>,
    /// Telephony extension.
    #[schema(example = "2001")]
    pub extension: Option<String>,
    /// Their own phone.
    pub phone: Option<String>,
    /// Conversations they take at once; 0 for no limit.
    pub max_tickets: u32,
    /// Their language, if not the firm's.
    pub language: Option<Language>,
    /// Permissions beyond their role's.
    pub extra_permissions: BTreeMap<String, Reach>,
    /// When they last signed in.
    pub last_login_at: Option<Timestamp>,
    /// When they last signed out.
    pub last_logout_at: Option<Timestamp>,
    /// When they joined.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

impl MemberView {
    /// As the firm `read` shows sees them.
    pub fn of(read: &impl Read<Scope = TenantScope>, tenant: TenantId, member: Member) -> Result<Self> {
        Ok(Self {
            tipo_id: roles::tipo_id(read, &member.role)?,
            is_super_admin: BuiltIn::from_key(&member.role) == Some(BuiltIn::SuperAdmin),
            id: member.user,
            number: member.number,
            name: member.name,
            email: member.email,
            role: member.role,
            company_id: tenant,
            status: member.presence,
            online_status: member.presence,
            is_active: member.is_active,
            department_id: member.queues.first().copied(),
            queue_ids: member.queues,
            extension: member.extension,
            phone: member.phone,
            max_tickets: member.max_tickets,
            language: member.language,
            extra_permissions: member.extra.into_iter().collect(),
            last_login_at: member.last_login_at,
            last_logout_at: member.last_logout_at,
            created_at: member.created_at,
            updated_at: member.updated_at,
            rev: member.rev,
        })
    }
}

/// Oneself: a colleague with what they may do and where else they are.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Me)]
pub struct MeView {
    /// As colleagues see one.
    #[serde(flatten)]
    pub user: MemberView,
    /// What one may do, and how far.
    pub permissions: BTreeMap<String, Reach>,
    /// The firm.
    pub tenant: TenantFactsView,
    /// All firms one belongs to and may sign in to.
    pub memberships: Vec<MembershipView>,
}

/// What screens need to know of the firm.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TenantFacts)]
pub struct TenantFactsView {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    #[schema(example = "Reboques Exemplo")]
    pub name: String,
    /// Its language.
    pub language: Language,
    /// Its IANA zone.
    #[schema(example = "Europe/Paris")]
    pub timezone: String,
    /// Its country, ISO 3166 alpha-2.
    #[schema(example = "FR")]
    pub country: String,
    /// Its currency, ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
}

impl From<&Tenant> for TenantFactsView {
    fn from(tenant: &Tenant) -> Self {
        Self {
            id: tenant.id,
            name: tenant.name.clone(),
            language: tenant.language,
            timezone: tenant.timezone.clone(),
            country: tenant.country.clone(),
            currency: tenant.currency.clone(),
        }
    }
}

/// One firm somebody belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Membership)]
pub struct MembershipView {
    /// The firm.
    pub tenant_id: TenantId,
    /// Its name.
    pub name: String,
    /// Key of one's role there.
    pub role: String,
}

/// Grants as a map; `*` also spelled out, so that clients need to know no wildcard.
pub(super) fn permissions(grants: &Grants) -> BTreeMap<String, Reach> {
    let mut map: BTreeMap<String, Reach> = grants.pairs().map(|(name, reach)| (name.to_owned(), reach)).collect();
    if let Some(all) = map.remove("*") {
        let names = roles::permissions().chain([crate::settings::PLATFORM_MANAGE.0]);
        map.extend(names.map(|name| (name.to_owned(), all)));
    }
    map
}

/// The WhatsApp account that answers for a firm; it lives at the channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantWhatsApp {
    /// WhatsApp Business phone number id.
    pub phone_number_id: Option<String>,
    /// Its access token.
    pub access_token: SecretView,
}

/// A firm.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Tenant)]
pub struct TenantView {
    /// What screens need to know.
    #[serde(flatten)]
    pub facts: TenantFactsView,
    /// Running number on this installation.
    pub number: u64,
    /// How protocol numbers are made.
    #[schema(example = "yyyyddMMHHmmss")]
    pub protocol_format: String,
    /// Said to a customer who writes for the first time.
    pub greeting_message: Option<String>,
    /// WhatsApp Business phone number id of its default channel.
    pub phone_number_id: Option<String>,
    /// Access token of that channel, write-only there.
    pub access_token: SecretView,
    /// Can people sign in to it?
    pub is_active: bool,
    /// Telephony extensions it may have.
    pub max_extensions: u32,
    /// When made.
    pub created_at: Timestamp,
    /// When last changed.
    pub updated_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

impl TenantView {
    pub(super) fn of(tenant: &Tenant, whatsapp: TenantWhatsApp) -> Self {
        Self {
            facts: tenant.into(),
            number: tenant.number,
            protocol_format: tenant.protocol_format.clone(),
            greeting_message: tenant.greeting_message.clone(),
            phone_number_id: whatsapp.phone_number_id,
            access_token: whatsapp.access_token,
            is_active: tenant.is_active,
            max_extensions: tenant.max_extensions,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
            rev: tenant.rev,
        }
    }
}

/// A role, built in or the firm's own.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Role)]
pub struct RoleView {
    /// Its id; built-in roles have none.
    pub id: Option<RoleId>,
    /// Its key, as users carry it.
    #[schema(example = "SUPERVISOR")]
    pub key: String,
    /// As people call it; the client has its own words for built-in roles.
    pub name: String,
    /// Does every firm have it?
    pub built_in: bool,
    /// The built-in role it extends.
    pub base: Option<String>,
    /// 1 administrator, 2 staff, 3 own resources only.
    #[serde(rename = "tipo_id")]
    pub tipo_id: u8,
    /// What it gives, and how far.
    pub permissions: BTreeMap<String, Reach>,
    /// Sequence of the last change; 0 for built-in roles.
    pub rev: u64,
}

impl From<BuiltIn> for RoleView {
    fn from(role: BuiltIn) -> Self {
        Self {
            id: None,
            key: role.key().to_owned(),
            name: role.key().to_owned(),
            built_in: true,
            base: None,
            tipo_id: role.tipo_id(),
            permissions: permissions(&role.grants()),
            rev: 0,
        }
    }
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            permissions: permissions(&role.grants()),
            tipo_id: role.base.as_deref().and_then(BuiltIn::from_key).map_or(2, BuiltIn::tipo_id),
            id: Some(role.id),
            key: role.key,
            name: role.name,
            built_in: false,
            base: role.base,
            rev: role.rev,
        }
    }
}

/// One signed-in device.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Is it the one asking?
    pub current: bool,
    /// What the client calls itself.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64)")]
    pub user_agent: String,
    /// Where from, last.
    #[schema(example = "192.0.2.7")]
    pub address: Option<String>,
    /// When opened.
    pub created_at: Timestamp,
    /// When last renewed.
    pub last_used_at: Timestamp,
    /// When it ends unless renewed.
    pub expires_at: Timestamp,
}

impl SessionView {
    pub(super) fn of(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id,
            current: session.id == current,
            user_agent: session.user_agent,
            address: session.address,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
        }
    }
}

/// An open invitation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// Whom it is for.
    #[schema(example = "rui@example.com")]
    pub email: String,
    /// Their name, if known.
    pub name: Option<String>,
    /// The role they will have.
    #[schema(example = "AGENT")]
    pub role: String,
    /// The queues they will work in.
    pub queue_ids: Vec<QueueId>,
    /// The link to hand over; shown once, to whoever invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://farol.example.com/invitations/AZ…")]
    pub url: Option<String>,
    /// When made.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Sequence of the last change.
    pub rev: u64,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            name: invitation.name,
            role: invitation.role,
            queue_ids: invitation.queues,
            url: None,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            rev: invitation.rev,
        }
    }
}
