/** The facts that a score is made of, and appeals against them. */
import { Badge, Card, Time } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { iso, now, Proof, SIZE, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { useQueryParam } from "@commonhold/web/shell/router";
import { useState } from "react";
import { CHALLENGE_SECONDS } from "./cs1";
import type { Found, Row } from "./known";
import { FACT } from "./law";
import { dimension, signed, sourceOf } from "./Score";
import { Effect, Reason, step, useSigning } from "./shared";
import { strings } from "./strings";
import { basisPoints, fingerprint, money, plainMoney } from "./words";

const t = strings.credit;

const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

const day = (seconds: number) => days.format(new Date(seconds * 1000));

export function FactsTable({ found, isMine }: { found: Found; isMine: boolean }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const { sign, dialog } = useSigning();
  const [appealing, setAppealing] = useState<Row>();
  const at = now();
  const mayAppeal = (row: Row) =>
    isMine && row.state === FACT.stated && at <= Number(row.time) + CHALLENGE_SECONDS;
  const countsText = (row: Row) =>
    row.counts
      ? t.yes
      : row.state === FACT.stated
        ? t.countsFrom(day(Number(row.time) + CHALLENGE_SECONDS))
        : (strings.factStates[row.state] ?? t.no);
  return (
    <Card title={t.facts}>
      {appealing && (
        <Reason
          key={String(appealing.number)}
          label={`${t.appealOf(appealing.number)}: ${t.appealReason}`}
          action={t.appeal}
          look="primary"
          cancel={() => setAppealing(undefined)}
          done={(reason) =>
            sign(
              {
                effect: <Effect text={t.appealEffect(appealing.number)} reason={reason} />,
                step: step("appeal", appealing.number, fingerprint(reason)),
                action: t.appeal,
              },
              () => setAppealing(undefined),
            )
          }
        />
      )}
      <Table
        caption={t.facts}
        rows={found.rows.slice(page * SIZE, (page + 1) * SIZE)}
        all={found.rows}
        id={(row) => String(row.number)}
        empty={{ title: t.none, text: t.noneText }}
        pager={<CountedPager total={found.rows.length} page={page} size={SIZE} name="page" />}
        columns={[
          {
            head: t.dimension,
            cell: (row) => (
              <>
                <span className="one-line">{dimension(found.part, row.dimension)}</span>
                <span className="why one-line" title={strings.verifications[row.verification]}>
                  {sourceOf(row)}
                </span>
              </>
            ),
            text: (row) =>
              `${dimension(found.part, row.dimension)}: ${sourceOf(row)}, ${strings.verifications[row.verification] ?? ""}`,
          },
          {
            head: t.outcome,
            cell: (row) => basisPoints(row.outcome),
            text: (row) => String(row.outcome / 100),
            right: true,
          },
          {
            head: t.effect,
            cell: (row) => (
              <span className={(row.counts ? row.delta : row.soon) < 0n ? "left bad" : "left"}>
                {signed(row.counts ? row.delta : row.soon)}
              </span>
            ),
            text: (row) => String(Number(row.counts ? row.delta : row.soon) / 1000),
            right: true,
          },
          {
            head: t.counts,
            cell: (row) => (
              <Badge tone={row.counts ? "good" : row.state === FACT.stated ? "plain" : "wait"}>
                {countsText(row)}
              </Badge>
            ),
            text: countsText,
            wide: true,
          },
          {
            head: t.value,
            cell: (row) => money(row.value),
            text: (row) => plainMoney(row.value),
            right: true,
            wide: true,
          },
          {
            head: t.counterparty,
            cell: (row) => <Who value={row.counterparty} />,
            text: (row) => row.counterparty,
            wide: true,
          },
          {
            head: t.when,
            cell: (row) => <Time ms={Number(row.time) * 1000} />,
            text: (row) => iso(row.time),
            wide: true,
          },
          {
            head: strings.transaction,
            cell: (row) => <Proof hash={row.transaction} what={t.fact} />,
            text: (row) => row.transaction ?? "",
            wide: true,
          },
          ...(isMine
            ? [
                {
                  head: t.appeal,
                  cell: (row: Row) =>
                    mayAppeal(row) ? (
                      <button
                        type="button"
                        className="button small"
                        aria-label={t.appealOf(row.number)}
                        onClick={() => setAppealing(row)}
                      >
                        {t.appeal}
                      </button>
                    ) : (
                      <span className="muted">–</span>
                    ),
                  text: (row: Row) => (mayAppeal(row) ? t.yes : ""),
                },
              ]
            : []),
        ]}
      />
      {dialog}
    </Card>
  );
}

export function Appeals({ found }: { found: Found }) {
  if (found.appeals.length === 0) return null;
  return (
    <Card title={t.appeals}>
      <Table
        caption={t.appeals}
        rows={found.appeals}
        id={(one) => String(one.number)}
        empty={{ title: t.appealsNone, text: t.appealsNoneText }}
        columns={[
          {
            head: t.appealHead,
            cell: (one) => `${one.number}: ${strings.timeline.fact(String(one.fact))}`,
            text: (one) => `${one.number}: ${one.fact}`,
          },
          {
            head: t.when,
            cell: (one) => <Time ms={Number(one.at) * 1000} />,
            text: (one) => iso(one.at),
          },
          {
            head: t.votes,
            cell: (one) => t.votesOf(one.votes[0] ?? 0, one.votes[1] ?? 0, one.votes[2] ?? 0),
            text: (one) => one.votes.join(" "),
            wide: true,
          },
          {
            head: strings.project.state,
            cell: (one) => (
              <Badge tone={one.decidedAt > 0n ? "good" : "wait"}>
                {strings.factStates[one.state] ?? strings.unknown}
              </Badge>
            ),
            text: (one) => strings.factStates[one.state] ?? "",
          },
          {
            head: strings.transaction,
            cell: (one) => <Proof hash={one.transaction} what={t.appealHead} />,
            text: (one) => one.transaction ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}
