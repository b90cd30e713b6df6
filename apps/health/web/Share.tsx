/** Sharing, step by step: whom, what for, what, how; then exactly what they will see; then the signature. */
import type { Session } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { view } from "@commonhold/web/ledger/modules";
import { accountOf as named } from "@commonhold/web/ledger/names";
import { Badge, Card, Empty, Time } from "@commonhold/web/parts/basics";
import { Table } from "@commonhold/web/parts/table";
import { go, Link } from "@commonhold/web/shell/router";
import * as format from "@commonhold/web/text/format";
import { plain } from "@commonhold/web/text/safe";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { getAddress, isAddress, pad, stringToHex } from "viem";
import { type Choice, CONDITIONS, How, NOTHING, Purpose, What, Whom } from "./Choices";
import { type Held, useHeld } from "./Data";
import { type Consent, law, type Permit } from "./law";
import { manner, standingOf } from "./Sharing";
import { Asked, date, iso, LOOK_MS, Mine, now, same, useSigning, Who } from "./shared";
import { strings } from "./strings";
import {
  bit,
  codeOf,
  codes,
  EMERGENCY,
  isZero,
  kind,
  kinds,
  list,
  purposes,
  RESEARCH,
  TRIAL,
  ZERO_WORD,
} from "./words";

const t = strings.share;

/** Permits of one consent: the law's PERMITS_MAX. */
const PERMITS_MAX = 8;
/** Hours for which an owner may keep a veto: the law's VETO_SECONDS_MAX. */
const VETO_HOURS_MAX = 720;
const HOUR = 3_600;
const DAY = 86_400;
/** DUO: no restriction, and health research. */
const NO_RESTRICTION = 4;
const HEALTH_RESEARCH = 6;
/** Whom a text means; an address, or who has it as a handle. */
export async function find(text: string): Promise<Hex | undefined> {
  const said = text.trim();
  if (isAddress(said, { strict: false })) return getAddress(said);
  if (!/^@?[a-z0-9][a-z0-9.-]{1,63}$/i.test(said)) return undefined;
  try {
    const found = await view<Hex>("accounts", "resolve", said.replace(/^@/, "").toLowerCase());
    return isZero(found) ? undefined : found;
  } catch {
    return undefined;
  }
}

function permitOf(choice: Choice): Permit {
  const role = (name: string) => stringToHex(name, { size: 32 });
  const [kindOf, recipient]: [number, Hex] =
    choice.to === "person"
      ? [1, pad(choice.account ?? "0x", { size: 32 })]
      : choice.to === "study"
        ? [3, pad(`0x${choice.study.toString(16)}`, { size: 32 })]
        : [2, role(choice.to === "clinicians" ? "clinician" : "researcher")];
  const research = choice.purpose === RESEARCH || choice.purpose === TRIAL;
  return {
    terms: {
      purposes: bit(choice.purpose ?? 0),
      classes: choice.classes,
      kind: kindOf,
      recipient,
      notBefore: 0n,
      until: choice.days === 0 ? 0n : BigInt(now() + choice.days * DAY),
    },
    exceptions: [],
    dataUse: {
      permission: research ? HEALTH_RESEARCH : NO_RESTRICTION,
      diseases: [],
      modifiers: research
        ? choice.conditions.map((code) => ({ code, value: ZERO_WORD as Hex, time: 0n }))
        : [],
    },
    manner: choice.how === "ask" ? 0 : 1,
    vetoSeconds: choice.how === "after" ? Number(choice.hours) * HOUR : 0,
  };
}

function whom(choice: Choice): string {
  if (choice.to === "person") return choice.called;
  if (choice.to === "study") return strings.study(choice.study);
  return choice.to === "clinicians" ? t.clinicians : t.researchers;
}

const sentenceOf = (choice: Choice) =>
  strings.sharing.permit(whom(choice), kinds(choice.classes), purposes(bit(choice.purpose ?? 0)));

function Review({ choice, all }: { choice: Choice; all: Held[] }) {
  const permit = permitOf(choice);
  const covered = (slice: Held) => (choice.classes & bit(codeOf(slice.class, slice.sensitivity))) !== 0;
  const there = all.filter((slice) => !slice.erased && !slice.replaced);
  const seen = there.filter(covered);
  const rest = [
    ...new Set(
      there
        .filter((slice) => !covered(slice) && slice.class !== EMERGENCY)
        .map((slice) => kind(codeOf(slice.class, slice.sensitivity))),
    ),
  ];
  return (
    <>
      <h2 className="review-title">{t.review}</h2>
      <p className="effect">
        <strong>{sentenceOf(choice)}.</strong> {manner(permit)}.{" "}
        {permit.terms.until === 0n
          ? strings.sharing.noEnd
          : strings.sharing.untilWhen(date(permit.terms.until))}
        .
      </p>
      {choice.conditions.length > 0 && permit.dataUse.modifiers.length > 0 && (
        <p>
          {t.terms}:{" "}
          {list(
            CONDITIONS.filter(([code]) => choice.conditions.includes(code)).map(([, words]) =>
              words.toLowerCase(),
            ),
          )}
          .
        </p>
      )}
      <p>{seen.length === 0 ? t.reviewNone : t.reviewNow(seen.length)}</p>
      {seen.length > 0 && (
        <Table
          caption={t.caption}
          rows={seen}
          id={(slice) => slice.id}
          empty={{ title: t.reviewNone }}
          columns={[
            {
              head: strings.data.kind,
              cell: (slice) => (
                <>
                  {strings.kinds[slice.class]}{" "}
                  {slice.sensitivity > 0 && (
                    <Badge tone="wait">{strings.sensitivities[slice.sensitivity]}</Badge>
                  )}
                </>
              ),
              text: (slice) => kind(codeOf(slice.class, slice.sensitivity)),
            },
            {
              head: strings.data.registered,
              cell: (slice) => <Time ms={Number(slice.registeredAt) * 1000} />,
              text: (slice) => iso(slice.registeredAt),
            },
            {
              head: strings.data.by,
              cell: (slice) => <Who value={slice.owner} />,
              text: (slice) => slice.owner,
            },
            {
              head: strings.data.size,
              cell: (slice) => format.bytes(slice.length),
              text: (slice) => String(slice.length),
              right: true,
              wide: true,
            },
          ]}
        />
      )}
      <p>
        <strong>{t.reviewNot}:</strong> {rest.length === 0 ? t.reviewNotNone : `${list(rest)}.`}
      </p>
      <p className="muted">{t.stays}</p>
    </>
  );
}

