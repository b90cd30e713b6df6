/** *Requests*: who asks, what for; approve, refuse, stop. And emergencies, which their patient reviews. */

import type { Hex } from "@commonhold/web/ledger/api";
import { events } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, Fact, Facts, Time } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Check } from "./Choices";
import { type Case, casesOf, law, type Request, type Study } from "./law";
import { forWhat, useRequested, useRequestsTo } from "./Sharing";
import {
  Asked,
  approval,
  date,
  denied,
  iso,
  LOOK_MS,
  Mine,
  now,
  opens,
  Proof,
  ripens,
  SIZE,
  standing,
  step,
  TONES,
  useCalled,
  useSigning,
  Who,
  waits,
} from "./shared";
import { strings } from "./strings";
import { bit, codes, isZero, kind, kinds, list, purpose, union, without } from "./words";

const t = strings.requests;
/** A state of a request that is for its owner. */
export const stateWords = (request: Request, at: number, owner: boolean) => {
  const state = standing(request, at);
  return state === "waiting" && !owner ? t.states.waitingOwner : t.states[state];
};

/** How a study stands, in a badge. */
export function StudyBadge({ number }: { number: bigint }) {
  const { data } = useQuery({
    queryKey: ["health", "study", String(number)],
    queryFn: () => law<Study>("study", number),
    refetchInterval: LOOK_MS,
  });
  const at = data && approval(data, now());
  const words =
    at === "approved" ? t.approvedStudy : at === "suspended" ? t.suspendedStudy : t.unapprovedStudy;
  return (
    <>
      <Link to={`/health/studies/${number}`}>{strings.study(number)}</Link>
      {at && (
        <>
          {" "}
          <Badge tone={at === "approved" ? "good" : "bad"}>{words}</Badge>
        </>
      )}
    </>
  );
}

/** What somebody has to keep to. */
export function Duties({ request }: { request: Request }) {
  const known = request.obligations.flatMap((duty) => {
    const words = strings.duties[duty.code];
    return words ? [duty.time === 0n ? words : `${words} (${date(duty.time)})`] : [];
  });
  return known.length === 0 ? null : <Fact name={t.duties}>{list([...new Set(known)])}</Fact>;
}

type Sign = ReturnType<typeof useSigning>["sign"];

/** Deciding on a request: what is asked can be approved in part, what ripens can be stopped. */
export function Decide({ request, sign }: { request: Request; sign: Sign }) {
  const at = now();
  const asks = request.state === 0 || request.state === 1 ? waits(request) : 0;
  const ripe = ripens(request, at);
  const [chosen, setChosen] = useState(0);
  const who = useCalled(request.requester);
  const selected = (chosen & asks) >>> 0;
  return (
    <div className="decide">
      {asks !== 0 && (
        <fieldset>
          <legend>{t.choose}</legend>
          <div className="choices">
            {codes(asks).map((code) => (
              <Check
                key={code}
                checked={(selected & bit(code)) !== 0}
                title={kind(code)}
                change={(on) => setChosen(on ? union(chosen, bit(code)) : without(chosen, bit(code)))}
              />
            ))}
          </div>
        </fieldset>
      )}
      <div className="card-actions">
        {asks !== 0 && (
          <>
            <button
              type="button"
              className="button primary"
              disabled={selected === 0}
              onClick={() =>
                sign({
                  effect: (
                    <p>{t.effects.approve(who, kinds(selected), date(request.until), forWhat(request))}</p>
                  ),
                  step: step("approve", request.number, selected),
                  action: t.approve,
                })
              }
            >
              {t.approve}
            </button>
            <button
              type="button"
              className="button danger"
              onClick={() =>
                sign({
                  effect: <p>{t.effects.deny(who)}</p>,
                  step: step("refuse", request.number),
                  action: t.deny,
                })
              }
            >
              {t.deny}
            </button>
          </>
        )}
        {ripe !== 0 && (
          <button
            type="button"
            className="button danger"
            onClick={() =>
              sign({
                effect: <p>{t.effects.veto(who, kinds(ripe))}</p>,
                step: step("veto", request.number),
                action: t.veto,
              })
            }
          >
            {t.veto}
          </button>
        )}
        {opens(request, at) !== 0 && (
          <button
            type="button"
            className="button"
            onClick={() =>
              sign({
                effect: <p>{strings.sharing.effects.revoke(who, kinds(opens(request, at)))}</p>,
                step: step("revoke", request.number),
                action: strings.sharing.off,
              })
            }
          >
            {strings.sharing.off}
          </button>
        )}
      </div>
    </div>
  );
}

