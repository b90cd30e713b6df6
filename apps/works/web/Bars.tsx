/** Bars of parts of a whole, one for each row. The table beside them says the same. */

export interface Part {
  /** The colour's name. */
  kind: "paid" | "unpaid" | "retained" | "rest";
  value: number;
}

export interface Bar {
  key: string;
  name: string;
  parts: Part[];
}

const WIDTH = 1_000;

export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.parts.reduce((sum, part) => sum + part.value, 0)));
  return (
    <div className="bars" role="img" aria-label={label}>
      {bars.map((bar) => {
        let at = 0;
        return (
          <div key={bar.key} className="works-bar">
            <p>{bar.name}</p>
            <svg viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
              {bar.parts.map((part) => {
                const width = (part.value / most) * WIDTH;
                const x = at;
                at += width;
                return (
                  <rect
                    key={part.kind}
                    className={`money-${part.kind}`}
                    x={x}
                    width={Math.max(0, width - (width > 4 ? 2 : 0))}
                    height="10"
                  />
                );
              })}
            </svg>
          </div>
        );
      })}
    </div>
  );
}

export function Legend({ entries }: { entries: readonly (readonly [string, string])[] }) {
  return (
    <ul className="works-legend">
      {entries.map(([kind, name]) => (
        <li key={kind}>
          <span className={`works-swatch ${kind}`} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}
