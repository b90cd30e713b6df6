/** *Portfolio*: projects with their contracts, money, and what waits for the reader. */
import { Asked, Badge, Card, Empty, Title } from "@commonhold/web/parts/basics";
import { Proof, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { Bars, Legend } from "./Bars";
import { type Book, type Deal, proof } from "./book";
import { waiting } from "./decisions";
import { CONTRACT } from "./law";
import { Countdown, packageOf, ScopeChoice, titleOf, useBook, useNow, useScope } from "./shared";
import { strings } from "./strings";
import { money, plainMoney, sums } from "./words";

const t = strings.portfolio;

const STATES = ["wait", "plain", "good", "plain"] as const;

export function StateBadge({ state }: { state: number }) {
  return <Badge tone={STATES[state] ?? "plain"}>{strings.contractStates[state] ?? strings.unknown}</Badge>;
}

function Figures({ book }: { book: Book }) {
  const all = book.deals.map(sums);
  const add = (pick: (one: (typeof all)[number]) => bigint) => all.reduce((sum, one) => sum + pick(one), 0n);
  const figure = (name: string, value: string) => (
    <div className="figure">
      <dt>{name}</dt>
      <dd className="number">{value}</dd>
    </div>
  );
  return (
    <dl className="figures">
      {figure(t.figures.projects, format.count(book.projects.length))}
      {figure(t.figures.sum, money(add((one) => one.sum)))}
      {figure(t.figures.certified, money(add((one) => one.net)))}
      {figure(t.figures.paid, money(add((one) => one.paid)))}
    </dl>
  );
}

function Waiting({ book, who }: { book: Book; who: string }) {
  const time = useNow();
  const all = waiting(book, who as `0x${string}`, time);
  if (all.length === 0) return null;
  return (
    <section className="card request" aria-label={t.waits}>
      <div className="card-head">
        <h2>{t.waits}</h2>
        <Link to="/works/decisions" className="button primary">
          {t.decide}
        </Link>
      </div>
      <ul className="waits">
        {all.slice(0, 5).map((one) => (
          <li key={one.key}>
            <Link to={one.to}>{one.title}</Link>
            <span className="muted">{titleOf(book, one.project)}</span>
            <Countdown due={one.due} />
          </li>
        ))}
        {all.length > 5 && (
          <li>
            <Link to="/works/decisions">{strings.more(all.length - 5)}</Link>
          </li>
        )}
      </ul>
    </section>
  );
}

export const moneyParts = (deal: Deal) => {
  const { sum, net, retained, paid } = sums(deal);
  const left = sum - net - retained;
  return {
    paid: Number(paid),
    unpaid: Number(net > paid ? net - paid : 0n),
    retained: Number(retained),
    rest: Number(left > 0n ? left : 0n),
  };
};

export const LEGEND = [
  ["money-paid", t.paid],
  ["money-unpaid", t.unpaid],
  ["money-retained", t.retained],
  ["money-rest", t.rest],
] as const;

function Money({ book }: { book: Book }) {
  const deals = book.deals.filter((deal) => deal.sum > 0n);
  const [shown, numbers] = [deals.slice(0, 12), strings.payments.contract];
  return (
    <Card title={t.money}>
      {shown.length > 0 && (
        <>
          <Legend entries={LEGEND} />
          <Bars
            label={t.moneyLabel(shown.length)}
            bars={shown.map((deal) => ({
              key: String(deal.number),
              name: `${titleOf(book, deal.project)}, ${packageOf(book, deal)}`,
              parts: (Object.entries(moneyParts(deal)) as ["paid", number][]).map(([kind, value]) => ({
                kind,
                value,
              })),
            }))}
          />
        </>
      )}
      <Table
        caption={t.money}
        rows={book.deals}
        id={(deal) => String(deal.number)}
        empty={{ title: t.noContracts, text: t.noContractsText }}
        columns={[
          {
            head: t.contract,
            cell: (deal) => (
              <>
                <Link to={`/works/payments/${deal.number}`}>{numbers(deal.number)}</Link>
                <span className="why">{packageOf(book, deal)}</span>
              </>
            ),
            text: (deal) => `${deal.number} ${packageOf(book, deal)}`,
          },
          {
            head: t.contractor,
            cell: (deal) => <Who value={deal.offer.contractor} />,
            text: (deal) => deal.offer.contractor,
            wide: true,
          },
          {
            head: t.state,
            cell: (deal) => <StateBadge state={deal.state} />,
            text: (deal) => strings.contractStates[deal.state] ?? "",
            wide: true,
          },
          {
            head: t.sum,
            cell: (deal) => money(sums(deal).sum),
            text: (deal) => plainMoney(sums(deal).sum),
            right: true,
          },
          {
            head: t.certified,
            cell: (deal) => money(sums(deal).net),
            text: (deal) => plainMoney(sums(deal).net),
            right: true,
            wide: true,
          },
          {
            head: t.paid,
            cell: (deal) => money(sums(deal).paid),
            text: (deal) => plainMoney(sums(deal).paid),
            right: true,
          },
          {
            head: t.retained,
            cell: (deal) => money(sums(deal).retained),
            text: (deal) => plainMoney(sums(deal).retained),
            right: true,
            wide: true,
          },
          {
            head: strings.transaction,
            cell: (deal) => <Proof hash={dealProof(book, deal)} what={numbers(deal.number)} />,
            text: (deal) => dealProof(book, deal) ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

/** Where a contract's figures come from: its newest payment or certificate, or its offer. */
function dealProof(book: Book, deal: Deal) {
  return (
    proof(book, "PaymentCertified", { contract_: deal.number }) ??
    proof(book, "ContractAccepted", { number: deal.number }) ??
    proof(book, "ContractOffered", { number: deal.number })
  );
}

function Projects({ book }: { book: Book }) {
  return (
    <ul className="project-cards">
      {book.projects.map((project) => {
        const deals = book.deals.filter((deal) => deal.project === project.number);
        const tenders = book.tenders.filter((one) => one.project === project.number);
        return (
          <li key={String(project.number)} className="card">
            <div className="card-head">
              <h2>
                <Link to={`/works/projects/${project.number}`}>{plain(project.title, 60)}</Link>
              </h2>
              <Proof hash={proof(book, "ProjectOpened", { number: project.number })} what={t.opened} />
            </div>
            <p className="muted">
              {t.owner}: <Who value={project.owner} />
            </p>
            <ul className="deals">
              {deals.map((deal) => (
                <li key={String(deal.number)}>
                  <span className="deal-name">{packageOf(book, deal)}</span>
                  <StateBadge state={deal.state} />
                  <span className="muted">
                    {t.milestones}: {t.of(deal.certified, deal.milestones)}
                  </span>
                  {(deal.state === CONTRACT.running || deal.state === CONTRACT.offered) && (
                    <Countdown due={deal.offer.terms.dueAt} />
                  )}
                </li>
              ))}
              {tenders
                .filter((tender) => !deals.some((deal) => deal.offer.package === tender.package))
                .map((tender) => (
                  <li key={`tender ${tender.number}`}>
                    <Link to={`/works/bids/${tender.number}`} className="deal-name">
                      {strings.bids.tender(tender.number)}
                    </Link>
                    <Badge tone="wait">{t.bidding}</Badge>
                    <Countdown due={tender.deadline} />
                  </li>
                ))}
              {deals.length + tenders.length === 0 && (
                <li className="muted">
                  {t.noContracts}. {t.noContractsText}
                </li>
              )}
            </ul>
          </li>
        );
      })}
    </ul>
  );
}

export function Portfolio() {
  const { who, isMine, me } = useScope();
  const query = useBook({ who });
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <ScopeChoice />
      <Asked query={query}>
        {(book) =>
          book.projects.length === 0 ? (
            <Card>
              <Empty title={isMine ? t.none : t.noneAll}>
                <p>{isMine ? t.noneText : t.noneAllText}</p>
              </Empty>
            </Card>
          ) : (
            <>
              <Figures book={book} />
              {me && <Waiting book={book} who={me} />}
              <Projects book={book} />
              <Money book={book} />
            </>
          )
        }
      </Asked>
    </>
  );
}
