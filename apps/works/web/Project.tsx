/** *Project*: everything of everybody on one line of time; its contracts, documents, site and notices. */
import { Badge, Card, Empty, Fact, Facts, Hash, Time, Title } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Asked, date, iso, Proof, SIZE, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { type Book, type Deal, gather, proof } from "./book";
import { after } from "./countdown";
import { CONTRACT, type Defect, KIND, law, MILESTONE } from "./law";
import { OrdersTable } from "./Orders";
import { StateBadge } from "./Portfolio";
import { Countdown, Filters, isNumber, LOOK_MS, Missing, packageOf } from "./shared";
import { useSigners } from "./signed";
import { strings } from "./strings";
import { type Entry, entries, SORTS } from "./timeline";
import { container, money, permille, plainMoney, signers, sums, text } from "./words";

const t = strings.project;

type View = keyof typeof t.views;
const VIEWS = Object.entries(t.views) as [View, string][];

const MILESTONES = ["plain", "wait", "bad", "good", "bad"] as const;
const ANSWERS = ["wait", "good", "bad"] as const;

export function TimelineTable({
  caption,
  rows,
  empty,
}: {
  caption: string;
  rows: Entry[];
  empty: { title: string; text: string };
}) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const who = useSigners(rows.map((entry) => entry.transaction));
  return (
    <Table
      caption={caption}
      rows={rows.slice(page * SIZE, (page + 1) * SIZE)}
      all={rows}
      id={(entry) => entry.key}
      empty={empty}
      pager={<CountedPager total={rows.length} page={page} size={SIZE} name="page" />}
      columns={[
        {
          head: t.when,
          cell: (entry) => <Time ms={entry.timeMs} />,
          text: (entry) => new Date(entry.timeMs).toISOString(),
        },
        {
          head: t.what,
          cell: (entry) => (
            <>
              <Badge tone={entry.tone}>{entry.what}</Badge>
              <span className="why narrow">{entry.about}</span>
            </>
          ),
          text: (entry) => entry.what,
        },
        {
          head: t.about,
          cell: (entry) =>
            entry.to && entry.about ? <Link to={entry.to}>{entry.about}</Link> : <span>{entry.about}</span>,
          text: (entry) => entry.about,
          wide: true,
        },
        {
          head: t.who,
          cell: (entry) => {
            const signer = who.get(entry.transaction);
            return signer ? <Who value={signer} /> : <span className="muted">…</span>;
          },
          text: (entry) => who.get(entry.transaction) ?? "",
          wide: true,
        },
        {
          head: strings.transaction,
          cell: (entry) => <Proof hash={entry.transaction} what={entry.what} />,
          text: (entry) => entry.transaction,
          wide: true,
        },
      ]}
    />
  );
}

function Timeline({ book }: { book: Book }) {
  const kind = useQueryParam("kind") ?? "all";
  const all = entries(book.events, book);
  const there = new Set(all.map((entry) => entry.sort));
  const sorts = SORTS.filter((sort) => there.has(sort));
  const rows = kind === "all" ? all : all.filter((entry) => entry.sort === kind);
  return (
    <Card title={t.timeline}>
      <Filters
        name="kind"
        label={t.kinds}
        all={[["all", t.all], ...sorts.map((sort) => [sort, strings.timeline.sorts[sort]] as const)]}
      />
      <TimelineTable
        caption={t.timeline}
        rows={rows}
        empty={{ title: t.timelineNone, text: t.timelineNoneText }}
      />
    </Card>
  );
}

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

