import { useQuery } from "@tanstack/react-query";
import type { Hex } from "../ledger/api";
import * as look from "../ledger/look";
import { view } from "../ledger/modules";
import {
  Address,
  Badge,
  BlockLink,
  Card,
  Empty,
  Fact,
  Facts,
  Hash,
  Loading,
  Problem,
  RecordLink,
  Said,
  Time,
  Title,
} from "../parts/basics";
import { CountedPager, countedPage } from "../parts/pager";
import { Table } from "../parts/table";
import { useQueryParam } from "../shell/router";
import { strings } from "../strings";
import * as format from "../text/format";
import { asciiOf } from "../text/safe";

const t = strings.record;
const SIZE = 25;

interface Grant {
  grantee: Hex;
  givenAt: bigint;
  notBefore: bigint;
  until: bigint;
  uses: number;
  used: number;
  revokedAt: bigint;
}

interface Entry {
  action: number;
  actor: Hex;
  subject: Hex;
  time: bigint;
  blockNumber: bigint;
  detail: Hex;
}

/** How an entry of the access list stands, by the reader's clock. */
function standing(grant: Grant, now: number): string {
  if (grant.revokedAt > 0n) return t.revoked;
  if (grant.until > 0n && Number(grant.until) <= now) return t.over;
  if (grant.uses > 0 && grant.used >= grant.uses) return t.usedUp;
  return Number(grant.notBefore) > now ? t.notYet : t.granted;
}

const at = (time: bigint) => new Date(Number(time) * 1000).toISOString();

/** A page of a list of the ledger, the newest entries first. */
async function newest<T>(name: string, id: string, page: number): Promise<{ total: number; rows: T[] }> {
  const [, total] = await view<[T[], bigint]>("records", name, id, 0n, 1n);
  const { from, size } = countedPage(Number(total), page, SIZE);
  if (size === 0) return { total: Number(total), rows: [] };
  const [rows] = await view<[T[], bigint]>("records", name, id, BigInt(from), BigInt(size));
  return { total: Number(total), rows: [...rows].reverse() };
}

function Access({ id }: { id: string }) {
  const page = Number(useQueryParam("access") ?? 0) || 0;
  const { data, error, refetch } = useQuery({
    queryKey: ["record", id, "grants", page],
    queryFn: () => newest<Grant>("grants", id, page),
    refetchInterval: 5_000,
  });
  if (error && !data) return <Problem error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const now = Date.now() / 1000;
  return (
    <Table
      caption={t.accessCaption}
      rows={data.rows}
      id={(grant) => grant.grantee}
      empty={{ title: t.noAccess, text: t.noAccessText }}
      pager={<CountedPager total={data.total} page={page} size={SIZE} name="access" />}
      columns={[
        { head: t.grantee, cell: (g) => <Address value={g.grantee} copy={false} />, text: (g) => g.grantee },
        {
          head: t.standing,
          cell: (g) => (
            <Badge tone={standing(g, now) === t.granted ? "good" : "plain"}>{standing(g, now)}</Badge>
          ),
          text: (g) => standing(g, now),
        },
        {
          head: t.given,
          cell: (g) => <Time ms={Number(g.givenAt) * 1000} />,
          text: (g) => at(g.givenAt),
          wide: true,
        },
        {
          head: t.until,
          cell: (g) =>
            g.until === 0n ? (
              <span className="muted">{t.forever}</span>
            ) : (
              <Time ms={Number(g.until) * 1000} />
            ),
          text: (g) => (g.until === 0n ? "" : at(g.until)),
        },
        {
          head: t.uses,
          cell: (g) => t.usesOf(g.used, g.uses),
          text: (g) => t.usesOf(g.used, g.uses),
          right: true,
          wide: true,
        },
      ]}
    />
  );
}

/** Actions whose detail is a purpose in words. */
const OPENED = 3;

