//! Tells cargo what the binary embeds, so that a rebuilt web app is noticed.

fn main() {
    println!("cargo:rerun-if-changed=assets/dist");
}
