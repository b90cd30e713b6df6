/** What the law of energy says, asked through the node: its views, a page or a batch at a time. */
import { batch, type Hex, rpc } from "@commonhold/web/ledger/api";
import { module, view } from "@commonhold/web/ledger/modules";
import { decodeFunctionResult, encodeFunctionData } from "viem";

export interface Rules {
  mode: number;
  rounds: number;
  kNumerator: number;
  kDenominator: number;
  localPrice: bigint;
  networkFee: bigint;
  communityFee: bigint;
  levy: bigint;
  slotSeconds: number;
  graceSeconds: number;
  finalSeconds: number;
}

export interface Community {
  name: string;
  manager: Hex;
  network: Hex;
  treasury: Hex;
  levyTo: Hex;
  ceiling: bigint;
  zone: Hex;
  rehearsal: boolean;
  meters: number;
  members: number;
  expected: number;
  next: bigint;
  settling: bigint;
  rules: Rules;
  rulesFrom: bigint;
}

export interface Member {
  household: Hex;
  meter: Hex;
  index: number;
  fuse: number;
  supplier: Hex;
  technology: Hex;
  joined: bigint;
  leaves: bigint;
  buy: bigint;
  sell: bigint;
  active: boolean;
  reserve: bigint;
  balance: bigint;
  statement: bigint;
  importLocal: bigint;
  importGrid: bigint;
  exportLocal: bigint;
  exportGrid: bigint;
  weight: number;
}

/** What a place weighs under a sharing key. */
export interface Weight {
  index: number;
  weight: number;
}

/** States of a slot. */
export const OPEN = 0;
export const CLEARED = 1;
export const SETTLED = 2;

export interface Slot {
  state: number;
  readings: number;
  meters: number;
  settled: number;
  mode: number;
  /** The weights of all who took part, under the static and hybrid keys. */
  weights: number;
  traded: boolean;
  price: bigint;
  lowest: bigint;
  highest: bigint;
  volume: bigint;
  key: Hex;
}

export interface Line {
  index: number;
  read: boolean;
  net: bigint;
  version: number;
  quality: number;
  ordered: boolean;
  limit: bigint;
  fill: bigint;
}

export interface Stock {
  active: bigint;
  claimed: bigint;
  expired: bigint;
  withdrawn: bigint;
  locked: bigint;
}

export interface Certificate {
  id: Hex;
  meter: Hex;
  household: Hex;
  technology: Hex;
  zone: Hex;
  issuer: Hex;
  duration: number;
  version: number;
  expires: bigint;
  stock: Stock;
  owed: bigint;
}

export interface Proposal {
  number: bigint;
  ofCommunity: bigint;
  rules: Rules;
  approvals: number;
  rejections: number;
  expires: bigint;
  decided: boolean;
}

/** Views in one request to the node; half of its BATCH_ENTRIES_MAX. */
const AT_ONCE = 100;
/** Entries that the law gives of a list at a time. */
const PAGE = 100n;
/** Meters that a page of a slot tells of; the law's LINES_PER_PAGE_MAX. */
const LINES = 400;
/** Communities that this app looks through. */
export const COMMUNITIES_MAX = 100;

/** One view of the law. */
export function law<T>(functionName: string, ...args: unknown[]): Promise<T> {
  return view<T>("energy", functionName, ...args);
}

/** The same view with many arguments, in few requests; nothing where the law refuses. */
export async function several<T>(functionName: string, each: unknown[][]): Promise<(T | undefined)[]> {
  const { abi, address: to } = await module("energy");
  const found: (T | undefined)[] = [];
  for (let from = 0; from < each.length; from += AT_ONCE) {
    const some = each.slice(from, from + AT_ONCE);
    const calls = some.map((args) => ({
      method: "eth_call",
      params: [{ to, data: encodeFunctionData({ abi, functionName, args }) }, "latest"],
    }));
    const answers = await batch(calls);
    for (const [at, args] of some.entries()) {
      const data = answers[at] as Hex | undefined;
      found.push(data && (decodeFunctionResult({ abi, functionName, data, args }) as T));
    }
  }
  return found;
}

/** Everybody who has a place, in the order of joining; who is not a member any more is `undefined`. */
export async function members(number: bigint): Promise<Member[]> {
  const all: Hex[] = [];
  for (;;) {
    const [page, total] = await law<[Hex[], bigint]>("members", number, BigInt(all.length), PAGE);
    all.push(...page);
    if (page.length === 0 || all.length >= Number(total)) break;
  }
  const found = await several<Member>(
    "member",
    all.map((household) => [number, household]),
  );
  return found.filter((member) => member !== undefined);
}

/** What a slot says of every place. */
export async function lines(number: bigint, slot: bigint): Promise<Line[]> {
  const all: Line[] = [];
  for (;;) {
    const [page, total] = await law<[Line[], number]>("linesOf", number, slot, all.length, LINES);
    all.push(...page);
    if (page.length === 0 || all.length >= total) return all;
  }
}

export const fees = (rules: Rules): bigint => rules.networkFee + rules.communityFee + rules.levy;

/** The dearest price that fees leave under the community's ceiling. */
export const dearest = (ceiling: bigint, rules: Rules): bigint => ceiling - fees(rules);

/** Seconds since 1970, as the newest block has it: the clock that counts. */
export async function ledgerTime(): Promise<number> {
  const block = await rpc<{ timestamp: Hex }>("eth_getBlockByNumber", "latest", false);
  return Number(BigInt(block.timestamp));
}
