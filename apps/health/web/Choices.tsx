/** The steps of sharing before the review: whom, what for, what, how. And choices that other pages have too. */
import { Field } from "@commonhold/web/keys/forms";
import type { Hex } from "@commonhold/web/ledger/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { grouped, type Held } from "./Data";
import { counts } from "./law";
import { strings } from "./strings";
import {
  bit,
  EMERGENCY,
  FAMILY,
  KINDS,
  PUBLIC_HEALTH,
  RESEARCH,
  SENSITIVE,
  TREATMENT,
  TRIAL,
  union,
  without,
} from "./words";

const t = strings.share;

/** What may be asked of research, by the numbers of DUO's terms. */
export const CONDITIONS: [number, string][] = [
  [46, t.noCommerce],
  [45, t.noProfit],
  [19, t.publish],
  [29, t.back2me],
];

export type To = "person" | "clinicians" | "researchers" | "study";

export interface Choice {
  to: To | undefined;
  text: string;
  account: Hex | undefined;
  called: string;
  study: number;
  purpose: number | undefined;
  classes: number;
  how: "ask" | "after" | "at" | undefined;
  hours: string;
  days: number;
  conditions: number[];
}

export const NOTHING: Choice = {
  to: undefined,
  text: "",
  account: undefined,
  called: "",
  study: 0,
  purpose: undefined,
  classes: 0,
  how: undefined,
  hours: "72",
  days: 0,
  conditions: [],
};

/** What may be shared with whom for what. */
const PURPOSES: Record<To, number[]> = {
  person: [TREATMENT, FAMILY, PUBLIC_HEALTH],
  clinicians: [TREATMENT],
  researchers: [RESEARCH, TRIAL],
  study: [RESEARCH, TRIAL],
};

function Radio({
  name,
  checked,
  title,
  hint,
  choose,
}: {
  name: string;
  checked: boolean;
  title: string;
  hint?: string | undefined;
  choose: () => void;
}) {
  return (
    <label className="choice">
      <input type="radio" name={name} checked={checked} onChange={choose} />
      <span>
        <span className="choice-title">{title}</span>
        {hint && <span className="hint">{hint}</span>}
      </span>
    </label>
  );
}

export function Check({
  checked,
  title,
  hint,
  change,
}: {
  checked: boolean;
  title: ReactNode;
  hint?: string | undefined;
  change: (to: boolean) => void;
}) {
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} onChange={(event) => change(event.target.checked)} />
      <span>
        <span className="choice-title">{title}</span>
        {hint && <span className="hint">{hint}</span>}
      </span>
    </label>
  );
}

export interface StepProps {
  choice: Choice;
  change: (to: Partial<Choice>) => void;
  error: string;
}

