//! The page from which devices install the house's own authority, and ACME's proof of address.
//!
//! Both answer over plain HTTP: the first because the device does not trust us yet, the second
//! because the authority asks so.

use super::{Tls, local_ca::pem};
use crate::{
    base::{Error, Result, chance, locale::Language},
    platform::http::{Access, Kit, Path, Query, RouteOptions, Routes, routes},
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use utoipa::IntoParams;

pub(in crate::platform::http) fn routes_of_trust() -> Routes {
    let plain = RouteOptions::default();
    Routes::new()
        .add_root(Access::Public, plain, routes!(trust_page))
        .add_root(Access::Public, plain, routes!(trust_certificate))
        .add_root(Access::Public, plain, routes!(trust_profile))
        .add_root(Access::Public, plain, routes!(acme_challenge))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TrustQuery {
    /// Language of the page: en, fr, es or pt-BR; the browser's if none is given.
    lang: Option<String>,
}

fn tls(kit: &Kit) -> Result<Arc<Tls>> {
    kit.find_service::<Tls>().filter(|tls| tls.ca_der().is_some()).ok_or(Error::NotFound("certificate to install"))
}

/// How to install the certificate on this device.
#[utoipa::path(get, path = "/trust", tag = "trust", params(TrustQuery),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn trust_page(State(kit): State<Kit>, Query(query): Query<TrustQuery>, headers: HeaderMap) -> Result<Response> {
    let tls = tls(&kit)?;
    let der = tls.ca_der().unwrap_or_default();
    let nonce = URL_SAFE_NO_PAD.encode(chance::secret_bytes::<16>());
    let csp =
        format!("default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    let language = query.lang.as_deref().and_then(Language::from_tag).unwrap_or_else(|| asked_language(&headers));
    let page = page(language, &fingerprint(der), &nonce);
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(csp).expect("base64url is header text")),
        ],
        page,
    )
        .into_response())
}

/// The authority's certificate, for computers and Android.
#[utoipa::path(get, path = "/trust/farol-ca.crt", tag = "trust",
    responses((status = 200, body = String, content_type = "application/x-x509-ca-cert")))]
async fn trust_certificate(State(kit): State<Kit>) -> Result<Response> {
    let text = pem("CERTIFICATE", tls(&kit)?.ca_der().unwrap_or_default());
    Ok(download("application/x-x509-ca-cert", "farol-ca.crt", text))
}

/// The same as a profile, for iPhone, iPad and Mac.
#[utoipa::path(get, path = "/trust/farol.mobileconfig", tag = "trust",
    responses((status = 200, body = String, content_type = "application/x-apple-aspen-config")))]
async fn trust_profile(State(kit): State<Kit>) -> Result<Response> {
    let text = profile(tls(&kit)?.ca_der().unwrap_or_default());
    Ok(download("application/x-apple-aspen-config", "farol.mobileconfig", text))
}

/// Proves to a certificate authority that this address leads here (RFC 8555 section 8.3).
#[utoipa::path(get, path = "/.well-known/acme-challenge/{token}", tag = "trust", params(("token" = String, Path)),
    responses((status = 200, body = String, content_type = "application/octet-stream")))]
async fn acme_challenge(State(kit): State<Kit>, Path(token): Path<String>) -> Result<Response> {
    let answer = kit.find_service::<Tls>().and_then(|tls| tls.challenge(&token)).ok_or(Error::NotFound("challenge"))?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], answer).into_response())
}

fn download(kind: &'static str, name: &str, text: String) -> Response {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).expect("our own file names are plain");
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_DISPOSITION, disposition)], text).into_response()
}

/// SHA-256 as devices show it: pairs of hex digits.
fn fingerprint(der: &[u8]) -> String {
    let pairs: Vec<String> = Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(" ")
}

/// The first of the browser's languages that we speak.
pub(in crate::platform::http) fn asked_language(headers: &HeaderMap) -> Language {
    let lists = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|v| v.to_str().ok());
    let mut tags = lists.flat_map(|v| v.split(',')).filter_map(|item| item.split(';').next());
    tags.find_map(|tag| Language::from_tag(tag.trim())).unwrap_or_default()
}

