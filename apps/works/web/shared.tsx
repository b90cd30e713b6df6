/** What the pages of works share: whose projects, countdowns, money, reasons, and where a step is signed. */
import type { Intent } from "@commonhold/web/keys/Sign";
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { SignedOut as OfNobody } from "@commonhold/web/parts/application";
import { Badge, Title } from "@commonhold/web/parts/basics";
import { date, now, useSigning as signing } from "@commonhold/web/parts/steps";
import { here, Link, useQueryParam } from "@commonhold/web/shell/router";
import { plain } from "@commonhold/web/text/safe";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useId, useState } from "react";
import { type Book, type Deal, everyProject, gather, projectsWith } from "./book";
import { countdown, type Urgency, urgency } from "./countdown";
import { strings } from "./strings";

/** Milliseconds between two looks: a look at works is many questions. */
export const LOOK_MS = 6_000;

/** One step at a time; everything of works is looked at anew afterwards. */
export const useSigning = () => signing("works");

export function step(functionName: string, ...args: unknown[]): Intent["step"] {
  return { module: "works", functionName, args };
}

/** The book of these projects: of somebody's, of all, or of one. */
export function useBook(of: { who?: Hex | undefined; project?: bigint | undefined }, enabled = true) {
  return useQuery({
    queryKey: ["works", "book", of.who ?? "all", String(of.project ?? "")],
    queryFn: async () => {
      if (of.project !== undefined) return gather([of.project]);
      return gather(of.who ? await projectsWith(of.who) : await everyProject());
    },
    enabled,
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
    // Bigints do not compare by JSON; what is asked for anew is drawn anew.
    structuralSharing: false,
  });
}

/** Whose projects a page is of: the reader's, or all of them. Who is not signed in sees all. */
export function useScope(): { who: Hex | undefined; isMine: boolean; me: Hex | undefined } {
  const me = useSession()?.address;
  const all = useQueryParam("of") === "all";
  return { who: all ? undefined : me, isMine: me !== undefined && !all, me };
}

/** The choice between one's own and all. */
export function ScopeChoice() {
  const { me, isMine } = useScope();
  const t = strings.portfolio;
  if (!me) return null;
  const entry = (name: string, of: string | undefined, isThis: boolean) => (
    <Link to={here({ of, page: undefined })} className="filter" aria-current={isThis ? "true" : undefined}>
      {name}
    </Link>
  );
  return (
    <nav className="filters" aria-label={t.show}>
      {entry(t.mine, undefined, isMine)}
      {entry(t.all, "all", !isMine)}
    </nav>
  );
}

export function Filters({
  name,
  label,
  all,
}: {
  /** The parameter; the first entry is without it. */
  name: string;
  label: string;
  all: readonly (readonly [string, string])[];
}) {
  const value = useQueryParam(name) ?? all[0]?.[0];
  return (
    <nav className="filters" aria-label={label}>
      {all.map(([key, title], at) => (
        <Link
          key={key}
          to={here({ [name]: at === 0 ? undefined : key, page: undefined })}
          className="filter"
          aria-current={key === value ? "true" : undefined}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}

export const SignedOut = () => <OfNobody words={strings.signIn} />;

/** A page that somebody may have mistyped the number of. */
export function Missing({ title, text }: { title: string; text: string }) {
  return (
    <>
      <Title text={title} />
      <p className="lead">{text}</p>
    </>
  );
}

/** Seconds since 1970, anew every half minute. */
export function useNow(): number {
  const [time, setTime] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return time;
}

const TONES: Record<Urgency, "good" | "bad" | "wait" | "plain"> = {
  none: "plain",
  calm: "plain",
  soon: "wait",
  over: "bad",
};

/** How long is left, with the exact time on hover. */
export function Countdown({ due }: { due: bigint | number }) {
  const time = useNow();
  const at = urgency(due, time);
  return (
    <span className="countdown" title={at === "none" ? undefined : date(due)}>
      <Badge tone={TONES[at]} icon="clock">
        {countdown(due, time)}
      </Badge>
    </span>
  );
}

export const titleOf = (book: Book, project: bigint) =>
  plain(book.projects.find((one) => one.number === project)?.title ?? "", 60);

export const packageOf = (book: Book, deal: Pick<Deal, "offer">) =>
  plain(book.packages.find((one) => one.number === deal.offer.package)?.title ?? "", 60);

export function ProjectLink({ book, project }: { book: Book; project: bigint }) {
  return (
    <Link to={`/works/projects/${project}`} className="title-link">
      {titleOf(book, project)}
    </Link>
  );
}

/** Whether a text is a number of something, as addresses of pages have it. */
export const isNumber = (text: string) => /^[1-9]\d{0,15}$/.test(text);

/** Words that somebody has to write before they go on. */
export function Reason({
  label,
  action,
  look,
  cancel,
  done,
}: {
  label: string;
  action: string;
  look: string;
  cancel: () => void;
  done: (text: string) => void;
}) {
  const [text, setText] = useState("");
  const id = useId();
  return (
    <form
      className="form reason"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) done(text.trim());
      }}
    >
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <textarea
          id={id}
          rows={3}
          maxLength={2_000}
          value={text}
          aria-describedby={`${id}-hint`}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="hint" id={`${id}-hint`}>
          {strings.decisions.keep}
        </span>
      </div>
      <div className="card-actions">
        <button type="submit" className={`button ${look}`} disabled={text.trim() === ""}>
          {action}
        </button>
        <button type="button" className="button" onClick={cancel}>
          {strings.reasonCancel}
        </button>
      </div>
    </form>
  );
}

/** What will happen, with the words that somebody wrote. */
export function Effect({ text, reason }: { text: string; reason: string }): ReactNode {
  return (
    <>
      <p>{text}</p>
      {reason && <p className="said">{strings.decisions.quoted(plain(reason, 2_000))}</p>}
    </>
  );
}
