/** What a ruleset's text says of limits: the law pins texts of ARL-1, and the pages draw their constants. */
import type { Limits } from "./sor/pairs";

const CONSTANT = /^const ([a-z0-9_]+) = (-?\d{1,15})$/;

/** The limits that a text's constants name. What it does not name limits nothing. */
export function limitsOf(text: string): Limits {
  const named = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, value] = CONSTANT.exec(line.trim()) ?? [];
    if (name && value) named.set(name, Number(value));
  }
  const of = (name: string) => named.get(name) ?? Number.POSITIVE_INFINITY;
  return {
    spliceHard: of("splice_hard"),
    splice95: of("splice_p95"),
    connector: of("connector"),
    reflectance: of("reflectance"),
  };
}
