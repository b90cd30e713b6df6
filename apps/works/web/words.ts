/** What the ledger says by numbers and by words of 32 bytes, in words for people. */
import { count, decimal } from "@commonhold/web/text/format";
import { asciiOf, plain } from "@commonhold/web/text/safe";
import { keccak256, toBytes } from "viem";
import type { Deal } from "./book";
import { CERTIFIER, CONTRACTOR, type Document, OWNER } from "./law";
import { strings } from "./strings";

export const ZERO_WORD = `0x${"0".repeat(64)}` as const;
export const isZero = (hex: string) => /^0x0*$/.test(hex);

/** A text of 32 bytes, UTF-8 filled up with zeros. */
export function text(word: string): string {
  const ascii = asciiOf(word);
  if (ascii !== undefined) return plain(ascii, 40);
  const bytes =
    word
      .replace(/^0x/, "")
      .replace(/(00)+$/, "")
      .match(/../g) ?? [];
  return plain(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16))), 40);
}

/** What goes to the ledger of what somebody wrote: its fingerprint, as the command line makes it. */
export const fingerprint = (written: string) => keccak256(toBytes(written));

/** Money from minor units, always with two places: `1,234.50`. */
export function money(minor: bigint | number): string {
  const units = BigInt(minor);
  const size = units < 0n ? -units : units;
  return `${units < 0n ? "−" : ""}${count(size / 100n)}.${String(size % 100n).padStart(2, "0")}`;
}

/** Money as spreadsheets take it. */
export function plainMoney(minor: bigint | number): string {
  const units = BigInt(minor);
  const size = units < 0n ? -units : units;
  return `${units < 0n ? "-" : ""}${size / 100n}.${String(size % 100n).padStart(2, "0")}`;
}

/** `12.5 %` of permille. */
export const permille = (value: number | bigint) => `${decimal(BigInt(value), 1)} %`;

/** `95.25 %` of basis points. */
export const basisPoints = (value: number | bigint) => `${decimal(BigInt(value), 2)} %`;

/** Thousandths with their point. */
export const milli = (value: number | bigint) => decimal(BigInt(Math.round(Number(value))), 3);

/** `1,300.0 m` of millimetres. */
export const metres = (mm: number | bigint) => `${decimal(BigInt(Math.round(Number(mm) / 100)), 1)} m`;

/** dB of mdB, with its sign where it is below zero. */
export const db = (mdb: number | bigint) => {
  const size = Math.abs(Number(mdb));
  return `${Number(mdb) < 0 ? "−" : ""}${(size / 1000).toFixed(3)} dB`;
};

/** A value of a rule with its unit: mdB as dB, mm as m. */
export function measure(value: bigint, unit: string): string {
  const places = (text: string) => `${value < 0n ? "−" : ""}${text}`;
  const size = value < 0n ? -value : value;
  switch (unit) {
    case "mdB":
      return places(`${(Number(size) / 1000).toFixed(3)} dB`);
    case "mdB/km":
      return places(`${(Number(size) / 1000).toFixed(3)} dB/km`);
    case "mm":
      return places(`${decimal(size, 3)} m`);
    case "1/20":
      // Splices, of which one in twenty may be over the usual limit.
      return places(strings.splices((Number(size) / 20).toFixed(1)));
    default:
      return places(unit === "" ? count(size) : `${count(size)} ${unit}`);
  }
}

/** `VAL1-BLD-ZZ-01-DR-E-0001`. */
export function container({ container: of }: Pick<Document, "container">): string {
  return [of.project, of.originator, of.volume, of.level, of.kind, of.role, of.number].map(text).join("-");
}

/** As whom of a contract somebody acts, as bits. */
export function roles(deal: Deal, who: string): number {
  const same = (other: string) => other.toLowerCase() === who.toLowerCase();
  return (
    (same(deal.owner) ? OWNER : 0) |
    (same(deal.offer.certifier) ? CERTIFIER : 0) |
    (same(deal.offer.contractor) ? CONTRACTOR : 0)
  );
}

/** Signers, in words. */
export function signers(bits: number): string {
  const names = [OWNER, CERTIFIER, CONTRACTOR].filter((bit) => bits & bit);
  return names.map((bit) => strings.roles[bit] ?? "").join(", ");
}

/** The title of a milestone. */
export function stepTitle(deal: Deal | undefined, number: number): string {
  const step = deal?.steps[number - 1];
  return step ? text(step.offer.title) : strings.milestone(number);
}

/** Certified and held back, in minor units, by the newest certificate; what is paid. */
export function sums(deal: Deal): {
  sum: bigint;
  gross: bigint;
  net: bigint;
  retained: bigint;
  paid: bigint;
} {
  const last = deal.paper.at(-1);
  return {
    sum: deal.sum + deal.added - deal.omitted,
    gross: last ? last.grossWork + last.variations : 0n,
    net: last?.net ?? 0n,
    retained: last?.retention ?? 0n,
    paid: deal.paidMinor,
  };
}

/** The bits that are set, lowest first. */
export const bits = (set: number) =>
  Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (set >>> bit) & 1);
