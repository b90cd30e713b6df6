/** *Fibre*: what was measured of one, drawn from the raw files on the ledger, and what every rule says of it. */
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { Badge, Card, Empty, Hash, Loading, Time, Title } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { Asked, iso, Proof } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { here, Link, useQueryParam } from "@commonhold/web/shell/router";
import { save } from "@commonhold/web/text/csv";
import { plain } from "@commonhold/web/text/safe";
import { useQueries, useQuery } from "@tanstack/react-query";
import type { Book, Deal } from "./book";
import { Chart, type Marked } from "./Chart";
import { Choices } from "./Decisions";
import { waiting } from "./decisions";
import { type Attempt, attempts, type Piece, type Trace, trace } from "./evidence";
import { type Fibre, law, type Outcome, RULE, type Ruleset, VERDICT } from "./law";
import { useOrder, VerdictBadge } from "./Orders";
import { Countdown, Filters, isNumber, LOOK_MS, Missing, useNow, useSigning } from "./shared";
import { frame } from "./sor/draw";
import { fault, type Limits, lengthMm, type Pair, pair, side, single, tolerance } from "./sor/pairs";
import type { Sor } from "./sor/read";
import { strings } from "./strings";
import { bits, db, measure, metres, text } from "./words";

const t = strings.fibre;

/** Millimetres around an event that is looked at. */
const AROUND_MM = 200_000;

const WEIGHTS = ["good", "wait", "bad"] as const;
const STATUSES = ["good", "wait", "plain", "bad"] as const;

type Read = Trace | "loading" | "failed";

