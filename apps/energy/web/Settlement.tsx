/** *Settlement*: which slots are cleared and settled, which are disputed, and what everybody has and is owed. */
import type { Hex } from "@commonhold/web/ledger/api";
import { Badge, Card, Fact, Facts } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { Link } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { events } from "./events";
import { rows, rulesAt, type SlotTold, seatAt } from "./gathering";
import { CLEARED, law, type Member, type Slot, several } from "./law";
import { sum } from "./market/settlement";
import { by, day as dayWindow, times } from "./months";
import {
  Asked,
  amount,
  cents,
  DayPicker,
  date,
  dayName,
  iso,
  kwh,
  LOOK_MS,
  type Place,
  Proof,
  same,
  slotSpan,
  small,
  step,
  useDay,
  useMembersOf,
  useNewest,
  useSigning,
  useSlots,
  useTo,
  useUnit,
  Who,
  Within,
  whole,
} from "./shared";
import { strings } from "./strings";

const t = strings.settlement;
/** Meters that one step settles. */
const SETTLED_AT_ONCE = 256;

/** What can be done now, by anybody. */
function Due({ place }: { place: Place }) {
  const { sign, dialog } = useSigning();
  const { number, community, history, session } = place;
  const { next, settling } = community;
  const seconds = rulesAt(history, next)?.rules.slotSeconds ?? community.rules.slotSeconds;
  const query = useQuery({
    queryKey: ["energy", "due", String(number), String(next), String(settling)],
    queryFn: async () => ({
      coming: await law<Slot>("slotOf", number, next),
      settling: settling === 0n ? undefined : await law<Slot>("slotOf", number, settling),
    }),
    refetchInterval: LOOK_MS,
  });
  return (
    <Card title={t.due}>
      <Asked query={query}>
        {({ coming, settling: now }) => (
          <>
            <Facts>
              <Fact name={t.next}>
                {date(next)} · {t.readingsOf(coming.readings, community.expected)}
              </Fact>
              <Fact name={t.settling}>
                {now ? `${date(settling)} · ${t.settledOf(now.settled, now.meters)}` : t.nothingSettling}
              </Fact>
              <Fact name={t.grace} hint={t.graceHint}>
                {t.minutes(Math.round(community.rules.graceSeconds / 60))}
              </Fact>
            </Facts>
            {session ? (
              <p className="card-actions decide">
                <button
                  type="button"
                  className="button primary"
                  disabled={
                    settling !== 0n || Date.now() / 1000 < Number(next) + seconds || coming.readings === 0
                  }
                  onClick={() =>
                    sign({
                      action: t.clear,
                      step: step("clear", number),
                      effect: <p>{t.clearEffect(date(next))}</p>,
                    })
                  }
                >
                  {t.clear}
                </button>
                <button
                  type="button"
                  className="button"
                  disabled={settling === 0n}
                  onClick={() =>
                    sign({
                      action: t.settle,
                      step: step("settle", number, SETTLED_AT_ONCE),
                      effect: <p>{t.settleEffect(date(settling))}</p>,
                    })
                  }
                >
                  {t.settle}
                </button>
              </p>
            ) : (
              <p className="muted">{t.anybody}</p>
            )}
          </>
        )}
      </Asked>
      {dialog}
    </Card>
  );
}

interface SlotRow {
  slot: bigint;
  seconds: number;
  told: SlotTold | undefined;
  state: Slot | undefined;
}

function State({ row }: { row: SlotRow }) {
  const { state } = row;
  if (!state) return <span className="muted">–</span>;
  if (state.state === CLEARED) return <Badge tone="wait">{t.states[1]}</Badge>;
  if (row.told === undefined) return <Badge tone="plain">{state.state === 2 ? t.passed : t.states[0]}</Badge>;
  return (
    <Badge tone="good" icon="check">
      {t.states[2]}
    </Badge>
  );
}

const stateWord = ({ state, told }: SlotRow) =>
  !state ? "" : state.state === 2 && !told ? t.passed : (t.states[state.state] ?? "");

