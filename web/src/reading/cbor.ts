/**
 * CBOR as signed readings have it (`crates/reading/src/cbor.rs`): read to the end or not at all, and written in its
 * one deterministic form.
 */
import { concatBytes, stringToBytes } from "viem";

/** How deep values stand in each other. */
const DEPTH_MAX = 8;

export type Value =
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

/** The one value that these bytes are; throws where they are none, or more. */
export function read(bytes: Uint8Array): Value {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (!reader.isAtEnd) throw new Error("there is more than one value");
  return value;
}

/** What a value begins with: its kind, and its number or length in as few bytes as hold it. */
export function head(major: number, size: number | bigint): Uint8Array {
  const value = BigInt(size);
  if (value < 24n) return Uint8Array.of((major << 5) | Number(value));
  const width = value < 1n << 8n ? 0 : value < 1n << 16n ? 1 : value < 1n << 32n ? 2 : 3;
  const bytes = Array.from({ length: 1 << width }, (_, at) =>
    Number((value >> BigInt(8 * ((1 << width) - 1 - at))) & 255n),
  );
  return Uint8Array.of((major << 5) | (24 + width), ...bytes);
}

export const int = (value: bigint) => (value < 0n ? head(1, -1n - value) : head(0, value));
export const bstr = (bytes: Uint8Array) => concatBytes([head(2, bytes.length), bytes]);
export const tstr = (text: string) => concatBytes([head(3, stringToBytes(text).length), stringToBytes(text)]);
export const list = (items: Uint8Array[]) => concatBytes([head(4, items.length), ...items]);
/** A map with keys that are small numbers, in their order. */
export const map = (entries: [number, Uint8Array][]) =>
  concatBytes([head(5, entries.length), ...entries.flatMap(([key, value]) => [head(0, key), value])]);
