//! Tells cargo what the binary embeds, so that a rebuilt web app is noticed.

fn main() {
    println!("cargo:rerun-if-changed=assets/dist");
    // The embedding macro wants the folder; without files in it the server says that the app is missing.
    if let Err(e) = std::fs::create_dir_all("assets/dist") {
        println!("cargo:warning=cannot create assets/dist: {e}");
    }
}
