/** What the pages of energy share: which community and when, amounts in words, and where a step is signed. */
import { type Session, useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { view } from "@commonhold/web/ledger/modules";
import { useName } from "@commonhold/web/ledger/names";
import { SignedOut as OfNobody } from "@commonhold/web/parts/application";
import { Address, Asked, Empty, Loading, Problem, Title } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { useSigning as signing } from "@commonhold/web/parts/steps";
import { go, here, Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { events } from "./events";
import { type History, history, type SlotTold, slots } from "./gathering";
import { COMMUNITIES_MAX, type Community, law, type Member, members, several } from "./law";
import { CENT, round } from "./market/settlement";
import * as months from "./months";
import { strings } from "./strings";

export { Asked };

/** Milliseconds between two looks at what others may change. */
export const LOOK_MS = 5_000;
/** Rows of one page of a list. */
export const SIZE = 25;

export const ZERO_ADDRESS = `0x${"0".repeat(40)}` as const;
export const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
export const iso = (seconds: number | bigint) => new Date(Number(seconds) * 1000).toISOString();

const exact = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
// These print dates whose UTC parts are those of the community's clock.
const longDay = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const longMonth = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  weekday: "short",
  day: "numeric",
  month: "short",
});

/** A time to the minute; what no calendar prints, as it is. */
export function date(seconds: number | bigint): string {
  const made = new Date(Number(seconds) * 1000);
  return Number.isNaN(made.getTime()) || made.getUTCFullYear() > 9999
    ? format.date(Number(seconds) * 1000)
    : exact.format(made);
}

const begin = (window: months.Window | undefined) => months.local(window?.from ?? 0);
export const dayName = (day: string) => longDay.format(begin(months.day(day)));
export const dayShort = (day: string) => shortDay.format(begin(months.day(day)));
export const monthName = (month: string) => longMonth.format(begin(months.month(month)));

/** `13:00 to 14:00`. */
export const slotSpan = (slot: bigint | number, seconds: number) =>
  strings.fromTo(months.clock(Number(slot)), months.clock(Number(slot) + seconds));

/** `420 Wh`, `12.4 kWh`. */
export function energy(wh: bigint | number): string {
  const value = Number(wh);
  if (Math.abs(value) < 1_000) return `${format.count(Math.round(value))} Wh`;
  const kwh = value / 1_000;
  return `${kwh.toLocaleString("en-GB", { maximumFractionDigits: Math.abs(kwh) < 100 ? 1 : 0 })} kWh`;
}

/** Wh as kWh, to the Wh, for tables. */
export const kwh = (wh: bigint): string => `${(Number(wh) / 1000).toFixed(3)}`;

/** Hundredths of a unit for a kWh: `28.00 ct`. */
export const cents = (micro: bigint | number): string => (Number(micro) / 10_000).toFixed(2);
export const price = (micro: bigint | number): string => `${cents(micro)} ct`;

/** An amount to the cent, rounded once. */
export function amount(nano: bigint): string {
  const { cents: all } = round(nano);
  const size = all < 0n ? -all : all;
  const sign = all < 0n ? "−" : "";
  return `${sign}${format.count(size / 100n)}.${String(size % 100n).padStart(2, "0")}`;
}

/** The same to a hundredth of a cent, for single slots. */
export function small(nano: bigint): string {
  const size = nano < 0n ? -nano : nano;
  const parts = (size * 100n + CENT / 2n) / CENT;
  return `${nano < 0n && parts > 0n ? "−" : ""}${format.count(parts / 10_000n)}.${String(parts % 10_000n).padStart(4, "0")}`;
}

/** An amount with all its nine places, for files. */
export function whole(nano: bigint): string {
  const size = (nano < 0n ? -nano : nano).toString().padStart(10, "0");
  return `${nano < 0n ? "-" : ""}${size.slice(0, -9)}.${size.slice(-9)}`;
}

