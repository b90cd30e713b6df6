/**
 * What follows from the network's key: final blocks, and stamps, as `commonhold verify` checks them.
 *
 * 1. A stamp's file is in its one form.
 * 2. The header is RLP; keccak-256 of it is the block's hash. Each descendant is the child of the one before.
 * 3. The certificate is of the last of them, and the network key verifies it.
 * 4. The claim follows from the header: a transaction and its receipt by Ethereum's tries, entries of the
 *    state by state proofs.
 *
 * Nothing here asks anybody anything.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  bytesToHex,
  getAddress,
  getContractAddress,
  type Hex,
  hexToBytes,
  keccak256,
  parseTransaction,
  serializeTransaction,
  type TransactionSerializable,
} from "viem";
import { same } from "./bytes.ts";
import { certified, isOf } from "./certificate.ts";
import { type Claim, parse, type Stamp } from "./form.ts";
import { type Header, header } from "./header.ts";
import { type Record, record } from "./record.ts";
import { entry, type Entry as ProvenEntry } from "./state.ts";
import { proves, rlp } from "./trie.ts";

/** A log, as it stands in a receipt. */
export interface Log {
  address: Hex;
  topics: Hex[];
  data: Hex;
}

/** A transaction and what it did. */
export interface Transaction {
  hash: Hex;
  /** Its place in the block. */
  index: number;
  chainId: number;
  sender: Hex;
  nonce: number;
  to: Hex | undefined;
  /** The contract that it created. */
  created: Hex | undefined;
  value: bigint;
  input: Hex;
  success: boolean;
  logs: Log[];
}

export type Statement =
  | { kind: "transaction"; transaction: Transaction }
  | { kind: "state"; entries: ProvenEntry[] }
  | { kind: "record"; id: Hex; record: Record | undefined };

/** A final block. */
export interface ProvenBlock {
  number: number;
  hash: Hex;
  timeMs: number;
  /** The hash of the document that the network was founded by. */
  genesis: Hex;
}

export interface Proven {
  networkKey: Hex;
  block: ProvenBlock;
  /** Blocks between this one and the one that the certificate names. */
  descendants: number;
  statement: Statement;
}

/** Why a stamp proves nothing; `step` says where it failed. */
export class Unproven extends Error {
  readonly step: Step;

  constructor(step: Step, why: string) {
    super(why);
    this.step = step;
  }
}

export type Step = "form" | "header" | "certificate" | "claim";
export const STEPS: Step[] = ["form", "header", "certificate", "claim"];

