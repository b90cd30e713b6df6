/** *Rules*: how the community deals, what is proposed instead, and votes. */

import type { Hex } from "@commonhold/web/ledger/api";
import { Badge, Card, Empty, Fact, Facts } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { events } from "./events";
import { law, ledgerTime, type Proposal, type Rules, type Weight } from "./law";
import { AUCTION, MODES } from "./market/slot";
import { Asked, date, iso, LOOK_MS, type Place, Proof, price, step, useSigning, Who, Within } from "./shared";
import { strings } from "./strings";
import { meant, RulesForm, written } from "./WhatIf";

const t = strings.votes;

interface Row extends Proposal {
  by: Hex;
  transaction: Hex;
  /** What places are to weigh; nothing where rules are proposed. */
  weights: readonly Weight[];
  /** What the reader voted. */
  vote: boolean | undefined;
  over: boolean;
}

async function proposals(number: bigint, me: Hex | undefined): Promise<Row[]> {
  const [ofRules, ofWeights, voted, now] = await Promise.all([
    events<{ proposal: bigint; by: Hex }>("RulesProposed", null, number),
    events<{ proposal: bigint; by: Hex }>("WeightsProposed", null, number),
    me ? events<{ proposal: bigint; approve: boolean }>("Voted", null, me) : [],
    ledgerTime(),
  ]);
  const made = [...ofRules, ...ofWeights].sort((a, b) => Number(a.values.proposal - b.values.proposal));
  const weighed = await Promise.all(
    made.map(({ values }) => law<Weight[]>("proposedWeights", values.proposal)),
  );
  const all = await Promise.all(
    made.map(({ values }) =>
      law<[bigint, Rules, number, number, bigint, boolean]>("proposal", values.proposal),
    ),
  );
  return made
    .flatMap(({ values, transaction }, at): Row[] => {
      const [ofCommunity, rules, approvals, rejections, expires, decided] = all[at] ?? [];
      if (!rules || ofCommunity === undefined) return [];
      const vote = voted.find((one) => one.values.proposal === values.proposal)?.values.approve;
      const over = Number(expires ?? 0n) <= now;
      return [
        {
          number: values.proposal,
          ofCommunity,
          rules,
          approvals: approvals ?? 0,
          rejections: rejections ?? 0,
          expires: expires ?? 0n,
          decided: decided ?? false,
          by: values.by,
          transaction,
          weights: weighed[at] ?? [],
          vote,
          over,
        },
      ];
    })
    .toReversed();
}

/** Rules as a list of a name and what it is. */
function said(rules: Rules): [string, string][] {
  const mode = strings.modes[rules.mode] ?? "";
  return [
    [t.mode, MODES[rules.mode] === "hybrid" ? t.withRounds(mode, rules.rounds) : mode],
    rules.mode === AUCTION
      ? [t.k, t.kOf(rules.kNumerator, rules.kDenominator)]
      : [t.local, price(rules.localPrice)],
    [t.network, price(rules.networkFee)],
    [t.communityFee, price(rules.communityFee)],
    [t.levy, price(rules.levy)],
    [t.slot, t.minutes(rules.slotSeconds / 60)],
    [t.grace, t.minutes(rules.graceSeconds / 60)],
  ];
}

/** Only what would be other than it is. */
function changes(rules: Rules, now: Rules): [string, string, string | undefined][] {
  const before = new Map(said(now));
  return said(rules)
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name, value]) => [name, value, before.get(name)]);
}

function Changes({ rules, now }: { rules: Rules; now: Rules }) {
  const all = changes(rules, now);
  if (all.length === 0) return <p className="muted">{t.same}</p>;
  return (
    <ul className="changes">
      {all.map(([name, value, was]) => (
        <li key={name}>
          {name}: <strong>{value}</strong>
          {was && <span className="muted"> {t.insteadOf(was)}</span>}
        </li>
      ))}
    </ul>
  );
}

function Proposed({ row, now }: { row: Row; now: Rules }) {
  if (row.weights.length === 0) return <Changes rules={row.rules} now={now} />;
  return (
    <ul className="changes">
      {row.weights.map(({ index, weight }) => (
        <li key={index}>{t.weighs(index, weight)}</li>
      ))}
    </ul>
  );
}

const whatOf = (row: Row): string =>
  row.weights.length === 0 ? (strings.modes[row.rules.mode] ?? "") : t.weights;

const textOf = (row: Row): string =>
  row.weights.length === 0
    ? said(row.rules)
        .map(([name, value]) => `${name}: ${value}`)
        .join("; ")
    : row.weights.map(({ index, weight }) => t.weighs(index, weight)).join("; ");

