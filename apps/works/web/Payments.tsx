/** *Payments*: what was certified, held back and paid, and by which rule. */
import { useSession } from "@commonhold/web/keys/session";
import { Badge, Card, Empty, Fact, Facts, Time, Title } from "@commonhold/web/parts/basics";
import { Asked, iso, Proof, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import { duration } from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Bars, Legend } from "./Bars";
import { type Book, type Deal, gather, proof } from "./book";
import { amountOf, asPercent, Certify, typed } from "./Certify";
import { Choices } from "./Decisions";
import { waiting } from "./decisions";
import { type Certificate, CONTRACT, CONTRACTOR, type Contract, KIND, law, packages } from "./law";
import { LEGEND, moneyParts, StateBadge } from "./Portfolio";
import { type Row as Bar, Rows } from "./Rows";
import {
  Countdown,
  Filters,
  isNumber,
  LOOK_MS,
  Missing,
  ProjectLink,
  packageOf,
  ScopeChoice,
  step,
  titleOf,
  useBook,
  useNow,
  useScope,
  useSigning,
} from "./shared";
import { strings } from "./strings";
import { milli, money, permille, plainMoney, roles, stepTitle, sums } from "./words";

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

interface Row extends Certificate {
  number: number;
  /** What was paid before. */
  before: bigint;
}

const rows = (deal: Deal): Row[] =>
  deal.paper.map((one, at) => ({ ...one, number: at + 1, before: deal.paper[at - 1]?.net ?? 0n }));

function Certificates({ book, deal }: { book: Book; deal: Deal }) {
  const proofOf = (name: "PaymentCertified" | "Paid", row: Row) =>
    proof(book, name, { contract_: deal.number, number: row.number });
  const amount = (head: string, pick: (row: Row) => bigint, wide = true) => ({
    head,
    cell: (row: Row) => money(pick(row)),
    text: (row: Row) => plainMoney(pick(row)),
    right: true,
    wide,
  });
  return (
    <Table
      caption={t.certificatesOf(deal.number)}
      rows={rows(deal)}
      id={(row) => String(row.number)}
      empty={{ title: t.certificatesNone, text: t.certificatesNoneText }}
      columns={[
        {
          head: t.certificate,
          cell: (row) => (
            <Link to={`/works/payments/${deal.number}?certificate=${row.number}`} className="one-line">
              {t.certificateOf(row.number)}
            </Link>
          ),
          text: (row) => String(row.number),
        },
        amount(t.gross, (row) => row.grossWork),
        amount(t.variations, (row) => row.variations),
        amount(t.retention, (row) => row.retention),
        amount(t.advance, (row) => row.advancePaid - row.advanceRecovered),
        amount(t.damages, (row) => row.damages),
        amount(t.net, (row) => row.net),
        amount(t.payment, (row) => row.payment, false),
        {
          head: t.paid,
          cell: (row) =>
            row.paidAt > 0n ? (
              <Link to={`/transactions/${proofOf("Paid", row) ?? ""}`} aria-label={t.paidOf(row.number)}>
                <Badge tone={row.paidAt <= row.dueAt ? "good" : "bad"} icon="check">
                  {row.paidAt <= row.dueAt ? t.inTime : t.late(duration(Number(row.paidAt - row.dueAt)))}
                </Badge>
              </Link>
            ) : (
              <Countdown due={row.dueAt} />
            ),
          text: (row) => `${iso(row.paidAt)} ${proofOf("Paid", row) ?? ""}`.trim(),
        },
        {
          head: t.certifiedProof,
          cell: (row) => (
            <Proof hash={proofOf("PaymentCertified", row)} what={`${t.certified} ${row.number}`} />
          ),
          text: (row) => proofOf("PaymentCertified", row) ?? "",
          wide: true,
        },
      ]}
    />
  );
}

