/** Interfaces of contracts that the reader gave, kept in this browser. They only name things. */
import { type Abi, isAddress, toEventSelector, toFunctionSelector } from "viem";
import type { Hex } from "./api";
import type { Interface } from "./modules";

/** Characters of one interface. */
export const ABI_TEXT_MAX = 1_000_000;
/** Interfaces kept. */
export const GIVEN_MAX = 100;

const KEY = "commonhold.interfaces";

interface Kept {
  address: Hex;
  name: string;
  abi: Abi;
}

// Where the browser keeps nothing, they last as long as the page.
let unkept: Kept[] = [];

function read(): Kept[] {
  return [...stored(), ...unkept];
}

function stored(): Kept[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept)
      ? kept.filter((entry) => isAddress(entry?.address) && Array.isArray(entry?.abi))
      : [];
  } catch {
    // Storage is blocked, or what is in it is not ours.
    return [];
  }
}

export function all(): Interface[] {
  return read().map((entry) => ({ ...entry, isModule: false }));
}

export function at(address: string): Interface | undefined {
  return all().find((entry) => entry.address.toLowerCase() === address.toLowerCase());
}

/** An interface as compilers write it: the array, or a build's file that has it under `abi`. Throws what is wrong. */
export function parse(text: string): Abi {
  if (text.length > ABI_TEXT_MAX) throw new Error("too long");
  const value: unknown = JSON.parse(text);
  const abi = Array.isArray(value) ? value : (value as { abi?: unknown } | null)?.abi;
  if (!Array.isArray(abi)) throw new Error("no list");
  let known = 0;
  for (const item of abi) {
    if (item?.type === "function") toFunctionSelector(item);
    else if (item?.type === "event") toEventSelector(item);
    else continue;
    known += 1;
  }
  if (known === 0) throw new Error("empty");
  return abi as Abi;
}

/** Keeps an interface. False where the browser does not let it: it is forgotten with the page. */
export function keep(address: Hex, name: string, abi: Abi): boolean {
  const others = stored().filter((entry) => entry.address.toLowerCase() !== address.toLowerCase());
  try {
    localStorage.setItem(KEY, JSON.stringify([...others, { address, name, abi }].slice(-GIVEN_MAX)));
    return true;
  } catch {
    unkept = [...unkept, { address, name, abi }].slice(-GIVEN_MAX);
    return false;
  }
}

export function forget(address: string): void {
  unkept = unkept.filter((entry) => entry.address.toLowerCase() !== address.toLowerCase());
  try {
    const left = stored().filter((entry) => entry.address.toLowerCase() !== address.toLowerCase());
    localStorage.setItem(KEY, JSON.stringify(left));
  } catch {
    // It was not kept either.
  }
}
