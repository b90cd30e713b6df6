#!/bin/sh
# Drives a network through viem, ethers, web3.py and cast. Installs what it needs into node_modules
# and target/clients; the second time that is quick.
#
#   COMMONHOLD_BIN      the binary (default: target/debug/commonhold)
#   COMMONHOLD_RPC      URLs of a network that runs already, with commas; none is started then
#   COMMONHOLD_FOREIGN  1: that network is another Ethereum node, which has no modules
set -eu
cd "$(dirname "$0")"
work=../../target/clients
mkdir -p "$work"

# $1: what is installed, $2: from which file, $3...: how
install() {
    stamp="$work/$1.installed"
    from=$2
    shift 2
    if ! cmp -s "$from" "$stamp"; then
        "$@"
        cp "$from" "$stamp"
    fi
}
npm_packages() { npm ci --ignore-scripts --no-audit --no-fund; }
python_packages() {
    rm -rf "$work/venv"
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r requirements.txt
}
[ -d node_modules ] || rm -f "$work/npm.installed"
[ -d "$work/venv" ] || rm -f "$work/python.installed"
install npm package-lock.json npm_packages
install python requirements.txt python_packages

exec node run.js
