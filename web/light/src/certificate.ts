/**
 * The engine's finality certificate: proposal (epoch, view, parent's view, block hash) and the network's
 * BLS12-381 signature of it, in G1, under the one key of the network, in G2.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { Reader, same } from "./bytes.ts";

const DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
/** Domain of every vote to finalise. */
const NAMESPACE = new TextEncoder().encode("commonhold/consensus/v1_FINALIZE");
const SIGNATURE_BYTES = 48;
export const NETWORK_KEY_BYTES = 96;

/** Whether bytes are a network key: a point of G2 of the right order, and not zero. */
export function isNetworkKey(key: Uint8Array): boolean {
  if (key.length !== NETWORK_KEY_BYTES) return false;
  try {
    const point = bls12_381.G2.Point.fromBytes(key);
    point.assertValidity();
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** The block that a certificate names; throws where it is malformed. */
export function certified(certificate: Uint8Array): Uint8Array {
  const reader = new Reader(certificate);
  for (let number = 0; number < 3; number += 1) reader.varint();
  const block = reader.take(32);
  reader.take(SIGNATURE_BYTES);
  reader.end();
  return block;
}

/** Whether the network with this key made the certificate, and it is of this block. */
export function isOf(certificate: Uint8Array, block: Uint8Array, key: Uint8Array): boolean {
  if (!same(certified(certificate), block)) return false;
  const proposal = certificate.subarray(0, certificate.length - SIGNATURE_BYTES);
  const signature = certificate.subarray(certificate.length - SIGNATURE_BYTES);
  // The namespace goes first, with its length before it.
  const message = new Uint8Array([NAMESPACE.length, ...NAMESPACE, ...proposal]);
  try {
    const short = bls12_381.shortSignatures;
    return short.verify(signature, short.hash(message, DST), key);
  } catch {
    // Not a point of the curve.
    return false;
  }
}
