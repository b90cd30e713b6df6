/** What a decision is, and what may be said to it. */
import type { Hex } from "@commonhold/web/ledger/api";
import { strings } from "./strings";
import { fingerprint, ZERO_WORD } from "./words";

const t = strings.decisions;

/** Something that may be said. */
export interface Choice {
  label: string;
  look: "primary" | "danger" | "";
  /** Whether a reason has to be given, and what for. */
  reason?: string;
  functionName: string;
  args: (reason: Hex) => unknown[];
  /** What will happen, in words. `who` is the other side. */
  effect: (who: string) => string;
}

export interface Decision {
  key: string;
  /** What it is, in few words. */
  title: string;
  sort: keyof typeof t.sorts;
  project: bigint;
  contract: bigint | undefined;
  /** The other side. */
  who: Hex;
  /** Seconds since 1970; zero: there is no clock. */
  due: number;
  /** What happens if nothing is said. */
  silence: string;
  facts: [string, string][];
  to: string;
  /** The event that it comes of: its name and parts. */
  told: [string, Record<string, string | bigint | number>];
  choices: Choice[];
  /** Lines to be certified, where payment was applied for: permille of each. */
  lines?: number[];
}

export const said = (
  label: string,
  look: Choice["look"],
  functionName: string,
  args: Choice["args"],
  effect: Choice["effect"],
  reason?: string,
): Choice => ({ label, look, functionName, args, effect, ...(reason ? { reason } : {}) });

/** A choice's step, with the fingerprint of its reason. */
export function argsOf(choice: Choice, reason: string): unknown[] {
  return choice.args(reason === "" ? ZERO_WORD : fingerprint(reason));
}