/** What is missing of a step, in words; nothing where it is whole. */
async function wrong(at: number, choice: Choice, session: Session): Promise<[string, Partial<Choice>]> {
  if (at === 0 && choice.to === "person") {
    const account = await find(choice.text);
    if (!account || same(account, session.address)) return [t.personUnknown, {}];
    const entry = await named(account);
    if (!entry || isZero(entry.encryptionKey)) return [t.personNoKey, {}];
    return ["", { account, called: plain(entry.name, 40) }];
  }
  if (at === 3 && choice.how === "after") {
    const hours = Number(choice.hours);
    if (!Number.isInteger(hours) || hours < 1 || hours > VETO_HOURS_MAX) return [t.hoursWrong, {}];
  }
  return ["", {}];
}

function isWhole(at: number, choice: Choice): boolean {
  if (at === 0) return choice.to !== undefined && (choice.to !== "study" || choice.study > 0);
  if (at === 1) return choice.purpose !== undefined;
  if (at === 2) return codes(choice.classes).length > 0;
  return at !== 3 || choice.how !== undefined;
}

function Wizard({ session, subjects }: { session: Session; subjects: Hex[] }) {
  const [at, setAt] = useState(0);
  const [choice, setChoice] = useState<Choice>(NOTHING);
  const [error, setError] = useState("");
  const [done, setDone] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  const { sign, dialog } = useSigning();
  const held = useHeld(subjects);
  const consent = useQuery({
    queryKey: ["health", "consent", ...subjects],
    queryFn: () => Promise.all(subjects.map((subject) => law<Consent>("consentOf", subject))),
    refetchInterval: LOOK_MS,
  });
  useEffect(() => {
    if (first.current) first.current = false;
    else heading.current?.focus();
  }, [at]);
  const change = (to: Partial<Choice>) => {
    setError("");
    setChoice({ ...choice, ...to });
  };
  const share = () => {
    const permit = permitOf(choice);
    const kept = subjects.map((_, place) => {
      const entry = consent.data?.[place];
      return entry && entry.version !== 0n && entry.endedAt === 0n ? standingOf(entry.permits, now()) : [];
    });
    if (kept.some((permits) => permits.length >= PERMITS_MAX)) {
      setError(t.tooMany);
      return;
    }
    sign(
      {
        effect: (
          <>
            <p>
              <strong>{sentenceOf(choice)}.</strong> {manner(permit)}.
            </p>
            <p>{t.stays}</p>
          </>
        ),
        step: subjects.map((subject, place) => ({
          module: "health",
          functionName: "setConsent",
          args: [subject, [...(kept[place] ?? []), permit], ZERO_WORD],
        })),
        action: t.share,
      },
      (_, number) => {
        if (number === subjects.length - 1) setDone(true);
      },
    );
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isWhole(at, choice)) return;
    if (at === 4) {
      share();
      return;
    }
    const [why, found] = await wrong(at, choice, session);
    setError(why);
    if (why) return;
    setChoice({ ...choice, ...found });
    setAt(at + 1);
  };
  if (done && !dialog) {
    return (
      <Card>
        <Empty title={t.done}>
          <p>{t.doneText}</p>
          <button type="button" className="button primary" onClick={() => go("/health/sharing")}>
            {t.toSharing}
          </button>
        </Empty>
      </Card>
    );
  }
  const props = { choice, change, error };
  return (
    <Card>
      <ol className="wizard" aria-hidden="true">
        {t.steps.map((name, number) => (
          <li key={name} className={number === at ? "now" : number < at ? "past" : ""}>
            {name}
          </li>
        ))}
      </ol>
      <h2 ref={heading} tabIndex={-1} className="sr">
        {t.step(at + 1, t.steps.length, t.steps[at] ?? "")}
      </h2>
      <Asked query={held}>
        {(all) => (
          <form className="wizard-form" onSubmit={submit} noValidate>
            {at === 0 && <Whom {...props} />}
            {at === 1 && <Purpose {...props} />}
            {at === 2 && <What {...props} all={all} />}
            {at === 3 && <How {...props} />}
            {at === 4 && <Review choice={choice} all={all} />}
            {at === 4 && error && (
              <p className="error" role="alert">
                {error}
              </p>
            )}
            <div className="wizard-foot">
              {at === 0 ? (
                <Link to="/health/sharing" className="button">
                  {t.back}
                </Link>
              ) : (
                <button type="button" className="button" onClick={() => setAt(at - 1)}>
                  {t.back}
                </button>
              )}
              <button type="submit" className="button primary" disabled={!isWhole(at, choice)}>
                {at === 4 ? t.share : t.next}
              </button>
            </div>
          </form>
        )}
      </Asked>
      {dialog}
    </Card>
  );
}

export function Share() {
  return (
    <Mine title={t.title} lead={strings.sharing.lead}>
      {(session, subjects) => <Wizard session={session} subjects={subjects} />}
    </Mine>
  );
}
