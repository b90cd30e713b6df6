/** Defects and inspections. */
import { Badge, Card, Time } from "@commonhold/web/parts/basics";
import { iso, Proof, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { type Book, proof } from "./book";
import { ANSWERS } from "./Contracts";
import { after } from "./countdown";
import { RaiseDefect } from "./Give";
import type { Defect } from "./law";
import { Countdown } from "./shared";
import { strings } from "./strings";

const t = strings.project;

const defectState = (defect: Defect) =>
  defect.closedAt > 0n ? "closed" : defect.fixedAt > 0n ? "mended" : "open";

const DEFECTS = { open: "bad", mended: "wait", closed: "good" } as const;

export function Site({ book }: { book: Book }) {
  const defects = book.deals.flatMap((deal) => deal.defects);
  const inspections = book.deals.flatMap((deal) => deal.inspections);
  return (
    <>
      <p className="muted section">{t.fingerprints}</p>
      <RaiseDefect book={book} />
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
