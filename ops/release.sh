#!/bin/sh
# The release build, the same bytes wherever it is made: from a clean tree with the web app in web/dist, by the
# compiler of rust-toolchain.toml.
#
#   ops/release.sh DIR       writes DIR/commonhold and DIR/commonhold.sha256
#
# What would differ from place to place, and what is done about it:
#   paths of this tree, of the registry and of the toolchain in the program   --remap-path-prefix
#   the same in what C compilers write (libsecp256k1, blst, zstd)             -ffile-prefix-map
#   times                                                                     SOURCE_DATE_EPOCH, of the last commit
#   versions of dependencies                                                  --locked
#   the build machine's processor                                             no target-cpu; the C libraries choose at run time
#   incremental compilation, the order of parallel code generation            off; one unit per crate
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out=$1
mkdir -p "$out"
out=$(cd "$out" && pwd)
cargo_home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(cd "$here" && rustc --print sysroot)
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git -C "$here" log -1 --format=%ct 2> /dev/null || echo 0)
fi
export SOURCE_DATE_EPOCH
export CARGO_INCREMENTAL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
export RUSTFLAGS="--remap-path-prefix=$here=/commonhold --remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$sysroot=/rust"
export CFLAGS="-ffile-prefix-map=$here=/commonhold -ffile-prefix-map=$cargo_home=/cargo"
export CXXFLAGS="$CFLAGS" LC_ALL=C TZ=UTC
cd "$here"
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target/reproducible} cargo build --locked --release --package commonhold
install -m 0755 "${CARGO_TARGET_DIR:-$here/target/reproducible}/release/commonhold" "$out/commonhold"
(cd "$out" && sha256sum commonhold | tee commonhold.sha256)
