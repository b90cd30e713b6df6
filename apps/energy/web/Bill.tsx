/** *Bill*: a household's month in money: the sum of its slots, rounded once. */
import { Badge, Card, Empty, Fact, Facts } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { Table } from "@commonhold/web/parts/table";
import { Link } from "@commonhold/web/shell/router";
import { csv, save } from "@commonhold/web/text/csv";
import { Figure, Figures } from "./charts";
import { type Note, notes, type Row, rows, type SlotTold } from "./gathering";
import { type Line, round, sum } from "./market/settlement";
import { month as monthWindow } from "./months";
import {
  Asked,
  amount,
  cents,
  date,
  energy,
  iso,
  kwh,
  MonthPicker,
  monthName,
  type Place,
  Proof,
  slotSpan,
  small,
  useMonth,
  useNewest,
  useSlots,
  useTo,
  useUnit,
  Within,
  whole,
} from "./shared";
import { strings } from "./strings";

const t = strings.bill;

interface Sum {
  all: Line;
  /** Whether the ledger posted what the rules say, slot by slot, and the sum of it is the bill. */
  holds: boolean;
  /** What corrections come to, and would with the grid alone. */
  corrected: bigint;
}

/** The bill of these slots, and whether it is what the ledger posted. */
export function reckon(told: readonly SlotTold[], mine: readonly Row[], corrections: readonly Note[]): Sum {
  const corrected = corrections.reduce((all, note) => all + note.statement, 0n);
  const alone = corrections.reduce((all, note) => all + note.gridOnly, 0n);
  const slots = sum(mine.map((row) => row.line));
  const posted = told
    .flatMap((slot) => slot.lines)
    .reduce((all, line) => all + line.prepaid + line.statement, 0n);
  const all = {
    ...slots,
    grid: slots.grid + corrected,
    household: slots.household + corrected,
    gridOnly: slots.gridOnly + alone,
  };
  return { all, holds: posted === slots.household && mine.every((row) => row.asPosted), corrected };
}

/** The whole bill as a file: its slots to the billionth, and the sum below. */
function file(mine: readonly Row[], { all }: Sum, unit: string): string {
  const line = (one: Line) => [
    ...[one.importLocal, one.importGrid, one.exportLocal, one.exportGrid].map(String),
    ...[one.local, one.fees, one.grid, one.household, one.gridOnly].map(whole),
  ];
  return csv(t.file(unit), [
    ...mine.map((row) => [iso(row.slot), row.price === undefined ? "" : cents(row.price), ...line(row.line)]),
    [t.total, "", ...line(all)],
  ]);
}

function Lines({ all, corrected, unit }: Sum & { unit: string }) {
  const rowOf = (name: string, wh: bigint | undefined, nano: bigint) => ({ name, wh, nano });
  const table = [
    rowOf(t.energyLocal, all.importLocal + all.exportLocal, all.local),
    rowOf(t.fees, undefined, all.fees),
    rowOf(t.grid, all.importGrid + all.exportGrid, all.grid - corrected),
    ...(corrected === 0n ? [] : [rowOf(t.corrections, undefined, corrected)]),
    rowOf(t.total, undefined, all.household),
  ];
  return (
    <Table
      caption={t.parts}
      rows={table}
      id={(row) => row.name}
      empty={{ title: t.none }}
      columns={[
        {
          head: t.part,
          cell: (row) => (row.name === t.total ? <strong>{row.name}</strong> : row.name),
          text: (row) => row.name,
        },
        {
          head: t.energy,
          cell: (row) => (row.wh === undefined ? "" : energy(row.wh)),
          text: (row) => (row.wh === undefined ? "" : String(row.wh)),
          right: true,
        },
        {
          head: strings.money(unit),
          cell: (row) => (row.name === t.total ? <strong>{amount(row.nano)}</strong> : small(row.nano)),
          text: (row) => whole(row.nano),
          right: true,
        },
      ]}
    />
  );
}

