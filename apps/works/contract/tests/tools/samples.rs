//! Writes the traces of `samples/works/traces` again: two fibres, one with a bad splice, and a file whose table
//! was edited to hide it; and those of `samples/works/emulated`, which no instrument measured.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a tool of ours"
)]

#[path = "../properties/made.rs"]
mod made;

use std::{fs, path::PathBuf};

fn main() -> std::io::Result<()> {
    let samples = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../samples/works"
    ));
    let folder = samples.join("traces");
    for (number, (name, losses)) in [("K01", [40, 60]), ("K02", [40, 300])]
        .into_iter()
        .enumerate()
    {
        let fibre_time = 1_790_000_100 + 600 * u32::try_from(number).unwrap_or_default();
        for (wavelength, later) in [(1310, 0), (1550, 60)] {
            for (back, end) in [(false, "AB"), (true, "BA")] {
                let time = fibre_time + later + 7_200 * u32::from(back);
                let made = made::fibre(name, wavelength, back, losses, time);
                let path = folder.join(format!("{name}_{end}_{wavelength}.sor"));
                fs::write(path, made.file())?;
                if (name, wavelength, back) == ("K02", 1550, false) {
                    let mut edited = made;
                    edited.said = Some((1, 50));
                    fs::write(folder.join("K02_AB_1550_edited.sor"), edited.file())?;
                }
            }
        }
    }
    let folder = samples.join("emulated");
    fs::create_dir_all(&folder)?;
    for (at, (wavelength, back)) in [(1310, false), (1310, true), (1550, false), (1550, true)]
        .into_iter()
        .enumerate()
    {
        let time = 1_790_010_000 + 60 * u32::try_from(at).unwrap_or_default();
        let mut made = made::fibre("K03", wavelength, back, [40, 60], time);
        made.emulated = true;
        let end = if back { "BA" } else { "AB" };
        fs::write(
            folder.join(format!("K03_{end}_{wavelength}.sor")),
            made.file(),
        )?;
    }
    Ok(())
}
