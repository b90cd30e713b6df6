/** *Files*: what one's requests open, fetched and opened in the browser; with the command line for what is large. */
import type { Session } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { told } from "@commonhold/web/ledger/events";
import { Badge, Card, Empty, Time } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { CountedPager } from "@commonhold/web/parts/pager";
import { Table } from "@commonhold/web/parts/table";
import { Link, useQueryParam } from "@commonhold/web/shell/router";
import { save } from "@commonhold/web/text/csv";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useAsked } from "./Asked";
import { held } from "./Data";
import { laws, type Request } from "./law";
import { CONTENT_BYTES_MAX, fetchOpened, type Opened, type Reader, reader } from "./opening/fetch";
import { forWhat } from "./Sharing";
import { Asked, iso, LOOK_MS, Mine, now, opens, SIZE, useCalled, useSigning, Who } from "./shared";
import { strings } from "./strings";
import { bit, codeOf, kind, kinds, union } from "./words";

const t = strings.files;
const GRANTED = 16;
const OWN = 17;
/** Parts that one signature fetches. */
const AT_ONCE_MAX = 16;
/** Characters of a part that are shown. */
const SHOWN_MAX = 20_000;

interface Part {
  id: Hex;
  code: number;
  length: number;
  registeredAt: bigint;
  leave: number;
}

type State = { is: "busy"; words: string } | { is: "failed"; why: string } | { is: "got"; opened: Opened };

/** The parts that a request covers, and whether each opens now. */
async function covered(request: Request): Promise<Part[]> {
  const of = union(request.standing, request.approved, request.asking, request.needing);
  const all = (await held([request.subject])).filter(
    (slice) => !slice.erased && (of & bit(codeOf(slice.class, slice.sensitivity))) !== 0,
  );
  const leaves = await laws<number>(
    "leaveOf",
    all.map((slice) => [request.number, slice.id, request.requester]),
  );
  return all.map((slice, at) => ({
    id: slice.id,
    code: codeOf(slice.class, slice.sensitivity),
    length: slice.length,
    registeredAt: slice.registeredAt,
    leave: leaves[at] ?? 0,
  }));
}

const ENDINGS: [RegExp, string][] = [
  [/fhir\+json$/, "json"],
  [/ndjson$/, "ndjson"],
  [/json$/, "json"],
  [/xml$/, "xml"],
  [/vcf/, "vcf"],
  [/csv$/, "csv"],
];

function fileName(part: Part, opened: Opened): string {
  const begin = new TextDecoder().decode(opened.content.subarray(0, 64)).trimStart();
  const sniffed = begin.startsWith("##fileformat=VCF") ? "vcf" : /^[[{]/.test(begin) ? "json" : "bin";
  const ending = ENDINGS.find(([pattern]) => pattern.test(opened.kind))?.[1] ?? sniffed;
  const name = kind(part.code)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/-$/, "");
  return `${name}-${part.id.slice(2, 10)}.${ending}`;
}

/** What is in it, as far as this page can tell. */
function contents(opened: Opened): { words: string; text: string } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(opened.content);
  } catch {
    return { words: "", text: "" };
  }
  const counts = new Map<string, number>();
  try {
    const bundle = JSON.parse(text) as { entry?: { resource?: { resourceType?: unknown } }[] };
    for (const { resource } of bundle.entry ?? []) {
      const type = plain(String(resource?.resourceType ?? ""), 40);
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    text = JSON.stringify(bundle, null, 2);
  } catch {
    // Not one JSON document: lines, or something else.
  }
  const lines = text.slice(0, SHOWN_MAX).trimEnd().split("\n");
  // Spaces at a line's beginning are how it is indented; the rest is text of somebody else.
  const shown = lines.map((line) => /^ */.exec(line)?.[0] + plain(line.trimStart(), 2_000));
  const words = [...counts].map(([type, n]) => `${n} ${type}`).join(", ");
  return { words, text: shown.join("\n") };
}

