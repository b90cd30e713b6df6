/** The node that served this page: REST and JSON-RPC, on its own origin and nowhere else. */

export type Hex = `0x${string}`;

export interface Network {
  name: string;
  chainId: number;
  genesis: Hex;
  networkKey: Hex;
  baseFeePerGas: number;
  gasLimit: number;
  members: number;
  block: number;
  blockHash: Hex;
  blockTimeMs: number;
  finalityMs: number;
  pending: number;
  peers: number;
  syncing: boolean;
  diskBytes: number;
  uptimeSeconds: number;
  version: string;
}

export interface Member {
  name: string;
  publicKey: Hex;
  endpoint: string;
  account: Hex;
  proposer: Hex | null;
  isSelf: boolean;
  connected: boolean;
  lastProposed: number | null;
}

export interface Block {
  number: number;
  hash: Hex;
  parentHash: Hex;
  timeMs: number;
  transactions: number;
  gasUsed: number;
  gasLimit: number;
  size: number;
  proposer: Hex;
  stateRoot: Hex;
  finalityMs: number | null;
}

export interface BlockDetails extends Block {
  hashes: Hex[];
}

export interface Transaction {
  hash: Hex;
  isFinal: boolean;
  block: number | null;
  index: number | null;
  timeMs: number | null;
  from: Hex;
  to: Hex | null;
  created: Hex | null;
  nonce: number;
  value: string;
  input: Hex;
  succeeded: boolean | null;
  gasUsed: number | null;
  logs: number | null;
}

export interface Log {
  address: Hex;
  topics: Hex[];
  data: Hex;
  logIndex: Hex;
}

export interface RecordEntry {
  id: Hex;
  owner: Hex;
  registeredAt: number;
  registeredIn: number;
  contentHash: Hex;
  length: number;
  kind: string;
  sealedKeyHash: Hex | null;
  opensAt: number | null;
  stream: Hex | null;
  day: number | null;
  policy: Hex | null;
  custodian: Hex | null;
  supersedes: Hex | null;
  supersededBy: Hex | null;
}

export interface Limit {
  part: string;
  name: string;
  value: number;
}

/** Why the node's answer is not what was asked for. */
export class Refused extends Error {
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The data of a revert. */
  readonly data: Hex | undefined;

  constructor(message: string, status: number, data?: Hex) {
    super(message);
    this.name = "Refused";
    this.status = status;
    this.data = data;
  }
}

/** Milliseconds after which a question counts as not answered. */
const PATIENCE_MS = 15_000;

async function ask(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error" });
  } catch (error) {
    throw new Refused(String(error), 0);
  }
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new Refused(`HTTP ${response.status}`, response.status);
  }
}

/** A REST answer. */
export async function get<T>(path: string): Promise<T> {
  const response = await ask(path, { headers: { accept: "application/json" } });
  const body = await json(response);
  if (response.ok) return body as T;
  const { error } = body as { error?: { message?: string } };
  throw new Refused(error?.message ?? `HTTP ${response.status}`, response.status);
}

export interface Call {
  method: string;
  params: unknown[];
}

interface Answer {
  id: number;
  result?: unknown;
  error?: { code: number; message: string; data?: Hex };
}

async function post(body: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return json(await ask("/", { method: "POST", headers, body: JSON.stringify(body) }));
}

function resultOf(answer: Answer | undefined): unknown {
  if (answer?.error) throw new Refused(answer.error.message, 200, answer.error.data);
  return answer?.result;
}

/** One JSON-RPC call. */
export async function rpc<T>(method: string, ...params: unknown[]): Promise<T> {
  return resultOf((await post({ jsonrpc: "2.0", id: 1, method, params })) as Answer) as T;
}

/** Calls in one request; what failed is `undefined`. */
export async function batch(calls: Call[]): Promise<unknown[]> {
  if (calls.length === 0) return [];
  const asked = calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call }));
  const answers = (await post(asked)) as Answer[];
  const byId = new Map(answers.map((answer) => [answer.id, answer.result]));
  return calls.map((_, id) => byId.get(id));
}
