/** *Corrections*: later versions of readings, disputes, and what became of them. */
import type { Hex } from "@commonhold/web/ledger/api";
import { Card, Empty, Hash } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { events, type Told } from "./events";
import { Field } from "./fields";
import { seatAt } from "./gathering";
import type { Member } from "./law";
import { SlotPicker, useSlot } from "./SlotProof";
import {
  Asked,
  date,
  iso,
  kwh,
  LOOK_MS,
  type Place,
  Proof,
  same,
  small,
  step,
  useMembersOf,
  useNewest,
  useSigning,
  useUnit,
  Who,
  Within,
  whole,
} from "./shared";
import { strings } from "./strings";

const t = strings.corrections;

type Signing = ReturnType<typeof useSigning>["sign"];

interface Note {
  slot: bigint;
  index: number;
  before: bigint;
  net: bigint;
  statement: bigint;
}

interface Disputed {
  slot: bigint;
  index: number;
  by: Hex;
  evidence: Hex;
}

/** A name of something in the vault: 32 bytes in hex. */
export const record = (text: string): Hex | undefined =>
  /^0x[0-9a-fA-F]{64}$/.test(text.trim()) ? (text.trim() as Hex) : undefined;

/** The bytes of a signed reading in hex, as a file or `commonhold device sign` gives them. */
export const signedBytes = (text: string): Hex | undefined => {
  const bare = text.trim().replace(/^0x/, "");
  return /^([0-9a-fA-F]{2}){16,4096}$/.test(bare) ? `0x${bare}` : undefined;
};

/** Whole Wh; below zero what went out. */
export const wattHours = (text: string): bigint | undefined =>
  /^[-−]?\d{1,10}$/.test(text.trim()) ? BigInt(text.trim().replace("−", "-")) : undefined;

function Form({
  children,
  ready,
  action,
  submit,
}: {
  children: ReactNode;
  ready: boolean;
  action: string;
  submit: () => void;
}) {
  return (
    <form
      className="form wide-form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (ready) submit();
      }}
    >
      {children}
      <button type="submit" className="button primary" disabled={!ready}>
        {action}
      </button>
    </form>
  );
}

function Correct({ place, slot, sign }: { place: Place; slot: bigint; sign: Signing }) {
  const [text, setText] = useState("");
  const bytes = signedBytes(text);
  return (
    <Card title={t.correct}>
      <p className="muted">{t.correctText}</p>
      <Form
        ready={bytes !== undefined}
        action={t.correctAction}
        submit={() =>
          sign(
            {
              action: t.correctAction,
              step: step("correct", place.number, slot, bytes),
              effect: <p>{t.correctEffect(date(slot))}</p>,
            },
            () => setText(""),
          )
        }
      >
        <Field
          label={t.reading}
          hint={t.readingHint}
          text={text}
          set={setText}
          wrong={text !== "" && !bytes ? t.readingWrong : undefined}
        />
      </Form>
    </Card>
  );
}

function Dispute({ place, slot, index, sign }: { place: Place; slot: bigint; index: number; sign: Signing }) {
  const [text, setText] = useState("");
  const evidence = record(text);
  return (
    <Card title={t.dispute}>
      <p className="muted">{t.disputeText}</p>
      <Form
        ready={evidence !== undefined}
        action={t.disputeAction}
        submit={() =>
          sign(
            {
              action: t.disputeAction,
              step: step("dispute", place.number, slot, index, evidence),
              effect: <p>{t.disputeEffect(date(slot))}</p>,
            },
            () => setText(""),
          )
        }
      >
        <Field
          label={t.evidence}
          hint={t.evidenceHint}
          text={text}
          set={setText}
          wrong={text !== "" && !evidence ? t.recordWrong : undefined}
        />
      </Form>
    </Card>
  );
}

/** The form of the network operator, who decides by its own reading. */
function Decide({ place, open, sign }: { place: Place; open: Disputed; sign: Signing }) {
  const [netText, setNet] = useState("");
  const [readingText, setReading] = useState("");
  const [net, reading] = [wattHours(netText), record(readingText)];
  const household = seatAt(place.history, open.index, open.slot)?.household ?? open.by;
  return (
    <section className="card" aria-label={t.decide(date(open.slot))}>
      <div className="card-head">
        <h2>{t.decide(date(open.slot))}</h2>
      </div>
      <p className="muted">
        <Who value={household} me={place.session?.address} /> · {t.about}{" "}
        <Hash value={open.evidence} what={t.evidence} />
      </p>
      <Form
        ready={net !== undefined && reading !== undefined}
        action={t.decideAction}
        submit={() =>
          sign({
            action: t.decideAction,
            step: step("decideDispute", place.number, open.slot, open.index, net, reading),
            effect: <p>{t.decideEffect(date(open.slot), kwh(net ?? 0n))}</p>,
          })
        }
      >
        <Field
          label={t.net}
          hint={t.netHint}
          text={netText}
          set={setNet}
          wrong={netText !== "" && net === undefined ? t.netWrong : undefined}
        />
        <Field
          label={t.own}
          hint={t.ownHint}
          text={readingText}
          set={setReading}
          wrong={readingText !== "" && !reading ? t.recordWrong : undefined}
        />
      </Form>
    </section>
  );
}

