/** *Votes*: studies before ethics boards. */
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { events } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, Fact, Facts, Time, Title } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import { type Ballot, type Board, counts, laws, newest } from "./law";
import {
  Asked,
  date,
  iso,
  LOOK_MS,
  Proof,
  SIZE,
  SignedOut,
  same,
  span,
  step,
  useSigning,
  Who,
} from "./shared";
import { strings } from "./strings";

const t = strings.votes;
/** Ballots that are looked through for those that wait: the newest. */
const LOOKED_MAX = 200;

interface Row extends Ballot {
  sits: Board | undefined;
  vote: "for" | "against" | "conflict" | undefined;
  transaction: Hex | undefined;
}

async function ballots(me: Hex | undefined): Promise<{ rows: Row[]; boards: Board[]; total: number }> {
  const { ballots: total, boards: founded } = await counts();
  const [all, boards, opened, voted] = await Promise.all([
    newest<Ballot>("ballot", total, 0, LOOKED_MAX),
    laws<Board>(
      "board",
      Array.from({ length: Math.min(founded, LOOKED_MAX) }, (_, at) => [BigInt(at + 1)]),
    ),
    events("health", ["BallotOpened"]),
    me ? events("health", ["Voted", "ConflictDeclared"], null, me) : [],
  ]);
  const proofs = new Map(opened.map((event) => [event.values.get("number"), event.transaction]));
  const mine = new Map(
    voted.map((event) => [
      event.values.get("ballot"),
      event.name === "Voted" ? (event.values.get("approve") === "true" ? "for" : "against") : "conflict",
    ]),
  );
  const rows = all.map((ballot): Row => {
    const key = String(ballot.number);
    return {
      ...ballot,
      sits: boards.find((board) => board.number === ballot.board),
      vote: mine.get(key) as Row["vote"],
      transaction: proofs.get(key),
    };
  });
  return { rows, boards, total };
}

const voteWords = (row: Row) =>
  row.vote === undefined ? "" : row.vote === "conflict" ? t.conflicted : t.voted(row.vote === "for");

type Sign = ReturnType<typeof useSigning>["sign"];

function Waiting({ row, sign }: { row: Row; sign: Sign }) {
  const what = `${t.version(row.version)} ${strings.study(row.study).replace(/^/, "of ")}`;
  const act = (functionName: string, args: unknown[], effect: string, action: string, look: string) => (
    <button
      type="button"
      className={`button ${look}`}
      onClick={() => sign({ effect: <p>{effect}</p>, step: step(functionName, row.number, ...args), action })}
    >
      {action}
    </button>
  );
  return (
    <section className="card request" aria-label={`${t.number} ${row.number}`}>
      <div className="card-head">
        <h2>
          <Link to={`/health/studies/${row.study}`}>{strings.study(row.study)}</Link>,{" "}
          {t.version(row.version)}
        </h2>
        <span className="muted">
          <Time ms={Number(row.openedAt) * 1000} /> · <Proof hash={row.transaction} what={t.opened} />
        </span>
      </div>
      <Facts>
        <Fact name={t.counts}>
          {format.count(row.approvals)}, {format.count(row.rejections)}
          {row.sits && ` (${t.need(row.sits.quorum)})`}
        </Fact>
        <Fact name={t.closes}>{date(row.closes)}</Fact>
      </Facts>
      {row.sits && <p className="muted">{t.days(Math.round(Number(row.sits.approvalSeconds) / 86_400))}</p>}
      <div className="card-actions decide">
        {act("vote", [true], t.effects.approve(what), t.approve, "primary")}
        {act("vote", [false], t.effects.reject(what), t.reject, "danger")}
        {act("declareConflict", [], t.effects.conflict(what), t.conflict, "")}
      </div>
    </section>
  );
}

