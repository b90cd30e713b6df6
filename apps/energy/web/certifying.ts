/** Which certificates a household has something of: its own, and those that others gave it. */
import type { Hex } from "@commonhold/web/ledger/api";
import { events } from "./events";
import { rulesAt } from "./gathering";
import { type Certificate, type Stock, several } from "./law";
import { times, type Window } from "./months";
import type { Place } from "./shared";

export interface Held {
  slot: bigint;
  index: number;
  certificate: Certificate;
  /** What the reader has of it. */
  has: Stock;
  /** The transaction that it was born in, or given by. */
  transaction: Hex;
  own: boolean;
}

interface Settled {
  slot: bigint;
  index: number;
  net: bigint;
  local: bigint;
}

/** What a home has to do with certificates. */
export interface Holding {
  all: Held[];
  /** What it bought of neighbours, slot by slot: others' certificates were used for it. */
  used: { slot: bigint; wh: bigint; transaction: Hex }[];
}

/** The certificates of a window that somebody owns Wh of, or whose meter they are of. */
export async function held(
  place: Place,
  window: Window,
  who: Hex,
  own: number | undefined,
): Promise<Holding> {
  const step = Math.min(900, rulesAt(place.history, BigInt(window.from))?.rules.slotSeconds ?? 900);
  const begun = times(window, step);
  const [settled, generated, given] = await Promise.all([
    own === undefined ? [] : events<Settled>("Settled", place.number, begun, BigInt(own)),
    own === undefined
      ? []
      : events<{ slot: bigint; wh: bigint }>("Generated", place.number, begun, BigInt(own)),
    events<Settled & { to: Hex }>("CertificateTransferred", place.number, begun),
  ]);
  // What a roof gave and its home used is certified as well, where a meter saw it.
  const roof = new Set(generated.filter(({ values }) => values.wh > 0n).map(({ values }) => values.slot));
  const mine = settled
    .filter(({ values }) => values.net < 0n || roof.has(values.slot))
    .map((told) => ({ ...told, own: true }));
  const others = given
    .filter(({ values }) => values.to.toLowerCase() === who.toLowerCase() && values.index !== own)
    .map((told) => ({ ...told, own: false }));
  const unique = new Map(
    [...mine, ...others].map((told) => [`${told.values.slot}/${told.values.index}`, told]),
  );
  const wanted = [...unique.values()];
  const found = await several<[Certificate, Stock]>(
    "certificate",
    wanted.map(({ values }) => [place.number, values.slot, values.index, who]),
  );
  const all = wanted.flatMap(({ values, transaction, own: isOwn }, at): Held[] => {
    const [certificate, has] = found[at] ?? [];
    if (!certificate || !has) return [];
    return [{ slot: values.slot, index: values.index, certificate, has, transaction, own: isOwn }];
  });
  const used = settled
    .filter(({ values }) => values.net > 0n && values.local > 0n)
    .map(({ values, transaction }) => ({ slot: values.slot, wh: values.local, transaction }));
  return { all: all.sort((a, b) => (a.slot < b.slot ? -1 : a.slot > b.slot ? 1 : a.index - b.index)), used };
}

export const issued = ({ active, claimed, expired, withdrawn, locked }: Stock): bigint =>
  active + claimed + expired + withdrawn + locked;

/** What happened to a certificate, oldest first. */
export async function lineage(place: Place, slot: bigint, index: number) {
  const names = [
    "Generated",
    "Settled",
    "Reissued",
    "CertificateTransferred",
    "CertificateClaimed",
    "CertificateExpired",
    "CertificateWithdrawn",
    "CertificateLocked",
  ];
  const told = await Promise.all(
    names.map((name) => events<Record<string, unknown>>(name, place.number, slot, BigInt(index))),
  );
  // A slot in which nothing left the home issued nothing but what is told to be generated.
  const issues = told
    .flat()
    .filter(({ name, values }) => name !== "Settled" || (values["net"] as bigint) < 0n);
  return issues.sort((a, b) => a.block - b.block || a.index - b.index);
}
