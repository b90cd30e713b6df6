/** *Live*: demand and supply of a slot with the clearing point, what the next one waits for, the day's prices. */
import { Badge, Card, Empty, Fact, Facts } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { Link } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { Market, Prices } from "./charts";
import { type LineTold, rulesAt, type SlotTold, seatAt } from "./gathering";
import { law, lines, type Slot } from "./law";
import { clock, dayOf, day as dayWindow } from "./months";
import { SlotPicker, useSlot } from "./SlotProof";
import {
  Asked,
  cents,
  date,
  dayName,
  energy,
  iso,
  kwh,
  LOOK_MS,
  type Place,
  Proof,
  price,
  slotSpan,
  useNewest,
  useSlots,
  useTo,
  Who,
  Within,
  ZERO_ADDRESS,
} from "./shared";
import { strings } from "./strings";

const t = strings.live;

const size = (line: LineTold) => (line.net < 0n ? -line.net : line.net);

function Cross({ place, slot }: { place: Place; slot: SlotTold }) {
  const to = useTo();
  const rules = rulesAt(place.history, slot.slot)?.rules;
  const orders = slot.lines.filter((line) => line.ordered);
  const steps = (buys: boolean) =>
    orders
      .filter((line) => line.net > 0n === buys)
      .map((line) => ({ price: line.limit, quantity: size(line) }));
  const [bids, offers] = [steps(true), steps(false)];
  const total = (all: { quantity: bigint }[]) => all.reduce((sum, one) => sum + one.quantity, 0n);
  const point = slot.traded
    ? {
        wh: Number(slot.volume),
        price: Number(slot.price),
        text: t.point(energy(slot.volume), price(slot.price)),
      }
    : undefined;
  return (
    <Card
      title={t.steps}
      action={
        <Link className="button quiet" to={to("proof", { slot: String(slot.slot) })}>
          {t.check}
        </Link>
      }
    >
      <p className="muted">
        {slot.traded
          ? `${t.traded(energy(slot.volume), price(slot.price))} ${t.modes[rules?.mode ?? 0] ?? ""}`
          : t.noTrade}
      </p>
      <Market
        bids={bids}
        offers={offers}
        point={point}
        label={t.stepsLabel(
          energy(total(bids)),
          energy(total(offers)),
          slot.traded ? t.point(energy(slot.volume), price(slot.price)) : t.notTraded,
        )}
        names={{ demand: t.demand, supply: t.supply }}
        unit={{ price: t.priceUnit, energy: "Wh" }}
        show={{ price: (value) => String(value / 10_000), energy: (value) => value.toLocaleString("en-GB") }}
      />
      <Orders place={place} slot={slot} orders={orders} />
    </Card>
  );
}

function Orders({ place, slot, orders }: { place: Place; slot: SlotTold; orders: LineTold[] }) {
  const who = (line: LineTold) => seatAt(place.history, line.index, slot.slot)?.household ?? ZERO_ADDRESS;
  const sorted = [...orders].sort((a, b) => {
    if (a.net > 0n !== b.net > 0n) return a.net > 0n ? -1 : 1;
    return a.net > 0n ? Number(b.limit - a.limit) : Number(a.limit - b.limit);
  });
  return (
    <Table
      caption={t.orders}
      rows={sorted}
      id={(line) => String(line.index)}
      empty={{ title: t.ordersNone, text: t.ordersNoneText }}
      columns={[
        { head: t.home, cell: (line) => <Who value={who(line)} me={place.session?.address} />, text: who },
        {
          head: t.side,
          cell: (line) => (line.net > 0n ? t.buys : t.sells),
          text: (line) => (line.net > 0n ? t.buys : t.sells),
        },
        { head: t.limit, cell: (line) => cents(line.limit), text: (line) => cents(line.limit), right: true },
        {
          head: t.quantity,
          cell: (line) => kwh(size(line)),
          text: (line) => kwh(size(line)),
          right: true,
          wide: true,
        },
        { head: t.fill, cell: (line) => kwh(line.local), text: (line) => kwh(line.local), right: true },
        {
          head: strings.onLedger,
          cell: (line) => <Proof hash={line.transaction} what={t.home} />,
          text: (line) => line.transaction,
          wide: true,
        },
      ]}
    />
  );
}

