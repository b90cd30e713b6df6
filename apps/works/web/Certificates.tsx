/** The certificates of a contract, and how one comes from gross to payment. */
import { Badge, Card } from "@commonhold/web/parts/basics";
import { iso, Proof } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import { duration } from "@commonhold/web/text/format";
import { type Book, type Deal, proof } from "./book";
import type { Certificate } from "./law";
import { type Row as Bar, Rows } from "./Rows";
import { Countdown, Filters } from "./shared";
import { strings } from "./strings";
import { money, plainMoney } from "./words";

const t = strings.payments;

interface Row extends Certificate {
  number: number;
  /** What was paid before. */
  before: bigint;
}

export const rows = (deal: Deal): Row[] =>
  deal.paper.map((one, at) => ({ ...one, number: at + 1, before: deal.paper[at - 1]?.net ?? 0n }));

export function Certificates({ book, deal }: { book: Book; deal: Deal }) {
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
          text: (row) => `${row.number} ${proofOf("PaymentCertified", row) ?? ""}`.trim(),
        },
        amount(t.gross, (row) => row.grossWork),
        amount(t.variations, (row) => row.variations),
        amount(t.retention, (row) => row.retention),
        amount(t.advance, (row) => row.advancePaid - row.advanceRecovered),
        amount(t.damages, (row) => row.damages),
        amount(t.net, (row) => row.net),
        {
          head: t.payment,
          cell: (row) => (
            <Link to={`/transactions/${proofOf("PaymentCertified", row) ?? ""}`}>
              {money(row.payment)}
              <span className="sr"> {t.certifiedOf(row.number)}</span>
            </Link>
          ),
          text: (row) => plainMoney(row.payment),
          right: true,
        },
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

export function OneCertificate({ book, deal }: { book: Book; deal: Deal }) {
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
