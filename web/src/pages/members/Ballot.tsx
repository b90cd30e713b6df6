/** One proposal: what it asks for, who voted how and why, and, for members, their vote. */
import { useState } from "react";
import type { Event } from "../../ledger/events";
import {
  Address,
  Asked,
  Badge,
  BlockLink,
  Card,
  Fact,
  Facts,
  Hash,
  Said,
  Time,
  Title,
} from "../../parts/basics";
import { iso, Proof, type Signing, useSigning } from "../../parts/steps";
import { Table } from "../../parts/table";
import { Link } from "../../shell/router";
import { strings } from "../../strings";
import { plain } from "../../text/safe";
import { outcome } from "./counting";
import { REASON_BYTES_MAX } from "./forms";
import {
  type Ballot,
  type Chamber,
  firstBlock,
  holdsFrom,
  KIND,
  nameOf,
  type Proposal,
  type Seat,
  STATE,
  useBallot,
  useChamber,
  useOwn,
} from "./law";
import { asks, caveats, Standing, step } from "./shared";
import { Role } from "./Votes";
import { Why } from "./Why";

const t = strings.votes;

const told = (ballot: Ballot | undefined, name: string, member?: bigint): Event | undefined =>
  ballot?.told.find(
    (event) => event.name === name && (member === undefined || event.values.get("member") === String(member)),
  );

