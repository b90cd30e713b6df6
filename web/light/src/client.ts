/**
 * The light client: follows a network by way of nodes that it does not trust, with the network's key alone.
 *
 * The members change, the key stays: epochs do not matter here. A node cannot show what is not final, nor an older
 * head than one that was seen. It can withhold: whether there is a newer head, only other nodes tell, and a head's
 * age by one's own clock.
 */
import { bytesToHex, type Hex, hexToBytes } from "viem";
import { same } from "./bytes.ts";
import { isNetworkKey } from "./certificate.ts";
import { blockOf, check, finality, type ProvenBlock, type Transaction, Unproven } from "./check.ts";
import { Behind, faultOf, Lie, NoAnswer, type NodeFault } from "./fault.ts";
import { bytes, FormError, list, type Stamp, stampOf } from "./form.ts";
import { type Header, header } from "./header.ts";
import { ask, askAll, type Call, type Fetch, Refusal } from "./node.ts";
import type { Entry } from "./state.ts";

/** Nodes that one client asks. */
export const NODES_MAX = 16;
/** Headers of one chain of parents. */
export const PARENTS_MAX = 256;
/** Slots of one question: what fits into a stamp. */
export const SLOTS_MAX = 64;
/** Milliseconds between two looks for a newer head. */
export const LOOK_MS = 250;
/** Looks without a newer head after which the other nodes are asked whether there is one. */
export const QUIET_LOOKS_MAX = 20;
/** How often a node is asked whose state is not yet that of the head. */
const STATE_LOOKS_MAX = 4;
/** JSON-RPC: there is none; of the newest state, that its certificate is yet to come. */
const NONE = -32001;

/** A final block, checked. */
export class Head {
  readonly block: ProvenBlock;
  readonly parentHash: Hex;
  readonly stateRoot: Hex;
  readonly transactionsRoot: Hex;
  readonly receiptsRoot: Hex;

  constructor(of: Header) {
    this.block = blockOf(of);
    this.parentHash = bytesToHex(of.parentHash);
    this.stateRoot = bytesToHex(of.stateRoot);
    this.transactionsRoot = bytesToHex(of.transactionsRoot);
    this.receiptsRoot = bytesToHex(of.receiptsRoot);
  }

  /** How old it is by a clock; 0 where that is behind the block's time. */
  ageMs(now: number): number {
    return Math.max(0, now - this.block.timeMs);
  }
}

/** A final transaction and what it did. */
export interface Receipt {
  block: ProvenBlock;
  transaction: Transaction;
}

/** Entries of the newest state, in the order in which they were asked for. */
export interface State {
  block: ProvenBlock;
  entries: Entry[];
}

/** An answer that holds, and who did not give one. */
export interface Told<T> {
  answer: T;
  node: string;
  /** Those that were asked before it, and what they did instead. */
  faults: NodeFault[];
}