/** The steps from gross to a payment; what is taken off is below zero. */
export function stepsOf(row: Pick<Row, keyof Certificate> & { before: bigint }): [string, bigint][] {
  const steps: [string, bigint][] = [
    [t.gross, row.grossWork],
    [t.variations, row.variations],
    [t.retention, -row.retention],
    [t.advancePaid, row.advancePaid],
    [t.recovered, -row.advanceRecovered],
    [t.damages, -row.damages],
    [t.before, -row.before],
  ];
  return steps.filter(([name, value], at) => at === 0 || value !== 0n || name === t.retention);
}

/** From gross to payment: each step begins where the one before ended. */
function Steps({ row }: { row: Row }) {
  let at = 0n;
  const drawn = stepsOf(row).map(([name, value]): Bar => {
    const from = Number(at);
    at += value;
    return { key: name, name, from, to: Number(at), kind: value < 0n ? "down" : "up", text: money(value) };
  });
  const payment = Number(row.payment);
  const bars: Bar[] = [
    ...drawn,
    { key: "payment", name: t.payment, from: 0, to: payment, kind: "end", text: money(row.payment) },
  ];
  const values = bars.flatMap(({ from, to }) => [from, to]);
  return (
    <Rows
      rows={bars}
      low={Math.min(0, ...values)}
      high={Math.max(1, ...values)}
      label={t.stepsLabel(row.number)}
      joined
    />
  );
}

function OneCertificate({ book, deal }: { book: Book; deal: Deal }) {
  const all = rows(deal);
  const wanted = Number(useQueryParam("certificate") ?? all.length);
  const row = all.find((one) => one.number === wanted) ?? all.at(-1);
  if (!row) return null;
  return (
    <Card
      title={`${t.steps}: ${t.certificateOf(row.number)}`}
      action={
        <span className="badges">
          <Proof
            hash={proof(book, "PaymentCertified", { contract_: deal.number, number: row.number })}
            what={t.certified}
          />
          <Proof hash={proof(book, "Paid", { contract_: deal.number, number: row.number })} what={t.paid} />
        </span>
      }
    >
      {all.length > 1 && (
        <Filters
          name="certificate"
          label={t.certificates}
          all={[...all].reverse().map((one) => [String(one.number), t.certificateOf(one.number)])}
        />
      )}
      <Steps row={row} />
      <Table
        caption={`${t.steps} ${t.certificateOf(row.number)}`}
        rows={[...stepsOf(row), [t.payment, row.payment] as [string, bigint]]}
        id={([name]) => name}
        empty={{ title: t.certificatesNone }}
        columns={[
          { head: t.certificate, cell: ([name]) => name, text: ([name]) => name },
          {
            head: t.amount,
            cell: ([, value]) => money(value),
            text: ([, value]) => plainMoney(value),
            right: true,
          },
        ]}
      />
    </Card>
  );
}

function Shares({ deal }: { deal: Deal }) {
  if (deal.shares.length === 0) return null;
  const agreed = deal.shares.filter((share) => share.agreed).reduce((sum, one) => sum + one.permille, 0);
  const all = [
    { subcontractor: deal.offer.contractor, permille: 1_000 - agreed, agreed: true },
    ...deal.shares,
  ];
  return (
    <Card title={t.shares}>
      <Table
        caption={t.sharesOf(deal.number)}
        rows={all}
        id={(share) => share.subcontractor}
        empty={{ title: t.certificatesNone }}
        columns={[
          {
            head: t.party,
            cell: (share) => <Who value={share.subcontractor} />,
            text: (share) => share.subcontractor,
          },
          {
            head: t.share,
            cell: (share) => permille(share.permille),
            text: (share) => asPercent(share.permille),
            right: true,
          },
          {
            head: t.agreed,
            cell: (share) =>
              share.agreed ? <Badge tone="good">{t.agreed}</Badge> : <Badge tone="wait">{t.waits}</Badge>,
            text: (share) => (share.agreed ? t.agreed : t.waits),
          },
        ]}
      />
    </Card>
  );
}

