/**
 * From an opening that the ledger permitted to the content in clear: the members' parts, the sealed key, the
 * encrypted content, each verified before it is used. The node passes all of it on, and sees nothing.
 */

import type { Session } from "@commonhold/web/keys/session";
import { type Hex, Refused, rpc } from "@commonhold/web/ledger/api";
import * as look from "@commonhold/web/ledger/look";
import { decrypt, sealKey } from "@commonhold/web/seal/network";
import {
  combine,
  type Group,
  group,
  ofDay,
  ofRecord,
  type Part,
  part,
  unseal,
} from "@commonhold/web/seal/sealed";
import { x25519 } from "@noble/curves/ed25519.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { bytesToHex, hexToBytes, keccak256, stringToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { strings } from "../strings";

const t = strings.files.steps;

/** Bytes of content that this page takes; larger ones are for the command line. */
export const CONTENT_BYTES_MAX = 64 * 1024 * 1024;

/** A key for one opening: whoever has it can read the members' answers. */
export interface Reader {
  secret: Uint8Array;
  key: Hex;
}

export function reader(): Reader {
  const secret = x25519.utils.randomSecretKey();
  return { secret, key: bytesToHex(x25519.getPublicKey(secret)) };
}

export interface Opened {
  content: Uint8Array;
  kind: string;
  /** Members whose parts were used or seen. */
  members: number;
}

/** A request to the vault, signed as its form says (`crates/vault/src/auth.rs`). */
async function vault(session: Session, path: string): Promise<Uint8Array> {
  const seconds = Math.floor(Date.now() / 1000);
  const message = `commonhold vault\nGET\n${path}\n${seconds}\n-`;
  const signature =
    session.kind === "key"
      ? await privateKeyToAccount(bytesToHex(session.secret)).signMessage({ message })
      : ((await session.provider.request({
          method: "personal_sign",
          params: [stringToHex(message), session.address],
        })) as Hex);
  const authorisation = `${session.address.toLowerCase()}:${seconds}:${signature}`;
  let response: Response;
  try {
    response = await fetch(path, { headers: { "x-commonhold-auth": authorisation } });
  } catch (error) {
    throw new Refused(String(error), 0);
  }
  if (!response.ok) {
    const body = (await response.json().catch(() => undefined)) as
      | { error?: { message?: string } }
      | undefined;
    throw new Refused(body?.error?.message ?? `HTTP ${response.status}`, response.status);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Fetches what an opening permits. `blockHash` is of the block that holds it; `step` is told what happens.
 */
export async function fetchOpened(
  session: Session,
  record: Hex,
  opening: bigint,
  blockHash: Hex,
  by: Reader,
  step: (words: string) => void,
): Promise<Opened> {
  const entry = await look.record(record);
  if (!entry?.sealedKeyHash) throw new Error(t.noRecord);
  if (entry.length > CONTENT_BYTES_MAX) throw new Error(t.large);
  step(t.members);
  const key = await sealKey();
  const chainId = BigInt(await rpc<Hex>("eth_chainId"));
  const identity =
    entry.stream === null ? ofRecord(hexToBytes(record)) : ofDay(hexToBytes(entry.stream), entry.day ?? 0);
  const asked = { chainId, number: opening, record: hexToBytes(record), block: hexToBytes(blockHash) };
  let signature: ReturnType<typeof combine>;
  let members = 0;
  let need = 0;
  for (const all of [false, true]) {
    const { answers, of } = await answersTo(opening, all, key);
    need = of.coefficients.length;
    const parts = answers
      .map((answer) => part(hexToBytes(answer), asked, by.secret, of))
      .filter((one): one is Part => one !== undefined);
    members = parts.length;
    signature = combine(parts, identity, of);
    if (signature) break;
  }
  if (!signature) throw new Error(t.tooFew(members, need));
  step(t.content);
  const place = `/api/vault/blobs/${entry.contentHash.slice(2)}`;
  const sealed = await vault(session, `${place}/sealed/${entry.sealedKeyHash}?record=${record}`);
  if (keccak256(sealed) !== entry.sealedKeyHash) throw new Error(t.changed);
  const dataKey = unseal(sealed, signature);
  const body = await vault(session, `${place}?record=${record}`);
  if (body.length !== entry.length || bytesToHex(blake3(body)) !== entry.contentHash)
    throw new Error(t.changed);
  step(t.decrypting);
  return { content: decrypt(body, dataKey), kind: entry.kind, members };
}

interface Answered {
  answers: Hex[];
  sharing: Hex;
  members: Hex[];
}

/** Members' answers, and by which sharing of the seal key they are. */
async function answersTo(
  opening: bigint,
  all: boolean,
  key: Uint8Array,
): Promise<{ answers: Hex[]; of: Group }> {
  const response = await fetch(`/api/openings/${opening}/answers?all=${all}`);
  const body = (await response.json()) as Answered & { error?: { message?: string } };
  if (!response.ok) throw new Refused(body.error?.message ?? `HTTP ${response.status}`, response.status);
  const members = body.members.map((member) => hexToBytes(member));
  return { answers: body.answers, of: group(hexToBytes(body.sharing), members, key) };
}
