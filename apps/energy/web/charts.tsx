/** Charts, drawn here. Each has a table beside it that says the same, and says in a sentence what it shows. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Step } from "./market/clearing";
import { highest, outline, shade, stacked, steppedArea, steppedLine, ticks } from "./stacks";

/** Its own width, so that letters are as large on a phone as on a desktop. */
function useWidth(): [React.RefObject<HTMLDivElement | null>, number] {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const measure = () => setWidth(Math.max(240, Math.round(box.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return [frame, width];
}

export interface Series {
  name: string;
  /** Its colour: `local`, `grid`, `sold`, `fed`. */
  look: string;
  values: number[];
}

const LEFT = 46;
const RIGHT = 12;
const BOTTOM = 24;
/** Room for the unit above the highest mark. */
const TOP = 24;

export function Legend({ items }: { items: { name: string; look: string }[] }) {
  return (
    <ul className="legend">
      {items.map((item) => (
        <li key={item.name}>
          <span className={`swatch look-${item.look}`} aria-hidden="true" />
          {item.name}
        </li>
      ))}
    </ul>
  );
}

interface XAxis {
  /** What stands below each place; nothing where there is no room for it. */
  labels: string[];
  /** What each place is called in full. */
  titles: string[];
}

/** Where something is said of a stretch of the axis. */
function Hits({ titles, width, height }: { titles: string[]; width: number; height: number }) {
  return titles.map((title, at) => (
    <rect
      key={title}
      className="hit"
      x={LEFT + at * width}
      y={TOP}
      width={width}
      height={height - TOP - BOTTOM}
    >
      <title>{title}</title>
    </rect>
  ));
}

function Labels({
  labels,
  width,
  bottom,
  wide,
}: {
  labels: string[];
  width: number;
  bottom: number;
  wide: number;
}) {
  const room = Math.max(
    1,
    Math.ceil((labels.reduce((most, text) => Math.max(most, text.length), 1) * 8 + 10) / width),
  );
  // Every so many hours as people count them.
  const every = [1, 2, 3, 4, 6, 8, 12, 16, 24, 48].find((step) => step >= room) ?? room;
  return (
    <g className="axis">
      {labels.map((text, at) =>
        at % every === 0 && at * width + LEFT < wide - 20 ? (
          <text key={at} x={LEFT + (at + 0.5) * width} y={bottom + 17} textAnchor="middle">
            {text}
          </text>
        ) : null,
      )}
    </g>
  );
}

/** What came in above the line and what went out below it, by source and use. */
export function Mirror({
  above,
  below,
  axis,
  label,
  unit,
  show,
}: {
  above: Series[];
  below: Series[];
  axis: XAxis;
  label: string;
  unit: string;
  show: (value: number) => string;
}) {
  const [frame, wide] = useWidth();
  const [up, down] = [stacked(above.map((s) => s.values)), stacked(below.map((s) => s.values))];
  const [most, least] = [highest(up), highest(down)];
  const upper = ticks(most || (least ? 0 : 1), 3);
  const lower = least > 0 ? ticks(least, 3) : [0];
  const step = Math.max(upper[1] ?? 0, lower[1] ?? 0) || 1;
  const [top, bottom] = [Math.ceil((most || step) / step) * step, Math.ceil(least / step) * step];
  const height = bottom > 0 ? 290 : 220;
  const scale = (height - TOP - BOTTOM) / (top + bottom);
  const zero = TOP + top * scale;
  const width = (wide - LEFT - RIGHT) / Math.max(1, axis.labels.length);
  const marks: number[] = [];
  for (let at = -bottom; at <= top + step / 2; at += step) marks.push(at);
  return (
    <div ref={frame} className="chart">
      <svg width={wide} height={height} viewBox={`0 0 ${wide} ${height}`} role="img" aria-label={label}>
        <g className="grid-lines">
          {marks.map((mark) => (
            <line key={mark} x1={LEFT} x2={wide - RIGHT} y1={zero - mark * scale} y2={zero - mark * scale} />
          ))}
        </g>
        <g className="axis">
          {marks.map((mark) => (
            <text key={mark} x={LEFT - 8} y={zero - mark * scale + 4} textAnchor="end">
              {show(Math.abs(mark))}
            </text>
          ))}
          <text x={LEFT - 8} y={11} textAnchor="end" className="unit">
            {unit}
          </text>
        </g>
        <g transform={`translate(${LEFT} 0)`}>
          {up.map((bands, at) => (
            <path
              key={above[at]?.name}
              className={`area look-${above[at]?.look}`}
              d={steppedArea(bands, width, (value) => zero - value * scale)}
            />
          ))}
          {down.map((bands, at) => (
            <path
              key={below[at]?.name}
              className={`area look-${below[at]?.look}`}
              d={steppedArea(bands, width, (value) => zero + value * scale)}
            />
          ))}
        </g>
        <line className="zero" x1={LEFT} x2={wide - RIGHT} y1={zero} y2={zero} />
        <Labels labels={axis.labels} width={width} bottom={height - BOTTOM} wide={wide} />
        <Hits titles={axis.titles} width={width} height={height} />
      </svg>
      <Legend items={[...above, ...below]} />
    </div>
  );
}

export interface PriceSeries {
  name: string;
  look: string;
  values: (number | undefined)[];
}

/** Prices: what neighbours pay, between what the grid pays and what it costs. */
export function Prices({
  series,
  axis,
  label,
  unit,
  show,
}: {
  series: PriceSeries[];
  axis: XAxis;
  label: string;
  unit: string;
  show: (value: number) => string;
}) {
  const [frame, wide] = useWidth();
  const known = series.flatMap((one) => one.values.filter((value) => value !== undefined));
  const marks = ticks(Math.max(0, ...known) * 1.04, 4);
  const top = marks.at(-1) ?? 1;
  const height = 190;
  const y = (value: number) => TOP + (1 - Math.max(0, value) / top) * (height - TOP - BOTTOM);
  const width = (wide - LEFT - RIGHT) / Math.max(1, axis.labels.length);
  return (
    <div ref={frame} className="chart">
      <svg width={wide} height={height} viewBox={`0 0 ${wide} ${height}`} role="img" aria-label={label}>
        <g className="grid-lines">
          {marks.map((mark) => (
            <line key={mark} x1={LEFT} x2={wide - RIGHT} y1={y(mark)} y2={y(mark)} />
          ))}
        </g>
        <g className="axis">
          {marks.map((mark) => (
            <text key={mark} x={LEFT - 8} y={y(mark) + 4} textAnchor="end">
              {show(mark)}
            </text>
          ))}
          <text x={LEFT - 8} y={11} textAnchor="end" className="unit">
            {unit}
          </text>
        </g>
        <g transform={`translate(${LEFT} 0)`}>
          {series.map((one) => (
            <path key={one.name} className={`line look-${one.look}`} d={steppedLine(one.values, width, y)} />
          ))}
        </g>
        <Labels labels={axis.labels} width={width} bottom={height - BOTTOM} wide={wide} />
        <Hits titles={axis.titles} width={width} height={height} />
      </svg>
      <Legend items={series} />
    </div>
  );
}

/** The steps of demand and supply, and where they meet. */
export function Market({
  bids,
  offers,
  point,
  label,
  names,
  unit,
  show,
}: {
  bids: readonly Step[];
  offers: readonly Step[];
  /** Volume, price and what to write beside it. */
  point: { wh: number; price: number; text: string } | undefined;
  label: string;
  names: { demand: string; supply: string };
  unit: { price: string; energy: string };
  show: { price: (value: number) => string; energy: (value: number) => string };
}) {
  const [frame, wide] = useWidth();
  const [demand, supply] = [outline(bids, true), outline(offers, false)];
  const all = [...demand, ...supply];
  const across = ticks(Math.max(1, ...all.map((corner) => corner.wh)), wide < 460 ? 3 : 5);
  const upward = ticks(Math.max(1, ...all.map((corner) => corner.price)) * 1.08, 4);
  const [right, top] = [across.at(-1) ?? 1, upward.at(-1) ?? 1];
  const height = 320;
  const foot = BOTTOM + 16;
  const x = (wh: number) => LEFT + (wh / right) * (wide - LEFT - RIGHT - 14);
  const y = (price: number) => TOP + (1 - Math.max(0, price) / top) * (height - TOP - foot);
  const path = (corners: typeof demand) =>
    corners
      .map(({ wh, price }, at) => `${at === 0 ? "M" : "L"}${x(wh).toFixed(1)} ${y(price).toFixed(1)}`)
      .join("");
  const late = point && x(point.wh) > wide * 0.6;
  return (
    <div ref={frame} className="chart">
      <svg width={wide} height={height} viewBox={`0 0 ${wide} ${height}`} role="img" aria-label={label}>
        <g className="grid-lines">
          {upward.map((mark) => (
            <line key={mark} x1={LEFT} x2={wide - RIGHT} y1={y(mark)} y2={y(mark)} />
          ))}
        </g>
        <g className="axis">
          {upward.map((mark) => (
            <text key={mark} x={LEFT - 8} y={y(mark) + 4} textAnchor="end">
              {show.price(mark)}
            </text>
          ))}
          {across.map((mark) => (
            <text key={mark} x={x(mark)} y={height - foot + 17} textAnchor="middle">
              {show.energy(mark)}
            </text>
          ))}
          <text x={LEFT - 8} y={11} textAnchor="end" className="unit">
            {unit.price}
          </text>
          <text x={wide - RIGHT} y={height - 4} textAnchor="end" className="unit">
            {unit.energy}
          </text>
        </g>
        <line className="zero" x1={LEFT} x2={wide - RIGHT} y1={y(0)} y2={y(0)} />
        <path className="line look-demand" d={path(demand)} />
        <path className="line look-supply" d={path(supply)} />
        {point && (
          <g className="meet">
            <path d={`M${LEFT} ${y(point.price)}H${x(point.wh)}V${y(0)}`} />
            <circle cx={x(point.wh)} cy={y(point.price)} r={6} />
            <text
              x={x(point.wh) + (late ? -12 : 12)}
              y={Math.max(TOP + 4, y(point.price) - 12)}
              textAnchor={late ? "end" : "start"}
            >
              {point.text}
            </text>
          </g>
        )}
      </svg>
      <Legend
        items={[
          { name: names.demand, look: "demand" },
          { name: names.supply, look: "supply" },
        ]}
      />
    </div>
  );
}

/** Hours down, days across, the darker the more. */
export function HeatMap({
  days,
  value,
  label,
  title,
  scale,
}: {
  days: string[];
  value: (day: string, hour: number) => number;
  label: string;
  title: (day: string, hour: number) => string;
  scale: { less: string; more: string };
}) {
  const [frame, wide] = useWidth();
  const left = 34;
  const cell = Math.min(26, (wide - left - 2) / Math.max(1, days.length));
  const tall = Math.max(9, Math.min(15, cell));
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const max = Math.max(0, ...days.flatMap((day) => hours.map((hour) => value(day, hour))));
  const every = cell < 16 ? 5 : cell < 22 ? 2 : 1;
  const height = 24 * tall + 22;
  return (
    <div ref={frame} className="chart">
      <svg width={wide} height={height} viewBox={`0 0 ${wide} ${height}`} role="img" aria-label={label}>
        {hours.map((hour) => (
          <g key={hour} transform={`translate(0 ${hour * tall})`}>
            {hour % 3 === 0 && (
              <text x={left - 7} y={tall - 2} textAnchor="end" className="tick">
                {String(hour).padStart(2, "0")}
              </text>
            )}
            {days.map((day, at) => {
              const wh = value(day, hour);
              return (
                <rect
                  key={day}
                  className={`heat heat-${shade(wh, max)}`}
                  x={left + at * cell}
                  y={0}
                  width={Math.max(1, cell - 1.5)}
                  height={tall - 1.5}
                  rx={1.5}
                >
                  {wh > 0 && <title>{title(day, hour)}</title>}
                </rect>
              );
            })}
          </g>
        ))}
        {days.map((day, at) =>
          at % every === 0 ? (
            <text key={day} x={left + (at + 0.5) * cell} y={height - 5} textAnchor="middle" className="tick">
              {Number(day.slice(8))}
            </text>
          ) : null,
        )}
      </svg>
      <p className="legend">
        {scale.less}
        {[0, 1, 2, 3, 4].map((level) => (
          <span key={level} className={`swatch heat heat-${level}`} aria-hidden="true" />
        ))}
        {scale.more}
      </p>
    </div>
  );
}

/** A bar of a part of a whole, or to either side of a middle. */
export function Bar({ value, most, look }: { value: number; most: number; look: string }) {
  const part = most > 0 ? Math.min(100, (Math.abs(value) / most) * 100) : 0;
  return (
    <span className="bar" aria-hidden="true">
      <span className={`bar-fill look-${look}`} style={{ width: `${part}%` }} />
    </span>
  );
}

export interface Flow {
  from: "roof" | "neighbours" | "grid" | "home";
  to: "roof" | "neighbours" | "grid" | "home";
  value: number;
  text: string;
  look: string;
}

const PLACES = {
  roof: { x: 180, y: 52 },
  neighbours: { x: 308, y: 160 },
  grid: { x: 52, y: 160 },
  home: { x: 180, y: 268 },
} as const;
const RADIUS = 44;

/** Where power came from and where it went: circles, and arrows as wide as what flows. */
export function Flows({
  flows,
  circles,
  label,
}: {
  flows: Flow[];
  circles: { at: keyof typeof PLACES; name: string; lines: string[] }[];
  label: string;
}) {
  const most = Math.max(1, ...flows.map((flow) => flow.value));
  return (
    <svg className="flows" viewBox="0 0 360 320" role="img" aria-label={label}>
      {flows.map((flow) => {
        const [from, to] = [PLACES[flow.from], PLACES[flow.to]];
        const length = Math.hypot(to.x - from.x, to.y - from.y);
        const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
        const on = flow.value > 0;
        const begin = { x: from.x + dx * (RADIUS + 3), y: from.y + dy * (RADIUS + 3) };
        const end = { x: to.x - dx * (RADIUS + (on ? 15 : 3)), y: to.y - dy * (RADIUS + (on ? 15 : 3)) };
        const width = on ? 2.5 + (flow.value / most) * 6 : 1.5;
        const head = 5 + width / 1.6;
        const tip = { x: to.x - dx * (RADIUS + 5), y: to.y - dy * (RADIUS + 5) };
        return (
          <g key={`${flow.from}-${flow.to}`} className={on ? `flow look-${flow.look}` : "flow none"}>
            <line x1={begin.x} y1={begin.y} x2={end.x} y2={end.y} strokeWidth={width} />
            {on && (
              <polygon
                points={`${tip.x},${tip.y} ${end.x - dx * 2 - dy * head},${end.y - dy * 2 + dx * head} ${end.x - dx * 2 + dy * head},${end.y - dy * 2 - dx * head}`}
              />
            )}
          </g>
        );
      })}
      {circles.map((circle) => {
        const { x, y } = PLACES[circle.at];
        return (
          <g key={circle.at} className={`circle circle-${circle.at}`}>
            <circle cx={x} cy={y} r={RADIUS} />
            <text x={x} y={y - (circle.lines.length > 1 ? 12 : 6)} className="circle-name">
              {circle.name}
            </text>
            {circle.lines.map((line, at) => (
              <text
                key={line}
                x={x}
                y={y + 6 + at * 15 - (circle.lines.length > 1 ? 4 : -6)}
                className="circle-value"
              >
                {line}
              </text>
            ))}
          </g>
        );
      })}
    </svg>
  );
}

/** A number that matters, large, and what it is. */
export function Figure({ name, value, hint }: { name: string; value: ReactNode; hint?: ReactNode }) {
  return (
    <div className="figure-box">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {hint && <dd className="hint">{hint}</dd>}
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <dl className="figure-row">{children}</dl>;
}
