/** Sharing keys, as the law of energy has them: what is there, handed out by a key instead of an auction. */
import type { Hex } from "@commonhold/web/ledger/api";
import { least, type Part, ration, total } from "./rationing";

/** What a sharing key divides a whole into. */
export const KEY_PARTS = 1_000_000n;

export interface Sharer extends Part {
  /** Whose turn it is under the priority key, lowest first. */
  rank: number;
  /** Its part of the whole under the static and hybrid keys, in millionths. */
  parts: bigint;
}

/** Each at most its own part of what there is. */
function fixed(available: bigint, sharers: readonly Sharer[]): bigint[] {
  return sharers.map((sharer) => least(sharer.size, (available * sharer.parts) / KEY_PARTS));
}

/** The same again with what is left, among those who want more. */
function hybrid(available: bigint, sharers: readonly Sharer[], rounds: number): bigint[] {
  const open = sharers.map((sharer) => sharer.size);
  let left = available;
  for (let round = 0; round < rounds; round += 1) {
    const parts = (at: number) => sharers[at]?.parts ?? 0n;
    const whole = total(open.map((wants, at) => (wants === 0n ? 0n : parts(at))));
    if (whole === 0n) break;
    const got = open.map((wants, at) => least(wants, (left * parts(at)) / whole));
    for (const [at, share] of got.entries()) open[at] = (open[at] ?? 0n) - share;
    left -= total(got);
    if (got.every((share) => share === 0n)) break;
  }
  return sharers.map((sharer, at) => sharer.size - (open[at] ?? 0n));
}

/** Who is first by rank gets all that it wants. */
function byRank(available: bigint, sharers: readonly Sharer[]): bigint[] {
  const got = sharers.map(() => 0n);
  let left = available;
  for (const at of sharers.map((_, at) => at).sort((a, b) => rankOf(sharers, a) - rankOf(sharers, b))) {
    got[at] = least(sharers[at]?.size ?? 0n, left);
    left -= got[at];
  }
  return got;
}

const rankOf = (sharers: readonly Sharer[], at: number) => sharers[at]?.rank ?? 0;

export type Key = "static" | "hybrid" | "dynamic" | "priority";

/** What each gets of `available`, in the order of `sharers`. */
export function share(
  by: Key,
  available: bigint,
  sharers: readonly Sharer[],
  { rounds, key }: { rounds: number; key: Hex },
): bigint[] {
  if (by === "static") return fixed(available, sharers);
  if (by === "hybrid") return hybrid(available, sharers, rounds);
  if (by === "dynamic") return ration(sharers, available, key);
  return byRank(available, sharers);
}
