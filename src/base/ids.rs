//! Id types. Ids are UUIDv7, so they sort by the time they were made; each noun has its own type so
//! that a conversation's id can't be passed where a contact's is wanted.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// Text that was meant to be an id and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id: expected a UUID such as 0190b5a4-5f2e-7c3a-9d1b-2f6a7c8d9e0f")]
pub struct InvalidId;

/// What every id type is: a UUID with a noun, stored and compared as its sixteen bytes.
pub trait Id: Copy + From<Uuid> + Into<Uuid> {}

/// Declares id types: `id! { /// docs  pub FooId }`.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The sixteen bytes, in the order that sorts by time of making.
            pub fn as_bytes(&self) -> &[u8; 16] { self.0.as_bytes() }
        }
        impl Id for $name {}
        impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }
        impl From<$name> for Uuid { fn from(id: $name) -> Uuid { id.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(s: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(s).map(Self).map_err(|_| InvalidId)
            }
        }
        // JSON shows the usual text; stored records hold sixteen bytes and no length.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                if s.is_human_readable() { s.collect_str(&self.0) } else { s.serialize_u128(self.0.as_u128()) }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                if d.is_human_readable() {
                    Uuid::deserialize(d).map(Self)
                } else {
                    u128::deserialize(d).map(|n| Self(Uuid::from_u128(n)))
                }
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
                ObjectBuilder::new()
                    .schema_type(SchemaType::new(Type::String))
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                    .build()
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
        }
    )* };
}

id! {
    /// A firm: everything it owns lies under this id and nobody else can reach it.
    TenantId,
    /// A person who signs in; may be a member of several tenants.
    UserId,
    /// One signed-in device of a user.
    SessionId,
    /// A set of permissions with a name.
    RoleId,
    /// Somebody the firm speaks with, over any number of addresses.
    ContactId,
    /// One joining of contacts that are the same person.
    MergeId,
    /// One address of a contact: a phone number, a WhatsApp business-scoped id, an e-mail address.
    IdentityId,
    /// One thread with one contact over one channel, from its opening to its resolution.
    ConversationId,
    /// One message or internal note.
    MessageId,
    /// One stretch of a conversation with one assignee.
    AssignmentId,
    /// A line people wait in; the sources also say department.
    QueueId,
    /// One connection to a provider: a WhatsApp number, a mailbox.
    ChannelId,
    /// One outgoing piece of work in the outbox.
    DeliveryId,
    /// One raw body as a provider sent it.
    InboundId,
    /// Something that could not be read or sent, kept for a person to decide on.
    DeadLetterId,
    /// A long piece of bulk work.
    JobId,
    /// An invitation to become a member.
    InvitationId,
    /// A message template in one language, as one channel's provider knows it.
    TemplateId,
    /// A file handed in ahead of what it goes with.
    FileId,
}
