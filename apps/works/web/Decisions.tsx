/** *Decisions*: what waits for the reader, each with its clock, what silence means, and what may be said. */
import type { Session } from "@commonhold/web/keys/session";
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { Asked, Card, Empty, Fact, Facts, Title } from "@commonhold/web/parts/basics";
import { date, iso, Proof, useCalled, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import { useState } from "react";
import { type Book, proof } from "./book";
import { Certify } from "./Certify";
import { argsOf, type Choice, type Decision } from "./choices";
import { waiting } from "./decisions";
import {
  Countdown,
  Effect,
  Filters,
  ProjectLink,
  Reason,
  SignedOut,
  step,
  titleOf,
  useBook,
  useNow,
  useSigning,
} from "./shared";
import { strings } from "./strings";

const t = strings.decisions;

/** What may be said to something, and the words that it takes. */
export function Choices({
  decision,
  sign,
}: {
  decision: Pick<Decision, "who" | "choices">;
  sign: ReturnType<typeof useSigning>["sign"];
}) {
  const who = useCalled(decision.who);
  const [asked, setAsked] = useState<Choice>();
  const say = (choice: Choice, reason: string) =>
    sign(
      {
        effect: <Effect text={choice.effect(who)} reason={reason} />,
        step: step(choice.functionName, ...argsOf(choice, reason)),
        action: choice.label,
      },
      () => setAsked(undefined),
    );
  if (asked?.reason) {
    return (
      <Reason
        label={asked.reason}
        action={asked.label}
        look={asked.look}
        cancel={() => setAsked(undefined)}
        done={(reason) => say(asked, reason)}
      />
    );
  }
  if (decision.choices.length === 0) return null;
  return (
    <div className="card-actions decide">
      {decision.choices.map((choice) => (
        <button
          key={choice.label}
          type="button"
          className={`button ${choice.look}`}
          onClick={() => (choice.reason ? setAsked(choice) : say(choice, ""))}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}

function One({
  decision,
  book,
  sign,
}: {
  decision: Decision;
  book: Book;
  sign: ReturnType<typeof useSigning>["sign"];
}) {
  const told = proof(book, ...decision.told);
  const deal = book.deals.find((one) => one.number === decision.contract);
  return (
    <section className="card request" aria-label={decision.title}>
      <div className="card-head">
        <h2>{decision.title}</h2>
        <Countdown due={decision.due} />
      </div>
      <div className="brief">
        <Facts>
          <Fact name={t.project}>
            <ProjectLink book={book} project={decision.project} />
          </Fact>
          <Fact name={t.from}>
            <Who value={decision.who} />
          </Fact>
          {decision.facts.map(([name, value]) => (
            <Fact key={name} name={name}>
              {value}
            </Fact>
          ))}
          {decision.due > 0 && <Fact name={t.due}>{date(decision.due)}</Fact>}
        </Facts>
      </div>
      <p className="consequence">{decision.silence}</p>
      {decision.lines && deal ? (
        <Certify deal={deal} applied={decision.lines} sign={sign} />
      ) : (
        <Choices decision={decision} sign={sign} />
      )}
      <p className="links-row">
        <Link to={decision.to}>{t.look}</Link> <Proof hash={told} what={decision.title} />
      </p>
    </section>
  );
}

function Own({ session }: { session: Session }) {
  const query = useBook({ who: session.address });
  const time = useNow();
  const show = useQueryParam("show") ?? "all";
  const { sign, dialog } = useSigning();
  return (
    <>
      <Asked query={query}>
        {(book) => {
          const all = waiting(book, session.address, time);
          const there = new Set(all.map((one) => one.sort));
          const shown = show === "all" ? all : all.filter((one) => one.sort === show);
          const kinds = (Object.keys(t.sorts) as Decision["sort"][]).filter((sort) => there.has(sort));
          if (all.length === 0) {
            return (
              <Card>
                <Empty title={t.none}>
                  <p>{t.noneText}</p>
                </Empty>
              </Card>
            );
          }
          return (
            <>
              {kinds.length > 1 && (
                <Filters
                  name="show"
                  label={t.show}
                  all={[["all", t.all], ...kinds.map((sort) => [sort, t.sorts[sort]] as const)]}
                />
              )}
              {shown.map((decision) => (
                <One key={decision.key} decision={decision} book={book} sign={sign} />
              ))}
              <Card title={t.table}>
                <Table
                  caption={t.table}
                  rows={all}
                  id={(one) => one.key}
                  empty={{ title: t.none, text: t.noneText }}
                  columns={[
                    {
                      head: t.what,
                      cell: (one) => <Link to={one.to}>{one.title}</Link>,
                      text: (one) => one.title,
                    },
                    {
                      head: t.due,
                      cell: (one) => <Countdown due={one.due} />,
                      text: (one) => iso(one.due),
                    },
                    {
                      head: t.project,
                      cell: (one) => titleOf(book, one.project),
                      text: (one) => titleOf(book, one.project),
                      wide: true,
                    },
                    {
                      head: t.from,
                      cell: (one) => <Who value={one.who} />,
                      text: (one) => one.who,
                      wide: true,
                    },
                    {
                      head: strings.transaction,
                      cell: (one) => <Proof hash={proof(book, ...one.told)} what={one.title} />,
                      text: (one): Hex | "" => proof(book, ...one.told) ?? "",
                      wide: true,
                    },
                  ]}
                />
              </Card>
            </>
          );
        }}
      </Asked>
      {dialog}
    </>
  );
}

export function Decisions() {
  const session = useSession();
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      {session ? <Own session={session} /> : <SignedOut />}
    </>
  );
}
