/** Bringing evidence of an order: traces dropped, signed with their instruments' keys, and read by every member. */
import { useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { told } from "@commonhold/web/ledger/events";
import { Badge, Card } from "@commonhold/web/parts/basics";
import { Drop } from "@commonhold/web/parts/drop";
import { Proof } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { plain } from "@commonhold/web/text/safe";
import { useState } from "react";
import type { Deal } from "./book";
import { CONTRACT, CONTRACTOR } from "./law";
import { useSigning } from "./shared";
import { strings } from "./strings";
import { FILES_MAX, type Given, look, submission, unsigned } from "./submitting";
import { bits, roles } from "./words";

const t = strings.submit;

/** What the law found of a file that was brought. */
interface Taken {
  name: string;
  what: string;
  weight: number;
  findings: string[];
  transaction: Hex;
}

async function takenOf(given: Given, transaction: Hex): Promise<Taken[]> {
  const { events } = await told("works", transaction);
  return events
    .filter((event) => event.name === "EvidenceTaken")
    .map((event) => ({
      name: nameOf(given),
      what: about(given),
      weight: Number(event.values.get("weight") ?? 2),
      findings: bits(Number(event.values.get("findings") ?? 0)).map(
        (bit) => strings.fibre.findings[bit] ?? strings.unknown,
      ),
      transaction,
    }));
}

const TONES = ["good", "wait", "bad"] as const;

/** What came of it, file by file. */
function Outcome({ taken }: { taken: Taken[] }) {
  const found = (one: Taken) =>
    [strings.fibre.weights[one.weight] ?? strings.unknown, ...one.findings].join(": ");
  return (
    <Table
      caption={t.taken}
      rows={taken}
      id={(one) => one.transaction}
      empty={{ title: t.drop }}
      columns={[
        { head: t.file, cell: (one) => plain(one.name, 60), text: (one) => one.name },
        { head: t.what, cell: (one) => one.what, text: (one) => one.what, wide: true },
        {
          head: t.found,
          cell: (one) => (
            <>
              <Badge tone={TONES[one.weight] ?? "plain"}>{strings.fibre.weights[one.weight]}</Badge>
              {one.findings.length > 0 && <span className="why">{one.findings.join(", ")}</span>}
            </>
          ),
          text: found,
        },
        {
          head: strings.transaction,
          cell: (one) => <Proof hash={one.transaction} what={plain(one.name, 60)} />,
          text: (one) => one.transaction,
        },
      ]}
    />
  );
}

const nameOf = (given: Given) => (given.is === "trace" ? given.shot.name : given.name);

const about = (given: Given): string => {
  if (given.is === "key") return t.key;
  if (given.is === "wrong") return `${t.wrong[given.why]}${given.what ? ` (${plain(given.what, 80)})` : ""}`;
  const { sor, end } = given.shot;
  return t.trace(plain(sor.fibre, 32), sor.wavelengthNm, end);
};

export function Submit({ deal, order }: { deal: Deal; order: Deal["orders"][number] }) {
  const me = useSession()?.address;
  const { sign, dialog } = useSigning();
  const [given, setGiven] = useState<Given[]>([]);
  const [taken, setTaken] = useState<Taken[]>([]);
  const [many, setMany] = useState(false);
  if (!me || deal.state !== CONTRACT.running || !(roles(deal, me) & CONTRACTOR)) return null;
  const take = async (files: File[]) => {
    const room = files.slice(0, FILES_MAX);
    setMany(files.length > room.length);
    const looked = await Promise.all(
      room.map(async (file) => look(file.name, new Uint8Array(await file.arrayBuffer()), order)),
    );
    // The same name again replaces what was there: somebody corrected it.
    const names = new Set(looked.map(nameOf));
    setGiven((before) => [...before.filter((one) => !names.has(nameOf(one))), ...looked]);
  };
  const shots = given.flatMap((one) => (one.is === "trace" ? [one.shot] : []));
  const keys = given.flatMap((one) => (one.is === "key" ? [one.key] : []));
  const missing = [...new Set(unsigned(shots, keys).map(({ end }) => end))].sort();
  const fibres = [...new Set(shots.map(({ sor }) => plain(sor.fibre, 32)))].sort();
  const submit = () =>
    sign(
      {
        effect: (
          <>
            <p>{t.effect(shots.length, order.number, fibres.join(", "))}</p>
            <p>{t.judged}</p>
          </>
        ),
        step: submission(order.number, shots, keys, BigInt(Date.now())),
        action: t.action,
      },
      // One that is final is not brought twice, also where a later one is refused.
      ({ transactionHash }, at) => {
        const name = [...shots].sort((a, b) => a.sor.time - b.sor.time)[at]?.name;
        const done = given.find((one) => nameOf(one) === name);
        setGiven((before) => before.filter((one) => nameOf(one) !== name));
        if (!done) return;
        takenOf(done, transactionHash).then(
          (more) => setTaken((before) => [...before, ...more]),
          // The node went away: what was found stands on the page of the fibre.
          () => undefined,
        );
      },
    );
  return (
    <Card title={t.title}>
      <p className="muted">{t.text}</p>
      <Drop
        title={t.drop}
        choose={t.choose}
        icon="records"
        accept=".sor,.key,.json"
        many
        take={(files) => void take(files)}
      >
        <p className="muted">{t.keys}</p>
      </Drop>
      {many && (
        <p className="problem" role="alert">
          {t.many(FILES_MAX)}
        </p>
      )}
      {given.length > 0 && (
        <>
          <Table
            caption={t.files}
            rows={given}
            id={nameOf}
            empty={{ title: t.drop }}
            columns={[
              {
                head: t.file,
                cell: (one) => plain(nameOf(one), 60),
                text: nameOf,
              },
              {
                head: t.what,
                cell: (one) => (
                  <Badge
                    tone={one.is === "wrong" ? "bad" : "good"}
                    icon={one.is === "wrong" ? "cross" : "check"}
                  >
                    <span className="wraps">{about(one)}</span>
                  </Badge>
                ),
                text: about,
              },
            ]}
          />
          {missing.length > 0 && <p>{t.missing(missing.join(" and "))}</p>}
          <div className="card-actions decide">
            <button
              type="button"
              className="button primary"
              disabled={shots.length === 0 || missing.length > 0}
              onClick={submit}
            >
              {t.action}
            </button>
            <button type="button" className="button" onClick={() => setGiven([])}>
              {t.clear}
            </button>
          </div>
        </>
      )}
      {taken.length > 0 && (
        <>
          <h3>{t.taken}</h3>
          <Outcome taken={taken} />
        </>
      )}
      {dialog}
    </Card>
  );
}
