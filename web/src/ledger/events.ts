/** What happened, from the ledger's events: each with its time and its transaction. */
import { pad, toEventSelector } from "viem";
import { type Hex, rpc } from "./api";
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

interface Log {
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

type Topic = Hex | Hex[] | null;

async function logs(address: Hex, topics: Topic[]): Promise<Log[]> {
  const head = Number(BigInt(await rpc<Hex>("eth_blockNumber")));
  const found: Log[] = [];
  for (let range = 0, to = head; range < RANGES_MAX && to >= 0; range += 1, to -= RANGE) {
    const from = Math.max(0, to - RANGE + 1);
    const block = (number: number) => `0x${number.toString(16)}`;
    found.push(
      ...(await rpc<Log[]>("eth_getLogs", { address, topics, fromBlock: block(from), toBlock: block(to) })),
    );
  }
  return found;
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
  const word = (value: Hex) => pad(value, { size: 32 });
  const words = places.map((place) => (Array.isArray(place) ? place.map(word) : place && word(place)));
  const many = words.findIndex((place) => Array.isArray(place) && place.length > VALUES_MAX);
  const asked: Topic[][] = [];
  const list = words[many];
  if (Array.isArray(list)) {
    for (let at = 0; at < list.length; at += VALUES_MAX) {
      const some = list.slice(at, at + VALUES_MAX);
      asked.push([first, ...words.map((place, number) => (number === many ? some : place))]);
    }
  } else asked.push([first, ...words]);
  if (words.some((place) => Array.isArray(place) && place.length === 0)) return [];
  const found = (await Promise.all(asked.map((topics) => logs(address, topics)))).flat();
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
