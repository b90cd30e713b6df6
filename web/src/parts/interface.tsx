/** The interface of a contract: the network's, or one that the reader gives. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import {
  type Abi,
  type AbiEvent,
  type AbiFunction,
  type AbiParameter,
  toEventSelector,
  toFunctionSelector,
} from "viem";
import type { Hex } from "../ledger/api";
import * as given from "../ledger/given";
import { strings } from "../strings";
import { plain } from "../text/safe";
import { Badge, Card, Hash, Loading } from "./basics";
import { useInterfaces } from "./decoded";
import { Table } from "./table";

const t = strings.interface;

const types = (parameters: readonly AbiParameter[]) =>
  parameters.map((parameter) => plain(`${parameter.type} ${parameter.name ?? ""}`.trim(), 80)).join(", ");

function signature(item: AbiFunction | AbiEvent): string {
  const outputs = item.type === "function" && item.outputs.length > 0 ? ` → ${types(item.outputs)}` : "";
  return `${plain(item.name, 80)}(${types(item.inputs)})${outputs}`;
}

const kind = (item: AbiFunction) =>
  item.stateMutability === "view" || item.stateMutability === "pure"
    ? t.view
    : item.stateMutability === "payable"
      ? t.payable
      : t.write;

function Lists({ abi }: { abi: Abi }) {
  const functions = abi.filter((item) => item.type === "function");
  const events = abi.filter((item) => item.type === "event");
  return (
    <>
      <Card title={t.functions}>
        <Table
          caption={t.functionsCaption}
          rows={functions}
          id={(item) => toFunctionSelector(item)}
          empty={{ title: strings.none }}
          columns={[
            {
              head: t.signature,
              cell: (item) => <code className="signature">{signature(item)}</code>,
              text: signature,
            },
            { head: t.mutability, cell: (item) => <Badge tone="plain">{kind(item)}</Badge>, text: kind },
            {
              head: t.selector,
              cell: (item) => <code>{toFunctionSelector(item)}</code>,
              text: toFunctionSelector,
              wide: true,
            },
          ]}
        />
      </Card>
      <Card title={t.events}>
        <Table
          caption={t.eventsCaption}
          rows={events}
          id={(item) => toEventSelector(item)}
          empty={{ title: strings.none }}
          columns={[
            {
              head: t.signature,
              cell: (item) => <code className="signature">{signature(item)}</code>,
              text: signature,
            },
            {
              head: t.topic,
              cell: (item) => <Hash value={toEventSelector(item)} what={t.topic.toLowerCase()} />,
              text: toEventSelector,
              wide: true,
            },
          ]}
        />
      </Card>
    </>
  );
}

/** What is wrong with an interface, in words. */
function wrong(error: unknown): string {
  if (error instanceof SyntaxError) return t.wrong.json;
  const message = error instanceof Error ? error.message : "";
  if (message === "no list") return t.wrong.list;
  if (message === "empty") return t.wrong.empty;
  return message === "too long" ? t.wrong.long : t.wrong.item;
}

function Give({ address }: { address: Hex }) {
  const id = useId();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const [notKept, setNotKept] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      const abi = given.parse(text);
      setError("");
      setNotKept(!given.keep(address, name.trim() || strings.account.kindContract, abi));
      void queries.invalidateQueries({ queryKey: ["interfaces"] });
    } catch (problem) {
      setError(wrong(problem));
    }
  };
  return (
    <Card title={t.give}>
      <p className="muted">{t.giveText}</p>
      <form className="form" onSubmit={submit} noValidate>
        <div className="field">
          <label htmlFor={`${id}-name`}>{t.contractName}</label>
          <input
            id={`${id}-name`}
            value={name}
            maxLength={60}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-abi`}>{t.label}</label>
          <textarea
            id={`${id}-abi`}
            rows={8}
            value={text}
            spellCheck={false}
            aria-invalid={error !== ""}
            aria-describedby={error ? `${id}-error` : undefined}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-file`}>{t.file}</label>
          <input
            id={`${id}-file`}
            type="file"
            accept=".json,application/json"
            onChange={async (event) => {
              const file = event.target.files?.[0];
              if (!file) return;
              if (file.size > given.ABI_TEXT_MAX) setError(t.wrong.long);
              else setText(await file.text());
            }}
          />
        </div>
        {error && (
          <p className="error" role="alert" id={`${id}-error`}>
            {error}
          </p>
        )}
        {notKept && <p className="notice">{t.notKept}</p>}
        <button type="submit" className="button primary" disabled={text === ""}>
          {t.keep}
        </button>
      </form>
    </Card>
  );
}

export function InterfaceCard({ address }: { address: Hex }) {
  const all = useInterfaces();
  const queries = useQueryClient();
  if (!all) return <Loading />;
  const known = all.get(address.toLowerCase());
  if (!known) return <Give address={address} />;
  const forget = () => {
    given.forget(address);
    void queries.invalidateQueries({ queryKey: ["interfaces"] });
  };
  return (
    <>
      <p className="origin">
        <Badge tone="plain">{known.isModule ? t.served : t.kept}</Badge>
        {!known.isModule && (
          <button type="button" className="button quiet" onClick={forget}>
            {t.forget}
          </button>
        )}
      </p>
      <Lists abi={known.abi} />
    </>
  );
}
