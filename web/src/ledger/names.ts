/** Who an address is: a member, a module, or the name that an account gave itself. */
import { useQuery } from "@tanstack/react-query";
import { decodeFunctionResult, encodeFunctionData } from "viem";
import { batch, get, type Hex, type Member } from "./api";
import { module, modules } from "./modules";

export interface Named {
  name: string;
  /** Who says so: the network, or the account itself, whose name anybody else could bear too. */
  by: "member" | "proposer" | "module" | "account";
}

/** Members, those who propose for them, and modules. */
async function known(): Promise<Map<string, Named>> {
  const [members, all] = await Promise.all([get<Member[]>("/api/members"), modules()]);
  const names = new Map<string, Named>();
  for (const { name, account, proposer } of members) {
    if (proposer) names.set(proposer.toLowerCase(), { name, by: "proposer" });
    names.set(account.toLowerCase(), { name, by: "member" });
  }
  for (const { name, address } of all) names.set(address.toLowerCase(), { name, by: "module" });
  return names;
}

export function useKnown(): Map<string, Named> | undefined {
  return useQuery({ queryKey: ["names"], queryFn: known, staleTime: 60_000 }).data;
}

export function useMembers(): Member[] | undefined {
  const { data } = useQuery({
    queryKey: ["members"],
    queryFn: () => get<Member[]>("/api/members"),
    refetchInterval: 2_000,
  });
  return data;
}

export interface Account {
  name: string;
  handle: string;
  encryptionKey: Hex;
  keyVersion: bigint;
  registeredAt: bigint;
  updatedAt: bigint;
}

// Names that are wanted at the same time are asked for in one request.
const waiting = new Map<string, (account: Account | undefined) => void>();
/** Calls in one request; the node's BATCH_ENTRIES_MAX is twice that. */
const AT_ONCE = 100;

async function flush(): Promise<void> {
  const asked = [...waiting].slice(0, AT_ONCE);
  for (const [address] of asked) waiting.delete(address);
  if (waiting.size > 0) setTimeout(flush, 0);
  try {
    const { abi, address: to } = await module("accounts");
    const calls = asked.map(([address]) => ({
      method: "eth_call",
      params: [{ to, data: encodeFunctionData({ abi, functionName: "account", args: [address] }) }, "latest"],
    }));
    const answers = await batch(calls);
    for (const [at, [, resolve]] of asked.entries()) {
      const data = answers[at] as Hex | undefined;
      const read = () =>
        decodeFunctionResult({ abi, functionName: "account", data: data ?? "0x" }) as Account;
      resolve(data ? read() : undefined);
    }
  } catch {
    for (const [, resolve] of asked) resolve(undefined);
  }
}

/** The registered account of an address; `null` where there is none. */
export function accountOf(address: string): Promise<Account | null> {
  return new Promise((resolve) => {
    const key = address.toLowerCase();
    if (waiting.size === 0) setTimeout(flush, 0);
    const others = waiting.get(key);
    waiting.set(key, (account) => {
      others?.(account);
      resolve(account ?? null);
    });
  });
}

export function useAccount(address: string | undefined, enabled = true): Account | null | undefined {
  const { data } = useQuery({
    queryKey: ["account", address?.toLowerCase()],
    queryFn: () => accountOf(address ?? ""),
    enabled: enabled && address !== undefined,
    staleTime: 30_000,
  });
  return data;
}

/** Who an address is, where anybody says so. */
export function useName(address: string): Named | undefined {
  const names = useKnown();
  const found = names?.get(address.toLowerCase());
  const account = useAccount(address, names !== undefined && found === undefined);
  if (found) return found;
  return account?.name ? { name: account.name, by: "account" } : undefined;
}
