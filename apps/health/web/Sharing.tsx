/** *Who can see it*: who was let in, what is allowed, which studies one is part of; one switch off for each. */
import type { Session } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { type Event, events } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, Time } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { Link } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import { type Consent, law, type Permit, type Pseudonym, type Request, requestsTo, type Terms } from "./law";
import {
  Asked,
  date,
  iso,
  LOOK_MS,
  Mine,
  now,
  opens,
  Proof,
  ripens,
  same,
  span,
  step,
  useCalled,
  useSigning,
  Who,
} from "./shared";
import { strings } from "./strings";
import { isStudied, kinds, purpose, purposes, role, union, ZERO_WORD } from "./words";

const t = strings.sharing;

/** Whom terms speak of, in words. */
export function Recipient({ terms }: { terms: Terms }) {
  const called = useCalled(terms.kind === 1 ? accountOf(terms) : "0x");
  return <>{recipient(terms, called)}</>;
}

export const accountOf = (terms: Terms): Hex => `0x${terms.recipient.slice(-40)}`;

export function recipient(terms: Terms, called: string): string {
  if (terms.kind === 1) return called;
  if (terms.kind === 2) return role(terms.recipient);
  if (terms.kind === 3) return strings.study(BigInt(terms.recipient));
  return strings.anyone;
}

/** How a permit works, in a few words. */
export function manner(permit: Permit): string {
  if (permit.manner === 0) return t.asks;
  return permit.vetoSeconds === 0 ? t.stands : t.standsAfter(span(permit.vetoSeconds));
}

/** A permit without what is over: the law takes nothing that is. */
export function standingOf(permits: readonly Permit[], at: number): Permit[] {
  const stands = (terms: Terms) => terms.until === 0n || Number(terms.until) > at;
  return permits
    .filter((permit) => stands(permit.terms))
    .map((permit) => ({ ...permit, exceptions: permit.exceptions.filter(stands) }));
}

interface Owned {
  subject: Hex;
  consent: Consent;
  /** Whether who set it may still decide. */
  set: Event | undefined;
}

async function consents(subjects: Hex[]): Promise<Owned[]> {
  const [all, set] = await Promise.all([
    Promise.all(subjects.map((subject) => law<Consent>("consentOf", subject))),
    events("health", ["ConsentSet"], subjects),
  ]);
  return subjects.flatMap((subject, at) => {
    const consent = all[at];
    if (!consent || consent.version === 0n || consent.endedAt !== 0n) return [];
    const newest = set.find((event) => same(event.values.get("subject") ?? "", subject));
    return [{ subject, consent, set: newest }];
  });
}

const BY_TIME = (a: Request, b: Request) => Number(b.requestedAt - a.requestedAt);

/** Who was let in, or will be. */
function LetIn({ session, all, proofs }: { session: Session; all: Request[]; proofs: Map<string, Hex> }) {
  const { sign, dialog } = useSigning();
  const at = now();
  const open = all.filter((request) => union(opens(request, at), ripens(request, at)) !== 0).sort(BY_TIME);
  const what = (request: Request) => union(opens(request, at), ripens(request, at));
  return (
    <Card title={t.open}>
      <p className="muted">{t.openText}</p>
      <Table
        caption={t.open}
        rows={open}
        id={(request) => String(request.number)}
        empty={{ title: t.openNone, text: t.openNoneText }}
        columns={[
          {
            head: t.whoAndWhat,
            cell: (request) => (
              <span className="stacked">
                <Who value={request.requester} />{" "}
                {request.study !== 0n && (
                  <Link to={`/health/studies/${request.study}`}>{strings.study(request.study)}</Link>
                )}
                <br />
                <Link to={`/health/requests/${request.number}`}>{kinds(what(request))}</Link>
                {ripens(request, at) !== 0 && (
                  <>
                    {" "}
                    <Badge tone="wait" icon="clock">
                      {t.pending(format.age(Number(request.readyAt) * 1000, Date.now()))}
                    </Badge>
                  </>
                )}
              </span>
            ),
            text: (request) => `${request.requester}: ${kinds(what(request))}`,
          },
          {
            head: t.until,
            cell: (request) => <Time ms={Number(request.until) * 1000} />,
            text: (request) => iso(request.until),
            wide: true,
          },
          {
            head: t.opened,
            cell: (request) => t.times(request.used),
            text: (request) => String(request.used),
            right: true,
            wide: true,
          },
          {
            head: strings.transaction,
            cell: (request) => <Proof hash={proofs.get(String(request.number))} what={t.open} />,
            text: (request) => proofs.get(String(request.number)) ?? "",
            wide: true,
          },
          {
            head: t.off,
            cell: (request) => (
              <OffRequest request={request} what={kinds(what(request))} sign={sign} session={session} />
            ),
            text: () => "",
          },
        ]}
      />
      {dialog}
    </Card>
  );
}

