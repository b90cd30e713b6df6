import { readdirSync, readFileSync } from "node:fs";
import { type Hex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { isNetworkKey } from "./certificate.ts";
import { check, statement, Unproven } from "./check.ts";
import { type Claim, FormError, parse, type Stamp, write } from "./form.ts";
import { header } from "./header.ts";

// Stamps that a network gave, and its key: `golden/stamps/README.md` says how they were made.
const golden = new URL("../golden/stamps/", import.meta.url);
const file = (name: string) => readFileSync(new URL(name, golden), "utf8");
const key = hexToBytes(file("network-key.txt").trim() as Hex);
const verify = (stamp: Stamp, by = key) => check(stamp, by);
const names = readdirSync(golden).filter((name) => name.endsWith(".json"));

/** A stamp with one field changed by hand, digest and form made anew: what a forger can do. */
function forged(name: string, change: (stamp: Stamp) => void): Stamp {
  const stamp = structuredClone(parse(file(name)));
  change(stamp);
  return parse(write(stamp));
}

/** Bytes with one bit flipped. */
function flipped(hex: Hex, at: number): Hex {
  const bytes = hexToBytes(hex);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

describe("a stamp that a network gave", () => {
  test("another network's key proves nothing", () => {
    // The generator of G2: a key, but nobody's.
    const other =
      "0x93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8";
    expect(isNetworkKey(hexToBytes(other))).toBe(true);
    const proof = () => verify(parse(file("transaction.json")), hexToBytes(other));
    expect(proof).toThrow(expect.objectContaining({ step: "certificate" }));
  });
});

describe("a changed byte", () => {
  test.each(names)("in %s is seen, wherever it is", (name) => {
    const text = file(name);
    for (let at = 0; at < text.length; at += Math.ceil(text.length / 50)) {
      const changed = text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
      expect(() => parse(changed), `character ${at}`).toThrow(FormError);
    }
    for (const changed of [
      `${text} `,
      text.trimEnd(),
      text.replaceAll("\n", "\r\n"),
      text.replace("  ", " "),
      "",
    ]) {
      expect(() => parse(changed)).toThrow(FormError);
    }
  });

  test.each(names)("in the header or certificate of %s is seen, under a digest made anew", (name) => {
    const stamp = parse(file(name));
    for (const field of ["header", "certificate"] as const) {
      for (let at = 0; at < (stamp[field].length - 2) / 2; at += 23) {
        const changed = forged(name, (s) => {
          s[field] = flipped(s[field], at);
        });
        expect(() => verify(changed), `${field} ${at}`).toThrow(Unproven);
      }
    }
  });

  // What follows from the header alone: the certificate, which takes long, is not asked each time.
  test.each(names)("in the claim of %s is seen, under a digest made anew", (name) => {
    const { claim, header: encoded } = parse(file(name));
    const block = header(hexToBytes(encoded));
    const changes: Claim[] = [];
    if (claim.kind === "transaction") {
      for (const field of ["raw", "receipt"] as const) {
        for (let at = 0; at < (claim[field].length - 2) / 2; at += 7) {
          changes.push({ ...claim, [field]: flipped(claim[field], at) });
        }
      }
      for (const field of ["proof", "receiptProof"] as const) {
        changes.push({ ...claim, [field]: [...claim[field], "0x80"] });
        changes.push({ ...claim, [field]: claim[field].slice(1) });
        changes.push({ ...claim, [field]: claim[field].slice(0, -1) });
      }
      changes.push({ ...claim, index: claim.index + 1 });
    } else {
      for (const [place, entry] of claim.entries.entries()) {
        const size = (entry.proof.length - 2) / 2;
        for (let at = place; at < size; at += 3 * claim.entries.length) {
          const proof = flipped(entry.proof, at);
          changes.push({ ...claim, entries: claim.entries.with(place, { ...entry, proof }) });
        }
        const short = entry.proof.slice(0, -2) as Hex;
        changes.push({ ...claim, entries: claim.entries.with(place, { ...entry, proof: short }) });
        changes.push({
          ...claim,
          entries: claim.entries.with(place, { ...entry, proof: `${entry.proof}00` }),
        });
      }
    }
    expect(changes.length).toBeGreaterThan(20);
    statement(claim, block);
    for (const changed of changes) {
      expect(() => statement(changed, block)).toThrow(Unproven);
    }
  });

  test("in what a state proof is about is seen", () => {
    const elsewhere = forged("record.json", (s) => {
      if (s.claim.kind === "record") s.claim.id = flipped(s.claim.id, 0);
    });
    expect(() => verify(elsewhere)).toThrow(expect.objectContaining({ step: "claim" }));
    const missing = forged("record.json", (s) => {
      if (s.claim.kind === "record") s.claim.entries.pop();
    });
    expect(() => verify(missing)).toThrow(expect.objectContaining({ step: "claim" }));
  });
});

describe("what is no stamp", () => {
  test.each([
    ["nothing", ""],
    ["text", "a stamp, honestly"],
    ["a list", "[]"],
    ["an object", "{}"],
    ["null", "null"],
    ["deep nesting", "[".repeat(100_000)],
    ["another version", file("transaction.json").replace('"version": 1', '"version": 2')],
    ["another kind", file("transaction.json").replace('"kind": "transaction"', '"kind": "promise"')],
    ["something large", " ".repeat(8 * 1024 * 1024 + 1)],
    ["a field too many", file("transaction.json").replace('"version": 1,', '"version": 1,\n  "note": 1,')],
  ])("%s", (_, text) => {
    expect(() => parse(text)).toThrow(FormError);
  });

  test("keys that are none", () => {
    expect(isNetworkKey(key)).toBe(true);
    expect(isNetworkKey(new Uint8Array(96))).toBe(false);
    expect(isNetworkKey(new Uint8Array(95))).toBe(false);
    const zero = new Uint8Array(96);
    zero[0] = 0xc0;
    expect(isNetworkKey(zero)).toBe(false);
  });
});
