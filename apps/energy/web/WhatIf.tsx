/** *What-if*: the same slot, day or month under another key, price, fees: computed here, nothing is changed. */
import { Badge, Card, Empty } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { go, here, useQueryParam } from "@commonhold/web/shell/router";
import { useId, useState } from "react";
import { Bar, Figure, Figures } from "./charts";
import { type Row, rows, rulesAt, type SlotTold, seatAt } from "./gathering";
import { micro } from "./Limits";
import type { Rules } from "./law";
import { type Line, NOTHING, sum } from "./market/settlement";
import { AUCTION, MODES } from "./market/slot";
import { dayOf, day as dayWindow, month as monthWindow } from "./months";
import { again } from "./replaying";
import { SlotPicker, useSlot } from "./SlotProof";
import {
  Asked,
  amount,
  cents,
  DayPicker,
  dayName,
  energy,
  MonthPicker,
  monthName,
  type Place,
  percent,
  slotSpan,
  useDay,
  useMonth,
  useNewest,
  useSlots,
  useUnit,
  Who,
  Within,
  whole,
  ZERO_ADDRESS,
} from "./shared";
import { strings } from "./strings";

const t = strings.whatIf;

/** Rules as they stand in the form. */
export interface Written {
  mode: number;
  k: string;
  rounds: string;
  local: string;
  network: string;
  community: string;
  levy: string;
}

export const written = (rules: Rules): Written => ({
  mode: rules.mode,
  k: `${rules.kNumerator}/${rules.kDenominator}`,
  rounds: String(rules.rounds || 5),
  local: cents(rules.localPrice),
  network: cents(rules.networkFee),
  community: cents(rules.communityFee),
  levy: cents(rules.levy),
});

/** The rules that somebody wrote; nothing where a field is none. */
export function meant(form: Written): Partial<Rules> | undefined {
  const k = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(form.k.trim());
  const [kNumerator, kDenominator] = [Number(k?.[1]), Number(k?.[2] ?? 1)];
  const prices = [form.local, form.network, form.community, form.levy].map(micro);
  const [localPrice, networkFee, communityFee, levy] = prices;
  const rounds = Number(form.rounds);
  const fraction = k !== null && kDenominator > 0 && kNumerator <= kDenominator;
  const whole = Number.isInteger(rounds) && rounds >= 1 && rounds <= 16;
  if (!fraction || !whole || localPrice === undefined || networkFee === undefined) return undefined;
  if (communityFee === undefined || levy === undefined) return undefined;
  if (networkFee < 0n || communityFee < 0n || levy < 0n) return undefined;
  const hybrid = MODES[form.mode] === "hybrid";
  return {
    mode: form.mode,
    rounds: hybrid ? rounds : 0,
    kNumerator,
    kDenominator,
    localPrice,
    networkFee,
    communityFee,
    levy,
  };
}

export function RulesForm({ form, set }: { form: Written; set: (form: Written) => void }) {
  const id = useId();
  const field = (name: Exclude<keyof Written, "mode">, label: string, hint: string) => (
    <div className="field">
      <label htmlFor={`${id}-${name}`}>{label}</label>
      <input
        id={`${id}-${name}`}
        aria-describedby={`${id}-${name}-hint`}
        value={form[name]}
        onChange={(event) => set({ ...form, [name]: event.target.value })}
      />
      <span className="hint" id={`${id}-${name}-hint`}>
        {hint}
      </span>
    </div>
  );
  return (
    <div className="rules-form">
      <div className="field">
        <label htmlFor={`${id}-mode`}>{t.mode}</label>
        <select
          id={`${id}-mode`}
          aria-describedby={`${id}-mode-hint`}
          value={form.mode}
          onChange={(event) => set({ ...form, mode: Number(event.target.value) })}
        >
          {MODES.map((mode, number) => (
            <option key={mode} value={number}>
              {strings.modes[number]}
            </option>
          ))}
        </select>
        <span className="hint" id={`${id}-mode-hint`}>
          {strings.modeHints[form.mode]}
        </span>
      </div>
      {form.mode === AUCTION ? field("k", t.k, t.kHint) : field("local", t.local, t.localHint)}
      {MODES[form.mode] === "hybrid" && field("rounds", t.rounds, t.roundsHint)}
      {field("network", t.network, t.feeHint)}
      {field("community", t.communityFee, t.feeHint)}
      {field("levy", t.levy, t.feeHint)}
    </div>
  );
}

interface Home {
  index: number;
  household: string;
  was: Line;
  would: Line;
  saving: bigint;
  change: bigint;
}

function byHome(all: Row[]): Map<number, Line> {
  const found = new Map<number, Line>();
  for (const row of all) found.set(row.index, sum([found.get(row.index) ?? NOTHING, row.line]));
  return found;
}