function Got({ part, opened }: { part: Part; opened: Opened }) {
  const { words, text } = contents(opened);
  const name = fileName(part, opened);
  return (
    <section className="got" aria-label={kind(part.code)}>
      <div className="card-head">
        <h3>{kind(part.code)}</h3>
        <button
          type="button"
          className="button"
          aria-label={t.saveOf(name)}
          onClick={() => save(name, opened.content as Uint8Array<ArrayBuffer>, "application/octet-stream")}
        >
          <Icon name="download" /> {t.save}
        </button>
      </div>
      <p>
        <Badge tone="good" icon="check">
          {t.got}
        </Badge>{" "}
        {t.checked(opened.members)}
      </p>
      {words && (
        <p className="muted">
          {t.holds}: {words}
        </p>
      )}
      {text && (
        <details>
          <summary>{t.part}</summary>
          <section className="bytes" tabIndex={0} aria-label={name}>
            <pre>{text}</pre>
          </section>
        </details>
      )}
    </section>
  );
}

function One({ request, session }: { request: Request; session: Session }) {
  const queries = useQueryClient();
  const { sign, dialog } = useSigning();
  const [states, setStates] = useState<Map<Hex, State>>(new Map());
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  const who = useCalled(request.subject);
  const query = useQuery({
    queryKey: ["health", "covered", String(request.number)],
    queryFn: () => covered(request),
    refetchInterval: LOOK_MS,
  });
  const put = (id: Hex, state: State) => {
    if (mounted.current) setStates((all) => new Map(all).set(id, state));
  };
  const get = async (part: Part, by: Reader, transaction: Hex) => {
    put(part.id, { is: "busy", words: t.steps.ledger });
    try {
      const { events, blockHash } = await told("health", transaction);
      const asked = events.find((event) => event.name === "SliceAsked");
      const leave = Number(asked?.values.get("leave"));
      if (!asked || (leave !== GRANTED && leave !== OWN)) {
        put(part.id, { is: "failed", why: strings.leavesToReader[leave] ?? strings.unknown });
        return;
      }
      const number = BigInt(asked.values.get("opening") ?? "0");
      const opened = await fetchOpened(session, part.id, number, blockHash, by, (words) =>
        put(part.id, { is: "busy", words }),
      );
      put(part.id, { is: "got", opened });
    } catch (error) {
      put(part.id, { is: "failed", why: plain(String((error as Error).message ?? error), 300) });
    } finally {
      void queries.invalidateQueries({ queryKey: ["health"] });
    }
  };
  const fetchParts = (parts: Part[]) => {
    const readers = parts.map(() => reader());
    sign(
      {
        effect: <p>{t.fetchEffect(parts.length, who)}</p>,
        step: parts.map((part, at) => ({
          module: "health",
          functionName: "requestSlice",
          args: [request.number, part.id, readers[at]?.key],
        })),
        action: t.fetch,
      },
      (receipt, at) => {
        const [part, by] = [parts[at], readers[at]];
        if (part && by) void get(part, by, receipt.transactionHash);
      },
    );
  };
  return (
    <>
      <Card
        title={`${t.request} ${request.number}`}
        action={
          <span className="muted">
            <Who value={request.subject} /> · {forWhat(request)}
          </span>
        }
      >
        <Asked query={query}>
          {(all) => {
            const open = all.filter(
              (part) =>
                (part.leave === GRANTED || part.leave === OWN) &&
                part.length <= CONTENT_BYTES_MAX &&
                states.get(part.id)?.is !== "got" &&
                states.get(part.id)?.is !== "busy",
            );
            return (
              <>
                <Table
                  caption={`${t.request} ${request.number}`}
                  rows={all}
                  id={(part) => part.id}
                  empty={{ title: t.noParts, text: t.noPartsText }}
                  columns={[
                    { head: t.kind, cell: (part) => kind(part.code), text: (part) => kind(part.code) },
                    {
                      head: strings.data.registered,
                      cell: (part) => <Time ms={Number(part.registeredAt) * 1000} />,
                      text: (part) => iso(part.registeredAt),
                      wide: true,
                    },
                    {
                      head: t.size,
                      cell: (part) => format.bytes(part.length),
                      text: (part) => String(part.length),
                      right: true,
                      wide: true,
                    },
                    {
                      head: t.state,
                      cell: (part) => <PartState part={part} state={states.get(part.id)} />,
                      text: (part) => strings.leavesToReader[part.leave] ?? "",
                    },
                    {
                      head: t.fetch,
                      cell: (part) =>
                        open.includes(part) ? (
                          <button
                            type="button"
                            className="button small"
                            aria-label={`${t.fetch}: ${kind(part.code)}`}
                            onClick={() => fetchParts([part])}
                          >
                            {t.fetch}
                          </button>
                        ) : (
                          <span className="muted">–</span>
                        ),
                      text: () => "",
                    },
                  ]}
                />
                {open.length > 1 && (
                  <p className="card-actions study-actions">
                    <button
                      type="button"
                      className="button primary"
                      onClick={() => fetchParts(open.slice(0, AT_ONCE_MAX))}
                    >
                      {t.fetchAll(Math.min(open.length, AT_ONCE_MAX))}
                    </button>
                  </p>
                )}
                <div aria-live="polite">
                  {all.map((part) => {
                    const state = states.get(part.id);
                    return state?.is === "got" ? (
                      <Got key={part.id} part={part} opened={state.opened} />
                    ) : null;
                  })}
                </div>
                {[...states.values()].some((state) => state.is === "got") && (
                  <p className="muted">{t.leaving}</p>
                )}
              </>
            );
          }}
        </Asked>
      </Card>
      {dialog}
    </>
  );
}

