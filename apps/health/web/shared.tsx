/** What the pages of health share: who is asked about, cards, choices, and where a step is signed. */
import { type Intent, Sign } from "@commonhold/web/keys/Sign";
import type { Receipt } from "@commonhold/web/keys/send";
import { type Session, useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { useName } from "@commonhold/web/ledger/names";
import { Address, Empty, Loading, Problem, Title } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { Link } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Request, type Study, subjectsOf } from "./law";
import { strings } from "./strings";
import { union, without, ZERO_ADDRESS } from "./words";

/** Milliseconds between two looks at what others may change. */
export const LOOK_MS = 4_000;
/** Rows of one page of a list. */
export const SIZE = 25;

const minutes = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});

/** A time to the minute; what no calendar prints, as it is. */
export function date(seconds: number | bigint): string {
  const made = new Date(Number(seconds) * 1000);
  return Number.isNaN(made.getTime()) || made.getUTCFullYear() > 9999
    ? format.date(Number(seconds) * 1000)
    : minutes.format(made);
}
export const iso = (seconds: number | bigint) =>
  Number(seconds) === 0 ? "" : new Date(Number(seconds) * 1000).toISOString();
export const now = () => Math.floor(Date.now() / 1000);
export const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** `3 days`, `12 hours`, for spans that somebody chose. */
export function span(seconds: number): string {
  if (seconds % 86_400 === 0) return format.counted(seconds / 86_400, "day");
  if (seconds % 3_600 === 0) return format.counted(seconds / 3_600, "hour");
  return format.duration(seconds);
}

/** Everything under which somebody has records. */
export function useSubjects(session: Session | undefined) {
  return useQuery({
    queryKey: ["health", "subjects", session?.address],
    queryFn: () => subjectsOf(session?.address ?? "0x"),
    enabled: session !== undefined,
    staleTime: 30_000,
  });
}

/** A page for who is signed in: of all their addresses. */
export function Mine({
  title,
  lead,
  action,
  children,
}: {
  title: string;
  lead: string;
  action?: ReactNode;
  children: (session: Session, subjects: Hex[]) => ReactNode;
}) {
  const session = useSession();
  const { data, error, refetch } = useSubjects(session);
  return (
    <>
      <Title text={title}>{session && action}</Title>
      <p className="lead">{lead}</p>
      {!session ? (
        <SignedOut />
      ) : data ? (
        children(session, data)
      ) : error ? (
        <Problem error={error} retry={refetch} />
      ) : (
        <Loading />
      )}
    </>
  );
}

export function SignedOut() {
  const t = strings.signIn;
  return (
    <section className="card">
      <Empty title={t.title}>
        <p>{t.text}</p>
        <Link to="/account" className="button primary">
          <Icon name="key" /> {t.action}
        </Link>
      </Empty>
    </section>
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

/** A name where there is one, else a short address: for sentences. */
export function useCalled(address: string): string {
  const named = useName(/^0x[0-9a-fA-F]{40}$/.test(address) ? address : ZERO_ADDRESS);
  return named ? plain(named.name, 40) : format.short(address);
}

/** Who it is, with a link. */
export function Who({ value, me }: { value: string; me?: string | undefined }) {
  if (me && same(value, me)) return <span className="who">{strings.you}</span>;
  return <Address value={value} copy={false} />;
}

/** Where something stands on the ledger. */
export function Proof({ hash, what }: { hash: Hex | undefined; what: string }) {
  if (!hash) return <span className="muted">–</span>;
  return (
    <Link to={`/transactions/${hash}`} className="proof" aria-label={strings.seeProof(what)}>
      <Icon name="stamp" /> {strings.transaction}
    </Link>
  );
}

/** One step at a time: `sign(intent)` shows what will happen, and everything is looked at anew afterwards. */
export function useSigning(): {
  sign: (intent: Intent, done?: (receipt: Receipt, at: number) => void, closed?: () => void) => void;
  dialog: ReactNode;
} {
  const queries = useQueryClient();
  const [open, setOpen] = useState<{
    intent: Intent;
    done: ((receipt: Receipt, at: number) => void) | undefined;
    closed: (() => void) | undefined;
  }>();
  return {
    sign: (intent, done, closed) => setOpen({ intent, done, closed }),
    dialog: open && (
      <Sign
        intent={open.intent}
        done={(receipt, at) => {
          open.done?.(receipt, at);
          void queries.invalidateQueries({ queryKey: ["health"] });
        }}
        close={() => {
          setOpen(undefined);
          open.closed?.();
        }}
      />
    ),
  };
}

export function step(functionName: string, ...args: unknown[]): Intent["step"] {
  return { module: "health", functionName, args };
}

export type Standing = "waiting" | "window" | "open" | "lacking" | "denied" | "vetoed" | "revoked" | "over";

/** What opens now under a request, as far as it says itself. */
export function opens(request: Request, at: number): number {
  if (request.state === 2 || request.state === 3) return 0;
  if (request.until !== 0n && Number(request.until) <= at) return 0;
  const standing = request.state === 0 && Number(request.readyAt) <= at ? request.standing : 0;
  return union(standing, request.approved);
}

/** What its owner is still asked. */
export const waits = (request: Request) => without(request.asking, request.approved);

/** What will open by itself. */
export const ripens = (request: Request, at: number) =>
  request.state === 0 && Number(request.readyAt) > at ? request.standing : 0;

export const denied = (request: Request) =>
  without(request.classes, union(request.standing, request.asking, request.needing, request.approved));

/** Where a request stands, in one word. */
export function standing(request: Request, at: number): Standing {
  if (request.state === 2) return "denied";
  if (request.state === 3) return "revoked";
  if (request.until !== 0n && Number(request.until) <= at) return "over";
  if (waits(request) !== 0) return "waiting";
  if (ripens(request, at) !== 0) return "window";
  if (opens(request, at) !== 0) return "open";
  if (request.state === 1) return "vetoed";
  return request.needing !== 0 ? "lacking" : "denied";
}

export const TONES: Record<Standing, "good" | "bad" | "wait" | "plain"> = {
  waiting: "wait",
  window: "wait",
  open: "good",
  lacking: "plain",
  denied: "bad",
  vetoed: "bad",
  revoked: "plain",
  over: "plain",
};

/** How a study stands with its board. */
export function approval(
  study: Study,
  at: number,
): "approved" | "suspended" | "lapsed" | "changed" | "notYet" {
  if (study.suspendedAt !== 0n) return "suspended";
  if (study.approvedVersion === 0n) return "notYet";
  if (study.approvedVersion !== study.versions) return "changed";
  return Number(study.approvedUntil) > at ? "approved" : "lapsed";
}
