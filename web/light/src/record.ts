/**
 * What proven entries of the state say of a record: the layout is that of the records module, as Solidity lays
 * out a `mapping(bytes32 => Record)` at slot 0 (`crates/system/tests/golden/records/storage.txt`).
 */
import { bytesToHex, concat, type Hex, hexToBytes, keccak256, numberToBytes } from "viem";
import type { Entry } from "./state.ts";

export const RECORDS = "0xc000000000000000000000000000000000000004";

export interface Record {
  owner: Hex;
  registeredAt: bigint;
  registeredIn: bigint;
  contentHash: Hex;
  length: bigint;
  kind: string;
  supersedes: Hex | undefined;
  supersededBy: Hex | undefined;
}

const SLOTS = 10;
const KIND_BYTES_MAX = 64;
const SHORT_BYTES_MAX = 31;

const word = (value: bigint): Uint8Array => numberToBytes(value, { size: 32 });

/** The record that the entries tell of; none where they tell that there is none. */
export function record(id: Hex, entries: Entry[]): Record | undefined {
  const slots = new Map<bigint, bigint>();
  for (const { address, slot, value } of entries) {
    if (address !== RECORDS || slot === undefined || (value !== undefined && typeof value !== "bigint")) {
      throw new Error("an entry is not a slot of the records module");
    }
    if (slots.has(slot)) throw new Error("an entry stands twice");
    slots.set(slot, value ?? 0n);
  }
  const used = new Set<bigint>();
  const read = (slot: bigint): Uint8Array => {
    const value = slots.get(slot);
    if (value === undefined) throw new Error("an entry that it needs is missing");
    used.add(slot);
    return word(value);
  };
  const base = BigInt(keccak256(concat([hexToBytes(id), word(0n)])));
  const words = Array.from({ length: SLOTS }, (_, at) => read(base + BigInt(at)));
  /** A field of a slot: the lowest bytes are the first. */
  const field = (at: number, offset: number, length: number): Hex => {
    const bytes = words[at] ?? new Uint8Array();
    return bytesToHex(bytes.subarray(32 - offset - length, 32 - offset));
  };
  const owner = field(0, 0, 20);
  const kind = text(base + 7n, words[7] ?? new Uint8Array(32), read);
  if (used.size !== slots.size) throw new Error("an entry has nothing to do with the record");
  if (/^0x0+$/.test(owner)) return undefined;
  const some = (value: Hex) => (/^0x0+$/.test(value) ? undefined : value);
  return {
    owner,
    registeredAt: BigInt(field(0, 20, 8)),
    registeredIn: BigInt(field(4, 20, 8)),
    contentHash: field(1, 0, 32),
    length: BigInt(field(2, 20, 8)),
    kind,
    supersedes: some(field(5, 0, 32)),
    supersededBy: some(field(6, 0, 32)),
  };
}

/** A string as Solidity stores it: short ones beside their length, long ones from keccak-256 of the slot on. */
function text(slot: bigint, head: Uint8Array, read: (slot: bigint) => Uint8Array): string {
  const long = ((head[31] ?? 0) & 1) === 1;
  const length = long ? Number(BigInt(bytesToHex(head)) / 2n) : (head[31] ?? 0) / 2;
  if (length > KIND_BYTES_MAX || long !== length > SHORT_BYTES_MAX) throw new Error("its kind is malformed");
  let bytes = head;
  if (long) {
    const first = BigInt(keccak256(word(slot)));
    bytes = concat(Array.from({ length: Math.ceil(length / 32) }, (_, at) => read(first + BigInt(at))));
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length));
}
