/** What is known of somebody: facts, the score by the law, and the same computed again here. */
import type { Hex } from "@commonhold/web/ledger/api";
import { type Event, events } from "@commonhold/web/ledger/events";
import { now } from "@commonhold/web/parts/steps";
import { CHALLENGE_SECONDS, CREDIBILITY_UNKNOWN, score as compute, effects, epoch, type Known } from "./cs1";
import {
  type Appeal,
  every,
  FACT,
  type Fact as FactRow,
  KIND,
  law,
  laws,
  numbered,
  type Party,
  type Score,
} from "./law";

export interface Row extends FactRow {
  transaction: Hex | undefined;
  /** Whether it counts now. */
  counts: boolean;
  /** Thousandths of a point: of what counts, and of all that may count. */
  delta: bigint;
  soon: bigint;
}

export interface Found {
  score: Score;
  part: number;
  rows: Row[];
  appeals: (Appeal & { transaction: Hex | undefined })[];
  /** Whether this browser comes to the same. */
  isSame: boolean;
  /** If every fact that waits counted, and stood. */
  soon: { micro: bigint; means: bigint[] };
  means: bigint[];
}

/** What a group's word counts, permille, by what members and the law wrote down. */
async function credibilities(
  groups: string[],
  people: Map<string, Party>,
  at: number,
): Promise<Map<string, bigint>> {
  const settled = await events("works", ["CreditSettled"]);
  const parties = [...new Set(settled.map((event) => event.values.get("party") ?? ""))].filter((one) => one);
  const more = await laws<Party>(
    "party",
    parties.map((party) => [party]),
  );
  const groupOf = new Map(parties.map((party, place) => [party.toLowerCase(), more[place]?.group ?? "0x"]));
  const members = new Set(
    [...people.values(), ...more].filter((party) => party.member).map((party) => party.group),
  );
  return new Map(
    groups.map((group) => {
      if (members.has(group as Hex)) return [group, 1000n];
      // The newest that was written down in an earlier epoch: it counts from the next one on.
      const newest = settled.find(
        (event) =>
          groupOf.get((event.values.get("party") ?? "").toLowerCase()) === group &&
          Number(event.values.get("epoch") ?? 0) < at,
      );
      const value = BigInt(newest?.values.get("credibility") ?? 0);
      return [group, value === 0n ? CREDIBILITY_UNKNOWN : value];
    }),
  );
}

const isFinal = (fact: FactRow, at: number) =>
  fact.state === FACT.upheld ||
  fact.state === FACT.amended ||
  (fact.state === FACT.stated && at > Number(fact.time) + CHALLENGE_SECONDS);

/** As what somebody has most facts; as a contractor, where there is none. */
function mostly(facts: readonly FactRow[]): number {
  const counts = [0, 1, 2].map((part) => facts.filter((fact) => fact.part === part).length);
  return counts.indexOf(Math.max(...counts));
}

/** The transactions that brought appeals, by number. */
export async function appealsTold(): Promise<Map<string, Hex>> {
  const told = await events("works", ["Appealed"]);
  return new Map(told.map((event) => [event.values.get("number") ?? "", event.transaction]));
}

export async function look(who: Hex, wanted: number | undefined): Promise<Found> {
  const at = now();
  const [own, facts, stated, numbers] = await Promise.all([
    law<Party>("party", who),
    every<FactRow>("facts", who),
    events("works", ["FactStated"], who),
    every<bigint>("numbersBy", KIND.Appeal, who),
  ]);
  const part = wanted ?? mostly(facts);
  const [score, appeals, appealed] = await Promise.all([
    law<Score>("credit", who, part),
    numbered<Appeal>("appealOf", numbers),
    events("works", ["Appealed"], null, who),
  ]);
  const of = facts.filter((fact) => fact.part === part);
  const others = [...new Set(of.map((fact) => fact.counterparty))];
  const found = await laws<Party>(
    "party",
    others.map((other) => [other]),
  );
  const people = new Map(others.map((other, place) => [other, found[place] as Party]));
  const groups = [...new Set(of.map((fact) => fact.group))];
  const trust = await credibilities(groups, people, epoch(at));
  const known: Known = {
    part,
    own: own.group,
    credibility: (group) => trust.get(group) ?? CREDIBILITY_UNKNOWN,
    epoch: epoch(at),
  };
  const counted = of.filter((fact) => isFinal(fact, at));
  const standing = of.filter((fact) => isFinal(fact, at) || fact.state === FACT.stated);
  const [computed, soon] = [compute(counted, known), compute(standing, known)];
  const deltas = new Map(effects(counted, known).map((delta, place) => [counted[place], delta]));
  const then = new Map(effects(standing, known).map((delta, place) => [standing[place], delta]));
  const told = new Map(stated.map((event) => [event.values.get("number"), event.transaction]));
  const proofs = new Map(appealed.map((event: Event) => [event.values.get("number"), event.transaction]));
  return {
    score,
    part,
    rows: of
      .map((fact) => ({
        ...fact,
        transaction: told.get(String(fact.number)),
        counts: counted.includes(fact),
        delta: deltas.get(fact) ?? 0n,
        soon: then.get(fact) ?? 0n,
      }))
      .reverse(),
    appeals: appeals.map((one) => ({ ...one, transaction: proofs.get(String(one.number)) })).reverse(),
    isSame: computed.micro === score.micro,
    soon,
    means: computed.means,
  };
}
