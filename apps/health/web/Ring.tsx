/** A ring of parts by kind. The table beside it says the same. */

interface Part {
  name: string;
  value: number;
  /** The colour's number. */
  kind: number;
  /** Drawn with a gap, as what is sensitive is. */
  strong: boolean;
}

const RADIUS = 42;
const AROUND = 2 * Math.PI * RADIUS;
const GAP = 1.6;

export function Ring({
  parts,
  label,
  middle,
  unit,
}: {
  parts: Part[];
  label: string;
  middle: string;
  unit: string;
}) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0) || 1;
  let begun = 0;
  return (
    <svg className="ring" viewBox="0 0 100 100" role="img" aria-label={label}>
      {parts.map((part) => {
        const length = (part.value / whole) * AROUND;
        const at = begun;
        begun += length;
        return (
          <circle
            key={`${part.name}`}
            className={`kind-${part.kind} ${part.strong ? "strong" : ""}`}
            cx="50"
            cy="50"
            r={RADIUS}
            strokeDasharray={`${Math.max(0.4, length - GAP)} ${AROUND}`}
            strokeDashoffset={-at}
            transform="rotate(-90 50 50)"
          />
        );
      })}
      <text x="50" y="50" className="ring-middle">
        {middle}
      </text>
      <text x="50" y="63" className="ring-unit">
        {unit}
      </text>
    </svg>
  );
}