function Waiting({
  place,
  row,
  sign,
}: {
  place: Place;
  row: Row;
  sign: ReturnType<typeof useSigning>["sign"];
}) {
  const { rules, members } = place.community;
  const needed = Math.floor(members / 2) + 1;
  const vote = (approve: boolean) =>
    sign({
      action: approve ? t.approve : t.reject,
      step: step("vote", row.number, approve),
      effect: (
        <>
          <p>{approve ? t.approveEffect(String(row.number)) : t.rejectEffect(String(row.number))}</p>
          <Proposed row={row} now={rules} />
          {approve && row.approvals + 1 >= needed && <p>{t.decides}</p>}
        </>
      ),
    });
  return (
    <section className="card request" aria-label={t.proposal(String(row.number))}>
      <div className="card-head">
        <h2>{t.proposal(String(row.number))}</h2>
        <span className="muted">
          <Who value={row.by} me={place.session?.address} /> ·{" "}
          <Proof hash={row.transaction} what={t.proposal(String(row.number))} />
        </span>
      </div>
      <Proposed row={row} now={rules} />
      <p className="muted">{t.standing(row.approvals, row.rejections, needed, members, date(row.expires))}</p>
      {row.vote !== undefined ? (
        <Badge tone="plain">{t.voted(row.vote)}</Badge>
      ) : place.me && place.me.leaves === 0n ? (
        <div className="card-actions decide">
          <button type="button" className="button primary" onClick={() => vote(true)}>
            {t.approve}
          </button>
          <button type="button" className="button danger" onClick={() => vote(false)}>
            {t.reject}
          </button>
        </div>
      ) : (
        <p className="muted">{t.onlyMembers}</p>
      )}
    </section>
  );
}

function Propose({ place, sign }: { place: Place; sign: ReturnType<typeof useSigning>["sign"] }) {
  const { rules } = place.community;
  const [form, setForm] = useState(() => written(rules));
  const other = meant(form);
  const proposed: Rules | undefined = other && { ...rules, ...other };
  const some = proposed && changes(proposed, rules).length > 0;
  return (
    <Card title={t.propose}>
      <p className="muted">{t.proposeText}</p>
      <RulesForm form={form} set={setForm} />
      {!other && <p className="error">{strings.whatIf.wrong}</p>}
      <p className="card-actions decide">
        <button
          type="button"
          className="button primary"
          disabled={!some}
          onClick={() =>
            proposed &&
            sign({
              action: t.proposeAction,
              step: step("proposeRules", place.number, proposed),
              effect: (
                <>
                  <p>{t.proposeEffect}</p>
                  <Changes rules={proposed} now={rules} />
                </>
              ),
            })
          }
        >
          {t.proposeAction}
        </button>
      </p>
    </Card>
  );
}

function state(row: Row): { word: string; tone: "good" | "bad" | "wait" | "plain" } {
  if (row.decided) return { word: t.states.decided, tone: "good" };
  if (row.over) return { word: t.states.over, tone: "plain" };
  return { word: t.states.open, tone: "wait" };
}

function Inside({ place }: { place: Place }) {
  const { sign, dialog } = useSigning();
  const query = useQuery({
    queryKey: ["energy", "proposals", String(place.number), place.session?.address],
    queryFn: () => proposals(place.number, place.session?.address),
    refetchInterval: LOOK_MS,
  });
  const { community } = place;
  return (
    <>
      <Card title={t.now}>
        <Facts>
          {said(community.rules).map(([name, value]) => (
            <Fact key={name} name={name}>
              {value}
            </Fact>
          ))}
        </Facts>
        {community.rulesFrom !== 0n && <p className="warning">{t.coming(date(community.rulesFrom))}</p>}
      </Card>
      <Asked query={query}>
        {(all) => {
          const open = all.filter((row) => !row.decided && !row.over);
          return (
            <>
              {open.length === 0 ? (
                <Card title={t.open}>
                  <Empty title={t.openNone}>
                    <p>{t.openNoneText}</p>
                  </Empty>
                </Card>
              ) : (
                <>
                  <h2 className="section">{t.open}</h2>
                  {open.map((row) => (
                    <Waiting key={String(row.number)} place={place} row={row} sign={sign} />
                  ))}
                </>
              )}
              {place.me && place.me.leaves === 0n && <Propose place={place} sign={sign} />}
              <Card title={t.all}>
                <Table
                  caption={t.all}
                  rows={all}
                  id={(row) => String(row.number)}
                  empty={{ title: t.allNone }}
                  columns={[
                    { head: t.number, cell: (row) => String(row.number), text: (row) => String(row.number) },
                    {
                      head: t.what,
                      cell: whatOf,
                      text: textOf,
                    },
                    {
                      head: t.by,
                      cell: (row) => <Who value={row.by} me={place.session?.address} />,
                      text: (row) => row.by,
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
                      cell: (row) => <Badge tone={state(row).tone}>{state(row).word}</Badge>,
                      text: (row) => state(row).word,
                    },
                    {
                      head: t.closes,
                      cell: (row) => date(row.expires),
                      text: (row) => iso(row.expires),
                      wide: true,
                    },
                    {
                      head: strings.onLedger,
                      cell: (row) => <Proof hash={row.transaction} what={t.proposal(String(row.number))} />,
                      text: (row) => row.transaction,
                      wide: true,
                    },
                  ]}
                />
              </Card>
            </>
          );
        }}
      </Asked>
      {dialog}
    </>
  );
}

export function Votes() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
