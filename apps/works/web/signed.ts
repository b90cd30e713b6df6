/** Who signed a transaction: asked once for each, in few requests, and of receipts, which carry no files. */
import { batch, type Hex } from "@commonhold/web/ledger/api";
import { useQuery } from "@tanstack/react-query";

/** Receipts in one request; half of the node's BATCH_ENTRIES_MAX. */
const AT_ONCE = 100;

const known = new Map<Hex, Hex>();

async function signers(hashes: Hex[]): Promise<Map<Hex, Hex>> {
  const missing = [...new Set(hashes)].filter((hash) => !known.has(hash));
  for (let from = 0; from < missing.length; from += AT_ONCE) {
    const some = missing.slice(from, from + AT_ONCE);
    const answers = await batch(
      some.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
    );
    for (const [at, hash] of some.entries()) {
      const receipt = answers[at] as { from?: Hex } | null | undefined;
      if (receipt?.from) known.set(hash, receipt.from);
    }
  }
  return new Map(known);
}

/** Who signed each of these, as far as it is known by now. */
export function useSigners(hashes: Hex[]): Map<Hex, Hex> {
  const { data } = useQuery({
    queryKey: ["works", "signers", hashes.length, hashes[0], hashes.at(-1)],
    queryFn: () => signers(hashes),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return data ?? known;
}
