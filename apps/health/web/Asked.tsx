/** *Asked for*: a researcher's or a clinician's requests, and asking, with the decision shown before it is sent. */
import { Field } from "@commonhold/web/keys/forms";
import type { Session } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { events } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, Loading, Time } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { go, Link, useQueryParam } from "@commonhold/web/shell/router";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Topics } from "./Choices";
import { type Ask, type ClassDecision, counts, law, ledgerTime, newest, requestsBy, type Study } from "./law";
import { Decisions } from "./Request";
import { stateWords } from "./Requests";
import { find } from "./Share";
import { forWhat } from "./Sharing";
import {
  Asked,
  iso,
  LOOK_MS,
  Mine,
  now,
  opens,
  Proof,
  SIZE,
  same,
  standing,
  TONES,
  useCalled,
  useSigning,
  Who,
} from "./shared";
import { strings } from "./strings";
import { isStudied, kinds, purpose as purposeName, ZERO_WORD } from "./words";

const t = strings.asked;
const DAY = 86_400;
/** Days for which a grant may last: the law's GRANT_SECONDS_MAX. */
const DAYS_MAX = 1_825;

export function useAsked(who: Hex) {
  return useQuery({
    queryKey: ["health", "requestsBy", who],
    queryFn: async () => {
      const [all, made] = await Promise.all([requestsBy(who), events("health", ["Requested"], null, who)]);
      const proofs = new Map(made.map((event) => [event.values.get("number"), event.transaction]));
      return all
        .map((request) => ({ ...request, transaction: proofs.get(String(request.number)) }))
        .sort((a, b) => Number(b.number - a.number));
    },
    refetchInterval: LOOK_MS,
  });
}

function Own({ session }: { session: Session }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const query = useAsked(session.address);
  const at = now();
  const r = strings.requests;
  return (
    <Card>
      <Asked query={query}>
        {(all) => (
          <Table
            caption={t.title}
            rows={all.slice(page * SIZE, (page + 1) * SIZE)}
            all={all}
            id={(request) => String(request.number)}
            empty={{ title: t.none, text: t.noneText }}
            pager={<CountedPager total={all.length} page={page} size={SIZE} name="page" />}
            columns={[
              {
                head: r.number,
                cell: (request) => (
                  <Link to={`/health/requests/${request.number}`}>{String(request.number)}</Link>
                ),
                text: (request) => String(request.number),
              },
              {
                head: t.of,
                cell: (request) => <Who value={request.subject} />,
                text: (request) => request.subject,
              },
              { head: r.purpose, cell: forWhat, text: forWhat, wide: true },
              {
                head: r.what,
                cell: (request) => kinds(request.classes),
                text: (request) => kinds(request.classes),
                wide: true,
              },
              {
                head: r.time,
                cell: (request) => <Time ms={Number(request.requestedAt) * 1000} />,
                text: (request) => iso(request.requestedAt),
                wide: true,
              },
              {
                head: r.state,
                cell: (request) => (
                  <Badge tone={TONES[standing(request, at)]}>{stateWords(request, at, false)}</Badge>
                ),
                text: (request) => stateWords(request, at, false),
              },
              {
                head: t.fetch,
                cell: (request) =>
                  opens(request, at) === 0 ? (
                    <span className="muted">–</span>
                  ) : (
                    <Link to={`/health/files/${request.number}`} className="button small">
                      {t.fetch}
                    </Link>
                  ),
                text: () => "",
              },
              {
                head: strings.transaction,
                cell: (request) => <Proof hash={request.transaction} what={r.number} />,
                text: (request) => request.transaction ?? "",
                wide: true,
              },
            ]}
          />
        )}
      </Asked>
    </Card>
  );
}

export function AskedFor() {
  return (
    <Mine
      title={t.title}
      lead={t.lead}
      action={
        <Link to="/health/asked/new" className="button primary">
          {t.ask}
        </Link>
      }
    >
      {(session) => <Own session={session} />}
    </Mine>
  );
}

/** Studies whose investigator somebody is: of the newest hundred. */
function useMyStudies(who: Hex) {
  return useQuery({
    queryKey: ["health", "myStudies", who],
    queryFn: async () => {
      const { studies } = await counts();
      const all = await newest<Study>("study", studies, 0, 100);
      return all.filter((study) => same(study.investigator, who));
    },
  });
}

