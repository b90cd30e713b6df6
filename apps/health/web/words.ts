/** Sets of kinds and purposes, as the ledger has them in bits, and what it says by numbers. */
import { plain } from "@commonhold/web/text/safe";
import { strings } from "./strings";

/** Kinds there are, each normal (bit `c`) and sensitive (bit `16 + c`). */
export const KINDS = strings.kinds.length;
export const SENSITIVE = 16;
export const ALL_NORMAL = (1 << KINDS) - 1;
export const ALL = (ALL_NORMAL | (ALL_NORMAL << SENSITIVE)) >>> 0;
/** The kind that only emergencies open. */
export const EMERGENCY = 12;

export const RESEARCH = 0;
export const TRIAL = 1;
export const PUBLIC_HEALTH = 2;
export const TREATMENT = 3;
export const FAMILY = 4;

/** Whether a purpose goes with a study. */
export const isStudied = (purpose: number) => purpose === RESEARCH || purpose === TRIAL;

/** The numbers of the bits in a set, lowest first. */
export function codes(set: number): number[] {
  return Array.from({ length: 32 }, (_, code) => code).filter((code) => (set >>> code) & 1);
}

export const bit = (code: number) => (1 << code) >>> 0;
export const union = (...sets: number[]) => sets.reduce((all, set) => (all | set) >>> 0, 0);
export const without = (set: number, less: number) => (set & ~less) >>> 0;

/** The number of a slice's bit. */
export const codeOf = (kind: number, sensitivity: number) => (sensitivity === 0 ? kind : kind + SENSITIVE);

export function kind(code: number): string {
  const name = strings.kinds[code % SENSITIVE] ?? strings.unknown;
  return code >= SENSITIVE ? strings.sensitive(name) : name;
}

/** A set of kinds in words: `Lab results, Medicines`. */
export function kinds(set: number): string {
  if (set === 0) return strings.nothing;
  if (set === ALL) return strings.everything;
  if (set === ALL_NORMAL) return strings.everythingNormal;
  return list(codes(set).map(kind));
}

/** `a, b and c`. */
export function list(words: string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${strings.and} ${words.at(-1)}`;
}

export function purposes(set: number): string {
  return list(codes(set).map((purpose) => strings.purposes[purpose] ?? strings.unknown));
}

export const purpose = (number: number) => strings.purposes[number] ?? strings.unknown;

/** A role as `bytes32`, in words where it is one that this app knows. */
export function role(word: string): string {
  const bytes =
    word
      .replace(/^0x/, "")
      .replace(/(00)+$/, "")
      .match(/../g) ?? [];
  const name = String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16)));
  return strings.roles[name as keyof typeof strings.roles] ?? plain(name, 40);
}

export const ZERO_ADDRESS = `0x${"0".repeat(40)}` as const;
export const ZERO_WORD = `0x${"0".repeat(64)}` as const;

export const isZero = (hex: string) => /^0x0*$/.test(hex);
