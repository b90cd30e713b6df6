//! Which of the codings that files are stored in a client takes.

/// Codings and the extensions of files that have them, the smallest first.
const CODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// Those of [`CODINGS`] that an `Accept-Encoding` header allows. `*` is not taken for a wish.
pub(super) fn accepted(header: &str) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
    let allows = move |coding: &str| {
        header.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(coding));
            named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    CODINGS
        .into_iter()
        .filter(move |(coding, _)| allows(coding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_client_names() {
        let names = |header: &str| accepted(header).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names("gzip, deflate, br, zstd"), ["br", "gzip"]);
        assert_eq!(names("GZIP;q=0.5"), ["gzip"]);
        assert_eq!(names("br;q=0, gzip; q=1"), ["gzip"]);
        assert_eq!(names("brotli, *"), [""; 0]);
        assert_eq!(names(""), [""; 0]);
    }
}
