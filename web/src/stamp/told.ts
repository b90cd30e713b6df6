/** What a stamp proves, with calls and events in words. The check is `@commonhold/light`'s. */
import {
  type Account,
  type Proven as Checked,
  check,
  type Entry,
  parse,
  type Record,
  type Statement as Stated,
  type Transaction,
} from "@commonhold/light";
import type { Abi } from "viem";
import { type Decoded, decodeCall, decodeLog } from "../ledger/decode";

export type { Account, Entry, Record };

/** Interfaces by address in small letters: they only put what is proven into words. */
export type Words = Map<string, { name: string; abi: Abi }>;

interface ToldLog {
  address: string;
  event: Decoded | undefined;
  module: string | undefined;
}

export type ToldTransaction = Omit<Transaction, "logs"> & {
  kind: "transaction";
  inputBytes: number;
  call: Decoded | undefined;
  module: string | undefined;
  logs: ToldLog[];
};

export type Statement = ToldTransaction | Exclude<Stated, { kind: "transaction" }>;
export type Proven = Omit<Checked, "statement"> & { statement: Statement };

export function inWords(statement: Stated, words: Words): Statement {
  if (statement.kind !== "transaction") return statement;
  const { to, input, logs, ...rest } = statement.transaction;
  const called = to ? words.get(to.toLowerCase()) : undefined;
  const inputBytes = (input.length - 2) / 2;
  return {
    ...rest,
    kind: "transaction",
    to,
    input,
    inputBytes,
    call: called && inputBytes > 0 ? decodeCall(called.abi, input) : undefined,
    module: called?.name,
    logs: logs.map((log) => {
      const known = words.get(log.address.toLowerCase());
      return {
        address: log.address,
        event: known && decodeLog(known.abi, log.topics, log.data),
        module: known?.name,
      };
    }),
  };
}

/** Reads a stamp's file, checks it, and puts it into words. */
export function tell(file: string, networkKey: Uint8Array, words: Words): Proven {
  const proven = check(parse(file), networkKey);
  return { ...proven, statement: inWords(proven.statement, words) };
}
