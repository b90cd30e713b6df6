/** What a stamp proves, in sentences. */
import { code, type Decoded } from "../ledger/decode";
import * as format from "../text/format";
import { plain } from "../text/safe";
import type { Entry, Record, Statement, ToldTransaction } from "./told";

/** Characters of one call or event in a sentence. */
const CODE_MAX = 1_500;

function named(module: string | undefined, decoded: Decoded): string {
  return plain(`${module ? `${module}.` : ""}${code(decoded)}`, CODE_MAX);
}

export function sentences({ statement }: { statement: Statement }): string[] {
  if (statement.kind === "transaction") return ofTransaction(statement);
  if (statement.kind === "state") return statement.entries.map(ofEntry);
  return statement.record
    ? ofRecord(statement.id, statement.record)
    : [`After this block, no record ${statement.id} is registered.`];
}

function did(transaction: ToldTransaction): string {
  const { to, call, module, inputBytes, value, created } = transaction;
  if (!to) return created ? `created the contract ${created}` : "tried to create a contract";
  if (call) return `called ${named(module, call)}`;
  if (inputBytes === 0) return `sent ${format.decimal(value, 18)} ether to ${to}`;
  return `called ${to} with ${format.bytes(inputBytes)} of input`;
}

function ofTransaction(transaction: ToldTransaction): string[] {
  const { hash, index, chainId, sender, success, logs } = transaction;
  return [
    `${sender} signed transaction ${hash} for chain ${chainId}, and ${did(transaction)}.`,
    success
      ? `It stands in the block as number ${index} and succeeded.`
      : `It stands in the block as number ${index}, but failed and changed nothing.`,
    ...logs.map((log) =>
      log.event
        ? `It told: ${named(log.module, log.event)}.`
        : `${log.address} told an event that this page does not know.`,
    ),
  ];
}

function ofEntry({ address, slot, value }: Entry): string {
  const name =
    slot === undefined ? `account ${address}` : `slot 0x${slot.toString(16).padStart(64, "0")} of ${address}`;
  if (value === undefined) return `After this block, ${name} is absent.`;
  if (typeof value === "bigint")
    return `After this block, ${name} holds 0x${value.toString(16).padStart(64, "0")}.`;
  const { balance, nonce, codeHash } = value;
  const coded = codeHash ? `, and code with the hash ${codeHash}` : "";
  return `After this block, ${name} has ${format.decimal(balance, 18)} ether and sent ${format.counted(nonce, "transaction")}${coded}.`;
}

function ofRecord(id: string, record: Record): string[] {
  return [
    `After this block, record ${id} is registered.`,
    `${record.owner} registered it on ${format.date(Number(record.registeredAt) * 1000)} in block ${format.count(record.registeredIn)}: ${format.counted(record.length, "encrypted byte")} of kind “${plain(record.kind, 80)}”.`,
    `The BLAKE3 hash of these bytes is ${record.contentHash.slice(2)}.`,
    ...(record.supersedes ? [`It replaces record ${record.supersedes}.`] : []),
    ...(record.supersededBy ? [`It was replaced by record ${record.supersededBy}.`] : []),
  ];
}