type Sign = ReturnType<typeof useSigning>["sign"];

function OffRequest({
  request,
  what,
  sign,
}: {
  request: Request;
  what: string;
  sign: Sign;
  session: Session;
}) {
  const who = useCalled(request.requester);
  return (
    <button
      type="button"
      className="button small"
      aria-label={t.offOf(`${who}, ${what}`)}
      onClick={() =>
        sign({
          effect: <p>{t.effects.revoke(who, what)}</p>,
          step: step("revoke", request.number),
          action: t.off,
        })
      }
    >
      {t.off}
    </button>
  );
}

/** The same permit, wherever it stands: somebody's records may be kept under several names. */
interface Merged {
  permit: Permit;
  places: { owned: Owned; place: number }[];
}

function merged(all: Owned[]): Merged[] {
  const found = new Map<string, Merged>();
  for (const owned of all) {
    for (const [place, permit] of owned.consent.permits.entries()) {
      const key = JSON.stringify(permit, (_, value) => (typeof value === "bigint" ? String(value) : value));
      const one = found.get(key) ?? { permit, places: [] };
      one.places.push({ owned, place });
      found.set(key, one);
    }
  }
  return [...found.values()];
}

/** One thing that is allowed. */
function Allowed({ one, subjects, sign }: { one: Merged; subjects: Hex[]; sign: Sign }) {
  const { permit, places } = one;
  const { terms } = permit;
  const at = now();
  const over = terms.until !== 0n && Number(terms.until) <= at;
  const called = useCalled(terms.kind === 1 ? accountOf(terms) : "0x");
  const sentence = t.permit(recipient(terms, called), kinds(terms.classes), purposes(terms.purposes));
  const off = () => {
    const rests = places.map(({ owned, place }) => {
      const others = owned.consent.permits.filter((_, other) => other !== place);
      return { subject: owned.subject, rest: standingOf(others, at) };
    });
    const rest = Math.max(...rests.map((one) => one.rest.length));
    sign({
      effect: <p>{t.effects.off(sentence, rest)}</p>,
      step: rests.map((one) => ({
        module: "health",
        ...(one.rest.length === 0
          ? { functionName: "endConsent", args: [one.subject] }
          : { functionName: "setConsent", args: [one.subject, one.rest, ZERO_WORD] }),
      })),
      action: t.off,
    });
  };
  return (
    <li className={over ? "permit over" : "permit"}>
      <div>
        <p className="permit-title">{sentence}</p>
        <p className="muted">
          {over ? t.over : manner(permit)} · {terms.until === 0n ? t.noEnd : t.untilWhen(date(terms.until))}
          {terms.notBefore !== 0n && Number(terms.notBefore) > at && ` · ${t.from(date(terms.notBefore))}`}
        </p>
        {places.length < subjects.length && (
          <p className="muted">
            <OnlyOf subject={places[0]?.owned.subject ?? "0x"} own={subjects[0] ?? "0x"} />
          </p>
        )}
        {permit.exceptions.length > 0 && (
          <p className="muted">
            {t.exceptions}{" "}
            {permit.exceptions.map((exception, number) => (
              <span key={number}>
                {number > 0 && "; "}
                <Exception terms={exception} />
              </span>
            ))}
          </p>
        )}
      </div>
      <button type="button" className="button small" aria-label={t.offOf(sentence)} onClick={off}>
        {t.off}
      </button>
    </li>
  );
}

