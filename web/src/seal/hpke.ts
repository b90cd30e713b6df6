/**
 * HPKE (RFC 9180) in base mode, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. Members
 * encrypt their parts so to whoever they are for; only taking apart is needed here.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

const text = (value: string) => new TextEncoder().encode(value);

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const KEM = new Uint8Array([...text("KEM"), 0, 0x20]);
const SUITE = new Uint8Array([...text("HPKE"), 0, 0x20, 0, 1, 0, 3]);
const VERSION = text("HPKE-v1");
const NOTHING = new Uint8Array();

function labelledExtract(suite: Uint8Array, salt: Uint8Array, label: string, key: Uint8Array): Uint8Array {
  return extract(sha256, concat(VERSION, suite, text(label), key), salt);
}

function labelledExpand(
  suite: Uint8Array,
  key: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const size = new Uint8Array([length >> 8, length & 0xff]);
  return expand(sha256, key, concat(size, VERSION, suite, text(label), info), length);
}

/** What was encrypted to the key of `secret`; throws where it was not, or not with this info and these data. */
export function open(
  secret: Uint8Array,
  encapsulated: Uint8Array,
  sealed: Uint8Array,
  info: Uint8Array,
  data: Uint8Array,
): Uint8Array {
  const shared = x25519.getSharedSecret(secret, encapsulated);
  const both = concat(encapsulated, x25519.getPublicKey(secret));
  const agreed = labelledExtract(KEM, NOTHING, "eae_prk", shared);
  const kem = labelledExpand(KEM, agreed, "shared_secret", both, 32);
  const context = concat(
    new Uint8Array([0]),
    labelledExtract(SUITE, NOTHING, "psk_id_hash", NOTHING),
    labelledExtract(SUITE, NOTHING, "info_hash", info),
  );
  const master = labelledExtract(SUITE, kem, "secret", NOTHING);
  const key = labelledExpand(SUITE, master, "key", context, 32);
  const nonce = labelledExpand(SUITE, master, "base_nonce", context, 12);
  return chacha20poly1305(key, nonce, data).decrypt(sealed);
}