function PartState({ part, state }: { part: Part; state: State | undefined }) {
  if (state?.is === "busy") return <span>{state.words}</span>;
  if (state?.is === "failed") return <span className="error">{state.why}</span>;
  if (state?.is === "got") return <Badge tone="good">{t.got}</Badge>;
  if (part.length > CONTENT_BYTES_MAX) return <span className="muted">{t.steps.large}</span>;
  const open = part.leave === GRANTED || part.leave === OWN;
  return open ? (
    <Badge tone="good">{strings.leavesToReader[part.leave]}</Badge>
  ) : (
    <span className="muted">{strings.leavesToReader[part.leave]}</span>
  );
}

function CommandLine({ number }: { number: string }) {
  return (
    <Card title={t.cli} quiet>
      <p>{t.cliText}</p>
      <p>
        <code className="command">commonhold health fetch {number} -o DIR --account NAME</code>
      </p>
      <p className="muted">{t.cliC4gh}</p>
    </Card>
  );
}

function Own({ session, number }: { session: Session; number: string | undefined }) {
  const page = Number(useQueryParam("page") ?? 0) || 0;
  const query = useAsked(session.address);
  const at = now();
  return (
    <Asked query={query}>
      {(all) => {
        const open = all.filter((request) => opens(request, at) !== 0);
        const chosen = all.find((request) => String(request.number) === number);
        return (
          <>
            {chosen && <One key={number} request={chosen} session={session} />}
            <Card {...(chosen ? { title: strings.asked.opens } : {})}>
              <Table
                caption={t.title}
                rows={open.slice(page * SIZE, (page + 1) * SIZE)}
                all={open}
                id={(request) => String(request.number)}
                empty={{ title: t.none, text: t.noneText }}
                pager={<CountedPager total={open.length} page={page} size={SIZE} name="page" />}
                columns={[
                  {
                    head: t.request,
                    cell: (request) => (
                      <Link to={`/health/files/${request.number}`}>{`${t.request} ${request.number}`}</Link>
                    ),
                    text: (request) => String(request.number),
                  },
                  {
                    head: t.of,
                    cell: (request) => <Who value={request.subject} />,
                    text: (request) => request.subject,
                  },
                  {
                    head: strings.asked.opens,
                    cell: (request) => kinds(opens(request, at)),
                    text: (request) => kinds(opens(request, at)),
                  },
                  {
                    head: strings.sharing.until,
                    cell: (request) => <Time ms={Number(request.until) * 1000} />,
                    text: (request) => iso(request.until),
                    wide: true,
                  },
                ]}
              />
            </Card>
            {number && !chosen && (
              <Card>
                <Empty title={strings.requests.missing}>
                  <p>{strings.requests.missingText}</p>
                </Empty>
              </Card>
            )}
            <CommandLine number={number ?? String(open[0]?.number ?? "NUMBER")} />
          </>
        );
      }}
    </Asked>
  );
}

export function Files({ number }: { number?: string }) {
  return (
    <Mine title={t.title} lead={t.lead}>
      {(session) => <Own session={session} number={number} />}
    </Mine>
  );
}
