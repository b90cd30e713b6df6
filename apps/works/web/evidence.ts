/** The evidence of a fibre: the raw files, fetched from their transactions and held against the ledger. */
import { type Hex, rpc } from "@commonhold/web/ledger/api";
import { type Event, events } from "@commonhold/web/ledger/events";
import { module } from "@commonhold/web/ledger/modules";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, decodeFunctionData, hexToBytes } from "viem";
import { type Evidence, every, KIND, numbered, type Outcome } from "./law";
import { read, type Sor, Unreadable } from "./sor/read";

export type Trace =
  | { is: "read"; sor: Sor; bytes: Uint8Array<ArrayBuffer> }
  | { is: "unreadable"; error: Unreadable; bytes: Uint8Array<ArrayBuffer> }
  /** Of a sector: what it says stands in the rules. */
  | { is: "sweep"; bytes: Uint8Array<ArrayBuffer> }
  /** What the node gave is not what is on the ledger. */
  | { is: "changed" }
  /** The file is not in the transaction itself. */
  | { is: "absent" };

/** A file that is on the ledger. */
export interface Piece extends Evidence {
  transaction: Hex | undefined;
}

/** What was measured under one nonce, and what the rules said of it. */
export interface Attempt {
  /** From zero. */
  number: number;
  pieces: Piece[];
  judged: Event | undefined;
  /** By the events; empty where it is not judged. */
  outcomes: (Outcome & { transaction: Hex })[];
}

const word = (number: bigint): Hex => `0x${number.toString(16)}`;

function outcome(event: Event): Outcome & { transaction: Hex } {
  const value = (name: string) => event.values.get(`outcome.${name}`) ?? "0";
  return {
    rule: value("rule") as Hex,
    wavelength: Number(value("wavelength")),
    measured: value("measured") === "true",
    value: BigInt(value("value")),
    limit: BigInt(value("limit")),
    unit: value("unit") as Hex,
    margin: BigInt(value("margin")),
    status: Number(value("status")),
    transaction: event.transaction,
  };
}

/** All that was measured of a fibre, the first attempt first. */
export async function attempts(order: bigint, fibre: Hex): Promise<Attempt[]> {
  const [numbers, taken, said] = await Promise.all([
    every<bigint>("numbersOf", KIND.Evidence, order),
    events("works", ["EvidenceTaken"], null, word(order), fibre),
    events("works", ["RuleApplied", "FibreJudged"], word(order), fibre),
  ]);
  const own = new Map(taken.map((event) => [event.values.get("number"), event.transaction]));
  const wanted = numbers.filter((number) => own.has(String(number)));
  const pieces = (await numbered<Evidence>("evidence", wanted)).map((piece) => ({
    ...piece,
    transaction: own.get(String(piece.number)),
  }));
  // An attempt has one nonce, and every attempt but the newest has evidence.
  const nonces = [...new Set(pieces.map((piece) => piece.nonce))];
  return nonces.map((nonce, number) => {
    const of = said.filter((event) => event.values.get("attempt") === String(number));
    return {
      number,
      pieces: pieces.filter((piece) => piece.nonce === nonce),
      judged: of.find((event) => event.name === "FibreJudged"),
      outcomes: of
        .filter((event) => event.name === "RuleApplied")
        .sort((a, b) => a.block - b.block || a.index - b.index)
        .map(outcome),
    };
  });
}

/** The raw file of a piece of evidence, out of the transaction that brought it. */
export async function trace(piece: Piece, sweep: boolean): Promise<Trace> {
  if (!piece.transaction) return { is: "absent" };
  const { abi, address } = await module("works");
  const found = await rpc<{ to: Hex | null; input: Hex } | null>(
    "eth_getTransactionByHash",
    piece.transaction,
  );
  if (!found || found.to?.toLowerCase() !== address.toLowerCase()) return { is: "absent" };
  let file: Hex;
  try {
    const { functionName, args } = decodeFunctionData({ abi, data: found.input });
    if (functionName !== "submitEvidence" || !args) return { is: "absent" };
    file = args[2] as Hex;
  } catch {
    return { is: "absent" };
  }
  const bytes = Uint8Array.from(hexToBytes(file));
  if (bytesToHex(sha256(bytes)) !== piece.file.toLowerCase()) return { is: "changed" };
  if (sweep) return { is: "sweep", bytes };
  try {
    return { is: "read", sor: read(bytes), bytes };
  } catch (error) {
    if (error instanceof Unreadable) return { is: "unreadable", error, bytes };
    throw error;
  }
}
