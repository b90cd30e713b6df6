/**
 * What members propose, checked before it is signed: an organisation's application, where a node listens, a version.
 * The ledger checks it all again (`crates/system/src/members/forms.rs`).
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { encodeAbiParameters, hexToBytes, keccak256, parseAbiParameters, stringToBytes } from "viem";
import type { Hex } from "../../ledger/api";

/** Bytes of the largest file that is taken for an application. */
export const FILE_BYTES_MAX = 8 * 1024;
/** Bytes of an organisation's name, and of a reason. */
export const NAME_BYTES_MAX = 64;
export const REASON_BYTES_MAX = 256;
/** The fewest and the most seconds to vote, and gas of a block, that members can decide for. */
export const BOUNDS = {
  voteSeconds: [86_400n, 31_536_000n],
  blockGas: [16_777_216n, 3_000_000_000n],
} as const;

const NAMESPACE = stringToBytes("commonhold/members/v1/proof");
const ADMISSION = parseAbiParameters(
  "string what, uint256 chain, string name, bytes32 key, string endpoint, address account",
);
const ROTATION = parseAbiParameters("string what, uint256 chain, uint64 member, bytes32 key");

export type Application =
  | { kind: "admission"; name: string; publicKey: Hex; endpoint: string; account: Hex; proof: Hex }
  | { kind: "key"; member: bigint; publicKey: Hex; proof: Hex };

/** Why a file is no application that could be proposed; what it is called in `strings.votes.wrong`. */
export type Wrong = "long" | "json" | "founding" | "form" | "network" | "name" | "endpoint" | "proof";

export class NoApplication extends Error {
  readonly wrong: Wrong;

  constructor(wrong: Wrong) {
    super(wrong);
    this.name = "NoApplication";
    this.wrong = wrong;
  }
}

export const bytesOf = (text: string) => new TextEncoder().encode(text).length;

const octet = (text: string) => /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
const label = (text: string) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);

function isHost(host: string): boolean {
  const labels = host.split(".");
  // A name that ends in a number would be taken for an address.
  if (/^\d*$/.test(labels.at(-1) ?? "")) return labels.length === 4 && labels.every(octet);
  return host.length <= 253 && labels.every(label);
}

function isIpv6(text: string): boolean {
  const groups = (part: string) => {
    if (part === "") return 0;
    const all = part.split(":");
    return all.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? all.length : undefined;
  };
  const cut = text.indexOf("::");
  if (cut < 0) return groups(text) === 8;
  const [before, after] = [groups(text.slice(0, cut)), groups(text.slice(cut + 2))];
  return before !== undefined && after !== undefined && before + after < 8;
}

/** Whether this is `host:port`: a DNS name in lower case, an IPv4 address or an IPv6 address in brackets. */
export function isEndpoint(text: string): boolean {
  const at = text.lastIndexOf(":");
  if (at < 0) return false;
  const [host, port] = [text.slice(0, at), text.slice(at + 1)];
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) return false;
  if (host.startsWith("[")) return host.endsWith("]") && isIpv6(host.slice(1, -1));
  return isHost(host);
}

/** Whether this is three numbers below 65,536, as `1.2.3`. */
export function isVersion(text: string): boolean {
  const parts = text.split(".");
  return (
    parts.length === 3 && parts.every((part) => /^(0|[1-9]\d{0,4})$/.test(part) && Number(part) < 65_536)
  );
}

/** Whether a text can be a reason: something is said, and not too much. */
export const isReason = (text: string) => text.trim() !== "" && bytesOf(text.trim()) <= REASON_BYTES_MAX;

/** Whether the key signed this hash as the members' nodes sign. */
function proves(key: Hex, hash: Hex, proof: Hex): boolean {
  const message = new Uint8Array([NAMESPACE.length, ...NAMESPACE, ...hexToBytes(hash)]);
  try {
    return ed25519.verify(hexToBytes(proof), message, hexToBytes(key), { zip215: false });
  } catch {
    return false;
  }
}

const is = (pattern: RegExp, value: unknown): value is Hex =>
  typeof value === "string" && pattern.test(value);
const WORD = /^0x[0-9a-fA-F]{64}$/;
const PROOF = /^0x[0-9a-fA-F]{128}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const FIELDS = {
  admission: ["account", "application", "chainId", "endpoint", "name", "proof", "publicKey"],
  key: ["application", "chainId", "member", "proof", "publicKey"],
};

/**
 * Reads a file of `commonhold member application` for the network of `chainId`, and checks that the node's key
 * signed all of it; throws `NoApplication`.
 */
export function readApplication(text: string, chainId: number): Application {
  if (bytesOf(text) >= FILE_BYTES_MAX) throw new NoApplication("long");
  let file: Record<string, unknown>;
  try {
    file = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new NoApplication("json");
  }
  if (typeof file !== "object" || file === null) throw new NoApplication("form");
  const kind = file["application"];
  // An application to found a network says no network, and is handed to `network assemble`.
  if (kind === undefined && is(WORD, file["publicKey"])) throw new NoApplication("founding");
  if (kind !== "admission" && kind !== "key") throw new NoApplication("form");
  const { publicKey, proof, name, endpoint, account, member } = file;
  const fits = Object.keys(file).sort().join() === FIELDS[kind].join();
  if (!fits || !is(WORD, publicKey) || !is(PROOF, proof)) throw new NoApplication("form");
  if (file["chainId"] !== chainId) throw new NoApplication("network");
  const chain = BigInt(chainId);
  if (kind === "key") {
    if (!Number.isSafeInteger(member) || Number(member) < 0) throw new NoApplication("form");
    const number = BigInt(Number(member));
    const hash = keccak256(encodeAbiParameters(ROTATION, ["key", chain, number, publicKey]));
    if (!proves(publicKey, hash, proof)) throw new NoApplication("proof");
    return { kind, member: number, publicKey, proof };
  }
  if (typeof name !== "string" || typeof endpoint !== "string" || !is(ADDRESS, account)) {
    throw new NoApplication("form");
  }
  if (name.trim() !== name || name === "" || bytesOf(name) > NAME_BYTES_MAX) throw new NoApplication("name");
  if (!isEndpoint(endpoint)) throw new NoApplication("endpoint");
  const said = ["admission", chain, name, publicKey, endpoint, account] as const;
  if (!proves(publicKey, keccak256(encodeAbiParameters(ADMISSION, said)), proof)) {
    throw new NoApplication("proof");
  }
  return { kind, name, publicKey, endpoint, account, proof };
}
