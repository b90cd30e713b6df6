/** *Studies*: as they were registered, what their boards decided, and what was reported. */
import { useSession } from "@commonhold/web/keys/session";
import { events } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, Fact, Facts, Hash, Said, Time, Title } from "@commonhold/web/parts/basics";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { asciiOf } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { counts, law, laws, newest, type Report, type Study, type Version } from "./law";
import { Asked, approval, date, iso, LOOK_MS, now, Proof, SIZE, same, step, useSigning, Who } from "./shared";
import { strings } from "./strings";
import { isZero } from "./words";

const t = strings.studies;

/** How a study stands with its board, in a badge. */
export function Approval({ study }: { study: Study }) {
  const at = approval(study, now());
  const tone = at === "approved" ? "good" : at === "notYet" ? "wait" : "bad";
  return <Badge tone={tone}>{approvalWords(study)}</Badge>;
}

export function approvalWords(study: Study): string {
  const at = approval(study, now());
  return {
    approved: t.approved,
    suspended: t.suspended,
    lapsed: t.lapsed,
    changed: t.changed,
    notYet: t.notYet,
  }[at];
}

function stage(study: Study): string {
  if (study.reports !== 0n) return t.stages.reported;
  if (study.unblinded !== 0n) return t.stages.unblinded;
  if (study.locked !== 0n) return t.stages.locked;
  return study.firstEnrolled !== 0n ? t.stages.enrolling : t.stages.registered;
}

export function useStudies(page: number) {
  return useQuery({
    queryKey: ["health", "studies", page],
    queryFn: async () => {
      const { studies: total } = await counts();
      const [rows, registered] = await Promise.all([
        newest<Study>("study", total, page, SIZE),
        events("health", ["StudyRegistered"]),
      ]);
      const proofs = new Map(registered.map((event) => [event.values.get("number"), event.transaction]));
      return { total, rows: rows.map((row) => ({ ...row, transaction: proofs.get(String(row.number)) })) };
    },
    refetchInterval: LOOK_MS,
  });
}

export function Studies() {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const me = useSession()?.address;
  const query = useStudies(page);
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      <Card>
        <Asked query={query}>
          {({ total, rows }) => (
            <Table
              caption={t.title}
              rows={rows}
              id={(study) => String(study.number)}
              empty={{ title: t.none, text: t.noneText }}
              pager={<CountedPager total={total} page={page} size={SIZE} name="page" />}
              columns={[
                {
                  head: t.number,
                  cell: (study) => (
                    <Link to={`/health/studies/${study.number}`}>{strings.study(study.number)}</Link>
                  ),
                  text: (study) => String(study.number),
                },
                {
                  head: t.investigator,
                  cell: (study) => (
                    <>
                      <Who value={study.investigator} />{" "}
                      {me && same(me, study.investigator) && <Badge tone="plain">{t.mine}</Badge>}
                    </>
                  ),
                  text: (study) => study.investigator,
                },
                {
                  head: t.registered,
                  cell: (study) => <Time ms={Number(study.registeredAt) * 1000} />,
                  text: (study) => iso(study.registeredAt),
                  wide: true,
                },
                { head: t.state, cell: stage, text: stage, wide: true },
                {
                  head: t.approval,
                  cell: (study) => <Approval study={study} />,
                  text: approvalWords,
                },
                {
                  head: strings.transaction,
                  cell: (study) => <Proof hash={study.transaction} what={t.registered} />,
                  text: (study) => study.transaction ?? "",
                  wide: true,
                },
              ]}
            />
          )}
        </Asked>
      </Card>
    </>
  );
}

const SAYS: (keyof typeof t.flags)[] = [
  "research",
  "healthBiomedical",
  "geneticStudy",
  "populationAncestry",
  "methodsDevelopment",
  "clinicalCare",
  "commercial",
  "forProfit",
  "willPublish",
  "returnsResults",
];