function Boards({ boards }: { boards: Board[] }) {
  return (
    <Card title={t.boards}>
      <Table
        caption={t.boards}
        rows={boards}
        id={(board) => String(board.number)}
        empty={{ title: t.boardsNone, text: t.boardsNoneText }}
        columns={[
          {
            head: t.board,
            cell: (board) => strings.studies.board(board.number),
            text: (board) => String(board.number),
          },
          {
            head: t.members,
            cell: (board) => (
              <span className="badges">
                {board.members.map((member) => (
                  <Who key={member} value={member} />
                ))}
              </span>
            ),
            text: (board) => board.members.join(" "),
          },
          {
            head: t.quorum,
            cell: (board) => format.count(board.quorum),
            text: (board) => String(board.quorum),
            right: true,
            wide: true,
          },
          {
            head: strings.studies.approved,
            cell: (board) => span(Number(board.approvalSeconds)),
            text: (board) => span(Number(board.approvalSeconds)),
            wide: true,
          },
          {
            head: t.founded,
            cell: (board) => <Time ms={Number(board.foundedAt) * 1000} />,
            text: (board) => iso(board.foundedAt),
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

export function Votes() {
  const session = useSession();
  const me = session?.address;
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const { sign, dialog } = useSigning();
  const query = useQuery({
    queryKey: ["health", "ballots", me],
    queryFn: () => ballots(me),
    refetchInterval: LOOK_MS,
  });
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      {!session && <SignedOut />}
      <Asked query={query}>
        {({ rows, boards }) => {
          const waiting = rows.filter(
            (row) =>
              me &&
              row.state === 0 &&
              row.vote === undefined &&
              row.sits?.members.some((member) => same(member, me)),
          );
          return (
            <>
              {session &&
                (waiting.length === 0 ? (
                  <Card title={t.waiting}>
                    <Empty title={t.waitingNone}>
                      <p>{t.waitingNoneText}</p>
                    </Empty>
                  </Card>
                ) : (
                  <>
                    <h2 className="section">{t.waiting}</h2>
                    {waiting.map((row) => (
                      <Waiting key={String(row.number)} row={row} sign={sign} />
                    ))}
                  </>
                ))}
              <Card title={t.all}>
                <Table
                  caption={t.all}
                  rows={rows.slice(page * SIZE, (page + 1) * SIZE)}
                  all={rows}
                  id={(row) => String(row.number)}
                  empty={{ title: t.allNone, text: t.allNoneText }}
                  pager={<CountedPager total={rows.length} page={page} size={SIZE} name="page" />}
                  columns={[
                    { head: t.number, cell: (row) => String(row.number), text: (row) => String(row.number) },
                    {
                      head: t.study,
                      cell: (row) => (
                        <Link to={`/health/studies/${row.study}`}>
                          {strings.study(row.study)}, {t.version(row.version)}
                        </Link>
                      ),
                      text: (row) => `${row.study}.${row.version}`,
                    },
                    {
                      head: t.opened,
                      cell: (row) => <Time ms={Number(row.openedAt) * 1000} />,
                      text: (row) => iso(row.openedAt),
                      wide: true,
                    },
                    {
                      head: t.counts,
                      cell: (row) => `${row.approvals}, ${row.rejections}`,
                      text: (row) => `${row.approvals}, ${row.rejections}`,
                      wide: true,
                    },
                    {
                      head: t.state,
                      cell: (row) => (
                        <Badge tone={row.state === 1 ? "good" : row.state === 0 ? "wait" : "bad"}>
                          {t.states[row.state]}
                        </Badge>
                      ),
                      text: (row) => t.states[row.state] ?? "",
                    },
                    {
                      head: t.mine,
                      cell: (row) => voteWords(row) || <span className="muted">–</span>,
                      text: voteWords,
                      wide: true,
                    },
                    {
                      head: strings.transaction,
                      cell: (row) => <Proof hash={row.transaction} what={t.opened} />,
                      text: (row) => row.transaction ?? "",
                      wide: true,
                    },
                  ]}
                />
              </Card>
              <Boards boards={boards} />
            </>
          );
        }}
      </Asked>
      {dialog}
    </>
  );
}
