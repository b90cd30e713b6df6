/** Slots again in the browser: as the ledger should have dealt them, and under other rules. */
import {
  dealing,
  feesOf,
  type History,
  limitsAt,
  type Row,
  rulesAt,
  type SlotTold,
  seatAt,
  takesPart,
  tariffAt,
  weighing,
  weightAt,
} from "./gathering";
import { type Community, dearest, type Rules } from "./law";
import { line } from "./market/settlement";
import { type Dealt, settle, slotKey, type Wish } from "./market/slot";

/** What is other than it was. */
export interface Other {
  /** By place. */
  limits?: Map<number, { buy: bigint; sell: bigint }>;
  rules?: Partial<Rules>;
}

interface Where {
  number: bigint;
  community: Community;
  history: History;
}

export interface Again {
  dealt: Dealt;
  wishes: Wish[];
  rules: Rules;
  rows: Row[];
}

/** Who wants what in a slot: by what meters said, and the limits and places that held in it. */
export function wishes(
  history: History,
  slot: bigint,
  nets: readonly { index: number; net: bigint }[],
  most: bigint,
  other?: Other["limits"],
): Wish[] {
  return nets.flatMap(({ index, net }) => {
    const limits = other?.get(index) ?? limitsAt(history, index, slot);
    if (net === 0n || !limits || !takesPart(history, index, slot)) return [];
    const buy = limits.buy < most ? limits.buy : most;
    const limit = net > 0n ? buy : limits.sell;
    return [{ index, net, limit, weight: weightAt(history, index, slot) }];
  });
}

/** A slot again, from readings to money. */
export function slotAgain(
  { number, community, history }: Where,
  slot: bigint,
  nets: readonly { index: number; net: bigint }[],
  other: Other = {},
): Again | undefined {
  const held = rulesAt(history, slot)?.rules;
  if (!held) return undefined;
  const rules = { ...held, ...other.rules };
  const wanted = wishes(history, slot, nets, dearest(community.ceiling, rules), other.limits);
  const dealt = settle(wanted, dealing(rules, weighing(history, slot)), slotKey(number, slot));
  const rows = nets.flatMap(({ index, net }): Row[] => {
    const seat = seatAt(history, index, slot);
    const tariff = seat && tariffAt(history, seat.supplier, slot);
    if (!tariff) return [];
    const found = line(net, dealt.fills.get(index) ?? 0n, dealt.price ?? 0n, feesOf(rules), tariff);
    return [
      {
        slot,
        seconds: rules.slotSeconds,
        index,
        price: dealt.price,
        net,
        line: found,
        tariff: { retail: tariff.retail, feedIn: tariff.feedIn },
        asPosted: false,
        transaction: "0x",
      },
    ];
  });
  return { dealt, wishes: wanted, rules, rows };
}

/** Slots as they were read, under other limits or rules. */
export function again(
  where: Where,
  told: readonly SlotTold[],
  other: Other,
): { rows: Row[]; volume: bigint } {
  const all = told.flatMap((slot) => slotAgain(where, slot.slot, slot.lines, other) ?? []);
  return {
    rows: all.flatMap((one) => one.rows),
    volume: all.reduce((sum, one) => sum + one.dealt.volume, 0n),
  };
}