/** What money is called here. */
export function useUnit(): string {
  const { data } = useQuery({
    queryKey: ["token", "symbol"],
    queryFn: () => view<string>("token", "symbol"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ? plain(data, 12) : "";
}

/** A part of a whole as a percentage without places; nothing of nothing is nothing. */
export const percent = (part: bigint, all: bigint): string =>
  all === 0n ? "–" : `${Math.round((Number(part) / Number(all)) * 100)} %`;

/** A community as it is now, and who looks at it. */
export interface Place {
  number: bigint;
  community: Community;
  history: History;
  session: Session | undefined;
  /** The reader's own place in it, where there is one. */
  me: Member | undefined;
  isManager: boolean;
}

interface Found {
  number: bigint;
  community: Community;
  me: Member | undefined;
}

/** The newest communities, and what the reader is in each of them. */
async function communities(who: Hex | undefined): Promise<Found[]> {
  const total = await law<bigint>("communities");
  const first = total > BigInt(COMMUNITIES_MAX) ? total - BigInt(COMMUNITIES_MAX) + 1n : 1n;
  const numbers: bigint[] = [];
  for (let number = first; number <= total; number += 1n) numbers.push(number);
  const [entries, mine] = await Promise.all([
    several<Community>(
      "community",
      numbers.map((number) => [number]),
    ),
    who
      ? several<Member>(
          "member",
          numbers.map((number) => [number, who]),
        )
      : [],
  ]);
  return numbers.flatMap((number, at) => {
    const community = entries[at];
    return community ? [{ number, community, me: mine[at] }] : [];
  });
}

export function useCommunities() {
  const session = useSession();
  return useQuery({
    queryKey: ["energy", "communities", session?.address],
    queryFn: () => communities(session?.address),
    refetchInterval: LOOK_MS,
  });
}

/** The one that the address names; else the reader's own, the one that they manage, the newest. */
export function chosen(all: Found[], named: string | undefined, who: Hex | undefined): Found | undefined {
  const byNumber = all.find((one) => String(one.number) === named);
  const own = all.findLast((one) => one.me && one.me.leaves === 0n) ?? all.findLast((one) => one.me);
  const managed = all.findLast((one) => who && same(one.community.manager, who));
  return byNumber ?? own ?? managed ?? all.at(-1);
}

/** A page of energy of this application, in the same community. */
export function useTo(): (path: string, params?: Record<string, string>) => string {
  const community = useQueryParam("community");
  const offset = useQueryParam("offset");
  return (path, params = {}) => {
    const kept = { ...(community ? { community } : {}), ...(offset ? { offset } : {}) };
    const query = new URLSearchParams({ ...kept, ...params }).toString();
    return `/energy/${path}${query ? `?${query}` : ""}`;
  };
}

function Picker({ all, at }: { all: Found[]; at: Found }) {
  const id = useId();
  if (all.length < 2) return null;
  return (
    <div className="picker">
      <label htmlFor={id}>{strings.community}</label>
      <select
        id={id}
        value={String(at.number)}
        onChange={(event) => go(here({ community: event.target.value, slot: undefined, day: undefined }))}
      >
        {all.map(({ number, community }) => (
          <option key={String(number)} value={String(number)}>
            {plain(community.name, 40)} ({String(number)})
          </option>
        ))}
      </select>
    </div>
  );
}

export function useHistory(number: bigint | undefined) {
  return useQuery({
    queryKey: ["energy", "history", String(number)],
    queryFn: () => history(number ?? 0n),
    enabled: number !== undefined,
    refetchInterval: 3 * LOOK_MS,
  });
}

/** A page within a community: for its households, or for anybody. */
export function Within({
  title,
  lead,
  households,
  children,
}: {
  title: string;
  lead: string;
  /** Only for who has a place in it. */
  households?: boolean;
  children: (place: Place) => ReactNode;
}) {
  const session = useSession();
  const named = useQueryParam("community");
  const query = useCommunities();
  const found = query.data && chosen(query.data, named, session?.address);
  const past = useHistory(found?.number);
  const t = strings.within;
  const inside = () => {
    if (households && !session) return <SignedOut />;
    if (!found)
      return (
        <Nothing
          title={t.none}
          text={t.noneText}
          command="commonhold energy community create 'Sunny Street' …"
        />
      );
    if (households && !found.me)
      return (
        <Nothing
          title={t.notMember(plain(found.community.name, 60))}
          text={t.notMemberText}
          command="commonhold energy join --meter meter.key …"
        />
      );
    const isManager = session !== undefined && same(found.community.manager, session.address);
    return <Asked query={past}>{(history) => children({ ...found, history, session, isManager })}</Asked>;
  };
  return (
    <>
      <Title text={title}>{found && query.data && <Picker all={query.data} at={found} />}</Title>
      <p className="lead">
        {lead}
        {found && (
          <span className="community-name"> {strings.inCommunity(plain(found.community.name, 60))}</span>
        )}
      </p>
      {query.data ? (
        inside()
      ) : query.error ? (
        <Problem error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Loading />
      )}
    </>
  );
}

export function Nothing({ title, text, command }: { title: string; text: string; command?: string }) {
  return (
    <section className="card">
      <Empty title={title}>
        <p>{text}</p>
        {command && <code className="command">{command}</code>}
      </Empty>
    </section>
  );
}

export const SignedOut = () => <OfNobody words={strings.signIn} />;

/** The newest slot that was cleared; nothing before the first. */
export function useNewest({ number, community }: Place): bigint | undefined {
  const { data } = useQuery({
    queryKey: ["energy", "newest", String(number), String(community.next)],
    queryFn: async () => (await newestOf(number, community)) ?? null,
  });
  return data ?? undefined;
}

async function newestOf(number: bigint, community: Community): Promise<bigint | undefined> {
  // Slots in which nothing was read are passed over: what was cleared last is looked for a day at a time.
  const step = Math.min(900, community.rules.slotSeconds);
  for (let days = 0; days < 32; days += 1) {
    const to = Number(community.next) - days * 86_400;
    const told = await events<{ slot: bigint }>(
      "Cleared",
      number,
      months.times({ from: to - 86_400, to }, step),
    );
    const last = told.at(-1);
    if (last) return last.values.slot;
  }
  return undefined;
}

/** The slots of a window, with everybody's lines or those of one place. */
export function useSlots({ number, history }: Place, window: months.Window | undefined, index?: number) {
  return useQuery({
    queryKey: ["energy", "slots", String(number), window?.from, window?.to, index],
    queryFn: () => (window ? slots(number, history, window, index) : Promise.resolve<SlotTold[]>([])),
    enabled: window !== undefined,
    refetchInterval: 2 * LOOK_MS,
  });
}

/** Everybody who has a place. */
export function useMembersOf(number: bigint) {
  return useQuery({
    queryKey: ["energy", "members", String(number)],
    queryFn: () => members(number),
    refetchInterval: 2 * LOOK_MS,
  });
}

interface Stepper {
  kind: "date" | "month";
  label: string;
  value: string;
  /** Where another one is. */
  to: (value: string) => string;
  after: (value: string, by: number) => string;
  valid: (value: string) => boolean;
}

/** Offsets that some place on Earth goes by. */
const OFFSETS = [
  ...Array.from({ length: 27 }, (_, at) => (at - 12) * 60),
  ...[-570, -210, -150, 210, 270, 330, 345, 390, 570, 630, 765],
]
  .sort((a, b) => a - b)
  .map((minutes) => {
    const size = Math.abs(minutes);
    const two = (number: number) => String(number).padStart(2, "0");
    return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  });

/** By which clock days and months go: said beside every one of them, and chosen there. */
function Clock() {
  const named = useQueryParam("offset") ?? months.OFFSET;
  const id = useId();
  return (
    <span className="picker">
      <label className="muted" htmlFor={id}>
        {strings.pick.offset}
      </label>
      <select
        id={id}
        value={OFFSETS.includes(named) ? named : months.OFFSET}
        onChange={(event) => {
          const { value } = event.target;
          go(here({ offset: value === months.OFFSET ? undefined : value, page: undefined }), true);
        }}
      >
        {OFFSETS.map((one) => (
          <option key={one} value={one}>
            {strings.pick.utc(one)}
          </option>
        ))}
      </select>
    </span>
  );
}

function StepBy({ kind, label, value, to, after, valid }: Stepper) {
  const id = useId();
  const t = strings.pick;
  return (
    <div className="picker">
      <span className="picker steps-by">
        <Link className="button" to={to(after(value, -1))} aria-label={t.before[kind]}>
          ‹
        </Link>
        <label className="sr" htmlFor={id}>
          {label}
        </label>
        <input
          id={id}
          type={kind}
          value={value}
          onChange={(event) => valid(event.target.value) && go(to(event.target.value), true)}
        />
        <Link className="button" to={to(after(value, 1))} aria-label={t.after[kind]}>
          ›
        </Link>
      </span>
      <Clock />
    </div>
  );
}

const toDay = (day: string) => here({ day, page: undefined });
const toMonth = (month: string) => here({ month, page: undefined });

export function DayPicker({ day, to = toDay }: { day: string; to?: (day: string) => string }) {
  const valid = (value: string) => months.day(value) !== undefined;
  return (
    <StepBy kind="date" label={strings.pick.day} value={day} to={to} after={months.dayAfter} valid={valid} />
  );
}

export function MonthPicker({ month }: { month: string }) {
  const valid = (value: string) => months.month(value) !== undefined;
  const after = months.monthAfter;
  return (
    <StepBy kind="month" label={strings.pick.month} value={month} to={toMonth} after={after} valid={valid} />
  );
}

/** The day that the address names, else the newest that there is something of, else today. */
export function useDay(newest: bigint | undefined): string {
  const named = useQueryParam("day");
  if (named && months.day(named)) return named;
  return months.dayOf(newest === undefined ? Date.now() / 1000 : Number(newest));
}

export function useMonth(newest: bigint | undefined): string {
  const named = useQueryParam("month");
  if (named && months.month(named)) return named;
  return months.monthOf(newest === undefined ? Date.now() / 1000 : Number(newest));
}

/** A name where there is one, else a short address: for sentences. */
export function useCalled(address: string): string {
  const named = useName(/^0x[0-9a-fA-F]{40}$/.test(address) ? address : ZERO_ADDRESS);
  return named ? plain(named.name, 40) : format.short(address);
}

/** Who it is, with a link. */
export function Who({ value, me }: { value: string; me?: string | undefined }) {
  if (me && same(value, me)) return <span className="who">{strings.you}</span>;
  return <Address value={value} copy={false} />;
}

/** Where something stands on the ledger. */
export function Proof({ hash, what }: { hash: Hex | undefined; what: string }) {
  if (!hash) return <span className="muted">–</span>;
  return (
    <Link to={`/transactions/${hash}`} className="proof" aria-label={strings.seeProof(what)}>
      <Icon name="stamp" /> {strings.transaction}
    </Link>
  );
}

/** One step at a time; everything of energy is looked at anew afterwards. */
export const useSigning = () => signing("energy");

export function step(
  functionName: string,
  ...args: unknown[]
): { module: string; functionName: string; args: unknown[] } {
  return { module: "energy", functionName, args };
}