function Notes({ place, told }: { place: Place; told: Told<Note>[] }) {
  const unit = useUnit();
  return (
    <Card title={t.notes}>
      <Table
        caption={t.notes}
        rows={told}
        id={(one) => `${one.transaction}-${one.index}`}
        empty={{ title: t.notesNone, text: t.notesNoneText }}
        columns={[
          { head: t.slot, cell: (one) => date(one.values.slot), text: (one) => iso(one.values.slot) },
          {
            head: t.home,
            cell: ({ values }) => (
              <Who
                value={seatAt(place.history, values.index, values.slot)?.household ?? ""}
                me={place.session?.address}
              />
            ),
            text: (one) => String(one.values.index),
          },
          {
            head: t.before,
            cell: (one) => kwh(one.values.before),
            text: (one) => String(one.values.before),
            right: true,
          },
          {
            head: t.after,
            cell: (one) => kwh(one.values.net),
            text: (one) => String(one.values.net),
            right: true,
          },
          {
            head: t.statement(unit),
            cell: (one) => small(one.values.statement),
            text: (one) => whole(one.values.statement),
            right: true,
          },
          {
            head: strings.onLedger,
            cell: (one) => <Proof hash={one.transaction} what={t.notes} />,
            text: (one) => one.transaction,
            wide: true,
          },
        ]}
      />
    </Card>
  );
}

/** Which home's slot the network operator disputes. */
function Homes({ homes, index, set }: { homes: Member[]; index: number; set: (index: number) => void }) {
  const id = useId();
  return (
    <div className="picker section">
      <label htmlFor={id}>{t.home}</label>
      <select id={id} value={index} onChange={(event) => set(Number(event.target.value))}>
        {homes.map((one) => (
          <option key={one.index} value={one.index}>
            {t.place(one.index)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Steps({ place, slot, sign }: { place: Place; slot: bigint; sign: Signing }) {
  const isNetwork = place.session !== undefined && same(place.community.network, place.session.address);
  const homes = useMembersOf(place.number);
  const [index, setIndex] = useState(place.me?.index ?? 0);
  if (!place.session) return <p className="muted">{t.signIn}</p>;
  return (
    <>
      {isNetwork && homes.data && <Homes homes={homes.data} index={index} set={setIndex} />}
      <div className="columns">
        <Correct place={place} slot={slot} sign={sign} />
        {(place.me || isNetwork) && (
          <Dispute place={place} slot={slot} index={isNetwork ? index : (place.me?.index ?? 0)} sign={sign} />
        )}
      </div>
    </>
  );
}

function Inside({ place }: { place: Place }) {
  const { sign, dialog } = useSigning();
  const newest = useNewest(place);
  const slot = useSlot(newest);
  const query = useQuery({
    queryKey: ["energy", "corrections", String(place.number)],
    queryFn: async () => {
      const [notes, opened, decided] = await Promise.all([
        events<Note>("DeltaNote", place.number),
        events<Disputed>("Disputed", place.number),
        events<Disputed>("DisputeDecided", place.number),
      ]);
      const isDecided = (one: Disputed) =>
        decided.some(({ values }) => values.slot === one.slot && values.index === one.index);
      const open = opened.map(({ values }) => values).filter((one) => !isDecided(one));
      return { notes: notes.toReversed(), open };
    },
    refetchInterval: 2 * LOOK_MS,
  });
  const isNetwork = place.session !== undefined && same(place.community.network, place.session.address);
  return (
    <>
      {slot === undefined ? (
        <Card>
          <Empty title={t.none}>
            <p>{t.noneText}</p>
          </Empty>
        </Card>
      ) : (
        <>
          <div className="bar-of-page">
            <h2>{date(slot)}</h2>
            <SlotPicker place={place} slot={slot} />
          </div>
          <Steps place={place} slot={slot} sign={sign} />
        </>
      )}
      <Asked query={query}>
        {({ notes, open }) => (
          <>
            {isNetwork &&
              open.map((one) => (
                <Decide key={`${one.slot}-${one.index}`} place={place} open={one} sign={sign} />
              ))}
            <Notes place={place} told={notes} />
          </>
        )}
      </Asked>
      {dialog}
    </>
  );
}

export function Corrections() {
  return (
    <Within title={t.title} lead={t.lead}>
      {(place) => <Inside place={place} />}
    </Within>
  );
}
