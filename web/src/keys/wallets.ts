/** Wallets of this browser, as they announce themselves (EIP-6963). */
import { useSyncExternalStore } from "react";
import { getAddress, numberToHex } from "viem";
import type { Hex, Network } from "../ledger/api";
import { type Eip1193, signIn } from "./session";

export interface Wallet {
  id: string;
  name: string;
  icon: string | undefined;
  provider: Eip1193;
}

/** Wallets that are listed. */
const WALLETS_MAX = 20;

let wallets: Wallet[] = [];
const listeners = new Set<() => void>();

interface Announcement extends Event {
  detail?: { info?: { uuid?: unknown; name?: unknown; icon?: unknown }; provider?: Eip1193 };
}

function announced(event: Announcement): void {
  const { info, provider } = event.detail ?? {};
  if (typeof info?.uuid !== "string" || typeof info.name !== "string" || !provider?.request) return;
  if (wallets.length >= WALLETS_MAX || wallets.some((wallet) => wallet.id === info.uuid)) return;
  // A picture only where it comes with the wallet: nothing is fetched from elsewhere.
  const icon = typeof info.icon === "string" && info.icon.startsWith("data:image/") ? info.icon : undefined;
  wallets = [...wallets, { id: info.uuid, name: info.name, icon, provider }];
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    window.addEventListener("eip6963:announceProvider", announced);
    window.dispatchEvent(new Event("eip6963:requestProvider"));
  }
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useWallets(): Wallet[] {
  return useSyncExternalStore(subscribe, () => wallets);
}

/** The code of "this chain is not known to the wallet". */
const UNKNOWN_CHAIN = 4902;

/** Signs in with a wallet, and has it go to this network. */
export async function connect(wallet: Wallet, network: Network): Promise<void> {
  const { provider } = wallet;
  const [account] = (await provider.request({ method: "eth_requestAccounts" })) as string[];
  if (!account) throw new Error("it gave no account");
  const chainId = numberToHex(network.chainId);
  try {
    await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
  } catch (error) {
    if ((error as { code?: number }).code !== UNKNOWN_CHAIN) throw error;
    const chain = {
      chainId,
      chainName: network.name,
      rpcUrls: [window.location.origin],
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    };
    await provider.request({ method: "wallet_addEthereumChain", params: [chain] });
  }
  signIn({ kind: "wallet", name: wallet.name, address: getAddress(account) as Hex, provider });
}
