/** What the ledger tells of a community over time, put together: rules, prices, limits, slots, a household's rows. */
import type { Hex } from "@commonhold/web/ledger/api";
import { events, type Told } from "./events";
import { fees, type Rules } from "./law";
import { beside, type Line, line, type Tariff } from "./market/settlement";
import type { Deal } from "./market/slot";
import { times, type Window } from "./months";

interface From {
  from: bigint;
  transaction: Hex;
}

export interface RulesFrom extends From {
  rules: Rules;
}

export interface TariffFrom extends From, Tariff {
  supplier: Hex;
}

export interface LimitsFrom extends From {
  index: number;
  buy: bigint;
  sell: bigint;
}

export interface WeightFrom extends From {
  index: number;
  weight: number;
}

export interface ActiveFrom extends From {
  index: number;
  active: boolean;
}

/** Who has a place from a slot on, with which meter and supplier. */
export interface Seat extends From {
  index: number;
  household: Hex;
  meter: Hex;
  supplier: Hex;
  technology: Hex;
}

/** All that holds over time, each in the order in which it was told. */
export interface History {
  rules: RulesFrom[];
  tariffs: TariffFrom[];
  limits: LimitsFrom[];
  weights: WeightFrom[];
  active: ActiveFrom[];
  seats: Seat[];
}

type Values<T> = Omit<T, "transaction">;

const each = <T extends From>(told: Told<Values<T>>[]): T[] =>
  told.map(({ values, transaction }) => ({ ...values, transaction }) as T);

export async function history(number: bigint): Promise<History> {
  const [rules, tariffs, limits, weights, active, seats] = await Promise.all([
    events<Values<RulesFrom>>("RulesDecided", null, number),
    events<Values<TariffFrom>>("TariffSet", number),
    events<Values<LimitsFrom>>("LimitsSet", number),
    events<Values<WeightFrom>>("WeightSet", number),
    events<Values<ActiveFrom>>("Activated", number),
    events<Values<Seat>>("Joined", number),
  ]);
  return {
    rules: each(rules),
    tariffs: each(tariffs),
    limits: each(limits),
    weights: each(weights),
    active: each(active),
    seats: each(seats),
  };
}

/** What holds in a slot of what was told: the newest that holds from it or from before; of equals the last. */
function at<T extends From>(all: readonly T[], slot: bigint): T | undefined {
  let found: T | undefined;
  for (const one of all) if (one.from <= slot && (!found || one.from >= found.from)) found = one;
  return found;
}

const lower = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

export const rulesAt = (all: History, slot: bigint) => at(all.rules, slot);

/** A supplier's first prices hold before they were stated as well. */
export function tariffAt(all: History, supplier: Hex, slot: bigint): TariffFrom | undefined {
  const own = all.tariffs.filter((tariff) => lower(tariff.supplier, supplier));
  return at(own, slot) ?? own[0];
}

/** Lists by place, each made once: a slot of thousands of meters looks up thousands of places. */
const places = new WeakMap<object, Map<number, unknown[]>>();

function ofPlace<T extends From & { index: number }>(all: readonly T[], index: number): T[] {
  let found = places.get(all);
  if (!found) {
    found = new Map();
    for (const one of all) {
      const list = found.get(one.index);
      if (list) list.push(one);
      else found.set(one.index, [one]);
    }
    places.set(all, found);
  }
  return (found.get(index) ?? []) as T[];
}

export const limitsAt = (all: History, index: number, slot: bigint) => at(ofPlace(all.limits, index), slot);

export const seatAt = (all: History, index: number, slot: bigint) => at(ofPlace(all.seats, index), slot);

/** Whether a place takes part in a slot. */
export const takesPart = (all: History, index: number, slot: bigint): boolean =>
  at(ofPlace(all.active, index), slot)?.active ?? false;

/** What a place weighs in a slot: one until members decide otherwise. */
export const weightAt = (all: History, index: number, slot: bigint): number =>
  at(ofPlace(all.weights, index), slot)?.weight ?? 1;

/** What all who take part in a slot weigh together. */
export const weighing = (all: History, slot: bigint): number =>
  [...new Set(all.active.map((active) => active.index))]
    .filter((index) => takesPart(all, index, slot))
    .reduce((sum, index) => sum + weightAt(all, index, slot), 0);

interface ClearedValues {
  slot: bigint;
  traded: boolean;
  price: bigint;
  volume: bigint;
  readings: number;
}

interface SettledValues {
  slot: bigint;
  index: number;
  net: bigint;
  ordered: boolean;
  limit: bigint;
  local: bigint;
  prepaid: bigint;
  statement: bigint;
}

interface NoteValues {
  slot: bigint;
  index: number;
  before: bigint;
  net: bigint;
  statement: bigint;
}

