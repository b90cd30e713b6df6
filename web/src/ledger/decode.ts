/** Calls, events and reasons by their interfaces. What does not decode exactly is left as bytes. */
import {
  type Abi,
  type AbiEvent,
  type AbiFunction,
  type AbiParameter,
  decodeAbiParameters,
  decodeErrorResult,
  encodeAbiParameters,
  size,
  slice,
  toEventSelector,
  toFunctionSelector,
} from "viem";
import type { Hex } from "./api";

export interface Value {
  name: string;
  type: string;
  /** A leaf as text, or what it is made of. */
  value: string | Value[];
}

export interface Decoded {
  name: string;
  values: Value[];
}

function tree(parameter: AbiParameter, value: unknown, name = parameter.name ?? ""): Value {
  const array = /^(.*)\[\d*\]$/.exec(parameter.type);
  if (array && Array.isArray(value)) {
    const item = { ...parameter, type: array[1] ?? "" } as AbiParameter;
    return { name, type: parameter.type, value: value.map((entry, at) => tree(item, entry, String(at))) };
  }
  if (parameter.type === "tuple" && "components" in parameter) {
    const of = value as Record<string, unknown> & unknown[];
    const parts = parameter.components.map((part, at) => tree(part, part.name ? of[part.name] : of[at]));
    return { name, type: parameter.type, value: parts };
  }
  return { name, type: parameter.type, value: String(value) };
}

function values(parameters: readonly AbiParameter[], decoded: readonly unknown[]): Value[] {
  return parameters.map((parameter, at) => tree(parameter, decoded[at]));
}

/** Decodes what encodes to exactly these bytes, and nothing else. */
function exact(parameters: readonly AbiParameter[], data: Hex): Value[] | undefined {
  if (parameters.length === 0) return size(data) === 0 ? [] : undefined;
  try {
    const decoded = decodeAbiParameters(parameters, data) as readonly unknown[];
    return encodeAbiParameters(parameters, decoded) === data.toLowerCase()
      ? values(parameters, decoded)
      : undefined;
  } catch {
    return undefined;
  }
}

function bySelector<T extends AbiFunction | AbiEvent>(
  abi: Abi,
  wanted: string,
  of: (item: T) => string,
  type: string,
) {
  return abi.find((item) => item.type === type && of(item as unknown as T) === wanted) as T | undefined;
}

/** The function that `input` calls. */
export function decodeCall(abi: Abi, input: Hex): Decoded | undefined {
  if (size(input) < 4) return undefined;
  const found = bySelector<AbiFunction>(
    abi,
    slice(input, 0, 4).toLowerCase(),
    toFunctionSelector,
    "function",
  );
  if (!found) return undefined;
  const rest = size(input) === 4 ? "0x" : slice(input, 4);
  const inner = exact(found.inputs, rest);
  return inner && { name: found.name, values: inner };
}

/** The event that a log tells. */
export function decodeLog(abi: Abi, topics: Hex[], data: Hex): Decoded | undefined {
  const [first, ...indexed] = topics;
  if (!first) return undefined;
  const found = bySelector<AbiEvent>(abi, first.toLowerCase(), toEventSelector, "event");
  if (!found) return undefined;
  const named = found.inputs.filter((input) => input.indexed);
  if (named.length !== indexed.length) return undefined;
  const inner = exact(
    found.inputs.filter((input) => !input.indexed),
    data,
  );
  if (!inner) return undefined;
  const rest = [...inner];
  const told: Value[] = [];
  for (const input of found.inputs) {
    if (!input.indexed) {
      const next = rest.shift();
      if (next) told.push(next);
      continue;
    }
    const topic = indexed.shift() ?? "0x";
    // What is not one word is there only by its hash.
    const dynamic = /\[|^(string|bytes|tuple)$/.test(input.type);
    const [value] = dynamic ? [] : (exact([input], topic) ?? []);
    if (!value && !dynamic) return undefined;
    told.push(value ?? { name: input.name ?? "", type: "bytes32", value: topic });
  }
  return { name: found.name, values: told };
}

/** Why something reverted, by any of these interfaces. */
export function decodeReason(abis: Abi[], data: Hex): Decoded | undefined {
  for (const abi of [...abis, []] as Abi[]) {
    try {
      const { abiItem, args } = decodeErrorResult({ abi, data }) as {
        abiItem: { name: string; inputs: readonly AbiParameter[] };
        args?: readonly unknown[];
      };
      return { name: abiItem.name, values: values(abiItem.inputs, args ?? []) };
    } catch {
      // Another's, perhaps.
    }
  }
  return undefined;
}

/** `grant(id: 0x…, grantee: 0x…)`, as a program would write it. */
export function code({ name, values: all }: Decoded): string {
  const text = ({ name, value }: Value): string => {
    const inner = typeof value === "string" ? value : `[${value.map(text).join(", ")}]`;
    return name ? `${name}: ${inner}` : inner;
  };
  return `${name}(${all.map(text).join(", ")})`;
}
