/** The browser's arithmetic beside the program's: golden files say what the program found (`golden/README.md`). */
import { readFileSync } from "node:fs";
import type { Hex } from "@commonhold/web/ledger/api";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, keccak256, numberToHex, stringToBytes, stringToHex } from "viem";
import { describe, expect, test } from "vitest";
import { clear, type Fraction, holds, type Order } from "./clearing";
import books from "./golden/books.json";
import cleared from "./golden/cleared.json";
import runs from "./golden/street.json";
import { ration, total } from "./rationing";
import { line, round, sum } from "./settlement";
import { KEY_PARTS, type Key, share } from "./sharing";
import { settle, slotKey, type Wish } from "./slot";

const named = (name: string): Hex => keccak256(stringToHex(name));

function fraction(text: string): Fraction {
  const [numerator, denominator = "1"] = text.split("/");
  return { numerator: BigInt(numerator ?? 0), denominator: BigInt(denominator) };
}

describe("clearing", () => {
  const orders = (list: (string | number)[][]): Order[] =>
    list.map(([name, price, wh]) => ({
      id: named(String(name)),
      price: BigInt(price ?? 0),
      quantity: BigInt(wh ?? 0),
    }));
  test.each(cleared)("$id at $k", (golden) => {
    const book = books.books.find((one) => one.id === golden.id);
    const [bids, offers] = [orders(book?.bids ?? []), orders(book?.offers ?? [])];
    const found = clear(bids, offers, fraction(golden.k), named(golden.id));
    const big = (value: number | null) => (value === null ? undefined : BigInt(value));
    expect(found.price).toBe(big(golden.price));
    expect(found.bounds?.[0]).toBe(big(golden.lo));
    expect(found.bounds?.[1]).toBe(big(golden.hi));
    expect(found.volume).toBe(BigInt(golden.volume));
    const fills = (side: string, list: (string | number)[][], got: bigint[]) =>
      list.flatMap(([name], at) => (got[at] ? [[`${side} ${name}`, Number(got[at])]] : []));
    const all = [
      ...fills("b", book?.bids ?? [], found.bidFills),
      ...fills("o", book?.offers ?? [], found.offerFills),
    ];
    expect(Object.fromEntries(all)).toEqual(golden.fills);
    expect(holds(bids, offers, found.price, found.volume, found.bidFills, found.offerFills)).toBe(
      golden.holds,
    );
    // One Wh more or less for somebody, and it holds no longer.
    for (const [at, fill] of found.bidFills.entries()) {
      const other = found.bidFills.with(at, fill + 1n);
      expect(holds(bids, offers, found.price, found.volume, other, found.offerFills)).toBe(false);
    }
  });
});

