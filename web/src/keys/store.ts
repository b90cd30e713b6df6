/**
 * Keys in this browser's IndexedDB, each encrypted by its passphrase. Where the browser keeps nothing, or has no
 * room, they last as long as the page, and the reader is told.
 */

export interface Kept {
  name: string;
  /** The keystore file. */
  file: string;
  madeAt: number;
  /** Whether its recovery file was saved. */
  saved: boolean;
}

/** What became of a key: kept, or why not. */
export type Outcome = "kept" | "blocked" | "full";

const NAME = "commonhold";
const STORE = "keys";
const unkept = new Map<string, Kept>();

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // In some browsers' private windows the very mention throws.
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "name" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

async function within<T>(
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = db.transaction(STORE, mode, { durability: "strict" });
      const request = run(transaction.objectStore(STORE));
      // A write is there when its transaction is, not before.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
      transaction.onerror = () => reject(transaction.error ?? request.error);
    });
  } finally {
    db.close();
  }
}

/** The keys that are here, and whether this browser keeps any. */
export async function list(): Promise<{ keys: Kept[]; outcome: Outcome }> {
  try {
    const kept = await within<Kept[]>("readonly", (store) => store.getAll());
    return { keys: [...kept, ...unkept.values()], outcome: "kept" };
  } catch {
    return { keys: [...unkept.values()], outcome: "blocked" };
  }
}

export async function put(key: Kept): Promise<Outcome> {
  try {
    await within("readwrite", (store) => store.put(key));
    unkept.delete(key.name);
    // Ask that the browser does not clear it when room gets short; it may say no.
    void navigator.storage?.persist?.().catch(() => false);
    return "kept";
  } catch (error) {
    unkept.set(key.name, key);
    return (error as DOMException | null)?.name === "QuotaExceededError" ? "full" : "blocked";
  }
}

export async function remove(name: string): Promise<void> {
  unkept.delete(name);
  await within("readwrite", (store) => store.delete(name)).catch(() => undefined);
}
