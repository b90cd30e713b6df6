/** What is pure beside the market: calendars, shapes, words, and a proof that fails where the ledger is changed. */
import type { Hex } from "@commonhold/web/ledger/api";
import { describe, expect, test } from "vitest";
import { reckon } from "./Bill";
import { record, signedBytes, wattHours } from "./Corrections";
import type { History, SlotTold } from "./gathering";
import { limitsAt, row, rows, takesPart, tariffAt, weighing } from "./gathering";
import { micro, nano, typed } from "./Limits";
import type { Community, Rules, Slot } from "./law";
import golden from "./market/golden/slots.json";
import { line } from "./market/settlement";
import { slotKey } from "./market/slot";
import * as months from "./months";
import { compare, type Reading } from "./proving";
import { amount, cents, energy, small, whole } from "./shared";
import { outline, shade, stacked, steppedArea, steppedLine, ticks } from "./stacks";
import { meant, written } from "./WhatIf";

describe("days and months", () => {
  test("a month has its days, and each its hours", () => {
    expect(months.daysOf("2026-02")).toHaveLength(28);
    expect(months.daysOf("2028-02").at(-1)).toBe("2028-02-29");
    const june = months.month("2026-06");
    expect(june).toEqual({ from: 1_780_272_000, to: 1_780_272_000 + 30 * 86_400 });
    const day = months.day("2026-06-15");
    expect(months.times(day ?? { from: 0, to: 0 }, 3600)).toHaveLength(24);
    expect(months.times(day ?? { from: 0, to: 0 }, 900)).toHaveLength(96);
    expect(months.times({ from: 1, to: 3601 }, 900)).toEqual([900n, 1800n, 2700n, 3600n]);
  });
  test("one goes to the next and the one before", () => {
    expect(months.dayAfter("2026-12-31", 1)).toBe("2027-01-01");
    expect(months.dayAfter("2026-03-01", -1)).toBe("2026-02-28");
    expect(months.monthAfter("2026-01", -1)).toBe("2025-12");
    expect(months.dayOf(1_781_524_800)).toBe("2026-06-15");
    expect(months.clock(1_781_524_800)).toBe("12:00");
  });
  test("they go by the offset that is named, wherever the browser is", () => {
    months.goBy("+02:00");
    expect(months.month("2026-06")).toEqual({ from: 1_780_264_800, to: 1_780_264_800 + 30 * 86_400 });
    expect(months.clock(1_781_524_800)).toBe("14:00");
    expect(months.dayOf(1_781_474_400)).toBe("2026-06-15");
    expect(months.dayOf(1_781_474_399)).toBe("2026-06-14");
    expect(months.hourOf(1_781_474_400)).toBe(0);
    months.goBy("-09:30");
    expect(months.dayOf(1_781_474_400)).toBe("2026-06-14");
    // Where the clocks of many places are put forward, a day still has its hours.
    const spring = months.day("2026-03-29");
    expect(months.times(spring ?? { from: 0, to: 0 }, 3600)).toHaveLength(24);
    months.goBy(undefined);
    expect(months.times(months.day("2026-03-29") ?? { from: 0, to: 0 }, 3600)).toHaveLength(24);
    for (const text of ["", "02:00", "+2:00", "+15:00", "+01:60", "+14:01"]) {
      expect(months.offset(text), text).toBeUndefined();
    }
  });
  test("what is no day is none", () => {
    for (const text of ["", "2026-02-30", "2026-6-1", "yesterday", "2026-13-01"])
      expect(months.day(text)).toBeUndefined();
    for (const text of ["2026", "2026-00", "2026-06-01"]) expect(months.month(text)).toBeUndefined();
  });
});