/** Of which of somebody's names a permit is. */
function OnlyOf({ subject, own }: { subject: Hex; own: Hex }) {
  const { data } = useQuery({
    queryKey: ["health", "pseudonym", subject],
    queryFn: () => law<Pseudonym>("pseudonym", subject),
    enabled: !same(subject, own),
    staleTime: 60_000,
  });
  const called = useCalled(data?.custodian ?? "0x");
  return <>{t.onlyOf(same(subject, own) ? t.ownName : t.nameOf(called))}</>;
}

function Exception({ terms }: { terms: Terms }) {
  const called = useCalled(terms.kind === 1 ? accountOf(terms) : "0x");
  return <>{t.exception(kinds(terms.classes), purposes(terms.purposes), recipient(terms, called))}</>;
}

function Allowances({ all, subjects }: { all: Owned[]; subjects: Hex[] }) {
  const { sign, dialog } = useSigning();
  const permits = merged(all);
  const any = permits.length > 0;
  const [newest] = [...all].sort((a, b) => Number(b.consent.setAt - a.consent.setAt));
  return (
    <Card title={t.allow}>
      <p className="muted">{t.allowText}</p>
      {!any || !newest ? (
        <Empty title={t.allowNone}>
          <p>{t.allowNoneText}</p>
        </Empty>
      ) : (
        <>
          <ul className="permits">
            {permits.map((one, at) => (
              <Allowed key={at} one={one} subjects={subjects} sign={sign} />
            ))}
          </ul>
          <p className="permits-foot muted">
            {t.setAt} <Time ms={Number(newest.consent.setAt) * 1000} both />{" "}
            <Proof hash={newest.set?.transaction} what={t.allow} />
          </p>
        </>
      )}
      {any && (
        <div className="stop">
          <p>{t.endText}</p>
          <button
            type="button"
            className="button danger"
            onClick={() =>
              sign({
                effect: <p>{t.effects.end}</p>,
                step: all.map((owned) => ({
                  module: "health",
                  functionName: "endConsent",
                  args: [owned.subject],
                })),
                action: t.end,
              })
            }
          >
            {t.end}
          </button>
        </div>
      )}
      {dialog}
    </Card>
  );
}

interface Part {
  study: bigint;
  subjects: Hex[];
  copies: number;
  destroyed: number;
  leftAt: bigint;
}

async function parts(all: Request[]): Promise<Part[]> {
  const studies = [...new Set(all.filter(({ study }) => study !== 0n).map(({ study }) => study))];
  const found = await Promise.all(
    studies.map(async (study): Promise<Part> => {
      const mine = all.filter((request) => request.study === study);
      const subjects = [...new Set(mine.map((request) => request.subject))];
      const stands = await Promise.all(
        subjects.map((subject) => law<[bigint, bigint, boolean]>("participation", subject, study)),
      );
      const sum = (of: (request: Request) => number) => mine.reduce((all, request) => all + of(request), 0);
      return {
        study,
        subjects: subjects.filter((_, at) => stands[at]?.[1] === 0n),
        copies: sum((request) => request.copies),
        destroyed: sum((request) => request.destroyed),
        leftAt: stands.every(([, left]) => left !== 0n) ? (stands[0]?.[1] ?? 0n) : 0n,
      };
    }),
  );
  return found.filter((part) => part.copies > 0 || part.leftAt !== 0n);
}

/** Addresses that leave in one step: the law's WITHDRAWALS_PER_CALL_MAX. */
const LEAVING = 2;