function attempt<T>(step: Step, what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Unproven) throw error;
    throw new Unproven(step, `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function ensure(holds: boolean, step: Step, why: string): void {
  if (!holds) throw new Unproven(step, why);
}

/** Checks that a block is final, by its own certificate or by that of the last of its descendants. */
export function finality(encoded: Hex, descendants: Hex[], certificate: Hex, networkKey: Uint8Array): Header {
  const block = attempt("header", "the block's header is malformed", () => header(hexToBytes(encoded)));
  let last = block.hash;
  for (const [at, descendant] of descendants.entries()) {
    const what = `the header of descendant ${at + 1} is malformed`;
    const child = attempt("header", what, () => header(hexToBytes(descendant)));
    ensure(
      same(child.parentHash, last),
      "header",
      `descendant ${at + 1} does not follow the block before it`,
    );
    last = child.hash;
  }
  const bytes = hexToBytes(certificate);
  const named = attempt("certificate", "the certificate is malformed", () => certified(bytes));
  ensure(same(named, last), "certificate", `the certificate is of another block: ${bytesToHex(named)}`);
  ensure(
    isOf(bytes, last, networkKey),
    "certificate",
    "the network with this key did not make the certificate",
  );
  return block;
}

/** What is told of a final block. */
export function blockOf({ number, hash, timeMs, genesis }: Header): ProvenBlock {
  return { number, hash: bytesToHex(hash), timeMs, genesis };
}

/** Checks a stamp. Throws {@link Unproven} where it proves nothing. */
export function check(stamp: Stamp, networkKey: Uint8Array): Proven {
  const block = finality(stamp.header, stamp.descendants, stamp.certificate, networkKey);
  return {
    networkKey: bytesToHex(networkKey),
    block: blockOf(block),
    descendants: stamp.descendants.length,
    statement: statement(stamp.claim, block),
  };
}

/** Reads a stamp's file and checks it. */
export function verify(file: string, networkKey: Uint8Array): Proven {
  return check(parse(file), networkKey);
}

/** What follows from a header that is final. */
export function statement(claim: Claim, block: Header): Statement {
  if (claim.kind === "transaction") return { kind: "transaction", transaction: transaction(claim, block) };
  const entries = claim.entries.map((one) =>
    attempt("claim", "an entry of the state is not proven", () => entry(one, block.stateRoot)),
  );
  if (claim.kind === "state") return { kind: "state", entries };
  const found = attempt("claim", "the record is not proven", () => record(claim.id, entries));
  return { kind: "record", id: claim.id, record: found };
}

interface Receipt {
  success: boolean;
  logs: Log[];
}

/** A receipt as EIP-2718 writes it. */
function receipt(encoded: Uint8Array): Receipt {
  const typed = (encoded[0] ?? 0) < 0x80;
  const fields = rlp(typed ? encoded.subarray(1) : encoded);
  if (!Array.isArray(fields) || fields.length !== 4) throw new Error("it has not a receipt's fields");
  const [status, , bloom, logs] = fields;
  if (!(status instanceof Uint8Array) || !(bloom instanceof Uint8Array) || !Array.isArray(logs)) {
    throw new Error("its fields are of other kinds");
  }
  const success = status.length === 1 && status[0] === 1;
  if (bloom.length !== 256 || !(success || status.length === 0))
    throw new Error("its status or bloom is malformed");
  return {
    success,
    logs: logs.map((log) => {
      const [address, topics, data] = Array.isArray(log) && log.length === 3 ? log : [];
      if (!(address instanceof Uint8Array) || !Array.isArray(topics) || !(data instanceof Uint8Array)) {
        throw new Error("a log is malformed");
      }
      const words = topics.map((topic) => {
        if (!(topic instanceof Uint8Array) || topic.length !== 32) throw new Error("a topic is malformed");
        return bytesToHex(topic);
      });
      return { address: bytesToHex(address), topics: words, data: bytesToHex(data) };
    }),
  };
}

/**
 * Who signed a transaction. Viem has this too, but loads a part of itself for it when asked, which a page without a
 * connection cannot.
 */
function signer(parsed: ReturnType<typeof parseTransaction>): Hex {
  const { r, s, v, yParity, ...unsigned } = parsed as TransactionSerializable & {
    r?: Hex;
    s?: Hex;
    v?: bigint;
    yParity?: number;
  };
  if (!r || !s) throw new Error("there is none");
  const parity = yParity ?? Number(((v ?? 0n) + 1n) % 2n);
  const hash = keccak256(serializeTransaction(unsigned as TransactionSerializable), "bytes");
  const signature = new secp256k1.Signature(BigInt(r), BigInt(s), parity);
  const key = signature.recoverPublicKey(hash).toBytes(false);
  return getAddress(bytesToHex(keccak256(key.subarray(1), "bytes").subarray(12)));
}

function transaction(claim: Extract<Claim, { kind: "transaction" }>, block: Header): Transaction {
  const raw = hexToBytes(claim.raw);
  const encoded = hexToBytes(claim.receipt);
  const bytes = (nodes: Hex[]) => nodes.map((node) => hexToBytes(node));
  const inTrie = proves(block.transactionsRoot, claim.index, raw, bytes(claim.proof));
  ensure(inTrie, "claim", "the transaction's proof does not lead to the block");
  const done = proves(block.receiptsRoot, claim.index, encoded, bytes(claim.receiptProof));
  ensure(done, "claim", "the receipt's proof does not lead to the block");
  const told = attempt("claim", "the receipt is malformed", () => receipt(encoded));
  const parsed = attempt("claim", "the transaction is malformed", () => {
    rlp((raw[0] ?? 0) < 0x80 ? raw.subarray(1) : raw);
    return parseTransaction(claim.raw);
  });
  const { chainId, to, value, nonce, data } = parsed;
  if (chainId === undefined) throw new Unproven("claim", "the transaction names no chain");
  const sender = attempt("claim", "the transaction's signature is not one", () => signer(parsed));
  return {
    hash: keccak256(claim.raw),
    index: claim.index,
    chainId,
    sender,
    nonce: nonce ?? 0,
    to: to ?? undefined,
    created:
      !to && told.success ? getContractAddress({ from: sender, nonce: BigInt(nonce ?? 0) }) : undefined,
    value: value ?? 0n,
    input: data ?? "0x",
    success: told.success,
    logs: told.logs,
  };
}
