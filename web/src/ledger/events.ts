/** What happened, from the ledger's events: each with its time and its transaction. */
import { numberToHex, pad, toEventSelector } from "viem";
import { type Hex, Refused, rpc } from "./api";
import { decodeLog, type Value } from "./decode";
import { module } from "./modules";

export interface Event {
  name: string;
  /** Leaves as text; those within others as `outcome.rule`, those of lists as `done.0`. */
  values: Map<string, string>;
  transaction: Hex;
  block: number;
  index: number;
  /** Milliseconds since 1970. */
  timeMs: number;
}

/** An event as the node tells it. */
export interface Log {
  topics: Hex[];
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

/** What a place of an event has to be: anything, this, or one of these. */
export type Topic = Hex | Hex[] | null;

async function ask(address: Hex, topics: Topic[], from: number, to: number): Promise<Log[]> {
  const [fromBlock, toBlock] = [numberToHex(from), numberToHex(to)];
  try {
    return await rpc<Log[]>("eth_getLogs", { address, topics, fromBlock, toBlock });
  } catch (error) {
    // Too much for one answer: half of the blocks at a time.
    if (!(error instanceof Refused) || error.status === 0 || to <= from) throw error;
    const middle = Math.floor((from + to) / 2);
    const first = await ask(address, topics, from, middle);
    return [...first, ...(await ask(address, topics, middle + 1, to))];
  }
}

async function ranges(address: Hex, topics: Topic[]): Promise<Log[]> {
  const head = Number(BigInt(await rpc<Hex>("eth_blockNumber")));
  const found: Log[] = [];
  for (let range = 0, to = head; range < RANGES_MAX && to >= 0; range += 1, to -= RANGE) {
    found.push(...(await ask(address, topics, Math.max(0, to - RANGE + 1), to)));
  }
  return found;
}

/** What a contract told, in as many questions as it takes: by the selectors of events, and their indexed places. */
export async function logs(address: Hex, first: Topic, places: Topic[]): Promise<Log[]> {
  const word = (value: Hex) => pad(value, { size: 32 });
  const words = places.map((place) => (Array.isArray(place) ? place.map(word) : place && word(place)));
  if (words.some((place) => Array.isArray(place) && place.length === 0)) return [];
  const many = words.findIndex((place) => Array.isArray(place) && place.length > VALUES_MAX);
  const list = words[many];
  const asked: Topic[][] = [];
  if (Array.isArray(list)) {
    for (let at = 0; at < list.length; at += VALUES_MAX) {
      const some = list.slice(at, at + VALUES_MAX);
      asked.push([first, ...words.map((place, number) => (number === many ? some : place))]);
    }
  } else asked.push([first, ...words]);
  return (await Promise.all(asked.map((topics) => ranges(address, topics)))).flat();
}

/** Leaves with their names. */
function leaves(values: Value[], within = ""): [string, string][] {
  return values.flatMap(({ name, value }): [string, string][] =>
    typeof value === "string" ? [[within + name, value]] : leaves(value, `${within}${name}.`),
  );
}

/**
 * Events of a module: of these names (any, where there are none), with these values at the places of their
 * indexed parts. The newest first.
 */
export async function events(
  of: string,
  names: string[],
  ...places: (Hex | Hex[] | null)[]
): Promise<Event[]> {
  const { abi, address } = await module(of);
  const known = abi.flatMap((item) => (item.type === "event" && names.includes(item.name) ? [item] : []));
  const first: Topic = names.length === 0 ? null : known.map((item) => toEventSelector(item));
  const found = await logs(address, first, places);
  const told = found.flatMap((log): Event[] => {
    const decoded = decodeLog(abi, log.topics, log.data);
    if (!decoded) return [];
    return [
      {
        name: decoded.name,
        values: new Map(leaves(decoded.values)),
        transaction: log.transactionHash,
        block: Number(BigInt(log.blockNumber)),
        index: Number(BigInt(log.logIndex)),
        timeMs: Number(BigInt(log.blockTimestamp)) * 1000,
      },
    ];
  });
  return told.sort((a, b) => b.block - a.block || b.index - a.index);
}

/** The events of a transaction that a module told. */
export async function told(of: string, transaction: Hex): Promise<{ events: Event[]; blockHash: Hex }> {
  const { abi, address } = await module(of);
  const receipt = await rpc<{ logs: (Log & { address: Hex })[]; blockHash: Hex }>(
    "eth_getTransactionReceipt",
    transaction,
  );
  const found = receipt.logs
    .filter((log) => log.address.toLowerCase() === address.toLowerCase())
    .flatMap((log): Event[] => {
      const decoded = decodeLog(abi, log.topics, log.data);
      if (!decoded) return [];
      const values = new Map(leaves(decoded.values));
      return [{ name: decoded.name, values, transaction, block: 0, index: 0, timeMs: 0 }];
    });
  return { events: found, blockHash: receipt.blockHash };
}
