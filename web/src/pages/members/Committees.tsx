/** Who takes part in this epoch and the next ones, and what is decided for later. */
import { useLive } from "../../ledger/live";
import { Badge, BlockLink, Card, Loading, Said } from "../../parts/basics";
import { Table } from "../../parts/table";
import { Link } from "../../shell/router";
import { strings } from "../../strings";
import * as format from "../../text/format";
import { plain } from "../../text/safe";
import { type Chamber, faults, firstBlock, nameOf, type Organisation, useChamber } from "./law";

const t = strings.votes;

/** The usual time between two of the newest blocks, in milliseconds. */
function usePace(): number | undefined {
  const { blocks } = useLive();
  const [newest, oldest] = [blocks[0], blocks.at(-1)];
  if (!newest || !oldest || newest.number === oldest.number) return undefined;
  return (newest.timeMs - oldest.timeMs) / (newest.number - oldest.number);
}

type Row = Chamber["committees"][number] & { change: string; first: bigint };

/** Each epoch, and in what it differs from the one before it. */
export function rows(chamber: Chamber): Row[] {
  const name = (number: bigint) => plain(nameOf(chamber, number), 40);
  return chamber.committees.map((committee, at) => {
    const before = chamber.committees[at - 1]?.seats ?? committee.seats;
    const was = (number: bigint) => before.find((seat) => seat.number === number);
    const came = committee.seats.filter((seat) => !was(seat.number));
    const left = before.filter((seat) => !committee.seats.some((one) => one.number === seat.number));
    const other = committee.seats.flatMap((seat) => {
      const old = was(seat.number);
      if (!old) return [];
      return [
        old.publicKey !== seat.publicKey && t.otherKey(name(seat.number)),
        old.endpoint !== seat.endpoint && t.otherEndpoint(name(seat.number)),
        old.account !== seat.account && t.otherAccount(name(seat.number)),
      ].filter((text) => text !== false);
    });
    const names = (seats: typeof before) => seats.map((seat) => name(seat.number)).join(", ");
    const members = came.length + left.length > 0 || other.length === 0;
    const change = [...(members ? [t.changes(names(came), names(left))] : []), ...other].join("; ");
    return {
      ...committee,
      change: at === 0 ? "" : change,
      first: firstBlock(chamber.epochs, committee.epoch),
    };
  });
}

export function Committees({ chamber }: { chamber: Chamber }) {
  const { network } = useLive();
  const pace = usePace();
  const away = (block: bigint) => {
    const blocks = Number(block) - (network?.block ?? 0);
    return pace && network && blocks > 0 ? t.about(format.duration((blocks * pace) / 1000)) : "";
  };
  const mayFail = (row: Row) => {
    const f = faults(row.seats.length);
    return f === 0 ? t.mayFailNone : format.count(f);
  };
  return (
    <Card title={t.committees}>
      <p className="muted">{t.committeesText(chamber.epochs.blocks)}</p>
      <Table
        caption={t.committeesCaption}
        rows={rows(chamber)}
        id={(row) => String(row.epoch)}
        empty={{ title: strings.none }}
        columns={[
          {
            head: t.epochHead,
            cell: (row) => (
              <>
                {format.count(row.epoch)}{" "}
                {row.epoch === chamber.epochs.epoch && (
                  <Badge tone="good" icon="check">
                    {t.now}
                  </Badge>
                )}
              </>
            ),
            text: (row) => String(row.epoch),
          },
          {
            head: t.fromBlock,
            cell: (row) =>
              Number(row.first) <= (network?.block ?? 0) ? (
                <BlockLink number={row.first} />
              ) : (
                <>
                  {format.count(row.first)} <span className="why">{away(row.first)}</span>
                </>
              ),
            text: (row) => String(row.first),
            right: true,
          },
          {
            head: t.membersHead,
            cell: (row) => format.count(row.seats.length),
            text: (row) => String(row.seats.length),
            right: true,
          },
          { head: t.mayFail, cell: mayFail, text: mayFail, right: true },
          { head: t.change, cell: (row) => row.change, text: (row) => row.change, wide: true },
          {
            head: t.voteTime,
            cell: (row) => format.duration(Number(row.voteSeconds)),
            text: (row) => String(row.voteSeconds),
            right: true,
            wide: true,
          },
          {
            head: t.gasOfBlock,
            cell: (row) => format.count(row.gas),
            text: (row) => String(row.gas),
            right: true,
            wide: true,
          },
          {
            head: t.version,
            cell: (row) => (row.version === "" ? t.anyVersion : <Said text={row.version} max={20} />),
            text: (row) => row.version,
            wide: true,
          },
        ]}
      />
      {chamber.later.map(({ fromEpoch, members }) => (
        <p key={String(fromEpoch)}>{t.later(members, fromEpoch)}</p>
      ))}
    </Card>
  );
}

function standing(member: Organisation): keyof typeof t.standings {
  if (member.stands) return member.untilEpoch > 0n ? "leaving" : "member";
  return member.untilEpoch > 0n ? "left" : "coming";
}

/** Everybody who is, was or is to be a member. */
export function Roster({ chamber }: { chamber: Chamber }) {
  const tone = { member: "good", coming: "wait", leaving: "wait", left: "plain" } as const;
  return (
    <Card title={t.roster}>
      <p className="muted">{t.rosterText}</p>
      <Table
        caption={t.roster}
        rows={chamber.members}
        id={(member) => String(member.number)}
        empty={{ title: strings.none }}
        columns={[
          {
            head: t.number,
            cell: (member) => format.count(member.number),
            text: (member) => String(member.number),
          },
          {
            head: t.who,
            cell: (member) => <Link to={`/accounts/${member.account}`}>{plain(member.name, 60)}</Link>,
            text: (member) => member.name,
          },
          {
            head: t.standing,
            cell: (member) => <Badge tone={tone[standing(member)]}>{t.standings[standing(member)]}</Badge>,
            text: (member) => t.standings[standing(member)],
          },
          {
            head: t.since,
            cell: (member) => format.count(member.fromEpoch),
            text: (member) => String(member.fromEpoch),
            right: true,
            wide: true,
          },
          {
            head: t.until,
            cell: (member) =>
              member.untilEpoch === 0n ? <span className="muted">–</span> : format.count(member.untilEpoch),
            text: (member) => (member.untilEpoch === 0n ? "" : String(member.untilEpoch)),
            right: true,
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

/** On the page of members: who takes part when, and where the votes are. */
export default function Chambers() {
  const { data } = useChamber();
  if (!data) return <Loading />;
  const open = data.proposals.filter((proposal) => proposal.state === 0).length;
  return (
    <>
      <Card
        title={t.title}
        action={
          <Link to="/members/votes" className="button">
            {t.link}
          </Link>
        }
      >
        <p>{t.linkText(open)}</p>
      </Card>
      <Committees chamber={data} />
    </>
  );
}
