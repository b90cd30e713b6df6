/** Forms around keys: making one, taking one in, saving its file, opening and removing it. */
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { bytesToHex, getAddress } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import type { Hex } from "../ledger/api";
import { Badge, Card, Hash } from "../parts/basics";
import { Icon } from "../parts/icons";
import { strings } from "../strings";
import { save } from "../text/csv";
import { plain } from "../text/safe";
import * as keystore from "./keystore";
import { signIn, signOut, useSession } from "./session";
import * as store from "./store";

const t = strings.keys;
const PASSPHRASE_MIN = 12;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

function use(name: string, secret: Uint8Array): void {
  const address = getAddress(privateKeyToAddress(bytesToHex(secret))) as Hex;
  signIn({ kind: "key", name, address, encryptionKey: keystore.encryptionKey(secret), secret });
}

/** Lets the page show that it is at work before arithmetic holds it up. */
const breathe = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

interface FieldProps {
  label: string;
  hint?: string;
  error?: string | undefined;
  children: (props: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean;
  }) => ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = error || hint ? `${id}-hint` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described, "aria-invalid": Boolean(error) })}
      {described && (
        <p id={described} className={error ? "error" : "hint"}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

interface MakeProps {
  names: string[];
  made: (key: store.Kept) => void;
}

export function Make({ names, made }: MakeProps) {
  const [name, setName] = useState("");
  const [first, setFirst] = useState("");
  const [again, setAgain] = useState("");
  const [errors, setErrors] = useState<{ name?: string; first?: string; again?: string }>({});
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found: typeof errors = {};
    if (!NAME.test(name)) found.name = t.nameWrong;
    else if (names.includes(name)) found.name = t.nameTaken;
    if ([...first].length < PASSPHRASE_MIN) found.first = t.passphraseShort;
    else if (first !== again) found.again = t.passphraseDiffers;
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    await breathe();
    const secret = keystore.newSecret();
    const file = keystore.write(await keystore.encrypt(secret, first));
    use(name, secret);
    setBusy(false);
    made({ name, file, madeAt: Date.now(), saved: false });
  };
  return (
    <Card title={t.makeTitle}>
      <p className="muted">{t.makeText}</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t.nameLabel} hint={t.nameHint} error={errors.name}>
          {(props) => (
            <input
              {...props}
              value={name}
              autoComplete="username"
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label={t.passphrase} hint={t.passphraseHint} error={errors.first}>
          {(props) => (
            <input
              {...props}
              type="password"
              value={first}
              autoComplete="new-password"
              onChange={(event) => setFirst(event.target.value)}
            />
          )}
        </Field>
        <Field label={t.passphraseAgain} error={errors.again}>
          {(props) => (
            <input
              {...props}
              type="password"
              value={again}
              autoComplete="new-password"
              onChange={(event) => setAgain(event.target.value)}
            />
          )}
        </Field>
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? t.working : t.make}
        </button>
      </form>
    </Card>
  );
}

export function Recover({ names, made }: MakeProps) {
  const [file, setFile] = useState("");
  const [name, setName] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState("");
  const [nameError, setNameError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = !NAME.test(name) ? t.nameWrong : names.includes(name) ? t.nameTaken : "";
    setNameError(wrong);
    if (wrong) return;
    setBusy(true);
    setError("");
    await breathe();
    try {
      const secret = await keystore.decrypt(file, passphrase);
      use(name, secret);
      made({ name, file, madeAt: Date.now(), saved: true });
    } catch (problem) {
      const known = problem instanceof keystore.KeystoreError;
      const why = known ? problem.message : String(problem);
      setError(known && problem.passphrase ? t.wrongPassphrase : t.recoverWrong(plain(why, 200)));
    }
    setBusy(false);
  };
  return (
    <Card title={t.recoverTitle}>
      <p className="muted">{t.recoverText}</p>
      <form className="form" onSubmit={submit} noValidate>
        <Field label={t.recoverFile}>
          {(props) => (
            <input
              {...props}
              type="file"
              accept=".json,application/json"
              onChange={async (event) => {
                const chosen = event.target.files?.[0];
                setError("");
                if (!chosen) return;
                const text = chosen.size > keystore.FILE_MAX ? "" : await chosen.text();
                try {
                  keystore.parse(text);
                  setFile(text);
                  if (name === "")
                    setName(
                      chosen.name
                        .replace(/\.json$/, "")
                        .replace(/[^A-Za-z0-9_-]/g, "-")
                        .slice(0, 64),
                    );
                } catch (problem) {
                  setFile("");
                  setError(t.recoverWrong(plain((problem as Error).message, 200)));
                }
              }}
            />
          )}
        </Field>
        <Field label={t.nameLabel} error={nameError}>
          {(props) => (
            <input
              {...props}
              value={name}
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label={t.passphrase}>
          {(props) => (
            <input
              {...props}
              type="password"
              value={passphrase}
              autoComplete="current-password"
              onChange={(event) => setPassphrase(event.target.value)}
            />
          )}
        </Field>
        {error && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        <button type="submit" className="button" disabled={file === "" || busy}>
          {busy ? t.unlocking : t.recoverButton}
        </button>
      </form>
    </Card>
  );
}

/** The recovery file comes before anything else is done with a new key. */
export function Recovery({
  kept,
  outcome,
  done,
}: {
  kept: store.Kept;
  outcome: store.Outcome;
  done: () => void;
}) {
  const [saved, setSaved] = useState(false);
  return (
    <Card title={t.recoveryTitle}>
      {outcome !== "kept" && (
        <div className="notice bad" role="alert">
          <p>
            <strong>{t[outcome].title}.</strong> {t[outcome].text}
          </p>
        </div>
      )}
      <p>{t.recoveryText}</p>
      <p className="dialog-foot">
        <button
          type="button"
          className={saved ? "button" : "button primary"}
          onClick={() => {
            save(`${kept.name}.commonhold-key.json`, kept.file, "application/json");
            setSaved(true);
          }}
        >
          <Icon name="download" /> {t.recoverySave}
        </button>
        <button type="button" className="button primary" disabled={!saved} onClick={done}>
          {t.recoverySaved}
        </button>
      </p>
    </Card>
  );
}

function Unlock({ kept, close }: { kept: store.Kept; close: () => void }) {
  const [passphrase, setPassphrase] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError("");
    await breathe();
    try {
      use(kept.name, await keystore.decrypt(kept.file, passphrase));
      close();
    } catch (problem) {
      const wrong = problem instanceof keystore.KeystoreError && problem.passphrase;
      setError(wrong ? t.wrongPassphrase : t.recoverWrong(plain(String((problem as Error).message), 200)));
      setBusy(false);
    }
  };
  return (
    <form className="form" onSubmit={submit} noValidate>
      <input
        className="sr"
        tabIndex={-1}
        aria-hidden="true"
        autoComplete="username"
        value={kept.name}
        readOnly
      />
      <Field label={`${t.passphrase} (${kept.name})`} error={error}>
        {(props) => (
          <input
            {...props}
            type="password"
            value={passphrase}
            autoComplete="current-password"
            // biome-ignore lint/a11y/noAutofocus: the reader has just asked for this field
            autoFocus
            onChange={(event) => setPassphrase(event.target.value)}
          />
        )}
      </Field>
      <span className="card-actions">
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? t.unlocking : t.unlock}
        </button>
        <button type="button" className="button" onClick={close}>
          {strings.cancel}
        </button>
      </span>
    </form>
  );
}

function Remove({ kept, done, close }: { kept: store.Kept; done: () => void; close: () => void }) {
  const [sure, setSure] = useState(false);
  return (
    <div className="form">
      <p>
        <strong>{t.removeTitle(kept.name)}</strong>
      </p>
      <p>{t.removeText}</p>
      <label className="check">
        <input type="checkbox" checked={sure} onChange={(event) => setSure(event.target.checked)} />
        {t.removeSure}
      </label>
      <span className="card-actions">
        <button type="button" className="button danger" disabled={!sure} onClick={done}>
          {t.removeDo}
        </button>
        <button type="button" className="button" onClick={close}>
          {strings.cancel}
        </button>
      </span>
    </div>
  );
}

function addressOf(kept: store.Kept): string {
  try {
    return `0x${keystore.parse(kept.file).address ?? ""}`;
  } catch {
    return "0x";
  }
}

export function List({ keys, changed }: { keys: store.Kept[]; changed: () => void }) {
  const session = useSession();
  const [open, setOpen] = useState<{ name: string; what: "unlock" | "remove" }>();
  if (keys.length === 0) return null;
  return (
    <Card title={t.listTitle}>
      <ul className="keys">
        {keys.map((kept) => {
          const used = session?.kind === "key" && session.name === kept.name;
          const mine = open?.name === kept.name ? open.what : undefined;
          return (
            <li key={kept.name}>
              <div className="key">
                <span>
                  <strong>{kept.name}</strong>{" "}
                  {used && (
                    <Badge tone="good" icon="check">
                      {t.signedIn}
                    </Badge>
                  )}
                  <br />
                  <Hash value={addressOf(kept)} what={strings.kinds.address} copy={false} />
                </span>
                <span className="card-actions">
                  {!used && (
                    <button
                      type="button"
                      className="button primary"
                      onClick={() => setOpen({ name: kept.name, what: "unlock" })}
                    >
                      {t.use}
                      <span className="sr"> {kept.name}</span>
                    </button>
                  )}
                  <button
                    type="button"
                    className="button quiet"
                    onClick={() => save(`${kept.name}.commonhold-key.json`, kept.file, "application/json")}
                  >
                    <Icon name="download" /> {t.recoveryAgain}
                  </button>
                  <button
                    type="button"
                    className="button quiet"
                    onClick={() => setOpen({ name: kept.name, what: "remove" })}
                  >
                    {t.remove}
                  </button>
                </span>
              </div>
              {mine === "unlock" && <Unlock kept={kept} close={() => setOpen(undefined)} />}
              {mine === "remove" && (
                <Remove
                  kept={kept}
                  close={() => setOpen(undefined)}
                  done={async () => {
                    if (used) signOut();
                    await store.remove(kept.name);
                    setOpen(undefined);
                    changed();
                  }}
                />
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
