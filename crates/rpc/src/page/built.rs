//! The files of the built web app.

use std::borrow::Cow;

/// The file of that name below `web/dist/app`, as it was when this was built.
#[cfg(not(debug_assertions))]
pub(super) fn file(name: &str) -> Option<Cow<'static, [u8]>> {
    use include_dir::{Dir, include_dir};

    // The directory is in the repository; what is in it is not.
    static DIST: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../web/dist");
    let file = DIST.get_file(format!("app/{name}"))?;
    Some(Cow::Borrowed(file.contents()))
}

/// The file of that name below `web/dist/app`, as it is now: what is worked on needs no new binary.
#[cfg(debug_assertions)]
pub(super) fn file(name: &str) -> Option<Cow<'static, [u8]>> {
    use std::path::{Component, Path};

    let inside = |part| matches!(part, Component::Normal(_));
    if !Path::new(name).components().all(inside) {
        return None;
    }
    let app = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist/app");
    std::fs::read(Path::new(app).join(name))
        .ok()
        .map(Cow::Owned)
}
