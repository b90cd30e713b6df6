/** *Certificates*: proofs of origin of what a household fed in, hour by hour, and what became of each. */
import type { Hex } from "@commonhold/web/ledger/api";
import { Card, Empty } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { Link } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { type Held, type Holding, held, issued } from "./certifying";
import { Figure, Figures, HeatMap } from "./charts";
import type { Member } from "./law";
import { by, dayOf, daysOf, hourOf, month as monthWindow } from "./months";
import {
  Asked,
  date,
  dayShort,
  energy,
  iso,
  kwh,
  MonthPicker,
  monthName,
  type Place,
  Proof,
  useMonth,
  useNewest,
  useTo,
  Within,
} from "./shared";
import { strings } from "./strings";

const t = strings.certificates;

/** Wh by hour and day: of what was fed in, or used where nothing was. */
function Heat({ month, hours, words }: { month: string; hours: Hour[]; words: Words }) {
  const cells = new Map<string, bigint>();
  for (const { slot, wh } of hours) {
    const key = `${dayOf(Number(slot))} ${Math.floor(hourOf(Number(slot)))}`;
    cells.set(key, (cells.get(key) ?? 0n) + wh);
  }
  const value = (day: string, hour: number) => cells.get(`${day} ${hour}`) ?? 0n;
  const total = [...cells.values()].reduce((sum, wh) => sum + wh, 0n);
  const some = new Set([...cells.keys()].map((key) => key.slice(0, 10)));
  return (
    <HeatMap
      days={daysOf(month)}
      value={(day, hour) => Number(value(day, hour))}
      label={words.label(monthName(month), energy(total), some.size)}
      title={(day, hour) => t.heatTitle(dayShort(day), hour, energy(value(day, hour)))}
      scale={{ less: t.less, more: t.more }}
    />
  );
}

type Hour = { slot: bigint; wh: bigint };
type Words = typeof t.fedIn;

const sumOf = <T,>(all: readonly T[], of: (one: T) => bigint) => all.reduce((sum, one) => sum + of(one), 0n);

function States({ all, used }: Holding) {
  const mine = all.filter((one) => one.own);
  const given = all.filter((one) => !one.own);
  const issuedOf = (one: Held) => issued(one.certificate.stock);
  return (
    <Figures>
      {mine.length > 0 && (
        <>
          <Figure name={t.issued} value={energy(sumOf(mine, issuedOf))} hint={t.issuedHint} />
          <Figure
            name={t.claimed}
            value={energy(sumOf(mine, (one) => one.certificate.stock.claimed))}
            hint={t.claimedHint}
          />
        </>
      )}
      <Figure name={t.covered} value={energy(sumOf(used, (one) => one.wh))} hint={t.coveredHint} />
      {all.length > 0 && (
        <Figure name={t.yours} value={energy(sumOf(all, (one) => one.has.active))} hint={t.yoursHint} />
      )}
      {given.length > 0 && (
        <Figure name={t.given} value={energy(sumOf(given, (one) => issued(one.has)))} hint={t.givenHint} />
      )}
    </Figures>
  );
}

function Used({ used }: { used: Holding["used"] }) {
  const to = useTo();
  return (
    <Card title={t.usedOf}>
      <Table
        caption={t.usedOf}
        rows={used}
        id={(one) => String(one.slot)}
        empty={{ title: t.none }}
        columns={[
          {
            head: t.slot,
            cell: (one) => (
              <Link to={to("proof", { slot: String(one.slot) })}>
                {date(one.slot).replace(/ \d{4},/, ",")}
              </Link>
            ),
            text: (one) => iso(one.slot),
          },
          { head: t.usedWh, cell: (one) => kwh(one.wh), text: (one) => kwh(one.wh), right: true },
          {
            head: strings.onLedger,
            cell: (one) => <Proof hash={one.transaction} what={date(one.slot)} />,
            text: (one) => one.transaction,
          },
        ]}
      />
    </Card>
  );
}

function What({ month, all, used }: Holding & { month: string }) {
  const own = all
    .filter((one) => one.own)
    .map((one) => ({ slot: one.slot, wh: issued(one.certificate.stock) }));
  const words = own.length > 0 ? t.fedIn : t.usedUp;
  return (
    <Card title={words.title}>
      <States all={all} used={used} />
      <Heat month={month} hours={own.length > 0 ? own : used} words={words} />
    </Card>
  );
}

function Inside({ place, me, who }: { place: Place; me: Member | undefined; who: Hex }) {
  const newest = useNewest(place);
  const month = useMonth(newest);
  const to = useTo();
  const window = monthWindow(month);
  const query = useQuery({
    queryKey: ["energy", "certificates", String(place.number), who, month, by()],
    queryFn: () =>
      window ? held(place, window, who, me?.index) : Promise.resolve<Holding>({ all: [], used: [] }),
  });
  return (
    <>
      <div className="bar-of-page">
        <h2>{monthName(month)}</h2>
        <MonthPicker month={month} />
      </div>
      <Asked query={query}>
        {({ all, used }) =>
          all.length === 0 && used.length === 0 ? (
            <Card>
              <Empty title={t.none}>
                <p>{t.noneText}</p>
              </Empty>
            </Card>
          ) : (
            <>
              <What month={month} all={all} used={used} />
              {used.length > 0 && <Used used={used} />}
              <Card title={t.all}>
                <Table
                  caption={t.all}
                  rows={all}
                  id={(one) => `${one.slot}/${one.index}`}
                  empty={{ title: t.allNone, text: t.allNoneText }}
                  columns={[
                    {
                      head: t.slot,
                      cell: (one) => (
                        <Link to={to(`certificates/${one.slot}/${one.index}`)}>
                          {date(one.slot).replace(/ \d{4},/, ",")}
                        </Link>
                      ),
                      text: (one) => iso(one.slot),
                    },
                    {
                      head: t.whose,
                      cell: (one) => (one.own ? t.own : t.received),
                      text: (one) => (one.own ? t.own : one.certificate.household),
                      wide: true,
                    },
                    {
                      head: t.issuedWh,
                      cell: (one) => kwh(issued(one.certificate.stock)),
                      text: (one) => kwh(issued(one.certificate.stock)),
                      right: true,
                    },
                    {
                      head: t.claimedWh,
                      cell: (one) => kwh(one.certificate.stock.claimed),
                      text: (one) => kwh(one.certificate.stock.claimed),
                      right: true,
                      wide: true,
                    },
                    {
                      head: t.yoursWh,
                      cell: (one) => kwh(one.has.active),
                      text: (one) => kwh(one.has.active),
                      right: true,
                    },
                    {
                      head: t.expires,
                      cell: (one) => date(one.certificate.expires).replace(/, .*/, ""),
                      text: (one) => iso(one.certificate.expires),
                      wide: true,
                    },
                    {
                      head: strings.onLedger,
                      cell: (one) => <Proof hash={one.transaction} what={date(one.slot)} />,
                      text: (one) => one.transaction,
                      wide: true,
                    },
                  ]}
                />
              </Card>
            </>
          )
        }
      </Asked>
    </>
  );
}

export function Certificates() {
  return (
    <Within title={t.title} lead={t.lead} households>
      {(place) => place.session && <Inside place={place} me={place.me} who={place.session.address} />}
    </Within>
  );
}
