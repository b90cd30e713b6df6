/** The small parts that every page is made of: one component per kind of thing. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useName } from "../ledger/names";
import { Link } from "../shell/router";
import { strings } from "../strings";
import * as format from "../text/format";
import { KEPT_MAX, plain, SHOWN_MAX } from "../text/safe";
import { Icon } from "./icons";

/** Text from the ledger. */
export function Said({ text, max = SHOWN_MAX }: { text: string; max?: number }) {
  const [all, setAll] = useState(false);
  const shown = plain(text, all ? KEPT_MAX : max);
  const cut = plain(text, max) !== plain(text, KEPT_MAX);
  return (
    <>
      <bdi className="said">{shown}</bdi>
      {cut && (
        <button type="button" className="inline" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? strings.less : strings.more}
        </button>
      )}
    </>
  );
}

export function Copy({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  const copy = async () => {
    try {
      // Only a secure context has a clipboard; a node on another machine without TLS is none.
      await navigator.clipboard.writeText(text);
      setState("done");
    } catch {
      setState("failed");
    }
  };
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const label = state === "idle" ? strings.copy(what) : state === "done" ? strings.copied : strings.notCopied;
  return (
    <button type="button" className="icon" aria-label={label} title={label} onClick={copy}>
      <Icon name={state === "done" ? "check" : state === "failed" ? "cross" : "copy"} />
      <span className="sr" role="status">
        {state === "idle" ? "" : label}
      </span>
    </button>
  );
}

interface HexProps {
  value: string;
  /** What it is, for the copy button. */
  what: string;
  to?: string;
  /** Shown whole. */
  whole?: boolean;
  copy?: boolean;
}

/** A hash, a key, bytes. */
export function Hash({ value, what, to, whole = false, copy = true }: HexProps) {
  const text = (
    <code className={whole ? "hex whole" : "hex"} title={whole ? undefined : value}>
      {whole ? value : format.short(value)}
    </code>
  );
  return (
    <span className="hash">
      {to ? <Link to={to}>{text}</Link> : text}
      {copy && <Copy text={value} what={what} />}
    </span>
  );
}

export function TransactionLink({ hash, copy = true }: { hash: string; copy?: boolean }) {
  return <Hash value={hash} what={strings.kinds.transaction} to={`/transactions/${hash}`} copy={copy} />;
}

export function BlockLink({ number }: { number: number | bigint | string }) {
  return <Link to={`/blocks/${number}`}>{format.count(BigInt(number))}</Link>;
}

export function RecordLink({ id, copy = true }: { id: string; copy?: boolean }) {
  return <Hash value={id} what={strings.kinds.record} to={`/records/${id}`} copy={copy} />;
}

/** Who: the name first, then the address. */
export function Address({
  value,
  copy = true,
  whole = false,
}: {
  value: string;
  copy?: boolean;
  whole?: boolean;
}) {
  const named = useName(value);
  const hex = (
    <code className={whole ? "hex whole" : "hex"} title={value}>
      {whole ? value : format.short(value)}
    </code>
  );
  return (
    <span className="hash">
      <Link to={`/accounts/${value}`} className="who">
        {named && (
          <span className={`name ${named.by}`}>
            {named.by === "module" ? strings.moduleNamed(named.name) : plain(named.name, 40)}
          </span>
        )}
        {named && !whole ? <span className="sr"> {value}</span> : hex}
      </Link>
      {copy && <Copy text={value} what={strings.kinds.address} />}
    </span>
  );
}

// One clock for all ages on the page.
const clocks = new Set<(now: number) => void>();
setInterval(() => {
  for (const tick of clocks) tick(Date.now());
}, 1_000);

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    clocks.add(setNow);
    return () => {
      clocks.delete(setNow);
    };
  }, []);
  return now;
}

/** A time: how long ago, and exactly when on hover or beside it. */
export function Time({ ms, both = false }: { ms: number; both?: boolean }) {
  const now = useNow();
  const exact = format.date(ms);
  const valid = !Number.isNaN(new Date(ms).getTime());
  return (
    <time dateTime={valid ? new Date(ms).toISOString() : undefined} title={exact}>
      {both ? `${exact} (${format.age(ms, now)})` : format.age(ms, now)}
    </time>
  );
}

export function Finality({ isFinal }: { isFinal: boolean }) {
  return isFinal ? (
    <Badge tone="good" icon="check">
      {strings.final}
    </Badge>
  ) : (
    <Badge tone="wait" icon="clock">
      {strings.pending}
    </Badge>
  );
}

type Tone = "good" | "bad" | "wait" | "plain";

export function Badge({
  tone,
  icon,
  children,
}: {
  tone: Tone;
  icon?: "check" | "cross" | "clock";
  children: ReactNode;
}) {
  return (
    <span className={`badge ${tone}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}

/** Pairs of a name and what it is. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {name}
        {hint && <span className="hint">{hint}</span>}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A page's head. It takes the focus when one comes here, so that a screen reader says where one is. */
export function Title({ text, children, kind }: { text: string; children?: ReactNode; kind?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Whoever came here before the page was there waits in the main part.
    const waiting = document.activeElement;
    if (waiting instanceof HTMLElement && waiting.id === "main")
      heading.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    document.title = `${kind ? `${kind} ` : ""}${text} · ${strings.app}`;
  }, [text, kind]);
  return (
    <header className="title">
      <h1 ref={heading} tabIndex={-1}>
        {kind && <span className="kind">{kind} </span>}
        {text}
      </h1>
      {children}
    </header>
  );
}

export function Card({
  title,
  action,
  children,
  quiet,
}: {
  title?: string;
  action?: ReactNode;
  children: ReactNode;
  quiet?: boolean;
}) {
  return (
    <section className={quiet ? "card quiet" : "card"}>
      {(title || action) && (
        <div className="card-head">
          {title && <h2>{title}</h2>}
          {action}
        </div>
      )}
      {children}
    </section>
  );
}

/** Nothing is here, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Loading() {
  return (
    <p className="loading" role="status">
      {strings.loading}
    </p>
  );
}

/** A question to the node failed. What is on the page stays. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const message = error instanceof Error ? error.message : String(error);
  const away = (error as { status?: number }).status === 0;
  return (
    <div className="problem" role="alert">
      <p>{away ? strings.noAnswer : strings.refused(plain(message, 300))}</p>
      {retry && (
        <button type="button" className="button" onClick={retry}>
          {strings.again}
        </button>
      )}
    </div>
  );
}

/** A question that is shown while it is asked, and where it failed. */
export function Asked<T>({
  query,
  children,
}: {
  query: { data: T | undefined; error: unknown; refetch: () => unknown };
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  return <Loading />;
}
