import { useQuery } from "@tanstack/react-query";
import { type Block, get } from "../ledger/api";
import { useLive } from "../ledger/live";
import { Address, BlockLink, Hash, Loading, Problem, Time, Title } from "../parts/basics";
import { Pager } from "../parts/pager";
import { Table } from "../parts/table";
import { useQueryParam } from "../shell/router";
import { strings } from "../strings";
import * as format from "../text/format";

const SIZE = 25;

export function Blocks() {
  const until = useQueryParam("until");
  const { network } = useLive();
  // The newest page goes on by itself; an older one stays as it is.
  const { data, error, refetch } = useQuery({
    queryKey: ["blocks", until ?? "newest"],
    queryFn: () =>
      get<{ blocks: Block[] }>(
        `/api/blocks?limit=${SIZE}${until ? `&until=${encodeURIComponent(until)}` : ""}`,
      ),
    refetchInterval: until ? false : 1_000,
  });
  const t = strings.blocks;
  if (error && !data) return <Problem error={error} retry={refetch} />;
  const blocks = data?.blocks ?? [];
  const last = blocks.at(-1)?.number ?? 0;
  const first = blocks[0]?.number ?? 0;
  return (
    <>
      <Title text={t.title} />
      {data ? (
        <div className="card">
          <Table
            caption={t.caption}
            rows={blocks}
            id={(block) => block.hash}
            empty={{ title: t.empty, text: t.emptyText }}
            columns={[
              { head: t.number, cell: (b) => <BlockLink number={b.number} />, text: (b) => String(b.number) },
              {
                head: t.age,
                cell: (b) => <Time ms={b.timeMs} />,
                text: (b) => new Date(b.timeMs).toISOString(),
              },
              {
                head: t.transactions,
                cell: (b) =>
                  b.transactions === 0 ? <span className="muted">0</span> : format.count(b.transactions),
                text: (b) => String(b.transactions),
                right: true,
              },
              {
                head: t.finality,
                cell: (b) =>
                  b.finalityMs === null ? <span className="muted">–</span> : format.millis(b.finalityMs),
                text: (b) => String(b.finalityMs ?? ""),
                right: true,
              },
              {
                head: t.work,
                cell: (b) => format.count(b.gasUsed),
                text: (b) => String(b.gasUsed),
                right: true,
                wide: true,
              },
              {
                head: t.size,
                cell: (b) => format.bytes(b.size),
                text: (b) => String(b.size),
                right: true,
                wide: true,
              },
              {
                head: t.member,
                cell: (b) => (b.number === 0 ? "" : <Address value={b.proposer} copy={false} />),
                text: (b) => b.proposer,
                wide: true,
              },
              {
                head: t.hash,
                cell: (b) => (
                  <Hash value={b.hash} what={strings.kinds.block} to={`/blocks/${b.hash}`} copy={false} />
                ),
                text: (b) => b.hash,
                wide: true,
              },
            ]}
            pager={
              <Pager
                older={last > 0 ? { name: "until", value: String(last - 1) } : undefined}
                newest={until ? "until" : undefined}
                text={blocks.length > 0 ? strings.of(last, first, network?.block ?? first) : undefined}
              />
            }
          />
        </div>
      ) : (
        <Loading />
      )}
    </>
  );
}
