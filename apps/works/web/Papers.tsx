/** Documents that were entered and handed over, and notices. */
import { Badge, Card, Hash, Time } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { date, iso, Proof, SIZE, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { useQueryParam } from "@commonhold/web/shell/router";
import { type Book, proof } from "./book";
import { ANSWERS } from "./Contracts";
import { GiveNotice } from "./Give";
import { Countdown } from "./shared";
import { strings } from "./strings";
import { container, text } from "./words";

const t = strings.project;

export function Documents({ book }: { book: Book }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  return (
    <>
      <p className="muted section">{t.fingerprints}</p>
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

export function Notices({ book }: { book: Book }) {
  const notices = book.deals.flatMap((deal) => deal.notices);
  return (
    <>
      <GiveNotice book={book} />
      <p className="muted section">{t.fingerprints}</p>
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
