/** *Activity*: every opening, refusal and emergency, and what one decided oneself; each with its proof. */
import type { Session } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { type Event, events } from "@commonhold/web/ledger/events";
import { Badge, Card, Time } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { here, Link, useQueryParam } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { laws, type Slice, slicesOf } from "./law";
import { Asked, LOOK_MS, Mine, Proof, SIZE, same, Who } from "./shared";
import { strings } from "./strings";
import { codeOf, isZero, kind, kinds, purpose } from "./words";

const t = strings.activity;

type Sort = "opened" | "refused" | "emergency" | "decisions" | "other";

interface Entry {
  key: string;
  timeMs: number;
  block: number;
  index: number;
  sort: Sort;
  what: string;
  why: string;
  who: string;
  about: string;
  /** Where more is said. */
  to: string | undefined;
  transaction: Hex;
}

/** Names of the law's events that tell of somebody at their second place, and at their first. */
const SECOND = [
  "SliceRegistered",
  "Approved",
  "Refused",
  "Vetoed",
  "Revoked",
  "EmergencyOpened",
  "EmergencyConfirmed",
];
const FIRST = ["ConsentSet", "ConsentEnded", "CollaborationAgreed", "WithdrawnFrom", "PseudonymTaken"];
/** Access that `records` gives. */
const LET_IN = new Set(["5", "6", "9"]);

const value = (event: Event, name: string) => event.values.get(name) ?? "";

/** What somebody was refused for, or under which request it opened. */
function reason(event: Event, asked: Event | undefined): string {
  const leave = asked && strings.leaves[Number(value(asked, "leave"))];
  return leave ?? strings.access[Number(value(event, "access"))] ?? "";
}

/** The openings of these slices, with what the law said to each. */
async function openings(slices: Slice[]): Promise<Entry[]> {
  const ids = slices.map((slice) => slice.id);
  const of = new Map(slices.map((slice) => [slice.id.toLowerCase(), slice]));
  const [requested, asked] = await Promise.all([
    events("records", ["OpeningRequested"], null, ids),
    events("health", ["SliceAsked"], null, ids),
  ]);
  const law = new Map(asked.map((event) => [value(event, "opening"), event]));
  return requested.map((event): Entry => {
    const beside = law.get(value(event, "number"));
    const slice = of.get(value(event, "id").toLowerCase());
    const isOpen = LET_IN.has(value(event, "access"));
    const request = beside ? value(beside, "request") : "0";
    return {
      key: `${event.block}-${event.index}`,
      timeMs: event.timeMs,
      block: event.block,
      index: event.index,
      sort: isOpen ? "opened" : "refused",
      what: isOpen ? t.words.opened : t.words.refused,
      why: isOpen ? "" : reason(event, beside),
      who: value(event, "reader"),
      about: slice ? kind(codeOf(slice.class, slice.sensitivity)) : strings.unknown,
      to: request === "0" || request === "" ? undefined : `/health/requests/${request}`,
      transaction: event.transaction,
    };
  });
}

function entry(event: Event): Entry | undefined {
  const w = t.words;
  const made = (sort: Sort, what: string, who: string, about: string, to?: string): Entry => ({
    key: `${event.block}-${event.index}`,
    timeMs: event.timeMs,
    block: event.block,
    index: event.index,
    sort,
    what,
    why: "",
    who: value(event, who),
    about,
    to,
    transaction: event.transaction,
  });
  const request = `/health/requests/${value(event, "number")}`;
  const numbered = t.request(value(event, "number"));
  const emergency = t.emergencyOf(value(event, "number"));
  switch (event.name) {
    case "SliceRegistered":
      return made(
        "other",
        w.registered,
        "",
        kind(codeOf(Number(value(event, "class")), Number(value(event, "sensitivity")))),
        `/records/${value(event, "id")}`,
      );
    case "Requested":
      return made(
        "other",
        w.asked,
        "requester",
        `${kinds(Number(value(event, "classes")))}, ${t.purpose(purpose(Number(value(event, "purpose"))))}`,
        request,
      );
    case "Approved":
      return made("decisions", w.approved, "by", kinds(Number(value(event, "classes"))), request);
    case "Refused":
      return made("decisions", w.declined, "by", numbered, request);
    case "Vetoed":
      return made("decisions", w.vetoed, "by", numbered, request);
    case "Revoked":
      return made("decisions", w.revoked, "by", numbered, request);
    case "ConsentSet":
      return made("decisions", w.consent, "by", w.allowed, "/health/sharing");
    case "ConsentEnded":
      return made("decisions", w.ended, "by", w.allowed, "/health/sharing");
    case "WithdrawnFrom":
      return made(
        "decisions",
        w.withdrawn,
        "by",
        strings.study(value(event, "study") === "" ? 0 : BigInt(value(event, "study"))),
        `/health/studies/${value(event, "study")}`,
      );
    case "CollaborationAgreed":
      return made("decisions", w.collaboration, "by", strings.study(BigInt(value(event, "study"))));
    case "PseudonymTaken":
      return made("decisions", w.taken, "holder", "");
    case "EmergencyOpened":
      return made("emergency", w.emergencyOpened, "clinician", emergency, "/health/requests");
    case "EmergencyConfirmed":
      return made("emergency", w.emergencyConfirmed, "second", emergency, "/health/requests");
    case "EmergencyReviewed":
      return made(
        "emergency",
        w.emergencyReviewed(value(event, "justified") === "true"),
        "reviewer",
        emergency,
        "/health/requests",
      );
    default:
      return undefined;
  }
}

