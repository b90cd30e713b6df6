/** *My data*: what is kept about somebody, by kind, from when, and who holds it. */
import type { Session } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { events } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, RecordLink, Time } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import { laws, type Pseudonym, type Slice, slicesOf } from "./law";
import { Ring } from "./Ring";
import { Asked, iso, LOOK_MS, Mine, Proof, SIZE, same, step, useCalled, useSigning, Who } from "./shared";
import { strings } from "./strings";
import { codeOf, isZero, kind, SENSITIVE } from "./words";

const t = strings.data;

export interface Held extends Slice {
  owner: Hex;
  length: number;
  keepers: readonly Hex[];
  erased: boolean;
  replaced: boolean;
  transaction: Hex | undefined;
}

/** Everything that is kept about these subjects, the newest first. */
export async function held(subjects: Hex[]): Promise<Held[]> {
  const slices = (await Promise.all(subjects.map(slicesOf))).flat();
  const ids = slices.map((slice) => [slice.id]);
  const [records, keepers, erased, registered] = await Promise.all([
    laws<{ owner: Hex; length: bigint; supersededBy: Hex }>("record", ids, "records"),
    laws<Hex[]>("keepers", ids, "records"),
    laws<boolean>("isErased", ids, "records"),
    events("health", ["SliceRegistered"], null, subjects),
  ]);
  const at = new Map(registered.map((event) => [event.values.get("id"), event.transaction]));
  const all = slices.map((slice, place) => ({
    ...slice,
    owner: records[place]?.owner ?? "0x",
    length: Number(records[place]?.length ?? 0n),
    keepers: keepers[place] ?? [],
    erased: erased[place] ?? false,
    replaced: !isZero(records[place]?.supersededBy ?? "0x"),
    transaction: at.get(slice.id),
  }));
  return all.sort((a, b) => Number(b.registeredAt - a.registeredAt));
}

export function useHeld(subjects: Hex[]) {
  return useQuery({
    queryKey: ["health", "held", ...subjects],
    queryFn: () => held(subjects),
    refetchInterval: LOOK_MS,
  });
}

export interface Group {
  code: number;
  parts: number;
  since: bigint;
  newest: bigint;
  owners: Hex[];
  keepers: Hex[];
  bytes: number;
}

/** What there is, by kind, in the ledger's order. */
export function grouped(all: Held[]): Group[] {
  const groups = new Map<number, Group>();
  for (const slice of all.filter((one) => !one.erased)) {
    const code = codeOf(slice.class, slice.sensitivity);
    const group = groups.get(code) ?? {
      code,
      parts: 0,
      since: slice.registeredAt,
      newest: slice.registeredAt,
      owners: [],
      keepers: [],
      bytes: 0,
    };
    group.parts += 1;
    group.bytes += slice.length;
    if (slice.registeredAt < group.since) group.since = slice.registeredAt;
    if (slice.registeredAt > group.newest) group.newest = slice.registeredAt;
    group.owners = [...new Set([...group.owners, slice.owner])];
    group.keepers = [...new Set([...group.keepers, ...slice.keepers])];
    groups.set(code, group);
  }
  const order = (code: number) => (code % SENSITIVE) * 2 + (code >= SENSITIVE ? 1 : 0);
  return [...groups.values()].sort((a, b) => order(a.code) - order(b.code));
}

function People({ all }: { all: readonly Hex[] }) {
  return (
    <span className="badges">
      {all.map((one) => (
        <Who key={one} value={one} />
      ))}
    </span>
  );
}

function Kinds({ all }: { all: Held[] }) {
  const groups = grouped(all);
  const there = groups.reduce((sum, group) => sum + group.parts, 0);
  return (
    <Card title={t.byKind}>
      <div className="with-ring">
        <Ring
          parts={groups.map((group) => ({
            name: kind(group.code),
            value: group.parts,
            kind: group.code % SENSITIVE,
            strong: group.code >= SENSITIVE,
          }))}
          label={t.ring(there, groups.length)}
          middle={format.count(there)}
          unit={t.unit}
        />
        <div className="with-ring-rest">
          <Table
            caption={t.byKind}
            rows={groups}
            id={(group) => String(group.code)}
            empty={{ title: t.none, text: t.noneText }}
            columns={[
              {
                head: t.kind,
                cell: (group) => (
                  <span className="kind-name">
                    <span className={`swatch kind-${group.code % SENSITIVE}`} aria-hidden="true" />
                    {kind(group.code)}
                  </span>
                ),
                text: (group) => kind(group.code),
              },
              {
                head: t.count,
                cell: (group) => format.count(group.parts),
                text: (group) => String(group.parts),
                right: true,
              },
              {
                head: t.since,
                cell: (group) => <Time ms={Number(group.since) * 1000} />,
                text: (group) => iso(group.since),
              },
              {
                head: t.by,
                cell: (group) => <People all={group.owners} />,
                text: (group) => group.owners.join(" "),
                wide: true,
              },
              {
                head: t.keptBy,
                cell: (group) => <People all={group.keepers} />,
                text: (group) => group.keepers.join(" "),
                wide: true,
              },
            ]}
          />
        </div>
      </div>
    </Card>
  );
}