function Outcome({ place, told, other }: { place: Place; told: SlotTold[]; other: Partial<Rules> }) {
  const unit = useUnit();
  const before = rows(place.history, told);
  const then = again(place, told, { rules: other });
  const [was, would] = [byHome(before), byHome(then.rows)];
  const last = told.at(-1)?.slot ?? place.community.next;
  const homes = [...would]
    .map(([index, line]): Home => {
      const one = was.get(index) ?? NOTHING;
      return {
        index,
        household: seatAt(place.history, index, last)?.household ?? ZERO_ADDRESS,
        was: one,
        would: line,
        saving: line.household - line.gridOnly,
        change: line.household - one.household,
      };
    })
    .sort((a, b) => (a.saving > b.saving ? -1 : a.saving < b.saving ? 1 : a.index - b.index));
  const [all, now] = [sum([...would.values()]), sum([...was.values()])];
  const worse = homes.filter((home) => home.saving < 0n).length;
  const most = Math.max(1, ...homes.map((home) => Math.abs(Number(home.saving))));
  const saving = (line: Line) => line.household - line.gridOnly;
  const volume = told.reduce((total, slot) => total + slot.volume, 0n);
  return (
    <Card title={t.outcome}>
      <Figures>
        <Figure name={t.shared} value={energy(then.volume)} hint={t.wasHint(energy(volume))} />
        <Figure
          name={t.sufficiency}
          value={percent(all.importLocal, all.importLocal + all.importGrid)}
          hint={t.wasHint(percent(now.importLocal, now.importLocal + now.importGrid))}
        />
        <Figure name={t.saving(unit)} value={amount(saving(all))} hint={t.wasHint(amount(saving(now)))} />
        <Figure name={t.worse} value={String(worse)} hint={worse === 0 ? t.worseNone : t.worseSome} />
      </Figures>
      <Table
        caption={t.homes}
        rows={homes}
        id={(home) => String(home.index)}
        empty={{ title: t.none }}
        columns={[
          {
            head: t.home,
            cell: (home) => <Who value={home.household} me={place.session?.address} />,
            text: (home) => home.household,
          },
          {
            head: t.saves(unit),
            cell: (home) => (
              <span className="with-bar">
                <Bar value={Number(home.saving)} most={most} look={home.saving < 0n ? "worse" : "local"} />
                {amount(home.saving)}
              </span>
            ),
            text: (home) => whole(home.saving),
            right: true,
          },
          {
            head: t.was,
            cell: (home) => amount(saving(home.was)),
            text: (home) => whole(saving(home.was)),
            right: true,
            wide: true,
          },
          {
            head: t.change(unit),
            cell: (home) =>
              home.change === 0n ? (
                <span className="muted">0</span>
              ) : (
                <Badge tone={home.change > 0n ? "good" : "wait"}>
                  {home.change > 0n ? "+" : ""}
                  {amount(home.change)}
                </Badge>
              ),
            text: (home) => whole(home.change),
            right: true,
          },
          {
            head: t.bought,
            cell: (home) => energy(home.would.importLocal),
            text: (home) => String(home.would.importLocal),
            right: true,
            wide: true,
          },
          {
            head: t.sold,
            cell: (home) => energy(home.would.exportLocal),
            text: (home) => String(home.would.exportLocal),
            right: true,
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

const SPANS = ["slot", "day", "month"] as const;

function Inside({ place }: { place: Place }) {
  const id = useId();
  const newest = useNewest(place);
  const named = useQueryParam("span");
  const span = SPANS.find((one) => one === named) ?? "day";
  const [day, month, slot] = [useDay(newest), useMonth(newest), useSlot(newest)];
  const at = slot ?? place.community.next;
  const seconds = rulesAt(place.history, at)?.rules.slotSeconds ?? 3600;
  const windows = {
    slot: { from: Number(at), to: Number(at) + 1 },
    day: dayWindow(day),
    month: monthWindow(month),
  };
  const query = useSlots(place, windows[span]);
  const [form, setForm] = useState(() => written(place.community.rules));
  const other = meant(form);
  const title = {
    slot: `${dayName(dayOf(Number(at)))}, ${slotSpan(at, seconds)}`,
    day: dayName(day),
    month: monthName(month),
  };
  return (
    <>
      <div className="bar-of-page">
        <h2>{title[span]}</h2>
        <div className="pickers">
          <label className="sr" htmlFor={id}>
            {t.span}
          </label>
          <select id={id} value={span} onChange={(event) => go(here({ span: event.target.value }))}>
            {SPANS.map((one) => (
              <option key={one} value={one}>
                {t.spans[one]}
              </option>
            ))}
          </select>
          {span === "slot" ? (
            <SlotPicker place={place} slot={at} />
          ) : span === "day" ? (
            <DayPicker day={day} />
          ) : (
            <MonthPicker month={month} />
          )}
        </div>
      </div>
      <Card
        title={t.rules}
        action={
          <button
            type="button"
            className="button quiet"
            onClick={() => setForm(written(place.community.rules))}
          >
            {t.reset}
          </button>
        }
      >
        <RulesForm form={form} set={setForm} />
        {!other && <p className="error">{t.wrong}</p>}
      </Card>
      <Asked query={query}>
        {(told) =>
          told.length === 0 ? (
            <Card>
              <Empty title={t.none}>
                <p>{t.noneText}</p>
              </Empty>
            </Card>
          ) : other ? (
            <Outcome place={place} told={told} other={other} />
          ) : null
        }
      </Asked>
    </>
  );
}

export function WhatIf() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
