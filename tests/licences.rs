//! Holds `packaging/licences.txt` (what `farol licences` prints) equal to the dependency tree.

use std::{collections::BTreeSet, path::Path, process::Command};

#[test]
fn the_list_of_licences_is_the_dependency_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}|{l}"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let mut works: BTreeSet<String> = String::from_utf8(tree.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| {
            let (package, licence) = line.trim_end_matches(" (*)").split_once('|')?;
            let mut words = package.split(' ');
            let (name, version) = (words.next()?, words.next()?.trim_start_matches('v'));
            (name != "farol").then(|| format!("{name} {version}: {licence}"))
        })
        .collect();
    works.extend(web_works(root));
    let list = works.into_iter().collect::<Vec<_>>().join("\n") + "\n";

    let path = root.join("packaging/licences.txt");
    if std::env::var_os("FAROL_UPDATE").is_some() {
        std::fs::write(&path, &list).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(stands, list, "run: FAROL_UPDATE=1 cargo nextest run licences");
}

/// What the built web app contains: the packages that are not for development alone.
fn web_works(root: &Path) -> Vec<String> {
    let Ok(lock) = std::fs::read_to_string(root.join("assets/web/package-lock.json")) else { return Vec::new() };
    let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let packages = lock["packages"].as_object().unwrap().iter();
    packages
        .filter(|(path, p)| !path.is_empty() && !["dev", "optional", "devOptional"].iter().any(|mark| p[mark] == true))
        .map(|(path, p)| {
            let name = path.rsplit("node_modules/").next().unwrap_or(path);
            format!("{name} {}: {}", p["version"].as_str().unwrap_or("?"), p["license"].as_str().unwrap_or("see its package"))
        })
        .collect()
}
