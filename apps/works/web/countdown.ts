/** How long is left, and what is over: pure, so that a clock can be given. */
import { duration } from "@commonhold/web/text/format";
import { strings } from "./strings";

/** Seconds under which something is pressing. */
const SOON = 2 * 86_400;

export type Urgency = "none" | "calm" | "soon" | "over";

export function urgency(due: bigint | number, now: number): Urgency {
  const at = Number(due);
  if (at === 0) return "none";
  if (at < now) return "over";
  return at - now <= SOON ? "soon" : "calm";
}

/** `3 d 4 h left`, `2 h over`, `no deadline`. The last second counts. */
export function countdown(due: bigint | number, now: number): string {
  const at = Number(due);
  if (at === 0) return strings.countdown.none;
  return at < now ? strings.countdown.over(duration(now - at)) : strings.countdown.left(duration(at - now));
}

/** Seconds since 1970 of so many days after another time. */
export const after = (from: bigint | number, days: number) => Number(from) + days * 86_400;