/** What a slot came to. */
export interface SlotTold extends ClearedValues {
  /** Seconds of it. */
  seconds: number;
  transaction: Hex;
  lines: LineTold[];
  notes: NoteTold[];
}

/** What a meter's slot came to. */
export interface LineTold extends SettledValues {
  transaction: Hex;
}

/** A correction of a meter's slot. */
export interface NoteTold extends NoteValues {
  transaction: Hex;
}

/** The shortest slot that there is in a window, in seconds. */
function step(all: History, { from, to }: Window): number {
  const first = rulesAt(all, BigInt(from));
  const later = all.rules.filter((rules) => rules.from > from && rules.from < to);
  return Math.min(3600, ...[...(first ? [first] : []), ...later].map(({ rules }) => rules.slotSeconds));
}

function grouped<T extends { slot: bigint }>(told: Told<T>[]): Map<bigint, (T & { transaction: Hex })[]> {
  const groups = new Map<bigint, (T & { transaction: Hex })[]>();
  for (const { values, transaction } of told) {
    const group = groups.get(values.slot) ?? [];
    group.push({ ...values, transaction });
    groups.set(values.slot, group);
  }
  return groups;
}

/** The cleared slots of a window, oldest first: with all their lines, or those of one place. */
export async function slots(
  number: bigint,
  all: History,
  window: Window,
  index: number | undefined,
): Promise<SlotTold[]> {
  const begun = times(window, step(all, window));
  const place = index === undefined ? null : BigInt(index);
  const [cleared, settled, notes] = await Promise.all([
    events<ClearedValues>("Cleared", number, begun),
    events<SettledValues>("Settled", number, begun, place),
    events<NoteValues>("DeltaNote", number, begun, place),
  ]);
  const [lines, corrections] = [grouped(settled), grouped(notes)];
  const found = cleared.map(
    ({ values, transaction }): SlotTold => ({
      ...values,
      transaction,
      seconds: rulesAt(all, values.slot)?.rules.slotSeconds ?? 3600,
      lines: lines.get(values.slot) ?? [],
      notes: corrections.get(values.slot) ?? [],
    }),
  );
  return found.sort((a, b) => (a.slot < b.slot ? -1 : 1));
}

/** A household's slot in energy and money. */
export interface Row {
  slot: bigint;
  seconds: number;
  index: number;
  /** The slot's price; nothing where nothing was traded. */
  price: bigint | undefined;
  net: bigint;
  line: Line;
  tariff: Tariff;
  /** Whether the ledger posted what the rules say. */
  asPosted: boolean;
  transaction: Hex;
}

export const feesOf = (rules: Rules) => ({
  network: rules.networkFee,
  community: rules.communityFee,
  levy: rules.levy,
});

/** How a slot is dealt by these rules, among those who take part and weigh so much together. */
export const dealing = (rules: Rules, weights: number): Deal => ({
  mode: rules.mode,
  rounds: rules.rounds,
  k: { numerator: BigInt(rules.kNumerator), denominator: BigInt(rules.kDenominator) },
  price: rules.localPrice,
  weights,
});

/** A line that was settled, put in money again by the rules and prices of its slot. */
export function row(all: History, told: SlotTold, one: LineTold): Row | undefined {
  const seat = seatAt(all, one.index, told.slot);
  const tariff = seat && tariffAt(all, seat.supplier, told.slot);
  const rules = rulesAt(all, told.slot)?.rules;
  if (!tariff || !rules) return undefined;
  const found = line(one.net, one.local, told.price, feesOf(rules), tariff);
  return {
    slot: told.slot,
    seconds: told.seconds,
    index: one.index,
    price: told.traded ? told.price : undefined,
    net: one.net,
    line: found,
    tariff: { retail: tariff.retail, feedIn: tariff.feedIn },
    asPosted: found.household === one.prepaid + one.statement && found.grid === one.statement,
    transaction: one.transaction,
  };
}

/** What every household's slots came to. */
export const rows = (all: History, told: readonly SlotTold[]): Row[] =>
  told.flatMap((slot) => slot.lines.flatMap((one) => row(all, slot, one) ?? []));

/** A correction in money. */
export interface Note extends NoteTold {
  /** What it changes with the grid alone. */
  gridOnly: bigint;
}

export function notes(all: History, told: readonly SlotTold[]): Note[] {
  return told.flatMap((slot) =>
    slot.notes.map((note) => {
      const seat = seatAt(all, note.index, slot.slot);
      const tariff = seat && tariffAt(all, seat.supplier, slot.slot);
      const gridOnly = tariff ? beside(note.net, tariff) - beside(note.before, tariff) : 0n;
      return { ...note, gridOnly };
    }),
  );
}

/** What a buyer pays for a kWh of a neighbour, fees included. */
export const allIn = (price: bigint, rules: Rules): bigint => price + fees(rules);
