/** Bids that are still sealed after their deadline, laid open by whoever looks. */
import type { Hex } from "@commonhold/web/ledger/api";
import { Problem } from "@commonhold/web/parts/basics";
import { Who } from "@commonhold/web/parts/steps";
import { plain } from "@commonhold/web/text/safe";
import { useState } from "react";
import type { Bid, Tender } from "./law";
import { opened, opening } from "./revealing";
import type { useSigning } from "./shared";
import { strings } from "./strings";

const t = strings.bids;

/** Laying open what is still sealed once the deadline is over. Anybody may, and what comes of it is the same. */
export function Reveal({
  tender,
  offers,
  sign,
}: {
  tender: Pick<Tender, "deadline"> & { number: bigint };
  offers: (Pick<Bid, "bidder" | "commitment" | "opened"> & { sealedBid: Hex | undefined })[];
  sign: ReturnType<typeof useSigning>["sign"];
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [failed, setFailed] = useState<Hex[]>([]);
  const sealed = offers.flatMap(({ bidder, commitment, sealedBid, opened: isOpen }) =>
    isOpen || !sealedBid ? [] : [{ bidder, commitment, sealedBid }],
  );
  const left = sealed.filter(({ bidder }) => !failed.includes(bidder));
  const begin = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { steps, revealed, failed } = await opening(tender.number, tender.deadline, left);
      setFailed((before) => [...before, ...failed]);
      if (revealed.length > 0) {
        sign({
          effect: (
            <>
              <p>{t.revealEffect(revealed.length, tender.number)}</p>
              {revealed.map(({ bidder, bid }) => (
                <p key={bidder}>
                  <Who value={bidder} />: <span className="said">{plain(opened(bid).text, 200)}</span>
                </p>
              ))}
            </>
          ),
          step: steps,
          action: t.reveal,
        });
      }
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      {failed.map((bidder) => (
        <p key={bidder} className="error">
          <Who value={bidder} />: {t.revealFailed}
        </p>
      ))}
      {left.length > 0 && (
        <div className="card-actions decide">
          <button type="button" className="button primary" disabled={busy} onClick={() => void begin()}>
            {busy ? t.revealing : t.reveal}
          </button>
        </div>
      )}
    </>
  );
}
