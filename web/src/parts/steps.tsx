/** What the applications' pages are made of, beside the basics: who, proofs, and steps that are signed. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Intent, Sign } from "../keys/Sign";
import type { Receipt } from "../keys/send";
import type { Hex } from "../ledger/api";
import { useName } from "../ledger/names";
import { Link } from "../shell/router";
import { strings } from "../strings";
import "../styles/steps.css";
import * as format from "../text/format";
import { plain } from "../text/safe";
import { Address } from "./basics";
import { Icon } from "./icons";

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

/** A name where there is one, else a short address: for sentences. */
export function useCalled(address: string): string {
  const named = useName(/^0x[0-9a-fA-F]{40}$/.test(address) ? address : `0x${"0".repeat(40)}`);
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
    <Link to={`/transactions/${hash}`} className="proof" aria-label={strings.proofOf(what)}>
      <Icon name="stamp" /> {strings.proof}
    </Link>
  );
}

export interface Signing {
  sign: (intent: Intent, done?: (receipt: Receipt, at: number) => void, closed?: () => void) => void;
  dialog: ReactNode;
}

/**
 * One step at a time: `sign(intent)` shows what will happen, and everything of the application is looked at anew
 * afterwards.
 */
export function useSigning(application: string): Signing {
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
          void queries.invalidateQueries({ queryKey: [application] });
        }}
        close={() => {
          setOpen(undefined);
          open.closed?.();
        }}
      />
    ),
  };
}