/// An Apple configuration profile with one root certificate.
fn profile(der: &[u8]) -> String {
    // Identifiers that stay the same for the same authority, so that a second install replaces the first.
    let seed: [u8; 32] = Sha256::digest(der).into();
    let id = |half: &[u8]| uuid::Builder::from_random_bytes(half.try_into().unwrap_or_default()).into_uuid();
    let (outer, inner) = (id(&seed[..16]), id(&seed[16..]));
    let data = STANDARD.encode(der);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>farol.{outer}</string>
<key>PayloadUUID</key><string>{outer}</string>
<key>PayloadDisplayName</key><string>Farol</string>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>farol.{outer}.{inner}</string>
<key>PayloadUUID</key><string>{inner}</string>
<key>PayloadDisplayName</key><string>Farol</string>
<key>PayloadCertificateFileName</key><string>farol-ca.crt</string>
<key>PayloadContent</key><data>{data}</data>
</dict></array>
</dict></plist>
"#
    )
}

/// What the page says. These lines are needed before the web app can be trusted, so they stand here.
struct Words {
    title: &'static str,
    why: &'static str,
    apple: &'static str,
    apple_steps: &'static str,
    other: &'static str,
    android_steps: &'static str,
    desktop_steps: &'static str,
    compare: &'static str,
    bound: &'static str,
    done: &'static str,
}

fn words(language: Language) -> Words {
    match language {
        Language::En => Words {
            title: "Trust this Farol",
            why: "Install this certificate once on each device. Calls, notifications and working offline then work without warnings.",
            apple: "iPhone, iPad, Mac: download the profile",
            apple_steps: "Open Settings, Profile Downloaded, Install. Then General, About, Certificate Trust Settings: switch Farol on.",
            other: "Android, Windows, Linux: download the certificate",
            android_steps: "Android: Settings, Security, Encryption and credentials, Install a certificate, CA certificate.",
            desktop_steps: "Windows: open the file, Install Certificate, Local Machine, Trusted Root Certification Authorities. Firefox: Settings, Certificates, Authorities, Import.",
            compare: "Compare this fingerprint with the one your device shows:",
            bound: "It is valid only for addresses inside your network and for this Farol.",
            done: "Done? Open Farol",
        },
        Language::Fr => Words {
            title: "Faire confiance à ce Farol",
            why: "Installez ce certificat une fois sur chaque appareil. Appels, notifications et travail hors ligne fonctionnent alors sans avertissement.",
            apple: "iPhone, iPad, Mac : télécharger le profil",
            apple_steps: "Ouvrez Réglages, Profil téléchargé, Installer. Puis Général, Informations, Réglages des certificats : activez Farol.",
            other: "Android, Windows, Linux : télécharger le certificat",
            android_steps: "Android : Paramètres, Sécurité, Chiffrement et identifiants, Installer un certificat, Certificat CA.",
            desktop_steps: "Windows : ouvrez le fichier, Installer un certificat, Ordinateur local, Autorités de certification racines de confiance. Firefox : Paramètres, Certificats, Autorités, Importer.",
            compare: "Comparez cette empreinte avec celle que montre votre appareil :",
            bound: "Il ne vaut que pour les adresses de votre réseau et pour ce Farol.",
            done: "Terminé ? Ouvrir Farol",
        },
        Language::Es => Words {
            title: "Confiar en este Farol",
            why: "Instale este certificado una vez en cada dispositivo. Así las llamadas, las notificaciones y el trabajo sin conexión funcionan sin avisos.",
            apple: "iPhone, iPad, Mac: descargar el perfil",
            apple_steps: "Abra Ajustes, Perfil descargado, Instalar. Después General, Información, Ajustes de certificados: active Farol.",
            other: "Android, Windows, Linux: descargar el certificado",
            android_steps: "Android: Ajustes, Seguridad, Cifrado y credenciales, Instalar un certificado, Certificado de CA.",
            desktop_steps: "Windows: abra el archivo, Instalar certificado, Equipo local, Entidades de certificación raíz de confianza. Firefox: Ajustes, Certificados, Autoridades, Importar.",
            compare: "Compare esta huella con la que muestra su dispositivo:",
            bound: "Solo vale para direcciones de su red y para este Farol.",
            done: "¿Listo? Abrir Farol",
        },
        Language::PtBr => Words {
            title: "Confiar neste Farol",
            why: "Instale este certificado uma vez em cada aparelho. Assim chamadas, notificações e o trabalho offline funcionam sem avisos.",
            apple: "iPhone, iPad, Mac: baixar o perfil",
            apple_steps: "Abra Ajustes, Perfil Baixado, Instalar. Depois Geral, Sobre, Ajustes de Confiança de Certificados: ative o Farol.",
            other: "Android, Windows, Linux: baixar o certificado",
            android_steps: "Android: Configurações, Segurança, Criptografia e credenciais, Instalar um certificado, Certificado de CA.",
            desktop_steps: "Windows: abra o arquivo, Instalar Certificado, Máquina Local, Autoridades de Certificação Raiz Confiáveis. Firefox: Configurações, Certificados, Autoridades, Importar.",
            compare: "Compare esta impressão digital com a que o aparelho mostra:",
            bound: "Ele vale apenas para endereços da sua rede e para este Farol.",
            done: "Pronto? Abrir o Farol",
        },
    }
}

