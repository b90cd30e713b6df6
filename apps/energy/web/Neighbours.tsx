/** *Neighbours*: who takes part, and what each bought and sold. */
import { Badge, Card } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { go, here, useQueryParam } from "@commonhold/web/shell/router";
import { useId } from "react";
import { Bar, Figure, Figures } from "./charts";
import { rows, seatAt } from "./gathering";
import type { Member } from "./law";
import { type Line, NOTHING, sum } from "./market/settlement";
import { day as dayWindow, month as monthWindow } from "./months";
import {
  Asked,
  amount,
  DayPicker,
  dayName,
  energy,
  iso,
  kwh,
  MonthPicker,
  monthName,
  type Place,
  Proof,
  percent,
  same,
  useDay,
  useMembersOf,
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

const t = strings.neighbours;

interface Home {
  index: number;
  household: string;
  solar: boolean;
  member: Member | undefined;
  line: Line;
  joined: `0x${string}` | undefined;
  since: bigint;
}

function Homes({ place, members, byIndex }: { place: Place; members: Member[]; byIndex: Map<number, Line> }) {
  const unit = useUnit();
  const places = [...new Set(place.history.seats.map((seat) => seat.index))].sort((a, b) => a - b);
  const homes = places.map((index): Home => {
    const seat = seatAt(place.history, index, place.community.next);
    const first = seat ?? place.history.seats.find((one) => one.index === index);
    return {
      index,
      household: first?.household ?? ZERO_ADDRESS,
      solar: !/^0x0*$/.test(first?.technology ?? "0x"),
      member: members.find((one) => one.index === index && first && same(one.household, first.household)),
      line: byIndex.get(index) ?? NOTHING,
      joined: first?.transaction,
      since: first?.from ?? 0n,
    };
  });
  const most = Math.max(
    1,
    ...homes.flatMap(({ line }) => [Number(line.importLocal), Number(line.exportLocal)]),
  );
  return (
    <Table
      caption={t.homes}
      rows={homes}
      id={(home) => String(home.index)}
      empty={{ title: t.none, text: t.noneText }}
      columns={[
        {
          head: t.home,
          cell: (home) => (
            <span className="badges">
              <Who value={home.household} me={place.session?.address} />
              {home.solar && <Badge tone="plain">{t.roof}</Badge>}
              {home.member?.leaves ? <Badge tone="plain">{t.left}</Badge> : null}
              {home.member && !home.member.active && home.member.leaves === 0n && (
                <Badge tone="wait">{t.notActive}</Badge>
              )}
            </span>
          ),
          text: (home) => home.household,
        },
        {
          head: t.bought,
          cell: (home) => (
            <span className="with-bar">
              <Bar value={Number(home.line.importLocal)} most={most} look="local" />
              {energy(home.line.importLocal)}
            </span>
          ),
          text: (home) => kwh(home.line.importLocal),
          right: true,
        },
        {
          head: t.sold,
          cell: (home) => (
            <span className="with-bar">
              <Bar value={Number(home.line.exportLocal)} most={most} look="sold" />
              {energy(home.line.exportLocal)}
            </span>
          ),
          text: (home) => kwh(home.line.exportLocal),
          right: true,
        },
        {
          head: t.local,
          cell: (home) => percent(home.line.importLocal, home.line.importLocal + home.line.importGrid),
          text: (home) => percent(home.line.importLocal, home.line.importLocal + home.line.importGrid),
          right: true,
          wide: true,
        },
        {
          head: t.saved(unit),
          cell: (home) => amount(home.line.household - home.line.gridOnly),
          text: (home) => whole(home.line.household - home.line.gridOnly),
          right: true,
          wide: true,
        },
        {
          head: t.joined,
          cell: (home) => <Proof hash={home.joined} what={t.joined} />,
          text: (home) => `${iso(home.since)} ${home.joined ?? ""}`,
          wide: true,
        },
      ]}
    />
  );
}

function Inside({ place }: { place: Place }) {
  const id = useId();
  const unit = useUnit();
  const newest = useNewest(place);
  const span = useQueryParam("span") === "month" ? "month" : "day";
  const [day, month] = [useDay(newest), useMonth(newest)];
  const window = span === "day" ? dayWindow(day) : monthWindow(month);
  const told = useSlots(place, window);
  const members = useMembersOf(place.number);
  return (
    <>
      <div className="bar-of-page">
        <h2>{span === "day" ? dayName(day) : monthName(month)}</h2>
        <div className="pickers">
          <label className="sr" htmlFor={id}>
            {t.span}
          </label>
          <select id={id} value={span} onChange={(event) => go(here({ span: event.target.value }))}>
            <option value="day">{t.aDay}</option>
            <option value="month">{t.aMonth}</option>
          </select>
          {span === "day" ? <DayPicker day={day} /> : <MonthPicker month={month} />}
        </div>
      </div>
      <Asked query={told}>
        {(slots) => {
          const all = rows(place.history, slots);
          const byIndex = new Map<number, Line>();
          for (const row of all) byIndex.set(row.index, sum([byIndex.get(row.index) ?? NOTHING, row.line]));
          const total = sum([...byIndex.values()]);
          const imported = total.importLocal + total.importGrid;
          const exported = total.exportLocal + total.exportGrid;
          return (
            <>
              <Card title={t.together}>
                <Figures>
                  <Figure name={t.shared} value={energy(total.importLocal)} hint={t.sharedHint} />
                  <Figure
                    name={t.sufficiency}
                    value={percent(total.importLocal, imported)}
                    hint={t.sufficiencyHint}
                  />
                  <Figure
                    name={t.consumption}
                    value={percent(total.exportLocal, exported)}
                    hint={t.consumptionHint}
                  />
                  <Figure name={t.savedAll(unit)} value={amount(total.household - total.gridOnly)} />
                </Figures>
              </Card>
              <Card title={t.homes}>
                <Asked query={members}>
                  {(list) => <Homes place={place} members={list} byIndex={byIndex} />}
                </Asked>
              </Card>
            </>
          );
        }}
      </Asked>
    </>
  );
}

export function Neighbours() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
