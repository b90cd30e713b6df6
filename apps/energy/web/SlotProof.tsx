/** *Proof*: any slot recomputed in the browser, line by line beside what the ledger says. */
import type { Hex } from "@commonhold/web/ledger/api";
import { Badge, Card, Empty } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { go, here, Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { rulesAt } from "./gathering";
import { SETTLED } from "./law";
import { clock, dayOf, day as dayWindow, times } from "./months";
import { type Check, type ProofLine, type Proved, prove } from "./proving";
import {
  Asked,
  cents,
  DayPicker,
  date,
  dayName,
  energy,
  kwh,
  type Place,
  Proof,
  price,
  same,
  slotSpan,
  small,
  useNewest,
  useTo,
  useUnit,
  Who,
  Within,
  whole,
} from "./shared";
import { strings } from "./strings";

const t = strings.proof;

/** A check's two sides as people read them. */
function side({ what }: Check, value: string): string {
  if (value === "–" || what === "greatest") return value;
  if (what === "price") return price(BigInt(value));
  if (what === "bounds")
    return value
      .split(" to ")
      .map((one) => price(BigInt(one)))
      .join(` ${t.to} `);
  if (what === "volume" || what === "shares") return energy(BigInt(value));
  if (what === "money") return small(BigInt(value));
  if (what === "key") return format.short(value);
  return format.count(BigInt(value));
}

function Agrees({ is }: { is: boolean }) {
  return is ? (
    <Badge tone="good" icon="check">
      {t.agrees}
    </Badge>
  ) : (
    <Badge tone="bad" icon="cross">
      {t.differs}
    </Badge>
  );
}

function Verdict({ proved, place }: { proved: Proved; place: Place }) {
  const to = useTo();
  const { told, lines, agrees, state } = proved;
  const mine = lines.find(
    (line) => line.household && place.session && same(line.household, place.session.address),
  );
  const word = agrees ? t.yes : state === SETTLED ? t.no : t.waits;
  return (
    <section
      className={`card verdict ${agrees ? "good" : state === SETTLED ? "bad" : "wait"}`}
      aria-label={t.verdict}
    >
      <h2>{word}</h2>
      <p>
        {agrees
          ? t.yesText(lines.length, told.traded ? price(told.price) : undefined, energy(told.volume))
          : state === SETTLED
            ? t.noText
            : t.waitsText}
      </p>
      {mine && (
        <p className="muted">
          {mine.net > 0n
            ? t.youBought(energy(mine.net), energy(mine.fill[1]))
            : t.youGave(energy(-mine.net), energy(mine.fill[1]))}
        </p>
      )}
      <p className="card-actions">
        <Link className="button" to={to("live", { slot: String(told.slot) })}>
          {t.market}
        </Link>
        <Link className="button" to={`/transactions/${told.transaction}`}>
          {t.cleared}
        </Link>
      </p>
    </section>
  );
}

function Checks({ checks }: { checks: Check[] }) {
  return (
    <Card title={t.checks}>
      <Table
        caption={t.checks}
        rows={checks}
        id={(check) => check.what}
        empty={{ title: t.none }}
        columns={[
          {
            head: t.what,
            cell: (check) => (
              <span className="check-name">
                {t.names[check.what]}
                <span className="why">{t.hints[check.what]}</span>
              </span>
            ),
            text: (check) => t.names[check.what],
          },
          {
            head: t.ledger,
            cell: (check) => side(check, check.told),
            text: (check) => check.told,
            right: true,
            wide: true,
          },
          {
            head: t.browser,
            cell: (check) => side(check, check.found),
            text: (check) => check.found,
            right: true,
          },
          {
            head: t.result,
            cell: (check) => <Agrees is={check.agrees} />,
            text: (check) => (check.agrees ? t.agrees : t.differs),
          },
        ]}
      />
    </Card>
  );
}

/** Both sides where they differ, one where they are the same. */
function Both({
  pair,
  show,
}: {
  pair: [bigint | undefined, bigint | undefined];
  show: (value: bigint) => string;
}) {
  const [told, found] = pair.map((value) => (value === undefined ? "–" : show(value)));
  if (pair[0] === pair[1]) return <>{told}</>;
  return (
    <span className="error">
      {told} ≠ {found}
    </span>
  );
}

/** A number, and where it stands on the ledger. */
function Entry({ hash, children }: { hash: Hex | undefined; children: ReactNode }) {
  return hash ? <Link to={`/transactions/${hash}`}>{children}</Link> : children;
}

function Lines({ lines, place }: { lines: ProofLine[]; place: Place }) {
  const unit = useUnit();
  const pair = ([told, found]: [bigint | undefined, bigint | undefined], show: (value: bigint) => string) =>
    [told, found].map((value) => (value === undefined ? "" : show(value))).join(" / ");
  return (
    <Card title={t.lines}>
      <p className="muted">{t.linesText}</p>
      <Table
        caption={t.lines}
        rows={lines}
        id={(line) => String(line.index)}
        empty={{ title: t.noReadings }}
        columns={[
          {
            head: t.home,
            cell: (line) =>
              line.household ? (
                <Who value={line.household} me={place.session?.address} />
              ) : (
                String(line.index)
              ),
            text: (line) => line.household ?? String(line.index),
          },
          {
            head: t.read,
            cell: (line) => <Entry hash={line.reading}>{kwh(line.net)}</Entry>,
            text: (line) => kwh(line.net),
            right: true,
          },
          {
            head: t.limit,
            cell: (line) => <Both pair={line.limit} show={cents} />,
            text: (line) => pair(line.limit, cents),
            right: true,
            wide: true,
          },
          {
            head: t.fill,
            cell: (line) => <Both pair={line.fill} show={kwh} />,
            text: (line) => pair(line.fill, kwh),
            right: true,
          },
          {
            head: t.account(unit),
            cell: (line) => <Both pair={line.prepaid} show={small} />,
            text: (line) => pair(line.prepaid, whole),
            right: true,
            wide: true,
          },
          {
            head: t.supplier(unit),
            cell: (line) => <Both pair={line.statement} show={small} />,
            text: (line) => pair(line.statement, whole),
            right: true,
            wide: true,
          },
          {
            head: t.result,
            cell: (line) => <Agrees is={line.agrees} />,
            text: (line) => (line.agrees ? t.agrees : t.differs),
            wide: true,
          },
          {
            head: strings.onLedger,
            cell: (line) => <Proof hash={line.transaction} what={t.settled} />,
            text: (line) => `${line.reading ?? ""} ${line.transaction ?? ""}`,
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

/** Which slot: a day, and one of its slots. */
export function SlotPicker({ place, slot }: { place: Place; slot: bigint }) {
  const id = useId();
  const day = dayOf(Number(slot));
  const seconds = rulesAt(place.history, slot)?.rules.slotSeconds ?? 3600;
  const window = dayWindow(day);
  const all = window ? times(window, seconds) : [];
  /** The same hour of another day. */
  const at = Number(slot) - (window?.from ?? 0);
  const to = (other: string) => {
    const begun = (dayWindow(other)?.from ?? Number(slot)) + at;
    return here({ slot: String(Math.round(begun / seconds) * seconds) });
  };
  return (
    <div className="pickers">
      <DayPicker day={day} to={to} />
      <label className="sr" htmlFor={id}>
        {t.slot}
      </label>
      <select id={id} value={String(slot)} onChange={(event) => go(here({ slot: event.target.value }))}>
        {all.map((one) => (
          <option key={String(one)} value={String(one)}>
            {clock(Number(one))}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The slot that the address names, else the newest that was cleared. */
export function useSlot(newest: bigint | undefined): bigint | undefined {
  const named = useQueryParam("slot");
  return named && /^\d{1,12}$/.test(named) ? BigInt(named) : newest;
}

function Inside({ place }: { place: Place }) {
  const newest = useNewest(place);
  const slot = useSlot(newest);
  const to = useTo();
  const query = useQuery({
    queryKey: ["energy", "proof", String(place.number), String(slot), place.history.limits.length],
    queryFn: async () => (slot === undefined ? null : ((await prove(place, slot)) ?? null)),
    enabled: slot !== undefined,
  });
  if (slot === undefined)
    return (
      <Card>
        <Empty title={t.nothing}>
          <p>{t.nothingText}</p>
        </Empty>
      </Card>
    );
  const seconds = rulesAt(place.history, slot)?.rules.slotSeconds ?? 3600;
  return (
    <>
      <div className="bar-of-page">
        <h2>
          {dayName(dayOf(Number(slot)))}, {slotSpan(slot, seconds)}
        </h2>
        <SlotPicker place={place} slot={slot} />
      </div>
      <Asked query={query}>
        {(proved) =>
          proved ? (
            <>
              <Verdict proved={proved} place={place} />
              <Checks checks={proved.checks} />
              <Lines lines={proved.lines} place={place} />
            </>
          ) : (
            <Card>
              <Empty title={t.notCleared}>
                <p>{t.notClearedText(date(place.community.next))}</p>
                <Link className="button" to={to("proof")}>
                  {t.toNewest}
                </Link>
              </Empty>
            </Card>
          )
        }
      </Asked>
    </>
  );
}

export function SlotProof() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