/** The files of an attempt, each read here. */
function useTraces(pieces: Piece[]): Map<string, Read> {
  const found = useQueries({
    queries: pieces.map((piece) => ({
      queryKey: ["works", "trace", piece.transaction ?? "", piece.file],
      queryFn: () => trace(piece),
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

/** What is wrong with a file, in words; nothing where it is read. */
function wrong(read: Read | undefined): string | undefined {
  if (read === undefined || read === "loading") return undefined;
  if (read === "failed") return t.notDrawn;
  if (read.is === "changed") return t.changed;
  if (read.is === "absent") return t.absent;
  return read.is === "unreadable" ? t.unreadable[read.error.why]?.(plain(read.error.what, 40)) : undefined;
}

const limitsOf = (rules: Ruleset): Limits => ({
  spliceHard: rules.spliceHard,
  splice95: rules.spliceP95,
  connector: rules.connector,
  reflectance: rules.reflectance,
});

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

function Traces({
  attempt,
  reads,
  order,
  rules,
}: {
  attempt: Attempt;
  reads: Map<string, Read>;
  order: Deal["orders"][number];
  rules: Ruleset;
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
          <ul className="legend">
            {a && (
              <li>
                <span className="swatch trace-a" aria-hidden="true" />
                {t.fromA} ({plain(a.placeA, 30)})
              </li>
            )}
            {b && (
              <li>
                <span className="swatch trace-b" aria-hidden="true" />
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

/** How much of a limit a value takes. */
function Margin({ outcome }: { outcome: Outcome }) {
  if (!outcome.measured || outcome.limit === 0n) return <span className="muted">–</span>;
  const limit = Math.abs(Number(outcome.limit));
  // What reflects less is further below zero: there the margin counts against the limit's size.
  const part = Math.max(0, Math.min(1.25, (limit - Number(outcome.margin)) / limit));
  return (
    <svg className="margin" viewBox="0 0 100 12" width="100" height="12" aria-hidden="true" focusable="false">
      <rect className="margin-all" x="0" y="3" width="80" height="6" rx="3" />
      <rect
        className={outcome.status === RULE.fail ? "margin-bad" : "margin-good"}
        x="0"
        y="3"
        width={part * 80}
        height="6"
        rx="3"
      />
      <line className="margin-limit" x1="80" x2="80" y1="0" y2="12" />
    </svg>
  );
}

function Rules({ attempt, now }: { attempt: Attempt; now: Outcome[] }) {
  const rows: (Outcome & { transaction?: Hex })[] = attempt.outcomes.length > 0 ? attempt.outcomes : now;
  const named = (one: Outcome) => t.ruleWords[text(one.rule)] ?? text(one.rule);
  const sorted = [...rows].sort((a, b) => b.status - a.status);
  return (
    <Card title={t.rules}>
      <p className="muted">{t.rulesText}</p>
      <Table
        caption={t.rules}
        rows={sorted}
        id={(one) => `${one.rule} ${one.wavelength}`}
        empty={{ title: t.rulesNone, text: t.rulesNoneText }}
        columns={[
          {
            head: t.rule,
            cell: (one) => (
              <>
                {named(one)}
                <code className="rule-code">{text(one.rule)}</code>
              </>
            ),
            text: (one) => text(one.rule),
          },
          {
            head: t.wavelength,
            cell: (one) => (one.wavelength === 0 ? t.all : t.nm(one.wavelength)),
            text: (one) => (one.wavelength === 0 ? "" : String(one.wavelength)),
            wide: true,
          },
          {
            head: t.value,
            cell: (one) => (one.measured ? measure(one.value, text(one.unit)) : "–"),
            text: (one) => (one.measured ? String(one.value) : ""),
            right: true,
          },
          {
            head: t.limit,
            cell: (one) => measure(one.limit, text(one.unit)),
            text: (one) => String(one.limit),
            right: true,
          },
          {
            head: t.margin,
            cell: (one) =>
              one.measured ? (
                <span className={one.margin < 0n ? "left bad" : "left"}>
                  <Margin outcome={one} /> {measure(one.margin, text(one.unit))}
                </span>
              ) : (
                "–"
              ),
            text: (one) => (one.measured ? String(one.margin) : ""),
            right: true,
            wide: true,
          },
          {
            head: t.status,
            cell: (one) => (
              <Badge tone={STATUSES[one.status] ?? "plain"}>
                {t.statuses[one.status] ?? strings.unknown}
              </Badge>
            ),
            text: (one) => t.statuses[one.status] ?? "",
          },
          {
            head: strings.transaction,
            cell: (one) => <Proof hash={one.transaction} what={`${named(one)} ${one.wavelength || ""}`} />,
            text: (one) => one.transaction ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

function Files({
  attempt,
  reads,
  order,
}: {
  attempt: Attempt;
  reads: Map<string, Read>;
  order: Deal["orders"][number];
}) {
  const what = (piece: Piece) =>
    t.fileOf(order.design.wavelengths[piece.slot >> 1] ?? 0, piece.slot & 1 ? "B" : "A");
  const readOf = (piece: Piece) => reads.get(String(piece.number));
  const serial = (piece: Piece) => {
    const known = order.design.instruments.find((one) => one.device === piece.device);
    return known ? text(known.serial) : "";
  };
  const findings = (piece: Piece) => bits(piece.findings).map((bit) => t.findings[bit] ?? strings.unknown);
  return (
    <Card title={t.evidence}>
      <p className="muted">{t.evidenceText}</p>
      <Table
        caption={t.evidence}
        rows={attempt.pieces}
        id={(piece) => String(piece.number)}
        empty={{ title: t.evidenceNone, text: t.evidenceNoneText }}
        columns={[
          {
            head: t.file,
            cell: (piece) => (
              <>
                {what(piece)}
                <span className="why">{serial(piece)}</span>
              </>
            ),
            text: (piece) => `${what(piece)} ${serial(piece)}`,
          },
          {
            head: t.found,
            cell: (piece) => (
              <>
                <Badge tone={WEIGHTS[piece.weight] ?? "bad"}>
                  {t.weights[piece.weight] ?? strings.unknown}
                </Badge>
                {piece.findings !== 0 && <span className="why">{findings(piece).join(", ")}</span>}
              </>
            ),
            text: (piece) => [t.weights[piece.weight], ...findings(piece)].join(": "),
          },
          {
            head: t.measured,
            cell: (piece) => <Time ms={Number(piece.time) * 1000} />,
            text: (piece) => iso(piece.time),
            wide: true,
          },
          {
            head: t.check,
            cell: (piece) => {
              const read = readOf(piece);
              const problem = wrong(read);
              if (problem) return <span className="error">{problem}</span>;
              if (typeof read !== "object") return <span className="muted">…</span>;
              return (
                <>
                  <Badge tone="good" icon="check">
                    {t.checked}
                  </Badge>{" "}
                  <Hash value={piece.file} what={t.check} />
                </>
              );
            },
            text: (piece) => piece.file,
            wide: true,
          },
          {
            head: t.save,
            cell: (piece) => {
              const read = readOf(piece);
              if (typeof read !== "object" || !("bytes" in read)) return <span className="muted">–</span>;
              return (
                <button
                  type="button"
                  className="button small"
                  aria-label={t.saveOf(what(piece))}
                  onClick={() => save(`evidence-${piece.number}.sor`, read.bytes, "application/octet-stream")}
                >
                  <Icon name="download" /> {t.save}
                </button>
              );
            },
            text: (piece) => `evidence-${piece.number}.sor`,
          },
          {
            head: strings.transaction,
            cell: (piece) => <Proof hash={piece.transaction} what={what(piece)} />,
            text: (piece) => piece.transaction ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

/** What the certifier may say of a fibre that is to be reviewed. */
function Review({ book, deal, fibre }: { book: Book; deal: Deal; fibre: Fibre }) {
  const me = useSession()?.address;
  const time = useNow();
  const { sign, dialog } = useSigning();
  const own = me
    ? waiting(book, me, time).find((one) => one.key === `fibre ${fibre.order} ${fibre.name}`)
    : undefined;
  return (
    <>
      {own && (
        <section className="card request" aria-label={t.decide}>
          <div className="card-head">
            <h2>{t.decide}</h2>
            <Countdown due={own.due} />
          </div>
          <p className="consequence">{own.silence}</p>
          <Choices decision={{ who: deal.offer.contractor, choices: own.choices }} sign={sign} />
        </section>
      )}
      {dialog}
    </>
  );
}

function Shown({
  book,
  deal,
  order,
  fibre,
  all,
  rules,
  outcomes,
}: {
  book: Book;
  deal: Deal;
  order: Deal["orders"][number];
  fibre: Fibre;
  all: Attempt[];
  rules: Ruleset;
  outcomes: Outcome[];
}) {
  const newest = all.length - 1;
  const wanted = Number(useQueryParam("attempt") ?? newest);
  const attempt = all[wanted] ?? all[newest] ?? { number: 0, pieces: [], judged: undefined, outcomes: [] };
  const reads = useTraces(attempt.pieces);
  return (
    <>
      <Review book={book} deal={deal} fibre={fibre} />
      {all.length > 1 && (
        <Filters
          name="attempt"
          label={t.attempts}
          all={[...all]
            .reverse()
            .map((one) => [
              String(one.number),
              `${t.attempt(one.number + 1)}${one.judged ? `: ${strings.verdicts[Number(one.judged.values.get("verdict"))]}` : ""}`,
            ])}
        />
      )}
      <Traces attempt={attempt} reads={reads} order={order} rules={rules} />
      <Rules attempt={attempt} now={attempt.number === newest ? outcomes : []} />
      <Files attempt={attempt} reads={reads} order={order} />
    </>
  );
}

export function FibrePage({ order: number, name }: { order: string; name: string }) {
  const query = useOrder(number);
  const found = query.data;
  const fibre = found?.order.states.find((one) => text(one.name) === name);
  const evidence = useQuery({
    queryKey: ["works", "fibre", number, fibre?.name],
    queryFn: async () => {
      const [all, [, outcomes], rules] = await Promise.all([
        attempts(BigInt(number), fibre?.name ?? "0x"),
        law<[number, Outcome[]]>("outcomes", BigInt(number), fibre?.name),
        law<Ruleset>("ruleset", found?.deal.offer.ruleset),
      ]);
      return { all, outcomes, rules };
    },
    enabled: fibre !== undefined,
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  if (!isNumber(number)) return <Missing title={t.missing} text={t.missingText} />;
  return (
    <Asked query={query}>
      {(found) => {
        if (!found || !fibre) return <Missing title={t.missing} text={t.missingText} />;
        const { book, deal, order } = found;
        return (
          <>
            <Title text={t.fibreOf(text(fibre.name))}>
              <span className="badges">
                <VerdictBadge verdict={fibre.verdict} />
                {fibre.verdict === VERDICT.review && <Countdown due={fibre.reviewUntil} />}
              </span>
            </Title>
            <p className="lead">
              <Link to={`/works/fibre/${order.number}`}>{t.order(order.number)}</Link>
              {" · "}
              {t.designOf(metres(order.design.lengthMm), order.design.splices, order.design.connectors)}
            </p>
            <Asked query={evidence}>
              {(data) => <Shown book={book} deal={deal} order={order} fibre={fibre} {...data} />}
            </Asked>
          </>
        );
      }}
    </Asked>
  );
}