/** What a request asks for, and how it stands. */
export function RequestFacts({ request }: { request: Request }) {
  const at = now();
  const [asks, ripe, not] = [waits(request), ripens(request, at), denied(request)];
  const open = opens(request, at);
  return (
    <Facts>
      {request.study !== 0n && (
        <Fact name={t.study}>
          <StudyBadge number={request.study} />
        </Fact>
      )}
      {asks !== 0 && <Fact name={t.wants}>{kinds(asks)}</Fact>}
      {open !== 0 && <Fact name={t.opensNow}>{kinds(open)}</Fact>}
      {ripe !== 0 && (
        <Fact name={t.readyAt}>
          {kinds(ripe)}, <Time ms={Number(request.readyAt) * 1000} both />
        </Fact>
      )}
      {request.approved !== 0 && request.approved !== open && (
        <Fact name={t.approved}>{kinds(request.approved)}</Fact>
      )}
      {request.needing !== 0 && <Fact name={t.lacks}>{kinds(request.needing)}</Fact>}
      {not !== 0 && <Fact name={t.denied}>{kinds(not)}</Fact>}
      <Fact name={t.until}>
        {date(request.until)}, {t.uses(request.uses)}
      </Fact>
      <Duties request={request} />
    </Facts>
  );
}

function Waiting({ request, sign, proof }: { request: Request; sign: Sign; proof: Hex | undefined }) {
  const who = useCalled(request.requester);
  return (
    <section className="card request" aria-label={`${t.number} ${request.number}`}>
      <div className="card-head">
        <h2>
          <Link to={`/health/requests/${request.number}`}>
            {t.asks(who, kinds(request.classes), purpose(request.purpose))}
          </Link>
        </h2>
        <span className="muted">
          <Time ms={Number(request.requestedAt) * 1000} /> · <Proof hash={proof} what={t.number} />
        </span>
      </div>
      <RequestFacts request={request} />
      <Decide request={request} sign={sign} />
    </section>
  );
}

/** The emergencies of these subjects, the newest first. */
function Emergencies({ subjects, sign }: { subjects: Hex[]; sign: Sign }) {
  const query = useQuery({
    queryKey: ["health", "cases", ...subjects],
    queryFn: async () => {
      const [cases, opened] = await Promise.all([
        Promise.all(subjects.map(casesOf)),
        events("health", ["EmergencyOpened"], null, subjects),
      ]);
      const proofs = new Map(opened.map((event) => [event.values.get("number"), event.transaction]));
      return cases
        .flat()
        .map((one) => ({ ...one, transaction: proofs.get(String(one.number)) }))
        .sort((a, b) => Number(b.openedAt - a.openedAt));
    },
    refetchInterval: LOOK_MS,
  });
  return (
    <Asked query={query}>
      {(all) =>
        all.length === 0 ? null : (
          <Card title={t.emergencies}>
            {all.some((one) => one.state === 1) && <p className="muted">{t.emergenciesText}</p>}
            <ul className="permits">
              {all.map((one) => (
                <Emergency key={String(one.number)} one={one} sign={sign} />
              ))}
            </ul>
          </Card>
        )
      }
    </Asked>
  );
}

