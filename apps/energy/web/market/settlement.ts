/**
 * What a slot costs and earns, as the law of energy has it: the community first, the grid for the rest.
 * Energy in Wh, prices in micro-currency per kWh, so that Wh times price is money in billionths, exactly.
 * What a household gets is above zero, what it pays below.
 */

/** Billionths of a hundredth of a unit. */
export const CENT = 10_000_000n;

export interface Tariff {
  retail: bigint;
  feedIn: bigint;
}

export interface Fees {
  network: bigint;
  community: bigint;
  levy: bigint;
}

export interface Line {
  importLocal: bigint;
  importGrid: bigint;
  exportLocal: bigint;
  exportGrid: bigint;
  /** The household, all in all. */
  household: bigint;
  /** Of that, for energy from or to neighbours. */
  local: bigint;
  /** Of that, with its supplier. */
  grid: bigint;
  /** Of that, fees and levies. */
  fees: bigint;
  /** What it would have come to with the grid alone. */
  gridOnly: bigint;
}

export const NOTHING: Line = {
  importLocal: 0n,
  importGrid: 0n,
  exportLocal: 0n,
  exportGrid: 0n,
  household: 0n,
  local: 0n,
  grid: 0n,
  fees: 0n,
  gridOnly: 0n,
};

/** What energy is worth with the grid alone. */
export const beside = (net: bigint, { retail, feedIn }: Tariff): bigint =>
  net < 0n ? -net * feedIn : -net * retail;

/** A meter's slot: `net` is imports above zero and exports below, `dealt` what of it went by the community. */
export function line(net: bigint, dealt: bigint, price: bigint, fees: Fees, tariff: Tariff): Line {
  const gridOnly = beside(net, tariff);
  if (net < 0n) {
    const [local, grid] = [dealt * price, (-net - dealt) * tariff.feedIn];
    const energy = { exportLocal: dealt, exportGrid: -net - dealt };
    return { ...NOTHING, ...energy, household: local + grid, local, grid, gridOnly };
  }
  const local = -dealt * price;
  const paid = -dealt * (fees.network + fees.community + fees.levy);
  const grid = -(net - dealt) * tariff.retail;
  const energy = { importLocal: dealt, importGrid: net - dealt };
  return { ...NOTHING, ...energy, household: local + paid + grid, local, grid, fees: paid, gridOnly };
}

/** Lines together: a bill. */
export function sum(lines: readonly Line[]): Line {
  const all = { ...NOTHING };
  for (const one of lines) {
    for (const name of Object.keys(all) as (keyof Line)[]) all[name] += one[name];
  }
  return all;
}

/** Whole cents, half a cent away from zero, and what that leaves: the two are the amount. */
export function round(nano: bigint): { cents: bigint; rest: bigint } {
  const [whole, rest] = [nano / CENT, nano % CENT];
  if ((rest < 0n ? -rest : rest) * 2n < CENT) return { cents: whole, rest };
  const step = rest < 0n ? -1n : 1n;
  return { cents: whole + step, rest: rest - step * CENT };
}