function Log({ id }: { id: string }) {
  const page = Number(useQueryParam("log") ?? 0) || 0;
  const { data, error, refetch } = useQuery({
    queryKey: ["record", id, "log", page],
    queryFn: () => newest<Entry>("log", id, page),
    refetchInterval: 5_000,
  });
  if (error && !data) return <Problem error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const action = (entry: Entry) => t.actions[entry.action] ?? String(entry.action);
  const tone = (entry: Entry) =>
    entry.action === 5 || entry.action === 1 || entry.action === 6 ? "bad" : "plain";
  const nobody = (address: Hex) => /^0x0{40}$/.test(address);
  return (
    <Table
      caption={t.logCaption}
      rows={data.rows.map((entry, place) => ({ ...entry, place }))}
      id={(entry) => `${entry.blockNumber}-${entry.place}`}
      empty={{ title: t.noLog, text: t.noLogText }}
      pager={<CountedPager total={data.total} page={page} size={SIZE} name="log" />}
      columns={[
        { head: t.time, cell: (e) => <Time ms={Number(e.time) * 1000} />, text: (e) => at(e.time) },
        {
          head: t.action,
          cell: (e) => (
            <>
              <Badge tone={tone(e)}>{action(e)}</Badge>{" "}
              {e.action === OPENED && asciiOf(e.detail) && <Said text={asciiOf(e.detail) ?? ""} />}
            </>
          ),
          text: action,
        },
        { head: t.actor, cell: (e) => <Address value={e.actor} copy={false} />, text: (e) => e.actor },
        {
          head: t.subject,
          cell: (e) =>
            nobody(e.subject) ? <span className="muted">–</span> : <Address value={e.subject} copy={false} />,
          text: (e) => (nobody(e.subject) ? "" : e.subject),
          wide: true,
        },
        {
          head: t.block,
          cell: (e) => <BlockLink number={e.blockNumber} />,
          text: (e) => String(e.blockNumber),
          right: true,
          wide: true,
        },
      ]}
    />
  );
}

export function RecordPage({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["record", id],
    queryFn: () => look.record(id),
  });
  const more = useQuery({
    queryKey: ["record", id, "more"],
    queryFn: async () => ({
      erased: await view<boolean>("records", "isErased", id),
      keepers: await view<Hex[]>("records", "keepers", id),
    }),
    enabled: Boolean(data),
    refetchInterval: 5_000,
  });
  if (isPending) return <Loading />;
  if (!data) {
    return (
      <>
        <Title kind={t.kind} text={format.short(id)} />
        {error ? (
          <Problem error={error} retry={refetch} />
        ) : (
          <Empty title={t.missing}>
            <p>{t.missingText}</p>
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <Title kind={t.kind} text={format.short(id)}>
        {more.data?.erased && <Badge tone="bad">{t.erased}</Badge>}
      </Title>
      {more.data?.erased && <p className="notice">{t.erasedText}</p>}
      <Card>
        <Facts>
          <Fact name={strings.records.id}>
            <Hash value={data.id} what={strings.kinds.record} whole />
          </Fact>
          <Fact name={t.kindOf}>
            <Said text={data.kind} />
          </Fact>
          <Fact name={t.owner}>
            <Address value={data.owner} />
          </Fact>
          <Fact name={t.registered}>
            <Time ms={data.registeredAt * 1000} both /> {t.inBlock} <BlockLink number={data.registeredIn} />
          </Fact>
          <Fact name={t.opens}>
            {data.sealedKeyHash === null ? (
              t.opensOwner
            ) : data.opensAt === null ? (
              t.opensNetwork
            ) : (
              <>
                {t.opensTime} <Time ms={data.opensAt * 1000} both />
              </>
            )}
          </Fact>
          <Fact name={t.policy}>{data.policy ? <Address value={data.policy} /> : t.policyOwner}</Fact>
          <Fact name={t.content} hint={t.contentHint}>
            <Hash value={data.contentHash} what={strings.kinds.content} whole />
          </Fact>
          <Fact name={t.size}>{format.bytes(data.length)}</Fact>
          {data.custodian && (
            <Fact name={t.custodian}>
              <Address value={data.custodian} />
            </Fact>
          )}
          {more.data && more.data.keepers.length > 0 && (
            <Fact name={t.keepers}>
              <span className="badges">
                {more.data.keepers.map((keeper) => (
                  <Address key={keeper} value={keeper} copy={false} />
                ))}
              </span>
            </Fact>
          )}
          {data.supersedes && (
            <Fact name={t.supersedes}>
              <RecordLink id={data.supersedes} />
            </Fact>
          )}
          {data.supersededBy && (
            <Fact name={t.supersededBy}>
              <RecordLink id={data.supersededBy} />
            </Fact>
          )}
        </Facts>
      </Card>
      <Card title={t.access}>
        <Access id={id} />
      </Card>
      <Card title={t.log}>
        <Log id={id} />
      </Card>
    </>
  );
}
