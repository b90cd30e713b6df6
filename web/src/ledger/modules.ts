/** The interfaces that calls and events are read by: those of the node's modules, and those that the reader gave. */
import { type Abi, decodeFunctionResult, encodeFunctionData } from "viem";
import { get, type Hex, rpc } from "./api";
import * as given from "./given";

export interface Interface {
  name: string;
  address: Hex;
  abi: Abi;
  /** Whether it is a module of the network, and not the reader's word. */
  isModule: boolean;
}

export type Interfaces = Map<string, Interface>;

interface Served {
  name: string;
  address: Hex;
  abi: Abi;
}

export async function modules(): Promise<Interface[]> {
  const served = await get<Served[]>("/api/modules");
  return served.map((module) => ({ ...module, isModule: true }));
}

/** Modules and what the reader gave, by address in small letters. A module's interface is the module's. */
export async function interfaces(): Promise<Interfaces> {
  const all = [...given.all(), ...(await modules())];
  return new Map(all.map((entry) => [entry.address.toLowerCase(), entry]));
}

let loaded: Promise<Map<string, Interface>> | undefined;

/** A module of the network by its name. */
export async function module(name: string): Promise<Interface> {
  loaded ??= modules().then(
    (all) => new Map(all.map((entry) => [entry.name, entry])),
    (error: unknown) => {
      loaded = undefined;
      throw error;
    },
  );
  const found = (await loaded).get(name);
  if (!found) throw new Error(`this network has no module ${name}`);
  return found;
}

/** Asks a module's view. */
export async function view<T>(name: string, functionName: string, ...args: unknown[]): Promise<T> {
  const { abi, address } = await module(name);
  const data = encodeFunctionData({ abi, functionName, args });
  const result = await rpc<Hex>("eth_call", { to: address, data }, "latest");
  return decodeFunctionResult({ abi, functionName, data: result, args }) as T;
}
