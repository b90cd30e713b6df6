/** *Fibre*: what was measured of one, drawn from the raw files on the ledger, and what every rule says of it. */
import { useSession } from "@commonhold/web/keys/session";
import { Asked, Title } from "@commonhold/web/parts/basics";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import type { Book, Deal } from "./book";
import { Choices } from "./Decisions";
import { waiting } from "./decisions";
import { type Attempt, attempts } from "./evidence";
import { Files } from "./Files";
import { type Fibre, law, type Outcome, VERDICT } from "./law";
import { designOf, isSite, useOrder, VerdictBadge } from "./Orders";
import { Rules } from "./Rules";
import { Countdown, Filters, isNumber, LOOK_MS, Missing, useNow, useSigning } from "./shared";
import { strings } from "./strings";
import { Traces, useTraces } from "./Traces";
import { text } from "./words";

const t = strings.fibre;

/** What the certifier may say of a fibre that is to be reviewed. */
function Review({ book, deal, fibre }: { book: Book; deal: Deal; fibre: Fibre }) {
  const me = useSession()?.address;
  const time = useNow();
  const { sign, dialog } = useSigning();
  const own = me
    ? waiting(book, me, time).find((one) => one.key === `fibre ${fibre.order} ${fibre.name}`)
    : undefined;
  return (
    <>
      {own && (
        <section className="card request" aria-label={t.decide}>
          <div className="card-head">
            <h2>{t.decide}</h2>
            <Countdown due={own.due} />
          </div>
          <p className="consequence">{own.silence}</p>
          <Choices decision={{ who: deal.offer.contractor, choices: own.choices }} sign={sign} />
        </section>
      )}
      {dialog}
    </>
  );
}

function Shown({
  book,
  deal,
  order,
  fibre,
  all,
  rules,
  outcomes,
}: {
  book: Book;
  deal: Deal;
  order: Deal["orders"][number];
  fibre: Fibre;
  all: Attempt[];
  rules: string;
  outcomes: Outcome[];
}) {
  const newest = all.length - 1;
  const wanted = Number(useQueryParam("attempt") ?? newest);
  const attempt = all[wanted] ?? all[newest] ?? { number: 0, pieces: [], judged: undefined, outcomes: [] };
  const reads = useTraces(attempt.pieces, isSite(order.design));
  return (
    <>
      <Review book={book} deal={deal} fibre={fibre} />
      {all.length > 1 && (
        <Filters
          name="attempt"
          label={t.attempts}
          all={[...all]
            .reverse()
            .map((one) => [
              String(one.number),
              `${t.attempt(one.number + 1)}${one.judged ? `: ${strings.verdicts[Number(one.judged.values.get("verdict"))]}` : ""}`,
            ])}
        />
      )}
      {!isSite(order.design) && <Traces attempt={attempt} reads={reads} order={order} rules={rules} />}
      <Rules attempt={attempt} now={attempt.number === newest ? outcomes : []} />
      <Files attempt={attempt} reads={reads} order={order} />
    </>
  );
}

export function FibrePage({ order: number, name }: { order: string; name: string }) {
  const query = useOrder(number);
  const found = query.data;
  const fibre = found?.order.states.find((one) => text(one.name) === name);
  const evidence = useQuery({
    queryKey: ["works", "fibre", number, fibre?.name],
    queryFn: async () => {
      const [all, [, outcomes], rules] = await Promise.all([
        attempts(BigInt(number), fibre?.name ?? "0x"),
        law<[number, Outcome[]]>("outcomes", BigInt(number), fibre?.name),
        law<string>("ruleset", found?.deal.offer.ruleset),
      ]);
      return { all, outcomes, rules };
    },
    enabled: fibre !== undefined,
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  if (!isNumber(number)) return <Missing title={t.missing} text={t.missingText} />;
  return (
    <Asked query={query}>
      {(found) => {
        if (!found || !fibre) return <Missing title={t.missing} text={t.missingText} />;
        const { book, deal, order } = found;
        return (
          <>
            <Title text={t.fibreOf(text(fibre.name))}>
              <span className="badges">
                <VerdictBadge verdict={fibre.verdict} />
                {fibre.verdict === VERDICT.review && <Countdown due={fibre.reviewUntil} />}
              </span>
            </Title>
            <p className="lead">
              <Link to={`/works/fibre/${order.number}`}>{t.order(order.number)}</Link>
              {" · "}
              {designOf(order.design)}
            </p>
            <Asked query={evidence}>
              {(data) => <Shown book={book} deal={deal} order={order} fibre={fibre} {...data} />}
            </Asked>
          </>
        );
      }}
    </Asked>
  );
}
