/** Looks up what a query may be, and goes there. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Refused } from "../ledger/api";
import * as look from "../ledger/look";
import { view } from "../ledger/modules";
import { Empty, Loading, Problem, Title } from "../parts/basics";
import { go, useQueryParam } from "../shell/router";
import { destination } from "../shell/Search";
import { strings } from "../strings";
import { meaning } from "../text/find";
import { plain } from "../text/safe";

/** Where the query leads; `undefined` where nothing is known by it. */
async function resolve(query: string): Promise<string | undefined> {
  const found = meaning(query);
  if (found.kind === "hash") {
    const [transaction, block, record] = await Promise.all([
      look.transaction(found.hash),
      look.block(found.hash),
      look.record(found.hash),
    ]);
    if (transaction) return `/transactions/${found.hash}`;
    if (block) return `/blocks/${found.hash}`;
    return record ? `/records/${found.hash}` : undefined;
  }
  if (found.kind === "handle") {
    try {
      const account = await view<string>("accounts", "resolve", found.handle);
      // The ledger's word for nobody.
      return /^0x0*$/.test(account) ? undefined : `/accounts/${account}`;
    } catch (error) {
      // The ledger says that nobody has it.
      if (error instanceof Refused && error.data) return undefined;
      throw error;
    }
  }
  return found.kind === "nothing" ? undefined : destination(query);
}

export function SearchPage() {
  const query = useQueryParam("q") ?? "";
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["search", query],
    queryFn: async () => (await resolve(query)) ?? null,
    enabled: query !== "",
  });
  useEffect(() => {
    if (data) go(data, true);
  }, [data]);
  return (
    <>
      <Title text={strings.search.title} />
      {query === "" ? (
        <Empty title={strings.search.empty} />
      ) : error ? (
        <Problem error={error} retry={refetch} />
      ) : isPending || data ? (
        <Loading />
      ) : (
        <Empty title={strings.search.nothing(plain(query, 80))}>
          <p>{strings.search.nothingText}</p>
        </Empty>
      )}
    </>
  );
}
