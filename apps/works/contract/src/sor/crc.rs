//! CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF, nothing reflected.

/// Of one byte that is followed by none.
const TABLE: [u16; 256] = {
    let mut table = [0_u16; 256];
    let mut byte = 0_u16;
    while byte < 256 {
        let mut crc = byte << 8;
        let mut bit = 0_u8;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 {
                crc << 1
            } else {
                (crc << 1) ^ 0x1021
            };
            bit = bit.wrapping_add(1);
        }
        let (_, rest) = table.split_at_mut(byte as usize);
        if let Some((entry, _)) = rest.split_first_mut() {
            *entry = crc;
        }
        byte = byte.wrapping_add(1);
    }
    table
};

/// Of some bytes.
pub(super) fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff_u16, |crc, byte| {
        let [high, _] = crc.to_be_bytes();
        let entry = TABLE.get(usize::from(high ^ byte)).copied();
        (crc << 8) ^ entry.unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_the_one_that_the_catalogue_checks_by() {
        assert_eq!(super::crc(b"123456789"), 0x29b1);
        assert_eq!(super::crc(b""), 0xffff);
    }
}
