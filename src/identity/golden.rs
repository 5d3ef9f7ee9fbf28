//! The bytes of every record as version 1 writes them. They never change: a stored type that must, gets a new version.

use super::model::*;
use crate::{
    base::{InvitationId, QueueId, Reach, RoleId, SessionId, TenantId, Timestamp, UserId, locale::Language},
    platform::store::{Record, codec, table::decode},
};
use uuid::Uuid;

const AT: Timestamp = Timestamp(1_763_812_800_000);

fn id<I: From<Uuid>>(n: u128) -> I {
    Uuid::from_u128(n).into()
}

fn check<R: Record + PartialEq + std::fmt::Debug>(record: &R, golden: &str) {
    let bytes = codec::encode(R::VERSION, record).unwrap();
    assert_eq!(hex::encode(&bytes), golden, "{} is written otherwise than it was", R::NAME);
    assert_eq!(decode::<R>(&hex::decode(golden).unwrap()).unwrap(), *record);
}

#[test]
fn a_tenant() {
    let tenant = Tenant {
        id: id::<TenantId>(1),
        number: 2,
        name: "Firma".into(),
        language: Language::PtBr,
        timezone: "UTC".into(),
        country: "PT".into(),
        currency: "EUR".into(),
        protocol_format: "p".into(),
        greeting_message: Some("Oi".into()),
        is_active: true,
        max_extensions: 10,
        created_at: AT,
        updated_at: AT,
        rev: 3,
    };
    check(
        &tenant,
        "0101000000000000000000000000000000020000000000000005000000000000004669726d610100000003000000000000005554430200000000000000505403000000000000004555520100000000000000700102000000000000004f69010a00000000766fab9a01000000766fab9a0100000300000000000000",
    );
}

#[test]
fn a_user_and_a_membership() {
    let user = User {
        id: id::<UserId>(1),
        email: "a@b".into(),
        name: "Ana".into(),
        password: Some("$x".into()),
        token_version: 2,
        is_super_admin: true,
        created_at: AT,
        updated_at: AT,
    };
    check(
        &user,
        "010100000000000000000000000000000003000000000000006140620300000000000000416e610102000000000000002478020000000100766fab9a01000000766fab9a010000",
    );
    check(
        &Membership { user: id(1), tenant: id(2), since: AT },
        "01010000000000000000000000000000000200000000000000000000000000000000766fab9a010000",
    );
}

#[test]
fn a_member() {
    let member = Member {
        user: id(1),
        number: 2,
        name: "Ana".into(),
        email: "a@b".into(),
        role: "AGENT".into(),
        extra: vec![("user.read".into(), Reach::Tenant)],
        queues: vec![id::<QueueId>(3)],
        extension: Some("20".into()),
        phone: None,
        max_tickets: 4,
        presence: Presence::Away,
        is_active: true,
        language: Some(Language::Es),
        last_login_at: Some(AT),
        last_logout_at: None,
        created_at: AT,
        updated_at: AT,
        left_at: None,
        rev: 5,
    };
    check(
        &member,
        "010100000000000000000000000000000002000000000000000300000000000000416e61030000000000000061406205000000000000004147454e5401000000000000000900000000000000757365722e726561640300000001000000000000000300000000000000000000000000000001020000000000000032300004000000010000000101030000000100766fab9a0100000000766fab9a01000000766fab9a010000000500000000000000",
    );
}

#[test]
fn a_role_a_session_and_an_invitation() {
    let role = Role {
        id: id::<RoleId>(1),
        key: "N".into(),
        name: "n".into(),
        base: Some("AGENT".into()),
        permissions: vec![("x".into(), Reach::Own)],
        created_at: AT,
        updated_at: AT,
        rev: 2,
    };
    check(
        &role,
        "010100000000000000000000000000000001000000000000004e01000000000000006e0105000000000000004147454e5401000000000000000100000000000000780000000000766fab9a01000000766fab9a0100000200000000000000",
    );
    let session = Session {
        id: id::<SessionId>(1),
        user: id(2),
        tenant: id(3),
        generation: 4,
        rotated_at: AT,
        token_version: 5,
        user_agent: "u".into(),
        address: Some("::1".into()),
        created_at: AT,
        last_used_at: AT,
        expires_at: AT,
        revoked: Some(Revocation { at: AT, reason: RevokeReason::Reuse }),
    };
    check(
        &session,
        "010100000000000000000000000000000002000000000000000000000000000000030000000000000000000000000000000400000000766fab9a010000050000000100000000000000750103000000000000003a3a3100766fab9a01000000766fab9a01000000766fab9a0100000100766fab9a01000002000000",
    );
    let invitation = Invitation {
        id: id::<InvitationId>(1),
        email: "a@b".into(),
        name: None,
        role: "USER".into(),
        queues: vec![],
        secret_hash: [7; 32],
        invited_by: id(2),
        created_at: AT,
        expires_at: AT,
        rev: 3,
    };
    check(
        &invitation,
        "0101000000000000000000000000000000030000000000000061406200040000000000000055534552000000000000000007070707070707070707070707070707070707070707070707070707070707070200000000000000000000000000000000766fab9a01000000766fab9a0100000300000000000000",
    );
}