function Slots({ place, day, told }: { place: Place; day: string; told: SlotTold[] }) {
  const to = useTo();
  const window = dayWindow(day);
  const seconds =
    told[0]?.seconds ?? rulesAt(place.history, BigInt(window?.from ?? 0))?.rules.slotSeconds ?? 3600;
  const all = window ? times(window, seconds) : [];
  const query = useQuery({
    queryKey: [
      "energy",
      "states",
      String(place.number),
      day,
      by(),
      String(place.community.next),
      told.length,
    ],
    queryFn: () =>
      several<Slot>(
        "slotOf",
        all.map((slot) => [place.number, slot]),
      ),
  });
  const unit = useUnit();
  return (
    <Card title={t.slots(dayName(day))}>
      <Asked query={query}>
        {(states) => {
          const list = all.map((slot, at): SlotRow => {
            const of = told.find((one) => one.slot === slot);
            return { slot, seconds, told: of, state: states[at] };
          });
          const money = (row: SlotRow) =>
            sum(row.told ? rows(place.history, [row.told]).map((one) => one.line) : []);
          return (
            <Table
              caption={t.slots(dayName(day))}
              rows={list}
              id={(row) => String(row.slot)}
              empty={{ title: t.none }}
              columns={[
                {
                  head: t.slot,
                  cell: (row) => (
                    <Link to={to("proof", { slot: String(row.slot) })}>{slotSpan(row.slot, seconds)}</Link>
                  ),
                  text: (row) => iso(row.slot),
                },
                { head: t.state, cell: (row) => <State row={row} />, text: stateWord },
                {
                  head: t.readings,
                  cell: (row) => String(row.state?.readings ?? 0),
                  text: (row) => String(row.state?.readings ?? 0),
                  right: true,
                  wide: true,
                },
                {
                  head: t.volume,
                  cell: (row) => (row.told ? kwh(row.told.volume) : "–"),
                  text: (row) => (row.told ? kwh(row.told.volume) : ""),
                  right: true,
                },
                {
                  head: t.price,
                  cell: (row) => (row.told?.traded ? cents(row.told.price) : "–"),
                  text: (row) => (row.told?.traded ? cents(row.told.price) : ""),
                  right: true,
                  wide: true,
                },
                {
                  head: t.feesOf(unit),
                  cell: (row) => (row.told ? small(-money(row).fees) : "–"),
                  text: (row) => (row.told ? whole(-money(row).fees) : ""),
                  right: true,
                  wide: true,
                },
                {
                  head: t.gridOf(unit),
                  cell: (row) => (row.told ? small(money(row).grid) : "–"),
                  text: (row) => (row.told ? whole(money(row).grid) : ""),
                  right: true,
                  wide: true,
                },
                {
                  head: strings.onLedger,
                  cell: (row) => <Proof hash={row.told?.transaction} what={slotSpan(row.slot, seconds)} />,
                  text: (row) => row.told?.transaction ?? "",
                  wide: true,
                },
              ]}
            />
          );
        }}
      </Asked>
    </Card>
  );
}

interface Owed {
  who: Hex;
  is: string;
  balance: bigint;
  statement: bigint;
}

/** What everybody has in the community, and what is between each and its supplier. */
async function accounts(place: Place, homes: Member[]): Promise<Owed[]> {
  const { number, community, history } = place;
  const roles: [Hex, string][] = [
    [community.network, t.network],
    [community.treasury, t.treasury],
    [community.levyTo, t.levyTo],
    ...history.tariffs.map(({ supplier }): [Hex, string] => [supplier, t.supplier]),
  ];
  const others = new Map<string, { who: Hex; is: Set<string> }>();
  for (const [who, is] of roles) {
    if (homes.some((home) => same(home.household, who))) continue;
    const entry = others.get(who.toLowerCase()) ?? { who, is: new Set() };
    entry.is.add(is);
    others.set(who.toLowerCase(), entry);
  }
  const list = [...others.values()];
  const found = await several<[bigint, bigint]>(
    "account",
    list.map(({ who }) => [number, who]),
  );
  return [
    ...homes.map(({ household, balance, statement }) => ({
      who: household,
      is: t.household,
      balance,
      statement,
    })),
    ...list.map(({ who, is }, at) => {
      const [balance = 0n, statement = 0n] = found[at] ?? [];
      return { who, is: [...is].join(", "), balance, statement };
    }),
  ];
}

