//! Release builds carry the web app, so they are made anew when it was. Building the web app is
//! `make web`, never this; debug builds read it when they run.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../../web/dist");
    }
}
