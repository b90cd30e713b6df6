/** One request: how it stands, how it would be decided, and everything that happened to it. */
import { useSession } from "@commonhold/web/keys/session";
import { type Event, events } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, Time, Title } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { useQuery } from "@tanstack/react-query";
import { type ClassDecision, law, type Request } from "./law";
import { Decide, RequestFacts, stateWords } from "./Requests";
import {
  Asked,
  LOOK_MS,
  now,
  Proof,
  standing,
  TONES,
  useCalled,
  useSigning,
  useSubjects,
  Who,
} from "./shared";
import { strings } from "./strings";
import { kind, kinds, list, purpose } from "./words";

const t = strings.requests;

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
