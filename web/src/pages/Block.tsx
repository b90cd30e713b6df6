import { useQuery } from "@tanstack/react-query";
import { type BlockDetails, batch, type Hex } from "../ledger/api";
import * as look from "../ledger/look";
import {
  Address,
  BlockLink,
  Card,
  Empty,
  Fact,
  Facts,
  Finality,
  Hash,
  Loading,
  Problem,
  Time,
  Title,
} from "../parts/basics";
import { CountedPager } from "../parts/pager";
import { type Row, TransactionTable } from "../parts/transactions";
import { Link, useQueryParam } from "../shell/router";
import { strings } from "../strings";
import * as format from "../text/format";

const SIZE = 25;

interface FullTransaction {
  hash: Hex;
  from: Hex;
  to: Hex | null;
  input: Hex;
  value: Hex;
}

interface Receipt {
  status: Hex;
  contractAddress: Hex | null;
}

/** A page of the block's transactions, with what became of them. */
async function transactionsOf(block: BlockDetails, page: number): Promise<Row[]> {
  const hashes = block.hashes.slice(page * SIZE, (page + 1) * SIZE);
  const answers = await batch([
    ...hashes.map((hash) => ({ method: "eth_getTransactionByHash", params: [hash] })),
    ...hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
  ]);
  return hashes.flatMap((hash, at) => {
    const transaction = answers[at] as FullTransaction | null | undefined;
    const receipt = answers[hashes.length + at] as Receipt | null | undefined;
    if (!transaction) return [];
    return {
      hash,
      from: transaction.from,
      to: transaction.to,
      created: receipt?.contractAddress ?? null,
      input: transaction.input,
      value: BigInt(transaction.value).toString(),
      block: block.number,
      timeMs: block.timeMs,
      succeeded: receipt ? receipt.status === "0x1" : null,
    };
  });
}

function Transactions({ block }: { block: BlockDetails }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const { data, error, refetch } = useQuery({
    queryKey: ["block", block.hash, "transactions", page],
    queryFn: () => transactionsOf(block, page),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <Problem error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <TransactionTable
      caption={strings.block.caption}
      rows={data}
      inBlock
      empty={{ title: strings.block.none, text: strings.block.noneText }}
      pager={<CountedPager total={block.hashes.length} page={page} size={SIZE} name="page" />}
    />
  );
}

export function BlockPage({ id }: { id: string }) {
  const t = strings.block;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["block", id],
    queryFn: () => look.block(id),
    // One that is not there yet will be soon.
    refetchInterval: (query) => (query.state.data === null ? 1_000 : false),
  });
  const name = /^\d+$/.test(id) ? format.count(BigInt(id)) : format.short(id);
  if (isPending) return <Loading />;
  if (!data) {
    return (
      <>
        <Title kind={t.kind} text={name} />
        {error ? (
          <Problem error={error} retry={refetch} />
        ) : (
          <Empty title={t.missing(name)}>
            <p>{t.missingText}</p>
            <Link className="button" to="/blocks">
              {strings.pages.blocks}
            </Link>
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <Title kind={t.kind} text={format.count(data.number)}>
        <nav className="pager" aria-label={strings.pages.blocks}>
          {data.number > 0 && (
            <Link className="button" to={`/blocks/${data.number - 1}`} rel="prev">
              {strings.previous}
            </Link>
          )}
          <Link className="button" to={`/blocks/${data.number + 1}`} rel="next">
            {strings.next}
          </Link>
        </nav>
      </Title>
      <Card>
        <Facts>
          <Fact name={t.status}>
            <Finality isFinal />{" "}
            {data.finalityMs !== null && (
              <span className="muted">{t.finalIn(format.millis(data.finalityMs))}</span>
            )}
          </Fact>
          <Fact name={t.time}>
            <Time ms={data.timeMs} both />
          </Fact>
          {data.number > 0 && (
            <Fact name={t.member}>
              <Address value={data.proposer} />
            </Fact>
          )}
          <Fact name={t.hash}>
            <Hash value={data.hash} what={strings.kinds.block} whole />
          </Fact>
          {data.number > 0 && (
            <Fact name={t.parent}>
              <BlockLink number={data.number - 1} />{" "}
              <Hash value={data.parentHash} what={strings.kinds.block} copy={false} />
            </Fact>
          )}
          <Fact name={t.stateRoot}>
            <Hash value={data.stateRoot} what={t.stateRoot.toLowerCase()} whole />
          </Fact>
          <Fact name={t.gas}>{t.gasOf(data.gasUsed, data.gasLimit)}</Fact>
          <Fact name={t.size}>{format.bytes(data.size)}</Fact>
        </Facts>
      </Card>
      <Card title={`${t.transactions} (${format.count(data.hashes.length)})`}>
        <Transactions block={data} />
      </Card>
    </>
  );
}
