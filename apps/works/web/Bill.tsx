/** The bill of a contract, where its contractor applies for payment; and who gets which share. */
import { useSession } from "@commonhold/web/keys/session";
import { Badge, Card } from "@commonhold/web/parts/basics";
import { Proof, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { useState } from "react";
import { type Book, type Deal, proof } from "./book";
import { amountOf, asPercent, typed } from "./Certify";
import { CONTRACT, CONTRACTOR } from "./law";
import { step, useSigning } from "./shared";
import { strings } from "./strings";
import { milli, money, permille, plainMoney, roles, stepTitle } from "./words";

const t = strings.payments;

export function Shares({ deal }: { deal: Deal }) {
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

export function Bill({ book, deal }: { book: Book; deal: Deal }) {
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
