/** Everything of everybody on one line of time. */
import { Badge, Card, Time } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Proof, SIZE, Who } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import type { Book } from "./book";
import { Filters } from "./shared";
import { useSigners } from "./signed";
import { strings } from "./strings";
import { type Entry, entries, SORTS } from "./timeline";

const t = strings.project;

export function TimelineTable({
  caption,
  rows,
  empty,
}: {
  caption: string;
  rows: Entry[];
  empty: { title: string; text: string };
}) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const who = useSigners(rows.map((entry) => entry.transaction));
  return (
    <Table
      caption={caption}
      rows={rows.slice(page * SIZE, (page + 1) * SIZE)}
      all={rows}
      id={(entry) => entry.key}
      empty={empty}
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
              <Badge tone={entry.tone}>{entry.what}</Badge>
              <span className="why narrow said">{entry.about}</span>
            </>
          ),
          text: (entry) => entry.what,
        },
        {
          head: t.about,
          cell: (entry) =>
            entry.to && entry.about ? (
              <Link to={entry.to} className="said">
                {entry.about}
              </Link>
            ) : (
              <span className="said">{entry.about}</span>
            ),
          text: (entry) => entry.about,
          wide: true,
        },
        {
          head: t.who,
          cell: (entry) => {
            const signer = who.get(entry.transaction);
            return signer ? <Who value={signer} /> : <span className="muted">…</span>;
          },
          text: (entry) => who.get(entry.transaction) ?? "",
          wide: true,
        },
        {
          head: strings.transaction,
          cell: (entry) => <Proof hash={entry.transaction} what={entry.what} />,
          text: (entry) => entry.transaction,
          wide: true,
        },
      ]}
    />
  );
}

export function Timeline({ book }: { book: Book }) {
  const kind = useQueryParam("kind") ?? "all";
  const all = entries(book.events, book);
  const there = new Set(all.map((entry) => entry.sort));
  const sorts = SORTS.filter((sort) => there.has(sort));
  const rows = kind === "all" ? all : all.filter((entry) => entry.sort === kind);
  return (
    <Card title={t.timeline}>
      <Filters
        name="kind"
        label={t.kinds}
        all={[["all", t.all], ...sorts.map((sort) => [sort, strings.timeline.sorts[sort]] as const)]}
      />
      <TimelineTable
        caption={t.timeline}
        rows={rows}
        empty={{ title: t.timelineNone, text: t.timelineNoneText }}
      />
    </Card>
  );
}
