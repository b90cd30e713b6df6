/** What somebody of a contract says of their own accord: a defect that is raised, a notice that is given. */
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { Card } from "@commonhold/web/parts/basics";
import { now, useCalled } from "@commonhold/web/parts/steps";
import { useId, useState } from "react";
import type { Book, Deal } from "./book";
import { CERTIFIER, CONTRACT, CONTRACTOR, OWNER } from "./law";
import { Effect, Reason, step, useSigning } from "./shared";
import { strings } from "./strings";
import { fingerprint, roles, stepTitle, ZERO_WORD } from "./words";

const t = strings.give;

/** Kinds of notices that stand by themselves; details belong to a claim and are given by command. */
const KINDS = [0, 1, 2, 4, 5] as const;
/** Seconds by which the reader's clock may be ahead of the ledger's: nobody knew in the future. */
const BEFORE = 120;
/** Days in which a defect is to be mended, where nobody says otherwise, and at most. */
const DAYS = { usual: 14, max: 3_660 };

/** The contracts that bind in which the reader is one of these. */
function useMine(book: Book, asked: number): { me: Hex | undefined; deals: Deal[] } {
  const me = useSession()?.address;
  const binds: readonly number[] = [CONTRACT.running, CONTRACT.completed];
  const deals = book.deals.filter((deal) => me && binds.includes(deal.state) && roles(deal, me) & asked);
  return { me, deals };
}

function Choice<T extends string | number>({
  label,
  value,
  all,
  choose,
}: {
  label: string;
  value: T;
  all: readonly (readonly [T, string])[];
  choose: (value: T) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const found = all.find(([one]) => String(one) === event.target.value);
          if (found) choose(found[0]);
        }}
      >
        {all.map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

const contracts = (deals: Deal[]) =>
  deals.map((deal) => [String(deal.number), strings.payments.contract(deal.number)] as const);

export function RaiseDefect({ book }: { book: Book }) {
  const { deals } = useMine(book, OWNER | CERTIFIER);
  const { sign, dialog } = useSigning();
  const [open, setOpen] = useState(false);
  const [contract, setContract] = useState("");
  const [milestone, setMilestone] = useState(0);
  const [category, setCategory] = useState(2);
  const [days, setDays] = useState(String(DAYS.usual));
  const id = useId();
  const deal = deals.find((one) => String(one.number) === contract) ?? deals[0];
  const who = useCalled(deal?.offer.contractor ?? ZERO_WORD);
  if (!deal) return null;
  const allowed = Number(days);
  const fits = Number.isInteger(allowed) && allowed > 0 && allowed <= DAYS.max;
  const steps = deal.steps.map((_, at) => [at + 1, stepTitle(deal, at + 1)] as const);
  return (
    <Card title={t.defect}>
      {open ? (
        <>
          <div className="form">
            <Choice
              label={t.contract}
              value={String(deal.number)}
              all={contracts(deals)}
              choose={(value) => {
                setContract(value);
                setMilestone(0);
              }}
            />
            <Choice
              label={t.milestone}
              value={milestone}
              all={[[0, t.noMilestone], ...steps]}
              choose={setMilestone}
            />
            <Choice
              label={t.category}
              value={category}
              all={[1, 2, 3].map((one) => [one, strings.categories[one] ?? ""] as const)}
              choose={setCategory}
            />
            <div className="field">
              <label htmlFor={id}>{t.days}</label>
              <input
                id={id}
                inputMode="numeric"
                value={days}
                aria-invalid={!fits}
                onChange={(event) => setDays(event.target.value)}
              />
            </div>
          </div>
          <Reason
            label={t.what}
            action={t.raise}
            look="primary"
            cancel={() => setOpen(false)}
            done={(text) =>
              fits &&
              sign(
                {
                  effect: <Effect text={t.raised(who, allowed)} reason={text} />,
                  step: step("raiseDefect", deal.number, milestone, category, allowed, fingerprint(text)),
                  action: t.raise,
                },
                () => setOpen(false),
              )
            }
          />
        </>
      ) : (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          {t.raise}
        </button>
      )}
      {dialog}
    </Card>
  );
}

/** The others of a contract, by what they are. */
const others = (deal: Deal, me: string): [Hex, string][] =>
  (
    [
      [deal.owner, OWNER],
      [deal.offer.certifier, CERTIFIER],
      [deal.offer.contractor, CONTRACTOR],
    ] as const
  )
    .filter(([who]) => who.toLowerCase() !== me.toLowerCase())
    .map(([who, role]) => [who, strings.roles[role] ?? ""]);

export function GiveNotice({ book }: { book: Book }) {
  const { me, deals } = useMine(book, OWNER | CERTIFIER | CONTRACTOR);
  const { sign, dialog } = useSigning();
  const [open, setOpen] = useState(false);
  const [contract, setContract] = useState("");
  const [kind, setKind] = useState<number>(0);
  const [chosen, setChosen] = useState<Hex>();
  const deal = deals.find((one) => String(one.number) === contract) ?? deals[0];
  const all = deal && me ? others(deal, me) : [];
  const to = all.find(([one]) => one === chosen)?.[0] ?? all[0]?.[0];
  const who = useCalled(to ?? ZERO_WORD);
  if (!deal || !to) return null;
  return (
    <Card title={t.notice}>
      {open ? (
        <>
          <div className="form">
            <Choice
              label={t.contract}
              value={String(deal.number)}
              all={contracts(deals)}
              choose={(value) => {
                setContract(value);
                setChosen(undefined);
              }}
            />
            <Choice
              label={t.kind}
              value={kind}
              all={KINDS.map((one) => [one, strings.noticeKinds[one] ?? ""] as const)}
              choose={setKind}
            />
            <Choice label={t.to} value={to} all={all} choose={setChosen} />
          </div>
          <Reason
            label={t.says}
            action={t.give}
            look="primary"
            cancel={() => setOpen(false)}
            done={(text) =>
              sign(
                {
                  effect: <Effect text={t.given(strings.noticeKinds[kind] ?? "", who)} reason={text} />,
                  step: step(
                    "giveNotice",
                    deal.number,
                    kind,
                    to,
                    BigInt(now() - BEFORE),
                    0n,
                    fingerprint(text),
                  ),
                  action: t.give,
                },
                () => setOpen(false),
              )
            }
          />
        </>
      ) : (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          {t.give}
        </button>
      )}
      {dialog}
    </Card>
  );
}
