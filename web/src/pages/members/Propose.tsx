/** Proposing something, as a member: what about, what exactly, why; and what will happen, before it is signed. */
import { useState } from "react";
import { isAddress, zeroAddress } from "viem";
import { Field } from "../../keys/forms";
import type { Step } from "../../keys/send";
import { useLive } from "../../ledger/live";
import { Asked, Card, Fact, Facts, Hash, Loading, Title } from "../../parts/basics";
import { Drop } from "../../parts/drop";
import { useSigning } from "../../parts/steps";
import { go, Link } from "../../shell/router";
import { strings } from "../../strings";
import { plain } from "../../text/safe";
import {
  type Application,
  BOUNDS,
  FILE_BYTES_MAX,
  isEndpoint,
  isVersion,
  NoApplication,
  readApplication,
} from "./forms";
import { type Chamber, holdsFrom, KIND, nameOf, PARAMETER, useChamber, useOwn } from "./law";
import { type Asked as Asking, asks, caveats, step } from "./shared";
import { Role } from "./Votes";
import { Why } from "./Why";

const t = strings.votes;
type Kind = keyof typeof KIND;
const KINDS = Object.keys(t.form.kinds) as Kind[];
const DAY = 86_400n;
const NOTHING: Asking = {
  kind: 0,
  member: 0n,
  name: "",
  endpoint: "",
  account: zeroAddress,
  parameter: 0,
  value: 0n,
};

/** What somebody has filled in. */
interface Filled {
  application: Application | undefined;
  member: string;
  endpoint: string;
  account: string;
  parameter: number;
  amount: string;
  version: string;
  epoch: string;
}

/** What is to be proposed, and the step that does it; or what is wrong, by the field that it is wrong in. */
type Made =
  | { asking: Asking; step: (reason: string) => Step }
  | { wrong: Partial<Record<keyof Filled, string>> };

const whole = (text: string) => (/^\d{1,15}$/.test(text.trim()) ? BigInt(text.trim()) : undefined);

/** The step of what was filled in. */
export function make(kind: Kind, filled: Filled, chamber: Chamber): Made {
  const asking: Asking = { ...NOTHING, kind: KIND[kind] };
  const { application } = filled;
  const stands = chamber.members.find((one) => one.stands && String(one.number) === filled.member);
  const about = () => ({ ...asking, member: stands?.number ?? 0n });
  switch (kind) {
    case "admission": {
      if (application?.kind !== "admission") return { wrong: { application: t.wrong.json } };
      const { name, publicKey, endpoint, account, proof } = application;
      return {
        asking: { ...asking, name, endpoint, account },
        step: (reason) => step("proposeAdmission", name, publicKey, endpoint, account, proof, reason),
      };
    }
    case "key": {
      if (application?.kind !== "key") return { wrong: { application: t.wrong.json } };
      const { member, publicKey, proof } = application;
      if (!chamber.members.some((one) => one.stands && one.number === member)) {
        return { wrong: { application: t.wrong.member } };
      }
      return {
        asking: { ...asking, member },
        step: (reason) => step("proposeKey", member, publicKey, proof, reason),
      };
    }
    case "expulsion":
      if (!stands) return { wrong: { member: t.form.chooseMember } };
      return { asking: about(), step: (reason) => step("proposeExpulsion", stands.number, reason) };
    case "endpoint": {
      const endpoint = filled.endpoint.trim();
      if (!stands) return { wrong: { member: t.form.chooseMember } };
      if (!isEndpoint(endpoint)) return { wrong: { endpoint: t.wrong.host } };
      return {
        asking: { ...about(), endpoint },
        step: (reason) => step("proposeEndpoint", stands.number, endpoint, reason),
      };
    }
    case "account": {
      const account = filled.account.trim();
      if (!stands) return { wrong: { member: t.form.chooseMember } };
      if (!isAddress(account, { strict: false }) || /^0x0{40}$/.test(account)) {
        return { wrong: { account: t.wrong.address } };
      }
      return {
        asking: { ...about(), account },
        step: (reason) => step("proposeAccount", stands.number, account, reason),
      };
    }
    case "parameter": {
      const said = whole(filled.amount);
      const days = filled.parameter === PARAMETER.voteSeconds;
      const value = said === undefined ? undefined : days ? said * DAY : said;
      const [min, max] = days ? BOUNDS.voteSeconds : BOUNDS.blockGas;
      if (value === undefined || value < min || value > max) return { wrong: { amount: t.wrong.number } };
      return {
        asking: { ...asking, parameter: filled.parameter, value },
        step: (reason) => step("proposeParameter", filled.parameter, value, reason),
      };
    }
    default: {
      const [version, epoch] = [filled.version.trim(), whole(filled.epoch)];
      const earliest = holdsFrom(chamber.epochs);
      if (!isVersion(version)) return { wrong: { version: t.wrong.version } };
      if (epoch === undefined || epoch < earliest) return { wrong: { epoch: t.wrong.epoch(earliest) } };
      return {
        asking: { ...asking, name: version, value: epoch },
        step: (reason) => step("proposeUpgrade", version, epoch, reason),
      };
    }
  }
}

