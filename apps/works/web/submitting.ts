/** Evidence to be brought: raw traces, and the instruments' keys that sign them. Nothing is asked of the node. */
import type { Step } from "@commonhold/web/keys/send";
import type { Hex } from "@commonhold/web/ledger/api";
import { type DeviceKey, KEY_BYTES_MAX, readKey, sign } from "@commonhold/web/reading/sign";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "viem";
import type { Deal } from "./book";
import { BYTES_MAX, read, type Sor, Unreadable } from "./sor/read";
import { text } from "./words";

/** Files that are taken at a time: a cable's. */
export const FILES_MAX = 96;

/** A trace that the order takes. */
export interface Shot {
  name: string;
  bytes: Uint8Array;
  sor: Sor;
  /** Which instrument of the order made it. */
  device: Hex;
  end: "A" | "B";
  /** Of its fibre and try. */
  nonce: Hex;
}

/** What a file is. */
export type Given =
  | { is: "trace"; shot: Shot }
  | { is: "key"; name: string; key: DeviceKey }
  | {
      is: "wrong";
      name: string;
      why: "long" | "unknown" | "unreadable" | "serial" | "fibre" | "instrument";
      what: string;
    };

type Order = Deal["orders"][number];

/** Says what a file is to an order. */
export function look(name: string, bytes: Uint8Array, order: Order): Given {
  const wrong = (why: Extract<Given, { is: "wrong" }>["why"], what = ""): Given => ({
    is: "wrong",
    name,
    why,
    what,
  });
  if (bytes.length > BYTES_MAX) return wrong("long");
  if (bytes[0] === 0x7b && bytes.length <= KEY_BYTES_MAX) {
    try {
      const key = readKey(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      const listed = order.design.instruments.some(({ device }) => device.toLowerCase() === key.device);
      return listed ? { is: "key", name, key } : wrong("instrument");
    } catch {
      return wrong("unknown");
    }
  }
  let sor: Sor;
  try {
    sor = read(bytes);
  } catch (error) {
    return error instanceof Unreadable ? wrong("unreadable", error.message) : wrong("unknown");
  }
  const at = order.design.instruments.findIndex(({ serial }) => text(serial) === sor.serial);
  const listed = order.design.instruments[at];
  if (!listed) return wrong("serial", sor.serial);
  const fibre = order.states.find((one) => text(one.name) === sor.fibre);
  if (!fibre) return wrong("fibre", sor.fibre);
  const { nonce } = fibre;
  return { is: "trace", shot: { name, bytes, sor, device: listed.device, end: at === 0 ? "A" : "B", nonce } };
}

/** The instruments of these traces whose key is missing. */
export const unsigned = (shots: Shot[], keys: DeviceKey[]) =>
  shots.filter(({ device }) => !keys.some((key) => key.device === device.toLowerCase()));

/** What is signed for these traces, in the order of their times; `counter` is above all that came before. */
export function submission(order: bigint, shots: Shot[], keys: DeviceKey[], counter: bigint): Step[] {
  const inOrder = [...shots].sort((a, b) => a.sor.time - b.sor.time);
  return inOrder.flatMap(({ bytes, sor, device, end, nonce }, at) => {
    const key = keys.find((one) => one.device === device.toLowerCase());
    if (!key) return [];
    const reading = sign(key, {
      counter: counter + BigInt(at + 1),
      time: BigInt(sor.time) * 1000n,
      pack: [
        ["sha256", sha256(bytes)],
        ["fibre", sor.fibre],
        ["nm", BigInt(sor.wavelengthNm)],
        ["end", end],
      ],
      nonce,
    });
    const args = [order, bytesToHex(reading), bytesToHex(bytes)];
    return [{ module: "works", functionName: "submitEvidence", args }];
  });
}
