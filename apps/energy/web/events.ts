/** What happened, from the ledger's events: each with its values, its time and its transaction. */
import { type Hex, Refused, rpc } from "@commonhold/web/ledger/api";
import { module } from "@commonhold/web/ledger/modules";
import { decodeEventLog, numberToHex, pad, toEventSelector } from "viem";

/** An event of the law, and what told it. */
export interface Told<T> {
  name: string;
  values: T;
  transaction: Hex;
  block: number;
  index: number;
  /** Milliseconds since 1970. */
  timeMs: number;
}

interface Log {
  topics: [Hex, ...Hex[]];
  data: Hex;
  transactionHash: Hex;
  blockNumber: Hex;
  logIndex: Hex;
  blockTimestamp: Hex;
}

/** Blocks of one question; the node's LOG_RANGE_BLOCKS_MAX. */
const RANGE = 100_000;
/** Questions for one list: the newest four million blocks. */
const RANGES_MAX = 40;
/** Values of one place in one question; half of the node's LOG_VALUES_MAX. */
const VALUES_MAX = 500;

type Topic = Hex | Hex[] | null;

/** What the indexed part of an event has to be: anything, this, or one of these. */
export type Wanted = null | bigint | Hex | readonly (bigint | Hex)[];

async function ask(address: Hex, topics: Topic[], from: number, to: number): Promise<Log[]> {
  const [fromBlock, toBlock] = [numberToHex(from), numberToHex(to)];
  try {
    return await rpc<Log[]>("eth_getLogs", { address, topics, fromBlock, toBlock });
  } catch (error) {
    // Too much for one answer: half of the blocks at a time.
    if (!(error instanceof Refused) || error.status === 0 || to <= from) throw error;
    const middle = Math.floor((from + to) / 2);
    const [first, second] = [ask(address, topics, from, middle), ask(address, topics, middle + 1, to)];
    return [...(await first), ...(await second)];
  }
}

async function logs(address: Hex, topics: Topic[]): Promise<Log[]> {
  const head = Number(BigInt(await rpc<Hex>("eth_blockNumber")));
  const found: Log[] = [];
  for (let range = 0, to = head; range < RANGES_MAX && to >= 0; range += 1, to -= RANGE)
    found.push(...(await ask(address, topics, Math.max(0, to - RANGE + 1), to)));
  return found;
}

const word = (value: bigint | Hex): Hex =>
  typeof value === "bigint" ? numberToHex(value, { size: 32 }) : pad(value, { size: 32 });

/** Events of one name, with these values at the places of their indexed parts, in the ledger's order. */
export async function events<T>(name: string, ...places: Wanted[]): Promise<Told<T>[]> {
  const { abi, address } = await module("energy");
  const event = abi.find((item) => item.type === "event" && item.name === name);
  if (event?.type !== "event") throw new Error(`this network's energy has no event ${name}`);
  const words = places.map((place): Topic => {
    if (place === null) return null;
    return typeof place === "object" ? place.map(word) : word(place);
  });
  if (words.some((place) => Array.isArray(place) && place.length === 0)) return [];
  const many = words.findIndex((place) => Array.isArray(place) && place.length > VALUES_MAX);
  const list = words[many];
  const asked: Topic[][] = [];
  if (Array.isArray(list)) {
    for (let at = 0; at < list.length; at += VALUES_MAX) {
      const some = list.slice(at, at + VALUES_MAX);
      asked.push(words.map((place, number) => (number === many ? some : place)));
    }
  } else asked.push(words);
  const first = toEventSelector(event);
  const found = (await Promise.all(asked.map((topics) => logs(address, [first, ...topics])))).flat();
  const told = found.map((log): Told<T> => {
    const { args } = decodeEventLog({ abi: [event], topics: log.topics, data: log.data });
    return {
      name,
      values: args as T,
      transaction: log.transactionHash,
      block: Number(BigInt(log.blockNumber)),
      index: Number(BigInt(log.logIndex)),
      timeMs: Number(BigInt(log.blockTimestamp)) * 1000,
    };
  });
  return told.sort((a, b) => a.block - b.block || a.index - b.index);
}
