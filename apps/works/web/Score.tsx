/** A score: where it stands, its dimensions, and the steps that lead to it. */
import { Badge, Card, Fact, Facts } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { Table } from "@commonhold/web/parts/table";
import * as format from "@commonhold/web/text/format";
import { DIMENSIONS, PRIOR_MEAN, waterfall } from "./cs1";
import type { Found } from "./known";
import type { Fact as FactRow, Score } from "./law";
import { type Row as Bar, Rows } from "./Rows";
import { strings } from "./strings";
import { useWidth } from "./width";
import { basisPoints, permille, text } from "./words";

const t = strings.credit;

/** Facts that the waterfall names. */
const NAMED_MAX = 10;

/** `742.3` of thousandths of a point. */
const points = (micro: bigint) => {
  const size = micro < 0n ? -micro : micro;
  return `${micro < 0n ? "−" : ""}${size / 1000n}.${(size % 1000n) / 100n}`;
};

export const signed = (micro: bigint) => `${micro > 0n ? "+" : ""}${points(micro)}`;

export const dimension = (part: number, at: number) =>
  strings.dimensions[part]?.[at]?.name ?? strings.unknown;

export const sourceOf = (fact: FactRow) => `${strings.sources[fact.source] ?? strings.unknown} ${fact.item}`;

/** Between which scores an appeal may end. */
const ends = ({ ifLost, ifWon }: Score): [string, string] =>
  ifLost < ifWon ? [String(ifLost), String(ifWon)] : [String(ifWon), String(ifLost)];

/** The score on a scale, with the range while appeals run. */
function Scale({ score }: { score: Score }) {
  const [low, high] = score.ifLost < score.ifWon ? [score.ifLost, score.ifWon] : [score.ifWon, score.ifLost];
  const [box, width] = useWidth<HTMLDivElement>();
  const x = (value: bigint) => 10 + (Number(value) / 1000) * (width - 20);
  const grades = [
    [600n, "D", "C"],
    [700n, "C", "B"],
    [800n, "B", "A"],
    [850n, "A", "AA"],
    [900n, "AA", "AAA"],
  ] as const;
  return (
    <div ref={box} className="scale-box">
      {width > 40 && (
        <svg
          className="scale"
          width={width}
          height={66}
          viewBox={`0 0 ${width} 66`}
          role="img"
          aria-label={t.scoreOf(String(score.afterFlags))}
        >
          <rect className="scale-all" x="10" y="26" width={width - 20} height="12" rx="6" />
          {low !== high && (
            <rect className="scale-range" x={x(low)} y="23" width={x(high) - x(low)} height="18" rx="4" />
          )}
          {grades.map(([from, , name]) => (
            <g key={name}>
              <line className="scale-grade" x1={x(from)} x2={x(from)} y1="26" y2="38" />
              {(name !== "AA" || width > 420) && (
                <text className="works-axis" x={x(from) + 3} y="60">
                  {name}
                </text>
              )}
            </g>
          ))}
          <text className="works-axis" x="10" y="60">
            D
          </text>
          <circle className="scale-now" cx={x(score.afterFlags)} cy="32" r="10" />
          <text
            className="scale-text"
            x={Math.min(width - 40, Math.max(30, x(score.afterFlags)))}
            y="14"
            textAnchor="middle"
          >
            {String(score.afterFlags)}
          </text>
        </svg>
      )}
    </div>
  );
}

export function Head({ found }: { found: Found }) {
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

export function Dimensions({ found }: { found: Found }) {
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
            cell: ({ mean }) => <span className="one-line">{basisPoints(mean)}</span>,
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

export function Fall({ found }: { found: Found }) {
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
