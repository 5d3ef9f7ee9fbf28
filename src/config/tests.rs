use super::*;
use std::path::Path;

fn given(flags: &[(&'static str, &str)], env: &[(&str, &str)]) -> Given {
    Given {
        flags: flags.iter().map(|(k, v)| (*k, vec![(*v).to_owned()])).collect(),
        env: env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        config_file: None,
    }
}

fn with_file(toml: &str, env: &[(&str, &str)], flags: &[(&'static str, &str)]) -> (tempfile::TempDir, Given) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("farol.toml");
    std::fs::write(&path, toml).unwrap();
    (folder, Given { config_file: Some(path), ..given(flags, env) })
}

fn problem(given: &Given) -> String {
    Config::load(given).expect_err("this configuration is wrong").to_string()
}

#[test]
fn starts_with_nothing_given() {
    let config = Config::load(&given(&[], &[("HOME", "/home/ana")])).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.timeouts_connect.as_secs(), 30);
    assert_eq!(config.timeouts_request.as_secs(), 60);
    assert_eq!(config.timeouts_socket.as_secs(), 120);
    assert_eq!(config.timeouts_upload.as_secs(), 300);
    assert_eq!(config.jwt_expiry.as_secs(), 900);
    assert!(config.notes.is_empty(), "{:?}", config.notes);
}

#[test]
fn every_option_has_its_own_names_and_a_default_it_accepts() {
    let mut seen = std::collections::BTreeSet::new();
    for option in OPTIONS {
        assert!(seen.insert(option.flag()) && seen.insert(option.env()), "{} stands twice", option.key);
        assert!(option.key == "data" || (option.accepts)(option.default), "{}: default {}", option.key, option.default);
        assert!(option.doc.trim().len() > 3, "{} is not explained", option.key);
    }
}

#[test]
fn the_strongest_place_wins_and_is_named() {
    let toml = "listen = \"127.0.0.1:1001\"\n[jwt]\nexpiry = \"1h\"\n[log]\nlevel = \"warn\"\n";
    let env = [("FAROL_LISTEN", "127.0.0.1:1002"), ("FAROL_JWT_EXPIRY", "2h")];
    let (_folder, given) = with_file(toml, &env, &[("listen", "127.0.0.1:1003")]);
    let config = Config::load(&given).unwrap();
    assert_eq!(config.listen.port(), 1003);
    assert_eq!(*config.origin("listen"), Origin::Flag("--listen".into()));
    assert_eq!(config.jwt_expiry.as_secs(), 7200);
    assert_eq!(*config.origin("jwt.expiry"), Origin::Env("FAROL_JWT_EXPIRY".into()));
    assert_eq!(config.log_level, LogLevel::Warn);
    assert!(matches!(config.origin("log.level"), Origin::File(_)));
    assert_eq!(*config.origin("cors.origins"), Origin::Default);
}

#[test]
fn an_app_setting_is_weaker_than_every_other_place() {
    let mut config = Config::load(&given(&[], &[("FAROL_JWT_EXPIRY", "2h")])).unwrap();
    assert!(!config.apply_app_setting("jwt.expiry", "24h"), "set outside");
    assert!(!config.apply_app_setting("listen", "127.0.0.1:9"), "needs a restart");
    assert!(!config.apply_app_setting("public_url", "desk"), "no address");
    assert!(config.apply_app_setting("public_url", "https://desk.example.com/"));
    assert_eq!(config.public_url.as_ref().unwrap().as_str(), "https://desk.example.com");
    assert_eq!(*config.origin("public_url"), Origin::App);
}

#[test]
fn a_file_can_hold_a_value_given_by_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "a-secret-of-more-than-thirty-two-characters\n").unwrap();
    let config = Config::load(&given(&[], &[("FAROL_JWT_SECRET_FILE", path.to_str().unwrap())])).unwrap();
    assert_eq!(config.jwt_secret.as_ref().unwrap().expose(), "a-secret-of-more-than-thirty-two-characters");
    assert!(!format!("{config:?}").contains("a-secret-of"), "a secret is never shown");
    assert!(!config.print(true).contains("a-secret-of"), "a secret is never shown");
    assert!(config.print(true).contains("FAROL_JWT_SECRET_FILE"));
}

#[test]
fn durations_and_amounts_round_trip() {
    for text in ["500ms", "30s", "15m", "24h", "7d", "90s", "0s"] {
        let read = std::time::Duration::read(text).unwrap();
        assert_eq!(std::time::Duration::read(&read.write()), Some(read), "{text}");
    }
    assert_eq!(std::time::Duration::read("7d").unwrap().as_secs(), 604_800);
    for text in ["64MB", "1GB", "1000", "3KB"] {
        let read = Bytes::read(text).unwrap();
        assert_eq!(Bytes::read(&read.write()), Some(read), "{text}");
    }
    assert_eq!(Bytes::read("64MiB"), Some(Bytes(64 << 20)));
    assert_eq!(std::time::Duration::read("soon"), None);
    assert_eq!(std::time::Duration::read("99999999999999999999d"), None);
}

#[test]
fn the_names_of_earlier_systems_are_understood() {
    let env = [
        ("NODE_ENV", "development"),
        ("PORT", "3333"),
        ("FRONTEND_URL", "https://desk.example.com/"),
        ("BACKEND_URL", "https://api.example.com"),
        ("JWT_SECRET", "0123456789012345678901234567890123456789"),
        ("JWT_EXPIRATION", "7d"),
        ("WHATSAPP_PHONE_NUMBER_ID", "123"),
        ("WAHA_API_URL", "http://localhost:3000"),
        ("NUACOM_APIKEY", "k"),
        ("MAIL_HOST", "mail.example.com"),
        ("MAIL_PORT", "2525"),
        ("DB_HOST", "db"),
        ("REDIS_URI", "redis://cache"),
        ("AMQP_URL", "amqp://queue"),
        ("QUEUE_PREFIX", "x"),
        ("SESSION_SECRET", "abcdefghijklmnopqrstuvwxyz0123456789"),
        ("REACT_APP_API_URL", "http://localhost"),
        ("NEXT_PUBLIC_WS_URL", "http://localhost"),
    ];
    let config = Config::load(&given(&[], &env)).unwrap();
    assert_eq!(config.environment, Environment::Development);
    assert_eq!(config.listen.to_string(), "127.0.0.1:3333");
    assert_eq!(config.public_url.as_ref().unwrap().as_str(), "https://desk.example.com");
    assert_eq!(config.jwt_expiry.as_secs(), 7 * 86_400);
    assert_eq!(config.session_secret.as_ref().unwrap().expose(), "abcdefghijklmnopqrstuvwxyz0123456789");
    assert_eq!(config.whatsapp_phone_number_id.as_deref(), Some("123"));
    assert_eq!(config.waha_url.as_ref().unwrap().as_str(), "http://localhost:3000");
    assert_eq!((config.mail_host.as_deref(), config.mail_port), (Some("mail.example.com"), 2525));
    for ignored in ["DB_HOST", "REDIS_URI", "AMQP_URL", "QUEUE_PREFIX", "REACT_APP_API_URL", "NEXT_PUBLIC_WS_URL", "BACKEND_URL"]
    {
        let told = config.notes.iter().filter(|n| n.starts_with(&format!("{ignored} is ignored"))).count();
        assert_eq!(told, 1, "{ignored}: {:?}", config.notes);
    }
}

#[test]
fn a_cluster_s_names_for_a_service_called_farol_are_not_taken_for_options() {
    let cluster = [
        ("FAROL_SERVICE_HOST", "10.96.0.7"),
        ("FAROL_SERVICE_PORT", "8080"),
        ("FAROL_SERVICE_PORT_HTTP", "8080"),
        ("FAROL_PORT", "tcp://10.96.0.7:8080"),
        ("FAROL_PORT_8080_TCP", "tcp://10.96.0.7:8080"),
        ("FAROL_PORT_8080_TCP_ADDR", "10.96.0.7"),
    ];
    Config::load(&given(&[], &cluster)).unwrap();
    assert!(Config::load(&given(&[], &[("FAROL_PORT", "8080")])).is_err(), "it means FAROL_LISTEN");
}

#[test]
fn our_own_name_is_stronger_than_a_foreign_one() {
    let config = Config::load(&given(&[], &[("PORT", "3333"), ("FAROL_LISTEN", "127.0.0.1:4444")])).unwrap();
    assert_eq!(config.listen.port(), 4444);
}

#[test]
fn what_is_wrong_is_told_with_key_origin_and_remedy() {
    let cases: &[(&[(&'static str, &str)], &[(&str, &str)], &str)] = &[
        (&[("listen", "banana")], &[], "listen (flag --listen): \"banana\" is not an address and a port"),
        (&[], &[("FAROL_LISTEN", "8080")], "listen (environment FAROL_LISTEN): \"8080\" is not an address"),
        (&[], &[("PORT", "http")], "listen (environment PORT): \"http\" is not a port"),
        (&[], &[("FAROL_JOURNAL_WINDOW", "6d")], "journal.window (environment FAROL_JOURNAL_WINDOW): must be at least 7d"),
        (
            &[],
            &[("FAROL_LISTN", "x")],
            "FAROL_LISTN (environment FAROL_LISTN): there is no such option: did you mean FAROL_LISTEN?",
        ),
        (&[], &[("FAROL_JWT_SECRET", "short")], "jwt.secret (environment FAROL_JWT_SECRET): is shorter than 32"),
        (&[], &[("JWT_EXPIRATION", "a week")], "jwt.expiry (environment JWT_EXPIRATION): \"a week\" is not a duration"),
        (&[("listen", "0.0.0.0:80")], &[], "listen (flag --listen): plain HTTP could be read by anybody"),
        (&[("cors.origins", "*")], &[], "cors.origins (flag --cors-origins): `*` lets any page call the API"),
        (
            &[("tls.certificate", "/nowhere/cert.pem")],
            &[],
            "tls.certificate (flag --tls-certificate): a certificate needs its private key",
        ),
        (
            &[],
            &[("FAROL_METRICS_TOKEN_FILE", "/nowhere/token")],
            "metrics.token (environment FAROL_METRICS_TOKEN_FILE (file /nowhere/token)): /nowhere/token can't be read",
        ),
    ];
    for (flags, env, expected) in cases {
        let told = problem(&given(flags, env));
        assert!(told.contains(expected), "expected {expected}\ngot {told}");
    }
}

#[test]
fn unknown_and_impossible_entries_of_the_file_are_told_at_once() {
    let (_folder, given) = with_file("listen = 8080\nport = 1\n[tls]\nkeys = \"x\"\n[rate]\nenabled = \"perhaps\"\n", &[], &[]);
    let told = problem(&given);
    assert_eq!(told.lines().count(), 4, "{told}");
    assert!(told.contains("tls.keys (file ") && told.contains("did you mean tls.key?"), "{told}");
    assert!(told.contains("rate.enabled") && told.contains("true or false"), "{told}");
    let (_folder, given) = with_file("listen = ", &[], &[]);
    assert!(problem(&given).contains("is not TOML"), "{}", problem(&given));
}

#[test]
fn plain_http_leaves_the_machine_only_behind_a_proxy() {
    let open = ("listen", "0.0.0.0:8080");
    let allowed: &[&[(&'static str, &str)]] =
        &[&[open, ("trusted_proxies", "172.18.0.2")], &[open, ("tls.lan_name", "farol.lan")]];
    for flags in allowed {
        assert!(Config::load(&given(flags, &[])).is_ok(), "{flags:?}");
    }
    let told = |url| Config::load(&given(&[("public_url", url)], &[])).unwrap().notes.join(" ");
    assert!(told("http://desk.example.com").contains("microphone"));
    for fine in ["https://desk.example.com", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
        assert_eq!(told(fine), "");
    }
}

#[test]
fn ports_follow_from_how_the_box_speaks() {
    let ports = |flags: &[(&'static str, &str)]| Config::load(&given(flags, &[])).unwrap().ports();
    let plain = ports(&[("listen", "127.0.0.1:80")]);
    assert_eq!((plain.plain.map(|a| a.port()), plain.tls), (Some(80), None));
    let lan = ports(&[("listen", "0.0.0.0:443"), ("tls.lan_name", "farol.lan")]);
    assert_eq!((lan.plain, lan.tls.map(|a| a.port())), (None, Some(443)));
    let acme = ports(&[("listen", "0.0.0.0:443"), ("tls.acme_domain", "desk.example.com")]);
    assert_eq!((acme.plain.map(|a| a.to_string()).as_deref(), acme.tls.map(|a| a.port())), (Some("0.0.0.0:80"), Some(443)));
}

#[test]
fn what_is_printed_reads_back_as_the_same_configuration() {
    let config = Config::load(&given(&[("trusted_proxies", "10.0.0.5,172.18.0.0/16"), ("data", "/srv/farol")], &[])).unwrap();
    let (_folder, given) = with_file(&config.print(true), &[], &[]);
    let again = Config::load(&given).unwrap();
    assert_eq!(again.print(false), config.print(false));
}

#[test]
fn the_sample_file_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/farol.toml");
    let stands = std::fs::read_to_string(&path).unwrap();
    assert_eq!(stands, sample(), "run: farol config sample > packaging/farol.toml");
    let uncommented: Vec<&str> =
        stands.lines().map(|l| if l.starts_with("# ") { l } else { l.trim_start_matches('#') }).collect();
    let (_folder, given) = with_file(&uncommented.join("\n"), &[], &[("data", "/srv/farol")]);
    let config = Config::load(&given).expect("the sample with every line active is a valid configuration");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
}