export interface Options {
  /** Transactions are taken only where they were signed for this chain. */
  chainId?: number;
  /** The newest block that was seen in another run. */
  seen?: ProvenBlock;
  fetch?: Fetch;
  /** Waits between two looks. */
  pause?: (ms: number) => Promise<void>;
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class LightClient {
  private readonly key: Uint8Array;
  private readonly nodes: string[];
  private readonly chainId: number | undefined;
  private readonly fetch: Fetch;
  private readonly pause: (ms: number) => Promise<void>;
  private at = 0;
  private floor: ProvenBlock | undefined;

  /** Nodes of the network with this key; the next is asked where one does not answer well. */
  constructor(networkKey: Hex | Uint8Array, nodes: string[], options: Options = {}) {
    this.key = typeof networkKey === "string" ? hexToBytes(networkKey) : networkKey;
    if (!isNetworkKey(this.key)) throw new Error("that is no network key");
    if (nodes.length === 0 || nodes.length > NODES_MAX)
      throw new Error(`a light client asks 1 to ${NODES_MAX} nodes`);
    this.nodes = nodes;
    this.chainId = options.chainId;
    this.fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.pause = options.pause ?? rest;
    this.floor = options.seen;
  }

  /** The newest final block that was seen so far. */
  get seen(): ProvenBlock | undefined {
    return this.floor;
  }

  /** The newest final block: no older than what was seen, but perhaps the same. */
  async head(): Promise<Told<Head>> {
    const told = await this.each("the head", async (node) => {
      const head = await this.newest(node);
      this.ensureNew(head.block);
      return head;
    });
    this.raise(told.answer.block);
    return told;
  }

  /** The final block of a number. */
  async header(number: number): Promise<Told<Head>> {
    const told = await this.each(`block ${number}`, async (node) => {
      const head = await this.certified(node, `0x${number.toString(16)}`);
      if (head.block.number !== number) throw new Lie(`its answer is of block ${head.block.number}`);
      return head;
    });
    this.raise(told.answer.block);
    return told;
  }

  /**
   * Heads as they become final, each newer than all before. A node that lies or does not answer is left for the
   * next one; so is one that has had nothing new for long, where another has. Throws {@link NoAnswer} where no node
   * answers well; whoever calls again goes on where this ended.
   */
  async *follow(signal?: AbortSignal): AsyncGenerator<Told<Head>, void, undefined> {
    let quiet = 0;
    let faults: NodeFault[] = [];
    const note = (fault: NodeFault) => {
      faults = [...faults.filter(({ node }) => node !== fault.node), fault];
    };
    while (!signal?.aborted) {
      // A node that is behind may catch up: that is for the looks to count.
      const looked = await this.each("the head", (node) => this.newest(node));
      looked.faults.forEach(note);
      if (this.raise(looked.answer.block)) {
        yield { ...looked, faults };
        [quiet, faults] = [0, []];
        continue;
      }
      quiet += 1;
      if (quiet >= QUIET_LOOKS_MAX) {
        quiet = 0;
        const found = await this.elsewhere(note);
        if (found) {
          const late = new Behind(looked.answer.block.number, found.answer.block.number);
          note(faultOf(looked.node, "the head", late));
          yield { ...found, faults };
          faults = [];
          continue;
        }
      }
      await this.pause(LOOK_MS);
    }
  }

  /** A final transaction and what it did. That there is none no node can prove. */
  async receipt(hash: Hex): Promise<Told<Receipt>> {
    const told = await this.each(`transaction ${hash}`, async (node) => {
      const { block, statement } = await this.stamped(node, "commonhold_getStamp", [hash]);
      if (statement.kind !== "transaction") throw new Lie("its answer is of no transaction");
      const { transaction } = statement;
      if (transaction.hash !== hash.toLowerCase())
        throw new Lie(`its answer is of transaction ${transaction.hash}`);
      if (this.chainId !== undefined && this.chainId !== transaction.chainId)
        throw new Lie(`the transaction was signed for chain ${transaction.chainId}, not for ${this.chainId}`);
      return { block, transaction };
    });
    this.raise(told.answer.block);
    return told;
  }

  /** Slots of an account in the newest state; without any, the account itself. What is absent is proven to be. */
  async state(address: Hex, slots: bigint[] = []): Promise<Told<State>> {
    if (slots.length > SLOTS_MAX) throw new Error(`at most ${SLOTS_MAX} slots fit into an answer`);
    const told = await this.each(`the state of ${address}`, async (node) => {
      for (let look = 1; ; look += 1) {
        try {
          return await this.entries(node, address, slots);
        } catch (error) {
          // A node's state follows its head within moments, and the certificate its state.
          const early = error instanceof Behind || (error instanceof Refusal && error.code === NONE);
          if (!early || look >= STATE_LOOKS_MAX) throw error;
        }
        await this.pause(LOOK_MS);
      }
    });
    this.raise(told.answer.block);
    return told;
  }

  /** Headers of the blocks before a head, by the chain of parents, newest first, down to block 1 at most. */
  async parents(head: Head, count: number): Promise<Told<Head[]>> {
    const { number, hash } = head.block;
    const wanted = Math.min(count, PARENTS_MAX, number - 1);
    return this.each(`the blocks before ${number}`, async (node) => {
      const calls: Call[] = Array.from({ length: wanted }, (_, at) => ({
        method: "debug_getRawHeader",
        params: [`0x${(number - 1 - at).toString(16)}`],
      }));
      let parent = hexToBytes(head.parentHash);
      let child = hash;
      return (await askAll(node, calls, this.fetch)).map((encoded) => {
        const found = read("a header", () => header(hexToBytes(bytes(encoded, "a header"))));
        if (!same(found.hash, parent)) throw new Lie(`a header is not of the parent of block ${child}`);
        parent = found.parentHash;
        child = bytesToHex(found.hash);
        return new Head(found);
      });
    });
  }

  private async each<T>(asked: string, question: (node: string) => Promise<T>): Promise<Told<T>> {
    const faults: NodeFault[] = [];
    for (const _ of this.nodes) {
      const node = this.nodes[this.at] ?? "";
      try {
        return { answer: await question(node), node, faults };
      } catch (error) {
        faults.push(faultOf(node, asked, error));
        this.at = (this.at + 1) % this.nodes.length;
      }
    }
    throw new NoAnswer(faults);
  }

  /** A newer head of another node than the one that was asked last, which is asked from then on. */
  private async elsewhere(note: (fault: NodeFault) => void): Promise<Told<Head> | undefined> {
    const before = this.at;
    for (let step = 1; step < this.nodes.length; step += 1) {
      this.at = (this.at + 1) % this.nodes.length;
      const node = this.nodes[this.at] ?? "";
      try {
        const answer = await this.newest(node);
        if (this.raise(answer.block)) return { answer, node, faults: [] };
      } catch (error) {
        note(faultOf(node, "the head", error));
      }
    }
    this.at = before;
    return undefined;
  }

  private newest(node: string): Promise<Head> {
    return this.certified(node, "latest");
  }

  private async certified(node: string, block: string): Promise<Head> {
    const call = { method: "commonhold_getCertificate", params: [block] };
    const told = (await ask(node, call, this.fetch)) as { [field: string]: unknown } | null;
    const found = read("a final block", () =>
      finality(
        bytes(told?.["header"], "header"),
        list(told?.["descendants"], "descendants", PARENTS_MAX),
        bytes(told?.["certificate"], "certificate"),
        this.key,
      ),
    );
    const head = new Head(found);
    this.ensureFits(head.block);
    return head;
  }

  private async stamped(node: string, method: string, params: unknown[]) {
    const told = await ask(node, { method, params }, this.fetch);
    const proven = read("a stamp", () => {
      const stamp: Stamp = stampOf(told);
      return check(stamp, this.key);
    });
    this.ensureFits(proven.block);
    return proven;
  }

  private async entries(node: string, address: Hex, slots: bigint[]): Promise<State> {
    const asked = slots.map((slot) => `0x${slot.toString(16)}`);
    const { block, statement } = await this.stamped(node, "commonhold_getStateStamp", [address, asked]);
    const wanted = slots.length === 0 ? [undefined] : slots;
    const entries = statement.kind === "state" ? statement.entries : [];
    const fit =
      entries.length === wanted.length &&
      entries.every((entry, at) => entry.address === address.toLowerCase() && entry.slot === wanted[at]);
    if (!fit) throw new Lie("its answer is of other entries of the state");
    this.ensureNew(block);
    return { block, entries };
  }

  /** Whether a final block can be of the same chain as what was seen. */
  private ensureFits(told: ProvenBlock): void {
    const seen = this.floor;
    if (!seen) return;
    if (told.genesis !== seen.genesis)
      throw new Lie(`its network was founded by ${told.genesis}, the one that was seen by ${seen.genesis}`);
    if (told.number === seen.number && told.hash !== seen.hash)
      throw new Lie(
        `blocks ${seen.hash} and ${told.hash} are both final at height ${told.number}: the network is broken`,
      );
    const [byNumber, byTime] = [Math.sign(told.number - seen.number), Math.sign(told.timeMs - seen.timeMs)];
    // Blocks that follow one another may have the same time.
    if (byTime !== 0 && byTime !== byNumber)
      throw new Lie(
        `the times of blocks ${seen.number} and ${told.number} are in the wrong order: the network is broken`,
      );
  }

  private ensureNew(told: ProvenBlock): void {
    if (this.floor && told.number < this.floor.number) throw new Behind(told.number, this.floor.number);
  }

  private raise(told: ProvenBlock): boolean {
    const newer = !this.floor || told.number > this.floor.number;
    if (newer) this.floor = told;
    return newer;
  }
}

/** What does not decode, or proves nothing, is a lie. */
function read<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof FormError) throw new Refusal(`its answer is not ${what}: ${error.message}`);
    if (error instanceof Unproven) throw new Lie(`it is not proven: ${error.message}`);
    throw new Lie(`it does not decode: ${error instanceof Error ? error.message : String(error)}`);
  }
}
