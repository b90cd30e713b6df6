//! Small traces of our own making: a fibre with splices between two panels, as an instrument would see it.

/// Millimetres between samples.
const STEP_MM: u64 = 2_000;
const SAMPLES: u64 = 2_800;
const GROUP_INDEX: u64 = 146_770;
const LIGHT: u64 = 299_792_458;
/// mdB of the trace where it begins.
const LEVEL: u64 = 10_000;
/// Millimetres of fibre behind the far panel.
const RECEIVE_MM: u64 = 300_000;

/// A trace to be made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) fibre: &'static str,
    pub(crate) wavelength: u16,
    pub(crate) serial: &'static str,
    pub(crate) places: (&'static str, &'static str),
    pub(crate) time: u32,
    /// mdB/km.
    pub(crate) attenuation: u64,
    /// Millimetres to the far panel.
    pub(crate) length_mm: u64,
    /// Millimetres and mdB of each splice.
    pub(crate) splices: Vec<(u64, u64)>,
    /// What the table says of a splice instead: which, and mdB.
    pub(crate) said: Option<(usize, i16)>,
    pub(crate) seed: u64,
    /// Bytes of a block of the instrument's own.
    pub(crate) own_block: usize,
    /// Whether it was made up: no time of averaging, the same round number of averages everywhere, and
    /// nothing but a constant behind the end.
    pub(crate) emulated: bool,
}

/// Numbers that look like noise and are the same every time.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.as_bytes());
    out.push(0);
}

fn number(out: &mut Vec<u8>, value: i64, bytes: usize) {
    out.extend(&value.to_le_bytes()[..bytes]);
}

/// 100 ps of a distance.
fn time(mm: u64) -> i64 {
    i64::try_from((mm * 100 * GROUP_INDEX + LIGHT / 2) / LIGHT).unwrap()
}

impl Made {
    /// Distance, loss, whether it reflects.
    fn events(&self) -> Vec<(u64, u64, bool)> {
        let splices = self.splices.iter().map(|(mm, loss)| (*mm, *loss, false));
        let panels = [(0, 200, true), (self.length_mm, 200, true)];
        let mut events: Vec<_> = splices.chain(panels).collect();
        events.sort_unstable();
        events
    }

    fn samples(&self) -> Vec<u16> {
        let mut noise = Noise(self.seed);
        let events = self.events();
        let end = self.length_mm + RECEIVE_MM;
        let sample = |at: u64, noise: &mut Noise| {
            if at > end && self.emulated {
                return 30_000;
            }
            if at > end {
                return 30_000 + noise.below(5_000);
            }
            let passed = events.iter().filter(|(mm, ..)| *mm < at);
            let lost: u64 = passed.map(|(_, loss, _)| loss).sum();
            let peaks = events.iter().map(|(mm, _, reflects)| (*mm, *reflects));
            let mut peaks = peaks.chain([(end, true)]);
            let peak = peaks.any(|(mm, reflects)| reflects && at >= mm && at - mm < 6_000);
            let level = LEVEL + at * self.attenuation / 1_000_000 + lost + noise.below(5);
            if peak { level - 5_000 } else { level }
        };
        let samples = (0..SAMPLES).map(|number| sample(number * STEP_MM, &mut noise));
        samples
            .map(|sample| u16::try_from(sample).unwrap())
            .collect()
    }

    fn key_events(&self) -> Vec<u8> {
        let mut out = Vec::new();
        text(&mut out, "KeyEvents");
        let events = self.events();
        let end = self.length_mm + RECEIVE_MM;
        let splices = events.iter().filter(|(_, _, reflects)| !reflects);
        let splices: Vec<u64> = splices.map(|(mm, ..)| *mm).collect();
        number(&mut out, i64::try_from(events.len() + 1).unwrap(), 2);
        let last = (end, 0, true);
        for (count, (mm, loss, reflects)) in (1..).zip(events.iter().chain([&last])) {
            let said = self
                .said
                .filter(|(which, _)| splices.get(*which) == Some(mm));
            let loss = said.map_or(i64::try_from(*loss).unwrap(), |(_, said)| said.into());
            number(&mut out, count, 2);
            number(&mut out, time(*mm), 4);
            number(&mut out, i64::try_from(self.attenuation).unwrap(), 2);
            number(&mut out, loss, 2);
            number(&mut out, if *reflects { -55_000 } else { 0 }, 4);
            out.extend(match (*reflects, *mm == end) {
                (_, true) => b"1E9999",
                (true, _) => b"1F9999",
                (false, _) => b"0F9999",
            });
            out.extend(b"LS");
            out.extend([0; 20]);
            text(&mut out, "");
        }
        let total: u64 = events.iter().map(|(_, loss, _)| loss).sum();
        number(&mut out, i64::try_from(total).unwrap(), 4);
        number(&mut out, 0, 4);
        number(&mut out, time(end), 4);
        number(&mut out, 32_000, 2);
        number(&mut out, 0, 4);
        number(&mut out, time(end), 4);
        out
    }