/** The application's file: dropped, read, checked, shown. */
function Dossier({
  kind,
  chamber,
  value,
  change,
}: {
  kind: Application["kind"];
  chamber: Chamber;
  value: Application | undefined;
  change: (application: Application | undefined) => void;
}) {
  const { network } = useLive();
  const [error, setError] = useState("");
  if (!network) return <Loading />;
  const take = async (files: File[]) => {
    const [file] = files;
    if (!file) return;
    change(undefined);
    try {
      if (files.length > 1) setError(t.wrong.several);
      else if (file.size >= FILE_BYTES_MAX) setError(t.wrong.long);
      else {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
        const read = readApplication(text, network.chainId);
        setError(read.kind === kind ? "" : t.wrong.kind[read.kind]);
        if (read.kind === kind) change(read);
      }
    } catch (problem) {
      setError(problem instanceof NoApplication ? t.wrong[problem.wrong] : t.wrong.json);
    }
  };
  return (
    <>
      {error && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
      {value ? (
        <div className="taken">
          <Facts>
            {value.kind === "admission" ? (
              <>
                <Fact name={t.form.name}>{plain(value.name, 64)}</Fact>
                <Fact name={t.form.endpoint}>{plain(value.endpoint, 260)}</Fact>
                <Fact name={t.form.account}>
                  <code className="hex whole">{value.account}</code>
                </Fact>
              </>
            ) : (
              <Fact name={t.who}>{plain(nameOf(chamber, value.member), 64)}</Fact>
            )}
            <Fact name={t.form.key}>
              <Hash value={value.publicKey} what={strings.kinds.key} whole />
            </Fact>
          </Facts>
          <p className="muted">{value.kind === "admission" ? t.form.checked : t.form.checkedKey}</p>
          <button type="button" className="button quiet" onClick={() => change(undefined)}>
            {t.form.another}
          </button>
        </div>
      ) : (
        <Drop
          title={t.form.file}
          choose={t.form.choose}
          icon="members"
          accept=".json,application/json"
          take={(files) => void take(files)}
        >
          <p className="muted">{t.form.fileText}</p>
        </Drop>
      )}
    </>
  );
}

function Fields({
  kind,
  chamber,
  filled,
  wrong,
  change,
}: {
  kind: Kind;
  chamber: Chamber;
  filled: Filled;
  wrong: Partial<Record<keyof Filled, string>>;
  change: (more: Partial<Filled>) => void;
}) {
  const text = (
    name: "endpoint" | "account" | "amount" | "version" | "epoch",
    label: string,
    hint: string,
  ) => (
    <Field label={label} hint={hint} error={wrong[name]}>
      {(props) => (
        <input
          {...props}
          value={filled[name]}
          autoComplete="off"
          spellCheck={false}
          inputMode={name === "amount" || name === "epoch" ? "numeric" : "text"}
          onChange={(event) => change({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const member = (
    <Field label={t.form.member} error={wrong.member}>
      {(props) => (
        <select {...props} value={filled.member} onChange={(event) => change({ member: event.target.value })}>
          <option value="">{t.form.chooseMember}</option>
          {chamber.members
            .filter((one) => one.stands)
            .map((one) => (
              <option key={String(one.number)} value={String(one.number)}>
                {plain(one.name, 64)}
              </option>
            ))}
        </select>
      )}
    </Field>
  );
  switch (kind) {
    case "admission":
    case "key":
      return (
        <>
          <Dossier
            key={kind}
            kind={kind}
            chamber={chamber}
            value={filled.application?.kind === kind ? filled.application : undefined}
            change={(application) => change({ application })}
          />
          {wrong.application && !filled.application && <p className="error">{t.form.choose}.</p>}
          {wrong.application && filled.application && <p className="error">{wrong.application}</p>}
        </>
      );
    case "expulsion":
      return member;
    case "endpoint":
      return (
        <>
          {member}
          {text("endpoint", t.form.endpoint, t.form.endpointHint)}
        </>
      );
    case "account":
      return (
        <>
          {member}
          {text("account", t.form.account, t.form.accountHint)}
        </>
      );
    case "parameter": {
      const days = filled.parameter === PARAMETER.voteSeconds;
      return (
        <>
          <Field label={t.form.parameter}>
            {(props) => (
              <select
                {...props}
                value={filled.parameter}
                onChange={(event) => change({ parameter: Number(event.target.value), amount: "" })}
              >
                {t.form.parameters.map((name, at) => (
                  <option key={name} value={at}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {text(
            "amount",
            days ? t.form.days : t.form.gas,
            days ? t.form.daysHint : t.form.gasHint(...BOUNDS.blockGas),
          )}
        </>
      );
    }
    default:
      return (
        <>
          {text("version", t.form.version, t.form.versionHint)}
          {text("epoch", t.form.epoch, t.form.epochHint(holdsFrom(chamber.epochs)))}
        </>
      );
  }
}

function Form({ chamber }: { chamber: Chamber }) {
  const [kind, setKind] = useState<Kind>("admission");
  const [wrong, setWrong] = useState<Partial<Record<keyof Filled, string>>>({});
  const [filled, setFilled] = useState<Filled>({
    application: undefined,
    member: "",
    endpoint: "",
    account: "",
    parameter: PARAMETER.voteSeconds,
    amount: "",
    version: "",
    epoch: "",
  });
  const { sign, dialog } = useSigning("votes");
  const valid = () => {
    const made = make(kind, filled, chamber);
    setWrong("wrong" in made ? made.wrong : {});
    return !("wrong" in made);
  };
  const propose = (reason: string) => {
    const made = make(kind, filled, chamber);
    if ("wrong" in made) return;
    const what = asks(chamber, made.asking);
    const alone = chamber.quorum === 1;
    let done = false;
    sign(
      {
        effect: (
          <>
            <p>{t.effect.propose(what)}</p>
            <p>
              {t.effect.counts}{" "}
              {alone ? t.effect.decides(holdsFrom(chamber.epochs)) : t.effect.more(chamber.quorum - 1)}
            </p>
            {caveats(chamber, made.asking).map((text) => (
              <p key={text}>{text}</p>
            ))}
            <p className="said">“{plain(reason)}”</p>
          </>
        ),
        step: made.step(reason),
        action: t.form.look,
      },
      () => {
        done = true;
      },
      () => done && go("/members/votes"),
    );
  };
  return (
    <>
      <Card>
        <fieldset>
          <legend>{t.form.kind}</legend>
          <div className="choices">
            {KINDS.map((one) => (
              <label key={one} className="choice">
                <input
                  type="radio"
                  name="kind"
                  checked={kind === one}
                  onChange={() => {
                    setKind(one);
                    setWrong({});
                  }}
                />
                <span>
                  <span className="choice-title">{t.form.kinds[one][0]}</span>
                  <span className="hint">{t.form.kinds[one][1]}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <div className="form first">
          <Fields
            kind={kind}
            chamber={chamber}
            filled={filled}
            wrong={wrong}
            change={(more) => {
              setFilled({ ...filled, ...more });
              setWrong({});
            }}
          />
        </div>
        <Why label={t.form.reason} action={t.form.look} valid={valid} done={propose} />
      </Card>
      {dialog}
    </>
  );
}

export default function Propose() {
  const query = useChamber();
  return (
    <>
      <Title text={t.form.title} />
      <p className="lead">{t.form.lead}</p>
      <Asked query={query}>{(chamber) => <Mine chamber={chamber} />}</Asked>
      <p>
        <Link to="/members/votes">{t.all}</Link>
      </p>
    </>
  );
}

function Mine({ chamber }: { chamber: Chamber }) {
  const own = useOwn(chamber);
  if (own) return <Form chamber={chamber} />;
  return (
    <Card>
      <Role chamber={chamber} />
    </Card>
  );
}
