/**
 * What a device signs, and its key's file: a reading as COSE_Sign1 (`crates/reading/src/envelope.rs`,
 * `docs/formats.md`, Readings). A key that is read here stays in this page and is sent nowhere.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, stringToBytes } from "viem";
import type { Hex } from "../ledger/api";
import { bstr, head, int, list, map, tstr } from "./cbor";

const DOMAIN = stringToBytes("commonhold/reading/v1");
const DEVICE_DOMAIN = stringToBytes("commonhold/device/v1");
/** Bytes of the largest file that is taken for a device's key; the command line's DEVICE_KEY_BYTES_MAX. */
export const KEY_BYTES_MAX = 1_024;
const SIGN1 = 18;

/** By the network's number of an algorithm: its name in a key's file, COSE's number, and how it signs. */
const ALGORITHMS = [
  { number: 1, name: "ed25519", cose: -8n, sign: ed25519.sign, key: ed25519.getPublicKey },
  { number: 2, name: "p256", cose: -7n, sign: p256.sign, key: p256.getPublicKey },
  { number: 3, name: "secp256k1", cose: -47n, sign: secp256k1.sign, key: secp256k1.getPublicKey },
] as const;

/** The id that a device of this key has. */
export const deviceId = (algorithm: number, key: Hex): Hex =>
  bytesToHex(sha256(concatBytes([DEVICE_DOMAIN, Uint8Array.of(algorithm), hexToBytes(key)])));

/** The bytes that a device's signature is over. */
export const toBeSigned = (header: Uint8Array, payload: Uint8Array): Uint8Array =>
  list([tstr("Signature1"), bstr(header), bstr(DOMAIN), bstr(payload)]);

export interface DeviceKey {
  device: Hex;
  algorithm: (typeof ALGORITHMS)[number];
  secret: Uint8Array;
}

/** Reads a device's key file; throws where it is none. */
export function readKey(text: string): DeviceKey {
  const file = JSON.parse(text) as Record<string, unknown>;
  const algorithm = ALGORITHMS.find(({ name }) => name === file["algorithm"]);
  const { secret, key } = file;
  const hex = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]+$/i.test(value);
  if (file["type"] !== "commonhold device key" || !algorithm || !hex(secret) || secret.length !== 64) {
    throw new Error("it is no device's key");
  }
  const bytes = hexToBytes(`0x${secret}`);
  const own = bytesToHex(algorithm.key(bytes));
  if (!hex(key) || own !== `0x${key.toLowerCase()}`) throw new Error("its public key is another's");
  return { device: deviceId(algorithm.number, own), algorithm, secret: bytes };
}

export interface Reading {
  /** Never the same twice, and never less than before. */
  counter: bigint;
  /** Milliseconds since 1970. */
  time: bigint;
  /** What was measured, by name: numbers, texts, bytes. */
  pack: [string, bigint | string | Uint8Array][];
  nonce?: Hex;
}

function record(name: string, value: bigint | string | Uint8Array): Uint8Array {
  const label: [number, Uint8Array] =
    typeof value === "bigint"
      ? [2, int(value)]
      : typeof value === "string"
        ? [3, tstr(value)]
        : [8, bstr(value)];
  return map([[0, tstr(name)], label]);
}

/** The signed reading, in bytes. */
export function sign({ device, algorithm, secret }: DeviceKey, reading: Reading): Uint8Array {
  const header = map([
    [1, int(algorithm.cose)],
    [4, bstr(hexToBytes(device))],
  ]);
  const payload = map([
    [1, int(reading.counter)],
    [2, int(reading.time)],
    [3, list(reading.pack.map(([name, value]) => record(name, value)))],
    ...(reading.nonce ? [[4, bstr(hexToBytes(reading.nonce))] as [number, Uint8Array]] : []),
  ]);
  const signature = algorithm.sign(toBeSigned(header, payload), secret);
  return concatBytes([head(6, SIGN1), list([bstr(header), map([]), bstr(payload), bstr(signature)])]);
}
