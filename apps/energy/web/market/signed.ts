/**
 * A meter's signed reading, from its bytes: a COSE_Sign1 in CBOR, as the network's crate of readings has it
 * (`crates/reading`). Whoever has the bytes and the meter's key needs to believe nobody.
 */
import type { Hex } from "@commonhold/web/ledger/api";
import { read, type Value } from "@commonhold/web/reading/cbor";
import { deviceId, toBeSigned } from "@commonhold/web/reading/sign";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "viem";

/** COSE's numbers of signatures, and the network's. */
const ALGORITHMS = new Map([
  [-8n, 1],
  [-7n, 2],
  [-47n, 3],
]);
const SIGN1 = 18n;
const DECIMAL = 4n;

/** A signed reading, taken apart. */
export interface Signed {
  /** Who signed. */
  device: Hex;
  /** Whose reading it is: another's, where a gateway signed for it. */
  subject: Hex;
  algorithm: number;
  /** Milliseconds since 1970. */
  time: bigint;
  /** Imports above zero, Wh; nothing where it says none, or not as a whole number of Wh. */
  net: bigint | undefined;
  version: number;
  signature: Uint8Array;
  message: Uint8Array;
}

const bytesOf = (value: Value | undefined): Uint8Array => {
  if (value instanceof Uint8Array) return value;
  throw new Error("bytes are missing");
};
const mapOf = (value: Value | undefined): Map<Value, Value> => {
  if (value instanceof Map) return value;
  throw new Error("a map is missing");
};

/** A whole number, written plainly or as a decimal fraction. */
function whole(value: Value | undefined): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value !== "object" || !("tag" in value) || value.tag !== DECIMAL) return undefined;
  const [exponent, mantissa] = Array.isArray(value.of) ? value.of : [];
  if (typeof exponent !== "bigint" || typeof mantissa !== "bigint") return undefined;
  if (exponent < -18n || exponent > 18n) return undefined;
  const scale = 10n ** (exponent < 0n ? -exponent : exponent);
  if (exponent >= 0n) return mantissa * scale;
  return mantissa % scale === 0n ? mantissa / scale : undefined;
}

/** Takes a signed reading apart; throws where it is none. */
export function parse(bytes: Uint8Array): Signed {
  const envelope = read(bytes);
  const tagged = typeof envelope === "object" && "tag" in envelope && envelope.tag === SIGN1;
  const parts = tagged && Array.isArray(envelope.of) ? envelope.of : [];
  if (parts.length !== 4) throw new Error("it is no signed message");
  const [header, payload, signature] = [bytesOf(parts[0]), bytesOf(parts[2]), bytesOf(parts[3])];
  const labels = mapOf(read(header));
  const said = mapOf(read(payload));
  const algorithm = ALGORITHMS.get(labels.get(1n) as bigint) ?? 0;
  const device = bytesToHex(bytesOf(labels.get(4n)));
  const origin = said.get(5n);
  const records = said.get(3n);
  const found = (name: string) =>
    Array.isArray(records) ? records.map(mapOf).find((record) => record.get(0n) === name) : undefined;
  const net = found("net");
  const time = said.get(2n);
  return {
    device,
    subject: origin === undefined ? device : bytesToHex(bytesOf(mapOf(origin).get(2n))),
    algorithm,
    time: typeof time === "bigint" ? time : 0n,
    net: net?.get(1n) === "Wh" ? whole(net.get(2n)) : undefined,
    version: Number(whole(found("version")?.get(2n)) ?? 1n),
    signature,
    message: toBeSigned(header, payload),
  };
}

/** Whether the device of this key signed it. */
export function verify(signed: Signed, algorithm: number, key: Hex): boolean {
  if (signed.algorithm !== algorithm || deviceId(algorithm, key) !== signed.device.toLowerCase())
    return false;
  const [bytes, { signature, message }] = [hexToBytes(key), signed];
  try {
    if (algorithm === 1) return ed25519.verify(signature, message, bytes);
    const curve = algorithm === 2 ? p256 : algorithm === 3 ? secp256k1 : undefined;
    return curve?.verify(signature, message, bytes, { lowS: false }) ?? false;
  } catch {
    return false;
  }
}

/** Whether its time lies in a slot: after its beginning, up to its end. */
export function isOf(signed: Signed, slot: bigint, seconds: number): boolean {
  const since = signed.time - slot * 1000n;
  return since > 0n && since <= BigInt(seconds) * 1000n;
}