describe("shapes", () => {
  test("ticks are round and reach the highest", () => {
    expect(ticks(3.7, 4)).toEqual([0, 1, 2, 3, 4]);
    expect(ticks(310_000, 4).at(-1)).toBeGreaterThanOrEqual(310_000);
    expect(ticks(0)).toEqual([0, 1]);
    expect(ticks(Number.NaN)).toEqual([0, 1]);
  });
  test("series stand on each other", () => {
    const bands = stacked([
      [1, 0, 2],
      [3, 4, 0],
    ]);
    expect(bands[1]).toEqual([
      { from: 1, to: 4 },
      { from: 0, to: 4 },
      { from: 2, to: 2 },
    ]);
    expect(steppedArea(bands[1] ?? [], 10, (value) => 100 - value)).toBe("M0 99V96H10V96H20V100H10V99H0Z");
    expect(steppedArea([{ from: 0, to: 0 }], 10, (value) => value)).toBe("");
  });
  test("a line breaks where there is nothing", () => {
    expect(steppedLine([1, undefined, 2, 3], 10, (value) => value)).toBe("M0 1H10M20 2H30V3H40");
  });
  test("demand falls, supply rises", () => {
    const orders = [
      { price: 10n, quantity: 5n },
      { price: 20n, quantity: 3n },
    ];
    expect(outline(orders, true).map(({ wh, price }) => [wh, price])).toEqual([
      [0, 20],
      [3, 20],
      [3, 10],
      [8, 10],
    ]);
    expect(outline(orders, false)[0]).toEqual({ wh: 0, price: 10 });
  });
  test("shades go from none to all", () => {
    expect([0, 1, 25, 26, 100].map((value) => shade(value, 100))).toEqual([0, 1, 1, 2, 4]);
    expect(shade(5, 0)).toBe(0);
  });
});

describe("amounts", () => {
  test("money is shown to the cent, exactly in files", () => {
    expect(amount(2_879_960_000n)).toBe("2.88");
    expect(amount(-15_000_000n)).toBe("−0.02");
    expect(small(-50_530_000n)).toBe("−0.0505");
    expect(whole(-50_530_000n)).toBe("-0.050530000");
    expect(cents(215_000n)).toBe("21.50");
    expect([energy(999n), energy(1_234n), energy(123_456n)]).toEqual(["999 Wh", "1.2 kWh", "123 kWh"]);
  });
  test("prices and sums are read as people write them", () => {
    expect([micro("21.5"), micro("21,5"), micro("-1"), micro("0.0001")]).toEqual([
      215_000n,
      215_000n,
      -10_000n,
      1n,
    ]);
    for (const value of [143_217n, 280_000n, -5n, 0n]) expect(micro(typed(value))).toBe(value);
    expect([typed(143_217n), typed(280_000n)]).toEqual(["14.3217", "28.00"]);
    for (const text of ["", "much", "1.23456", "99999", "1e3"]) expect(micro(text)).toBeUndefined();
    expect(nano("12.5")).toBe(12_500_000_000n);
    for (const text of ["", "-1", "1.0000000001"]) expect(nano(text)).toBeUndefined();
  });
});

describe("what is typed into forms", () => {
  test("records, readings and energy are read or are none", () => {
    const name = `0x${"ab".repeat(32)}`;
    expect([record(` ${name} `), record(name.slice(2)), record(`${name}0`)]).toEqual([
      name,
      undefined,
      undefined,
    ]);
    const bytes = "d2".repeat(40);
    expect([signedBytes(bytes), signedBytes(`0x${bytes}`)]).toEqual([`0x${bytes}`, `0x${bytes}`]);
    for (const text of ["", "0x", "d2d", "zz".repeat(40), "d2".repeat(5_000)])
      expect(signedBytes(text)).toBeUndefined();
    expect([wattHours("420"), wattHours("-1800"), wattHours("−5")]).toEqual([420n, -1_800n, -5n]);
    for (const text of ["", "1.5", "1e3", "9".repeat(11)]) expect(wattHours(text)).toBeUndefined();
  });
});

const rules: Rules = {
  mode: 0,
  rounds: 0,
  kNumerator: 1,
  kDenominator: 2,
  localPrice: 0n,
  networkFee: 60_000n,
  communityFee: 5_000n,
  levy: 0n,
  slotSeconds: 3600,
  graceSeconds: 0,
  finalSeconds: 0,
};
const transaction = `0x${"1".repeat(64)}` as Hex;
const supplier = `0x${"5".repeat(40)}` as Hex;
const household = (index: number) => `0x${String(index + 1).repeat(40)}` as Hex;