function Studies({ all }: { all: Request[] }) {
  const { sign, dialog } = useSigning();
  const numbers = all.map((request) => `${request.number}:${request.copies}:${request.destroyed}`).join();
  const query = useQuery({
    queryKey: ["health", "participation", numbers],
    queryFn: () => parts(all),
    refetchInterval: LOOK_MS,
  });
  const leave = (part: Part) => {
    const some = Array.from({ length: Math.ceil(part.subjects.length / LEAVING) }, (_, at) =>
      part.subjects.slice(at * LEAVING, (at + 1) * LEAVING),
    );
    sign({
      effect: <p>{t.effects.leave(strings.study(part.study))}</p>,
      step: some.map((subjects) => ({
        module: "health",
        functionName: "withdraw",
        args: [part.study, subjects],
      })),
      action: t.leave,
    });
  };
  return (
    <Card title={t.studies}>
      <p className="muted">{t.studiesText}</p>
      <Asked query={query}>
        {(rows) => (
          <Table
            caption={t.studies}
            rows={rows}
            id={(part) => String(part.study)}
            empty={{ title: t.studiesNone, text: t.studiesNoneText }}
            columns={[
              {
                head: strings.requests.study,
                cell: (part) => <Link to={`/health/studies/${part.study}`}>{strings.study(part.study)}</Link>,
                text: (part) => String(part.study),
              },
              {
                head: t.copies,
                cell: (part) => t.copiesOf(part.copies, part.destroyed),
                text: (part) => t.copiesOf(part.copies, part.destroyed),
              },
              {
                head: t.leave,
                cell: (part) =>
                  part.leftAt === 0n ? (
                    <button
                      type="button"
                      className="button small"
                      aria-label={t.leaveOf(part.study)}
                      onClick={() => leave(part)}
                    >
                      {t.leave}
                    </button>
                  ) : (
                    <>
                      {t.left} <Time ms={Number(part.leftAt) * 1000} />
                    </>
                  ),
                text: (part) => (part.leftAt === 0n ? "" : iso(part.leftAt)),
              },
            ]}
          />
        )}
      </Asked>
      {dialog}
    </Card>
  );
}

export function useRequestsTo(subjects: Hex[]) {
  return useQuery({
    queryKey: ["health", "requestsTo", ...subjects],
    queryFn: async () => (await Promise.all(subjects.map(requestsTo))).flat(),
    refetchInterval: LOOK_MS,
  });
}

/** The transactions of requests to these subjects, by number. */
export function useRequested(subjects: Hex[]) {
  return useQuery({
    queryKey: ["health", "requested", ...subjects],
    queryFn: async () => {
      const all = await events("health", ["Requested"], null, null, subjects);
      return new Map(all.map((event) => [event.values.get("number") ?? "", event.transaction]));
    },
    refetchInterval: LOOK_MS,
  });
}

function Own({ session, subjects }: { session: Session; subjects: Hex[] }) {
  const requests = useRequestsTo(subjects);
  const requested = useRequested(subjects);
  const consent = useQuery({
    queryKey: ["health", "consents", ...subjects],
    queryFn: () => consents(subjects),
    refetchInterval: LOOK_MS,
  });
  return (
    <>
      <Asked query={requests}>
        {(all) => <LetIn session={session} all={all} proofs={requested.data ?? new Map()} />}
      </Asked>
      <Asked query={consent}>{(all) => <Allowances all={all} subjects={subjects} />}</Asked>
      <Asked query={requests}>{(all) => <Studies all={all} />}</Asked>
    </>
  );
}

export function Sharing() {
  return (
    <Mine
      title={t.title}
      lead={t.lead}
      action={
        <Link to="/health/sharing/new" className="button primary">
          {t.share}
        </Link>
      }
    >
      {(session, subjects) => <Own session={session} subjects={subjects} />}
    </Mine>
  );
}

/** What a request is for: `research, study 1`. */
export function forWhat(request: Request): string {
  const what = purpose(request.purpose);
  return isStudied(request.purpose) ? `${what}, ${strings.study(request.study)}` : what;
}
