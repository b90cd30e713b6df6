import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Block, get } from "../ledger/api";
import { useLive } from "../ledger/live";
import { useKnown, useMembers } from "../ledger/names";
import { useWitness } from "../ledger/witness";
import { Card, Loading, Problem, Title } from "../parts/basics";
import { Icon } from "../parts/icons";
import { TransactionTable } from "../parts/transactions";
import { Link } from "../shell/router";
import { strings } from "../strings";
import * as format from "../text/format";
import { plain } from "../text/safe";
import { Health } from "./Members";
import type { TransactionPage } from "./Transactions";

const t = strings.home;
/** Blocks of the strip. */
const STRIP = 16;
/** Blocks between two announcements to a screen reader. */
const ANNOUNCED = 10;

export function median(values: number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? undefined : sorted[Math.floor((sorted.length - 1) / 2)];
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Figures({ blocks }: { blocks: Block[] }) {
  const { network } = useLive();
  const finality = median(blocks.flatMap((block) => (block.finalityMs === null ? [] : [block.finalityMs])));
  const span = (blocks[0]?.timeMs ?? 0) - (blocks.at(-1)?.timeMs ?? 0);
  const done = blocks.slice(0, -1).reduce((sum, block) => sum + block.transactions, 0);
  const rate = span > 0 ? (done * 60_000) / span : 0;
  return (
    <dl className="figures">
      <Figure name={t.figures.block} value={network ? format.count(network.block) : "–"} />
      <Figure name={t.figures.finality} value={finality === undefined ? "–" : format.millis(finality)} />
      <Figure
        name={t.figures.rate}
        value={rate >= 10 ? format.count(Math.round(rate)) : rate.toFixed(1).replace(/\.0$/, "")}
      />
      <Figure name={t.figures.waiting} value={network ? format.count(network.pending) : "–"} />
    </dl>
  );
}

/** Whether this browser checked what the strip shows. */
function Assurance() {
  const { head, key, fault } = useWitness();
  const t = strings.witness;
  if (fault)
    return (
      <p className="assurance bad">
        <Icon name="cross" /> {t.failed}
      </p>
    );
  if (!head || !key) return <p className="assurance">{t.waiting}</p>;
  return (
    <p className="assurance good">
      <Icon name="check" /> <strong>{t.checked}</strong> {t.checkedText(format.count(head.number))}{" "}
      <Link to="/network">
        <code>{`${key.slice(0, 10)}…${key.slice(-8)}`}</code>
      </Link>
    </p>
  );
}

function Strip({ blocks }: { blocks: Block[] }) {
  const [paused, setPaused] = useState<Block[]>();
  const names = useKnown();
  const { checked } = useWitness();
  const shown = (paused ?? blocks).slice(0, STRIP);
  const newest = blocks[0]?.number ?? 0;
  const missed = paused ? newest - (paused[0]?.number ?? 0) : 0;
  const said = useRef(0);
  const [announced, setAnnounced] = useState("");
  useEffect(() => {
    if (paused || newest < said.current + ANNOUNCED) return;
    said.current = newest;
    setAnnounced(`${strings.blocks.number} ${format.count(newest)}`);
  }, [newest, paused]);
  return (
    <Card
      title={t.strip}
      action={
        <span className="card-actions">
          {paused && <span className="muted">{t.paused(missed)}</span>}
          <button
            type="button"
            className="button quiet"
            onClick={() => setPaused(paused ? undefined : blocks)}
          >
            <Icon name={paused ? "play" : "pause"} /> {paused ? t.resume : t.pause}
          </button>
          <Link className="button quiet" to="/blocks">
            {t.all}
          </Link>
        </span>
      }
    >
      <p className="sr" role="status">
        {announced}
      </p>
      {shown.length === 0 ? (
        <Loading />
      ) : (
        <ol className="strip" aria-label={t.strip}>
          {shown.map((block) => (
            <li key={block.number}>
              <Link
                to={`/blocks/${block.number}`}
                className={block.transactions > 0 ? "block full" : "block"}
              >
                <span className="block-number">
                  {format.count(block.number)}
                  {checked.get(block.number)?.hash === block.hash && (
                    <span className="block-checked" title={strings.witness.mark}>
                      <Icon name="check" />
                    </span>
                  )}
                </span>
                <span className="block-count">{t.transactionsIn(block.transactions)}</span>
                <span className="block-final">
                  {block.finalityMs === null ? t.finalIs : `${t.finalIn} ${format.millis(block.finalityMs)}`}
                </span>
                <span className="block-member">
                  {plain(names?.get(block.proposer.toLowerCase())?.name ?? "", 24)}
                </span>
              </Link>
            </li>
          ))}
        </ol>
      )}
      <Assurance />
    </Card>
  );
}

export function Home() {
  const { blocks } = useLive();
  const members = useMembers();
  const { data, error, refetch } = useQuery({
    queryKey: ["transactions", "home"],
    queryFn: () => get<TransactionPage>("/api/transactions?limit=8"),
    refetchInterval: 1_500,
  });
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <Figures blocks={blocks} />
      <Strip blocks={blocks} />
      <div className="columns wide-left">
        <Card
          title={t.latest}
          action={
            <Link className="button quiet" to="/transactions">
              {t.all}
            </Link>
          }
        >
          {data ? (
            <TransactionTable
              caption={t.latest}
              compact
              rows={data.transactions.slice(0, 8)}
              empty={{ title: t.none, text: t.noneText }}
            />
          ) : error ? (
            <Problem error={error} retry={refetch} />
          ) : (
            <Loading />
          )}
        </Card>
        <Card
          title={t.members}
          action={
            <Link className="button quiet" to="/members">
              {t.all}
            </Link>
          }
        >
          {members ? (
            <ul className="people">
              {members.slice(0, 10).map((member) => (
                <li key={member.publicKey}>
                  <Link to={`/accounts/${member.account}`}>{plain(member.name, 40)}</Link>
                  <Health member={member} />
                </li>
              ))}
            </ul>
          ) : (
            <Loading />
          )}
        </Card>
      </div>
    </>
  );
}
