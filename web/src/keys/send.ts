/** Signing a step and seeing it through: what is sent is sent again until it is final, also when the node goes away midway. */
import { bytesToHex, encodeFunctionData, keccak256, numberToHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { get, type Hex, type Network, Refused, rpc } from "../ledger/api";
import { code, decodeReason } from "../ledger/decode";
import { interfaces, module } from "../ledger/modules";
import type { Session } from "./session";

/** A step on the ledger: a call of one of the network's modules. */
export interface Step {
  module: string;
  functionName: string;
  args: unknown[];
  /** Whether the ledger can only be asked about it once the step before it is final. */
  follows?: boolean;
}

export interface Receipt {
  transactionHash: Hex;
  status: Hex;
  blockNumber: Hex;
}

export interface Prepared {
  to: Hex;
  data: Hex;
  gas: bigint;
}

/** The ledger would refuse it, and why. */
export class WouldFail extends Error {}

async function reason(data: Hex): Promise<string | undefined> {
  const all = await interfaces();
  const found = decodeReason(
    [...all.values()].map((entry) => entry.abi),
    data,
  );
  return found && code(found);
}

/** Asks the node whether the step would go through, and what it takes. */
export async function prepare(session: Session, step: Step): Promise<Prepared> {
  const { abi, address: to } = await module(step.module);
  const data = encodeFunctionData({ abi, functionName: step.functionName, args: step.args });
  try {
    const gas = await rpc<Hex>("eth_estimateGas", { from: session.address, to, data });
    return { to, data, gas: (BigInt(gas) * 12n) / 10n };
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 0) throw error;
    throw new WouldFail((error.data && (await reason(error.data))) ?? error.message);
  }
}

/** Milliseconds between two looks at whether it is final. */
const LOOK_MS = 250;
const AWAY_MS = 1_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Signs and sends, and waits until it is final. `away` is told whether the node answers; where it does not, this
 * goes on by itself when it does: the same signed bytes count once, however often they are sent.
 */
export async function perform(
  session: Session,
  { to, data, gas }: Prepared,
  signed: (hash: Hex) => void,
  away: (is: boolean) => void,
): Promise<Receipt> {
  let hash: Hex;
  let send = async (): Promise<void> => undefined;
  if (session.kind === "wallet") {
    const call = { from: session.address, to, data, gas: numberToHex(gas) };
    hash = (await session.provider.request({ method: "eth_sendTransaction", params: [call] })) as Hex;
  } else {
    const account = privateKeyToAccount(bytesToHex(session.secret));
    const [network, nonce] = await Promise.all([
      get<Network>("/api/network"),
      rpc<Hex>("eth_getTransactionCount", session.address, "pending"),
    ]);
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId: network.chainId,
      nonce: Number(nonce),
      to,
      data,
      gas,
      maxFeePerGas: BigInt(network.baseFeePerGas) * 2n,
      maxPriorityFeePerGas: 0n,
    });
    hash = keccak256(raw);
    send = async () => {
      await rpc<Hex>("eth_sendRawTransaction", raw);
    };
  }
  signed(hash);
  let sent = false;
  for (;;) {
    try {
      const receipt = await rpc<Receipt | null>("eth_getTransactionReceipt", hash);
      if (receipt) return receipt;
      if (!sent) await send();
      sent = true;
      away(false);
      await pause(LOOK_MS);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 0) {
        // It may have become final between the look and the sending.
        const receipt = await rpc<Receipt | null>("eth_getTransactionReceipt", hash).catch(() => null);
        if (receipt) return receipt;
        throw error;
      }
      sent = false;
      away(true);
      await pause(AWAY_MS);
    }
  }
}
