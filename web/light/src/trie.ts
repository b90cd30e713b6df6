/** Ethereum's tries of transactions and receipts: whether a proof shows that an item stands at an index. */
import { fromRlp, keccak256, toRlp } from "viem";
import { same } from "./bytes.ts";

type Node = Uint8Array | Node[];

/** RLP in its one form. */
export function rlp(bytes: Uint8Array): Node {
  const node = fromRlp(bytes, "bytes") as Node;
  if (!same(toRlp(node as never, "bytes"), bytes)) throw new Error("its RLP is not in its one form");
  return node;
}

function nibbles(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
}

/** The nibbles of a leaf's or extension's path, and whether it is a leaf. */
function path(encoded: Uint8Array): { leaf: boolean; rest: number[] } {
  const all = nibbles(encoded);
  const flag = all[0] ?? 16;
  if (flag > 3 || (flag % 2 === 0 && all[1] !== 0)) throw new Error("a path is malformed");
  return { leaf: flag >= 2, rest: all.slice(flag % 2 === 1 ? 1 : 2) };
}

/** Whether `proof`, nodes from the root down, shows that the trie under `root` holds `item` at `index`. */
export function proves(root: Uint8Array, index: number, item: Uint8Array, proof: Uint8Array[]): boolean {
  try {
    return walk(root, index, item, [...proof]);
  } catch {
    return false;
  }
}

function walk(root: Uint8Array, index: number, item: Uint8Array, proof: Uint8Array[]): boolean {
  const number =
    index === 0
      ? "0x"
      : `0x${index.toString(16).padStart(index.toString(16).length + (index.toString(16).length % 2), "0")}`;
  let key = nibbles(toRlp(number as `0x${string}`, "bytes"));
  const named = (hash: Uint8Array): Node => {
    const node = proof.shift();
    if (!node || !same(keccak256(node, "bytes"), hash)) throw new Error("a node is missing");
    return rlp(node);
  };
  let node: Node = named(root);
  for (;;) {
    if (!Array.isArray(node)) return false;
    let next: Node | undefined;
    if (node.length === 17) {
      const [step, ...rest] = key;
      if (step === undefined) {
        const value = node[16];
        return proof.length === 0 && value instanceof Uint8Array && value.length > 0 && same(value, item);
      }
      next = node[step];
      key = rest;
    } else if (node.length === 2 && node[0] instanceof Uint8Array) {
      const { leaf, rest } = path(node[0]);
      if (!rest.every((nibble, at) => key[at] === nibble)) return false;
      key = key.slice(rest.length);
      next = node[1];
      if (leaf)
        return key.length === 0 && proof.length === 0 && next instanceof Uint8Array && same(next, item);
    }
    if (next === undefined) return false;
    // A node that is shorter than a hash stands in its parent.
    if (Array.isArray(next)) node = next;
    else if (next.length === 32) node = named(next);
    else return false;
  }
}
