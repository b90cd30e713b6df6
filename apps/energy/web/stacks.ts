/** From numbers to shapes: scales, ticks, stacked steps, the steps of demand and supply. Nothing is drawn here. */
import { ladder, type Step } from "./market/clearing";

/** A value of every series at one place of the x axis. */
export interface Band {
  from: number;
  to: number;
}

const STEPS = [1, 2, 2.5, 5, 10];

/** Round numbers from zero to at least `max`, some `count` of them. */
export function ticks(max: number, count = 4): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((nice) => nice * power >= rough) ?? 10) * power;
  const many = Math.ceil(max / step - 1e-9);
  return Array.from({ length: many + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

/** Series one on top of the other: where each begins and ends at each place. */
export function stacked(series: readonly (readonly number[])[]): Band[][] {
  const base = (series[0] ?? []).map(() => 0);
  return series.map((values) =>
    values.map((value, at) => {
      const from = base[at] ?? 0;
      base[at] = from + value;
      return { from, to: base[at] };
    }),
  );
}

/** The highest point of stacked series. */
export const highest = (bands: readonly (readonly Band[])[]): number =>
  Math.max(0, ...(bands.at(-1) ?? []).map((band) => band.to));

const px = (value: number) => Number(value.toFixed(2));

/** One series as the path of a stepped area, each place `width` wide; where it is nothing there is none. */
export function steppedArea(bands: readonly Band[], width: number, y: (value: number) => number): string {
  let path = "";
  for (let at = 0; at < bands.length; ) {
    if (empty(bands[at])) {
      at += 1;
      continue;
    }
    let end = at;
    while (end < bands.length && !empty(bands[end])) end += 1;
    const run = bands.slice(at, end);
    const left = (place: number) => px((at + place) * width);
    const top = run.map((band, n) => `V${px(y(band.to))}H${left(n + 1)}`).join("");
    const bottom = run
      .map((band, n) => `V${px(y(band.from))}H${left(n)}`)
      .reverse()
      .join("");
    path += `M${left(0)} ${px(y(run[0]?.from ?? 0))}${top}${bottom}Z`;
    at = end;
  }
  return path;
}

const empty = (band: Band | undefined) => !band || band.to === band.from;

/** A stepped line, broken where there is no value. */
export function steppedLine(
  values: readonly (number | undefined)[],
  width: number,
  y: (value: number) => number,
): string {
  let path = "";
  let drawing = false;
  for (const [at, value] of values.entries()) {
    if (value === undefined) {
      drawing = false;
      continue;
    }
    const [left, right] = [px(at * width), px((at + 1) * width)];
    path += drawing ? `V${px(y(value))}H${right}` : `M${left} ${px(y(value))}H${right}`;
    drawing = true;
  }
  return path;
}

/** A corner of the steps of demand or supply. */
export interface Corner {
  wh: number;
  price: number;
}

/** The outline of a side's orders, best first: flat as far as a limit reaches, then to the next. */
export function outline(orders: readonly Step[], falling: boolean): Corner[] {
  const corners: Corner[] = [];
  let wh = 0;
  for (const { price, quantity } of ladder(orders, falling)) {
    corners.push({ wh, price: Number(price) });
    wh += Number(quantity);
    corners.push({ wh, price: Number(price) });
  }
  return corners;
}

/** Which of five shades a value has, of the greatest one. */
export function shade(value: number, max: number): number {
  if (value <= 0 || max <= 0) return 0;
  return Math.min(4, Math.max(1, Math.ceil((value / max) * 4)));
}
