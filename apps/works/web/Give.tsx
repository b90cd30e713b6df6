/** What somebody of a contract says of their own accord: a defect that is raised, a notice that is given. */
import type { Intent } from "@commonhold/web/keys/Sign";
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { Card } from "@commonhold/web/parts/basics";
import { now, useCalled } from "@commonhold/web/parts/steps";
import { type ReactNode, useId, useState } from "react";
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

/** A form about one of the reader's contracts, behind a button; it closes when what it says is final. */
function Form({
  title,
  action,
  label,
  deals,
  deal,
  choose,
  ready = true,
  intent,
  children,
}: {
  title: string;
  action: string;
  label: string;
  deals: Deal[];
  deal: Deal;
  choose: (contract: string) => void;
  /** Whether what stands beside the words can be signed. */
  ready?: boolean;
  intent: (words: string) => Omit<Intent, "action">;
  children: ReactNode;
}) {
  const { sign, dialog } = useSigning();
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <Card title={title}>
      {open ? (
        <>
          <div className="form">
            <Choice
              label={t.contract}
              value={String(deal.number)}
              all={deals.map((one) => [String(one.number), strings.payments.contract(one.number)] as const)}
              choose={choose}
            />
            {children}
          </div>
          <Reason
            label={label}
            action={action}
            look="primary"
            cancel={close}
            done={(words) => ready && sign({ ...intent(words), action }, close)}
          />
        </>
      ) : (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          {action}
        </button>
      )}
      {dialog}
    </Card>
  );
}

export function RaiseDefect({ book }: { book: Book }) {
  const { deals } = useMine(book, OWNER | CERTIFIER);
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
    <Form
      title={t.defect}
      action={t.raise}
      label={t.what}
      deals={deals}
      deal={deal}
      choose={(value) => {
        setContract(value);
        setMilestone(0);
      }}
      ready={fits}
      intent={(words) => ({
        effect: <Effect text={t.raised(who, allowed)} reason={words} />,
        step: step("raiseDefect", deal.number, milestone, category, allowed, fingerprint(words)),
      })}
    >
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
          aria-describedby={fits ? undefined : `${id}-hint`}
          onChange={(event) => setDays(event.target.value)}
        />
        {!fits && (
          <p id={`${id}-hint`} className="error">
            {t.daysWrong(DAYS.max)}
          </p>
        )}
      </div>
    </Form>
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
  const [contract, setContract] = useState("");
  const [kind, setKind] = useState<number>(0);
  const [chosen, setChosen] = useState<Hex>();
  const deal = deals.find((one) => String(one.number) === contract) ?? deals[0];
  const all = deal && me ? others(deal, me) : [];
  const to = all.find(([one]) => one === chosen)?.[0] ?? all[0]?.[0];
  const who = useCalled(to ?? ZERO_WORD);
  if (!deal || !to) return null;
  return (
    <Form
      title={t.notice}
      action={t.give}
      label={t.says}
      deals={deals}
      deal={deal}
      choose={(value) => {
        setContract(value);
        setChosen(undefined);
      }}
      intent={(words) => ({
        effect: <Effect text={t.given(strings.noticeKinds[kind] ?? "", who)} reason={words} />,
        step: step("giveNotice", deal.number, kind, to, BigInt(now() - BEFORE), 0n, fingerprint(words)),
      })}
    >
      <Choice
        label={t.kind}
        value={kind}
        all={KINDS.map((one) => [one, strings.noticeKinds[one] ?? ""] as const)}
        choose={setKind}
      />
      <Choice label={t.to} value={to} all={all} choose={setChosen} />
    </Form>
  );
}
