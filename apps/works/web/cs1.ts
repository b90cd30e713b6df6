/**
 * CS-1: a score computed again, from the facts alone, as `credit.rs` of the law says. Whole numbers; all divisions
 * round down.
 */
import { type Fact, PART } from "./law";

/** Seconds of an epoch. */
const EPOCH_SECONDS = 2_592_000n;
/** A full event. */
const UNIT = 100_000n;
/** What everybody starts from, basis points, and how much that weighs. */
export const PRIOR_MEAN = 7_000n;
const PRIOR_WEIGHT = 300_000n;
/** What one counterparty weighs at most in a dimension. */
const GROUP_WEIGHT_MAX = 800_000n;
/** Permille that a counterparty counts of whom nothing is known. */
export const CREDIBILITY_UNKNOWN = 400n;
/** Seconds after which a fact counts. */
export const CHALLENGE_SECONDS = 14 * 86_400;
/** Seconds in which members decide an appeal; then the fact stands. */
export const APPEAL_SECONDS = 30 * 86_400;
/** Epochs after which nothing is left of a fact. */
const EPOCHS_MAX = 108;

/** Permille of the score, and what one fact weighs, by part and dimension. */
export const DIMENSIONS: Record<number, readonly { omega: bigint; base: bigint }[]> = {
  [PART.executor]: [
    { omega: 250n, base: 100n },
    { omega: 300n, base: 100n },
    { omega: 150n, base: 60n },
    { omega: 100n, base: 30n },
    { omega: 150n, base: 80n },
    { omega: 50n, base: 100n },
  ],
  [PART.owner]: [
    { omega: 500n, base: 100n },
    { omega: 250n, base: 60n },
    { omega: 100n, base: 60n },
    { omega: 150n, base: 100n },
  ],
  [PART.supervisor]: [
    { omega: 400n, base: 60n },
    { omega: 400n, base: 100n },
    { omega: 200n, base: 100n },
  ],
};

const VERIFIED = [0n, 300n, 700n, 1000n];

/** What is left of a fact after so many epochs, by 2^20. */
export function decay(epochs: number): bigint {
  if (epochs < 0 || epochs >= EPOCHS_MAX) return 0n;
  return BigInt(Math.round(2 ** 20 * 2 ** (-epochs / 18)));
}

export const epoch = (seconds: bigint | number) => Number(BigInt(seconds) / EPOCH_SECONDS);

/** `clamp(1 + floor(log2(1 + value / 1,000,000)), 1, 8)`. */
export function valueFactor(value: bigint): bigint {
  const bits = (value / 1_000_000n + 1n).toString(2).length;
  return BigInt(Math.min(8, bits));
}

function root(n: bigint): bigint {
  if (n < 2n) return n;
  let at = BigInt(Math.floor(Math.sqrt(Number(n))));
  while (at * at > n) at -= 1n;
  while ((at + 1n) * (at + 1n) <= n) at += 1n;
  return at;
}

export interface Computed {
  micro: bigint;
  coverage: bigint;
  /** Basis points, by dimension. */
  means: bigint[];
}

interface Sums {
  weight: bigint;
  outcome: bigint;
}

export interface Known {
  part: number;
  /** The subject's own group: facts with it weigh nothing. */
  own: string;
  /** Permille by group. */
  credibility: (group: string) => bigint;
  /** The epoch now. */
  epoch: number;
}

/** The score of these facts, all of which count. */
export function score(facts: readonly Fact[], known: Known): Computed {
  const dimensions = DIMENSIONS[known.part] ?? [];
  const sums = dimensions.map(() => new Map<string, Sums>());
  for (const fact of facts) {
    const dimension = dimensions[fact.dimension];
    const all = sums[fact.dimension];
    if (fact.part !== known.part || !dimension || !all || fact.group === known.own) continue;
    const weight =
      dimension.base *
      valueFactor(fact.value) *
      (VERIFIED[Math.min(3, fact.verification)] ?? 0n) *
      decay(known.epoch - epoch(fact.time));
    const before = all.get(fact.group) ?? { weight: 0n, outcome: 0n };
    all.set(fact.group, {
      weight: before.weight + weight,
      outcome: before.outcome + weight * BigInt(Math.min(10_000, fact.outcome)),
    });
  }
  let [sum, coverage] = [0n, 0n];
  const means = dimensions.map(({ omega }, at) => {
    let [weight, outcome] = [0n, 0n];
    for (const [group, all] of sums[at] ?? []) {
      const raw = all.weight >> 20n;
      if (raw === 0n) continue;
      const trusted = (root(raw * UNIT) * known.credibility(group)) / 1000n;
      const counted = trusted < GROUP_WEIGHT_MAX ? trusted : GROUP_WEIGHT_MAX;
      weight += counted;
      outcome += counted * ((all.outcome >> 20n) / raw);
    }
    const mean = (PRIOR_WEIGHT * PRIOR_MEAN + outcome) / (PRIOR_WEIGHT + weight);
    sum += omega * mean;
    coverage += omega * (weight < 10n * UNIT ? weight : 10n * UNIT);
    return mean;
  });
  return { micro: sum / 10n, coverage: coverage / (10n * UNIT), means };
}

/** By how many thousandths of a point the score would be less without each of these facts. */
export function effects(facts: readonly Fact[], known: Known): bigint[] {
  const { micro } = score(facts, known);
  return facts.map(
    (fact) =>
      micro -
      score(
        facts.filter((other) => other !== fact),
        known,
      ).micro,
  );
}

/** A step of a waterfall: from one value to another, in thousandths of a point. */
export interface Step {
  kind: "start" | "fact" | "others" | "together" | "end";
  /** Which of the effects, for a fact. */
  at: number | undefined;
  from: bigint;
  to: bigint;
}

/**
 * From what everybody starts with to a score, by the largest effects in their order. An effect is what one fact alone
 * does; what several do together is more or less than their sum, and stands as a step of its own.
 */
export function waterfall(start: bigint, end: bigint, deltas: readonly bigint[], max: number): Step[] {
  const size = (delta: bigint) => (delta < 0n ? -delta : delta);
  const order = deltas.map((delta, at) => ({ delta, at })).filter(({ delta }) => delta !== 0n);
  const largest = [...order]
    .sort((a, b) => Number(size(b.delta) - size(a.delta)) || a.at - b.at)
    .slice(0, max);
  const named = largest.sort((a, b) => a.at - b.at);
  const rest = order.filter((one) => !named.includes(one)).reduce((sum, { delta }) => sum + delta, 0n);
  const steps: Step[] = [{ kind: "start", at: undefined, from: start, to: start }];
  let value = start;
  const step = (kind: Step["kind"], delta: bigint, at?: number) => {
    if (delta === 0n) return;
    steps.push({ kind, at, from: value, to: value + delta });
    value += delta;
  };
  for (const { delta, at } of named) step("fact", delta, at);
  step("others", rest);
  step("together", end - value);
  steps.push({ kind: "end", at: undefined, from: end, to: end });
  return steps;
}
