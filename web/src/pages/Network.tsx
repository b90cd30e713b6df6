import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, type Limit } from "../ledger/api";
import { useLive } from "../ledger/live";
import { useWitness } from "../ledger/witness";
import { Badge, Card, Fact, Facts, Hash, Loading, Problem, Said, Title } from "../parts/basics";
import { Table } from "../parts/table";
import { Link } from "../shell/router";
import { strings } from "../strings";
import * as format from "../text/format";

const t = strings.network;

function Limits() {
  const [filter, setFilter] = useState("");
  const { data, error, refetch } = useQuery({
    queryKey: ["limits"],
    queryFn: () => get<Limit[]>("/api/limits"),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <Problem error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const wanted = filter.trim().toLowerCase();
  const rows = data.filter((limit) => `${limit.part} ${limit.name}`.toLowerCase().includes(wanted));
  return (
    <>
      <div className="field inline-field">
        <label htmlFor="limit-filter">{t.filter}</label>
        <input
          id="limit-filter"
          type="search"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      </div>
      <Table
        caption={t.limitsCaption}
        rows={rows}
        id={(limit) => `${limit.part}.${limit.name}`}
        empty={{ title: t.noLimits }}
        drawn={40}
        columns={[
          { head: t.part, cell: (limit) => limit.part, text: (limit) => limit.part, wide: true },
          { head: t.limit, cell: (limit) => <code>{limit.name}</code>, text: (limit) => limit.name },
          {
            head: t.value,
            cell: (limit) => format.count(limit.value),
            text: (limit) => String(limit.value),
            right: true,
          },
        ]}
      />
    </>
  );
}

export function NetworkPage() {
  const { network } = useLive();
  const witness = useWitness();
  if (!network) {
    return (
      <>
        <Title text={t.title} />
        <Loading />
      </>
    );
  }
  return (
    <>
      <Title text={t.title} />
      <Card title={t.identity}>
        <Facts>
          <Fact name={t.name}>
            <Said text={network.name} />
          </Fact>
          <Fact name={t.chain}>{network.chainId}</Fact>
          <Fact name={t.key} hint={t.keyHint}>
            <Hash value={network.networkKey} what={t.key.toLowerCase()} whole />
            {witness.key === network.networkKey && (
              <p className="muted">{strings.witness.since(format.date(witness.since))}.</p>
            )}
          </Fact>
          <Fact name={t.genesis}>
            <Hash value={network.genesis} what={t.genesis.toLowerCase()} whole />
          </Fact>
        </Facts>
      </Card>
      <div className="columns">
        <Card title={t.node}>
          <Facts>
            <Fact name={t.state}>
              {network.syncing ? (
                <Badge tone="wait" icon="clock">
                  {t.syncing}
                </Badge>
              ) : (
                <Badge tone="good" icon="check">
                  {t.inSync}
                </Badge>
              )}
            </Fact>
            <Fact name={t.version}>
              <Said text={network.version} max={40} />
            </Fact>
            <Fact name={t.uptime}>{format.duration(network.uptimeSeconds)}</Fact>
            <Fact name={t.disk}>{format.bytes(network.diskBytes)}</Fact>
            <Fact name={t.peers}>{format.count(network.peers)}</Fact>
            <Fact name={t.pending}>{format.count(network.pending)}</Fact>
          </Facts>
        </Card>
        <Card title={t.rules}>
          <Facts>
            <Fact name={t.membersCount}>
              <Link to="/members">{format.count(network.members)}</Link>
            </Fact>
            <Fact name={t.fee}>
              {network.baseFeePerGas === 0 ? strings.free : `${format.count(network.baseFeePerGas)} wei`}
            </Fact>
            <Fact name={t.gas}>{format.count(network.gasLimit)}</Fact>
          </Facts>
          <h3>{t.interfaces}</h3>
          <p className="muted">{t.interfacesText}</p>
          <ul className="links">
            <li>
              <a href="/openapi.json">{t.rest}</a>
            </li>
            <li>
              <a href="/metrics">{t.metrics}</a>
            </li>
          </ul>
        </Card>
      </div>
      <Card title={t.limits}>
        <p className="muted">{t.limitsText}</p>
        <Limits />
      </Card>
    </>
  );
}
