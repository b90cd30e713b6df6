/** A trace as a line: for each column of the picture the highest and the lowest sample, so that no peak is lost. */
import { type Sor, sampleDb, sampleMm } from "./read";

export interface Frame {
  /** Millimetres from end A, left and right. */
  fromMm: number;
  toMm: number;
  /** dB at the top and at the bottom. */
  top: number;
  bottom: number;
}

export interface Size {
  width: number;
  height: number;
}

/** The part of a trace that is not noise: up to so much behind the link's end. */
const BEHIND_MM = 150_000;

export function frame(lengthMm: number): Pick<Frame, "fromMm" | "toMm"> {
  const room = Math.max(BEHIND_MM / 2, lengthMm / 40);
  return { fromMm: -room, toMm: lengthMm + room };
}

/** Samples, in a hundred, that may lie beside a picture: reflections go far up, and are of no length. */
const PEAKS = 3;

/** Between which levels a trace runs from one place to another, dB, but for its peaks. Nothing where it has no sample there. */
export function levels(sor: Sor, fromMm: number, toMm: number): [number, number] | undefined {
  const seen: number[] = [];
  for (let at = 0; at < sor.samples.length; at += 1) {
    const mm = sampleMm(sor, at);
    if (mm >= fromMm && mm <= toMm) seen.push(sampleDb(sor, at));
  }
  if (seen.length === 0) return undefined;
  seen.sort((a, b) => a - b);
  const at = (place: number) => seen[Math.max(0, Math.min(seen.length - 1, place))] ?? 0;
  const beside = Math.floor((seen.length * PEAKS) / 100);
  return [at(beside), at(seen.length - 1)];
}

/** The path of a trace. `mirror` is the link's length, for what is seen from end B. */
export function path(sor: Sor, view: Frame, size: Size, mirror?: number): string {
  const columns = new Map<number, [number, number]>();
  const across = size.width / (view.toMm - view.fromMm);
  const down = size.height / (view.bottom - view.top);
  for (let at = 0; at < sor.samples.length; at += 1) {
    const own = sampleMm(sor, at);
    const mm = mirror === undefined ? own : mirror - own;
    if (mm < view.fromMm || mm > view.toMm) continue;
    const column = Math.round((mm - view.fromMm) * across);
    const y = Math.min(size.height, Math.max(0, (sampleDb(sor, at) - view.top) * down));
    const seen = columns.get(column);
    if (!seen) columns.set(column, [y, y]);
    else if (y < seen[0]) seen[0] = y;
    else if (y > seen[1]) seen[1] = y;
  }
  const points = [...columns].sort(([a], [b]) => a - b);
  const text = (x: number, y: number) => `${x} ${y.toFixed(1)}`;
  return points
    .map(([x, [high, low]], at) => {
      const first = `${at === 0 ? "M" : "L"}${text(x, low)}`;
      return low - high < 0.1 ? first : `${first}L${text(x, high)}`;
    })
    .join("");
}

/** Round numbers for an axis, some five of them. */
export function ticks(from: number, to: number, wanted = 6): number[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= raw) ?? raw;
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * step);
}
