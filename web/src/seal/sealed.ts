/**
 * The seal of the network: members' parts checked and put together, and a data key opened with what comes of it
 * (Boneh-Franklin on BLS12-381, `docs/formats.md`, Sealing). Signatures are in G1, keys in G2.
 */

import { same } from "@commonhold/light";
import { expand_message_xmd } from "@noble/curves/abstract/hash-to-curve.js";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak256 } from "viem";
import { concat, open as hpke } from "./hpke";

const text = (value: string) => new TextEncoder().encode(value);
const NAMESPACE = text("commonhold/seal/v1");
const ANSWERS = text("commonhold/seal/v1/answer");
const SIGNED = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const SCALARS = "TLE_BLS12381_XMD:SHA-256_SSWU_RO_H3_";
const { G1, G2, fields, shortSignatures } = bls12_381;

type Signature = InstanceType<typeof G1.Point>;
type Key = InstanceType<typeof G2.Point>;

/** One sharing of the seal key, and its holders' identity keys by place. */
export interface Group {
  /** The polynomial's coefficients; the first is the seal key. */
  coefficients: Key[];
  total: number;
  members: Uint8Array[];
  /** What members name it by when they answer. */
  digest: Uint8Array;
}

/** What a request to open is. */
export interface Asked {
  chainId: bigint;
  number: bigint;
  record: Uint8Array;
  block: Uint8Array;
}

export function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const number32 = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);

/**
 * Reads a sharing of the seal key `key`, as nodes tell it: mode, members, then how many coefficients, and these.
 * The first is the key: so whoever tells it need not be trusted.
 */
export function group(sharing: Uint8Array, members: Uint8Array[], key: Uint8Array): Group {
  const [mode, count] = [sharing[0], sharing[5]];
  const total = number32(sharing.subarray(1, 5));
  const need = total - Math.floor((total - 1) / 3);
  if (mode !== 0 || count !== need || sharing.length !== 6 + 96 * need || members.length !== total)
    throw new Error("the seal key is not in a form that this page knows");
  if (!same(sharing.subarray(6, 102), key)) throw new Error("these are shares of another seal key");
  const coefficients = Array.from({ length: need }, (_, at) =>
    G2.Point.fromBytes(sharing.subarray(6 + 96 * at, 102 + 96 * at)),
  );
  for (const point of coefficients) point.assertValidity();
  return { coefficients, total, members, digest: keccak256(sharing, "bytes") };
}

/** The identity of a record's data key. */
export function ofRecord(record: Uint8Array): Uint8Array {
  return concat(new Uint8Array([1]), record, u64(0n));
}

/** The identity of a day of a stream, of which a device's data are. */
export function ofDay(stream: Uint8Array, day: number): Uint8Array {
  return concat(new Uint8Array([2]), stream, text(new Date(day * 86_400_000).toISOString().slice(0, 10)));
}

/** The identity of everything that opens from a time on. */
export function ofTime(seconds: bigint): Uint8Array {
  return concat(new Uint8Array([3]), u64(seconds));
}

function message(identity: Uint8Array, namespace = NAMESPACE): Uint8Array {
  return concat(new Uint8Array([namespace.length]), namespace, identity);
}

/** One member's part. */
export interface Part {
  member: number;
  signature: Signature;
}

/** The part in a member's answer: signed by the member, encrypted to `secret`. Nothing where it is not. */
export function part(answer: Uint8Array, asked: Asked, secret: Uint8Array, of: Group): Part | undefined {
  if (answer.length !== 164) return undefined;
  const member = number32(answer.subarray(0, 4));
  const info = concat(NAMESPACE, u64(asked.chainId), u64(asked.number), asked.record, of.digest, u32(member));
  const signed = concat(info, asked.block, answer.subarray(4, 100));
  const key = of.members[member];
  try {
    const by = key && ed25519.verify(answer.subarray(100), message(signed, ANSWERS), key);
    if (!by) return undefined;
    const inner = hpke(secret, answer.subarray(4, 36), answer.subarray(36, 100), info, asked.block);
    const signature = G1.Point.fromBytes(inner);
    signature.assertValidity();
    return { member, signature };
  } catch {
    return undefined;
  }
}

