import { useQuery } from "@tanstack/react-query";
import { get, type Transaction } from "../ledger/api";
import { useLive } from "../ledger/live";
import { Loading, Problem, Title } from "../parts/basics";
import { Pager } from "../parts/pager";
import { TransactionTable } from "../parts/transactions";
import { useQueryParam } from "../shell/router";
import { strings } from "../strings";

const SIZE = 25;

export interface TransactionPage {
  transactions: Transaction[];
  next: number | null;
}

export function Transactions() {
  const until = useQueryParam("until");
  const { network } = useLive();
  const { data, error, refetch } = useQuery({
    queryKey: ["transactions", until ?? "newest"],
    queryFn: () =>
      get<TransactionPage>(
        `/api/transactions?limit=${SIZE}${until ? `&until=${encodeURIComponent(until)}` : ""}`,
      ),
    refetchInterval: until ? false : 1_500,
  });
  const t = strings.transactions;
  if (error && !data) return <Problem error={error} retry={refetch} />;
  const from = (data?.next ?? -1) + 1;
  const to = until ? Number(until) : (network?.block ?? from);
  return (
    <>
      <Title text={t.title} />
      {data ? (
        <div className="card">
          <TransactionTable
            caption={t.caption}
            rows={data.transactions}
            empty={{ title: t.none, text: t.noneText }}
            pager={
              <Pager
                text={t.scanned(from, Math.max(from, to))}
                newest={until ? "until" : undefined}
                older={data.next === null ? undefined : { name: "until", value: String(data.next) }}
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