/** The next slot: which meters have not spoken yet. */
function Next({ place }: { place: Place }) {
  const { number, community, history } = place;
  const { next } = community;
  const seconds = rulesAt(history, next)?.rules.slotSeconds ?? community.rules.slotSeconds;
  const query = useQuery({
    queryKey: ["energy", "next", String(number), String(next)],
    queryFn: async () => ({
      slot: await law<Slot>("slotOf", number, next),
      lines: await lines(number, next),
    }),
    refetchInterval: LOOK_MS,
  });
  return (
    <Card title={t.next}>
      <Asked query={query}>
        {({ slot, lines: all }) => {
          const missing = all
            .filter((line) => !line.read)
            .map((line) => seatAt(history, line.index, next)?.household)
            .filter((household) => household !== undefined);
          const over = Date.now() / 1000 >= Number(next) + seconds;
          return (
            <Facts>
              <Fact name={t.nextSlot}>
                {date(next)} {community.rehearsal && <Badge tone="plain">{t.rehearsal}</Badge>}
              </Fact>
              <Fact name={t.readings}>
                {t.readingsOf(slot.readings, community.expected)}{" "}
                {slot.readings >= community.expected && community.expected > 0 ? (
                  <Badge tone="good" icon="check">
                    {t.complete}
                  </Badge>
                ) : (
                  <Badge tone="wait" icon="clock">
                    {over ? t.missing : t.running}
                  </Badge>
                )}
              </Fact>
              {slot.readings > 0 && (
                <Fact name={t.would} hint={t.wouldHint}>
                  {slot.traded ? t.point(energy(slot.volume), price(slot.price)) : t.notTraded}
                </Fact>
              )}
              {missing.length > 0 && (
                <Fact name={t.missingFrom}>
                  <span className="badges">
                    {missing.slice(0, 12).map((household) => (
                      <Who key={household} value={household} me={place.session?.address} />
                    ))}
                    {missing.length > 12 && <span className="muted">{t.andMore(missing.length - 12)}</span>}
                  </span>
                </Fact>
              )}
            </Facts>
          );
        }}
      </Asked>
    </Card>
  );
}

function Day({ day, told }: { day: string; told: SlotTold[] }) {
  const to = useTo();
  const mean = (() => {
    const volume = told.reduce((sum, slot) => sum + slot.volume, 0n);
    return volume > 0n ? told.reduce((sum, slot) => sum + slot.volume * slot.price, 0n) / volume : undefined;
  })();
  return (
    <Card title={t.day(dayName(day))}>
      <Prices
        label={mean === undefined ? t.notTraded : t.dayLabel(price(mean))}
        unit={t.priceUnit}
        show={(value) => String(value / 10_000)}
        axis={{
          labels: told.map((slot) => clock(Number(slot.slot)).replace(/:00$/, "")),
          titles: told.map(
            (slot) =>
              `${clock(Number(slot.slot))}: ${slot.traded ? t.point(energy(slot.volume), price(slot.price)) : t.notTraded}`,
          ),
        }}
        series={[
          {
            name: t.priceName,
            look: "local",
            values: told.map((slot) => (slot.traded ? Number(slot.price) : undefined)),
          },
        ]}
      />
      <Table
        caption={t.day(dayName(day))}
        rows={told}
        id={(slot) => String(slot.slot)}
        empty={{ title: t.none, text: t.noneText }}
        columns={[
          {
            head: t.slot,
            cell: (slot) => (
              <Link to={to("live", { slot: String(slot.slot) })}>{slotSpan(slot.slot, slot.seconds)}</Link>
            ),
            text: (slot) => iso(slot.slot),
          },
          {
            head: t.price,
            cell: (slot) => (slot.traded ? cents(slot.price) : "–"),
            text: (slot) => (slot.traded ? cents(slot.price) : ""),
            right: true,
          },
          { head: t.volume, cell: (slot) => kwh(slot.volume), text: (slot) => kwh(slot.volume), right: true },
          {
            head: t.readings,
            cell: (slot) => String(slot.readings),
            text: (slot) => String(slot.readings),
            right: true,
            wide: true,
          },
          {
            head: strings.onLedger,
            cell: (slot) => <Proof hash={slot.transaction} what={slotSpan(slot.slot, slot.seconds)} />,
            text: (slot) => slot.transaction,
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

function Inside({ place }: { place: Place }) {
  const newest = useNewest(place);
  const at = useSlot(newest);
  const day = dayOf(at === undefined ? 0 : Number(at));
  const query = useSlots(place, at === undefined ? undefined : dayWindow(day));
  if (at === undefined)
    return (
      <>
        <Card>
          <Empty title={t.none}>
            <p>{t.noneText}</p>
            <code className="command">commonhold energy import profile.csv --meter meter.key</code>
          </Empty>
        </Card>
        <Next place={place} />
      </>
    );
  const seconds = rulesAt(place.history, at)?.rules.slotSeconds ?? 3600;
  return (
    <>
      <div className="bar-of-page">
        <h2>
          {dayName(day)}, {slotSpan(at, seconds)}
        </h2>
        <SlotPicker place={place} slot={at} />
      </div>
      <Asked query={query}>
        {(told) => {
          const slot = told.find((one) => one.slot === at);
          return (
            <>
              {slot ? (
                <Cross place={place} slot={slot} />
              ) : (
                <Card>
                  <Empty title={t.notCleared}>
                    <p>{t.notClearedText}</p>
                  </Empty>
                </Card>
              )}
              <Next place={place} />
              {told.length > 0 && <Day day={day} told={told} />}
            </>
          );
        }}
      </Asked>
    </>
  );
}

export function Live() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
