/** *Fibre*: the work orders, and the fibres of one. */
import { Asked, Badge, Card, Fact, Facts, Said, Time, Title } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { date, iso, Proof, SIZE, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import { type Book, type Deal, gather, proof } from "./book";
import { type Contract, type Design, law, type Order, packages } from "./law";
import { Submit } from "./Submit";
import { isNumber, LOOK_MS, Missing, ProjectLink, ScopeChoice, titleOf, useBook, useScope } from "./shared";
import { strings } from "./strings";
import { bits, metres, stepTitle, text } from "./words";

const t = strings.fibre;

const TONES = ["plain", "good", "wait", "bad"] as const;

export function VerdictBadge({ verdict }: { verdict: number }) {
  return <Badge tone={TONES[verdict] ?? "plain"}>{strings.verdicts[verdict] ?? strings.unknown}</Badge>;
}

interface Row {
  order: Deal["orders"][number];
  deal: Deal;
}

export function OrdersTable({ book, rows, caption }: { book: Book; rows: Row[]; caption: string }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  return (
    <Table
      caption={caption}
      rows={rows.slice(page * SIZE, (page + 1) * SIZE)}
      all={rows}
      id={({ order }) => String(order.number)}
      empty={{ title: t.ordersNone, text: t.ordersNoneText }}
      pager={<CountedPager total={rows.length} page={page} size={SIZE} name="page" />}
      columns={[
        {
          head: t.orderHead,
          cell: ({ order, deal }) => (
            <>
              <Link to={`/works/fibre/${order.number}`}>{t.order(order.number)}</Link>
              <span className="why">{stepTitle(deal, order.milestone)}</span>
            </>
          ),
          text: ({ order, deal }) => `${order.number} ${stepTitle(deal, order.milestone)}`,
        },
        {
          head: t.project,
          cell: ({ deal }) => <ProjectLink book={book} project={deal.project} />,
          text: ({ deal }) => titleOf(book, deal.project),
          wide: true,
        },
        {
          head: t.fibres,
          cell: ({ order }) => (
            <span className="fibre-marks">
              {order.states.map((fibre) => (
                <Link
                  key={fibre.name}
                  to={`/works/fibre/${order.number}/${encodeURIComponent(text(fibre.name))}`}
                  className={`fibre-mark verdict-${fibre.verdict}`}
                  aria-label={`${t.fibreOf(text(fibre.name))}: ${strings.verdicts[fibre.verdict]}`}
                >
                  {text(fibre.name)}
                </Link>
              ))}
            </span>
          ),
          text: ({ order }) =>
            order.states.map((fibre) => `${text(fibre.name)} ${strings.verdicts[fibre.verdict]}`).join("; "),
        },
        {
          head: strings.project.issued,
          cell: ({ order }) => <Time ms={Number(order.issuedAt) * 1000} />,
          text: ({ order }) => iso(order.issuedAt),
          wide: true,
        },
        {
          head: strings.transaction,
          cell: ({ order }) => (
            <Proof hash={proof(book, "OrderIssued", { number: order.number })} what={t.order(order.number)} />
          ),
          text: ({ order }) => proof(book, "OrderIssued", { number: order.number }) ?? "",
          wide: true,
        },
      ]}
    />
  );
}

export function Orders() {
  const { who } = useScope();
  const query = useBook({ who });
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <ScopeChoice />
      <Card title={t.orders}>
        <Asked query={query}>
          {(book) => (
            <OrdersTable
              book={book}
              caption={t.orders}
              rows={book.deals
                .flatMap((deal) => deal.orders.map((order) => ({ order, deal })))
                .sort((a, b) => Number(b.order.number - a.order.number))}
            />
          )}
        </Asked>
      </Card>
    </>
  );
}

