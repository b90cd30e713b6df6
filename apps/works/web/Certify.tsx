/** Certifying payment: as it was applied for, or otherwise and with a reason; what it comes to is asked of the rules. */
import { useSession } from "@commonhold/web/keys/session";
import { type Hex, rpc } from "@commonhold/web/ledger/api";
import { module } from "@commonhold/web/ledger/modules";
import { useCalled } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { decodeFunctionResult, encodeFunctionData } from "viem";
import type { Deal } from "./book";
import { Effect, Reason, step, type useSigning } from "./shared";
import { strings } from "./strings";
import { fingerprint, money, permille, plainMoney, ZERO_WORD } from "./words";

const t = strings.decisions;

/** Permille of a percentage that somebody typed; nothing where it is none. */
export function typed(text: string): number | undefined {
  const found = /^(\d{1,3})(?:[.,](\d))?$/.exec(text.trim());
  if (!found) return undefined;
  const value = Number(found[1]) * 10 + Number(found[2] ?? 0);
  return value <= 1_000 ? value : undefined;
}

export const asPercent = (value: number) => String(value / 10);

/** What a line comes to, minor units. */
export const amountOf = (line: { quantity: bigint; rate: bigint }, done: number) =>
  (line.quantity * line.rate * BigInt(done)) / 1_000_000n;

/** What the certificate would come to, by the law itself; nothing where it refuses. */
function useComes(deal: Deal, done: readonly number[], reason: Hex) {
  const from = useSession()?.address;
  return useQuery({
    queryKey: ["works", "comes", String(deal.number), done.join(), from, reason === ZERO_WORD],
    queryFn: async (): Promise<bigint | null> => {
      const { abi, address: to } = await module("works");
      const data = encodeFunctionData({
        abi,
        functionName: "certifyPayment",
        args: [deal.number, done, reason],
      });
      try {
        const result = await rpc<Hex>("eth_call", { from, to, data }, "latest");
        const [, payment] = decodeFunctionResult({
          abi,
          functionName: "certifyPayment",
          data: result,
        }) as [bigint, bigint];
        return payment;
      } catch {
        return null;
      }
    },
    enabled: done.length > 0,
  });
}

const SOME: Hex = `0x${"1".repeat(64)}`;

export function Certify({
  deal,
  applied,
  sign,
}: {
  deal: Deal;
  applied: number[];
  sign: ReturnType<typeof useSigning>["sign"];
}) {
  const who = useCalled(deal.offer.contractor);
  const [own, setOwn] = useState<string[]>();
  const [giving, setGiving] = useState(false);
  const texts = own ?? applied.map(asPercent);
  const done = texts.map(typed);
  const fits = done.every((value, at) => value !== undefined && value >= (deal.bill[at]?.done ?? 0));
  const wanted = done.map((value) => value ?? 0);
  const isOther = own !== undefined && wanted.some((value, at) => value !== applied[at]);
  const comes = useComes(deal, fits ? wanted : [], isOther ? SOME : ZERO_WORD);
  const amount = comes.data === null || comes.data === undefined ? undefined : money(comes.data);
  const certify = (reason: string) =>
    sign(
      {
        effect: (
          <Effect
            text={isOther ? t.effects.otherwise(who, amount) : t.effects.certify(who, amount)}
            reason={reason}
          />
        ),
        step: step("certifyPayment", deal.number, wanted, reason ? fingerprint(reason) : ZERO_WORD),
        action: isOther ? t.say.otherwise : t.say.certify,
      },
      () => {
        setOwn(undefined);
        setGiving(false);
      },
    );
  const rows = deal.bill.map((line, at) => ({ line, at }));
  return (
    <>
      <h3 className="sub">{t.lines}</h3>
      <Table
        caption={`${t.lines} ${strings.payments.contract(deal.number)}`}
        rows={rows}
        id={({ at }) => String(at)}
        empty={{ title: strings.payments.noneAll }}
        columns={[
          {
            head: t.line,
            cell: ({ at }) => <span className="one-line">{t.lineOf(at + 1)}</span>,
            text: ({ at }) => String(at + 1),
          },
          {
            head: t.before,
            cell: ({ line }) => permille(line.done),
            text: ({ line }) => asPercent(line.done),
            right: true,
            wide: true,
          },
          {
            head: t.applied,
            cell: ({ at }) => permille(applied[at] ?? 0),
            text: ({ at }) => asPercent(applied[at] ?? 0),
            right: true,
          },
          {
            head: t.amount,
            cell: ({ line, at }) => money(amountOf(line, wanted[at] ?? 0)),
            text: ({ line, at }) => plainMoney(amountOf(line, wanted[at] ?? 0)),
            right: true,
          },
          ...(own
            ? [
                {
                  head: t.yours,
                  cell: ({ at }: { at: number }) => (
                    <input
                      className="percent"
                      inputMode="decimal"
                      aria-label={t.yoursOf(at + 1)}
                      aria-invalid={done[at] === undefined}
                      value={texts[at] ?? ""}
                      onChange={(event) => {
                        const changed = [...texts];
                        changed[at] = event.target.value;
                        setOwn(changed);
                      }}
                    />
                  ),
                  text: ({ at }: { at: number }) => texts[at] ?? "",
                  right: true,
                },
              ]
            : []),
        ]}
      />
      <p className="comes" aria-live="polite">
        {fits ? (
          amount !== undefined ? (
            <>
              {t.comes}: <strong className="number">{amount}</strong>
            </>
          ) : comes.data === null ? (
            <span className="error">{t.comesUnknown}</span>
          ) : null
        ) : (
          <span className="error">{t.wrong}</span>
        )}
      </p>
      {giving ? (
        <Reason
          label={t.reasons.certify}
          action={t.say.otherwise}
          look="primary"
          cancel={() => setGiving(false)}
          done={certify}
        />
      ) : (
        <div className="card-actions decide">
          {own === undefined ? (
            <>
              <button type="button" className="button primary" onClick={() => certify("")}>
                {t.say.certify}
              </button>
              <button type="button" className="button" onClick={() => setOwn(applied.map(asPercent))}>
                {t.say.otherwise}
              </button>
            </>
          ) : (
            <>
              <button
                type="button"
                className="button primary"
                disabled={!fits || !isOther}
                onClick={() => setGiving(true)}
              >
                {t.say.otherwise}
              </button>
              <button type="button" className="button" onClick={() => setOwn(undefined)}>
                {strings.reasonCancel}
              </button>
            </>
          )}
        </div>
      )}
    </>
  );
}
