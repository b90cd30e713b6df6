/** Bars that each begin where the one before ended. The table beside them says the same. */

export interface Bar {
  key: string;
  name: string;
  /** Thousandths of a point. */
  from: bigint;
  to: bigint;
  /** A value, and not a step. */
  whole: boolean;
  text: string;
}

const WIDTH = 640;
const ROW = 32;
const LEFT = 230;
const RIGHT = 70;

export function Waterfall({ bars, label }: { bars: Bar[]; label: string }) {
  const values = bars.flatMap(({ from, to }) => [Number(from), Number(to)]);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(2_000, (most - least) * 0.15);
  const low = Math.max(0, least - room);
  const high = Math.min(1_000_000, most + room);
  const x = (value: bigint) => LEFT + ((Number(value) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  return (
    <div className="waterfall-box">
      <svg className="waterfall" viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`} role="img" aria-label={label}>
        {bars.map((bar, at) => {
          const [from, to] = bar.whole ? [LEFT, x(bar.to)] : [x(bar.from), x(bar.to)];
          const kind = bar.whole ? "step-end" : bar.to < bar.from ? "step-down" : "step-up";
          return (
            <g key={bar.key}>
              <text className="axis" x="0" y={at * ROW + 20}>
                {bar.name}
              </text>
              <rect
                className={kind}
                x={Math.min(from, to)}
                y={at * ROW + 6}
                width={Math.max(2, Math.abs(to - from))}
                height={ROW - 12}
                rx="2"
              />
              {at + 1 < bars.length && (
                <line
                  className="grid"
                  x1={x(bar.to)}
                  x2={x(bar.to)}
                  y1={at * ROW + ROW - 6}
                  y2={(at + 1) * ROW + 6}
                />
              )}
              <text className="axis strong" x={Math.max(from, to) + 6} y={at * ROW + 20}>
                {bar.text}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
