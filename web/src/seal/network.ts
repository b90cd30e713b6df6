/** What is sealed to the network's key, and opened with it: the key itself, a time's opening key, content. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hexToBytes } from "viem";
import { get, type Hex, rpc } from "../ledger/api";
import { view } from "../ledger/modules";
import { ofTime, opens, signatureOf, unseal } from "./sealed";

const SEGMENT = 65_536;
const OVERHEAD = 28;
/** Bytes of a sealed key, before the content that it opens. */
const SEALED_KEY = 160;

/** The key that everything is sealed to: it stays, whoever holds its shares. */
export async function sealKey(): Promise<Uint8Array> {
  const told = await rpc<{ key: Hex }>("commonhold_sealKey");
  return hexToBytes(told.key);
}

/** The content of a body without header: segments, each `nonce 12 ‖ ciphertext ‖ tag 16`. */
export function decrypt(body: Uint8Array, key: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += SEGMENT + OVERHEAD) {
    const segment = body.subarray(at, at + SEGMENT + OVERHEAD);
    parts.push(chacha20poly1305(key, segment.subarray(0, 12)).decrypt(segment.subarray(12)));
  }
  const whole = new Uint8Array(parts.reduce((length, one) => length + one.length, 0));
  let at = 0;
  for (const one of parts) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

/** What opens all that is sealed to a time. */
export interface TimeKey {
  time: bigint;
  key: Hex;
  /** Whether it stands on the ledger already, where contracts read it. */
  isPublished: boolean;
}

/**
 * The opening key of a time that has come: as the ledger has it, or as the members give it now. It is checked
 * against the seal key; throws where it is another's, or the time has not come.
 */
export async function timeKey(time: bigint): Promise<TimeKey> {
  const [sealed, published] = await Promise.all([sealKey(), view<Hex>("seals", "openingKey", time)]);
  const isPublished = published !== "0x";
  const key = isPublished ? published : (await get<{ openingKey: Hex }>(`/api/times/${time}`)).openingKey;
  if (!opens(signatureOf(hexToBytes(key)), ofTime(time), sealed)) {
    throw new Error("what the node gave does not open what is sealed to this time");
  }
  return { time, key, isPublished };
}

/** What was sealed to a time; throws where it was sealed to another, or is damaged. */
export function openTimed(sealed: Hex, { key }: TimeKey): Uint8Array {
  const bytes = hexToBytes(sealed);
  const opening = signatureOf(hexToBytes(key));
  return decrypt(bytes.subarray(SEALED_KEY), unseal(bytes.subarray(0, SEALED_KEY), opening));
}