function Asks({ chamber, proposal, ballot }: Shown) {
  const { epochs } = chamber;
  return (
    <Card>
      <Facts>
        <Fact name={t.state}>
          <Standing state={proposal.state} />
        </Fact>
        <Fact name={t.what}>{asks(chamber, proposal)}</Fact>
        {proposal.kind === KIND.admission && (
          <Fact name={t.form.account}>
            <Address value={proposal.account} whole />
          </Fact>
        )}
        {proposal.kind === KIND.account && (
          <Fact name={t.form.account}>
            <Address value={proposal.account} whole />
          </Fact>
        )}
        {(proposal.kind === KIND.admission || proposal.kind === KIND.key) && (
          <Fact name={t.form.key}>
            <Hash value={proposal.publicKey} what={strings.kinds.key} whole />
          </Fact>
        )}
        <Fact name={t.reason}>
          <Said text={proposal.reason} max={256} />
        </Fact>
        <Fact name={t.proposedBy}>
          {plain(nameOf(chamber, proposal.proposer), 60)}{" "}
          <span className="muted">
            <Time ms={Number(proposal.proposedAt) * 1000} both />
          </span>{" "}
          <Proof hash={told(ballot, "Proposed")?.transaction} what={t.proposal(proposal.id)} />
        </Fact>
        <Fact name={t.votes}>
          {t.tally(proposal.approvals, proposal.refusals)}
          {proposal.state === STATE.open && (
            <>
              . <span className="muted">{t.needed(chamber.quorum, proposal.members)}</span>
            </>
          )}
        </Fact>
        {proposal.state === STATE.open || proposal.state === STATE.expired ? (
          <Fact name={t.expires}>
            <Time ms={Number(proposal.expires) * 1000} both />
          </Fact>
        ) : (
          <Fact name={t.decidedAt}>
            <Time ms={Number(proposal.decidedAt) * 1000} both />, {t.inBlock}{" "}
            <BlockLink number={proposal.decidedIn} />
          </Fact>
        )}
        {proposal.state !== STATE.open && (
          <Fact name={t.holds}>
            {proposal.fromEpoch === 0n
              ? t.nothingHolds
              : t.epochFrom(proposal.fromEpoch, firstBlock(epochs, proposal.fromEpoch))}
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

interface Shown {
  chamber: Chamber;
  proposal: Proposal;
  ballot: Ballot | undefined;
}

function Vote({ chamber, proposal, ballot, own, sign }: Shown & { own: Seat; sign: Signing["sign"] }) {
  const [approve, setApprove] = useState<boolean>();
  if (!ballot || proposal.state !== STATE.open) return null;
  const mine = ballot.votes.find((vote) => vote.member === own.number);
  const what = asks(chamber, proposal);
  const withdraw = own.number === proposal.proposer && (
    <button
      type="button"
      className="button danger"
      onClick={() =>
        sign({
          effect: <p>{t.effect.withdraw(proposal.id, what)}</p>,
          step: step("withdraw", proposal.id),
          action: t.withdraw,
        })
      }
    >
      {t.withdraw}
    </button>
  );
  if (mine) {
    return (
      <Card title={t.vote}>
        <p>{t.yours(mine.approve)}</p>
        {withdraw && <div className="card-actions decide">{withdraw}</div>}
      </Card>
    );
  }
  const action = approve ? t.voteFor : t.voteAgainst;
  const cast = (reason: string) => {
    if (approve === undefined) return;
    const after = outcome(approve, ballot.votes, chamber.quorum, chamber.committees[0]?.seats.length ?? 0);
    sign(
      {
        effect: (
          <>
            <p>{approve ? t.effect.voteFor(proposal.id, what) : t.effect.voteAgainst(proposal.id, what)}</p>
            <p>
              {after === "accepted"
                ? t.effect.decides(holdsFrom(chamber.epochs))
                : after === "refused"
                  ? t.effect.refuses
                  : t.effect.more(after)}
            </p>
            {approve && caveats(chamber, proposal).map((text) => <p key={text}>{text}</p>)}
            <p className="said">“{plain(reason, REASON_BYTES_MAX)}”</p>
          </>
        ),
        step: step("vote", proposal.id, approve, reason),
        action,
      },
      () => setApprove(undefined),
    );
  };
  return (
    <Card title={t.vote}>
      <p className="muted">{t.mayVote}</p>
      {approve === undefined ? (
        <div className="card-actions">
          <button type="button" className="button primary" onClick={() => setApprove(true)}>
            {t.voteFor}
          </button>
          <button type="button" className="button danger" onClick={() => setApprove(false)}>
            {t.voteAgainst}
          </button>
        </div>
      ) : (
        <Why
          label={approve ? t.whyFor : t.whyAgainst}
          action={action}
          danger={!approve}
          cancel={() => setApprove(undefined)}
          done={cast}
        />
      )}
    </Card>
  );
}

function Votes({ chamber, proposal, ballot }: Shown) {
  if (!ballot) return null;
  const name = (number: bigint) => nameOf(chamber, number);
  const word = (approve: boolean) => (approve ? t.votedFor : t.votedAgainst);
  const silent = (chamber.committees[0]?.seats ?? [])
    .filter((seat) => !ballot.votes.some((vote) => vote.member === seat.number))
    .map((seat) => plain(name(seat.number), 40));
  return (
    <Card title={t.ballotCaption}>
      {proposal.state === STATE.open && silent.length > 0 && (
        <p className="muted">{t.notYet(silent.join(", "))}</p>
      )}
      <Table
        caption={t.ballotCaption}
        rows={ballot.votes}
        id={(vote) => String(vote.member)}
        empty={{ title: strings.none }}
        columns={[
          {
            head: t.who,
            cell: (vote) => plain(name(vote.member), 60),
            text: (vote) => name(vote.member),
          },
          {
            head: t.vote,
            cell: (vote) => (
              <>
                <Badge tone={vote.approve ? "good" : "bad"} icon={vote.approve ? "check" : "cross"}>
                  {word(vote.approve)}
                </Badge>
                {!vote.counts && <span className="why">{t.countsNot}</span>}
              </>
            ),
            text: (vote) => `${word(vote.approve)}${vote.counts ? "" : `, ${t.countsNot}`}`,
          },
          {
            head: t.reason,
            cell: (vote) => <Said text={vote.reason} max={256} />,
            text: (vote) => vote.reason,
          },
          {
            head: t.voted,
            cell: (vote) => <Time ms={Number(vote.castAt) * 1000} />,
            text: (vote) => iso(vote.castAt),
            wide: true,
          },
          {
            head: strings.proof,
            cell: (vote) => (
              <Proof
                hash={
                  told(ballot, "Voted", vote.member)?.transaction ?? told(ballot, "Proposed")?.transaction
                }
                what={`${t.vote} ${plain(name(vote.member), 40)}`}
              />
            ),
            text: (vote) => told(ballot, "Voted", vote.member)?.transaction ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

function Found({ chamber, proposal }: { chamber: Chamber; proposal: Proposal }) {
  const query = useBallot(proposal.id);
  const { sign, dialog } = useSigning("votes");
  const own = useOwn(chamber);
  const shown = { chamber, proposal, ballot: query.data };
  return (
    <>
      <Title text={t.proposal(proposal.id)} />
      <p className="lead">{asks(chamber, proposal)}.</p>
      <Asks {...shown} />
      {own ? (
        <Vote {...shown} own={own} sign={sign} />
      ) : (
        proposal.state === STATE.open && <Role chamber={chamber} />
      )}
      <Asked query={query}>{() => <Votes {...shown} />}</Asked>
      <p>
        <Link to="/members/votes">{t.all}</Link>
      </p>
      {dialog}
    </>
  );
}

export default function BallotPage({ id }: { id: string }) {
  const query = useChamber();
  return (
    <Asked query={query}>
      {(chamber) => {
        const proposal = chamber.proposals.find((one) => String(one.id) === id);
        if (proposal) return <Found chamber={chamber} proposal={proposal} />;
        return (
          <>
            <Title text={t.missing(plain(id, 20))} />
            <p className="lead">{t.missingText}</p>
            <p>
              <Link to="/members/votes">{t.all}</Link>
            </p>
          </>
        );
      }}
    </Asked>
  );
}
