/**
 * Looking up what may not be there. JSON-RPC answers that with null, where REST's 404 would stand in the
 * browser's console as an error.
 */
import { type BlockDetails, get, type Hex, type RecordEntry, Refused, rpc, type Transaction } from "./api";
import { view } from "./modules";

/** Whether the node refused the question itself: it is no hash, no number. */
function isMalformed(error: unknown): boolean {
  return error instanceof Refused && error.status === 200;
}

async function known(method: string, ...params: unknown[]): Promise<boolean> {
  try {
    return (await rpc(method, ...params)) !== null;
  } catch (error) {
    if (isMalformed(error)) return false;
    throw error;
  }
}

const HASH = /^0x[0-9a-fA-F]{64}$/;

/** A transaction, final or waiting; null where the node knows none. */
export async function transaction(hash: string): Promise<Transaction | null> {
  const there = HASH.test(hash) && (await known("eth_getTransactionByHash", hash));
  return there ? get<Transaction>(`/api/transactions/${hash}`) : null;
}

/** A block by its number or hash; null where the node has none. */
export async function block(id: string): Promise<BlockDetails | null> {
  const number = /^\d{1,15}$/.test(id);
  if (!number && !HASH.test(id)) return null;
  const there = number
    ? await known("eth_getBlockByNumber", `0x${Number(id).toString(16)}`, false)
    : await known("eth_getBlockByHash", id, false);
  return there ? get<BlockDetails>(`/api/blocks/${number ? Number(id) : id}`) : null;
}

interface Stored {
  id: Hex;
  owner: Hex;
  registeredAt: bigint;
  registeredIn: bigint;
  contentHash: Hex;
  length: bigint;
  kind: string;
  sealedKeyHash: Hex;
  policy: Hex;
  custodian: Hex;
  supersedes: Hex;
  supersededBy: Hex;
  opensAt: bigint;
  stream: Hex;
  day: number;
}

/** A record, as the ledger has it; null where it is not registered. */
export async function record(id: string): Promise<RecordEntry | null> {
  if (!HASH.test(id)) return null;
  let found: Stored;
  try {
    found = await view<Stored>("records", "record", id);
  } catch (error) {
    if (isMalformed(error)) return null;
    throw error;
  }
  const some = (value: Hex) => (/^0x0+$/.test(value) ? null : value);
  return {
    ...found,
    registeredAt: Number(found.registeredAt),
    registeredIn: Number(found.registeredIn),
    length: Number(found.length),
    sealedKeyHash: some(found.sealedKeyHash),
    policy: some(found.policy),
    custodian: some(found.custodian),
    supersedes: some(found.supersedes),
    supersededBy: some(found.supersededBy),
    opensAt: found.opensAt === 0n ? null : Number(found.opensAt),
    stream: some(found.stream),
    day: some(found.stream) ? found.day : null,
  };
}
