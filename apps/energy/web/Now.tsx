/** *Now*: where power came from and went in the newest slot, and what it cost. */
import { Badge, Card, Empty } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { here, Link } from "@commonhold/web/shell/router";
import { Figure, Figures, type Flow, Flows } from "./charts";
import { allIn, type Row, rows, rulesAt } from "./gathering";
import { fees } from "./law";
import { clock, dayOf, day as dayWindow } from "./months";
import { useSlot } from "./SlotProof";
import {
  Asked,
  amount,
  cents,
  dayName,
  energy,
  iso,
  type Place,
  Proof,
  percent,
  price,
  slotSpan,
  small,
  useNewest,
  useSlots,
  useTo,
  useUnit,
  Within,
  whole,
} from "./shared";
import { strings } from "./strings";

const t = strings.now;

interface Part {
  name: string;
  wh: bigint;
  money: bigint;
  row: Row;
}

/** What the slot came to, part by part; what is nothing is left out. */
function parts(row: Row): Part[] {
  const { line } = row;
  const all: Part[] = [
    {
      name: t.fromNeighbours,
      wh: line.importLocal,
      money: line.importLocal > 0n ? line.local + line.fees : 0n,
      row,
    },
    { name: t.fromGrid, wh: line.importGrid, money: line.importGrid > 0n ? line.grid : 0n, row },
    { name: t.toNeighbours, wh: line.exportLocal, money: line.exportLocal > 0n ? line.local : 0n, row },
    { name: t.toGrid, wh: line.exportGrid, money: line.exportGrid > 0n ? line.grid : 0n, row },
  ];
  return all.filter((part) => part.wh > 0n);
}

function Circles({ row, roof }: { row: Row; roof: boolean }) {
  const { line } = row;
  const flows: Flow[] = [
    {
      from: "neighbours",
      to: "home",
      value: Number(line.importLocal),
      text: energy(line.importLocal),
      look: "local",
    },
    { from: "grid", to: "home", value: Number(line.importGrid), text: energy(line.importGrid), look: "grid" },
  ];
  if (roof)
    flows.push(
      {
        from: "roof",
        to: "neighbours",
        value: Number(line.exportLocal),
        text: energy(line.exportLocal),
        look: "sold",
      },
      {
        from: "roof",
        to: "grid",
        value: Number(line.exportGrid),
        text: energy(line.exportGrid),
        look: "fed",
      },
    );
  const exported = line.exportLocal + line.exportGrid;
  // A meter takes or gives in a slot, never both.
  const there = (into: bigint, out: bigint) => [energy(into + out)];
  return (
    <Flows
      label={t.circles(
        energy(line.importLocal),
        energy(line.importGrid),
        energy(line.exportLocal),
        energy(line.exportGrid),
      )}
      flows={flows}
      circles={[
        ...(roof ? [{ at: "roof" as const, name: t.roof, lines: [energy(exported)] }] : []),
        { at: "neighbours", name: t.neighbours, lines: there(line.importLocal, line.exportLocal) },
        { at: "grid", name: t.grid, lines: there(line.importGrid, line.exportGrid) },
        { at: "home", name: t.home, lines: [energy(line.importLocal + line.importGrid)] },
      ]}
    />
  );
}

function Slot({ place, row, traded }: { place: Place; row: Row; traded: string }) {
  const unit = useUnit();
  const to = useTo();
  const rules = rulesAt(place.history, row.slot)?.rules ?? place.community.rules;
  const all = parts(row);
  return (
    <div className="columns wide-left">
      <Card title={t.flows}>
        <Circles row={row} roof={place.me?.technology !== undefined && !/^0x0*$/.test(place.me.technology)} />
        <Table
          caption={t.flows}
          rows={all}
          id={(part) => part.name}
          empty={{ title: t.nothing, text: t.nothingText }}
          columns={[
            { head: t.part, cell: (part) => part.name, text: (part) => part.name },
            {
              head: t.energy,
              cell: (part) => energy(part.wh),
              text: (part) => String(part.wh),
              right: true,
            },
            {
              head: strings.money(unit),
              cell: (part) => small(part.money),
              text: (part) => whole(part.money),
              right: true,
            },
            {
              head: strings.onLedger,
              cell: (part) => <Proof hash={part.row.transaction} what={part.name} />,
              text: (part) => part.row.transaction,
              wide: true,
            },
          ]}
        />
      </Card>
      <Card title={t.price}>
        <dl className="figure-row stacked-figures">
          <Figure
            name={t.neighbourPrice}
            value={row.price === undefined ? "–" : price(row.price)}
            hint={
              row.price === undefined
                ? t.noPrice
                : t.withFees(price(allIn(row.price, rules)), price(fees(rules)))
            }
          />
          <Figure name={t.retail} value={price(row.tariff.retail)} />
          <Figure name={t.feedIn} value={price(row.tariff.feedIn)} />
        </dl>
        <PriceScale value={row.price} low={row.tariff.feedIn} high={row.tariff.retail} />
        <p className="muted">{traded}</p>
        <p>
          <Link to={to("proof", { slot: String(row.slot) })} className="button">
            {t.check}
          </Link>
        </p>
      </Card>
    </div>
  );
}

