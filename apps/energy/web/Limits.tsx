/** *Limits*: a household's two standing prices, and the money that it takes part with. */
import type { Hex } from "@commonhold/web/ledger/api";
import { module, view } from "@commonhold/web/ledger/modules";
import { Badge, Card, Fact, Facts } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { allIn, type Row, rows, rulesAt, tariffAt } from "./gathering";
import { dearest, fees, type Member } from "./law";
import { sum } from "./market/settlement";
import { dayOf, day as dayWindow } from "./months";
import { again } from "./replaying";
import {
  amount,
  cents,
  date,
  dayName,
  iso,
  LOOK_MS,
  type Place,
  Proof,
  price,
  step,
  useNewest,
  useSigning,
  useSlots,
  useUnit,
  Within,
} from "./shared";
import { strings } from "./strings";

const t = strings.limits;
type Signing = ReturnType<typeof useSigning>;

/** Hundredths of a unit as somebody writes them, in micro; nothing where it is no such price. */
export function micro(text: string): bigint | undefined {
  const found = /^(-?)(\d{1,4})(?:[.,](\d{1,4}))?$/.exec(text.trim());
  if (!found) return undefined;
  const value = BigInt(found[2] ?? 0) * 10_000n + BigInt((found[3] ?? "").padEnd(4, "0"));
  return found[1] ? -value : value;
}

/** A price as the field has it: with every place that the ledger keeps, and two at least. */
export const typed = (micro: bigint): string => (Number(micro) / 10_000).toFixed(4).replace(/0{1,2}$/, "");

/** A sum of money as somebody writes it, in billionths. */
export function nano(text: string): bigint | undefined {
  const found = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text.trim());
  return found ? BigInt(found[1] ?? 0) * 1_000_000_000n + BigInt((found[2] ?? "").padEnd(9, "0")) : undefined;
}

interface PriceField {
  label: string;
  hint: string;
  text: string;
  set: (text: string) => void;
  low: bigint;
  high: bigint;
  error: string | undefined;
}

function Price({ label, hint, text, set, low, high, error }: PriceField) {
  const id = useId();
  const value = micro(text) ?? low;
  return (
    <div className="field limit">
      <label htmlFor={id}>{label}</label>
      <span className="hint" id={`${id}-hint`}>
        {hint}
      </span>
      <div className="limit-inputs">
        <input
          type="range"
          aria-label={t.slide(label)}
          min={cents(low)}
          max={cents(high)}
          step="0.1"
          value={cents(value)}
          onChange={(event) => set(event.target.value)}
        />
        <span className="with-unit">
          <input
            id={id}
            inputMode="decimal"
            aria-describedby={`${id}-hint`}
            aria-invalid={error !== undefined}
            value={text}
            onChange={(event) => set(event.target.value)}
          />
          <span>{t.unit}</span>
        </span>
      </div>
      <span className="limit-ends" aria-hidden="true">
        <span>{price(low)}</span>
        <span>{price(high)}</span>
      </span>
      {error && <span className="error">{error}</span>}
    </div>
  );
}

