/**
 * Days and months of the reader's own calendar, and which slots are in them: a day has 23, 24 or 25 hours.
 * Written `2026-06-15` and `2026-06`. Times are seconds since 1970.
 */

export interface Window {
  from: number;
  /** Just before. */
  to: number;
}

const two = (number: number) => String(number).padStart(2, "0");
const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

/** The day of a time. */
export function dayOf(time: number): string {
  const date = new Date(time * 1000);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export const monthOf = (time: number): string => dayOf(time).slice(0, 7);

function parts(text: string, pattern: RegExp): [number, number, number] | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3] ?? 1)];
  const date = new Date(year, month - 1, day);
  const same = date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day;
  return same ? [year, month, day] : undefined;
}

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const MONTH = /^(\d{4})-(\d\d)$/;

/** From when to when a day goes; `undefined` where it is none. */
export function day(text: string): Window | undefined {
  const found = parts(text, DAY);
  if (!found) return undefined;
  const [year, month, date] = found;
  return { from: seconds(new Date(year, month - 1, date)), to: seconds(new Date(year, month - 1, date + 1)) };
}

export function month(text: string): Window | undefined {
  const found = parts(text, MONTH);
  if (!found) return undefined;
  const [year, number] = found;
  return { from: seconds(new Date(year, number - 1, 1)), to: seconds(new Date(year, number, 1)) };
}

/** So many days later, or earlier. */
export function dayAfter(text: string, days: number): string {
  const found = parts(text, DAY);
  if (!found) return text;
  const [year, number, date] = found;
  return dayOf(seconds(new Date(year, number - 1, date + days)));
}

export function monthAfter(text: string, months: number): string {
  const found = parts(text, MONTH);
  if (!found) return text;
  const [year, number] = found;
  return monthOf(seconds(new Date(year, number - 1 + months, 1)));
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

/** The beginning of a slot in hours of its day, as its clock shows it. */
export function hourOf(time: number): number {
  const date = new Date(time * 1000);
  return date.getHours() + date.getMinutes() / 60;
}

/** `13:00`. */
export function clock(time: number): string {
  const date = new Date(time * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}