async function everything(subjects: Hex[]): Promise<Entry[]> {
  const slices = (await Promise.all(subjects.map(slicesOf))).flat();
  const [opened, first, second, third] = await Promise.all([
    openings(slices),
    events("health", FIRST, subjects),
    events("health", SECOND, null, subjects),
    events("health", ["Requested"], null, null, subjects),
  ]);
  const cases = [
    ...new Set(second.filter((event) => event.name === "EmergencyOpened").map((e) => value(e, "number"))),
  ];
  const numbers = cases.map((number): Hex => `0x${BigInt(number).toString(16)}`);
  const reviewed = await events("health", ["EmergencyReviewed"], numbers);
  const records = await laws<{ owner: Hex }>(
    "record",
    slices.map((slice) => [slice.id]),
    "records",
  );
  const owners = new Map(slices.map((slice, at) => [slice.id.toLowerCase(), records[at]?.owner ?? ""]));
  const told = [...first, ...second, ...third, ...reviewed].flatMap((event) => {
    const one = entry(event);
    const owner = event.name === "SliceRegistered" && owners.get(value(event, "id").toLowerCase());
    return one ? [owner ? { ...one, who: owner } : one] : [];
  });
  return [...opened, ...told].sort((a, b) => b.block - a.block || b.index - a.index);
}

const FILTERS: ["all" | Sort, string][] = [
  ["all", t.filters.all],
  ["opened", t.filters.opened],
  ["refused", t.filters.refused],
  ["emergency", t.filters.emergency],
  ["decisions", t.filters.decisions],
];

const TONES: Record<Sort, "good" | "bad" | "wait" | "plain"> = {
  opened: "good",
  refused: "plain",
  emergency: "bad",
  decisions: "plain",
  other: "plain",
};

function Own({ session, subjects }: { session: Session; subjects: Hex[] }) {
  const show = useQueryParam("show") ?? "all";
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const query = useQuery({
    queryKey: ["health", "activity", ...subjects],
    queryFn: () => everything(subjects),
    refetchInterval: LOOK_MS,
  });
  const me = (who: string) => same(who, session.address);
  return (
    <Card>
      <nav className="filters" aria-label={t.show}>
        {FILTERS.map(([sort, name]) => (
          <Link
            key={sort}
            to={here({ show: sort === "all" ? undefined : sort, page: undefined })}
            className="filter"
            aria-current={show === sort ? "true" : undefined}
          >
            {name}
          </Link>
        ))}
      </nav>
      <Asked query={query}>
        {(all) => {
          const rows = show === "all" ? all : all.filter((entry) => entry.sort === show);
          return (
            <Table
              caption={t.title}
              rows={rows.slice(page * SIZE, (page + 1) * SIZE)}
              all={rows}
              id={(entry) => entry.key}
              empty={
                all.length === 0 ? { title: t.none, text: t.noneText } : { title: t.noneOf, text: t.noneText }
              }
              pager={<CountedPager total={rows.length} page={page} size={SIZE} name="page" />}
              columns={[
                {
                  head: t.when,
                  cell: (entry) => <Time ms={entry.timeMs} />,
                  text: (entry) => new Date(entry.timeMs).toISOString(),
                },
                {
                  head: t.what,
                  cell: (entry) => (
                    <>
                      <Badge tone={TONES[entry.sort]}>{entry.what}</Badge>
                      {entry.why && <span className="why">{entry.why}</span>}
                      <span className="why narrow">
                        {entry.who !== "" && !isZero(entry.who) && (
                          <>
                            {me(entry.who) ? strings.you : <Who value={entry.who} />}
                            {entry.about && " · "}
                          </>
                        )}
                        {entry.about}
                      </span>
                    </>
                  ),
                  text: (entry) => (entry.why ? `${entry.what}: ${entry.why}` : entry.what),
                },
                {
                  head: t.who,
                  cell: (entry) =>
                    entry.who === "" || isZero(entry.who) ? (
                      <span className="muted">–</span>
                    ) : me(entry.who) ? (
                      strings.you
                    ) : (
                      <Who value={entry.who} />
                    ),
                  text: (entry) => entry.who,
                  wide: true,
                },
                {
                  head: t.about,
                  cell: (entry) =>
                    entry.to ? <Link to={entry.to}>{entry.about || t.show}</Link> : entry.about,
                  text: (entry) => entry.about,
                  wide: true,
                },
                {
                  head: t.proof,
                  cell: (entry) => <Proof hash={entry.transaction} what={entry.what} />,
                  text: (entry) => entry.transaction,
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

export function Activity() {
  return (
    <Mine title={t.title} lead={t.lead}>
      {(session, subjects) => <Own session={session} subjects={subjects} />}
    </Mine>
  );
}
