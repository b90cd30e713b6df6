/**
 * Checks the node's head with the network's key. The headers below a head are checked by the chain of parents, down
 * to the head before. Loaded after the page: a check takes some twenty milliseconds, and its code is large. (A worker
 * is no way for it: the page's policy on trusted types lets no script make one.)
 */
import { type Head, LightClient, NoAnswer, type ProvenBlock } from "@commonhold/light";
import type { Hex } from "./api";

/** By what is checked, and what was seen before. */
export interface Asked {
  key: Hex;
  chainId: number;
  node: string;
  seen: ProvenBlock | undefined;
}

/** A header that is final. */
export interface Checked extends ProvenBlock {
  stateRoot: Hex;
}

/** What came of it: headers newest first, or what the node did instead. */
export type Seen = { headers: Checked[] } | { fault: "lie" | "behind" | "silent"; why: string };

/** Headers below the first head that are looked at. */
const FIRST_PARENTS = 15;
/** Headers between two heads; where there are more, those below the newer one. */
const PARENTS_MAX = 60;

let light: LightClient | undefined;
let last: Head | undefined;

/** Those that the node has: one that joined lately has none from before. */
async function parents(by: LightClient, head: Head, count: number): Promise<Head[]> {
  try {
    return (await by.parents(head, count)).answer;
  } catch (error) {
    if (error instanceof NoAnswer && error.faults.every(({ kind }) => kind === "silent")) return [];
    throw error;
  }
}

export async function look(asked: Asked): Promise<Seen> {
  const { key, chainId, node, seen } = asked;
  light ??= new LightClient(key, [node], seen ? { chainId, seen } : { chainId });
  try {
    const { answer: head } = await light.head();
    const gap = last ? head.block.number - last.block.number : 0;
    const count = last && gap <= PARENTS_MAX ? gap : FIRST_PARENTS;
    const below = await parents(light, head, count);
    last = head;
    return { headers: [head, ...below].map(({ block, stateRoot }) => ({ ...block, stateRoot })) };
  } catch (error) {
    const [fault] = error instanceof NoAnswer ? error.faults : [];
    return { fault: fault?.kind ?? "silent", why: fault?.why ?? String(error) };
  }
}
