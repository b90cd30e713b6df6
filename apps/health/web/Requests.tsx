/** *Requests*: who asks, what for; approve, refuse, stop. And emergencies, which their patient reviews. */

import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { Badge, Card, Empty, Fact, Facts, Time, Title } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Event, events } from "./events";
import { type Case, type ClassDecision, casesOf, law, type Request, type Study } from "./law";
import { Check } from "./Share";
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
  useSubjects,
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
function Decide({ request, sign }: { request: Request; sign: Sign }) {
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
function RequestFacts({ request }: { request: Request }) {
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

/** How it would be decided, kind by kind. */
export function Decisions({ all, caption }: { all: readonly ClassDecision[]; caption: string }) {
  const tone = (verdict: number) => (verdict === 2 ? "good" : verdict === 1 ? "wait" : "bad");
  const why = (one: ClassDecision) =>
    list([...new Set(one.reasons.map((reason) => strings.reasons[reason] ?? strings.unknown))]);
  return (
    <Table
      caption={caption}
      rows={[...all]}
      id={(one) => String(one.class)}
      empty={{ title: t.beforeNone }}
      columns={[
        { head: t.kind, cell: (one) => kind(one.class), text: (one) => kind(one.class) },
        {
          head: t.verdict,
          cell: (one) => <Badge tone={tone(one.verdict)}>{strings.verdicts[one.verdict]}</Badge>,
          text: (one) => strings.verdicts[one.verdict] ?? "",
        },
        { head: t.why, cell: why, text: why },
      ]}
    />
  );
}

const HISTORY = ["Requested", "Approved", "Refused", "Vetoed", "Revoked", "CopiesDestroyed", "SliceAsked"];

function History({ number, mine }: { number: bigint; mine: boolean }) {
  const w = strings.activity.words;
  const query = useQuery({
    queryKey: ["health", "history", String(number)],
    queryFn: () => events("health", HISTORY, `0x${number.toString(16)}`),
    refetchInterval: LOOK_MS,
  });
  const leaves = mine ? strings.leaves : strings.leavesToReader;
  const isOpen = (event: Event) => /^1[67]$/.test(event.values.get("leave") ?? "");
  const words = (event: Event) =>
    event.name === "SliceAsked"
      ? isOpen(event)
        ? w.opened
        : w.refused
      : (t.happened[event.name] ?? event.name);
  const why = (event: Event) =>
    event.name === "SliceAsked" && !isOpen(event) ? (leaves[Number(event.values.get("leave"))] ?? "") : "";
  const by = (event: Event) =>
    event.values.get("by") ?? event.values.get("reader") ?? event.values.get("requester") ?? "";
  return (
    <Card title={strings.studies.timeline}>
      <Asked query={query}>
        {(all) => (
          <Table
            caption={strings.studies.timeline}
            rows={all}
            id={(event) => `${event.block}-${event.index}`}
            empty={{ title: strings.studies.timelineNone }}
            columns={[
              {
                head: strings.activity.when,
                cell: (event) => <Time ms={event.timeMs} />,
                text: (event) => new Date(event.timeMs).toISOString(),
              },
              {
                head: strings.activity.what,
                cell: (event) => (
                  <>
                    <Badge tone={isOpen(event) ? "good" : "plain"}>{words(event)}</Badge>
                    {why(event) && <span className="why">{why(event)}</span>}
                  </>
                ),
                text: (event) => (why(event) ? `${words(event)}: ${why(event)}` : words(event)),
              },
              {
                head: strings.activity.who,
                cell: (event) => (by(event) ? <Who value={by(event)} /> : "–"),
                text: by,
                wide: true,
              },
              {
                head: strings.transaction,
                cell: (event) => <Proof hash={event.transaction} what={words(event)} />,
                text: (event) => event.transaction,
              },
            ]}
          />
        )}
      </Asked>
    </Card>
  );
}

/** One request, for its owner and for who made it. */
export function RequestPage({ number }: { number: string }) {
  const session = useSession();
  const subjects = useSubjects(session);
  const { sign, dialog } = useSigning();
  const valid = /^\d{1,15}$/.test(number);
  const query = useQuery({
    queryKey: ["health", "request", number],
    queryFn: () => law<Request>("requestOf", BigInt(number)).catch(() => null),
    enabled: valid,
    refetchInterval: LOOK_MS,
  });
  const request = query.data;
  const who = useCalled(request?.requester ?? "0x");
  const decisions = useQuery({
    queryKey: ["health", "decided", number],
    queryFn: () =>
      law<ClassDecision[]>(
        "decideRequest",
        request?.requester,
        {
          study: request?.study,
          purpose: request?.purpose,
          classes: request?.classes,
          until: request?.until,
          uses: request?.uses,
          reason: request?.reason,
        },
        request?.subject,
      ),
    enabled: Boolean(request),
  });
  const missing = !valid || request === null || request?.number === 0n;
  if (missing) {
    return (
      <>
        <Title text={`${t.number} ${number.slice(0, 20)}`} />
        <Card>
          <Empty title={t.missing}>
            <p>{t.missingText}</p>
          </Empty>
        </Card>
      </>
    );
  }
  const mine = request && subjects.data?.some((one) => one.toLowerCase() === request.subject.toLowerCase());
  return (
    <>
      <Title kind={t.number} text={number}>
        {request && (
          <Badge tone={TONES[standing(request, now())]}>{stateWords(request, now(), Boolean(mine))}</Badge>
        )}
      </Title>
      <Asked query={{ ...query, data: request ?? undefined }}>
        {(found) => (
          <>
            <p className="lead">{t.asks(who, kinds(found.classes), purpose(found.purpose))}</p>
            <Card>
              <RequestFacts request={found} />
              {mine && <Decide request={found} sign={sign} />}
            </Card>
            <Card title={t.now}>
              <Asked query={decisions}>{(all) => <Decisions all={all} caption={t.now} />}</Asked>
            </Card>
            <History number={found.number} mine={Boolean(mine)} />
          </>
        )}
      </Asked>
      {dialog}
    </>
  );
}