    /// The file, format 2.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut general = Vec::new();
        text(&mut general, "GenParams");
        general.extend(b"EN");
        text(&mut general, "KABEL-1");
        text(&mut general, self.fibre);
        number(&mut general, 652, 2);
        number(&mut general, self.wavelength.into(), 2);
        text(&mut general, self.places.0);
        text(&mut general, self.places.1);
        text(&mut general, "");
        general.extend(b"BC");
        number(&mut general, 0, 8);
        text(&mut general, "operator");
        text(&mut general, "made, not measured");
        let mut supplier = Vec::new();
        text(&mut supplier, "SupParams");
        for part in [
            "MADE",
            "MADE-1",
            self.serial,
            "MODULE",
            self.serial,
            "1",
            "",
        ] {
            text(&mut supplier, part);
        }
        let mut fixed = Vec::new();
        text(&mut fixed, "FxdParams");
        number(&mut fixed, self.time.into(), 4);
        fixed.extend(b"mt");
        number(&mut fixed, i64::from(self.wavelength) * 10, 2);
        number(&mut fixed, 0, 8);
        number(&mut fixed, 1, 2);
        number(&mut fixed, 50, 2);
        let spacing = STEP_MM * 1_000_000 * GROUP_INDEX / LIGHT;
        number(&mut fixed, i64::try_from(spacing).unwrap(), 4);
        number(&mut fixed, i64::try_from(SAMPLES).unwrap(), 4);
        number(&mut fixed, i64::try_from(GROUP_INDEX).unwrap(), 4);
        number(&mut fixed, 0, 2);
        number(
            &mut fixed,
            match self.emulated {
                true => 18_000,
                false => 20_000 + i64::try_from(self.seed % 977).unwrap(),
            },
            4,
        );
        number(&mut fixed, if self.emulated { 0 } else { 30 }, 2);
        number(&mut fixed, 0, 4 + 4);
        number(&mut fixed, 0, 4);
        number(&mut fixed, 34_000, 2);
        number(&mut fixed, 0, 4);
        for threshold in [20, 65_000, 5_000] {
            number(&mut fixed, threshold, 2);
        }
        fixed.extend(b"ST");
        fixed.extend([0; 16]);
        let mut points = Vec::new();
        text(&mut points, "DataPts");
        number(&mut points, i64::try_from(SAMPLES).unwrap(), 4);
        number(&mut points, 1, 2);
        number(&mut points, i64::try_from(SAMPLES).unwrap(), 4);
        number(&mut points, 1_000, 2);
        for sample in self.samples() {
            points.extend(sample.to_le_bytes());
        }
        let mut own = Vec::new();
        text(&mut own, "OwnBlock");
        own.extend((0..self.own_block).map(|n| n.to_le_bytes()[0] | 1));
        let blocks = [
            ("GenParams", general),
            ("SupParams", supplier),
            ("FxdParams", fixed),
            ("KeyEvents", self.key_events()),
            ("DataPts", points),
            ("OwnBlock", own),
        ];
        let count = if self.own_block == 0 { 5 } else { 6 };
        let blocks = &blocks[..count];
        let mut map = Vec::new();
        for (name, block) in blocks {
            text(&mut map, name);
            number(&mut map, 200, 2);
            number(&mut map, i64::try_from(block.len()).unwrap(), 4);
        }
        text(&mut map, "Cksum");
        number(&mut map, 200, 2);
        number(&mut map, 8, 4);
        let mut file = b"Map\0".to_vec();
        number(&mut file, 200, 2);
        number(&mut file, i64::try_from(map.len() + 12).unwrap(), 4);
        number(&mut file, i64::try_from(count + 2).unwrap(), 2);
        file.extend(map);
        for (_, block) in blocks {
            file.extend(block);
        }
        text(&mut file, "Cksum");
        let crc = crc(&file);
        file.extend(crc.to_le_bytes());
        file
    }
}

/// CRC-16/CCITT-FALSE, bit by bit.
fn crc(bytes: &[u8]) -> u16 {
    let mut crc = 0xffff_u16;
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let carry = crc & 0x8000 != 0;
            crc <<= 1;
            if carry {
                crc ^= 0x1021;
            }
        }
    }
    crc
}

/// A fibre of four kilometres with two splices, seen from one end.
pub(crate) fn fibre(
    fibre: &'static str,
    wavelength: u16,
    back: bool,
    losses: [u64; 2],
    time: u32,
) -> Made {
    let length_mm = 4_000_000;
    let splices = [(1_300_000, losses[0]), (2_600_000, losses[1])];
    let mirrored = |(mm, loss): (u64, u64)| (if back { length_mm - mm } else { mm }, loss);
    Made {
        fibre,
        wavelength,
        serial: if back { "SN-B" } else { "SN-A" },
        places: if back {
            ("CAB", "EXCH")
        } else {
            ("EXCH", "CAB")
        },
        time,
        attenuation: if wavelength == 1310 { 340 } else { 200 },
        length_mm,
        splices: splices.map(mirrored).to_vec(),
        said: None,
        seed: u64::from(time),
        own_block: 0,
        emulated: false,
    }
}
