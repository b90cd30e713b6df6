/** Bars of parts of a whole, one for each row. The table beside them says the same. */

export interface Part {
  /** The colour's name. */
  kind: "paid" | "unpaid" | "retained" | "rest";
  value: number;
}

export interface Bar {
  name: string;
  parts: Part[];
}

const WIDTH = 600;
const ROW = 34;
const HEIGHT = 16;
const TEXT = 13;

export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.parts.reduce((sum, part) => sum + part.value, 0)));
  return (
    <svg className="bars" viewBox={`0 0 ${WIDTH} ${bars.length * ROW + TEXT}`} role="img" aria-label={label}>
      {bars.map((bar, row) => {
        let at = 0;
        const y = row * ROW;
        return (
          <g key={`${row}-${bar.name}`}>
            <text x="0" y={y + TEXT - 2} className="bars-name">
              {bar.name}
            </text>
            {bar.parts.map((part) => {
              const width = (part.value / most) * WIDTH;
              const x = at;
              at += width;
              return (
                <rect
                  key={part.kind}
                  className={`money-${part.kind}`}
                  x={x}
                  y={y + TEXT + 3}
                  width={Math.max(0, width - (part.value > 0 ? 1 : 0))}
                  height={HEIGHT}
                  rx="2"
                />
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}

export function Legend({ entries }: { entries: readonly (readonly [string, string])[] }) {
  return (
    <ul className="legend">
      {entries.map(([kind, name]) => (
        <li key={kind}>
          <span className={`swatch ${kind}`} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}
