/** The members' votes: what waits, and what was decided. */
import { useSession } from "../../keys/session";
import { Asked, Card, Empty, Fact, Facts, Said, Time, Title } from "../../parts/basics";
import { CountedPager } from "../../parts/pager";
import { iso, Proof, SIZE } from "../../parts/steps";
import { Table } from "../../parts/table";
import { Link, useQueryParam } from "../../shell/router";
import { strings } from "../../strings";
import { plain } from "../../text/safe";
import { Committees, Roster } from "./Committees";
import { type Chamber, nameOf, type Proposal, STATE, useChamber, useOwn, useProposed } from "./law";
import { asks, Standing } from "./shared";

const t = strings.votes;

function Open({ chamber, proposal }: { chamber: Chamber; proposal: Proposal }) {
  const own = useOwn(chamber);
  return (
    <section className="card request" aria-label={t.proposal(proposal.id)}>
      <div className="card-head">
        <h2>
          <Link to={`/members/votes/${proposal.id}`}>
            {t.proposal(proposal.id)}: {asks(chamber, proposal)}
          </Link>
        </h2>
        <Standing state={proposal.state} />
      </div>
      <Facts>
        <Fact name={t.proposedBy}>{plain(nameOf(chamber, proposal.proposer), 60)}</Fact>
        <Fact name={t.reason}>
          <Said text={proposal.reason} max={256} />
        </Fact>
        <Fact name={t.votes}>
          {t.tally(proposal.approvals, proposal.refusals)}.{" "}
          <span className="muted">{t.needed(chamber.quorum, proposal.members)}</span>
        </Fact>
        <Fact name={t.expires}>
          <Time ms={Number(proposal.expires) * 1000} both />
        </Fact>
      </Facts>
      <div className="card-actions decide">
        <Link to={`/members/votes/${proposal.id}`} className={own ? "button primary" : "button"}>
          {own ? t.vote : t.toVotes}
        </Link>
      </div>
    </section>
  );
}

function Decided({ chamber, proposals }: { chamber: Chamber; proposals: Proposal[] }) {
  const told = useProposed().data;
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const by = (proposal: Proposal) => nameOf(chamber, proposal.proposer);
  return (
    <Card title={t.decided}>
      <Table
        caption={t.decided}
        rows={proposals.slice(page * SIZE, (page + 1) * SIZE)}
        all={proposals}
        id={(proposal) => String(proposal.id)}
        empty={{ title: t.none, text: t.noneText }}
        pager={<CountedPager total={proposals.length} page={page} size={SIZE} name="page" />}
        columns={[
          {
            head: t.proposalHead,
            cell: (proposal) => (
              <>
                <Link to={`/members/votes/${proposal.id}`}>{t.proposal(proposal.id)}</Link>
                <span className="why">{asks(chamber, proposal)}</span>
              </>
            ),
            text: (proposal) => `${proposal.id} ${asks(chamber, proposal)}`,
          },
          {
            head: t.state,
            cell: (proposal) => <Standing state={proposal.state} />,
            text: (proposal) => t.states[proposal.state] ?? "",
          },
          {
            head: t.votes,
            cell: (proposal) => t.tally(proposal.approvals, proposal.refusals),
            text: (proposal) => t.tally(proposal.approvals, proposal.refusals),
            wide: true,
          },
          {
            head: t.holds,
            cell: (proposal) =>
              proposal.fromEpoch === 0n ? <span className="muted">–</span> : t.epoch(proposal.fromEpoch),
            text: (proposal) => (proposal.fromEpoch === 0n ? "" : String(proposal.fromEpoch)),
            wide: true,
          },
          {
            head: t.proposedBy,
            cell: (proposal) => plain(by(proposal), 40),
            text: by,
            wide: true,
          },
          {
            head: t.proposedAt,
            cell: (proposal) => <Time ms={Number(proposal.proposedAt) * 1000} />,
            text: (proposal) => iso(proposal.proposedAt),
            wide: true,
          },
          {
            head: strings.proof,
            cell: (proposal) => (
              <Proof hash={told?.get(String(proposal.id))} what={t.proposal(proposal.id)} />
            ),
            text: (proposal) => told?.get(String(proposal.id)) ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

/** What somebody can do here who is no member, or has not said who they are. */
export function Role({ chamber }: { chamber: Chamber }) {
  const session = useSession();
  const own = useOwn(chamber);
  if (own) return null;
  return (
    <p className="muted section">
      {session ? t.noMember : t.signedOut} {!session && <Link to="/account">{strings.keys.signIn}</Link>}
    </p>
  );
}

export default function Votes() {
  const query = useChamber();
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <Asked query={query}>
        {(chamber) => {
          const open = chamber.proposals.filter((proposal) => proposal.state === STATE.open);
          return (
            <>
              <Actions chamber={chamber} />
              {open.length === 0 ? (
                <Card title={t.open}>
                  <Empty title={t.noneOpen}>
                    <p>{t.noneOpenText}</p>
                  </Empty>
                </Card>
              ) : (
                open.map((proposal) => (
                  <Open key={String(proposal.id)} chamber={chamber} proposal={proposal} />
                ))
              )}
              <Decided
                chamber={chamber}
                proposals={chamber.proposals.filter((proposal) => proposal.state !== STATE.open)}
              />
              <Committees chamber={chamber} />
              <Roster chamber={chamber} />
            </>
          );
        }}
      </Asked>
    </>
  );
}

function Actions({ chamber }: { chamber: Chamber }) {
  const own = useOwn(chamber);
  if (!own) return <Role chamber={chamber} />;
  return (
    <p className="card-actions section">
      <Link to="/members/propose" className="button primary">
        {t.propose}
      </Link>
    </p>
  );
}
