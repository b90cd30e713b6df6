/** Who signs on this page: an open key, or a wallet. It ends with the page, by signing out, or after a while. */
import { useSyncExternalStore } from "react";
import type { Hex } from "../ledger/api";

/** Minutes without a touch after which an open key is closed. */
const IDLE_MINUTES_MAX = 15;

export interface Eip1193 {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

export type Session =
  | { kind: "key"; name: string; address: Hex; encryptionKey: Hex; secret: Uint8Array }
  | { kind: "wallet"; name: string; address: Hex; provider: Eip1193 };

let session: Session | undefined;
const listeners = new Set<() => void>();

function set(next: Session | undefined): void {
  if (session?.kind === "key" && session !== next) session.secret.fill(0);
  session = next;
  for (const listener of listeners) listener();
}

let touched = Date.now();

function touch(): void {
  touched = Date.now();
}

if (typeof window !== "undefined") {
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, touch, { passive: true });
  setInterval(() => {
    if (session?.kind === "key" && Date.now() - touched > IDLE_MINUTES_MAX * 60_000) set(undefined);
  }, 15_000);
}

export function signIn(next: Session): void {
  touch();
  set(next);
}

export function signOut(): void {
  set(undefined);
}

export function current(): Session | undefined {
  return session;
}

export function useSession(): Session | undefined {
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return useSyncExternalStore(subscribe, () => session);
}