function Accounts({ place, homes }: { place: Place; homes: Member[] }) {
  const unit = useUnit();
  const query = useQuery({
    queryKey: ["energy", "accounts", String(place.number), homes.map((home) => String(home.balance)).join()],
    queryFn: () => accounts(place, homes),
  });
  return (
    <Card title={t.owed}>
      <p className="muted">{t.owedText}</p>
      <Asked query={query}>
        {(all) => {
          const left = all.reduce((total, one) => total + one.statement, 0n);
          return (
            <>
              <Table
                caption={t.owed}
                rows={all}
                id={(one) => `${one.who}-${one.is}`}
                empty={{ title: t.none }}
                columns={[
                  {
                    head: t.who,
                    cell: (one) => <Who value={one.who} me={place.session?.address} />,
                    text: (one) => one.who,
                  },
                  { head: t.is, cell: (one) => one.is, text: (one) => one.is, wide: true },
                  {
                    head: t.has(unit),
                    cell: (one) => amount(one.balance),
                    text: (one) => whole(one.balance),
                    right: true,
                  },
                  {
                    head: t.statement(unit),
                    cell: (one) => amount(one.statement),
                    text: (one) => whole(one.statement),
                    right: true,
                  },
                ]}
              />
              <p className="balance-line">
                {t.zero(whole(left), unit)}{" "}
                {left === 0n ? (
                  <Badge tone="good" icon="check">
                    {t.balanced}
                  </Badge>
                ) : (
                  <Badge tone="bad" icon="cross">
                    {t.unbalanced}
                  </Badge>
                )}
              </p>
            </>
          );
        }}
      </Asked>
    </Card>
  );
}

interface Disputed {
  slot: bigint;
  index: number;
  by: Hex;
  net?: bigint;
}

function Disputes({ place }: { place: Place }) {
  const { number, history } = place;
  const query = useQuery({
    queryKey: ["energy", "disputes", String(number)],
    queryFn: async () => {
      const [opened, decided] = await Promise.all([
        events<Disputed>("Disputed", number),
        events<Disputed>("DisputeDecided", number),
      ]);
      return opened.toReversed().map((one) => ({
        ...one,
        decision: decided.find(
          ({ values }) => values.slot === one.values.slot && values.index === one.values.index,
        ),
      }));
    },
    refetchInterval: 2 * LOOK_MS,
  });
  return (
    <Card title={t.disputes}>
      <Asked query={query}>
        {(all) => (
          <Table
            caption={t.disputes}
            rows={all}
            id={(one) => `${one.values.slot}-${one.values.index}`}
            empty={{ title: t.disputesNone, text: t.disputesNoneText }}
            columns={[
              { head: t.slot, cell: (one) => date(one.values.slot), text: (one) => iso(one.values.slot) },
              {
                head: t.who,
                cell: (one) => (
                  <Who
                    value={seatAt(history, one.values.index, one.values.slot)?.household ?? one.values.by}
                  />
                ),
                text: (one) => String(one.values.index),
              },
              {
                head: t.state,
                cell: (one) =>
                  one.decision ? (
                    <Badge tone="good">{t.decided(kwh(one.decision.values.net ?? 0n))}</Badge>
                  ) : (
                    <Badge tone="wait">{t.undecided}</Badge>
                  ),
                text: (one) => (one.decision ? t.decided(kwh(one.decision.values.net ?? 0n)) : t.undecided),
              },
              {
                head: strings.onLedger,
                cell: (one) => <Proof hash={(one.decision ?? one).transaction} what={t.disputes} />,
                text: (one) => (one.decision ?? one).transaction,
              },
            ]}
          />
        )}
      </Asked>
    </Card>
  );
}

function Inside({ place }: { place: Place }) {
  const newest = useNewest(place);
  const day = useDay(newest ?? place.community.next);
  const told = useSlots(place, dayWindow(day));
  const homes = useMembersOf(place.number);
  return (
    <>
      <Due place={place} />
      <div className="bar-of-page">
        <h2>{dayName(day)}</h2>
        <DayPicker day={day} />
      </div>
      <Asked query={told}>{(slots) => <Slots place={place} day={day} told={slots} />}</Asked>
      <Asked query={homes}>{(all) => <Accounts place={place} homes={all} />}</Asked>
      <Disputes place={place} />
    </>
  );
}

export function Settlement() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
