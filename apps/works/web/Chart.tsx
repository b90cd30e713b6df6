/** Both directions of a fibre at one wavelength: traces overlaid, events, and losses against their limits. */
import { useMemo } from "react";
import { type Frame, levels, path, ticks } from "./sor/draw";
import type { Fault, Limits, Pair } from "./sor/pairs";
import type { Sor } from "./sor/read";
import { strings } from "./strings";
import { useWidth } from "./width";
import { db } from "./words";

const t = strings.fibre;

const LEFT = 46;
const RIGHT = 10;
const TOP = 38;
const TRACE = 250;
const GAP = 40;
const STRIP = 96;
const BOTTOM = 34;

export interface Marked extends Pair {
  number: number;
  fault: Fault | undefined;
  limit: number;
}

interface Props {
  a: Sor | undefined;
  b: Sor | undefined;
  lengthMm: number;
  pairs: Marked[];
  limits: Limits;
  view: { fromMm: number; toMm: number };
  label: string;
}

export function Chart({ a, b, lengthMm, pairs, limits, view, label }: Props) {
  const [box, whole] = useWidth<HTMLDivElement>();
  const width = Math.max(0, whole - LEFT - RIGHT);
  const drawn = useMemo(() => {
    if (width < 50) return undefined;
    const from = Math.max(view.fromMm, 0);
    const to = Math.min(view.toMm, lengthMm);
    const sides = [
      a && levels(a, from, to),
      b && levels(b, Math.max(0, lengthMm - view.toMm), Math.min(lengthMm, lengthMm - view.fromMm)),
    ].filter((found) => found !== undefined);
    const low = Math.min(...sides.map(([low]) => low));
    const high = Math.max(...sides.map(([, high]) => high));
    const room = Math.max(0.05, (high - low) * 0.1);
    const frame: Frame = { ...view, top: low - 2 * room, bottom: high + room };
    const size = { width, height: TRACE };
    return {
      frame,
      a: a && path(a, frame, size),
      b: b && path(b, frame, size, lengthMm),
    };
  }, [a, b, lengthMm, view, width]);
  const height = TOP + TRACE + GAP + STRIP + BOTTOM;
  if (!drawn) return <div ref={box} className="trace" style={{ height }} />;
  const { frame } = drawn;
  const x = (mm: number) => LEFT + ((mm - frame.fromMm) / (frame.toMm - frame.fromMm)) * width;
  const y = (level: number) => TOP + ((level - frame.top) / (frame.bottom - frame.top)) * TRACE;
  const seen = pairs.filter((pair) => pair.atMm >= frame.fromMm && pair.atMm <= frame.toMm);
  const drawnLimits = [
    { name: "hard", limit: limits.spliceHard },
    { name: "p95", limit: limits.splice95 },
  ].filter(({ limit }) => Number.isFinite(limit));
  const most = Math.max(
    1,
    ...drawnLimits.map(({ limit }) => limit * 1.4),
    ...pairs.map((pair) => Math.max(pair.loss, pair.a ?? 0, pair.b ?? 0)),
  );
  const base = TOP + TRACE + GAP + STRIP;
  const up = (mdb: number) => base - (Math.max(0, mdb) / most) * STRIP;
  // A number at the very edge would be cut off.
  const edge = ((frame.toMm - frame.fromMm) / 1e6) * 0.02;
  const kilometres = ticks(frame.fromMm / 1e6, frame.toMm / 1e6 - edge, width < 420 ? 4 : 8);
  const places = (frame.toMm - frame.fromMm) / 1e6 < 1 ? 2 : 1;
  return (
    <div ref={box} className="trace">
      <svg width={whole} height={height} viewBox={`0 0 ${whole} ${height}`} role="img" aria-label={label}>
        {ticks(frame.top, frame.bottom, 5).map((level) => (
          <g key={level}>
            <line className="grid" x1={LEFT} x2={LEFT + width} y1={y(level)} y2={y(level)} />
            <text className="works-axis" x={LEFT - 7} y={y(level) + 4} textAnchor="end">
              {(-level).toFixed(1).replace("-", "−")}
            </text>
          </g>
        ))}
        <text className="works-axis" x={0} y={12}>
          {t.level}
        </text>
        {kilometres.map((km) => (
          <text key={km} className="works-axis" x={x(km * 1e6)} y={height - 18} textAnchor="middle">
            {km.toFixed(places)}
          </text>
        ))}
        <text className="works-axis" x={LEFT + width / 2} y={height - 3} textAnchor="middle">
          {t.distance}
        </text>
        {seen.map((pair) => (
          <line
            key={`line ${pair.number}`}
            className={`event ${pair.fault ?? ""}`}
            x1={x(pair.atMm)}
            x2={x(pair.atMm)}
            y1={TOP}
            y2={base}
          />
        ))}
        <g transform={`translate(${LEFT} ${TOP})`}>
          {drawn.b && <path className="line-b" d={drawn.b} />}
          {drawn.a && <path className="line-a" d={drawn.a} />}
        </g>
        {seen.map((pair) => (
          <g key={pair.number}>
            <text
              className={`event-number ${pair.fault ?? ""}`}
              x={x(pair.atMm)}
              y={TOP - 8}
              textAnchor="middle"
            >
              {pair.number}
            </text>
            {pair.fault && pair.fault !== "high" && (
              <text
                className="event-fault"
                x={Math.min(LEFT + width - 4, Math.max(LEFT + 40, x(pair.atMm) + 6))}
                y={TOP + 16}
                textAnchor={x(pair.atMm) > LEFT + width * 0.75 ? "end" : "start"}
                dx={x(pair.atMm) > LEFT + width * 0.75 ? -10 : 0}
              >
                {pair.fault === "reflectance" ? db(pair.reflectance ?? 0) : db(pair.loss)}
              </text>
            )}
          </g>
        ))}
        <line className="base" x1={LEFT} x2={LEFT + width} y1={base} y2={base} />
        <text className="works-axis" x={0} y={base - STRIP - 12}>
          {t.losses}
        </text>
        {drawnLimits.map(({ name, limit }) => (
          <g key={name}>
            <line
              className={`works-limit ${name}`}
              x1={LEFT}
              x2={LEFT + width}
              y1={up(limit)}
              y2={up(limit)}
            />
            <text className="works-axis" x={LEFT - 7} y={up(limit) + 4} textAnchor="end">
              {(limit / 1000).toFixed(2)}
            </text>
          </g>
        ))}
        {seen.map((pair) => (
          <g key={`loss ${pair.number}`}>
            <rect
              className={`loss ${pair.connector ? "connector" : ""} ${pair.fault ?? ""}`}
              x={x(pair.atMm) - 5}
              width={10}
              y={up(pair.loss)}
              height={Math.max(1, base - up(pair.loss))}
              rx="2"
            />
            {pair.a !== undefined && <circle className="dot-a" cx={x(pair.atMm) - 9} cy={up(pair.a)} r="3" />}
            {pair.b !== undefined && <circle className="dot-b" cx={x(pair.atMm) + 9} cy={up(pair.b)} r="3" />}
          </g>
        ))}
      </svg>
    </div>
  );
}
