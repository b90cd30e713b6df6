/** *Payments*: what was certified, held back and paid, and by which rule. */
import { useSession } from "@commonhold/web/keys/session";
import { Asked, Card, Empty, Fact, Facts, Time, Title } from "@commonhold/web/parts/basics";
import { Proof, Who } from "@commonhold/web/parts/steps";
import { Link } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { Bars, Legend } from "./Bars";
import { Bill, Shares } from "./Bill";
import { type Book, type Deal, gather, proof } from "./book";
import { Certificates, OneCertificate } from "./Certificates";
import { Certify } from "./Certify";
import { Choices } from "./Decisions";
import { waiting } from "./decisions";
import { type Contract, KIND, law, packages } from "./law";
import { LEGEND, moneyParts, StateBadge } from "./Portfolio";
import {
  Countdown,
  isNumber,
  LOOK_MS,
  Missing,
  ProjectLink,
  packageOf,
  ScopeChoice,
  titleOf,
  useBook,
  useNow,
  useScope,
  useSigning,
} from "./shared";
import { strings } from "./strings";
import { money, permille, sums } from "./words";

const t = strings.payments;

export function Payments() {
  const { who, isMine } = useScope();
  const query = useBook({ who });
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <ScopeChoice />
      <Asked query={query}>
        {(book) =>
          book.deals.length === 0 ? (
            <Card>
              <Empty title={isMine ? t.none : t.noneAll}>
                <p>{t.noneText}</p>
              </Empty>
            </Card>
          ) : (
            book.deals.map((deal) => (
              <Card
                key={String(deal.number)}
                title={`${t.contract(deal.number)}: ${packageOf(book, deal)}`}
                action={<StateBadge state={deal.state} />}
              >
                <p className="muted">
                  {titleOf(book, deal.project)} ·{" "}
                  <Link to={`/works/payments/${deal.number}`}>{t.contract(deal.number)}</Link>
                </p>
                <Certificates book={book} deal={deal} />
              </Card>
            ))
          )
        }
      </Asked>
    </>
  );
}

/** What the reader may do about the money of this contract. */
function Waiting({ book, deal }: { book: Book; deal: Deal }) {
  const me = useSession()?.address;
  const time = useNow();
  const { sign, dialog } = useSigning();
  const own = me
    ? waiting(book, me, time).filter((one) => one.sort === "payment" && one.contract === deal.number)
    : [];
  return (
    <>
      {own.map((one) => (
        <section key={one.key} className="card request" aria-label={one.title}>
          <div className="card-head">
            <h2>{one.title}</h2>
            <Countdown due={one.due} />
          </div>
          <p className="consequence">{one.silence}</p>
          {one.lines ? (
            <Certify deal={deal} applied={one.lines} sign={sign} />
          ) : (
            <Choices decision={one} sign={sign} />
          )}
        </section>
      ))}
      {dialog}
    </>
  );
}

export function PaymentPage({ number }: { number: string }) {
  const query = useQuery({
    queryKey: ["works", "payments", number],
    queryFn: async (): Promise<{ book: Book; deal: Deal } | null> => {
      const total = await law<bigint>("count", KIND.Contract);
      if (BigInt(number) > total) return null;
      const contract = await law<Contract>("contractOf", BigInt(number));
      const [found] = await packages([contract.offer.package]);
      const book = await gather([found?.project ?? 0n]);
      const deal = book.deals.find((one) => String(one.number) === number);
      return deal ? { book, deal } : null;
    },
    enabled: isNumber(number),
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  if (!isNumber(number)) return <Missing title={t.missing} text={t.missingText} />;
  return (
    <Asked query={query}>
      {(found) => {
        if (!found) return <Missing title={t.missing} text={t.missingText} />;
        const { book, deal } = found;
        const { terms } = deal.offer;
        const of = sums(deal);
        const figure = (name: string, value: bigint) => (
          <div className="figure">
            <dt>{name}</dt>
            <dd className="number">{money(value)}</dd>
          </div>
        );
        return (
          <>
            <Title text={`${t.contract(number)}: ${packageOf(book, deal)}`}>
              <StateBadge state={deal.state} />
            </Title>
            <p className="lead">
              <ProjectLink book={book} project={deal.project} /> · {strings.roles[4]}:{" "}
              <Who value={deal.offer.contractor} /> · {strings.roles[2]}: <Who value={deal.offer.certifier} />
            </p>
            <dl className="figures">
              {figure(t.sum, of.sum)}
              {figure(t.certified, of.net)}
              {figure(t.heldBack, of.retained)}
              {figure(t.paid, of.paid)}
            </dl>
            <Waiting book={book} deal={deal} />
            <Card title={t.chart}>
              <Legend entries={LEGEND} />
              <Bars
                label={t.chartLabel}
                bars={[
                  {
                    key: number,
                    name: money(of.sum),
                    parts: (Object.entries(moneyParts(deal)) as ["paid", number][]).map(([kind, value]) => ({
                      kind,
                      value,
                    })),
                  },
                ]}
              />
              <h3 className="sub">{t.certificates}</h3>
              <Certificates book={book} deal={deal} />
            </Card>
            <OneCertificate book={book} deal={deal} />
            <Bill book={book} deal={deal} />
            <Shares deal={deal} />
            <Card title={t.terms}>
              <Facts>
                <Fact name={t.retention}>
                  {t.retentionOf(permille(terms.retention), permille(terms.retentionCap))};{" "}
                  {t.releaseOf(permille(terms.releaseAtCompletion))}
                </Fact>
                {terms.advance > 0 && (
                  <Fact name={t.advance}>
                    {t.advanceOf(permille(terms.advance), permille(terms.advanceRecovery))}
                  </Fact>
                )}
                <Fact name={t.damages}>
                  {t.damagesOf(money(terms.damagesPerDay), permille(terms.damagesCap))}
                </Fact>
                <Fact name={strings.project.clocks}>
                  {strings.project.profiles[terms.profile] ?? strings.unknown}
                </Fact>
                {(deal.added > 0n || deal.omitted > 0n) && (
                  <Fact name={t.variations}>{t.changed(money(deal.added), money(deal.omitted))}</Fact>
                )}
                {deal.acceptedAt > 0n && (
                  <Fact name={strings.timeline.words.ContractAccepted}>
                    <Time ms={Number(deal.acceptedAt) * 1000} both />{" "}
                    <Proof
                      hash={proof(book, "ContractAccepted", { number: deal.number })}
                      what={strings.timeline.words.ContractAccepted}
                    />
                  </Fact>
                )}
              </Facts>
            </Card>
          </>
        );
      }}
    </Asked>
  );
}