fn page(language: Language, fingerprint: &str, nonce: &str) -> String {
    let Words { title, why, apple, apple_steps, other, android_steps, desktop_steps, compare, bound, done } = words(language);
    let link = |language: &Language| {
        let tag = language.tag();
        format!(r#"<a href="/trust?lang={tag}" hreflang="{tag}" lang="{tag}">{tag}</a>"#)
    };
    let languages: Vec<String> = Language::ALL.iter().map(link).collect();
    let (tag, languages) = (language.tag(), languages.join(" · "));
    format!(
        r#"<!doctype html>
<html lang="{tag}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style nonce="{nonce}">
  :root {{ color-scheme: light dark }}
  body {{ font: 1.05rem/1.55 system-ui, sans-serif; max-width: 38rem; margin: 6vh auto; padding: 0 1rem }}
  h1 {{ line-height: 1.2 }}
  .go {{ display: block; margin: 1.5rem 0 .5rem; padding: .9rem 1rem; border: 2px solid; border-radius: .5rem; font-weight: 600 }}
  code {{ font-size: .95em; overflow-wrap: anywhere }}
  nav {{ font-size: .9rem }}
</style>
<nav>{languages}</nav>
<main>
<h1>{title}</h1>
<p>{why}</p>
<p>{bound}</p>
<a class="go" href="/trust/farol.mobileconfig">{apple}</a>
<p>{apple_steps}</p>
<a class="go" href="/trust/farol-ca.crt">{other}</a>
<p>{android_steps}</p>
<p>{desktop_steps}</p>
<p>{compare}<br><code>{fingerprint}</code></p>
<p><a href="/">{done}</a></p>
</main>
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_speaks_the_browsers_language() {
        for (asked, language) in [
            ("fr-FR,fr;q=0.9,en;q=0.8", Language::Fr),
            ("de,pt-PT;q=0.5", Language::PtBr),
            ("es", Language::Es),
            ("zh", Language::En),
            ("", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(asked));
            assert_eq!(asked_language(&headers), language, "{asked}");
        }
    }

    #[test]
    fn the_profile_carries_the_certificate_and_keeps_its_identity() {
        let text = profile(b"certificate");
        assert!(text.contains(&STANDARD.encode(b"certificate")) && text.contains("com.apple.security.root"));
        assert_eq!(text, profile(b"certificate"));
        assert_ne!(text, profile(b"another"));
    }

    #[test]
    fn every_language_has_every_line() {
        for language in Language::ALL {
            let html = page(language, "AA BB", "n");
            assert!(html.contains("AA BB") && html.contains(&format!("<html lang=\"{}\">", language.tag())));
            assert!(!html.contains("<p></p>"));
        }
    }
}
