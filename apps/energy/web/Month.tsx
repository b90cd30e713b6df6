/** *Month*: a household's month, day by day. */
import { Card, Empty } from "@commonhold/web/parts/basics";
import { Link } from "@commonhold/web/shell/router";
import { type Row, rows, type SlotTold, tariffAt } from "./gathering";
import { sum } from "./market/settlement";
import { dayOf, daysOf, day as dayWindow, month as monthWindow } from "./months";
import {
  Asked,
  dayShort,
  MonthPicker,
  monthName,
  type Place,
  useMonth,
  useNewest,
  useSlots,
  useTo,
  Within,
} from "./shared";
import { strings } from "./strings";
import { Charts, Complete, type Entry, empty, Listed, Totals } from "./Usage";

const t = strings.month;

interface Day extends Entry {
  day: string;
  slots: number;
}

/** A day's slots together; its price is the mean of what was traded, by volume. */
function days(place: Place, month: string, told: readonly SlotTold[]): Day[] {
  const byDay = new Map<string, Row[]>();
  for (const row of rows(place.history, told)) {
    const day = dayOf(Number(row.slot));
    byDay.set(day, [...(byDay.get(day) ?? []), row]);
  }
  return daysOf(month).map((day): Day => {
    const of = byDay.get(day) ?? [];
    const slots = told.filter((slot) => dayOf(Number(slot.slot)) === day && slot.traded);
    const volume = slots.reduce((all, slot) => all + slot.volume, 0n);
    const worth = slots.reduce((all, slot) => all + slot.volume * slot.price, 0n);
    const noon = BigInt((dayWindow(day)?.from ?? 0) + 43_200);
    const tariff = place.me && tariffAt(place.history, place.me.supplier, noon);
    return {
      ...empty(day, String(Number(day.slice(8))), dayShort(day)),
      day,
      slots: of.length,
      line: sum(of.map((row) => row.line)),
      price: volume > 0n ? worth / volume : undefined,
      retail: tariff?.retail,
      feedIn: tariff?.feedIn,
    };
  });
}

function Inside({ place }: { place: Place }) {
  const newest = useNewest(place);
  const month = useMonth(newest);
  const query = useSlots(place, monthWindow(month), place.me?.index);
  const to = useTo();
  return (
    <>
      <div className="bar-of-page">
        <h2>{monthName(month)}</h2>
        <MonthPicker month={month} />
      </div>
      <Asked query={query}>
        {(told) => {
          const entries = days(place, month, told);
          const there = entries.filter((entry) => entry.slots > 0);
          if (there.length === 0)
            return (
              <Card>
                <Empty title={t.none}>
                  <p>{t.noneText}</p>
                  {newest !== undefined && (
                    <Link className="button" to={to("month")}>
                      {t.toNewest}
                    </Link>
                  )}
                </Empty>
              </Card>
            );
          return (
            <>
              <Card
                title={t.together}
                action={<Complete there={there.length} of={entries.length} what={t.days} />}
              >
                <Totals entries={there} />
                <p className="card-actions">
                  <Link className="button" to={to("bill", { month })}>
                    {t.bill}
                  </Link>
                </p>
              </Card>
              <Charts entries={entries} when={monthName(month)} />
              <Listed
                caption={t.table}
                entries={there}
                first={{
                  head: t.day,
                  cell: (entry) => <Link to={to("today", { day: entry.day })}>{entry.name}</Link>,
                  text: (entry) => entry.day,
                }}
                last={[
                  {
                    head: t.slots,
                    cell: (entry) => String(entry.slots),
                    text: (entry) => String(entry.slots),
                    right: true,
                    wide: true,
                  },
                ]}
              />
            </>
          );
        }}
      </Asked>
    </>
  );
}

export function Month() {
  return (
    <Within title={t.title} lead={t.lead} households>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
