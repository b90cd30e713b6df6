/** The traces of a fibre at one wavelength, with their events, and whether the members came to the same. */
import { Badge, Card, Empty, Loading } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { Table } from "@commonhold/web/parts/table";
import { here, Link, useQueryParam } from "@commonhold/web/shell/router";
import { plain } from "@commonhold/web/text/safe";
import { useQueries } from "@tanstack/react-query";
import type { Deal } from "./book";
import { Chart, type Marked } from "./Chart";
import { type Attempt, type Piece, type Trace, trace } from "./evidence";
import { limitsOf } from "./ruleset";
import { frame } from "./sor/draw";
import { fault, type Limits, lengthMm, type Pair, pair, side, single, tolerance } from "./sor/pairs";
import type { Sor } from "./sor/read";
import { strings } from "./strings";
import { db, metres, text } from "./words";

const t = strings.fibre;

/** Millimetres around an event that is looked at. */
const AROUND_MM = 200_000;

export type Read = Trace | "loading" | "failed";

/** The files of an attempt, each read here. */
export function useTraces(pieces: Piece[], sweeps: boolean): Map<string, Read> {
  const found = useQueries({
    queries: pieces.map((piece) => ({
      queryKey: ["works", "trace", piece.transaction ?? "", piece.file],
      queryFn: () => trace(piece, sweeps),
      staleTime: Number.POSITIVE_INFINITY,
      structuralSharing: false as const,
    })),
  });
  return new Map(
    pieces.map((piece, at) => [
      String(piece.number),
      found[at]?.data ?? (found[at]?.error ? "failed" : "loading"),
    ]),
  );
}

/** Both ends' events, with what is over a limit. */
function marked(a: Sor | undefined, b: Sor | undefined, designMm: number, limits: Limits) {
  const first = a ?? b;
  if (!first) return undefined;
  const near = tolerance(side(a ?? first), designMm);
  const [one, other] = [side(first), a && b ? side(b) : undefined];
  const fromA = lengthMm(one, designMm, near);
  if (fromA === undefined) return undefined;
  const fromB = other && lengthMm(other, designMm, near);
  const length = fromB === undefined ? fromA : Math.floor((fromA + fromB) / 2);
  const found: Pair[] = other ? pair(one, other, length, near) : single(one, length, near);
  const pairs = found.map((event, at): Marked => {
    const limit = event.connector ? limits.connector : limits.spliceHard;
    return { ...event, number: at + 1, fault: fault(event, limits), limit };
  });
  return { length, pairs };
}

