/** Asking a node: JSON-RPC over HTTP, bounded in size and time. */

/** Bytes of one answer. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** Milliseconds for one exchange. */
export const EXCHANGE_MS_MAX = 10_000;

/** Why there is no answer. */
export class Refusal extends Error {
  /** The JSON-RPC code, where the node refused the question. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}

export interface Call {
  method: string;
  params: unknown[];
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

async function text(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > ANSWER_BYTES_MAX) {
      await reader.cancel();
      throw new Refusal(`its answer has more than ${ANSWER_BYTES_MAX} bytes`);
    }
    parts.push(value);
  }
  return new TextDecoder().decode(await new Blob(parts as BlobPart[]).arrayBuffer());
}

function resultOf(answer: unknown): unknown {
  const { result, error } = (answer ?? {}) as {
    result?: unknown;
    error?: { code?: number; message?: string };
  };
  if (error) throw new Refusal(String(error.message).slice(0, 500), Number(error.code));
  if (result === undefined) throw new Refusal("its answer has neither result nor error");
  return result;
}

async function post(node: string, body: unknown, fetch: Fetch): Promise<unknown> {
  const response = await fetch(node, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    redirect: "error",
    signal: AbortSignal.timeout(EXCHANGE_MS_MAX),
  });
  const told = await text(response);
  try {
    return JSON.parse(told);
  } catch {
    throw new Refusal(`its answer is not JSON (HTTP ${response.status})`);
  }
}

/** One call. */
export async function ask(node: string, { method, params }: Call, fetch: Fetch): Promise<unknown> {
  return resultOf(await post(node, { jsonrpc: "2.0", id: 1, method, params }, fetch));
}

/** Calls in one exchange, answered in their order. */
export async function askAll(node: string, calls: Call[], fetch: Fetch): Promise<unknown[]> {
  if (calls.length === 0) return [];
  const answers = await post(
    node,
    calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call })),
    fetch,
  );
  const all = Array.isArray(answers) ? (answers as { id?: unknown }[]) : [];
  return calls.map((_, id) => resultOf(all.find((answer) => answer?.id === id)));
}
