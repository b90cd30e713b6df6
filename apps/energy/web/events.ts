/** What happened, from the ledger's events: each with its typed values, its time and its transaction. */
import type { Hex } from "@commonhold/web/ledger/api";
import { logs } from "@commonhold/web/ledger/events";
import { module } from "@commonhold/web/ledger/modules";
import { decodeEventLog, numberToHex, toEventSelector } from "viem";

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

/** What the indexed part of an event has to be: anything, this, or one of these. */
export type Wanted = null | bigint | Hex | readonly (bigint | Hex)[];

const word = (value: bigint | Hex): Hex => (typeof value === "bigint" ? numberToHex(value) : value);

/** Events of one name, with these values at the places of their indexed parts, in the ledger's order. */
export async function events<T>(name: string, ...places: Wanted[]): Promise<Told<T>[]> {
  const { abi, address } = await module("energy");
  const event = abi.find((item) => item.type === "event" && item.name === name);
  if (event?.type !== "event") throw new Error(`this network's energy has no event ${name}`);
  const words = places.map((place) =>
    place === null ? null : typeof place === "object" ? place.map(word) : word(place),
  );
  const found = await logs(address, toEventSelector(event), words);
  const told = found.map((log): Told<T> => {
    const [first, ...rest] = log.topics;
    const topics: [Hex, ...Hex[]] = [first ?? "0x", ...rest];
    const { args } = decodeEventLog({ abi: [event], topics, data: log.data });
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
