/**
 * Events seen from both ends of a fibre, put together as the law does it: the loss is the mean of both ends, and
 * what one end alone sees is taken as if the other had seen the largest loss that it could miss.
 */
import { distanceMm, type Event, pulseMm, type Sor } from "./read";

export interface Seen extends Event {
  /** Millimetres from the end that it is seen from. */
  atMm: number;
}

export interface Side {
  pulseMm: number;
  lossThreshold: number;
  /** By distance. */
  events: Seen[];
}

/** An event of a fibre. */
export interface Pair {
  /** Millimetres from end A. */
  atMm: number;
  /** mdB from each end, where it sees it. */
  a: number | undefined;
  b: number | undefined;
  /** mdB, the mean of both. */
  loss: number;
  /** mdB, the worse of both. */
  reflectance: number | undefined;
  /** A connector; otherwise a splice, or a bend. */
  connector: boolean;
}

export function side(sor: Sor): Side {
  const events = sor.events.map((event) => ({ ...event, atMm: distanceMm(sor, event.time) }));
  events.sort((a, b) => a.atMm - b.atMm);
  return { pulseMm: pulseMm(sor), lossThreshold: sor.lossThreshold, events };
}

/** Millimetres within which two ends' events are the same. */
export const tolerance = (side: Side, designMm: number) =>
  side.pulseMm + Math.floor((designMm * 5) / 10_000) + 5_000;

/**
 * Millimetres to the link's far end: the reflective event nearest to the design, where one is near; otherwise where
 * the trace ends. Nothing where nothing is seen.
 */
export function lengthMm(side: Side, designMm: number, tolerance: number): number | undefined {
  const near = Math.max(Math.floor((designMm * 2) / 100), tolerance);
  const far = (event: Seen) => Math.abs(event.atMm - designMm);
  const reflective = side.events.filter((event) => event.isReflective && far(event) <= near);
  const nearest = reflective.reduce<Seen | undefined>(
    (best, event) => (best === undefined || far(event) < far(best) ? event : best),
    undefined,
  );
  const end = nearest ?? side.events.find((event) => event.isEnd) ?? side.events.at(-1);
  return end?.atMm;
}

/** The link's own events: neither the trace's end nor what lies behind the link. */
const within = (side: Side, toMm: number) =>
  side.events.filter((event) => event.atMm <= toMm && !event.isEnd);

/** Half of a whole number, away from zero. */
const half = (sum: number) => Math.sign(sum) * Math.round(Math.abs(sum) / 2);

const worse = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

/** The events of both ends, by distance from end A. */
export function pair(a: Side, b: Side, linkMm: number, tolerance: number): Pair[] {
  const toMm = linkMm + tolerance;
  const mirrored = within(b, toMm).map((event) => ({ ...event, atMm: linkMm - event.atMm, taken: false }));
  const pairs = within(a, toMm).map((event): Pair => {
    let other: (typeof mirrored)[number] | undefined;
    const far = (one: Seen) => Math.abs(one.atMm - event.atMm);
    for (const one of mirrored) {
      if (!one.taken && far(one) <= tolerance && (other === undefined || far(one) < far(other))) other = one;
    }
    if (!other) return alone(event, b.lossThreshold, true);
    other.taken = true;
    return {
      atMm: Math.floor((event.atMm + other.atMm) / 2),
      a: event.loss,
      b: other.loss,
      loss: half(event.loss + other.loss),
      reflectance: worse(event.reflectance, other.reflectance),
      connector: event.isReflective || other.isReflective,
    };
  });
  for (const event of mirrored) if (!event.taken) pairs.push(alone(event, a.lossThreshold, false));
  return pairs.sort((one, other) => one.atMm - other.atMm);
}

function alone(event: Seen, threshold: number, fromA: boolean): Pair {
  return {
    atMm: event.atMm,
    a: fromA ? event.loss : undefined,
    b: fromA ? undefined : event.loss,
    loss: half(event.loss + threshold),
    reflectance: event.reflectance,
    connector: event.isReflective,
  };
}

/** The events of one end, where a contract asks for no more. */
export function single(a: Side, linkMm: number, tolerance: number): Pair[] {
  return within(a, linkMm + tolerance).map((event) => ({
    atMm: event.atMm,
    a: event.loss,
    b: undefined,
    loss: event.loss,
    reflectance: event.isReflective ? event.reflectance : undefined,
    connector: event.isReflective,
  }));
}

/** What of a fibre is over which limit, by its events at one wavelength. */
export interface Limits {
  spliceHard: number;
  splice95: number;
  connector: number;
  reflectance: number;
}

export type Fault = "splice" | "connector" | "reflectance" | "high";

/** What is wrong with an event; `high` is a splice that only few may be. */
export function fault(pair: Pair, limits: Limits): Fault | undefined {
  if (!pair.connector) {
    if (pair.loss > limits.spliceHard) return "splice";
    return pair.loss > limits.splice95 ? "high" : undefined;
  }
  if (pair.loss > limits.connector) return "connector";
  return pair.reflectance !== undefined && pair.reflectance > limits.reflectance ? "reflectance" : undefined;
}
