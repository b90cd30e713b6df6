import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Hex, type Log, rpc, type Transaction } from "../ledger/api";
import { code, decodeLog, decodeReason } from "../ledger/decode";
import * as look from "../ledger/look";
import {
  Address,
  Badge,
  BlockLink,
  Card,
  Copy,
  Empty,
  Fact,
  Facts,
  Finality,
  Hash,
  Loading,
  Problem,
  Said,
  Time,
  Title,
} from "../parts/basics";
import { decodedCall, summary, useInterfaces, Values } from "../parts/decoded";
import { Icon } from "../parts/icons";
import { Link } from "../shell/router";
import { strings } from "../strings";
import { save } from "../text/csv";
import * as format from "../text/format";

const t = strings.transaction;

function Bytes({ data }: { data: Hex }) {
  const size = (data.length - 2) / 2;
  return (
    <details>
      <summary>
        {t.raw} ({format.bytes(size)})
      </summary>
      <div className="bytes">
        <code className="hex whole">{data.slice(0, 40_000)}</code>
        <Copy text={data} what={t.data.toLowerCase()} />
      </div>
    </details>
  );
}

function Called({ transaction }: { transaction: Transaction }) {
  const all = useInterfaces();
  const { to, input } = transaction;
  if (!to || input === "0x") return null;
  const decoded = decodedCall(all, to, input);
  return (
    <Card title={t.called}>
      {decoded ? (
        <>
          <p className="call">
            <strong>{format.title(decoded.name)}</strong>{" "}
            <span className="muted">{strings.transactions.to.toLowerCase()}</span>{" "}
            <Address value={to} copy={false} />
          </p>
          <Values values={decoded.values} />
        </>
      ) : (
        <p>
          {t.callUnknown}{" "}
          <Link to={`/accounts/${to}/interface`} className="strong">
            {t.giveInterface}
          </Link>
        </p>
      )}
      <Bytes data={input} />
    </Card>
  );
}

function Events({ logs }: { logs: Log[] }) {
  const all = useInterfaces();
  if (logs.length === 0) return <Empty title={t.eventsNone} />;
  return (
    <ol className="events">
      {logs.slice(0, 200).map((log) => {
        const known = all?.get(log.address.toLowerCase());
        const decoded = known && decodeLog(known.abi, log.topics, log.data);
        return (
          <li key={log.logIndex}>
            <p className="call">
              <strong>{decoded ? format.title(decoded.name) : t.eventUnknown}</strong>{" "}
              <span className="muted">{strings.transactions.from.toLowerCase()}</span>{" "}
              <Address value={log.address} copy={false} />
            </p>
            {decoded ? (
              <Values values={decoded.values} />
            ) : (
              <>
                <dl className="values">
                  {log.topics.map((topic, at) => (
                    <div key={at}>
                      <dt>
                        {t.topics} {at}
                      </dt>
                      <dd>
                        <code className="hex whole">{topic}</code>
                      </dd>
                    </div>
                  ))}
                </dl>
                <Bytes data={log.data} />
              </>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Reason({ hash }: { hash: string }) {
  const all = useInterfaces();
  const { data } = useQuery({
    queryKey: ["transaction", hash, "reason"],
    queryFn: () => rpc<Hex | null>("ots_getTransactionError", hash),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!data || data === "0x") return null;
  const reason = decodeReason(all ? [...all.values()].map((entry) => entry.abi) : [], data);
  return (
    <Fact name={t.why}>
      {reason ? (
        <>
          <strong>{format.title(reason.name)}</strong> <Said text={code(reason)} />
        </>
      ) : (
        <code className="hex whole">{data.slice(0, 2_000)}</code>
      )}
    </Fact>
  );
}

function StampButton({ hash }: { hash: string }) {
  const [error, setError] = useState<unknown>();
  const get = async () => {
    try {
      const response = await fetch(`/api/stamps/${hash}`);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      save(`${hash.slice(0, 10)}.stamp.json`, await response.text(), "application/json");
      setError(undefined);
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      <button type="button" className="button" title={t.stampHint} onClick={get}>
        <Icon name="stamp" /> {t.stamp}
      </button>
      {error !== undefined && <Problem error={error} />}
    </>
  );
}

export function TransactionPage({ hash }: { hash: string }) {
  const all = useInterfaces();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["transaction", hash],
    queryFn: () => look.transaction(hash),
    refetchInterval: (query) => (query.state.data?.isFinal ? false : 1_000),
  });
  const isFinal = data?.isFinal ?? false;
  const receipt = useQuery({
    queryKey: ["transaction", hash, "receipt"],
    queryFn: () => rpc<{ logs: Log[] } | null>("eth_getTransactionReceipt", hash),
    enabled: isFinal,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (isPending) return <Loading />;
  if (!data) {
    return (
      <>
        <Title kind={t.kind} text={format.short(hash)} />
        {error ? (
          <Problem error={error} retry={refetch} />
        ) : (
          <Empty title={t.missing}>
            <p>{t.missingText}</p>
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <Title kind={t.kind} text={summary(all, data)}>
        {isFinal && <StampButton hash={hash} />}
      </Title>
      <Card>
        <Facts>
          <Fact name={t.status}>
            <span className="badges">
              <Finality isFinal={isFinal} />
              {data.succeeded !== null && (
                <Badge tone={data.succeeded ? "good" : "bad"} icon={data.succeeded ? "check" : "cross"}>
                  {data.succeeded ? t.done : t.failed}
                </Badge>
              )}
            </span>
          </Fact>
          {data.succeeded === false && <Reason hash={hash} />}
          <Fact name={strings.transactions.hash}>
            <Hash value={hash} what={strings.kinds.transaction} whole />
          </Fact>
          {data.timeMs !== null && (
            <Fact name={t.time}>
              <Time ms={data.timeMs} both />
            </Fact>
          )}
          {data.block !== null && (
            <Fact name={t.block}>
              <BlockLink number={data.block} /> <span className="muted">{t.place(data.index ?? 0)}</span>
            </Fact>
          )}
          <Fact name={t.from}>
            <Address value={data.from} />
          </Fact>
          {data.to && (
            <Fact name={t.to}>
              <Address value={data.to} />
            </Fact>
          )}
          {data.created && (
            <Fact name={t.created}>
              <Address value={data.created} />
            </Fact>
          )}
          {data.value !== "0" && <Fact name={t.value}>{format.decimal(BigInt(data.value), 18)} ether</Fact>}
          <Fact name={t.nonce}>{format.count(data.nonce)}</Fact>
          {data.gasUsed !== null && <Fact name={t.gas}>{format.count(data.gasUsed)}</Fact>}
        </Facts>
      </Card>
      <Called transaction={data} />
      {isFinal && (
        <Card title={receipt.data ? `${t.events} (${receipt.data.logs.length})` : t.events}>
          {receipt.data ? (
            <Events logs={receipt.data.logs} />
          ) : receipt.error ? (
            <Problem error={receipt.error} />
          ) : (
            <Loading />
          )}
        </Card>
      )}
    </>
  );
}
