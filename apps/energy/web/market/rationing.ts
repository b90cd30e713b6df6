/**
 * Who gets how much of too little, as the law of energy has it: in proportion, and single Wh to the largest
 * remainders; where these are equal too, by a tie that follows from the slot alone. Whole numbers only.
 */
import type { Hex } from "@commonhold/web/ledger/api";
import { concat, keccak256, numberToHex } from "viem";

export interface Part {
  id: Hex;
  size: bigint;
}

/** A place as the id of its order. */
export const placeId = (index: number): Hex => numberToHex(index, { size: 32 });

/** Smaller first, where remainders are equal. */
export const tie = (key: Hex, id: Hex): Hex => keccak256(concat([key, id]));

export const total = (sizes: readonly bigint[]): bigint => sizes.reduce((sum, size) => sum + size, 0n);

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Gives `amount` out, at most what all want together: what each gets, in the order of `parts`. */
export function ration(parts: readonly Part[], amount: bigint, key: Hex): bigint[] {
  const whole = total(parts.map((part) => part.size));
  if (amount >= whole) return parts.map((part) => part.size);
  const shares = parts.map((part) => (amount * part.size) / whole);
  const left = Number(amount - total(shares));
  const ranked = parts.map((part, at) => ({ at, part, rest: (amount * part.size) % whole, tie: "" }));
  ranked.sort((a, b) => (a.rest > b.rest ? -1 : a.rest < b.rest ? 1 : 0));
  const edge = ranked[left - 1]?.rest;
  // Only those at the edge need a tie.
  for (const entry of ranked) if (entry.rest === edge) entry.tie = tie(key, entry.part.id);
  ranked.sort((a, b) => {
    if (a.rest !== b.rest) return a.rest > b.rest ? -1 : 1;
    return a.tie < b.tie ? -1 : a.tie > b.tie ? 1 : 0;
  });
  for (const { at } of ranked.slice(0, left)) shares[at] = (shares[at] ?? 0n) + 1n;
  return shares;
}
