/** A block's header, as Ethereum writes it, with what this network puts into its extra data. */
import { bytesToHex, bytesToNumber, type Hex, keccak256 } from "viem";
import { Reader } from "./bytes.ts";
import { rlp } from "./trie.ts";

export interface Header {
  hash: Uint8Array;
  parentHash: Uint8Array;
  stateRoot: Uint8Array;
  transactionsRoot: Uint8Array;
  receiptsRoot: Uint8Array;
  number: number;
  timeMs: number;
  /** The hash of the document that the network was founded by. */
  genesis: Hex;
}

/** Osaka's 21 fields in their order: how many bytes they have; 0 for numbers and for the extra data. */
const LENGTHS = [32, 32, 20, 32, 32, 32, 256, 0, 0, 0, 0, 0, 0, 32, 8, 0, 32, 0, 0, 32, 32];

export function header(encoded: Uint8Array): Header {
  const fields = rlp(encoded);
  if (!Array.isArray(fields) || fields.length !== LENGTHS.length)
    throw new Error("it has not a header's fields");
  const field = (at: number): Uint8Array => {
    const value = fields[at];
    if (!(value instanceof Uint8Array)) throw new Error("a field is a list");
    const length = LENGTHS[at];
    if (length && value.length !== length) throw new Error("a field has another length");
    return value;
  };
  const number = (at: number): number => {
    const value = field(at);
    if (value.length > 6 || value[0] === 0) throw new Error("a number is malformed");
    return value.length === 0 ? 0 : bytesToNumber(value);
  };
  for (let at = 0; at < LENGTHS.length; at += 1) field(at);
  const extra = new Reader(field(12));
  const version = extra.u8();
  if (version < 1 || version > 4) throw new Error("its extra data is of another version");
  extra.varint();
  extra.varint();
  extra.take(32);
  extra.varint();
  extra.take(32);
  const [high = 0, low = 0] = extra.take(2);
  const millis = high * 256 + low;
  if (millis > 999) throw new Error("its milliseconds are out of range");
  extra.take(32);
  extra.varint();
  extra.varint();
  // What the block carries of resharings: 1 more where of the network key, 2 more where of the seal key.
  if (version === 2 || version === 4) extra.take(32);
  if (version >= 3) extra.take(32);
  extra.end();
  return {
    hash: keccak256(encoded, "bytes"),
    parentHash: field(0),
    stateRoot: field(3),
    transactionsRoot: field(4),
    receiptsRoot: field(5),
    number: number(8),
    timeMs: number(11) * 1000 + millis,
    genesis: bytesToHex(field(13)),
  };
}
