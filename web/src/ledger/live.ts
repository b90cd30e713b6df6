/**
 * What happens now: the node announces each block, and its entry is fetched. When the node goes away the
 * last state stays, marked as lost, and everything resumes by itself when it is back.
 */
import { useSyncExternalStore } from "react";
import { type Block, get, type Network } from "./api";

export type Connection = "connecting" | "live" | "lost";

export interface Live {
  connection: Connection;
  network: Network | undefined;
  /** Newest first. */
  blocks: Block[];
  /** How often the connection was made; whoever shows older answers asks again when it grows. */
  times: number;
}

/** Blocks kept. */
export const BLOCKS_KEPT = 60;
const RETRY_MIN_MS = 400;
const RETRY_MAX_MS = 5_000;
/** A node makes a block at least at every heartbeat; a connection that says nothing this long is dead. */
const SILENCE_MAX_MS = 20_000;

let state: Live = { connection: "connecting", network: undefined, blocks: [], times: 0 };
const listeners = new Set<() => void>();

function set(change: Partial<Live>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

/** `more` before `known`, each block once, newest first. */
export function merge(known: Block[], more: Block[]): Block[] {
  const byNumber = new Map([...known, ...more].map((block) => [block.number, block]));
  return [...byNumber.values()].sort((a, b) => b.number - a.number).slice(0, BLOCKS_KEPT);
}

let fetching = false;
let again = false;

async function refresh(): Promise<void> {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    do {
      again = false;
      const [network, page] = await Promise.all([
        get<Network>("/api/network"),
        get<{ blocks: Block[] }>(`/api/blocks?limit=${state.blocks.length === 0 ? BLOCKS_KEPT : 20}`),
      ]);
      set({ network, blocks: merge(state.blocks, page.blocks) });
    } while (again);
  } catch {
    // The socket tells whether the node is there; the next block brings what is missing.
  } finally {
    fetching = false;
  }
}

let socket: WebSocket | undefined;
let retry = RETRY_MIN_MS;
let silence: ReturnType<typeof setTimeout> | undefined;

function heard(): void {
  clearTimeout(silence);
  silence = setTimeout(() => socket?.close(), SILENCE_MAX_MS);
}

function connect(): void {
  const url = new URL(import.meta.env.DEV ? "/live" : "/", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  socket.onopen = () => {
    socket?.send('{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}');
    heard();
  };
  socket.onmessage = (event: MessageEvent<string>) => {
    heard();
    const message = JSON.parse(event.data) as { id?: number; error?: unknown };
    if (message.id === 1) {
      if (message.error) {
        socket?.close();
        return;
      }
      retry = RETRY_MIN_MS;
      set({ connection: "live", times: state.times + 1 });
    }
    void refresh();
  };
  socket.onclose = () => {
    clearTimeout(silence);
    set({ connection: "lost" });
    setTimeout(connect, retry);
    retry = Math.min(retry * 2, RETRY_MAX_MS);
  };
}

/** Begins; once, at the start of the page. */
export function start(): void {
  void refresh();
  connect();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLive(): Live {
  return useSyncExternalStore(subscribe, () => state);
}

/** Calls `then` at each change, for those who are no component. */
export function onChange(then: (live: Live) => void): void {
  listeners.add(() => then(state));
}
