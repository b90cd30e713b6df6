/**
 * The file of a stamp (`docs/formats.md`, Stamp): JSON in one form only, so that no byte of it can change
 * unnoticed. What it says is checked in `check.ts`.
 */
import { type Hex, keccak256, stringToBytes } from "viem";

export const STAMP_BYTES_MAX = 8 * 1024 * 1024;
const ENTRIES_MAX = 64;
const DESCENDANTS_MAX = 256;

export interface Entry {
  address: Hex;
  slot: Hex | null;
  proof: Hex;
}

export type Claim =
  | { kind: "transaction"; index: number; raw: Hex; proof: Hex[]; receipt: Hex; receiptProof: Hex[] }
  | { kind: "state"; entries: Entry[] }
  | { kind: "record"; id: Hex; entries: Entry[] };

export interface Stamp {
  version: number;
  header: Hex;
  descendants: Hex[];
  certificate: Hex;
  claim: Claim;
}

/** Why a file is no stamp. */
export class FormError extends Error {}

function ensure(holds: boolean, why: string): asserts holds {
  if (!holds) throw new FormError(why);
}

function fields(value: unknown, names: string[], what: string): Record<string, unknown> {
  ensure(typeof value === "object" && value !== null && !Array.isArray(value), `${what} is no object`);
  // The order is that of the file's one form, which `parse` holds a file against.
  const found = Object.keys(value).sort();
  ensure(
    found.join() === [...names].sort().join(),
    `${what} has other fields than a stamp's: ${names.join(", ")} are expected`,
  );
  return value as Record<string, unknown>;
}

/** Bytes as 0x and small hex digits. */
export function bytes(value: unknown, what: string, length?: number): Hex {
  ensure(
    typeof value === "string" && /^0x([0-9a-f]{2})*$/.test(value),
    `${what} is not 0x and small hex digits`,
  );
  ensure(length === undefined || value.length === 2 + 2 * length, `${what} has not ${length} bytes`);
  return value as Hex;
}

/** A list of bytes, not too long. */
export function list(value: unknown, what: string, max: number): Hex[] {
  ensure(Array.isArray(value), `${what} is no list`);
  ensure(value.length <= max, `${what} has more than ${max} entries`);
  return value.map((item) => bytes(item, what));
}

function entries(value: unknown): Entry[] {
  ensure(Array.isArray(value), "entries is no list");
  ensure(value.length <= ENTRIES_MAX, `entries has more than ${ENTRIES_MAX}`);
  return value.map((item) => {
    const { address, slot, proof } = fields(item, ["address", "slot", "proof"], "an entry");
    const isSlot = slot === null || (typeof slot === "string" && /^0x(0|[1-9a-f][0-9a-f]{0,63})$/.test(slot));
    ensure(isSlot, "slot is neither a number in hex nor null");
    return {
      address: bytes(address, "address", 20),
      slot: slot as Hex | null,
      proof: bytes(proof, "proof"),
    };
  });
}

function claim(value: unknown): Claim {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (kind === "transaction") {
    const names = ["kind", "index", "raw", "proof", "receipt", "receiptProof"];
    const { index, raw, proof, receipt, receiptProof } = fields(value, names, "claim");
    ensure(Number.isSafeInteger(index) && Number(index) >= 0, "index is no whole number");
    return {
      kind,
      index: Number(index),
      raw: bytes(raw, "raw"),
      proof: list(proof, "proof", 128),
      receipt: bytes(receipt, "receipt"),
      receiptProof: list(receiptProof, "receiptProof", 128),
    };
  }
  if (kind === "state")
    return { kind, entries: entries(fields(value, ["kind", "entries"], "claim")["entries"]) };
  ensure(kind === "record", "its claim is of a kind that this program does not know");
  const { id, entries: all } = fields(value, ["kind", "id", "entries"], "claim");
  return { kind, id: bytes(id, "id", 32), entries: entries(all) };
}

/** The file that a stamp is written as. */
export function write(stamp: Stamp): string {
  const digest = keccak256(stringToBytes(JSON.stringify(stamp)));
  return `${JSON.stringify({ ...stamp, digest }, null, 2)}\n`;
}

const FIELDS = ["version", "header", "descendants", "certificate", "claim"];

function fieldsOf(all: Record<string, unknown>): Stamp {
  ensure(all["version"] === 1, "its version is not 1, the one that this program knows");
  return {
    version: 1,
    header: bytes(all["header"], "header"),
    descendants: list(all["descendants"], "descendants", DESCENDANTS_MAX),
    certificate: bytes(all["certificate"], "certificate"),
    claim: claim(all["claim"]),
  };
}

/** A stamp as a node gives it: without the digest that its file has. */
export function stampOf(value: unknown): Stamp {
  return fieldsOf(fields(value, FIELDS, "it"));
}

/** Reads a stamp's file. Refuses every file but the one that is written of what it says. */
export function parse(text: string): Stamp {
  ensure(text.length <= STAMP_BYTES_MAX, "it is larger than any stamp");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormError("it is not JSON");
  }
  const all = fields(value, [...FIELDS, "digest"], "it");
  const stamp = fieldsOf(all);
  const digest = bytes(all["digest"], "digest", 32);
  ensure(
    keccak256(stringToBytes(JSON.stringify(stamp))) === digest,
    "it was changed: its digest does not fit",
  );
  ensure(write(stamp) === text, "it was changed or reformatted: stamps are written in one form only");
  return stamp;
}