function Form({ place, me, sign }: { place: Place; me: Member; sign: Signing["sign"] }) {
  const [buyText, setBuy] = useState(() => typed(me.buy));
  const [sellText, setSell] = useState(() => typed(me.sell));
  const { history, community, number } = place;
  const rules = rulesAt(history, community.next)?.rules ?? community.rules;
  const tariff = tariffAt(history, me.supplier, community.next);
  const [retail, feedIn] = [tariff?.retail ?? community.ceiling, tariff?.feedIn ?? 0n];
  const [buy, sell] = [micro(buyText), micro(sellText)];
  const most = retail - fees(rules);
  const within = (value: bigint | undefined) =>
    value !== undefined && value <= community.ceiling && value >= -community.ceiling;
  const fits = within(buy) && within(sell);
  const wrong = (value: bigint | undefined) =>
    within(value) ? undefined : t.wrong(cents(community.ceiling));
  const changed = buy !== me.buy || sell !== me.sell;
  const top = dearest(community.ceiling, rules);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (buy === undefined || sell === undefined || !fits) return;
    sign({
      action: t.action,
      step: step("setLimits", number, buy, sell),
      effect: (
        <>
          <p>{t.effect(price(buy), price(allIn(buy, rules)), price(sell))}</p>
          <p>{community.rehearsal ? t.fromNext(date(community.next)) : t.fromBegin}</p>
        </>
      ),
    });
  };
  return (
    <Card title={t.mine}>
      <p className="muted">{t.mineText}</p>
      <form className="form wide-form" onSubmit={submit}>
        <Price
          label={t.buy}
          hint={t.buyHint(price(fees(rules)), price(retail))}
          text={buyText}
          set={setBuy}
          low={feedIn}
          high={most > feedIn ? most : retail}
          error={wrong(buy)}
        />
        <Price
          label={t.sell}
          hint={t.sellHint(price(feedIn))}
          text={sellText}
          set={setSell}
          low={feedIn}
          high={most > feedIn ? most : retail}
          error={wrong(sell)}
        />
        {buy !== undefined && buy > most && (
          <p className="warning">{t.dear(price(allIn(buy, rules)), price(retail))}</p>
        )}
        {buy !== undefined && buy > top && <p className="warning">{t.capped(price(top))}</p>}
        {sell !== undefined && sell < feedIn && <p className="warning">{t.cheap(price(feedIn))}</p>}
        {fits && buy !== undefined && sell !== undefined && (
          <WouldBe place={place} me={me} buy={buy} sell={sell} changed={changed} />
        )}
        <button type="submit" className="button primary" disabled={!fits || !changed}>
          {t.action}
        </button>
        {!changed && <p className="muted">{t.unchanged}</p>}
      </form>
    </Card>
  );
}

/** The newest day again, under these limits and everybody else's as they were. */
function WouldBe({
  place,
  me,
  buy,
  sell,
  changed,
}: {
  place: Place;
  me: Member;
  buy: bigint;
  sell: bigint;
  changed: boolean;
}) {
  const unit = useUnit();
  const newest = useNewest(place);
  const day = newest === undefined ? undefined : dayOf(Number(newest));
  const { data } = useSlots(place, day === undefined ? undefined : dayWindow(day));
  if (!data || !day) return null;
  const own = (all: Row[]) => sum(all.filter((row) => row.index === me.index).map((row) => row.line));
  const was = own(rows(place.history, data));
  const would = own(again(place, data, { limits: new Map([[me.index, { buy, sell }]]) }).rows);
  const better = would.household - was.household;
  return (
    <output className="would-be">
      {changed
        ? t.wouldBe(dayName(day), amount(would.household), amount(was.household), unit)
        : t.was(dayName(day), amount(was.household), unit)}{" "}
      {changed && better !== 0n && (
        <Badge tone={better > 0n ? "good" : "wait"}>
          {better > 0n ? t.better(amount(better)) : t.worse(amount(-better))}
        </Badge>
      )}
    </output>
  );
}