function Bill({ book, deal }: { book: Book; deal: Deal }) {
  const me = useSession()?.address;
  const { sign, dialog } = useSigning();
  const [own, setOwn] = useState<string[]>();
  const binds = deal.state === CONTRACT.running || deal.state === CONTRACT.completed;
  const mayApply = me && roles(deal, me) & CONTRACTOR && binds && deal.appliedAt === 0n;
  const done = (own ?? []).map(typed);
  const fits = own?.length === deal.bill.length && done.every((value) => value !== undefined);
  const lines = deal.bill.map((line, at) => ({ line, at }));
  const offered = proof(book, "ContractOffered", { number: deal.number });
  return (
    <Card title={t.bill} action={<Proof hash={offered} what={t.bill} />}>
      {own && <p className="consequence">{t.applyText}</p>}
      <Table
        caption={t.billOf(deal.number)}
        rows={lines}
        id={({ at }) => String(at)}
        empty={{ title: t.certificatesNone }}
        columns={[
          {
            head: t.line,
            cell: ({ line, at }) => (
              <>
                {at + 1}
                <span className="why narrow">
                  {line.milestone === 0 ? "" : stepTitle(deal, line.milestone)}
                </span>
              </>
            ),
            text: ({ at }) => String(at + 1),
          },
          {
            head: t.quantity,
            cell: ({ line }) => milli(line.quantity),
            text: ({ line }) => String(Number(line.quantity) / 1000),
            right: true,
            wide: true,
          },
          {
            head: t.rate,
            cell: ({ line }) => money(line.rate),
            text: ({ line }) => plainMoney(line.rate),
            right: true,
            wide: true,
          },
          {
            head: t.amount,
            cell: ({ line }) => money(amountOf(line, 1_000)),
            text: ({ line }) => plainMoney(amountOf(line, 1_000)),
            right: true,
          },
          {
            head: t.done,
            cell: ({ line }) => permille(line.done),
            text: ({ line }) => asPercent(line.done),
            right: true,
          },
          {
            head: t.milestone,
            cell: ({ line }) =>
              line.milestone === 0 ? (
                <span className="muted">{t.milestoneNone}</span>
              ) : (
                stepTitle(deal, line.milestone)
              ),
            text: ({ line }) => (line.milestone === 0 ? "" : stepTitle(deal, line.milestone)),
            wide: true,
          },
          ...(own
            ? [
                {
                  head: t.applyDone,
                  cell: ({ at }: { at: number }) => (
                    <input
                      className="percent"
                      inputMode="decimal"
                      aria-label={t.applyOf(at + 1)}
                      aria-invalid={done[at] === undefined}
                      value={own[at] ?? ""}
                      onChange={(event) => {
                        const changed = [...own];
                        changed[at] = event.target.value;
                        setOwn(changed);
                      }}
                    />
                  ),
                  text: ({ at }: { at: number }) => own[at] ?? "",
                  right: true,
                },
              ]
            : []),
        ]}
      />
      {deal.appliedAt > 0n && (
        <p className="consequence">
          {t.applied}. {t.appliedText}
        </p>
      )}
      {own && !fits && <p className="error">{t.applyWrong}</p>}
      {mayApply ? (
        <div className="card-actions decide">
          {own === undefined ? (
            <button
              type="button"
              className="button primary"
              onClick={() => setOwn(deal.bill.map((line) => asPercent(line.done)))}
            >
              {t.apply}
            </button>
          ) : (
            <>
              <button
                type="button"
                className="button primary"
                disabled={!fits}
                onClick={() =>
                  sign(
                    {
                      effect: <p>{t.applyEffect(deal.number)}</p>,
                      step: step(
                        "applyForPayment",
                        deal.number,
                        done.map((value) => value ?? 0),
                      ),
                      action: t.apply,
                    },
                    () => setOwn(undefined),
                  )
                }
              >
                {t.apply}
              </button>
              <button type="button" className="button" onClick={() => setOwn(undefined)}>
                {strings.reasonCancel}
              </button>
            </>
          )}
        </div>
      ) : null}
      {dialog}
    </Card>
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