/** Limits as the homes of the golden slots had set them. */
const LIMITS: [bigint, bigint][] = [
  [215_000n, 80_000n],
  [200_000n, 70_000n],
  [190_000n, 95_000n],
  [175_000n, 70_000n],
  [205_000n, 105_000n],
  [160_000n, 70_000n],
];

const history: History = {
  rules: [{ from: 0n, transaction, rules }],
  tariffs: [{ from: 1n, transaction, supplier, retail: 310_000n, feedIn: 80_000n }],
  limits: LIMITS.map(([buy, sell], index) => ({ from: 1n, transaction, index, buy, sell })),
  weights: [],
  active: LIMITS.map((_, index) => ({ from: 1n, transaction, index, active: true })),
  seats: LIMITS.map((_, index) => ({
    from: 1n,
    transaction,
    index,
    household: household(index),
    meter: transaction,
    supplier,
    technology: transaction,
  })),
};

const place = { number: 1n, community: { ceiling: 310_000n, rules } as Community, history };

/** A golden slot as the ledger's events tell it. */
function told(entry: (typeof golden)[number]): { told: SlotTold; said: Slot; read: Reading[] } {
  const slot = BigInt(entry.slot);
  const all = entry.lines.map((one) => one.map(BigInt));
  const fees = { network: rules.networkFee, community: rules.communityFee, levy: rules.levy };
  const tariff = { retail: 310_000n, feedIn: 80_000n };
  const lines = all.map(([index = 0n, net = 0n, limit = 0n, local = 0n]) => {
    const { household: money, grid } = line(net, local, BigInt(entry.price), fees, tariff);
    const posted = { prepaid: money - grid, statement: grid };
    return { slot, index: Number(index), net, ordered: true, limit, local, ...posted, transaction };
  });
  const [price, volume] = [BigInt(entry.price), BigInt(entry.volume)];
  const base = { slot, traded: volume > 0n, price, volume, readings: lines.length };
  const said = {
    ...{ state: 2, readings: lines.length, meters: 6, settled: 6, mode: 0, weights: 0 },
    ...{ traded: true, price, lowest: BigInt(entry.lo), highest: BigInt(entry.hi), volume },
    key: entry.key as Hex,
  };
  const read = lines.map(({ index, net }) => ({
    ...{ index, net, version: 1, quality: 0, digest: transaction, transaction, isSigned: true },
  }));
  return { told: { ...base, seconds: 3600, transaction, lines, notes: [] }, said, read };
}

describe("a proof", () => {
  test.each(golden)("of slot $slot agrees with the ledger", (entry) => {
    const { told: slot, said, read } = told(entry);
    expect(slotKey(1n, BigInt(entry.slot))).toBe(entry.key);
    const proved = compare(place, slot, said, read);
    expect(proved?.checks.filter((check) => !check.agrees)).toEqual([]);
    expect(proved?.agrees).toBe(true);
  });
  const { told: slot, said, read } = told(golden[2] as (typeof golden)[number]);
  const line0 = slot.lines[0];
  if (!line0) throw new Error("the golden slot has lines");
  const with0 = (change: Partial<typeof line0>) => ({
    ...slot,
    lines: [{ ...line0, ...change }, ...slot.lines.slice(1)],
  });
  const read0 = read[0] as Reading;
  test.each<[string, SlotTold, Slot, Reading[], string]>([
    ["price", { ...slot, price: slot.price + 1n }, said, read, "price"],
    ["volume", { ...slot, volume: slot.volume + 1n }, said, read, "volume"],
    ["fill", with0({ local: line0.local - 1n }), said, read, "shares"],
    ["limit", with0({ limit: line0.limit + 1n }), said, read, "limits"],
    ["account", with0({ prepaid: line0.prepaid + 1n }), said, read, "money"],
    ["supplier", with0({ statement: line0.statement - 1n }), said, read, "money"],
    ["reading", with0({ net: line0.net - 1n }), said, read, "readings"],
    ["bounds", slot, { ...said, highest: said.highest + 1n }, read, "bounds"],
    ["tie-breaker", slot, { ...said, key: transaction }, read, "key"],
    ["signature", slot, said, [{ ...read0, isSigned: false }, ...read.slice(1)], "signed"],
    ["left out reading", slot, said, read.slice(1), "readings"],
  ])("fails where the %s is another", (_, other, alsoSaid, alsoRead, what) => {
    const proved = compare(place, other, alsoSaid, alsoRead);
    expect(proved?.agrees).toBe(false);
    expect(proved?.checks.filter((check) => !check.agrees).map((check) => check.what)).toContain(what);
  });
  test("waits while not everybody is settled", () => {
    expect(compare(place, slot, { ...said, state: 1 }, read)?.agrees).toBe(false);
  });
});

