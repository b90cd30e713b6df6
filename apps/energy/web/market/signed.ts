/**
 * A meter's signed reading, from its bytes: a COSE_Sign1 in CBOR, as the network's crate of readings has it
 * (`crates/reading`). Whoever has the bytes and the meter's key needs to believe nobody.
 */
import type { Hex } from "@commonhold/web/ledger/api";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, stringToBytes } from "viem";

const DOMAIN = "commonhold/reading/v1";
const DEVICE_DOMAIN = "commonhold/device/v1";
/** COSE's numbers of signatures, and the network's. */
const ALGORITHMS = new Map([
  [-8n, 1],
  [-7n, 2],
  [-47n, 3],
]);
const SIGN1 = 18n;
const DECIMAL = 4n;
/** How deep values stand in each other. */
const DEPTH_MAX = 8;

type Value =
  | bigint
  | string
  | boolean
  | Uint8Array
  | Value[]
  | Map<Value, Value>
  | { tag: bigint; of: Value };

class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new Error("it ends too early");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #size(low: number): bigint {
    if (low < 24) return BigInt(low);
    if (low > 27) throw new Error("it says no length in front");
    return this.#take(1 << (low - 24)).reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  }

  value(depth = 0): Value {
    if (depth > DEPTH_MAX) throw new Error("it is too deep");
    const head = this.#take(1)[0] ?? 0;
    const [major, low] = [head >> 5, head & 31];
    if (major === 7) {
      if (low === 20 || low === 21) return low === 21;
      throw new Error("a value of this kind is not taken");
    }
    const size = this.#size(low);
    const inner = () => this.value(depth + 1);
    const many = () => Array.from({ length: Math.min(Number(size), this.#bytes.length) }, inner);
    if (major === 0) return size;
    if (major === 1) return -1n - size;
    if (major === 2) return this.#take(Number(size));
    if (major === 3) return new TextDecoder("utf-8", { fatal: true }).decode(this.#take(Number(size)));
    if (major === 4) return many();
    if (major === 6) return { tag: size, of: inner() };
    const pairs = Array.from({ length: Math.min(Number(size), this.#bytes.length) }, (): [Value, Value] => [
      inner(),
      inner(),
    ]);
    return new Map(pairs);
  }
}

function read(bytes: Uint8Array): Value {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (!reader.isAtEnd) throw new Error("there is more than one value");
  return value;
}

function head(major: number, size: number): Uint8Array {
  if (size < 24) return Uint8Array.of((major << 5) | size);
  if (size < 256) return Uint8Array.of((major << 5) | 24, size);
  return Uint8Array.of((major << 5) | 25, size >> 8, size & 255);
}

const bstr = (bytes: Uint8Array) => concatBytes([head(2, bytes.length), bytes]);
const tstr = (text: string) => concatBytes([head(3, stringToBytes(text).length), stringToBytes(text)]);

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
    message: concatBytes([
      head(4, 4),
      tstr("Signature1"),
      bstr(header),
      bstr(stringToBytes(DOMAIN)),
      bstr(payload),
    ]),
  };
}

/** The id that a device of this key has. */
export const deviceId = (algorithm: number, key: Hex): Hex =>
  bytesToHex(sha256(concatBytes([stringToBytes(DEVICE_DOMAIN), Uint8Array.of(algorithm), hexToBytes(key)])));

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
