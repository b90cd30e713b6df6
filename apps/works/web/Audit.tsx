/** *Audit*: everything that happened under this law as one table, with who signed it and its stamp. */
import type { Hex } from "@commonhold/web/ledger/api";
import { events } from "@commonhold/web/ledger/events";
import { useName } from "@commonhold/web/ledger/names";
import { Asked, Badge, BlockLink, Card, Time, Title } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Proof, SIZE, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { go, here, Link, useQueryParam } from "@commonhold/web/shell/router";
import { save } from "@commonhold/web/text/csv";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { everyProject, gather } from "./book";
import { Filters, LOOK_MS, ProjectLink, titleOf } from "./shared";
import { useSigners } from "./signed";
import { strings } from "./strings";
import { entries, SORTS, search } from "./timeline";

const t = strings.audit;

/** Entries that one table has: the newest. */
const ENTRIES_MAX = 20_000;

/** Keeps a transaction's stamp as a file. */
async function stamp(hash: Hex): Promise<void> {
  const response = await fetch(`/api/stamps/${hash}`);
  if (response.ok) save(`${hash.slice(0, 10)}.stamp.json`, await response.text(), "application/json");
}

function SearchBox({ query }: { query: string }) {
  const id = useId();
  const [given, setGiven] = useState(query);
  return (
    <form
      className="look-form"
      onSubmit={(event) => {
        event.preventDefault();
        go(here({ q: given.trim() || undefined, page: undefined }), true);
      }}
    >
      <div className="field">
        <label htmlFor={id}>{t.search}</label>
        <input
          id={id}
          type="search"
          value={given}
          maxLength={200}
          placeholder={t.searchHint}
          onChange={(event) => setGiven(event.target.value)}
        />
      </div>
      <button type="submit" className="button">
        {t.search}
      </button>
    </form>
  );
}

/** A name that may be searched by, once it is known. */
function Signer({ value }: { value: Hex | undefined }) {
  useName(value ?? `0x${"0".repeat(40)}`);
  return value ? <Who value={value} /> : <span className="muted">…</span>;
}

export function Audit() {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const kind = useQueryParam("kind") ?? "all";
  const wanted = useQueryParam("project");
  const asked = useQueryParam("q") ?? "";
  const query = useQuery({
    queryKey: ["works", "audit"],
    queryFn: async () => {
      const [book, all] = await Promise.all([everyProject().then(gather), events("works", [])]);
      return { book, rows: entries(all.slice(0, ENTRIES_MAX), book), total: all.length };
    },
    refetchInterval: LOOK_MS,
    structuralSharing: false,
  });
  const who = useSigners(query.data?.rows.map((row) => row.transaction) ?? []);
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <Asked query={query}>
        {({ book, rows, total }) => {
          const signed = rows.map((row) => ({ ...row, who: who.get(row.transaction) }));
          const there = new Set(rows.map((row) => row.sort));
          const sorts = SORTS.filter((sort) => there.has(sort));
          const found = search(signed, asked).filter(
            (row) =>
              (kind === "all" || row.sort === kind) &&
              (wanted === undefined || String(row.project ?? "") === wanted),
          );
          return (
            <>
              <dl className="figures three">
                <div className="figure">
                  <dt>{t.figures.events}</dt>
                  <dd>{format.count(total)}</dd>
                </div>
                <div className="figure">
                  <dt>{t.figures.transactions}</dt>
                  <dd>{format.count(new Set(rows.map((row) => row.transaction)).size)}</dd>
                </div>
                <div className="figure">
                  <dt>{t.figures.parties}</dt>
                  <dd>{format.count(new Set(signed.map((row) => row.who).filter(Boolean)).size)}</dd>
                </div>
              </dl>
              <Card>
                <SearchBox key={asked} query={asked} />
                {book.projects.length > 1 && (
                  <Filters
                    name="project"
                    label={t.project}
                    all={[
                      ["all", t.allProjects],
                      ...book.projects.map((one) => [String(one.number), plain(one.title, 40)] as const),
                    ]}
                  />
                )}
                <Filters
                  name="kind"
                  label={t.kinds}
                  all={[
                    ["all", t.all],
                    ...sorts.map((sort) => [sort, strings.timeline.sorts[sort]] as const),
                  ]}
                />
                <p className="muted">
                  {t.stampText} <Link to="/stamp">{t.check}</Link>
                  {total > rows.length && ` ${t.newest(rows.length)}`}
                </p>
                <Table
                  caption={t.title}
                  rows={found.slice(page * SIZE, (page + 1) * SIZE)}
                  all={found}
                  id={(row) => row.key}
                  empty={
                    rows.length === 0
                      ? { title: t.empty, text: t.emptyText }
                      : { title: t.none, text: t.noneText }
                  }
                  pager={<CountedPager total={found.length} page={page} size={SIZE} name="page" />}
                  columns={[
                    {
                      head: t.when,
                      cell: (row) => <Time ms={row.timeMs} />,
                      text: (row) => new Date(row.timeMs).toISOString(),
                    },
                    {
                      head: t.what,
                      cell: (row) => (
                        <>
                          <Badge tone={row.tone}>{row.what}</Badge>
                          <span className="why narrow said">{row.about}</span>
                        </>
                      ),
                      text: (row) => row.what,
                    },
                    {
                      head: t.about,
                      cell: (row) =>
                        row.to && row.about ? (
                          <Link to={row.to} className="said">
                            {row.about}
                          </Link>
                        ) : (
                          <span className="said">{row.about}</span>
                        ),
                      text: (row) => row.about,
                      wide: true,
                    },
                    {
                      head: t.projectHead,
                      cell: (row) =>
                        row.project === undefined ? (
                          <span className="muted">–</span>
                        ) : (
                          <ProjectLink book={book} project={row.project} />
                        ),
                      text: (row) => (row.project === undefined ? "" : titleOf(book, row.project)),
                      wide: true,
                    },
                    {
                      head: t.who,
                      cell: (row) => <Signer value={row.who} />,
                      text: (row) => row.who ?? "",
                      wide: true,
                    },
                    {
                      head: t.block,
                      cell: (row) => <BlockLink number={row.block} />,
                      text: (row) => String(row.block),
                      right: true,
                      wide: true,
                    },
                    {
                      head: t.proof,
                      cell: (row) => <Proof hash={row.transaction} what={row.what} />,
                      text: (row) => row.transaction,
                      wide: true,
                    },
                    {
                      head: t.stamp,
                      cell: (row) => (
                        <button
                          type="button"
                          className="icon"
                          aria-label={t.stampOf(row.what)}
                          title={t.stampOf(row.what)}
                          onClick={() => void stamp(row.transaction)}
                        >
                          <Icon name="download" />
                        </button>
                      ),
                      text: (row) => `/api/stamps/${row.transaction}`,
                    },
                  ]}
                />
              </Card>
            </>
          );
        }}
      </Asked>
    </>
  );
}