/** An order with its contract and project; null where there is none. */
export function useOrder(number: string) {
  return useQuery({
    queryKey: ["works", "order", number],
    queryFn: async (): Promise<{ book: Book; deal: Deal; order: Deal["orders"][number] } | null> => {
      const order = await law<Order>("orderOf", BigInt(number)).catch((error: unknown) => {
        // The node answers, and the law says that there is none.
        if ((error as { status?: number }).status === 200) return null;
        throw error;
      });
      if (!order) return null;
      const contract = await law<Contract>("contractOf", order.contract_);
      const [found] = await packages([contract.offer.package]);
      const book = await gather([found?.project ?? 0n]);
      const deal = book.deals.find((one) => one.number === order.contract_);
      const own = deal?.orders.find((one) => String(one.number) === number);
      return deal && own ? { book, deal, order: own } : null;
    },
    enabled: isNumber(number),
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
}

/** Whether an order is of the sectors of a radio site. */
export const isSite = (design: Design) => design.sectors.length !== 0;

/** What is to be measured, in a line. */
export const designOf = (design: Design) =>
  isSite(design)
    ? t.siteOf(design.sectors.length, design.bandFromHz, design.bandToHz)
    : t.designOf(metres(design.lengthMm), design.splices, design.connectors);

/** Files that a fibre takes, or a sector. */
export const filesOf = ({ design }: Order) =>
  isSite(design) ? 1 : design.wavelengths.length * (design.bidirectional ? 2 : 1);

export function OrderPage({ number }: { number: string }) {
  const query = useOrder(number);
  if (!isNumber(number)) return <Missing title={t.missing} text={t.missingText} />;
  return (
    <Asked query={query}>
      {(found) => {
        if (!found) return <Missing title={t.missing} text={t.missingText} />;
        const { book, deal, order } = found;
        const { design } = order;
        const what = t.order(order.number);
        return (
          <>
            <Title text={t.orderTitle(order.number, stepTitle(deal, order.milestone))}>
              <Proof hash={proof(book, "OrderIssued", { number: order.number })} what={what} />
            </Title>
            <Card>
              <Facts>
                <Fact name={t.project}>
                  <ProjectLink book={book} project={deal.project} />
                </Fact>
                <Fact name={t.cable}>
                  <Said text={text(design.cable) || "–"} />
                </Fact>
                <Fact name={t.design}>{designOf(design)}</Fact>
                {!isSite(design) && (
                  <Fact name={t.wavelengths}>
                    {design.wavelengths.map((nm) => t.nm(nm)).join(", ")},{" "}
                    {design.bidirectional ? t.both : t.one}
                  </Fact>
                )}
                <Fact name={t.window}>{t.windowOf(date(design.windowFrom), date(design.windowTo))}</Fact>
                <Fact name={strings.project.issuedBy}>
                  <Who value={order.issuer} />
                </Fact>
                <Fact name={t.instruments}>
                  {design.instruments.map((one) => text(one.serial) || one.device.slice(0, 10)).join(", ") ||
                    "–"}
                </Fact>
              </Facts>
            </Card>
            {!isSite(design) && <Submit key={number} deal={deal} order={order} />}
            <Card title={isSite(design) ? t.sectors : t.fibres}>
              <Table
                caption={isSite(design) ? t.sectors : t.fibres}
                rows={order.states}
                id={(fibre) => fibre.name}
                empty={{ title: t.ordersNone }}
                columns={[
                  {
                    head: t.fibre,
                    cell: (fibre) => (
                      <Link to={`/works/fibre/${order.number}/${encodeURIComponent(text(fibre.name))}`}>
                        {text(fibre.name)}
                      </Link>
                    ),
                    text: (fibre) => text(fibre.name),
                  },
                  {
                    head: t.verdict,
                    cell: (fibre) => <VerdictBadge verdict={fibre.verdict} />,
                    text: (fibre) => strings.verdicts[fibre.verdict] ?? "",
                  },
                  {
                    head: t.files,
                    cell: (fibre) => t.filesOf(bits(fibre.files).length, filesOf(order)),
                    text: (fibre) => `${bits(fibre.files).length}/${filesOf(order)}`,
                    wide: true,
                  },
                  {
                    head: t.tries,
                    cell: (fibre) => format.count(fibre.attempt),
                    text: (fibre) => String(fibre.attempt),
                    right: true,
                    wide: true,
                  },
                  {
                    head: t.judged,
                    cell: (fibre) =>
                      fibre.judgedAt === 0n ? (
                        <span className="muted">–</span>
                      ) : (
                        <Time ms={Number(fibre.judgedAt) * 1000} />
                      ),
                    text: (fibre) => iso(fibre.judgedAt),
                    wide: true,
                  },
                  {
                    head: strings.transaction,
                    cell: (fibre) => (
                      <Proof
                        hash={proof(book, "FibreJudged", { order: order.number, fibre: fibre.name })}
                        what={t.fibreOf(text(fibre.name))}
                      />
                    ),
                    text: (fibre) =>
                      proof(book, "FibreJudged", { order: order.number, fibre: fibre.name }) ?? "",
                    wide: true,
                  },
                ]}
              />
            </Card>
          </>
        );
      }}
    </Asked>
  );
}
