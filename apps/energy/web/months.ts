/**
 * Days and months of a community, and which slots are in them, by an offset from UTC that everybody can name: as
 * `--offset` does for the command line. The browser's own time zone has no say: a bill is the same for whoever looks.
 * Written `2026-06-15`, `2026-06` and `+02:00`. Times are seconds since 1970.
 */

export interface Window {
  from: number;
  /** Just before. */
  to: number;
}

const DAY_SECONDS = 86_400;
/** The offset where nobody names one; the command line's, too. */
export const OFFSET = "+00:00";

/** Seconds of an offset as it is written; nothing where it is none. */
export function offset(text: string): number | undefined {
  const found = /^([+-])(\d\d):(\d\d)$/.exec(text);
  const [hours, minutes] = [Number(found?.[2]), Number(found?.[3])];
  if (!found || hours > 14 || minutes > 59 || hours * 60 + minutes > 840) return undefined;
  return (found[1] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60);
}

let shift = 0;

/** From now on days and months go by this offset; by none, where it is none. */
export function goBy(text: string | undefined): void {
  shift = offset(text ?? OFFSET) ?? 0;
}

/** By which offset they go. */
export const by = (): number => shift;

const two = (number: number) => String(number).padStart(2, "0");
/** A time as a date whose UTC parts are those of the community's clock. */
export const local = (time: number) => new Date((time + shift) * 1000);
const midnight = (year: number, month: number, day: number) => Date.UTC(year, month, day) / 1000 - shift;

/** The day of a time. */
export function dayOf(time: number): string {
  const date = local(time);
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

export const monthOf = (time: number): string => dayOf(time).slice(0, 7);

function parts(text: string, pattern: RegExp): [number, number, number] | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 1)];
  const date = new Date(Date.UTC(year, month - 1, day));
  const same =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return same ? [year, month, day] : undefined;
}

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const MONTH = /^(\d{4})-(\d\d)$/;

/** From when to when a day goes; `undefined` where it is none. */
export function day(text: string): Window | undefined {
  const found = parts(text, DAY);
  if (!found) return undefined;
  const [year, month, date] = found;
  const from = midnight(year, month - 1, date);
  return { from, to: from + DAY_SECONDS };
}

export function month(text: string): Window | undefined {
  const found = parts(text, MONTH);
  if (!found) return undefined;
  const [year, number] = found;
  return { from: midnight(year, number - 1, 1), to: midnight(year, number, 1) };
}

/** So many days later, or earlier. */
export function dayAfter(text: string, days: number): string {
  const found = day(text);
  return found ? dayOf(found.from + days * DAY_SECONDS) : text;
}

export function monthAfter(text: string, months: number): string {
  const found = parts(text, MONTH);
  if (!found) return text;
  const [year, number] = found;
  return monthOf(midnight(year, number - 1 + months, 1));
}

/** The days of a month, in order. */
export function daysOf(text: string): string[] {
  const window = month(text);
  if (!window) return [];
  const days: string[] = [];
  for (let at = dayOf(window.from); at.startsWith(text); at = dayAfter(at, 1)) days.push(at);
  return days;
}

/** Every time in a window at which a slot may begin. */
export function times({ from, to }: Window, step: number): bigint[] {
  const found: bigint[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) found.push(BigInt(at));
  return found;
}

/** The beginning of a slot in hours of its day, as the community's clock shows it. */
export function hourOf(time: number): number {
  const date = local(time);
  return date.getUTCHours() + date.getUTCMinutes() / 60;
}

/** `13:00`. */
export function clock(time: number): string {
  const date = local(time);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}
