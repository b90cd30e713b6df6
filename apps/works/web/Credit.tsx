/** *Credit*: a score, what it is made of, what each fact does to it, and where it may still go. */
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { type Event, events } from "@commonhold/web/ledger/events";
import { view } from "@commonhold/web/ledger/modules";
import { Badge, Card, Empty, Fact, Facts, Time, Title } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Asked, iso, now, Proof, SIZE, same, useCalled, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { go, here, Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import {
  CHALLENGE_SECONDS,
  CREDIBILITY_UNKNOWN,
  score as compute,
  DIMENSIONS,
  effects,
  epoch,
  type Known,
  PRIOR_MEAN,
  waterfall,
} from "./cs1";
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
import { type Row as Bar, Rows } from "./Rows";
import { Effect, LOOK_MS, Reason, SignedOut, step, useSigning } from "./shared";
import { strings } from "./strings";
import { basisPoints, fingerprint, isZero, money, permille, plainMoney, text } from "./words";

const t = strings.credit;

/** Facts that the waterfall names. */
const NAMED_MAX = 10;

interface Row extends FactRow {
  transaction: Hex | undefined;
  /** Whether it counts now. */
  counts: boolean;
  /** Thousandths of a point: of what counts, and of all that may count. */
  delta: bigint;
  soon: bigint;
}

interface Found {
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

async function look(who: Hex, wanted: number | undefined): Promise<Found> {
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

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const day = (seconds: number) => days.format(new Date(seconds * 1000));

/** `742.3` of thousandths of a point. */
const points = (micro: bigint) => {
  const size = micro < 0n ? -micro : micro;
  return `${micro < 0n ? "−" : ""}${size / 1000n}.${(size % 1000n) / 100n}`;
};
const signed = (micro: bigint) => `${micro > 0n ? "+" : ""}${points(micro)}`;

const dimension = (part: number, at: number) => strings.dimensions[part]?.[at]?.name ?? strings.unknown;
const sourceOf = (fact: FactRow) => `${strings.sources[fact.source] ?? strings.unknown} ${fact.item}`;

/** Between which scores an appeal may end. */
const ends = ({ ifLost, ifWon }: Score): [string, string] =>
  ifLost < ifWon ? [String(ifLost), String(ifWon)] : [String(ifWon), String(ifLost)];

/** The score on a scale, with the range while appeals run. */
function Scale({ score }: { score: Score }) {
  const [low, high] = score.ifLost < score.ifWon ? [score.ifLost, score.ifWon] : [score.ifWon, score.ifLost];
  const x = (value: bigint) => 10 + (Number(value) / 1000) * 580;
  const grades = [
    [600n, "D", "C"],
    [700n, "C", "B"],
    [800n, "B", "A"],
    [850n, "A", "AA"],
    [900n, "AA", "AAA"],
  ] as const;
  return (
    <svg className="scale" viewBox="0 0 600 66" role="img" aria-label={t.scoreOf(String(score.afterFlags))}>
      <rect className="scale-all" x="10" y="26" width="580" height="12" rx="6" />
      {low !== high && (
        <rect className="scale-range" x={x(low)} y="23" width={x(high) - x(low)} height="18" rx="4" />
      )}
      {grades.map(([from, , name]) => (
        <g key={name}>
          <line className="scale-grade" x1={x(from)} x2={x(from)} y1="26" y2="38" />
          <text className="axis" x={x(from) + 3} y="60">
            {name}
          </text>
        </g>
      ))}
      <text className="axis" x="10" y="60">
        D
      </text>
      <circle className="scale-now" cx={x(score.afterFlags)} cy="32" r="10" />
      <text
        className="scale-text"
        x={Math.min(560, Math.max(30, x(score.afterFlags)))}
        y="14"
        textAnchor="middle"
      >
        {String(score.afterFlags)}
      </text>
    </svg>
  );
}

function Head({ found }: { found: Found }) {
  const { score } = found;
  const grade = text(score.grade);
  const rated = grade !== "NR";
  const isOpen = score.ifLost !== score.ifWon;
  return (
    <Card>
      <Scale score={score} />
      <Facts>
        <Fact name={t.grade}>
          <Badge tone={rated ? "good" : "plain"}>{rated ? grade : t.gradeNone}</Badge>{" "}
          {!rated && <span className="muted">{t.gradeText}</span>}
        </Fact>
        <Fact name={t.coverage}>{t.coverageOf(format.count(score.coverage))}</Fact>
        <Fact name={t.counterparties}>{format.count(score.counterparties)}</Fact>
        <Fact name={t.pending}>{t.pendingOf(score.pending)}</Fact>
        <Fact name={t.range}>{isOpen ? t.rangeOf(...ends(score)) : t.rangeNone}</Fact>
        {score.afterFlags !== score.score && (
          <Fact name={t.score}>
            <Badge tone="bad">{t.flagged(String(score.afterFlags))}</Badge>
          </Fact>
        )}
      </Facts>
      <p className={found.isSame ? "same good" : "same bad"}>
        <Icon name={found.isSame ? "check" : "cross"} /> {found.isSame ? t.same : t.differs}
      </p>
    </Card>
  );
}

function Dimensions({ found }: { found: Found }) {
  const all = (DIMENSIONS[found.part] ?? []).map(({ omega }, at) => ({
    at,
    omega,
    mean: found.score.means[at] ?? PRIOR_MEAN,
    soon: found.soon.means[at] ?? PRIOR_MEAN,
  }));
  return (
    <Card title={t.dimensions}>
      <Rows
        rows={all.map(({ at, mean, soon }) => ({
          key: String(at),
          name: dimension(found.part, at),
          from: 0,
          to: Number(mean),
          behind: Number(soon),
          kind: "now",
          text: (Number(mean) / 100).toFixed(0),
        }))}
        low={0}
        high={10_000}
        label={t.dimensionsLabel}
      />
      <Table
        caption={t.dimensions}
        rows={all}
        id={({ at }) => String(at)}
        empty={{ title: t.none }}
        columns={[
          {
            head: t.dimension,
            cell: ({ at }) => (
              <>
                {dimension(found.part, at)}
                <span className="why">{strings.dimensions[found.part]?.[at]?.says}</span>
              </>
            ),
            text: ({ at }) => dimension(found.part, at),
          },
          {
            head: t.weight,
            cell: ({ omega }) => permille(omega),
            text: ({ omega }) => String(Number(omega) / 10),
            right: true,
          },
          {
            head: t.mean,
            cell: ({ mean }) => basisPoints(mean),
            text: ({ mean }) => String(Number(mean) / 100),
            right: true,
          },
          {
            head: t.soon,
            cell: ({ soon }) => basisPoints(soon),
            text: ({ soon }) => String(Number(soon) / 100),
            right: true,
            wide: true,
          },
          {
            head: t.adds,
            cell: ({ omega, mean }) => signed((omega * (mean - PRIOR_MEAN)) / 10n),
            text: ({ omega, mean }) => String(Number(omega * (mean - PRIOR_MEAN)) / 10_000),
            right: true,
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

function Fall({ found }: { found: Found }) {
  const inOrder = [...found.rows].reverse();
  const isSoon = !inOrder.some((row) => row.counts);
  const all = isSoon ? inOrder.filter((row) => row.soon !== 0n) : inOrder.filter((row) => row.counts);
  if (all.length === 0) return null;
  const start = PRIOR_MEAN * 100n;
  const end = isSoon ? found.soon.micro : found.score.micro;
  const deltas = all.map((row) => (isSoon ? row.soon : row.delta));
  const steps = waterfall(start, end, deltas, NAMED_MAX);
  const bars = steps.map((one): Bar & { whole: boolean } => {
    const row = one.at === undefined ? undefined : all[one.at];
    const name = {
      start: t.start,
      fact: row ? `${dimension(found.part, row.dimension)}: ${sourceOf(row)}` : "",
      others: t.others,
      together: t.together,
      end: isSoon ? t.endSoon : t.end,
    }[one.kind];
    const whole = one.kind === "start" || one.kind === "end";
    return {
      key: `${one.kind} ${one.at ?? ""}`,
      name,
      whole,
      from: Number(one.from),
      to: Number(one.to),
      kind: whole ? "end" : one.to < one.from ? "down" : "up",
      text: whole ? points(one.to) : signed(one.to - one.from),
    };
  });
  const values = bars.flatMap(({ from, to }) => [from, to]);
  const room = Math.max(4_000, (Math.max(...values) - Math.min(...values)) * 0.2);
  const low = Math.max(0, Math.min(...values) - room);
  return (
    <Card title={t.waterfall}>
      <p className="muted">{isSoon ? t.waterfallSoon : t.waterfallText}</p>
      <Rows
        rows={bars.map((bar) => (bar.whole ? { ...bar, from: low } : bar))}
        low={low}
        high={Math.max(...values)}
        label={t.waterfallLabel(all.length)}
        joined
      />
      <Table
        caption={t.waterfall}
        rows={bars}
        id={(bar) => bar.key}
        empty={{ title: t.none }}
        columns={[
          { head: t.fact, cell: (bar) => bar.name, text: (bar) => bar.name },
          {
            head: t.effect,
            cell: (bar) => bar.text,
            text: (bar) => String((bar.whole ? bar.to : bar.to - bar.from) / 1000),
            right: true,
          },
        ]}
      />
    </Card>
  );
}

function FactsTable({ found, isMine }: { found: Found; isMine: boolean }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const { sign, dialog } = useSigning();
  const [appealing, setAppealing] = useState<Row>();
  const at = now();
  const mayAppeal = (row: Row) =>
    isMine && row.state === FACT.stated && at <= Number(row.time) + CHALLENGE_SECONDS;
  const countsText = (row: Row) =>
    row.counts
      ? t.yes
      : row.state === FACT.stated
        ? t.countsFrom(day(Number(row.time) + CHALLENGE_SECONDS))
        : (strings.factStates[row.state] ?? t.no);
  return (
    <Card title={t.facts}>
      {appealing && (
        <Reason
          key={String(appealing.number)}
          label={`${t.appealOf(appealing.number)}: ${t.appealReason}`}
          action={t.appeal}
          look="primary"
          cancel={() => setAppealing(undefined)}
          done={(reason) =>
            sign(
              {
                effect: <Effect text={t.appealEffect(appealing.number)} reason={reason} />,
                step: step("appeal", appealing.number, fingerprint(reason)),
                action: t.appeal,
              },
              () => setAppealing(undefined),
            )
          }
        />
      )}
      <Table
        caption={t.facts}
        rows={found.rows.slice(page * SIZE, (page + 1) * SIZE)}
        all={found.rows}
        id={(row) => String(row.number)}
        empty={{ title: t.none, text: t.noneText }}
        pager={<CountedPager total={found.rows.length} page={page} size={SIZE} name="page" />}
        columns={[
          {
            head: t.dimension,
            cell: (row) => (
              <>
                <span className="one-line">{dimension(found.part, row.dimension)}</span>
                <span className="why one-line" title={strings.verifications[row.verification]}>
                  {sourceOf(row)}
                </span>
              </>
            ),
            text: (row) =>
              `${dimension(found.part, row.dimension)}: ${sourceOf(row)}, ${strings.verifications[row.verification] ?? ""}`,
          },
          {
            head: t.outcome,
            cell: (row) => basisPoints(row.outcome),
            text: (row) => String(row.outcome / 100),
            right: true,
          },
          {
            head: t.effect,
            cell: (row) => (
              <span className={(row.counts ? row.delta : row.soon) < 0n ? "left bad" : "left"}>
                {signed(row.counts ? row.delta : row.soon)}
              </span>
            ),
            text: (row) => String(Number(row.counts ? row.delta : row.soon) / 1000),
            right: true,
          },
          {
            head: t.counts,
            cell: (row) => (
              <Badge tone={row.counts ? "good" : row.state === FACT.stated ? "plain" : "wait"}>
                {countsText(row)}
              </Badge>
            ),
            text: countsText,
            wide: true,
          },
          {
            head: t.value,
            cell: (row) => money(row.value),
            text: (row) => plainMoney(row.value),
            right: true,
            wide: true,
          },
          {
            head: t.counterparty,
            cell: (row) => <Who value={row.counterparty} />,
            text: (row) => row.counterparty,
            wide: true,
          },
          {
            head: t.when,
            cell: (row) => <Time ms={Number(row.time) * 1000} />,
            text: (row) => iso(row.time),
            wide: true,
          },
          {
            head: strings.transaction,
            cell: (row) => <Proof hash={row.transaction} what={t.fact} />,
            text: (row) => row.transaction ?? "",
            wide: true,
          },
          ...(isMine
            ? [
                {
                  head: t.appeal,
                  cell: (row: Row) =>
                    mayAppeal(row) ? (
                      <button
                        type="button"
                        className="button small"
                        aria-label={t.appealOf(row.number)}
                        onClick={() => setAppealing(row)}
                      >
                        {t.appeal}
                      </button>
                    ) : (
                      <span className="muted">–</span>
                    ),
                  text: (row: Row) => (mayAppeal(row) ? t.yes : ""),
                },
              ]
            : []),
        ]}
      />
      {dialog}
    </Card>
  );
}

function Appeals({ found }: { found: Found }) {
  if (found.appeals.length === 0) return null;
  return (
    <Card title={t.appeals}>
      <Table
        caption={t.appeals}
        rows={found.appeals}
        id={(one) => String(one.number)}
        empty={{ title: t.appealsNone, text: t.appealsNoneText }}
        columns={[
          {
            head: t.appealHead,
            cell: (one) => `${one.number}: ${strings.timeline.fact(String(one.fact))}`,
            text: (one) => `${one.number}: ${one.fact}`,
          },
          {
            head: t.when,
            cell: (one) => <Time ms={Number(one.at) * 1000} />,
            text: (one) => iso(one.at),
          },
          {
            head: t.votes,
            cell: (one) => t.votesOf(one.votes[0] ?? 0, one.votes[1] ?? 0, one.votes[2] ?? 0),
            text: (one) => one.votes.join(" "),
            wide: true,
          },
          {
            head: strings.project.state,
            cell: (one) => (
              <Badge tone={one.decidedAt > 0n ? "good" : "wait"}>
                {strings.factStates[one.state] ?? strings.unknown}
              </Badge>
            ),
            text: (one) => strings.factStates[one.state] ?? "",
          },
          {
            head: strings.transaction,
            cell: (one) => <Proof hash={one.transaction} what={t.appealHead} />,
            text: (one) => one.transaction ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

/** Whose credit is looked at: an address or a handle. */
function Search() {
  const id = useId();
  const [given, setGiven] = useState("");
  const [unknown, setUnknown] = useState(false);
  const find = async () => {
    const name = given.trim().replace(/^@/, "");
    if (/^0x[0-9a-fA-F]{40}$/.test(name)) return go(`/works/credit/${name}`);
    const found = await view<Hex>("accounts", "resolve", name.toLowerCase()).catch(() => "0x" as Hex);
    if (isZero(found)) setUnknown(true);
    else go(`/works/credit/${found}`);
  };
  return (
    <form
      className="look-form"
      onSubmit={(event) => {
        event.preventDefault();
        void find();
      }}
    >
      <div className="field">
        <label htmlFor={id}>{t.who}</label>
        <input
          id={id}
          value={given}
          maxLength={80}
          placeholder={t.whoHint}
          onChange={(event) => {
            setGiven(event.target.value);
            setUnknown(false);
          }}
        />
      </div>
      <button type="submit" className="button" disabled={given.trim() === ""}>
        {t.look}
      </button>
      {unknown && (
        <p className="error" role="alert">
          {t.unknown}
        </p>
      )}
    </form>
  );
}

function Parts({ at }: { at: number | undefined }) {
  return (
    <nav className="filters" aria-label={t.asParts}>
      {strings.parts.map((name, part) => (
        <Link
          key={name}
          to={here({ as: String(part), page: undefined })}
          className="filter"
          aria-current={part === at ? "true" : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}

function Of({ who, isMine }: { who: Hex; isMine: boolean }) {
  const wanted = useQueryParam("as") ?? "";
  const part = /^[0-2]$/.test(wanted) ? Number(wanted) : undefined;
  const query = useQuery({
    queryKey: ["works", "credit", who, part],
    queryFn: () => look(who, part),
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  return (
    <>
      <Parts at={query.data?.part ?? part} />
      <Asked query={query}>
        {(found) => (
          <>
            <Head found={found} />
            {found.rows.length === 0 ? (
              <Card>
                <Empty title={t.none}>
                  <p>{t.noneText}</p>
                </Empty>
              </Card>
            ) : (
              <>
                <Fall found={found} />
                <FactsTable found={found} isMine={isMine} />
              </>
            )}
            <Dimensions found={found} />
            <Appeals found={found} />
          </>
        )}
      </Asked>
    </>
  );
}

function Named({ who, me }: { who: Hex; me: Hex | undefined }) {
  const name = useCalled(who);
  const isMine = me !== undefined && same(me, who);
  return (
    <>
      <Title text={name} kind={t.of}>
        <Link to={`/accounts/${who}`} className="button">
          {strings.account}
        </Link>
      </Title>
      <p className="lead">{t.lead}</p>
      <Search />
      <Of who={who} isMine={isMine} />
    </>
  );
}

export function Credit({ who }: { who?: string }) {
  const me = useSession()?.address;
  if (who && /^0x[0-9a-fA-F]{40}$/.test(who)) return <Named who={who as Hex} me={me} />;
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{who ? t.unknown : t.lead}</p>
      <Search />
      {me ? <Of who={me} isMine /> : <SignedOut />}
    </>
  );
}