function Declared({ study }: { study: Study }) {
  const { profile } = study;
  const word = (value: `0x${string}`) =>
    isZero(value) ? (
      <span className="muted">–</span>
    ) : asciiOf(value) ? (
      <Said text={asciiOf(value) ?? ""} />
    ) : (
      <Hash value={value} what={t.institution} />
    );
  return (
    <Card title={t.declared}>
      <p className="badges">
        {SAYS.filter((flag) => profile[flag]).map((flag) => (
          <Badge key={flag} tone="plain">
            {t.flags[flag]}
          </Badge>
        ))}
      </p>
      <Facts>
        <Fact name={t.disease}>
          {profile.disease === 0 ? "–" : `MONDO:${String(profile.disease).padStart(7, "0")}`}
        </Fact>
        <Fact name={t.country}>{word(profile.country)}</Fact>
        <Fact name={t.institution}>{word(profile.institution)}</Fact>
      </Facts>
    </Card>
  );
}

function Endpoints({ version, number }: { version: Version; number: bigint }) {
  return (
    <Card title={`${t.endpoints}, ${t.version(number).toLowerCase()}`}>
      <Table
        caption={t.endpoints}
        rows={[...version.endpoints]}
        id={(endpoint) => endpoint.id}
        empty={{ title: t.endpointsNone }}
        columns={[
          {
            head: t.level,
            cell: (endpoint) => t.levels[endpoint.level],
            text: (endpoint) => t.levels[endpoint.level] ?? "",
          },
          {
            head: t.endpoint,
            cell: (endpoint) => <Hash value={endpoint.text} what={t.endpoints} copy={false} />,
            text: (endpoint) => endpoint.text,
          },
        ]}
      />
    </Card>
  );
}

const TIMELINE = [
  "StudyRegistered",
  "StudyAmended",
  "FirstEnrolled",
  "DatabaseLocked",
  "Unblinded",
  "ResultsReported",
  "StudySuspended",
];