/** The group's signature from as many parts as are needed, by interpolation at zero. */
function interpolate(parts: Part[]): Signature {
  const { Fr } = fields;
  const places = parts.map(({ member }) => BigInt(member + 1));
  let sum = G1.Point.ZERO;
  for (const [at, { signature }] of parts.entries()) {
    const mine = places[at] ?? 0n;
    let weight = 1n;
    for (const other of places) {
      if (other !== mine) weight = Fr.mul(weight, Fr.div(other, Fr.sub(other, mine)));
    }
    sum = sum.add(signature.multiply(weight));
  }
  return sum;
}

function isGood(signature: Signature, identity: Uint8Array, key: Key): boolean {
  return shortSignatures.verify(signature, shortSignatures.hash(message(identity), SIGNED), key);
}

/** The key of one member's share: the polynomial at its place. */
function shareKey(of: Group, member: number): Key {
  const place = BigInt(member + 1);
  return of.coefficients.reduceRight(
    (sum, coefficient) => (sum.is0() ? sum : sum.multiply(place)).add(coefficient),
    G2.Point.ZERO,
  );
}

/**
 * What opens all that is sealed to an identity. Where the first parts do not give it, each is checked by itself;
 * nothing where too few are good.
 */
export function combine(parts: Part[], identity: Uint8Array, of: Group): Signature | undefined {
  const need = of.coefficients.length;
  const key = of.coefficients[0];
  const once = [...new Map(parts.map((one) => [one.member, one])).values()];
  const attempt = (some: Part[]) => {
    if (some.length < need || !key) return undefined;
    const whole = interpolate(some.slice(0, need));
    return isGood(whole, identity, key) ? whole : undefined;
  };
  return (
    attempt(once) ??
    attempt(once.filter(({ member, signature }) => isGood(signature, identity, shareKey(of, member))))
  );
}

/** The bytes of a pairing's value, in the order in which the network hashes them. */
function pairingBytes(point: Key, signature: Signature): Uint8Array {
  const value = bls12_381.pairing(signature, point);
  const six = (of: typeof value.c0) => [of.c0, of.c1, of.c2];
  const [low, high] = [six(value.c0), six(value.c1)];
  const number = (part: bigint) => fields.Fp.toBytes(part);
  return concat(
    ...[0, 1, 2].flatMap((at) =>
      [low[at], high[at]].flatMap((part) => (part ? [number(part.c0), number(part.c1)] : [])),
    ),
  );
}

const xor = (a: Uint8Array, b: Uint8Array) => a.map((byte, at) => byte ^ (b[at] ?? 0));

/** The data key in a sealed key; throws where what opens it is another's, or it is damaged. */
export function unseal(sealed: Uint8Array, opening: Signature): Uint8Array {
  if (sealed.length !== 160) throw new Error("the sealed key has not 160 bytes");
  const point = G2.Point.fromBytes(sealed.subarray(0, 96));
  const random = xor(sealed.subarray(96, 128), sha256(concat(text("h2"), pairingBytes(point, opening))));
  const key = xor(sealed.subarray(128), sha256(concat(text("h4"), random)));
  const wide = expand_message_xmd(concat(random, key), text(SCALARS), 48, sha256);
  const scalar = fields.Fr.create(
    BigInt(`0x${[...wide].map((b) => b.toString(16).padStart(2, "0")).join("")}`),
  );
  if (!same(G2.Point.BASE.multiply(scalar).toBytes(true), sealed.subarray(0, 96)))
    throw new Error("the key does not open: what the members gave is another record's");
  return key;
}

/** Whether a signature is the seal key's over an identity: then it opens what is sealed to it. */
export function opens(signature: Signature, identity: Uint8Array, key: Uint8Array): boolean {
  return isGood(signature, identity, G2.Point.fromBytes(key));
}

/** A group's signature from its bytes. */
export function signatureOf(bytes: Uint8Array): Signature {
  return G1.Point.fromBytes(bytes);
}