export function Whom({ choice, change, error }: StepProps) {
  const studies = useQuery({ queryKey: ["health", "counts"], queryFn: counts });
  const options: [To, string, string][] = [
    ["clinicians", t.clinicians, t.cliniciansHint],
    ["researchers", t.researchers, t.researchersHint],
    ["study", t.aStudy, t.aStudyHint],
    ["person", t.person, t.personHint],
  ];
  const total = studies.data?.studies ?? 0;
  return (
    <fieldset>
      <legend>{t.whom}</legend>
      {options.map(([to, title, hint]) => (
        <Radio
          key={to}
          name="to"
          checked={choice.to === to}
          title={title}
          hint={hint}
          choose={() => change({ to, purpose: undefined, study: to === "study" ? 1 : 0 })}
        />
      ))}
      {choice.to === "person" && (
        <Field label={t.personLabel} error={error}>
          {(props) => (
            <input
              {...props}
              value={choice.text}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => change({ text: event.target.value, account: undefined })}
            />
          )}
        </Field>
      )}
      {choice.to === "study" &&
        (total === 0 ? (
          <p className="error">{t.noStudies}</p>
        ) : (
          <Field label={t.studyLabel}>
            {(props) => (
              <select
                {...props}
                value={choice.study}
                onChange={(event) => change({ study: Number(event.target.value) })}
              >
                {Array.from({ length: Math.min(total, 1_000) }, (_, at) => (
                  <option key={at} value={at + 1}>
                    {strings.study(at + 1)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ))}
    </fieldset>
  );
}

export function Purpose({ choice, change }: StepProps) {
  return (
    <fieldset>
      <legend>{t.purpose}</legend>
      {PURPOSES[choice.to ?? "person"].map((purpose) => (
        <Radio
          key={purpose}
          name="purpose"
          checked={choice.purpose === purpose}
          title={strings.asked.new.purposes[purpose] ?? ""}
          choose={() => change({ purpose })}
        />
      ))}
      {(choice.purpose === RESEARCH || choice.purpose === TRIAL) && (
        <>
          <p className="choices-title">{t.terms}</p>
          {CONDITIONS.map(([code, title]) => (
            <Check
              key={code}
              checked={choice.conditions.includes(code)}
              title={title}
              change={(on) =>
                change({
                  conditions: on
                    ? [...choice.conditions, code]
                    : choice.conditions.filter((other) => other !== code),
                })
              }
            />
          ))}
        </>
      )}
    </fieldset>
  );
}

/** Kinds to choose from, with how many parts there are of each. */
export function Topics({
  classes,
  there,
  change,
}: {
  classes: number;
  there: Map<number, number> | undefined;
  change: (to: number) => void;
}) {
  const normal = Array.from({ length: KINDS }, (_, code) => code).filter((code) => code !== EMERGENCY);
  const one = (code: number, title: string) => (
    <Check
      key={code}
      checked={(classes & bit(code)) !== 0}
      title={title}
      hint={there && t.have(there.get(code) ?? 0)}
      change={(on) => change(on ? union(classes, bit(code)) : without(classes, bit(code)))}
    />
  );
  return (
    <>
      <div className="choices">{normal.map((code) => one(code, strings.kinds[code] ?? ""))}</div>
      <details>
        <summary>{t.sensitive}</summary>
        <p className="muted">{t.sensitiveText}</p>
        <div className="choices">
          {normal.map((code) => one(code + SENSITIVE, strings.sensitive(strings.kinds[code] ?? "")))}
        </div>
      </details>
    </>
  );
}

export function What({ choice, change, all }: StepProps & { all: Held[] }) {
  const there = new Map(grouped(all).map((group) => [group.code, group.parts]));
  return (
    <fieldset>
      <legend>{t.topics}</legend>
      <Topics classes={choice.classes} there={there} change={(classes) => change({ classes })} />
    </fieldset>
  );
}

export function How({ choice, change, error }: StepProps) {
  const spans: [number, string][] = [
    [0, t.forever],
    [365, t.year],
    [30, t.month],
    [7, t.week],
  ];
  return (
    <>
      <fieldset>
        <legend>{t.how}</legend>
        <Radio
          name="how"
          checked={choice.how === "ask"}
          title={t.ask}
          hint={t.askHint}
          choose={() => change({ how: "ask" })}
        />
        <Radio
          name="how"
          checked={choice.how === "after"}
          title={t.after}
          hint={t.afterHint}
          choose={() => change({ how: "after" })}
        />
        {choice.how === "after" && (
          <Field label={t.hours} error={error}>
            {(props) => (
              <input
                {...props}
                value={choice.hours}
                inputMode="numeric"
                onChange={(event) => change({ hours: event.target.value })}
              />
            )}
          </Field>
        )}
        <Radio
          name="how"
          checked={choice.how === "at"}
          title={t.at}
          hint={t.atHint}
          choose={() => change({ how: "at" })}
        />
      </fieldset>
      <fieldset>
        <legend>{t.until}</legend>
        {spans.map(([days, title]) => (
          <Radio
            key={days}
            name="days"
            checked={choice.days === days}
            title={title}
            choose={() => change({ days })}
          />
        ))}
      </fieldset>
    </>
  );
}
