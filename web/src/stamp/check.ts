/**
 * Checking stamps in the browser, with the network key alone: as `commonhold verify` does.
 *
 * 1. The file is in its one form.
 * 2. The header is RLP; keccak-256 of it is the block's hash. Each descendant is the child of the one before.
 * 3. The certificate is of the last of them, and the network key verifies it.
 * 4. The claim follows from the header: a transaction and its receipt by Ethereum's tries, entries of the
 *    state by state proofs.
 *
 * Nothing here asks anybody anything.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import {
  type Abi,
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
import { type Decoded, decodeCall, decodeLog } from "../ledger/decode";
import { same } from "./bytes";
import { certified, isOf } from "./certificate";
import type { Claim, Stamp } from "./form";
import { type Header, header } from "./header";
import { type Record, record } from "./record";
import { entry, type Entry as ProvenEntry } from "./state";
import { proves, rlp } from "./trie";

export interface ProvenLog {
  address: Hex;
  event: Decoded | undefined;
  module: string | undefined;
}

export type Statement =
  | {
      kind: "transaction";
      hash: Hex;
      index: number;
      chainId: number;
      sender: Hex;
      to: Hex | undefined;
      created: Hex | undefined;
      value: bigint;
      inputBytes: number;
      call: Decoded | undefined;
      module: string | undefined;
      success: boolean;
      logs: ProvenLog[];
    }
  | { kind: "state"; entries: ProvenEntry[] }
  | { kind: "record"; id: Hex; record: Record | undefined };

export interface Proven {
  networkKey: Hex;
  genesis: Hex;
  block: number;
  blockHash: Hex;
  timeMs: number;
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

/** Interfaces by address in small letters: they only put what is proven into words. */
export type Words = Map<string, { name: string; abi: Abi }>;

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

export async function check(stamp: Stamp, networkKey: Uint8Array, words: Words): Promise<Proven> {
  const block = attempt("header", "the block's header is malformed", () => header(hexToBytes(stamp.header)));
  let last = block.hash;
  for (const [at, encoded] of stamp.descendants.entries()) {
    const what = `the header of descendant ${at + 1} is malformed`;
    const child = attempt("header", what, () => header(hexToBytes(encoded)));
    ensure(
      same(child.parentHash, last),
      "header",
      `descendant ${at + 1} does not follow the block before it`,
    );
    last = child.hash;
  }
  const certificate = hexToBytes(stamp.certificate);
  const named = attempt("certificate", "the certificate is malformed", () => certified(certificate));
  ensure(same(named, last), "certificate", `the certificate is of another block: ${bytesToHex(named)}`);
  ensure(
    isOf(certificate, last, networkKey),
    "certificate",
    "the network with this key did not make the certificate",
  );
  return {
    networkKey: bytesToHex(networkKey),
    genesis: block.genesis,
    block: block.number,
    blockHash: bytesToHex(block.hash),
    timeMs: block.timeMs,
    descendants: stamp.descendants.length,
    statement: await statement(stamp.claim, block, words),
  };
}

/** What follows from a header that is final. */
export async function statement(claim: Claim, block: Header, words: Words): Promise<Statement> {
  if (claim.kind === "transaction") return transaction(claim, block, words);
  const entries = claim.entries.map((one) =>
    attempt("claim", "an entry of the state is not proven", () => entry(one, block.stateRoot)),
  );
  if (claim.kind === "state") return { kind: "state", entries };
  const found = attempt("claim", "the record is not proven", () => record(claim.id, entries));
  return { kind: "record", id: claim.id, record: found };
}

interface Receipt {
  success: boolean;
  logs: { address: Hex; topics: Hex[]; data: Hex }[];
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

async function transaction(
  claim: Extract<Claim, { kind: "transaction" }>,
  block: Header,
  words: Words,
): Promise<Statement> {
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
  const called = to ? words.get(to.toLowerCase()) : undefined;
  return {
    kind: "transaction",
    hash: keccak256(claim.raw),
    index: claim.index,
    chainId,
    sender,
    to: to ?? undefined,
    created:
      !to && told.success ? getContractAddress({ from: sender, nonce: BigInt(nonce ?? 0) }) : undefined,
    value: value ?? 0n,
    inputBytes: data ? (data.length - 2) / 2 : 0,
    call: called && data ? decodeCall(called.abi, data) : undefined,
    module: called?.name,
    success: told.success,
    logs: told.logs.map((log) => {
      const known = words.get(log.address.toLowerCase());
      return {
        address: log.address,
        event: known && decodeLog(known.abi, log.topics, log.data),
        module: known?.name,
      };
    }),
  };
}