function Contracts({ book }: { book: Book }) {
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

function Documents({ book }: { book: Book }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  return (
    <>
      <p className="lead">{t.fingerprints}</p>
      <Card title={t.views.documents}>
        <Table
          caption={t.views.documents}
          rows={book.documents.slice(page * SIZE, (page + 1) * SIZE)}
          all={book.documents}
          id={(one) => String(one.number)}
          empty={{ title: t.documentsNone, text: t.documentsNoneText }}
          pager={<CountedPager total={book.documents.length} page={page} size={SIZE} name="page" />}
          columns={[
            { head: t.document, cell: (one) => <code>{container(one)}</code>, text: container },
            {
              head: t.revision,
              cell: (one) => text(one.latest.revision),
              text: (one) => text(one.latest.revision),
            },
            {
              head: t.status,
              cell: (one) => <Badge tone="plain">{text(one.latest.status)}</Badge>,
              text: (one) => text(one.latest.status),
            },
            { head: t.by, cell: (one) => <Who value={one.owner} />, text: (one) => one.owner, wide: true },
            {
              head: t.entered,
              cell: (one) => <Time ms={Number(one.latest.at) * 1000} />,
              text: (one) => iso(one.latest.at),
              wide: true,
            },
            {
              head: t.file,
              cell: (one) => <Hash value={one.latest.content} what={t.file} />,
              text: (one) => one.latest.content,
              wide: true,
            },
            {
              head: strings.transaction,
              cell: (one) => (
                <Proof hash={proof(book, "DocumentRevised", { number: one.number })} what={container(one)} />
              ),
              text: (one) => proof(book, "DocumentRevised", { number: one.number }) ?? "",
              wide: true,
            },
          ]}
        />
      </Card>
      <Card title={t.transmittals}>
        <Table
          caption={t.transmittals}
          rows={book.transmittals.flatMap((sent) => sent.receipts.map((receipt) => ({ sent, receipt })))}
          id={({ sent, receipt }) => `${sent.number} ${receipt.recipient}`}
          empty={{ title: t.transmittalsNone, text: t.transmittalsNoneText }}
          columns={[
            {
              head: t.transmittal,
              cell: ({ sent }) => (
                <>
                  {strings.timeline.transmittal(String(sent.number))}
                  <span className="why">{text(sent.reason)}</span>
                </>
              ),
              text: ({ sent }) => `${sent.number} ${text(sent.reason)}`,
            },
            {
              head: t.sheets,
              cell: ({ sent }) => sheets(book, sent),
              text: ({ sent }) => sheets(book, sent),
              wide: true,
            },
            {
              head: t.from,
              cell: ({ sent }) => <Who value={sent.by} />,
              text: ({ sent }) => sent.by,
              wide: true,
            },
            {
              head: t.to,
              cell: ({ receipt }) => <Who value={receipt.recipient} />,
              text: ({ receipt }) => receipt.recipient,
            },
            {
              head: t.receipt,
              cell: ({ receipt }) =>
                receipt.acknowledgedAt > 0n ? (
                  <Badge tone="good" icon="check">
                    {t.acknowledged}
                  </Badge>
                ) : (
                  <span className="muted">{t.deemed(date(receipt.receivedAt))}</span>
                ),
              text: ({ receipt }) => iso(receipt.acknowledgedAt || receipt.receivedAt),
            },
            {
              head: strings.transaction,
              cell: ({ sent }) => (
                <Proof hash={proof(book, "Transmitted", { number: sent.number })} what={t.transmittal} />
              ),
              text: ({ sent }) => proof(book, "Transmitted", { number: sent.number }) ?? "",
              wide: true,
            },
          ]}
        />
      </Card>
    </>
  );
}

const sheets = (book: Book, sent: Book["transmittals"][number]) =>
  sent.sheets
    .map(({ document }) => {
      const found = book.documents.find((one) => one.number === document);
      return found ? container(found) : String(document);
    })
    .join(", ");

const defectState = (defect: Defect) =>
  defect.closedAt > 0n ? "closed" : defect.fixedAt > 0n ? "mended" : "open";

const DEFECTS = { open: "bad", mended: "wait", closed: "good" } as const;

function Site({ book }: { book: Book }) {
  const defects = book.deals.flatMap((deal) => deal.defects);
  const inspections = book.deals.flatMap((deal) => deal.inspections);
  return (
    <>
      <p className="lead">{t.fingerprints}</p>
      <Card title={t.defects}>
        <Table
          caption={t.defects}
          rows={defects}
          id={(one) => String(one.number)}
          empty={{ title: t.defectsNone, text: t.defectsNoneText }}
          columns={[
            {
              head: t.defect,
              cell: (one) => (
                <>
                  {strings.timeline.defect(String(one.number))}
                  <span className="why">{strings.categories[one.category]}</span>
                </>
              ),
              text: (one) => `${one.number} ${strings.categories[one.category] ?? ""}`,
            },
            {
              head: t.state,
              cell: (one) => (
                <Badge tone={DEFECTS[defectState(one)]}>{t.defectStates[defectState(one)]}</Badge>
              ),
              text: (one) => t.defectStates[defectState(one)],
            },
            {
              head: t.due,
              cell: (one) =>
                one.closedAt > 0n ? (
                  <Time ms={Number(one.closedAt) * 1000} />
                ) : (
                  <Countdown due={after(one.raisedAt, one.allowedDays)} />
                ),
              text: (one) => iso(after(one.raisedAt, one.allowedDays)),
              wide: true,
            },
            {
              head: t.raisedBy,
              cell: (one) => <Who value={one.raisedBy} />,
              text: (one) => one.raisedBy,
              wide: true,
            },
            {
              head: strings.transaction,
              cell: (one) => (
                <Proof hash={proof(book, "DefectRaised", { number: one.number })} what={t.defect} />
              ),
              text: (one) => proof(book, "DefectRaised", { number: one.number }) ?? "",
              wide: true,
            },
          ]}
        />
      </Card>
      <Card title={t.inspections}>
        <Table
          caption={t.inspections}
          rows={inspections}
          id={(one) => String(one.number)}
          empty={{ title: t.inspectionsNone, text: t.inspectionsNoneText }}
          columns={[
            {
              head: t.inspection,
              cell: (one) => strings.timeline.inspection(String(one.number)),
              text: (one) => String(one.number),
            },
            {
              head: t.asked,
              cell: (one) => <Time ms={Number(one.askedAt) * 1000} />,
              text: (one) => iso(one.askedAt),
              wide: true,
            },
            {
              head: t.due,
              cell: (one) =>
                one.doneAt > 0n ? <Time ms={Number(one.doneAt) * 1000} /> : <Countdown due={one.dueAt} />,
              text: (one) => iso(one.doneAt || one.dueAt),
            },
            {
              head: t.result,
              cell: (one) => <Badge tone={ANSWERS[one.passed] ?? "plain"}>{t.results[one.passed]}</Badge>,
              text: (one) => t.results[one.passed] ?? "",
            },
            {
              head: strings.transaction,
              cell: (one) => (
                <Proof hash={proof(book, "InspectionAsked", { number: one.number })} what={t.inspection} />
              ),
              text: (one) => proof(book, "InspectionAsked", { number: one.number }) ?? "",
              wide: true,
            },
          ]}
        />
      </Card>
    </>
  );
}

function Notices({ book }: { book: Book }) {
  const notices = book.deals.flatMap((deal) => deal.notices);
  return (
    <>
      <p className="lead">{t.fingerprints}</p>
      <Card title={t.notices}>
        <Table
          caption={t.notices}
          rows={notices}
          id={(one) => String(one.number)}
          empty={{ title: t.noticesNone, text: t.noticesNoneText }}
          columns={[
            {
              head: t.notice,
              cell: (one) => (
                <>
                  {strings.noticeKinds[one.kind] ?? strings.unknown} {String(one.number)}
                  <span className="why narrow">
                    <Who value={one.from} />
                  </span>
                </>
              ),
              text: (one) => `${strings.noticeKinds[one.kind] ?? ""} ${one.number}`,
            },
            { head: t.from, cell: (one) => <Who value={one.from} />, text: (one) => one.from, wide: true },
            { head: t.to, cell: (one) => <Who value={one.to} />, text: (one) => one.to, wide: true },
            {
              head: t.due,
              cell: (one) =>
                one.answeredAt > 0n ? (
                  <Time ms={Number(one.answeredAt) * 1000} />
                ) : one.replyDue > 0n && one.kind !== 0 && one.kind !== 3 ? (
                  <Countdown due={one.replyDue} />
                ) : (
                  <span className="muted">–</span>
                ),
              text: (one) => iso(one.replyDue),
            },
            {
              head: t.answer,
              cell: (one) =>
                one.kind === 0 || one.kind === 3 ? (
                  <span className="muted">{t.noAnswer}</span>
                ) : (
                  <Badge tone={ANSWERS[one.answer] ?? "plain"}>{t.noticeAnswers[one.answer]}</Badge>
                ),
              text: (one) => t.noticeAnswers[one.answer] ?? "",
              wide: true,
            },
            {
              head: t.receipt,
              cell: (one) => (one.acknowledgedAt > 0n ? t.acknowledged : t.deemed(date(one.receivedAt))),
              text: (one) => iso(one.acknowledgedAt || one.receivedAt),
              wide: true,
            },
            {
              head: strings.transaction,
              cell: (one) => (
                <Proof hash={proof(book, "NoticeGiven", { number: one.number })} what={t.notice} />
              ),
              text: (one) => proof(book, "NoticeGiven", { number: one.number }) ?? "",
              wide: true,
            },
          ]}
        />
      </Card>
    </>
  );
}

export function ProjectPage({ number }: { number: string }) {
  const show = (useQueryParam("show") ?? "timeline") as View;
  const query = useQuery({
    queryKey: ["works", "project", number],
    queryFn: async () => {
      const total = await law<bigint>("count", KIND.Project);
      return BigInt(number) <= total ? gather([BigInt(number)]) : null;
    },
    enabled: isNumber(number),
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  if (!isNumber(number)) return <Missing title={t.missing} text={t.missingText} />;
  return (
    <Asked query={query}>
      {(book) => {
        const project = book?.projects[0];
        if (!book || !project) return <Missing title={t.missing} text={t.missingText} />;
        const opened = proof(book, "ProjectOpened", { number: project.number });
        return (
          <>
            <Title text={plain(project.title, 96)}>
              <Proof hash={opened} what={t.opened} />
            </Title>
            <p className="lead">
              {t.owner}: <Who value={project.owner} /> · {t.opened} {date(project.openedAt)} · {t.packages}:{" "}
              {book.packages.map((one) => plain(one.title, 60)).join(", ") || "–"}
            </p>
            <Filters name="show" label={t.show} all={VIEWS} />
            {show === "contracts" ? (
              <Contracts book={book} />
            ) : show === "documents" ? (
              <Documents book={book} />
            ) : show === "site" ? (
              <Site book={book} />
            ) : show === "notices" ? (
              <Notices book={book} />
            ) : (
              <Timeline book={book} />
            )}
          </>
        );
      }}
    </Asked>
  );
}