function Whole({ place, month, told }: { place: Place; month: string; told: SlotTold[] }) {
  const unit = useUnit();
  const to = useTo();
  const mine = rows(place.history, told);
  const corrections = notes(place.history, told);
  const bill = reckon(told, mine, corrections);
  const { all } = bill;
  const total = round(all.household);
  const saved = all.household - all.gridOnly;
  const part = all.gridOnly < 0n ? ` (${((Number(saved) / -Number(all.gridOnly)) * 100).toFixed(1)} %)` : "";
  return (
    <>
      <Card
        title={t.of(monthName(month))}
        action={
          bill.holds ? (
            <Badge tone="good" icon="check">
              {t.holds(mine.length)}
            </Badge>
          ) : (
            <Badge tone="bad" icon="cross">
              {t.holdsNot}
            </Badge>
          )
        }
      >
        <Figures>
          <Figure
            name={all.household <= 0n ? t.toPay(unit) : t.toGet(unit)}
            value={amount(all.household < 0n ? -all.household : all.household)}
            hint={t.rounded}
          />
          <Figure
            name={all.gridOnly <= 0n ? t.wouldPay(unit) : t.wouldGet(unit)}
            value={amount(all.gridOnly < 0n ? -all.gridOnly : all.gridOnly)}
            hint={t.gridOnlyHint}
          />
          <Figure name={t.saved(unit)} value={`${amount(saved)}${part}`} />
        </Figures>
        <Lines {...bill} unit={unit} />
        <div className="after-table">
          <Facts>
            <Fact name={t.fromAccount} hint={t.fromAccountHint}>
              {amount(all.household - all.grid)} {unit}
            </Fact>
            <Fact name={t.withSupplier} hint={t.withSupplierHint}>
              {amount(all.grid)} {unit}
            </Fact>
            <Fact name={t.exactly} hint={t.exactlyHint}>
              {t.exact(whole(all.household), amount(all.household), whole(total.rest), unit)}
            </Fact>
          </Facts>
        </div>
        <p className="card-actions">
          <button
            type="button"
            className="button"
            onClick={() => save(`bill-${month}.csv`, file(mine, bill, unit), "text/csv")}
          >
            <Icon name="download" /> {t.download}
          </button>
          <Link className="button" to={to("proof", { slot: String(mine.at(-1)?.slot ?? "") })}>
            {t.check}
          </Link>
        </p>
      </Card>
      <Card title={t.slots}>
        <Table
          caption={t.slots}
          rows={mine}
          id={(row) => String(row.slot)}
          empty={{ title: t.none, text: t.noneText }}
          columns={[
            {
              head: t.time,
              cell: (row) => (
                <Link to={to("proof", { slot: String(row.slot) })}>
                  {date(row.slot).replace(/ \d{4},/, ",")}
                </Link>
              ),
              text: (row) => iso(row.slot),
            },
            { head: t.net, cell: (row) => kwh(row.net), text: (row) => kwh(row.net), right: true },
            {
              head: t.traded,
              cell: (row) => kwh(row.line.importLocal + row.line.exportLocal),
              text: (row) => kwh(row.line.importLocal + row.line.exportLocal),
              right: true,
              wide: true,
            },
            {
              head: t.price,
              cell: (row) => (row.price === undefined ? "–" : cents(row.price)),
              text: (row) => (row.price === undefined ? "" : cents(row.price)),
              right: true,
              wide: true,
            },
            {
              head: t.withNeighbours,
              cell: (row) => small(row.line.local + row.line.fees),
              text: (row) => whole(row.line.local + row.line.fees),
              right: true,
              wide: true,
            },
            {
              head: t.withGrid,
              cell: (row) => small(row.line.grid),
              text: (row) => whole(row.line.grid),
              right: true,
              wide: true,
            },
            {
              head: strings.money(unit),
              cell: (row) => small(row.line.household),
              text: (row) => whole(row.line.household),
              right: true,
            },
            {
              head: strings.onLedger,
              cell: (row) => <Proof hash={row.transaction} what={slotSpan(row.slot, row.seconds)} />,
              text: (row) => row.transaction,
              wide: true,
            },
          ]}
        />
      </Card>
      {corrections.length > 0 && <Corrections corrections={corrections} unit={unit} />}
    </>
  );
}

function Corrections({ corrections, unit }: { corrections: Note[]; unit: string }) {
  return (
    <Card title={t.corrections}>
      <p className="muted">{t.correctionsText}</p>
      <Table
        caption={t.corrections}
        rows={corrections}
        id={(note) => note.transaction + String(note.slot)}
        empty={{ title: t.none }}
        columns={[
          { head: t.time, cell: (note) => date(note.slot), text: (note) => iso(note.slot) },
          { head: t.before, cell: (note) => kwh(note.before), text: (note) => kwh(note.before), right: true },
          { head: t.now, cell: (note) => kwh(note.net), text: (note) => kwh(note.net), right: true },
          {
            head: strings.money(unit),
            cell: (note) => small(note.statement),
            text: (note) => whole(note.statement),
            right: true,
          },
          {
            head: strings.onLedger,
            cell: (note) => <Proof hash={note.transaction} what={date(note.slot)} />,
            text: (note) => note.transaction,
          },
        ]}
      />
    </Card>
  );
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
        {(told) =>
          told.some((slot) => slot.lines.length > 0) ? (
            <Whole place={place} month={month} told={told} />
          ) : (
            <Card>
              <Empty title={t.none}>
                <p>{t.noneText}</p>
                {newest !== undefined && (
                  <Link className="button" to={to("bill")}>
                    {t.toNewest}
                  </Link>
                )}
              </Empty>
            </Card>
          )
        }
      </Asked>
    </>
  );
}

export function Bill() {
  return (
    <Within title={t.title} lead={t.lead} households>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
