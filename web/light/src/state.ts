/**
 * Proofs about the state (`crates/state/src/proof.rs`): QMDB's ordered `current` database over fixed cells. The
 * operations stand in a Merkle mountain range whose nodes of height 8 also commit to a bitmap that says which
 * of the 256 operations below are the newest of their keys.
 *
 *     1 ‖ cell 64 ‖ operation proof ‖ next key 32                     the entry's cell is `cell`
 *     0 ‖ 0 ‖ operation proof ‖ key 32 ‖ cell 64 ‖ next key 32        no key stands between these two
 *
 *     operation proof: location varint ‖ bitmap chunk 32 ‖ leaves varint ‖ inactive peaks varint
 *                      ‖ digests (count varint, 32 each) ‖ partial chunk's digest (flag, 32) ‖ operations root 32
 */
import { bytesToHex, concat, type Hex, hexToBytes, numberToBytes, sha256 } from "viem";
import { Reader, same } from "./bytes.ts";
import type { Entry as Claimed } from "./form.ts";

/** An entry of the state, proven. */
export interface Entry {
  address: Hex;
  /** The slot; none for the account itself. */
  slot: bigint | undefined;
  /** What it holds; none where it is absent. */
  value: Account | bigint | undefined;
}

export interface Account {
  nonce: bigint;
  balance: bigint;
  codeHash: Hex | undefined;
}

const CELL_BYTES = 64;
const CHUNK_BITS = 256;
/** log2 of CHUNK_BITS: the height at which the bitmap is grafted in. */
const GRAFTING_HEIGHT = 8;
const DIGESTS_MAX = 256;
const UPDATE = 0xd2;
/** Kind of structure and order of folding, in every root's preimage. */
const DOMAIN = new Uint8Array([0, 1]);

const hash = (...parts: Uint8Array[]): Uint8Array => sha256(concat(parts), "bytes");
const u64 = (value: number): Uint8Array => numberToBytes(value, { size: 8 });
const utf8 = new TextEncoder();

interface Proof {
  location: number;
  chunk: Uint8Array;
  leaves: number;
  inactivePeaks: number;
  digests: Uint8Array[];
  partial: Uint8Array | undefined;
  operationsRoot: Uint8Array;
}

function small(value: bigint): number {
  if (value > BigInt(2 ** 48)) throw new Error("a number is out of range");
  return Number(value);
}

function read(reader: Reader): Proof {
  const location = small(reader.varint());
  const chunk = reader.take(CHUNK_BITS / 8);
  const leaves = small(reader.varint());
  const inactivePeaks = small(reader.varint());
  const count = small(reader.varint());
  if (count > DIGESTS_MAX) throw new Error("it has too many digests");
  const digests = Array.from({ length: count }, () => reader.take(32));
  const partial = reader.flag() ? reader.take(32) : undefined;
  return { location, chunk, leaves, inactivePeaks, digests, partial, operationsRoot: reader.take(32) };
}

interface Peak {
  start: number;
  height: number;
}

/** Bits that are set. Numbers here have up to 49 of them. */
function ones(value: number): number {
  return value.toString(2).replaceAll("0", "").length;
}

/** The number of the root of the perfect subtree of 2^height leaves from `start` on. */
function position({ start, height }: Peak): number {
  return 2 * start - ones(start) + 2 ** (height + 1) - 2;
}

function peaksOf(leaves: number): Peak[] {
  const peaks: Peak[] = [];
  let start = 0;
  for (let height = 48; height >= 0; height -= 1) {
    if (Math.floor(leaves / 2 ** height) % 2 === 1) {
      peaks.push({ start, height });
      start += 2 ** height;
    }
  }
  return peaks;
}