function Parts({ all }: { all: Held[] }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const state = (slice: Held) => (slice.erased ? t.erased : slice.replaced ? t.replaced : "");
  return (
    <Card title={t.all}>
      <Table
        caption={t.all}
        rows={all.slice(page * SIZE, (page + 1) * SIZE)}
        all={all}
        id={(slice) => slice.id}
        empty={{ title: t.none, text: t.noneText }}
        pager={<CountedPager total={all.length} page={page} size={SIZE} name="page" />}
        columns={[
          {
            head: t.kind,
            cell: (slice) => (
              <>
                {strings.kinds[slice.class]}
                {slice.sensitivity > 0 && (
                  <>
                    {" "}
                    <Badge tone="wait">{strings.sensitivities[slice.sensitivity]}</Badge>
                  </>
                )}
                {state(slice) && (
                  <>
                    {" "}
                    <Badge tone="plain">{state(slice)}</Badge>
                  </>
                )}
              </>
            ),
            text: (slice) => kind(codeOf(slice.class, slice.sensitivity)),
          },
          {
            head: t.registered,
            cell: (slice) => <Time ms={Number(slice.registeredAt) * 1000} />,
            text: (slice) => iso(slice.registeredAt),
          },
          {
            head: t.by,
            cell: (slice) => <Who value={slice.owner} />,
            text: (slice) => slice.owner,
            wide: true,
          },
          {
            head: t.size,
            cell: (slice) => format.bytes(slice.length),
            text: (slice) => String(slice.length),
            right: true,
            wide: true,
          },
          {
            head: t.record,
            cell: (slice) => <RecordLink id={slice.id} copy={false} />,
            text: (slice) => slice.id,
            wide: true,
          },
          {
            head: strings.transaction,
            cell: (slice) => <Proof hash={slice.transaction} what={t.registered} />,
            text: (slice) => slice.transaction ?? "",
          },
        ]}
      />
    </Card>
  );
}

/** Pseudonyms that are offered to somebody, who has not taken them yet. */
async function offers(to: Hex): Promise<{ subject: Hex; custodian: Hex }[]> {
  const made = await events("health", ["PseudonymOffered"], null, null, to);
  const subjects = [...new Set(made.map((event) => event.values.get("subject") as Hex))];
  const now = await laws<Pseudonym>(
    "pseudonym",
    subjects.map((subject) => [subject]),
  );
  return subjects.flatMap((subject, at) => {
    const entry = now[at];
    const open = entry && same(entry.offeredTo, to) && !same(entry.holder, to);
    return open ? [{ subject, custodian: entry.custodian }] : [];
  });
}

function Offers({ session }: { session: Session }) {
  const { sign, dialog } = useSigning();
  const { data } = useQuery({
    queryKey: ["health", "offers", session.address],
    queryFn: () => offers(session.address),
    refetchInterval: LOOK_MS,
  });
  return (
    <>
      {data && data.length > 0 && (
        <section className="card request" aria-label={t.offers}>
          <div className="card-head">
            <h2>{t.offers}</h2>
          </div>
          <p className="muted">{t.offersText}</p>
          <ul className="permits">
            {data.map((offer) => (
              <Offer key={offer.subject} {...offer} sign={sign} />
            ))}
          </ul>
        </section>
      )}
      {dialog}
    </>
  );
}

function Offer({
  subject,
  custodian,
  sign,
}: {
  subject: Hex;
  custodian: Hex;
  sign: ReturnType<typeof useSigning>["sign"];
}) {
  const who = useCalled(custodian);
  return (
    <li>
      <p className="permit-title">{t.offer(who)}</p>
      <button
        type="button"
        className="button primary"
        aria-label={t.takeOf(who)}
        onClick={() =>
          sign({ effect: <p>{t.takeEffect(who)}</p>, step: step("takePseudonym", subject), action: t.take })
        }
      >
        {t.take}
      </button>
    </li>
  );
}

function Own({ session, subjects }: { session: Session; subjects: Hex[] }) {
  const query = useHeld(subjects);
  return (
    <>
      <Offers session={session} />
      <Kept query={query} subjects={subjects} />
    </>
  );
}

function Kept({ query, subjects }: { query: ReturnType<typeof useHeld>; subjects: Hex[] }) {
  return (
    <Asked query={query}>
      {(all) =>
        all.length === 0 ? (
          <Card>
            <Empty title={t.none}>
              <p>{t.noneText}</p>
            </Empty>
          </Card>
        ) : (
          <>
            {subjects.length > 1 && <p className="lead">{t.pseudonyms(subjects.length)}</p>}
            <Kinds all={all} />
            <Parts all={all} />
          </>
        )
      }
    </Asked>
  );
}

export function Data() {
  return (
    <Mine title={t.title} lead={t.lead}>
      {(session, subjects) => <Own session={session} subjects={subjects} />}
    </Mine>
  );
}
