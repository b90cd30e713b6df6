/** What *Today* and *Month* share: energy by source and use over time, the price beside, and a table of it. */
import { Badge, Card } from "@commonhold/web/parts/basics";
import { type Column, Table } from "@commonhold/web/parts/table";
import { Figure, Figures, Mirror, Prices } from "./charts";
import { type Line, NOTHING, sum } from "./market/settlement";
import { amount, cents, energy, kwh, percent, price, small, useUnit, whole } from "./shared";
import { strings } from "./strings";

const t = strings.usage;

/** What there is of a household in a slot or a day. */
export interface Entry {
  key: string;
  /** On the axis, and in full. */
  label: string;
  name: string;
  line: Line;
  /** What neighbours pay, as far as something was traded; what the grid costs and pays. */
  price: bigint | undefined;
  retail: bigint | undefined;
  feedIn: bigint | undefined;
}

export const empty = (key: string, label: string, name: string): Entry => ({
  key,
  label,
  name,
  line: NOTHING,
  price: undefined,
  retail: undefined,
  feedIn: undefined,
});

export function Totals({ entries }: { entries: Entry[] }) {
  const unit = useUnit();
  const all = sum(entries.map((entry) => entry.line));
  const [imported, exported] = [all.importLocal + all.importGrid, all.exportLocal + all.exportGrid];
  return (
    <Figures>
      <Figure
        name={t.imported}
        value={energy(imported)}
        hint={imported > 0n && t.fromNeighboursPart(percent(all.importLocal, imported))}
      />
      <Figure
        name={t.exported}
        value={energy(exported)}
        hint={exported > 0n && t.toNeighboursPart(percent(all.exportLocal, exported))}
      />
      <Figure
        name={all.household < 0n ? t.paid(unit) : t.got(unit)}
        value={amount(all.household < 0n ? -all.household : all.household)}
      />
      <Figure name={t.saved(unit)} value={amount(all.household - all.gridOnly)} hint={t.savedHint} />
    </Figures>
  );
}

const wh = (value: bigint) => Number(value);

export function Charts({ entries, when }: { entries: Entry[]; when: string }) {
  const all = sum(entries.map((entry) => entry.line));
  const large = entries.some((entry) => {
    const { importLocal, importGrid, exportLocal, exportGrid } = entry.line;
    return importLocal + importGrid >= 1000n || exportLocal + exportGrid >= 1000n;
  });
  const axis = {
    labels: entries.map((entry) => entry.label),
    titles: entries.map(
      ({ name, line }) =>
        `${name}: ${t.chartTitle(energy(line.importLocal), energy(line.importGrid), energy(line.exportLocal), energy(line.exportGrid))}`,
    ),
  };
  const prices = entries.flatMap((entry) => (entry.price === undefined ? [] : [Number(entry.price)]));
  return (
    <>
      <Card title={t.energyOf}>
        <Mirror
          label={t.energyLabel(
            when,
            energy(all.importLocal),
            energy(all.importGrid),
            energy(all.exportLocal),
            energy(all.exportGrid),
          )}
          unit={large ? "kWh" : "Wh"}
          show={(value) => (large ? String(value / 1000) : String(value))}
          axis={axis}
          above={[
            {
              name: t.fromNeighbours,
              look: "local",
              values: entries.map((entry) => wh(entry.line.importLocal)),
            },
            { name: t.fromGrid, look: "grid", values: entries.map((entry) => wh(entry.line.importGrid)) },
          ]}
          below={
            all.exportLocal + all.exportGrid === 0n
              ? []
              : [
                  {
                    name: t.toNeighbours,
                    look: "sold",
                    values: entries.map((entry) => wh(entry.line.exportLocal)),
                  },
                  { name: t.toGrid, look: "fed", values: entries.map((entry) => wh(entry.line.exportGrid)) },
                ]
          }
        />
        <p className="muted">{t.belowMeter}</p>
      </Card>
      <Card title={t.priceOf}>
        <Prices
          label={
            prices.length === 0
              ? t.priceNone
              : t.priceLabel(cents(Math.min(...prices)), cents(Math.max(...prices)))
          }
          unit={t.priceUnit}
          show={(value) => String(value / 10_000)}
          axis={{
            labels: axis.labels,
            titles: entries.map(
              ({ name, price: one }) => `${name}: ${one === undefined ? t.noTrade : price(one)}`,
            ),
          }}
          series={[
            { name: t.retail, look: "retail", values: entries.map((entry) => number(entry.retail)) },
            { name: t.neighbours, look: "local", values: entries.map((entry) => number(entry.price)) },
            { name: t.feedIn, look: "feedin", values: entries.map((entry) => number(entry.feedIn)) },
          ]}
        />
      </Card>
    </>
  );
}

const number = (value: bigint | undefined) => (value === undefined ? undefined : Number(value));

/** The columns that both pages have. */
export function columns<T extends Entry>(unit: string): Column<T>[] {
  const energyColumn = (head: string, of: (line: Line) => bigint, wide = false): Column<T> => ({
    head,
    cell: (entry) => (of(entry.line) === 0n ? <span className="muted">0</span> : kwh(of(entry.line))),
    text: (entry) => kwh(of(entry.line)),
    right: true,
    wide,
  });
  return [
    energyColumn(t.columns.fromNeighbours, (line) => line.importLocal),
    energyColumn(t.columns.fromGrid, (line) => line.importGrid),
    energyColumn(t.columns.toNeighbours, (line) => line.exportLocal, true),
    energyColumn(t.columns.toGrid, (line) => line.exportGrid, true),
    {
      head: t.columns.price,
      cell: (entry) => (entry.price === undefined ? <span className="muted">–</span> : cents(entry.price)),
      text: (entry) => (entry.price === undefined ? "" : cents(entry.price)),
      right: true,
      wide: true,
    },
    {
      head: strings.money(unit),
      cell: (entry) => small(entry.line.household),
      text: (entry) => whole(entry.line.household),
      right: true,
    },
  ];
}

export function Listed<T extends Entry>({
  caption,
  entries,
  first,
  last,
}: {
  caption: string;
  entries: T[];
  first: Column<T>;
  last: Column<T>[];
}) {
  const unit = useUnit();
  return (
    <Card title={caption}>
      <Table
        caption={caption}
        rows={entries}
        id={(entry) => entry.key}
        empty={{ title: t.none, text: t.noneText }}
        columns={[first, ...columns<T>(unit), ...last]}
      />
    </Card>
  );
}

export function Complete({ there, of, what }: { there: number; of: number; what: string }) {
  return there >= of ? (
    <Badge tone="good" icon="check">
      {t.complete}
    </Badge>
  ) : (
    <Badge tone="wait" icon="clock">
      {t.partly(there, of, what)}
    </Badge>
  );
}