/** Everything that happened to a study, the newest first. */
function Timeline({ number }: { number: bigint }) {
  const query = useQuery({
    queryKey: ["health", "timeline", String(number)],
    queryFn: async () => {
      const place = `0x${number.toString(16)}` as const;
      const [own, ballots] = await Promise.all([
        events("health", TIMELINE, place),
        events("health", ["BallotOpened", "BallotDecided"], null, place),
      ]);
      return [...own, ...ballots].sort((a, b) => b.block - a.block || b.index - a.index);
    },
    refetchInterval: LOOK_MS,
  });
  const words = (event: { name: string; values: Map<string, string> }) => {
    const said = t.events[event.name] ?? event.name;
    const decided = event.name === "BallotDecided" && strings.votes.states[Number(event.values.get("state"))];
    return decided ? `${said}: ${decided.toLowerCase()}` : said;
  };
  return (
    <Card title={t.timeline}>
      <Asked query={query}>
        {(all) => (
          <Table
            caption={t.timeline}
            rows={all}
            id={(event) => `${event.block}-${event.index}`}
            empty={{ title: t.timelineNone }}
            columns={[
              {
                head: strings.activity.when,
                cell: (event) => <Time ms={event.timeMs} />,
                text: (event) => new Date(event.timeMs).toISOString(),
              },
              { head: strings.activity.what, cell: words, text: words },
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

function Reports({ reports }: { reports: Report[] }) {
  return (
    <>
      {reports.map((report, at) => (
        <Card key={report.reportHash} title={t.report(at + 1)}>
          <p>
            <Badge tone={report.verdict === 2 ? "bad" : "good"}>{t.verdicts[report.verdict]}</Badge>{" "}
            <Time ms={Number(report.time) * 1000} both />
          </p>
          {report.findings.length === 0 ? (
            <p>{t.noFindings}.</p>
          ) : (
            <ul className="sentences">
              {report.findings.map((finding, place) => (
                <li key={place}>
                  {t.switches[finding.what]}{" "}
                  {!isZero(finding.endpoint) && (
                    <Hash value={finding.endpoint} what={t.endpoints} copy={false} />
                  )}
                </li>
              ))}
            </ul>
          )}
        </Card>
      ))}
    </>
  );
}

interface Whole {
  study: Study;
  version: Version;
  reports: Report[];
  /** Whether a ballot on the newest version is open. */
  asked: boolean;
}

async function whole(number: bigint): Promise<Whole | null> {
  const study = await law<Study>("study", number).catch(() => undefined);
  if (!study || study.number === 0n) return null;
  const [version, reports, [ballots]] = await Promise.all([
    law<Version>("studyVersion", number, study.versions),
    laws<Report>(
      "report",
      Array.from({ length: Number(study.reports) }, (_, at) => [number, BigInt(at)]),
    ),
    law<[bigint[], bigint]>("ballotsOf", number, 0n, 100n),
  ]);
  const last = ballots.at(-1);
  const ballot = last && (await law<{ version: bigint; state: number }>("ballot", last));
  return {
    study,
    version,
    reports,
    asked: Boolean(ballot && ballot.version === study.versions && ballot.state === 0),
  };
}

export function StudyPage({ number }: { number: string }) {
  const me = useSession()?.address;
  const { sign, dialog } = useSigning();
  const valid = /^\d{1,15}$/.test(number);
  const query = useQuery({
    queryKey: ["health", "study", number, "whole"],
    queryFn: () => whole(BigInt(number)),
    enabled: valid,
    refetchInterval: LOOK_MS,
  });
  if (!valid || query.data === null) {
    return (
      <>
        <Title text={`${t.number} ${number.slice(0, 20)}`} />
        <Card>
          <Empty title={t.missing}>
            <Link to="/health/studies" className="button">
              {t.title}
            </Link>
          </Empty>
        </Card>
      </>
    );
  }
  const name = strings.study(BigInt(number));
  const act = (functionName: string, effect: string, action: string) => (
    <button
      type="button"
      className="button"
      onClick={() => sign({ effect: <p>{effect}</p>, step: step(functionName, BigInt(number)), action })}
    >
      {action}
    </button>
  );
  return (
    <>
      <Title kind={t.number} text={number}>
        {query.data && <Approval study={query.data.study} />}
      </Title>
      <Asked query={{ ...query, data: query.data ?? undefined }}>
        {({ study, version, reports, asked }) => {
          const mine = me !== undefined && same(me, study.investigator);
          return (
            <>
              <Card>
                <Facts>
                  <Fact name={t.investigator}>
                    <Who value={study.investigator} />
                  </Fact>
                  <Fact name={t.registered}>
                    <Time ms={Number(study.registeredAt) * 1000} both />
                  </Fact>
                  <Fact name={t.state}>{stage(study)}</Fact>
                  <Fact name={t.approval}>
                    {approval(study, now()) === "approved"
                      ? t.approvedUntil(date(study.approvedUntil))
                      : approvalWords(study)}
                    , <Link to="/health/votes">{t.board(study.board)}</Link>
                  </Fact>
                  <Fact name={t.versions}>{format.count(study.versions)}</Fact>
                  <Fact name={t.protocol}>
                    <Hash value={version.usdmHash} what={t.protocol} />
                  </Fact>
                </Facts>
                {mine && (
                  <p className="card-actions study-actions">
                    {!asked &&
                      approval(study, now()) !== "approved" &&
                      act("openBallot", t.openBallotEffect(name, study.versions), t.openBallot)}
                    {study.firstEnrolled === 0n && act("declareFirstEnrolment", t.enrolEffect(name), t.enrol)}
                    {study.firstEnrolled !== 0n &&
                      study.unblinded === 0n &&
                      act("unblind", t.unblindEffect(name), t.unblind)}
                    {approval(study, now()) === "approved" && (
                      <Link className="button primary" to={`/health/asked/new?study=${number}`}>
                        {t.ask}
                      </Link>
                    )}
                  </p>
                )}
              </Card>
              <Timeline number={study.number} />
              <div className="columns">
                <Declared study={study} />
                <Endpoints version={version} number={study.versions} />
              </div>
              <Reports reports={reports} />
            </>
          );
        }}
      </Asked>
      {dialog}
    </>
  );
}
