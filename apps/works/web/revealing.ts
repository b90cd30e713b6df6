/** Bids laid open after their deadline: opened in this browser, and held against what bound each bidder. */
import type { Step } from "@commonhold/web/keys/send";
import type { Hex } from "@commonhold/web/ledger/api";
import { openTimed, type TimeKey, timeKey } from "@commonhold/web/seal/network";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, stringToBytes } from "viem";

const DOMAIN = stringToBytes("WORKS-BID-v1\0");
const SALT = 32;

/** A bid as it was made. */
export interface Sealed {
  bidder: Hex;
  commitment: string;
  sealedBid: Hex;
}

export interface Revealed {
  bidder: Hex;
  salt: Hex;
  bid: Hex;
}

/** Whether a bid and its salt are those that somebody bound themselves to. */
export const binds = (commitment: string, salt: Uint8Array, bid: Uint8Array) =>
  bytesToHex(sha256(concatBytes([DOMAIN, salt, bid]))) === commitment.toLowerCase();

/** Opens a bid; nothing where it does not open, or is not what its bidder is bound to. */
export function reveal({ bidder, commitment, sealedBid }: Sealed, key: TimeKey): Revealed | undefined {
  try {
    const whole = openTimed(sealedBid, key);
    const [salt, bid] = [whole.subarray(0, SALT), whole.subarray(SALT)];
    if (salt.length !== SALT || !binds(commitment, salt, bid)) return undefined;
    return { bidder, salt: bytesToHex(salt), bid: bytesToHex(bid) };
  } catch {
    return undefined;
  }
}

/** What is signed to lay bids open: the time's key where it does not stand yet, then each bid. */
export async function opening(
  tender: bigint,
  deadline: bigint,
  bids: Sealed[],
): Promise<{ steps: Step[]; revealed: Revealed[]; failed: Hex[] }> {
  const key = await timeKey(deadline);
  const tried = bids.map((bid) => ({ bidder: bid.bidder, opened: reveal(bid, key) }));
  const revealed = tried.flatMap(({ opened }) => opened ?? []);
  const steps: Step[] = revealed.map(({ bidder, salt, bid }) => ({
    module: "works",
    functionName: "openBid",
    args: [tender, bidder, salt, bid],
    follows: !key.isPublished,
  }));
  if (!key.isPublished && steps.length > 0) {
    steps.unshift({ module: "seals", functionName: "publish", args: [deadline, key.key] });
  }
  return { steps, revealed, failed: tried.flatMap((one) => (one.opened ? [] : [one.bidder])) };
}

/** What a bid says once it is open. Anybody may have written anything. */
export function opened(bid: string): { text: string; price: bigint | undefined } {
  const bytes = hexToBytes(bid as Hex);
  const written = new TextDecoder().decode(bytes.slice(0, 8_192));
  try {
    const form: unknown = JSON.parse(written);
    const price = (form as { price_minor?: unknown } | null)?.price_minor;
    if (typeof price === "number" && Number.isSafeInteger(price) && price >= 0) {
      return { text: written, price: BigInt(price) };
    }
  } catch {
    // It is no JSON; shown as it is.
  }
  return { text: written, price: undefined };
}
