/**
 * One price for all, as the law of energy has it: a uniform-price double auction of the greatest volume.
 * Bids are taken from the dearest down, offers from the cheapest up, while a bid is at least an offer. Every
 * price between `lo` and `hi` would clear the slot; `k` says where between them the price is.
 */
import type { Hex } from "@commonhold/web/ledger/api";
import { least, type Part, ration, total } from "./rationing";

export interface Order {
  id: Hex;
  /** Micro-currency per kWh. */
  price: bigint;
  /** Wh, one at least. */
  quantity: bigint;
}

export interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

export interface Clearing {
  price: bigint | undefined;
  bounds: [bigint, bigint] | undefined;
  volume: bigint;
  bidFills: bigint[];
  offerFills: bigint[];
}

/** A step of a ladder: so much at a price. */
export interface Step {
  price: bigint;
  quantity: bigint;
}

/** Dearest first where `falling`, cheapest first otherwise. */
export function ladder(orders: readonly Step[], falling: boolean): Step[] {
  const steps = orders.map(({ price, quantity }) => ({ price, quantity }));
  return steps.sort((a, b) => (a.price === b.price ? 0 : a.price < b.price === falling ? 1 : -1));
}

interface Swept {
  volume: bigint;
  last: [bigint, bigint] | undefined;
  nextBid: bigint | undefined;
  nextOffer: bigint | undefined;
}

function sweep(demand: Step[], supply: Step[]): Swept {
  let [bid, offer] = [demand.shift(), supply.shift()];
  let volume = 0n;
  let last: [bigint, bigint] | undefined;
  while (bid && offer && bid.price >= offer.price) {
    const taken = least(bid.quantity, offer.quantity);
    volume += taken;
    last = [bid.price, offer.price];
    bid = bid.quantity === taken ? demand.shift() : { ...bid, quantity: bid.quantity - taken };
    offer = offer.quantity === taken ? supply.shift() : { ...offer, quantity: offer.quantity - taken };
  }
  return { volume, last, nextBid: bid?.price, nextOffer: offer?.price };
}

/** What each order of a side gets: all of it where it is better than the margin, a share of the rest at it. */
function fills(
  orders: readonly Order[],
  margin: bigint,
  better: (price: bigint) => boolean,
  volume: bigint,
  key: Hex,
): bigint[] {
  const all = orders.map((order) => (better(order.price) ? order.quantity : 0n));
  const level: (Part & { at: number })[] = orders.flatMap((order, at) =>
    order.price === margin ? [{ id: order.id, size: order.quantity, at }] : [],
  );
  const shares = ration(level, volume - total(all), key);
  for (const [number, { at }] of level.entries()) all[at] = shares[number] ?? 0n;
  return all;
}

export function clear(bids: readonly Order[], offers: readonly Order[], k: Fraction, key: Hex): Clearing {
  const swept = sweep(ladder(bids, true), ladder(offers, false));
  if (!swept.last) {
    const none = { price: undefined, bounds: undefined, volume: 0n };
    return { ...none, bidFills: bids.map(() => 0n), offerFills: offers.map(() => 0n) };
  }
  const [lastBid, lastOffer] = swept.last;
  const lo = swept.nextBid !== undefined && swept.nextBid > lastOffer ? swept.nextBid : lastOffer;
  const hi = swept.nextOffer !== undefined && swept.nextOffer < lastBid ? swept.nextOffer : lastBid;
  return {
    price: lo + ((hi - lo) * k.numerator) / k.denominator,
    bounds: [lo, hi],
    volume: swept.volume,
    bidFills: fills(bids, lastBid, (price) => price > lastBid, swept.volume, key),
    offerFills: fills(offers, lastOffer, (price) => price < lastOffer, swept.volume, key),
  };
}

/**
 * The linear check, without sorting: within limits and what is wanted, both sides the volume, who is better
 * than the price filled, and only one side rationed at it. Then no one price clears more.
 */
export function holds(
  bids: readonly Order[],
  offers: readonly Order[],
  price: bigint | undefined,
  volume: bigint,
  bidFills: readonly bigint[],
  offerFills: readonly bigint[],
): boolean {
  if (bids.length !== bidFills.length || offers.length !== offerFills.length) return false;
  if (price === undefined) {
    const crosses = bids.some((bid) => offers.some((offer) => bid.price >= offer.price));
    return !crosses && volume === 0n && [...bidFills, ...offerFills].every((fill) => fill === 0n);
  }
  const side = (orders: readonly Order[], got: readonly bigint[], buys: boolean) => {
    let waits = false;
    const good = orders.every((order, at) => {
      const fill = got[at] ?? 0n;
      if (fill < 0n || fill > order.quantity) return false;
      if (order.price === price) {
        waits ||= fill !== order.quantity;
        return true;
      }
      return fill === (order.price > price === buys ? order.quantity : 0n);
    });
    return { good: good && total(got) === volume, waits };
  };
  const [bought, sold] = [side(bids, bidFills, true), side(offers, offerFills, false)];
  return volume > 0n && bought.good && sold.good && !(bought.waits && sold.waits);
}
