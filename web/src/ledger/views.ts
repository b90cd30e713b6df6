/** Views of modules, many at a time. */
import { decodeFunctionResult, encodeFunctionData } from "viem";
import { batch, type Hex, rpc } from "./api";
import { module, view } from "./modules";

/** Views in one request to the node; half of its BATCH_ENTRIES_MAX. */
const AT_ONCE = 100;
/** Entries that a module gives of a list at a time. */
const PAGE = 100n;
/** Entries of one list that this app reads. */
const ENTRIES_MAX = 10_000;

/** One view of a module with many arguments, in few requests; throws where one fails. */
export async function views<T>(of: string, functionName: string, each: unknown[][]): Promise<T[]> {
  const { abi, address: to } = await module(of);
  const found: T[] = [];
  for (let from = 0; from < each.length; from += AT_ONCE) {
    const some = each.slice(from, from + AT_ONCE);
    const calls = some.map((args) => ({
      method: "eth_call",
      params: [{ to, data: encodeFunctionData({ abi, functionName, args }) }, "latest"],
    }));
    const answers = await batch(calls);
    for (const [at, args] of some.entries()) {
      const data = answers[at] as Hex | undefined;
      if (!data) throw new Error(`the node did not say ${functionName}`);
      found.push(decodeFunctionResult({ abi, functionName, data, args }) as T);
    }
  }
  return found;
}

/** All of a list, of which a module tells so many from a number on. */
export async function every<T>(of: string, functionName: string, ...about: unknown[]): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const from = BigInt(all.length);
    const [page, total] = await view<[T[], bigint]>(of, functionName, ...about, from, PAGE);
    all.push(...page);
    if (page.length === 0 || all.length >= Number(total) || all.length >= ENTRIES_MAX) return all;
  }
}

/** Seconds since 1970, as the newest block has it: the clock that counts. */
export async function ledgerTime(): Promise<number> {
  const block = await rpc<{ timestamp: Hex }>("eth_getBlockByNumber", "latest", false);
  return Number(BigInt(block.timestamp));
}
