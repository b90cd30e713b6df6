import type { Interface } from "../ledger/modules";
import { Badge, Card, Hash, Loading, Title } from "../parts/basics";
import { useInterfaces } from "../parts/decoded";
import { Table } from "../parts/table";
import { Link } from "../shell/router";
import { strings } from "../strings";
import { count, title } from "../text/format";
import { plain } from "../text/safe";

const t = strings.contracts;

const of = (entry: Interface, type: string) => entry.abi.filter((item) => item.type === type).length;

export function Contracts() {
  const all = useInterfaces();
  const name = (entry: Interface) => (entry.isModule ? title(entry.name) : entry.name);
  const kind = (entry: Interface) => (entry.isModule ? t.module : t.given);
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <Card>
        {all ? (
          <Table
            caption={t.caption}
            rows={[...all.values()].sort((a, b) => a.address.localeCompare(b.address))}
            id={(entry) => entry.address}
            empty={{ title: t.none }}
            columns={[
              {
                head: t.name,
                cell: (e) => <Link to={`/accounts/${e.address}/interface`}>{plain(name(e), 60)}</Link>,
                text: name,
              },
              {
                head: t.address,
                cell: (e) => <Hash value={e.address} what={strings.kinds.address} />,
                text: (e) => e.address,
              },
              { head: t.kind, cell: (e) => <Badge tone="plain">{kind(e)}</Badge>, text: kind, wide: true },
              {
                head: t.functions,
                cell: (e) => count(of(e, "function")),
                text: (e) => String(of(e, "function")),
                right: true,
                wide: true,
              },
              {
                head: t.events,
                cell: (e) => count(of(e, "event")),
                text: (e) => String(of(e, "event")),
                right: true,
                wide: true,
              },
            ]}
          />
        ) : (
          <Loading />
        )}
      </Card>
      <Card title={t.add} quiet>
        <p>{t.addText}</p>
      </Card>
    </>
  );
}