/** Where the neighbours' price lies between what the grid pays and what it costs. */
function PriceScale({ value, low, high }: { value: bigint | undefined; low: bigint; high: bigint }) {
  if (value === undefined || high <= low) return null;
  const at = Math.max(0, Math.min(100, (Number(value - low) / Number(high - low)) * 100));
  return (
    <div className="price-scale" role="img" aria-label={t.scale(cents(value), cents(low), cents(high))}>
      <span className="price-mark" style={{ left: `${at}%` }} />
    </div>
  );
}

function Today({ place, newest, slot: at }: { place: Place; newest: bigint; slot: bigint }) {
  const unit = useUnit();
  const to = useTo();
  const day = dayOf(Number(at));
  const last = useSlots(place, { from: Number(at), to: Number(at) + 1 });
  const own = useSlots(place, dayWindow(day), place.me?.index);
  return (
    <Asked query={last}>
      {(told) => {
        const slot = told.at(-1);
        const mine = rows(place.history, told).find((row) => row.index === place.me?.index);
        const buyers = slot?.lines.filter((line) => line.net > 0n && line.local > 0n).length ?? 0;
        const sellers = slot?.lines.filter((line) => line.net < 0n && line.local > 0n).length ?? 0;
        const today = rows(place.history, own.data ?? []);
        const sum = (of: (row: Row) => bigint) => today.reduce((all, row) => all + of(row), 0n);
        const local = sum((row) => row.line.importLocal);
        const imported = local + sum((row) => row.line.importGrid);
        const seconds = BigInt(rulesAt(place.history, at)?.rules.slotSeconds ?? 3600);
        return (
          <>
            <div className="bar-of-page">
              <h2>
                {dayName(day)}, {slotSpan(at, Number(seconds))}{" "}
                {slot && (
                  <Badge tone="good" icon="check">
                    {t.settled}
                  </Badge>
                )}
              </h2>
              <div className="picker steps-by">
                <Link className="button" to={here({ slot: String(at - seconds) })} aria-label={t.before}>
                  ‹
                </Link>
                {at < newest && (
                  <>
                    <Link
                      className="button"
                      to={here({ slot: at + seconds >= newest ? undefined : String(at + seconds) })}
                      aria-label={t.after}
                    >
                      ›
                    </Link>
                    <Link className="button named" to={here({ slot: undefined })}>
                      {t.newest}
                    </Link>
                  </>
                )}
              </div>
            </div>
            {mine && slot ? (
              <Slot
                place={place}
                row={mine}
                traded={slot.traded ? t.traded(energy(slot.volume), sellers, buyers) : t.notTraded}
              />
            ) : (
              <Card>
                <Empty title={t.noReading}>
                  <p>{t.noReadingText}</p>
                </Empty>
              </Card>
            )}
            <Card
              title={t.soFar(dayName(day))}
              action={
                <Link to={to("today", { day })} className="button quiet">
                  {t.more}
                </Link>
              }
            >
              <Figures>
                <Figure
                  name={t.bought}
                  value={energy(imported)}
                  hint={t.ofNeighbours(percent(local, imported))}
                />
                <Figure
                  name={t.gave}
                  value={energy(sum((row) => row.line.exportLocal + row.line.exportGrid))}
                  hint={t.toNeighboursHint(energy(sum((row) => row.line.exportLocal)))}
                />
                <Figure
                  name={strings.money(unit)}
                  value={amount(sum((row) => row.line.household))}
                  hint={t.saved(amount(sum((row) => row.line.household - row.line.gridOnly)))}
                />
              </Figures>
            </Card>
          </>
        );
      }}
    </Asked>
  );
}

function Inside({ place }: { place: Place }) {
  const newest = useNewest(place);
  const slot = useSlot(newest);
  if (newest === undefined)
    return (
      <Card>
        <Empty title={t.none}>
          <p>{t.noneText(clock(Number(place.community.next)), iso(place.community.next).slice(0, 10))}</p>
        </Empty>
      </Card>
    );
  return <Today place={place} newest={newest} slot={slot ?? newest} />;
}

export function Now() {
  return (
    <Within title={t.title} lead={t.lead} households>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
