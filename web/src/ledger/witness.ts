/**
 * What this browser checked itself: that the blocks that the node shows are final, by the network's key alone.
 *
 * The key is the one that this browser took when it first came here, and that it keeps. A page that comes from a
 * node can be no better than that node: who wants to be sure compares the key with what the members published, or
 * runs `commonhold light` or the package `@commonhold/light` of their own.
 */
import type { ProvenBlock } from "@commonhold/light";
import { useSyncExternalStore } from "react";
import type { Block, Hex, Network } from "./api";
import type { Asked, Checked, Seen } from "./head";
import { type Live, onChange } from "./live";

export type Fault =
  /** It says what is not so. */
  | { kind: "lie"; why: string }
  /** It shows another block than the one that is final at that height. */
  | { kind: "shown"; block: number }
  /** It shows an older head than one that was seen. */
  | { kind: "behind" }
  /** It shows blocks, and does not prove that they are final. */
  | { kind: "unproven" }
  /** It is of another network than before. */
  | { kind: "network"; key: Hex };

export interface Witness {
  /** The key that is checked by. */
  key: Hex | undefined;
  /** When this browser took it. */
  since: number;
  /** The newest final block that was seen. */
  head: ProvenBlock | undefined;
  /** Final headers by their numbers. */
  checked: ReadonlyMap<number, Checked>;
  fault: Fault | undefined;
}

/** Headers kept. */
const CHECKED_MAX = 200;
/** Milliseconds between two looks. */
const LOOK_MS = 2_000;
/** Milliseconds that a node may show newer blocks without proof. */
const UNPROVEN_MS = 15_000;
const KEPT = "commonhold.network";

interface Kept {
  key: Hex;
  since: number;
  seen?: ProvenBlock | undefined;
}

let state: Witness = { key: undefined, since: 0, head: undefined, checked: new Map(), fault: undefined };
const listeners = new Set<() => void>();

function set(change: Partial<Witness>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

/** The number of a shown block that is not the final one of its height, if there is one. */
export function falseAmong(
  blocks: Pick<Block, "number" | "hash" | "timeMs" | "stateRoot">[],
  checked: ReadonlyMap<number, Checked>,
): number | undefined {
  return blocks.find(({ number, hash, timeMs, stateRoot }) => {
    const known = checked.get(number);
    return known && (known.hash !== hash || known.timeMs !== timeMs || known.stateRoot !== stateRoot);
  })?.number;
}

function kept(): Kept | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(what: Kept): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(what));
  } catch {
    // Where nothing can be kept, each visit is the first.
  }
}

let asked: Asked | undefined;
let waiting = false;
let next = 0;
/** When the newest checked head came. */
let came = 0;

/** What the node did is told until the page is loaded again: once is enough. */
function accuse(fault: Fault): void {
  if (state.fault?.kind !== "lie" && state.fault?.kind !== "shown") set({ fault });
}

function compare({ blocks, network }: Live): void {
  const wrong = falseAmong(blocks, state.checked);
  const head = network && state.checked.get(network.block);
  if (wrong !== undefined) accuse({ kind: "shown", block: wrong });
  else if (head && head.hash !== network.blockHash) accuse({ kind: "shown", block: network.block });
  else if (
    came > 0 &&
    (blocks[0]?.number ?? 0) > (state.head?.number ?? 0) &&
    Date.now() - came > UNPROVEN_MS
  )
    accuse({ kind: "unproven" });
}

function heard(seen: Seen, live: Live): void {
  if ("fault" in seen) {
    if (seen.fault === "lie") accuse({ kind: "lie", why: seen.why });
    if (seen.fault === "behind") accuse({ kind: "behind" });
  } else {
    const [newest] = seen.headers;
    const all = [...state.checked, ...seen.headers.map((header) => [header.number, header] as const)];
    const checked = new Map(all.sort(([a], [b]) => b - a).slice(0, CHECKED_MAX));
    if (newest && newest.number !== state.head?.number) came = Date.now();
    const passing = state.fault?.kind === "behind" || state.fault?.kind === "unproven";
    set({ head: newest, checked, ...(passing ? { fault: undefined } : {}) });
    if (state.key) keep({ key: state.key, since: state.since, seen: newest });
  }
  compare(live);
}

function begin(network: Network): void {
  const before = kept();
  if (before && before.key !== network.networkKey) {
    set({ key: before.key, since: before.since, fault: { kind: "network", key: network.networkKey } });
    return;
  }
  const { key, since, seen } = before ?? { key: network.networkKey, since: Date.now(), seen: undefined };
  asked = { key, chainId: network.chainId, node: `${window.location.origin}/`, seen };
  came = Date.now();
  set({ key, since });
  keep({ key, since, seen });
}

async function look(live: Live): Promise<void> {
  if (!asked || waiting || live.connection !== "live" || Date.now() < next) return;
  waiting = true;
  try {
    const head = await import("./head");
    const seen = await head.look(asked);
    heard(seen, latest);
  } catch {
    // A part of the page is gone, as from an earlier build: what comes next is shown as not checked.
  } finally {
    waiting = false;
    next = Date.now() + LOOK_MS;
  }
}

let latest: Live;

/** Takes the key that the node tells now, in place of the one that this browser kept. */
export function takeKey(key: Hex): void {
  keep({ key, since: Date.now() });
  window.location.reload();
}

/** Begins; once, at the start of the page. */
export function start(): void {
  onChange((live) => {
    latest = live;
    if (live.network && !state.key) begin(live.network);
    compare(live);
    void look(live);
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useWitness(): Witness {
  return useSyncExternalStore(subscribe, () => state);
}
