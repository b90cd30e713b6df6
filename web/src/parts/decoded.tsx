/** Calls, events and their arguments, in words and with links. */
import { useQuery } from "@tanstack/react-query";
import type { Hex } from "../ledger/api";
import { type Decoded, decodeCall, type Value } from "../ledger/decode";
import { type Interfaces, interfaces } from "../ledger/modules";
import { strings } from "../strings";
import * as format from "../text/format";
import { asciiOf } from "../text/safe";
import { Address, Hash, Said, Time } from "./basics";

export function useInterfaces(): Interfaces | undefined {
  return useQuery({ queryKey: ["interfaces"], queryFn: interfaces, staleTime: 60_000 }).data;
}

/** Names of numbers that are times, and the span in which they are taken for such. */
const TIMES = /^(time|at|since|until|deadline|notBefore|opensAt|.*(At|Until|Time))$/;
const TIME_MIN = 946_684_800n;
const TIME_MAX = 4_102_444_800n;

function Leaf({ name, type, value }: { name: string; type: string; value: string }) {
  if (type === "address") {
    return /^0x0{40}$/.test(value) ? (
      <span className="muted">{strings.none}</span>
    ) : (
      <Address value={value} whole />
    );
  }
  if (type === "string")
    return value === "" ? <span className="muted">{strings.none}</span> : <Said text={value} />;
  if (type === "bool") return <>{value === "true" ? strings.yes : strings.no}</>;
  if (type === "bytes32") {
    if (/^0x0{64}$/.test(value)) return <span className="muted">{strings.none}</span>;
    const text = asciiOf(value);
    if (text) {
      return (
        <>
          <Said text={text} /> <code className="hex muted">{format.short(value)}</code>
        </>
      );
    }
    const record = /^(id|oldId|newId|record|supersedes|supersededBy)$/.test(name);
    return (
      <Hash
        value={value}
        what={name || strings.kinds.key}
        whole
        {...(record ? { to: `/search?q=${value}` } : {})}
      />
    );
  }
  if (type.startsWith("bytes")) {
    const size = (value.length - 2) / 2;
    return size > 64 ? (
      <details>
        <summary>{format.bytes(size)}</summary>
        <code className="hex whole">{value.slice(0, 8_000)}</code>
      </details>
    ) : (
      <code className="hex whole">{value}</code>
    );
  }
  if (/^u?int/.test(type)) {
    const number = BigInt(value);
    const time = TIMES.test(name) && number > TIME_MIN && number < TIME_MAX;
    return (
      <>
        <span className="number">{format.count(number)}</span>
        {time && (
          <span className="muted">
            {" "}
            <Time ms={Number(number) * 1000} both />
          </span>
        )}
      </>
    );
  }
  return <Said text={value} />;
}

/** Entries of one list that are drawn. */
const ITEMS_MAX = 100;

function Item({ value }: { value: Value }) {
  if (typeof value.value === "string")
    return <Leaf name={value.name} type={value.type} value={value.value} />;
  if (value.value.length === 0) return <span className="muted">{strings.none}</span>;
  const list = value.type.endsWith("]");
  return (
    <dl className={list ? "values list" : "values"}>
      {value.value.slice(0, ITEMS_MAX).map((inner, at) => (
        <div key={at}>
          <dt>{list ? `${at + 1}.` : inner.name || at + 1}</dt>
          <dd>
            <Item value={list ? { ...inner, name: value.name } : inner} />
          </dd>
        </div>
      ))}
      {value.value.length > ITEMS_MAX && <div className="muted">…</div>}
    </dl>
  );
}

export function Values({ values }: { values: Value[] }) {
  if (values.length === 0) return <p className="muted">{strings.transaction.noArguments}</p>;
  return (
    <dl className="values">
      {values.map((value, at) => (
        <div key={at}>
          <dt>
            {value.name ? format.words(value.name) : at + 1} <span className="type">{value.type}</span>
          </dt>
          <dd>
            <Item value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function decodedCall(all: Interfaces | undefined, to: Hex | null, input: Hex): Decoded | undefined {
  const known = to && all?.get(to.toLowerCase());
  return known ? decodeCall(known.abi, input) : undefined;
}

/** What a transaction is, in a few words. */
export function summary(all: Interfaces | undefined, transaction: { to: Hex | null; input: Hex }): string {
  if (!transaction.to) return strings.transactions.create;
  if (transaction.input === "0x") return strings.transactions.transfer;
  const decoded = decodedCall(all, transaction.to, transaction.input);
  return decoded
    ? format.title(decoded.name)
    : `${strings.transactions.call} ${transaction.input.slice(0, 10)}`;
}
