/** The contracts of a project: milestones, work orders, variations. */
import { Badge, Card, Empty, Fact, Facts, Time } from "@commonhold/web/parts/basics";
import { date, iso, Proof, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { type Book, type Deal, proof } from "./book";
import { CONTRACT, MILESTONE } from "./law";
import { OrdersTable } from "./Orders";
import { StateBadge } from "./Portfolio";
import { Countdown, packageOf } from "./shared";
import { strings } from "./strings";
import { money, permille, plainMoney, signers, sums, text } from "./words";

const t = strings.project;

const MILESTONES = ["plain", "wait", "bad", "good", "bad"] as const;

export const ANSWERS = ["wait", "good", "bad"] as const;

function Milestones({ book, deal }: { book: Book; deal: Deal }) {
  const rows = deal.steps.map((step, at) => ({ step, number: at + 1 }));
  const moved = (number: number, state: number) =>
    proof(book, "MilestoneMoved", { contract_: deal.number, milestone: number, state }) ??
    proof(book, "ContractOffered", { number: deal.number });
  return (
    <Table
      caption={t.milestonesOf(deal.number)}
      rows={rows}
      id={({ number }) => String(number)}
      empty={{ title: t.milestonesNone, text: t.milestonesNoneText }}
      columns={[
        {
          head: t.milestone,
          cell: ({ step, number }) => (
            <>
              {number}. {text(step.offer.title)}
              <span className="why">
                {step.offer.tested ? t.byTests : t.bySigners(signers(step.offer.signers || 3))}
              </span>
            </>
          ),
          text: ({ step, number }) => `${number}. ${text(step.offer.title)}`,
        },
        {
          head: t.state,
          cell: ({ step }) => (
            <Badge tone={MILESTONES[step.state] ?? "plain"}>
              {strings.milestoneStates[step.state] ?? strings.unknown}
            </Badge>
          ),
          text: ({ step }) => strings.milestoneStates[step.state] ?? "",
        },
        {
          head: t.due,
          cell: ({ step }) =>
            step.state === MILESTONE.certified ? (
              <Time ms={Number(step.certifiedAt) * 1000} />
            ) : (
              <Countdown due={step.offer.dueAt} />
            ),
          text: ({ step }) => iso(step.offer.dueAt),
          wide: true,
        },
        {
          head: t.orders,
          cell: ({ step }) => t.ordersOf(step.accepted, step.orders),
          text: ({ step }) => `${step.accepted}/${step.orders}`,
          wide: true,
        },
        {
          head: strings.transaction,
          cell: ({ step, number }) => (
            <Proof hash={moved(number, step.state)} what={strings.milestone(number)} />
          ),
          text: ({ step, number }) => moved(number, step.state) ?? "",
          wide: true,
        },
      ]}
    />
  );
}

function Variations({ book, deal }: { book: Book; deal: Deal }) {
  if (deal.variations.length === 0) return null;
  return (
    <>
      <h3 className="sub">{t.variations}</h3>
      <Table
        caption={t.variationsOf(deal.number)}
        rows={deal.variations}
        id={(one) => String(one.number)}
        empty={{ title: t.noContracts }}
        columns={[
          {
            head: t.variation,
            cell: (one) => strings.timeline.variation(String(one.number)),
            text: (one) => String(one.number),
          },
          {
            head: t.worth,
            cell: (one) => `${one.omits ? "−" : "+"}${money((one.quantity * one.rate) / 1_000n)}`,
            text: (one) => `${one.omits ? "-" : ""}${plainMoney((one.quantity * one.rate) / 1_000n)}`,
            right: true,
          },
          {
            head: t.days,
            cell: (one) => format.count(one.extensionDays),
            text: (one) => String(one.extensionDays),
            right: true,
            wide: true,
          },
          { head: t.by, cell: (one) => <Who value={one.by} />, text: (one) => one.by, wide: true },
          {
            head: t.answer,
            cell: (one) => <Badge tone={ANSWERS[one.answer] ?? "plain"}>{t.answers[one.answer]}</Badge>,
            text: (one) => t.answers[one.answer] ?? "",
          },
          {
            head: strings.transaction,
            cell: (one) => (
              <Proof hash={proof(book, "VariationProposed", { number: one.number })} what={t.variation} />
            ),
            text: (one) => proof(book, "VariationProposed", { number: one.number }) ?? "",
            wide: true,
          },
        ]}
      />
    </>
  );
}

export function Contracts({ book }: { book: Book }) {
  if (book.deals.length === 0) {
    return (
      <Card>
        <Empty title={t.noContracts}>
          <p>{t.noContractsText}</p>
        </Empty>
      </Card>
    );
  }
  return (
    <>
      {book.deals.map((deal) => {
        const { terms } = deal.offer;
        const offered = proof(book, "ContractOffered", { number: deal.number });
        return (
          <Card
            key={String(deal.number)}
            title={`${t.contract(deal.number)}: ${packageOf(book, deal)}`}
            action={
              <span className="badges">
                <StateBadge state={deal.state} />
                {deal.state < CONTRACT.completed && <Countdown due={terms.dueAt} />}
              </span>
            }
          >
            <div className="brief">
              {" "}
              <Facts>
                <Fact name={t.contractor}>
                  <Who value={deal.offer.contractor} />
                </Fact>
                <Fact name={t.certifier}>
                  <Who value={deal.offer.certifier} />
                </Fact>
                <Fact name={strings.payments.sum}>
                  <Link to={`/works/payments/${deal.number}`}>{money(sums(deal).sum)}</Link>{" "}
                  <Proof hash={offered} what={strings.payments.sum} />
                </Fact>
                <Fact name={t.due}>
                  {date(terms.dueAt)}
                  {deal.extensionDays > 0 && `, ${t.extended(deal.extensionDays)}`}
                </Fact>
                <Fact name={t.retention}>{permille(terms.retention)}</Fact>
                <Fact name={t.damages}>{money(terms.damagesPerDay)}</Fact>
                <Fact name={t.clocks}>{t.profiles[terms.profile] ?? strings.unknown}</Fact>
              </Facts>
            </div>
            <h3 className="sub">{t.milestones}</h3>
            <Milestones book={book} deal={deal} />
            <h3 className="sub">{t.workOrders}</h3>
            <OrdersTable
              book={book}
              caption={t.ordersOfContract(deal.number)}
              rows={deal.orders.map((order) => ({ order, deal }))}
            />
            <Variations book={book} deal={deal} />
          </Card>
        );
      })}
    </>
  );
}