describe("a day of the sample street", () => {
  const street = new URL("../../../../samples/energy/street/", import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, street), "utf8");
  const homes: { home: string; role: string; file: string }[] = JSON.parse(read("community.json")).homes;
  const tariffs = JSON.parse(read("tariffs.json"));
  const nets = homes.map(({ file, role }) =>
    read(file)
      .trim()
      .split("\n")
      .slice(1)
      .map((row) => {
        const [, consumed, generated] = row.split(",").map(BigInt);
        // Whoever only consumes has nothing on the roof, whatever the table says.
        return (consumed ?? 0n) - (role === "consumer" ? 0n : (generated ?? 0n));
      }),
  );
  /** A number from 0 to 1,000, as the program spreads limits by name. */
  const spread = (side: string, home: string) => {
    const head = sha256(stringToBytes(side + home)).slice(0, 4);
    return head.reduce((all, byte) => all * 256n + BigInt(byte), 0n) % 1_001n;
  };
  test.each(runs)("$tariff, $mode, $k", (golden) => {
    const told = tariffs[golden.tariff];
    const tariff = { retail: BigInt(told.retail_import), feedIn: BigInt(told.feed_in) };
    const fees = {
      network: BigInt(told.local_network_fee),
      community: BigInt(told.community_fee ?? 0),
      levy: BigInt(told.levy ?? 0),
    };
    const band = tariff.retail - fees.network - fees.community - fees.levy - tariff.feedIn;
    const limit = (side: string, home: string, from: bigint) =>
      tariff.feedIn + (band * (from + spread(side, home) / 2n)) / 1_000n;
    const lines = homes.map(() => [] as ReturnType<typeof line>[]);
    let [local, active] = [0n, 0];
    for (let slot = 0; slot < 48; slot += 1) {
      const key = keccak256(concat([stringToHex("street"), numberToHex(slot, { size: 8 })]));
      const wants = homes.map(({ home }, at) => ({ id: named(home), home, at, net: nets[at]?.[slot] ?? 0n }));
      const [buyers, sellers] = [wants.filter(({ net }) => net > 0n), wants.filter(({ net }) => net < 0n)];
      let [price, bought, sold]: [bigint, bigint[], bigint[]] = [tariff.feedIn + band / 2n, [], []];
      const exports = sellers.map(({ id, net }) => ({ id, size: -net }));
      if (golden.mode === "auction") {
        const bids = buyers.map(({ id, home, net }) => ({
          id,
          price: limit("buy", home, 500n),
          quantity: net,
        }));
        const offers = sellers.map(({ id, home, net }) => ({
          id,
          price: limit("sell", home, 0n),
          quantity: -net,
        }));
        const found = clear(bids, offers, fraction(golden.k), key);
        [price, bought, sold] = [found.price ?? 0n, found.bidFills, found.offerFills];
      } else {
        const parts = KEY_PARTS / BigInt(homes.length);
        const sharers = buyers.map(({ id, net, at }) => ({ id, size: net, rank: at, parts }));
        const available = total(exports.map(({ size }) => size));
        const by = (golden.mode.split("-")[0] ?? "") as Key;
        bought = share(by, available, sharers, { rounds: 5, key });
        sold = ration(exports, total(bought), key);
      }
      local += total(bought);
      if (total(bought) > 0n) active += 1;
      const fills = new Map([
        ...buyers.map(({ at }, n): [number, bigint] => [at, bought[n] ?? 0n]),
        ...sellers.map(({ at }, n): [number, bigint] => [at, sold[n] ?? 0n]),
      ]);
      for (const { at, net } of wants) lines[at]?.push(line(net, fills.get(at) ?? 0n, price, fees, tariff));
    }
    expect([Number(local), active]).toEqual([golden.local, golden.active]);
    const bills = lines.map(sum);
    for (const [at, bill] of bills.entries()) {
      const energy = [bill.importLocal, bill.importGrid, bill.exportLocal, bill.exportGrid];
      const money = [-bill.gridOnly, -bill.household, -round(bill.household).cents];
      expect([homes[at]?.home, ...[...energy, ...money].map(Number)]).toEqual(golden.bills[at]);
      expect(bill.household).toBe(bill.local + bill.fees + bill.grid);
    }
    const together = sum(bills);
    expect([Number(-together.household), Number(-together.gridOnly)]).toEqual([golden.paid, golden.gridOnly]);
    expect(Number(total(bills.map((bill) => round(bill.household).rest)))).toBe(golden.rounding);
  });
});

describe("a slot", () => {
  const key = slotKey(1n, 1_781_431_200n);
  const wishes: Wish[] = [
    { index: 0, limit: 200_000n, net: 700n, weight: 1 },
    { index: 1, limit: 60_000n, net: -900n, weight: 1 },
    { index: 2, limit: 150_000n, net: 400n, weight: 1 },
    { index: 3, limit: 70_000n, net: -100n, weight: 1 },
  ];
  const deal = { rounds: 3, k: { numerator: 1n, denominator: 2n }, price: 120_000n, weights: 4 };
  test.each([0, 1, 2, 3, 4])("mode %i gives what it takes, in whatever order", (mode) => {
    const found = settle(wishes, { ...deal, mode }, key);
    expect(found.holds).toBe(true);
    const of = (index: number) => found.fills.get(index) ?? 0n;
    expect(of(0) + of(2)).toBe(found.volume);
    expect(of(1) + of(3)).toBe(found.volume);
    expect(settle(wishes.toReversed(), { ...deal, mode }, key).fills).toEqual(
      new Map([...found.fills].toReversed().sort(([a], [b]) => order(a) - order(b))),
    );
  });
  /** The reversed list's own order: buyers first. */
  const order = (index: number) => [2, 0, 3, 1].indexOf(index);
  test("shares go by weight", () => {
    const heavy = wishes.map((wish) => (wish.index === 2 ? { ...wish, weight: 3 } : wish));
    const fills = (mode: number) => {
      const found = settle(heavy, { ...deal, mode, weights: 6 }, key);
      expect(found.holds).toBe(true);
      return [0, 2].map((index) => found.fills.get(index));
    };
    // A sixth of 1,000 and a half of it; the rest again; the heaviest first.
    expect([fills(1), fills(2), fills(4)]).toEqual([
      [166n, 400n],
      [600n, 400n],
      [600n, 400n],
    ]);
  });
  test("nothing trades where nobody meets", () => {
    const apart = wishes.map((wish) => ({ ...wish, limit: wish.net > 0n ? 50_000n : 60_000n }));
    const found = settle(apart, { ...deal, mode: 0 }, key);
    expect([found.price, found.volume, found.holds]).toEqual([undefined, 0n, true]);
  });
  test("an amount is rounded once, half a cent away from zero", () => {
    expect(round(15_000_000n)).toEqual({ cents: 2n, rest: -5_000_000n });
    expect(round(-15_000_000n)).toEqual({ cents: -2n, rest: 5_000_000n });
    expect(round(14_999_999n)).toEqual({ cents: 1n, rest: 4_999_999n });
  });
});