function Emergency({ one, sign }: { one: Case & { transaction: Hex | undefined }; sign: Sign }) {
  const who = useCalled(one.clinician);
  const second = useCalled(one.second);
  const review = (justified: boolean, effect: string, action: string) =>
    sign({
      effect: <p>{effect}</p>,
      step: step("reviewEmergency", one.number, justified),
      action,
    });
  return (
    <li className="permit">
      <div>
        <p className="permit-title">
          {t.emergency(one.number, who)}
          {!isZero(one.second) && `, ${t.confirmedBy(second)}`}{" "}
          <Badge tone={one.state === 1 ? "wait" : one.state === 3 ? "bad" : "plain"}>
            {t.caseStates[one.state]}
          </Badge>
        </p>
        <p className="muted">
          {t.reason(one.reasonCode)} · <Time ms={Number(one.openedAt) * 1000} both />
          {one.state === 1 && ` · ${t.due} ${date(one.reviewDue)}`} ·{" "}
          <Proof hash={one.transaction} what={t.emergency(one.number, who)} />
        </p>
      </div>
      {one.state === 1 && (
        <span className="card-actions">
          <button
            type="button"
            className="button small"
            onClick={() => review(true, t.emergencyEffects.justified(who), t.justified)}
          >
            {t.justified}
          </button>
          <button
            type="button"
            className="button danger small"
            onClick={() => review(false, t.emergencyEffects.unjustified(who), t.unjustified)}
          >
            {t.unjustified}
          </button>
        </span>
      )}
    </li>
  );
}

function Own({ subjects }: { subjects: Hex[] }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const { sign, dialog } = useSigning();
  const requests = useRequestsTo(subjects);
  const proofs = useRequested(subjects);
  const proof = (request: Request) => proofs.data?.get(String(request.number));
  const at = now();
  return (
    <>
      <Asked query={requests}>
        {(found) => {
          const all = [...found].sort((a, b) => Number(b.number - a.number));
          const waiting = all.filter((request) => ["waiting", "window"].includes(standing(request, at)));
          return (
            <>
              {waiting.length === 0 ? (
                <Card title={t.waiting}>
                  <Empty title={t.waitingNone}>
                    <p>{t.waitingNoneText}</p>
                  </Empty>
                </Card>
              ) : (
                <>
                  <h2 className="section">{t.waiting}</h2>
                  {waiting.slice(0, SIZE).map((request) => (
                    <Waiting
                      key={String(request.number)}
                      request={request}
                      sign={sign}
                      proof={proof(request)}
                    />
                  ))}
                </>
              )}
              <Emergencies subjects={subjects} sign={sign} />
              <Card title={t.before}>
                <Table
                  caption={t.before}
                  rows={all.slice(page * SIZE, (page + 1) * SIZE)}
                  all={all}
                  id={(request) => String(request.number)}
                  empty={{ title: t.beforeNone, text: t.beforeNoneText }}
                  pager={<CountedPager total={all.length} page={page} size={SIZE} name="page" />}
                  columns={[
                    {
                      head: t.number,
                      cell: (request) => (
                        <Link to={`/health/requests/${request.number}`}>{String(request.number)}</Link>
                      ),
                      text: (request) => String(request.number),
                    },
                    {
                      head: t.who,
                      cell: (request) => <Who value={request.requester} />,
                      text: (request) => request.requester,
                    },
                    { head: t.purpose, cell: forWhat, text: forWhat, wide: true },
                    {
                      head: t.what,
                      cell: (request) => kinds(request.classes),
                      text: (request) => kinds(request.classes),
                      wide: true,
                    },
                    {
                      head: t.time,
                      cell: (request) => <Time ms={Number(request.requestedAt) * 1000} />,
                      text: (request) => iso(request.requestedAt),
                      wide: true,
                    },
                    {
                      head: t.state,
                      cell: (request) => (
                        <Badge tone={TONES[standing(request, at)]}>{stateWords(request, at, true)}</Badge>
                      ),
                      text: (request) => stateWords(request, at, true),
                    },
                    {
                      head: strings.transaction,
                      cell: (request) => <Proof hash={proof(request)} what={t.number} />,
                      text: (request) => proof(request) ?? "",
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

export function Requests() {
  return (
    <Mine title={t.title} lead={t.lead}>
      {(_, subjects) => <Own subjects={subjects} />}
    </Mine>
  );
}
