/** A slot from readings and limits to a price and everybody's share, by the rules that hold in it. */
import type { Hex } from "@commonhold/web/ledger/api";
import { encodeAbiParameters, keccak256 } from "viem";
import { clear, type Fraction, holds, type Order } from "./clearing";
import { placeId, ration, total } from "./rationing";
import { KEY_PARTS, type Key, share } from "./sharing";

/** How communities deal, by the ledger's numbers. */
export const MODES = ["auction", "static", "hybrid", "dynamic", "priority"] as const;
export const AUCTION = 0;

export interface Deal {
  mode: number;
  rounds: number;
  k: Fraction;
  /** The price under a sharing key. */
  price: bigint;
  /** What all who take part weigh together, under the static and hybrid keys. */
  weights: number;
}

/** What a meter wants: imports above zero. */
export interface Wish {
  index: number;
  limit: bigint;
  net: bigint;
  /** What it weighs under the static, hybrid and priority keys. */
  weight: number;
}

/** The greatest weight; the law's WEIGHT_MAX. */
const WEIGHT_MAX = 8191;

/** Whose turn it is under the priority key: the heaviest, and of one weight the first to join. */
const rank = ({ index, weight }: Wish) => (WEIGHT_MAX - weight) * 2 ** 14 + index;

export interface Dealt {
  /** Nothing where nothing was traded. */
  price: bigint | undefined;
  bounds: [bigint, bigint] | undefined;
  volume: bigint;
  /** By place. */
  fills: Map<number, bigint>;
  /** Whether what was found passes the linear check, or adds up, under a sharing key. */
  holds: boolean;
}

/** What decides the ties of a slot: the community and the slot, and nothing else. */
export function slotKey(community: bigint, slot: bigint): Hex {
  return keccak256(encodeAbiParameters([{ type: "uint64" }, { type: "uint64" }], [community, slot]));
}

const size = (wish: Wish) => (wish.net < 0n ? -wish.net : wish.net);
const order = (wish: Wish): Order => ({ id: placeId(wish.index), price: wish.limit, quantity: size(wish) });

export function sides(wishes: readonly Wish[]): { buyers: Wish[]; sellers: Wish[] } {
  return { buyers: wishes.filter((wish) => wish.net > 0n), sellers: wishes.filter((wish) => wish.net < 0n) };
}

function together(buyers: Wish[], sellers: Wish[], bought: bigint[], sold: bigint[]): Map<number, bigint> {
  const of = (all: Wish[], fills: bigint[]): [number, bigint][] =>
    all.map((wish, at) => [wish.index, fills[at] ?? 0n]);
  return new Map([...of(buyers, bought), ...of(sellers, sold)]);
}

export function settle(wishes: readonly Wish[], deal: Deal, key: Hex): Dealt {
  const { buyers, sellers } = sides(wishes);
  if (deal.mode === AUCTION) {
    const [bids, offers] = [buyers.map(order), sellers.map(order)];
    const found = clear(bids, offers, deal.k, key);
    const { price, bounds, volume, bidFills, offerFills } = found;
    return {
      price,
      bounds,
      volume,
      fills: together(buyers, sellers, bidFills, offerFills),
      holds: holds(bids, offers, price, volume, bidFills, offerFills),
    };
  }
  const parts = ({ weight }: Wish) =>
    deal.weights === 0 ? 0n : (KEY_PARTS * BigInt(weight)) / BigInt(deal.weights);
  const part = (wish: Wish) => ({
    id: placeId(wish.index),
    size: size(wish),
    rank: rank(wish),
    parts: parts(wish),
  });
  const exports = sellers.map(part);
  const available = total(exports.map((entry) => entry.size));
  const by = (MODES[deal.mode] ?? "dynamic") as Key;
  const got = share(by, available, buyers.map(part), { rounds: deal.rounds, key });
  const volume = total(got);
  const gave = ration(exports, volume, key);
  const within = buyers.every((wish, at) => (got[at] ?? 0n) <= size(wish));
  return {
    price: volume === 0n ? undefined : deal.price,
    bounds: volume === 0n ? undefined : [deal.price, deal.price],
    volume,
    fills: together(buyers, sellers, got, gave),
    holds: within && total(gave) === volume,
  };
}
