/** Appeals that wait for members: what the fact says, who it is about, and what a member may say to it. */
import { Field } from "@commonhold/web/keys/forms";
import type { Hex } from "@commonhold/web/ledger/api";
import { view } from "@commonhold/web/ledger/modules";
import { Card, Empty, Fact, Facts } from "@commonhold/web/parts/basics";
import { Proof, useCalled, Who } from "@commonhold/web/parts/steps";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { APPEAL_SECONDS } from "./cs1";
import { appealsTold } from "./known";
import { type Appeal, count, FACT, type Fact as FactRow, KIND, law, numbered } from "./law";
import { dimension, sourceOf } from "./Score";
import { Countdown, LOOK_MS, step, useSigning } from "./shared";
import { strings } from "./strings";
import { basisPoints } from "./words";

const t = strings.credit;
/** Appeals that are looked at, the newest; the law lets few be open at a time. */
const NEWEST = 500;

interface Open extends Appeal {
  of: FactRow;
  transaction: Hex | undefined;
}

async function open(): Promise<Open[]> {
  const total = await count(KIND.Appeal);
  const first = Math.max(1, total - NEWEST + 1);
  const numbers = Array.from({ length: total - first + 1 }, (_, at) => BigInt(first + at));
  const all = await numbered<Appeal>("appealOf", numbers);
  const waiting = all.filter((one) => one.decidedAt === 0n);
  if (waiting.length === 0) return [];
  const told = await appealsTold();
  return Promise.all(
    waiting.map(async (one) => {
      // A fact's number is its place among those about somebody, counted from one.
      const [page] = await law<[FactRow[], bigint]>("facts", one.subject, one.fact - 1n, 1n);
      const of = page.find((fact) => fact.number === one.fact);
      if (!of) throw new Error(`the node did not say fact ${one.fact}`);
      return { ...one, of, transaction: told.get(String(one.number)) };
    }),
  );
}

/** A share written in percent, in hundredths of one; nothing where it is none. */
export function hundredths(written: string): number | undefined {
  const parts = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(written.trim());
  if (!parts) return undefined;
  const value = Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
  return value <= 10_000 ? value : undefined;
}

function One({ appeal, sign }: { appeal: Open; sign: ReturnType<typeof useSigning>["sign"] }) {
  const who = useCalled(appeal.subject);
  const [to, setTo] = useState<string>();
  const [error, setError] = useState("");
  const [upheld = 0, overturned = 0, amended = 0] = appeal.votes;
  const say = (state: number, outcome: number, effect: string, before: number, action: string) =>
    sign(
      {
        effect: (
          <>
            <p>{effect}</p>
            <p>{before > 0 ? t.second : t.first}</p>
          </>
        ),
        step: step("voteAppeal", appeal.number, state, outcome),
        action,
      },
      () => setTo(undefined),
    );
  const amend = () => {
    const outcome = hundredths(to ?? "");
    setError(outcome === undefined ? t.amendWrong : "");
    if (outcome === undefined) return;
    say(FACT.amended, outcome, t.amended(appeal.number, who, basisPoints(outcome)), amended, t.amend);
  };
  return (
    <section className="card request" aria-label={t.appealNumber(appeal.number)}>
      <div className="card-head">
        <h3>{t.appealNumber(appeal.number)}</h3>
        <Countdown due={appeal.at + BigInt(APPEAL_SECONDS)} />
      </div>
      <Facts>
        <Fact name={t.subject}>
          <Who value={appeal.subject} />
        </Fact>
        <Fact name={t.fact}>
          {t.factIs(
            `${dimension(appeal.of.part, appeal.of.dimension)}, ${sourceOf(appeal.of)}`,
            basisPoints(appeal.of.outcome),
          )}
        </Fact>
        <Fact name={t.saidBy}>
          <Who value={appeal.of.counterparty} />
        </Fact>
        <Fact name={t.votes}>
          {t.votesOf(upheld, overturned, amended)} <Proof hash={appeal.transaction} what={t.appealHead} />
        </Fact>
      </Facts>
      {to === undefined ? (
        <div className="card-actions decide">
          <button
            type="button"
            className="button"
            onClick={() => say(FACT.upheld, 0, t.upheld(appeal.number, who), upheld, t.uphold)}
          >
            {t.uphold}
          </button>
          <button
            type="button"
            className="button"
            onClick={() => say(FACT.overturned, 0, t.overturned(appeal.number, who), overturned, t.overturn)}
          >
            {t.overturn}
          </button>
          <button type="button" className="button" onClick={() => setTo("")}>
            {t.amend}
          </button>
        </div>
      ) : (
        <form
          className="form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            amend();
          }}
        >
          <Field label={t.amendTo} error={error}>
            {(props) => (
              <input
                {...props}
                inputMode="decimal"
                value={to}
                onChange={(event) => setTo(event.target.value)}
              />
            )}
          </Field>
          <div className="card-actions">
            <button type="submit" className="button primary">
              {t.amend}
            </button>
            <button type="button" className="button" onClick={() => setTo(undefined)}>
              {strings.reasonCancel}
            </button>
          </div>
        </form>
      )}
    </section>
  );
}

/** For members alone; nothing for others. */
export function Deciding({ me }: { me: Hex }) {
  const { sign, dialog } = useSigning();
  const isMember = useQuery({
    queryKey: ["works", "member", me],
    queryFn: () => view<boolean>("members", "isMember", me),
  }).data;
  const query = useQuery({
    queryKey: ["works", "appeals"],
    queryFn: open,
    enabled: isMember === true,
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  if (!isMember || !query.data) return null;
  return (
    <Card title={t.decide}>
      <p className="muted">{t.decideText}</p>
      {query.data.length === 0 ? (
        <Empty title={t.decideNone} />
      ) : (
        query.data.map((appeal) => <One key={String(appeal.number)} appeal={appeal} sign={sign} />)
      )}
      {dialog}
    </Card>
  );
}
