#!/bin/sh
# Builds the node and measures it, beside its peers. Arguments go to the measuring program: --help.
#   PEERLOAD   a JSON-RPC load tool to run besides our own load
#   CRYPT4GH   PyPI's crypt4gh, to measure the container beside it
set -eu
cd "$(dirname "$0")/.."
peers=bench/peers
stamp=$peers/node_modules/.installed
if ! cmp -s $peers/package-lock.json "$stamp"; then
    npm ci --prefix $peers --ignore-scripts --no-audit --no-fund
    cp $peers/package-lock.json "$stamp"
fi
anvil=$peers/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil
[ -x "${ANVIL:-$anvil}" ] && export ANVIL="${ANVIL:-$anvil}"
cargo build --locked --release --package commonhold --package commonhold-bench
exec target/release/commonhold-bench "$@"