function Form({ session }: { session: Session }) {
  const n = t.new;
  const given = Number(useQueryParam("study") ?? 0) || 0;
  const [whom, setWhom] = useState("");
  const [purpose, setPurpose] = useState(given > 0 ? 0 : 3);
  const [study, setStudy] = useState(given);
  const [classes, setClasses] = useState(0);
  const [days, setDays] = useState("30");
  const [done, setDone] = useState(false);
  const { sign, dialog } = useSigning();
  const studies = useMyStudies(session.address);
  const found = useQuery({
    queryKey: ["health", "find", whom.trim()],
    queryFn: async () => (await find(whom)) ?? null,
    enabled: whom.trim().length > 2,
  });
  const subject = found.data ?? undefined;
  const called = useCalled(subject ?? "0x");
  const studied = isStudied(purpose);
  const mine = studies.data ?? [];
  const chosen = studied ? study || Number(mine[0]?.number ?? 0) : 0;
  const length = Number(days);
  const fits = Number.isInteger(length) && length >= 1 && length <= DAYS_MAX;
  const ready = subject !== undefined && classes !== 0 && fits && (!studied || chosen > 0);
  const ask = (at: number): Ask => ({
    study: BigInt(chosen),
    purpose,
    classes,
    until: BigInt(at + length * DAY),
    uses: 0,
    reason: ZERO_WORD,
  });
  const decided = useQuery({
    queryKey: ["health", "wouldDecide", session.address, subject, chosen, purpose, classes, days],
    queryFn: async () =>
      law<ClassDecision[]>("decideRequest", session.address, ask(await ledgerTime()), subject),
    enabled: ready,
  });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready || !subject) return;
    const what = kinds(classes);
    const why = studied ? `${purposeName(purpose)}, ${strings.study(chosen)}` : purposeName(purpose);
    sign(
      {
        effect: <p>{n.effect(called, what, why, length)}</p>,
        step: { module: "health", functionName: "request", args: [ask(await ledgerTime()), [subject]] },
        action: n.send,
      },
      () => setDone(true),
    );
  };
  if (done && !dialog) {
    return (
      <Card>
        <Empty title={n.sent}>
          <p>{n.sentText}</p>
          <button type="button" className="button primary" onClick={() => go("/health/asked")}>
            {t.title}
          </button>
        </Empty>
      </Card>
    );
  }
  const unknown = whom.trim().length > 2 && found.data === null;
  return (
    <div className="columns">
      <Card>
        <form className="form first" onSubmit={submit} noValidate>
          <Field
            label={n.whom}
            hint={subject ? plain(called, 60) : n.whomHint}
            error={unknown ? n.unknown : ""}
          >
            {(props) => (
              <input
                {...props}
                value={whom}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => setWhom(event.target.value)}
              />
            )}
          </Field>
          <Field label={n.purpose}>
            {(props) => (
              <select {...props} value={purpose} onChange={(event) => setPurpose(Number(event.target.value))}>
                {n.purposes.map((name, number) => (
                  <option key={name} value={number}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {studied &&
            (studies.data && mine.length === 0 ? (
              <p className="error">{n.studyNone}</p>
            ) : (
              <Field label={n.study}>
                {(props) => (
                  <select
                    {...props}
                    value={chosen}
                    onChange={(event) => setStudy(Number(event.target.value))}
                  >
                    {mine.map(({ number }) => (
                      <option key={String(number)} value={Number(number)}>
                        {strings.study(number)}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            ))}
          <fieldset>
            <legend>{n.kinds}</legend>
            <Topics classes={classes} there={undefined} change={setClasses} />
          </fieldset>
          <Field label={n.days} error={fits ? "" : n.daysWrong}>
            {(props) => (
              <input
                {...props}
                value={days}
                inputMode="numeric"
                onChange={(event) => setDays(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" className="button primary" disabled={!ready}>
            {n.send}
          </button>
        </form>
      </Card>
      <Card title={n.check}>
        <div aria-live="polite">
          {!ready ? (
            <Empty title={n.checkNone} />
          ) : decided.data ? (
            <Decisions all={decided.data} caption={n.check} />
          ) : decided.error ? (
            <p className="error">{plain(String((decided.error as Error).message), 300)}</p>
          ) : (
            <Loading />
          )}
        </div>
      </Card>
      {dialog}
    </div>
  );
}

export function NewRequest() {
  return (
    <Mine title={t.new.title} lead={t.new.lead}>
      {(session) => <Form session={session} />}
    </Mine>
  );
}