describe("what holds in a slot", () => {
  const later: History = {
    ...history,
    limits: [...history.limits, { from: 50n, transaction, index: 0, buy: 1n, sell: 2n }],
    weights: [{ from: 50n, transaction, index: 2, weight: 2 }],
    active: [...history.active, { from: 50n, transaction, index: 1, active: false }],
    tariffs: [...history.tariffs, { from: 50n, transaction, supplier, retail: 7n, feedIn: 3n }],
  };
  test("is what was set last before it", () => {
    expect(limitsAt(later, 0, 49n)?.buy).toBe(215_000n);
    expect(limitsAt(later, 0, 50n)?.buy).toBe(1n);
    expect([takesPart(later, 1, 49n), takesPart(later, 1, 50n)]).toEqual([true, false]);
    expect([weighing(later, 49n), weighing(later, 50n)]).toEqual([6, 6]);
    expect(tariffAt(later, supplier, 60n)?.retail).toBe(7n);
  });
  test("a supplier’s first prices hold before they were stated", () => {
    expect(tariffAt(later, supplier, 0n)?.retail).toBe(310_000n);
    expect(tariffAt(later, household(0), 60n)).toBeUndefined();
  });
});

describe("a bill", () => {
  const slots = golden.map((entry) => told(entry).told);
  const own = slots.map((slot) => ({ ...slot, lines: slot.lines.filter((one) => one.index === 1) }));
  test("is the sum of what was posted", () => {
    const bill = reckon(own, rows(history, own), []);
    expect(bill.holds).toBe(true);
    const posted = own
      .flatMap((slot) => slot.lines)
      .reduce((all, one) => all + one.prepaid + one.statement, 0n);
    expect(bill.all.household).toBe(posted);
  });
  test("says where it is not", () => {
    const [first, ...rest] = own;
    if (!first?.lines[0]) throw new Error("there is a line");
    const wrong = { ...first, lines: [{ ...first.lines[0], prepaid: first.lines[0].prepaid + 1n }] };
    expect(row(history, wrong, wrong.lines[0] as never)?.asPosted).toBe(false);
    expect(reckon([wrong, ...rest], rows(history, [wrong, ...rest]), []).holds).toBe(false);
  });
  test("has its corrections", () => {
    const note = { slot: 1n, index: 1, before: 10n, net: 20n, statement: -5n, gridOnly: -7n, transaction };
    const [with_, without] = [[note], []].map((notes) => reckon(own, rows(history, own), notes));
    expect((with_?.all.household ?? 0n) - (without?.all.household ?? 0n)).toBe(-5n);
    expect((with_?.all.gridOnly ?? 0n) - (without?.all.gridOnly ?? 0n)).toBe(-7n);
  });
});

describe("other rules", () => {
  test("are read as written", () => {
    expect(meant(written(rules))).toEqual({
      ...{ mode: 0, rounds: 0, kNumerator: 1, kDenominator: 2, localPrice: 0n },
      ...{ networkFee: 60_000n, communityFee: 5_000n, levy: 0n },
    });
    expect(meant({ ...written(rules), mode: 2, rounds: "3" })?.rounds).toBe(3);
  });
  test.each([
    { k: "2/1" },
    { k: "1/0" },
    { k: "half" },
    { network: "free" },
    { levy: "-1" },
    { rounds: "17" },
  ])("%o is none", (change) => {
    expect(meant({ ...written(rules), ...change })).toBeUndefined();
  });
});
