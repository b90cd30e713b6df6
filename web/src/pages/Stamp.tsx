/** Checks a stamp in the browser. Nothing of it is sent anywhere. */
import { FormError, isNetworkKey, STAMP_BYTES_MAX, STEPS, type Step, Unproven } from "@commonhold/light";
import { type DragEvent, type FormEvent, useId, useMemo, useRef, useState } from "react";
import { hexToBytes } from "viem";
import type { Value } from "../ledger/decode";
import { useLive } from "../ledger/live";
import { Card, Fact, Facts, Hash, Said, Time, Title } from "../parts/basics";
import { Icon } from "../parts/icons";
import { Link } from "../shell/router";
import { interfaces } from "../stamp/interfaces";
import { type Proven, type ToldTransaction, tell } from "../stamp/told";
import { sentences } from "../stamp/words";
import { strings } from "../strings";
import { bytes, count, title, words } from "../text/format";
import { asciiOf, plain } from "../text/safe";

const t = strings.stamp;

/** Entries of one list that are shown. */
const VALUES_MAX = 100;

const sentence = (why: string) => `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;

type Verdict =
  | { kind: "proven"; proven: Proven; name: string }
  | { kind: "not"; step: Step; why: string; name: string };

/** A network key as people give it: hex, with or without 0x and white space. */
function readKey(text: string): Uint8Array | undefined {
  const hex = text.replace(/\s/g, "").toLowerCase().replace(/^0x/, "");
  if (!/^[0-9a-f]{192}$/.test(hex)) return undefined;
  const key = hexToBytes(`0x${hex}`);
  return isNetworkKey(key) ? key : undefined;
}

function verdict(name: string, text: string, key: Uint8Array): Verdict {
  try {
    return { kind: "proven", proven: tell(text, key, interfaces), name };
  } catch (error) {
    if (error instanceof FormError) return { kind: "not", step: "form", why: error.message, name };
    if (error instanceof Unproven) return { kind: "not", step: error.step, why: error.message, name };
    throw error;
  }
}

function Steps({ failed }: { failed?: Step }) {
  const at = failed ? STEPS.indexOf(failed) : STEPS.length;
  return (
    <ol className="steps">
      {STEPS.map((step, place) => {
        const state = place < at ? "good" : place === at ? "bad" : "wait";
        const { [step]: text } = t.step;
        return (
          <li key={step}>
            <span className={state}>
              <Icon name={state === "good" ? "check" : state === "bad" ? "cross" : "clock"} />
            </span>
            <span>
              {text} <span className="muted">{t.stepStates[state]}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** Arguments as they are proven: no names from the node, no links. */
function Proof({ values }: { values: Value[] }) {
  return (
    <dl className="values">
      {values.slice(0, VALUES_MAX).map((value, at) => (
        <div key={at}>
          <dt>{value.name ? words(value.name) : at + 1}</dt>
          <dd>
            {typeof value.value !== "string" ? (
              <Proof values={value.value} />
            ) : /^0x0*$/.test(value.value) ? (
              <span className="muted">{strings.none}</span>
            ) : (
              <Said text={asciiOf(value.value) ?? value.value} max={300} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Did({ statement }: { statement: ToldTransaction }) {
  const { call, module, logs } = statement;
  const [first, second] = sentences({ statement });
  return (
    <div className="did">
      <p>{call ? t.called(statement.sender, title(call.name), module ?? "") : first}</p>
      {call && <Proof values={call.values} />}
      <p>{second}</p>
      {logs.map((log, at) => (
        <div key={at}>
          <p>{log.event ? t.told(title(log.event.name), log.module ?? "") : t.toldUnknown(log.address)}</p>
          {log.event && <Proof values={log.event.values} />}
        </div>
      ))}
    </div>
  );
}

function Shown({ verdict: found }: { verdict: Verdict }) {
  if (found.kind === "not") {
    return (
      <>
        <section className="verdict bad" role="alert">
          <h2>
            <Icon name="cross" /> {t.notProven}
          </h2>
          <p className="sentences">
            <Said text={sentence(found.why)} max={600} />
          </p>
          <p className="muted">{t.notProvenText}</p>
        </section>
        <Card title={t.steps}>
          <Steps failed={found.step} />
        </Card>
      </>
    );
  }
  const { proven } = found;
  return (
    <>
      <section className="verdict good" role="status">
        <h2>
          <Icon name="check" /> {t.proven}
        </h2>
        {proven.statement.kind === "transaction" ? (
          <Did statement={proven.statement} />
        ) : (
          <ul className="sentences">
            {sentences(proven).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
      </section>
      <Card title={t.whenAndWho}>
        <Facts>
          <Fact name={t.when}>
            <Time ms={proven.block.timeMs} both />
          </Fact>
          <Fact name={strings.transaction.block}>
            {count(proven.block.number)} <Hash value={proven.block.hash} what={strings.kinds.block} whole />
          </Fact>
          {proven.descendants > 0 && (
            <Fact name={t.descendants}>{t.descendantsText(proven.descendants)}</Fact>
          )}
          <Fact name={t.signedBy}>
            <Hash value={proven.networkKey} what={t.key.toLowerCase()} whole />
          </Fact>
          <Fact name={strings.network.genesis}>
            <Hash value={proven.block.genesis} what={strings.network.genesis.toLowerCase()} whole />
          </Fact>
        </Facts>
        {proven.statement.kind === "transaction" && (
          <p className="look">
            <Link to={`/transactions/${proven.statement.hash}`}>{t.lookAt}</Link>
          </p>
        )}
        {proven.statement.kind === "record" && (
          <p className="look">
            <Link to={`/records/${proven.statement.id}`}>{t.lookAt}</Link>
          </p>
        )}
      </Card>
      <Card title={t.steps}>
        <Steps />
      </Card>
    </>
  );
}

export default function StampPage() {
  const id = useId();
  const { network } = useLive();
  const [own, setOwn] = useState<string>();
  const [found, setFound] = useState<Verdict>();
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  const [pasted, setPasted] = useState("");
  const result = useRef<HTMLDivElement>(null);
  const nodes = network?.networkKey ?? "";
  const shownKey = own ?? nodes;
  const key = useMemo(() => readKey(shownKey), [shownKey]);

  const run = async (name: string, text: string) => {
    if (!key) {
      setError(t.keyWrong);
      return;
    }
    setError("");
    setBusy(true);
    setFound(undefined);
    // The arithmetic holds up the page: let it say first that it is at work.
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    try {
      setFound(await verdict(name, text, key));
    } catch (problem) {
      setError(String(problem));
    }
    setBusy(false);
    result.current?.focus({ preventScroll: true });
    result.current?.scrollIntoView({ block: "nearest" });
  };
  const take = async (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (!file) return;
    if ((files?.length ?? 0) > 1) setError(t.several);
    else if (file.size > STAMP_BYTES_MAX) setError(t.largest(bytes(STAMP_BYTES_MAX)));
    else {
      try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
        await run(file.name, text);
      } catch {
        setFound(undefined);
        setError(t.notText);
      }
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(t.pasted, pasted);
  };
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <div ref={result} tabIndex={-1} className="result" aria-live="polite">
        {busy && <p className="loading">{t.checking}</p>}
        {error && (
          <p className="problem" role="alert">
            {error}
          </p>
        )}
        {found && (
          <>
            <p className="origin">
              <Said text={plain(found.name, 120)} />
              <button type="button" className="button quiet" onClick={() => setFound(undefined)}>
                {t.another}
              </button>
            </p>
            <Shown verdict={found} />
          </>
        )}
      </div>
      {!found && (
        <Card>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way, the button is another */}
          <div
            className={over ? "drop over" : "drop"}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
          >
            <Icon name="stamp" />
            <p className="drop-title">{t.drop}</p>
            <label className="button primary" htmlFor={`${id}-file`}>
              {t.choose}
            </label>
            <input
              id={`${id}-file`}
              className="sr"
              type="file"
              accept=".json,application/json"
              onChange={(event) => {
                void take(event.target.files);
                event.target.value = "";
              }}
            />
            <p className="muted">{t.example}</p>
          </div>
          <details>
            <summary>{t.paste}</summary>
            <form className="form" onSubmit={submit}>
              <div className="field">
                <label htmlFor={`${id}-text`}>{t.pasteLabel}</label>
                <textarea
                  id={`${id}-text`}
                  rows={8}
                  value={pasted}
                  spellCheck={false}
                  onChange={(event) => setPasted(event.target.value)}
                />
              </div>
              <button type="submit" className="button primary" disabled={pasted === ""}>
                {t.check}
              </button>
            </form>
          </details>
        </Card>
      )}
      <Card title={t.key}>
        <div className="field">
          <label htmlFor={`${id}-key`} className="sr">
            {t.key}
          </label>
          <textarea
            id={`${id}-key`}
            rows={3}
            value={shownKey}
            spellCheck={false}
            aria-invalid={shownKey !== "" && !key}
            aria-describedby={`${id}-hint`}
            onChange={(event) => {
              setOwn(event.target.value);
              setFound(undefined);
            }}
          />
          <p id={`${id}-hint`} className={shownKey !== "" && !key ? "error" : "muted"}>
            {shownKey !== "" && !key
              ? t.keyWrong
              : own === undefined
                ? t.keyOfNode
                : `${t.keyOwn} ${t.keyHint}`}
          </p>
          {own !== undefined && nodes !== "" && own !== nodes && (
            <button
              type="button"
              className="button quiet"
              onClick={() => {
                setOwn(undefined);
                setFound(undefined);
              }}
            >
              {t.keyReset}
            </button>
          )}
        </div>
      </Card>
    </>
  );
}