export function Traces({
  attempt,
  reads,
  order,
  rules,
}: {
  attempt: Attempt;
  reads: Map<string, Read>;
  order: Deal["orders"][number];
  rules: string;
}) {
  const { design } = order;
  const wanted = Number(useQueryParam("nm") ?? design.wavelengths[0]);
  const at = useQueryParam("at");
  const place = Math.max(0, design.wavelengths.indexOf(wanted));
  const nm = design.wavelengths[place] ?? 0;
  const sorOf = (slot: number): Sor | undefined => {
    const own = attempt.pieces.filter((piece) => piece.slot === slot);
    const piece = own.find((one) => one.weight < 2) ?? own[0];
    const read = piece && reads.get(String(piece.number));
    return typeof read === "object" && read.is === "read" ? read.sor : undefined;
  };
  const [a, b] = [sorOf(2 * place), sorOf(2 * place + 1)];
  const limits = limitsOf(rules);
  const found = marked(a, b, Number(design.lengthMm), limits);
  const isLoading = [...reads.values()].includes("loading");
  const chosen = found?.pairs.find((one) => String(one.number) === at);
  const view =
    found && chosen
      ? { fromMm: chosen.atMm - AROUND_MM, toMm: chosen.atMm + AROUND_MM }
      : frame(found?.length ?? 0);
  const faults = found?.pairs.filter((one) => one.fault && one.fault !== "high") ?? [];
  return (
    <Card title={a && b ? t.trace : t.traceOne}>
      <div className="chart-head">
        <nav className="filters" aria-label={t.wavelength}>
          {design.wavelengths.map((one, number) => (
            <Link
              key={one}
              to={here({ nm: number === 0 ? undefined : String(one), at: undefined })}
              className="filter"
              aria-current={one === nm ? "true" : undefined}
            >
              {t.nm(one)}
            </Link>
          ))}
        </nav>
        {found && (
          <nav className="filters" aria-label={t.zoom}>
            <Link to={here({ at: undefined })} className="filter" aria-current={chosen ? undefined : "true"}>
              {t.whole}
            </Link>
            {faults.map((one) => (
              <Link
                key={one.number}
                to={here({ at: String(one.number) })}
                className="filter bad"
                aria-current={chosen === one ? "true" : undefined}
              >
                {t.around(`${one.connector ? t.connector : t.splice} ${one.number}`)}
              </Link>
            ))}
          </nav>
        )}
      </div>
      {!found ? (
        isLoading ? (
          <Loading />
        ) : (
          <Empty title={t.noTraces}>
            <p>{t.noTracesText}</p>
          </Empty>
        )
      ) : (
        <>
          <ul className="works-legend">
            {a && (
              <li>
                <span className="works-swatch trace-a" aria-hidden="true" />
                {t.fromA} ({plain(a.placeA, 30)})
              </li>
            )}
            {b && (
              <li>
                <span className="works-swatch trace-b" aria-hidden="true" />
                {t.fromB} ({plain(b.placeA, 30)})
              </li>
            )}
          </ul>
          <Chart
            a={a}
            b={b}
            lengthMm={found.length}
            pairs={found.pairs}
            limits={limits}
            view={view}
            label={t.label(nm, found.pairs.length, faults.length)}
          />
          <Table
            caption={`${t.events} ${t.nm(nm)}`}
            rows={found.pairs}
            id={(one) => String(one.number)}
            empty={{ title: t.eventsNone, text: t.eventsNoneText }}
            columns={[
              {
                head: t.kind,
                cell: (one) => (
                  <Link
                    to={here({ at: String(one.number) })}
                    aria-label={t.around(`${one.connector ? t.connector : t.splice} ${one.number}`)}
                  >
                    {one.number}. {one.connector ? t.connector : t.splice}
                  </Link>
                ),
                text: (one) => `${one.number}. ${one.connector ? t.connector : t.splice}`,
              },
              {
                head: t.place,
                cell: (one) => metres(one.atMm),
                text: (one) => String(one.atMm / 1000),
                right: true,
              },
              {
                head: t.a,
                cell: (one) => (one.a === undefined ? <span className="muted">{t.unseen}</span> : db(one.a)),
                text: (one) => (one.a === undefined ? "" : String(one.a / 1000)),
                right: true,
                wide: true,
              },
              {
                head: t.b,
                cell: (one) => (one.b === undefined ? <span className="muted">{t.unseen}</span> : db(one.b)),
                text: (one) => (one.b === undefined ? "" : String(one.b / 1000)),
                right: true,
                wide: true,
              },
              {
                head: t.mean,
                cell: (one) => db(one.loss),
                text: (one) => String(one.loss / 1000),
                right: true,
              },
              {
                head: t.limit,
                cell: (one) => db(one.limit),
                text: (one) => String(one.limit / 1000),
                right: true,
                wide: true,
              },
              {
                head: t.reflectance,
                cell: (one) =>
                  one.reflectance === undefined ? <span className="muted">–</span> : db(one.reflectance),
                text: (one) => (one.reflectance === undefined ? "" : String(one.reflectance / 1000)),
                right: true,
                wide: true,
              },
              {
                head: t.state,
                cell: (one) => (
                  <Badge tone={one.fault === undefined ? "good" : one.fault === "high" ? "wait" : "bad"}>
                    {one.fault === undefined ? t.within : t.faults[one.fault]}
                  </Badge>
                ),
                text: (one) => (one.fault === undefined ? t.within : t.faults[one.fault]),
              },
            ]}
          />
          <Same attempt={attempt} nm={nm} pairs={found.pairs} isWhole={a !== undefined && b !== undefined} />
        </>
      )}
    </Card>
  );
}

/** Whether this browser comes to the same as the members: the worst splice and the worst connector. */
function Same({
  attempt,
  nm,
  pairs,
  isWhole,
}: {
  attempt: Attempt;
  nm: number;
  pairs: Marked[];
  isWhole: boolean;
}) {
  const said = (rule: string) =>
    attempt.outcomes.find((one) => text(one.rule) === rule && one.wavelength === nm && one.measured);
  const worst = (connector: boolean) =>
    Math.max(...pairs.filter((one) => one.connector === connector).map((one) => one.loss));
  const compared = [
    [said("SPLICE_HARD"), worst(false)],
    [said("CONNECTOR_LOSS"), worst(true)],
  ] as const;
  const known = compared.filter(([outcome]) => outcome !== undefined);
  if (known.length === 0 || !isWhole) return null;
  const isSame = known.every(([outcome, own]) => Number(outcome?.value) === own);
  return (
    <p className={isSame ? "same good" : "same bad"}>
      <Icon name={isSame ? "check" : "cross"} /> {isSame ? t.same : t.differs}
    </p>
  );
}