function Account({ place, me }: { place: Place; me: Member }) {
  const unit = useUnit();
  const id = useId();
  const [text, setText] = useState("");
  const { sign, dialog } = useSigning();
  const { data: purse } = useQuery({
    queryKey: ["energy", "purse", me.household],
    queryFn: async () => {
      const { address } = await module("energy");
      const [has, may] = await Promise.all([
        view<bigint>("token", "balanceOf", me.household),
        view<bigint>("token", "allowance", me.household, address),
      ]);
      return { has, may, law: address };
    },
    refetchInterval: LOOK_MS,
  });
  const value = nano(text);
  const given = value !== undefined && value > 0n ? value : undefined;
  const free = me.balance - (me.active ? me.reserve : 0n);
  const put = () => {
    if (!given || !purse) return;
    const deposit = {
      action: t.put,
      step: step("deposit", place.number, given),
      effect: <p>{t.putEffect(amount(given), unit)}</p>,
    };
    if (purse.may >= given) return sign(deposit, () => setText(""));
    sign({
      action: t.allow,
      step: { module: "token", functionName: "approve", args: [purse.law as Hex, given] },
      effect: <p>{t.allowEffect(amount(given), unit)}</p>,
    });
  };
  const take = () =>
    given &&
    sign(
      {
        action: t.take,
        step: step("withdraw", place.number, given),
        effect: <p>{t.takeEffect(amount(given), unit)}</p>,
      },
      () => setText(""),
    );
  const allowed = given !== undefined && purse !== undefined && purse.may >= given;
  return (
    <Card
      title={t.account}
      action={
        me.active ? (
          <Badge tone="good" icon="check">
            {t.takesPart}
          </Badge>
        ) : (
          <Badge tone="wait">{t.takesNoPart}</Badge>
        )
      }
    >
      <p className="muted">{me.active ? t.accountText : t.accountMissing(amount(me.reserve), unit)}</p>
      <Facts>
        <Fact name={t.balance}>
          {amount(me.balance)} {unit}
        </Fact>
        <Fact name={t.reserve} hint={t.reserveHint}>
          {amount(me.reserve)} {unit}
        </Fact>
        <Fact name={me.statement < 0n ? t.owes : t.owed} hint={t.owesHint}>
          {amount(me.statement < 0n ? -me.statement : me.statement)} {unit}
        </Fact>
        <Fact name={t.purse}>{purse ? `${amount(purse.has)} ${unit}` : "–"}</Fact>
      </Facts>
      <div className="inline-field account-move">
        <label htmlFor={id}>{t.amountLabel(unit)}</label>
        <input id={id} inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} />
        <button
          type="button"
          className="button"
          disabled={!given || !purse || given > purse.has}
          onClick={put}
        >
          {allowed ? t.put : t.allow}
        </button>
        <button type="button" className="button" disabled={!given || given > free} onClick={take}>
          {t.take}
        </button>
      </div>
      {text !== "" && !given && <p className="error">{t.amountWrong}</p>}
      {given !== undefined && purse && given > purse.has && given > free && (
        <p className="error">{t.tooMuch}</p>
      )}
      {dialog}
    </Card>
  );
}

function Before({ place, me }: { place: Place; me: Member }) {
  const all = place.history.limits.filter((limits) => limits.index === me.index).toReversed();
  return (
    <Card title={t.before}>
      <Table
        caption={t.before}
        rows={all}
        id={(limits) => limits.transaction}
        empty={{ title: t.beforeNone }}
        columns={[
          { head: t.from, cell: (limits) => date(limits.from), text: (limits) => iso(limits.from) },
          {
            head: t.buyShort,
            cell: (limits) => price(limits.buy),
            text: (limits) => cents(limits.buy),
            right: true,
          },
          {
            head: t.sellShort,
            cell: (limits) => price(limits.sell),
            text: (limits) => cents(limits.sell),
            right: true,
          },
          {
            head: strings.onLedger,
            cell: (limits) => <Proof hash={limits.transaction} what={t.from} />,
            text: (limits) => limits.transaction,
          },
        ]}
      />
    </Card>
  );
}

/** What is signed stays in sight while the form below begins anew with what was set. */
function Inside({ place, me }: { place: Place; me: Member }) {
  const { sign, dialog } = useSigning();
  return (
    <>
      <Form key={`${place.number}-${me.buy}-${me.sell}`} place={place} me={me} sign={sign} />
      <Account place={place} me={me} />
      <Before place={place} me={me} />
      {dialog}
    </>
  );
}

export function Limits() {
  return (
    <Within title={t.title} lead={t.lead} households>
      {(place) => place.me && <Inside place={place} me={place.me} />}
    </Within>
  );
}