/** The root that an operation and its proof lead to; throws where they fit nowhere. */
function rootOf(operation: Uint8Array, proof: Proof): Uint8Array {
  const { location, chunk, leaves, inactivePeaks, partial } = proof;
  const bit = location % CHUNK_BITS;
  if (((chunk[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0)
    throw new Error("the operation is not the newest of its key");
  if (location >= leaves) throw new Error("the operation is out of range");
  const chunkAt = Math.floor(location / CHUNK_BITS);
  const complete = Math.floor(leaves / CHUNK_BITS);
  const next = leaves % CHUNK_BITS;
  if ((next !== 0) !== (partial !== undefined))
    throw new Error("the last chunk's digest is missing or too much");
  if (chunkAt === complete && partial && !same(partial, hash(chunk))) throw new Error("the chunk is another");

  const peaks = peaksOf(leaves);
  const ours = peaks.findIndex((peak) => location < peak.start + 2 ** peak.height);
  const mine = peaks[ours];
  if (!mine || inactivePeaks > peaks.length) throw new Error("its peaks do not fit");
  // Inactive peaks before ours come folded into one; active ones after ours too, from the back.
  const folded = Math.min(inactivePeaks, ours);
  const behind = peaks.length - ours - 1;
  const single = Math.min(Math.max(0, inactivePeaks - ours - 1), behind);
  const rest = [...proof.digests];
  const some = (count: number): Uint8Array[] => {
    if (rest.length < count) throw new Error("a digest is missing");
    return rest.splice(0, count);
  };
  const prefix = some(folded > 0 ? 1 : 0);
  const active = some(ours - folded);
  const after = some(single);
  const suffix = some(behind > single ? 1 : 0);
  const siblings = rest;
  if (siblings.length !== mine.height) throw new Error("it has not as many digests as its path");

  const climb = (peak: Peak): Uint8Array => {
    if (location < peak.start || location >= peak.start + 2 ** peak.height) {
      const sibling = siblings.shift();
      if (!sibling) throw new Error("a digest is missing");
      return sibling;
    }
    if (peak.height === 0) return hash(u64(position(peak)), operation);
    const height = peak.height - 1;
    const left = climb({ start: peak.start, height });
    const right = climb({ start: peak.start + 2 ** height, height });
    const node = hash(u64(position(peak)), left, right);
    return peak.height === GRAFTING_HEIGHT && chunkAt < complete ? hash(chunk, node) : node;
  };
  const digests = [...prefix, ...active, climb(mine), ...after, ...suffix];

  const toFold = folded > 0 ? Math.max(0, inactivePeaks - folded) + 1 : inactivePeaks;
  let [acc, ...left] = digests as [Uint8Array, ...Uint8Array[]];
  for (let step = 1; step < toFold; step += 1) {
    const peak = left.shift();
    if (!peak) throw new Error("its peaks do not fit");
    acc = hash(acc, peak);
  }
  if (left.length > 0)
    acc = hash(
      acc,
      left.reduceRight((bag, peak) => hash(peak, bag)),
    );
  const inactive = inactivePeaks === 0 ? [] : [u64(inactivePeaks)];
  const grafted = hash(DOMAIN, u64(leaves), ...inactive, acc);
  return hash(proof.operationsRoot, grafted, ...(partial ? [u64(next), partial] : []));
}

function number(bytes: Uint8Array): bigint {
  if (bytes[0] === 0) throw new Error("a number has leading zeros");
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes));
}

/** A cell: its length, its data, and zeros. */
function dataOf(cell: Uint8Array): Uint8Array {
  const length = cell[0] ?? 0;
  if (length >= CELL_BYTES || cell.subarray(1 + length).some((byte) => byte !== 0))
    throw new Error("a cell is malformed");
  return cell.subarray(1, 1 + length);
}

function account(data: Uint8Array): Account {
  const reader = new Reader(data);
  const coded = reader.flag();
  const nonce = BigInt(bytesToHex(reader.take(8)));
  const codeHash = coded ? bytesToHex(reader.take(32)) : undefined;
  return { nonce, codeHash, balance: number(data.subarray(reader.position)) };
}

/** Whether `key` lies between two neighbours, of which the last is followed by the first. */
function between(key: Hex, from: Hex, to: Hex): boolean {
  return from < to ? from < key && key < to : key > from || key < to;
}

/** Checks the proof of one entry against a header's state root. */
export function entry(claimed: Claimed, stateRoot: Uint8Array): Entry {
  const slot = claimed.slot === null ? undefined : BigInt(claimed.slot);
  const address = hexToBytes(claimed.address);
  const key =
    slot === undefined
      ? hash(utf8.encode("a"), address)
      : hash(utf8.encode("s"), address, numberToBytes(slot, { size: 32 }));
  const reader = new Reader(hexToBytes(claimed.proof));
  const found = { address: claimed.address, slot };
  if (reader.flag()) {
    const cell = reader.take(CELL_BYTES);
    const proof = read(reader);
    const operation = concat([new Uint8Array([UPDATE]), key, cell, reader.take(32)]);
    reader.end();
    if (!same(rootOf(operation, proof), stateRoot)) throw new Error("its proof does not lead to the state");
    const data = dataOf(cell);
    return { ...found, value: slot === undefined ? account(data) : number(data) };
  }
  // The other form is of a state without any entry, which no network has.
  if (reader.flag()) throw new Error("it is a proof about an empty state");
  const proof = read(reader);
  const update = reader.take(32 + CELL_BYTES + 32);
  reader.end();
  const neighbour = bytesToHex(update.subarray(0, 32));
  const next = bytesToHex(update.subarray(32 + CELL_BYTES));
  if (!between(bytesToHex(key), neighbour, next)) throw new Error("its proof is about other keys");
  const operation = concat([new Uint8Array([UPDATE]), update]);
  if (!same(rootOf(operation, proof), stateRoot)) throw new Error("its proof does not lead to the state");
  return { ...found, value: undefined };
}
