/** A reading as a meter signed it, taken apart and verified; and none other for it. */
import type { Hex } from "@commonhold/web/ledger/api";
import { deviceId } from "@commonhold/web/reading/sign";
import { p256 } from "@noble/curves/nist.js";
import { bytesToHex, hexToBytes, keccak256 } from "viem";
import { describe, expect, test } from "vitest";
import golden from "./golden/signed.json";
import { isOf, parse, verify } from "./signed";

const bytes = hexToBytes(golden.bytes as Hex);
const [slot, key] = [BigInt(golden.slot), golden.key as Hex];

describe("a signed reading", () => {
  test("says what the ledger took of it", () => {
    const signed = parse(bytes);
    expect(keccak256(bytes)).toBe(golden.digest);
    expect([signed.device, signed.subject, signed.algorithm]).toEqual([golden.device, golden.device, 1]);
    expect([signed.net, signed.version]).toEqual([BigInt(golden.net), golden.version]);
    expect(deviceId(golden.algorithm, key)).toBe(golden.device);
    expect(verify(signed, golden.algorithm, key)).toBe(true);
  });
  test("is of its slot alone", () => {
    const signed = parse(bytes);
    expect(isOf(signed, slot, golden.seconds)).toBe(true);
    expect(isOf(signed, slot - 3600n, golden.seconds)).toBe(false);
    expect(isOf(signed, slot + 3600n, golden.seconds)).toBe(false);
  });
  test("with any byte changed is none, or not its meter’s", () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const other = bytes.with(at, (bytes[at] ?? 0) ^ 1);
      let holds = false;
      try {
        const signed = parse(other);
        holds = signed.device === golden.device && verify(signed, golden.algorithm, key);
      } catch {
        // It is no reading any more.
      }
      expect(holds, `byte ${at}`).toBe(false);
    }
  });
  test("is not another key’s, nor by another algorithm", () => {
    const secret = new Uint8Array(32).fill(7);
    const other = bytesToHex(p256.getPublicKey(secret));
    expect(verify(parse(bytes), 2, other)).toBe(false);
    expect(verify(parse(bytes), 2, key)).toBe(false);
  });
  test("may be signed by P-256", () => {
    const secret = new Uint8Array(32).fill(7);
    const public_ = bytesToHex(p256.getPublicKey(secret));
    const device = deviceId(2, public_);
    const message = parse(bytes).message;
    const signed = { ...parse(bytes), device, algorithm: 2, signature: p256.sign(message, secret) };
    expect(verify(signed, 2, public_)).toBe(true);
    expect(verify({ ...signed, message: message.with(20, 1) }, 2, public_)).toBe(false);
  });
  test("what is cut short or goes on is refused", () => {
    for (let length = 0; length < bytes.length; length += 7)
      expect(() => parse(bytes.slice(0, length))).toThrow();
    expect(() => parse(Uint8Array.of(...bytes, 0))).toThrow();
    expect(() => parse(new Uint8Array(64).fill(0x81))).toThrow();
  });
});
