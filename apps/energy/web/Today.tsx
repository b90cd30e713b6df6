/** *Today*: a household's day, slot by slot. */

import type { Hex } from "@commonhold/web/ledger/api";
import { Card, Empty } from "@commonhold/web/parts/basics";
import { Link } from "@commonhold/web/shell/router";
import { rows, rulesAt, tariffAt } from "./gathering";
import { clock, day as dayWindow, times } from "./months";
import {
  Asked,
  DayPicker,
  dayName,
  iso,
  type Place,
  Proof,
  slotSpan,
  useDay,
  useNewest,
  useSlots,
  useTo,
  Within,
} from "./shared";
import { strings } from "./strings";
import { Charts, Complete, type Entry, empty, Listed, Totals } from "./Usage";

const t = strings.today;

interface Slot extends Entry {
  slot: bigint;
  seconds: number;
  transaction: Hex | undefined;
}

function Inside({ place }: { place: Place }) {
  const newest = useNewest(place);
  const day = useDay(newest);
  const window = dayWindow(day);
  const query = useSlots(place, window, place.me?.index);
  const to = useTo();
  if (!window || !place.me) return null;
  const { history, me } = place;
  return (
    <>
      <div className="bar-of-page">
        <h2>{dayName(day)}</h2>
        <DayPicker day={day} />
      </div>
      <Asked query={query}>
        {(told) => {
          const mine = new Map(rows(history, told).map((row) => [row.slot, row]));
          const seconds = rulesAt(history, BigInt(window.from))?.rules.slotSeconds ?? 3600;
          const length = told[0]?.seconds ?? seconds;
          const entries = times(window, length).map((slot): Slot => {
            const row = mine.get(slot);
            const name = slotSpan(slot, length);
            const base = empty(String(slot), clock(Number(slot)).replace(/:00$/, ""), name);
            const tariff = tariffAt(history, me.supplier, slot);
            const prices = { retail: tariff?.retail, feedIn: tariff?.feedIn };
            const of = { slot, seconds: length, transaction: row?.transaction };
            return row
              ? { ...base, ...prices, ...of, line: row.line, price: row.price }
              : { ...base, ...prices, ...of };
          });
          const there = entries.filter((entry) => entry.transaction !== undefined);
          if (there.length === 0)
            return (
              <Card>
                <Empty title={t.none}>
                  <p>{t.noneText}</p>
                  {newest !== undefined && (
                    <Link className="button" to={to("today")}>
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
                action={<Complete there={there.length} of={entries.length} what={t.slots} />}
              >
                <Totals entries={there} />
              </Card>
              <Charts entries={entries} when={dayName(day)} />
              <Listed
                caption={t.table}
                entries={there}
                first={{
                  head: t.time,
                  cell: (entry) => <Link to={to("proof", { slot: String(entry.slot) })}>{entry.name}</Link>,
                  text: (entry) => iso(entry.slot),
                }}
                last={[
                  {
                    head: strings.onLedger,
                    cell: (entry) => <Proof hash={entry.transaction} what={entry.name} />,
                    text: (entry) => entry.transaction ?? "",
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

export function Today() {
  return (
    <Within title={t.title} lead={t.lead} households>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
