import { useQuery } from "@tanstack/react-query";
import { get, type RecordEntry } from "../ledger/api";
import { Card, Loading, Problem, Title } from "../parts/basics";
import { CountedPager, countedPage } from "../parts/pager";
import { RecordTable } from "../parts/records";
import { useQueryParam } from "../shell/router";
import { strings } from "../strings";

const SIZE = 25;

interface Page {
  records: RecordEntry[];
  total: number;
}

/** A page of all records, the newest first. */
async function load(page: number): Promise<Page> {
  const { total } = await get<Page>("/api/records?limit=1");
  const { from, size } = countedPage(total, page, SIZE);
  const { records } = await get<Page>(`/api/records?from=${from}&limit=${Math.max(1, size)}`);
  return { total, records: size === 0 ? [] : records.reverse() };
}

export function Records() {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const { data, error, refetch } = useQuery({
    queryKey: ["records", page],
    queryFn: () => load(page),
    refetchInterval: page === 0 ? 3_000 : false,
  });
  const t = strings.records;
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      {error && !data ? (
        <Problem error={error} retry={refetch} />
      ) : !data ? (
        <Loading />
      ) : (
        <Card>
          <RecordTable
            caption={t.caption}
            rows={data.records}
            empty={{ title: t.none, text: t.noneText }}
            pager={<CountedPager total={data.total} page={page} size={SIZE} name="page" />}
          />
        </Card>
      )}
    </>
  );
}
