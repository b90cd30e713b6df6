import { Suspense } from "react";
import type { Member } from "../ledger/api";
import { useLive } from "../ledger/live";
import { useMembers } from "../ledger/names";
import { Badge, BlockLink, Card, Hash, Loading, Said, Title } from "../parts/basics";
import { Table } from "../parts/table";
import { part } from "../shell/lazy";
import { Link } from "../shell/router";
import { strings } from "../strings";
import { plain } from "../text/safe";

const t = strings.members;
const Chambers = part(() => import("./members/Committees"));

export function Health({ member }: { member: Member }) {
  if (member.isSelf) {
    return (
      <Badge tone="good" icon="check">
        {t.self}
      </Badge>
    );
  }
  return member.connected ? (
    <Badge tone="good" icon="check">
      {t.connected}
    </Badge>
  ) : (
    <Badge tone="bad" icon="cross">
      {t.away}
    </Badge>
  );
}

/** Whose turn each of the newest blocks was; the table says it in numbers. */
function Turns({ members }: { members: Member[] }) {
  const { blocks } = useLive();
  return (
    <ul className="turns" aria-hidden="true">
      {members.map((member) => (
        <li key={member.publicKey}>
          <span className="turns-name">{plain(member.name, 30)}</span>
          <span className="turns-marks">
            {blocks.map((block) => {
              const own = block.proposer.toLowerCase() === member.proposer?.toLowerCase();
              const kind = own ? (block.transactions > 0 ? "mark full" : "mark") : "mark none";
              return <span key={block.number} className={kind} />;
            })}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Members() {
  const members = useMembers();
  const { blocks } = useLive();
  if (!members) {
    return (
      <>
        <Title text={t.title} />
        <Loading />
      </>
    );
  }
  const turns = (member: Member) =>
    blocks.filter((block) => block.proposer.toLowerCase() === member.proposer?.toLowerCase()).length;
  return (
    <>
      <Title text={t.title} />
      <p className="lead">
        {t.lead} {t.tolerates(Math.floor((members.length - 1) / 3), members.length)}
      </p>
      <Card>
        <Table
          caption={t.caption}
          rows={members}
          id={(member) => member.publicKey}
          empty={{ title: strings.none }}
          columns={[
            {
              head: t.name,
              cell: (m) => <Link to={`/accounts/${m.account}`}>{plain(m.name, 60)}</Link>,
              text: (m) => m.name,
            },
            {
              head: t.health,
              cell: (m) => <Health member={m} />,
              text: (m) => (m.isSelf ? t.self : m.connected ? t.connected : t.away),
            },
            {
              head: t.last,
              cell: (m) =>
                m.lastProposed === null ? (
                  <span className="muted">{t.never}</span>
                ) : (
                  <BlockLink number={m.lastProposed} />
                ),
              text: (m) => String(m.lastProposed ?? ""),
              right: true,
            },
            {
              head: t.turns,
              cell: (m) => t.turn(turns(m), blocks.length),
              text: (m) => t.turn(turns(m), blocks.length),
              right: true,
              wide: true,
            },
            {
              head: t.account,
              cell: (m) => (
                <Hash
                  value={m.account}
                  what={strings.kinds.address}
                  to={`/accounts/${m.account}`}
                  copy={false}
                />
              ),
              text: (m) => m.account,
              wide: true,
            },
            {
              head: t.key,
              cell: (m) => <Hash value={m.publicKey} what={strings.kinds.key} />,
              text: (m) => m.publicKey,
              wide: true,
            },
            {
              head: t.endpoint,
              cell: (m) => <Said text={m.endpoint} max={50} />,
              text: (m) => m.endpoint,
              wide: true,
            },
          ]}
        />
      </Card>
      <Suspense fallback={<Loading />}>
        <Chambers />
      </Suspense>
      <Card title={t.turnsTitle}>
        <p className="muted">{t.turnsText}</p>
        <Turns members={members} />
      </Card>
    </>
  );
}
