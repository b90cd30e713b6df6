/** Bars from one value to another, a row each, as wide as there is room. The table beside them says the same. */
import { useWidth } from "./width";

export interface Row {
  key: string;
  name: string;
  from: number;
  to: number;
  kind: "up" | "down" | "end" | "now";
  text: string;
  /** Where a wider, paler bar behind it ends. */
  behind?: number;
}

const NAME = 215;
const TEXT = 92;
const BAR = 18;
/** Pixels under which the name stands above its bar. */
const NARROW = 520;

export function Rows({
  rows,
  low,
  high,
  label,
  joined = false,
}: {
  rows: readonly Row[];
  low: number;
  high: number;
  label: string;
  /** Whether each begins where the one before ended. */
  joined?: boolean;
}) {
  const [box, width] = useWidth<HTMLDivElement>();
  const isNarrow = width < NARROW;
  const left = isNarrow ? 0 : NAME;
  const height = isNarrow ? 46 : 32;
  const room = Math.max(1, width - left - TEXT);
  const x = (value: number) => left + ((value - low) / Math.max(1, high - low)) * room;
  const top = (at: number) => at * height + (isNarrow ? 22 : 7);
  return (
    <div ref={box} className="rows" style={{ minHeight: rows.length * height }}>
      {width > 0 && (
        <svg
          width={width}
          height={rows.length * height}
          viewBox={`0 0 ${width} ${rows.length * height}`}
          role="img"
          aria-label={label}
        >
          {rows.map((row, at) => {
            const [a, b] = [x(Math.min(row.from, row.to)), x(Math.max(row.from, row.to))];
            const next = rows[at + 1];
            return (
              <g key={row.key}>
                <text className="works-axis" x="0" y={isNarrow ? at * height + 15 : top(at) + 14}>
                  {row.name}
                </text>
                {row.behind !== undefined && (
                  <rect
                    className="rows-behind"
                    x={left}
                    y={top(at)}
                    width={x(row.behind) - left}
                    height={BAR}
                    rx="3"
                  />
                )}
                <rect
                  className={`rows-${row.kind}`}
                  x={a}
                  y={row.behind === undefined ? top(at) : top(at) + 4}
                  width={Math.max(2, b - a)}
                  height={row.behind === undefined ? BAR : BAR - 8}
                  rx="2"
                />
                {joined && next && (
                  <line className="grid" x1={x(row.to)} x2={x(row.to)} y1={top(at) + BAR} y2={top(at + 1)} />
                )}
                <text
                  className="works-axis bold"
                  x={Math.max(b, x(row.behind ?? row.to)) + 7}
                  y={top(at) + 14}
                >
                  {row.text}
                </text>
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}
