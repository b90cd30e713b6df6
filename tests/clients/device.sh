#!/bin/bash
# A device that is a shell script: it has its key in openssl, and knows nothing of our programs.
#
#   device.sh new ed25519|p256 KEY.pem                 makes a key
#   device.sh key KEY.pem                              gives its public key: ALGORITHM:HEX
#   device.sh id KEY.pem                               gives the device's id
#   device.sh prove KEY.pem CHAIN OWNER                gives the proof for its enrolment, in hex
#   device.sh sign KEY.pem COUNTER MS NAME VALUE UNIT  gives a signed reading of one number
#
# For example:
#   device.sh new p256 meter.pem
#   commonhold device enrol --key "$(device.sh key meter.pem)" --model script \
#       --proof "$(device.sh prove meter.pem 49153 0x70997970C51812dc3A010C7d01b50e0d17dc79C8)"
#   device.sh sign meter.pem 1 "$(date +%s%3N)" power 230.5 W > reading.cbor
set -euo pipefail

DEVICES=c000000000000000000000000000000000000003

# Bytes from hex, and back.
bytes() { printf '%b' "$(sed 's/../\\x&/g' <<< "$1")"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
text() { printf '%s' "$1" | hex; }

# The head of a CBOR item in hex: its kind (0 to 7) and its number, as short as can be.
head_of() {
    local kind=$(($1 << 5)) number=$2
    if ((number < 24)); then printf '%02x' $((kind + number))
    elif ((number < 0x100)); then printf '%02x%02x' $((kind + 24)) "$number"
    elif ((number < 0x10000)); then printf '%02x%04x' $((kind + 25)) "$number"
    elif ((number < 0x100000000)); then printf '%02x%08x' $((kind + 26)) "$number"
    else printf '%02x%016x' $((kind + 27)) "$number"; fi
}
integer() { if (($1 < 0)); then head_of 1 $((-1 - $1)); else head_of 0 "$1"; fi; }
byte_string() { head_of 2 $((${#1} / 2)); printf '%s' "$1"; }
text_string() { local it; it=$(text "$1"); head_of 3 $((${#it} / 2)); printf '%s' "$it"; }

# A decimal number: an integer, or tag 4 with exponent and mantissa.
number() {
    if [[ $1 != *.* ]]; then integer "$1"; return; fi
    local whole=${1%.*} fraction=${1#*.} sign=
    if [[ $whole == -* ]]; then sign=-; whole=${whole#-}; fi
    local digits=$((10#$whole$fraction))
    printf 'c4'; head_of 4 2; integer $((-${#fraction})); integer "$sign$digits"
}

algorithm() {
    case $(openssl pkey -in "$1" -noout -text | sed 1q) in
        *ED25519*) echo ed25519 ;;
        *) echo p256 ;;
    esac
}
public() {
    if [[ $(algorithm "$1") == ed25519 ]]; then
        openssl pkey -in "$1" -pubout -outform DER | tail -c 32 | hex
    else
        openssl ec -in "$1" -pubout -conv_form compressed -outform DER 2> /dev/null | tail -c 33 | hex
    fi
}
sha256() { bytes "$1" | openssl dgst -sha256 -binary | hex; }
id() {
    local number=02
    if [[ $(algorithm "$1") == ed25519 ]]; then number=01; fi
    sha256 "$(text commonhold/device/v1)$number$(public "$1")"
}

# 32 bytes of a number that openssl shows without its leading zeros.
padded() { local all; all=$(printf '%064d' 0)$1; printf '%s' "${all: -64}" | tr A-F a-f; }

# The 64-byte signature of a message in hex.
signature() {
    local message
    message=$(mktemp)
    bytes "$2" > "$message"
    if [[ $(algorithm "$1") == ed25519 ]]; then
        openssl pkeyutl -sign -inkey "$1" -rawin -in "$message" | hex
    else
        openssl dgst -sha256 -sign "$1" "$message" | openssl asn1parse -inform DER \
            | sed -n 's/.*INTEGER *://p' | while read -r part; do padded "$part"; done
    fi
    rm -f "$message"
}

new() {
    umask 077
    if [[ $1 == ed25519 ]]; then
        openssl genpkey -algorithm ed25519 -out "$2"
    else
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$2"
    fi
}
prove() {
    local owner
    owner=$(tr A-F a-f <<< "${3#0x}")
    local message
    message=$(text commonhold/enrolment/v1)$(printf '%016x' "$2")$DEVICES$owner$(public "$1")
    signature "$1" "$(sha256 "$message")"
    echo
}
sign() {
    local record payload protected signed alg=26
    if [[ $(algorithm "$1") == ed25519 ]]; then alg=27; fi
    record=a300$(text_string "$4")01$(text_string "$6")02$(number "$5")
    payload=a301$(integer "$2")02$(integer "$3")0381$record
    protected=a201${alg}04$(byte_string "$(id "$1")")
    signed=84$(text_string Signature1)$(byte_string "$protected")
    signed+=$(byte_string "$(text commonhold/reading/v1)")$(byte_string "$payload")
    bytes "d284$(byte_string "$protected")a0$(byte_string "$payload")$(byte_string "$(signature "$1" "$signed")")"
}

case ${1:-} in
    new) new "$2" "$3" ;;
    key) echo "$(algorithm "$2"):$(public "$2")" ;;
    id) echo "0x$(id "$2")" ;;
    prove) prove "$2" "$3" "$4" ;;
    sign) sign "$2" "$3" "$4" "$5" "$6" "$7" ;;
    *) sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
