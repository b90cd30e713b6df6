/** Signing in: keys of this browser, recovery files, wallets; and what the ledger knows of the account. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useCallback, useEffect, useId, useState } from "react";
import { bytesToHex, getAddress, isHex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import * as keystore from "../keys/keystore";
import { type Intent, Sign } from "../keys/Sign";
import { type Session, signIn, signOut, useSession } from "../keys/session";
import * as store from "../keys/store";
import { connect, useWallets, type Wallet } from "../keys/wallets";
import type { Hex } from "../ledger/api";
import { useLive } from "../ledger/live";
import { useAccount } from "../ledger/names";
import { Badge, Card, Empty, Fact, Facts, Hash, Loading, Said, Time, Title } from "../parts/basics";
import { Icon } from "../parts/icons";
import { Link } from "../shell/router";
import { strings } from "../strings";
import { save } from "../text/csv";
import { plain } from "../text/safe";

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

function Field({ label, hint, error, children }: FieldProps) {
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

function Make({ names, made }: MakeProps) {
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

function Recover({ names, made }: MakeProps) {
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
function Recovery({ kept, outcome, done }: { kept: store.Kept; outcome: store.Outcome; done: () => void }) {
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

function List({ keys, changed }: { keys: store.Kept[]; changed: () => void }) {
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

function Wallets() {
  const wallets = useWallets();
  const { network } = useLive();
  const [error, setError] = useState("");
  const choose = async (wallet: Wallet) => {
    if (!network) return;
    setError("");
    try {
      await connect(wallet, network);
    } catch (problem) {
      setError(t.walletRefused(plain(String((problem as Error).message ?? problem), 200)));
    }
  };
  return (
    <Card title={t.walletsTitle} quiet>
      <p className="muted">
        {t.walletsText} {t.walletNoKey}
      </p>
      {wallets.length === 0 ? (
        <p>{t.walletsNone}</p>
      ) : (
        <span className="card-actions">
          {wallets.map((wallet) => (
            <button key={wallet.id} type="button" className="button" onClick={() => choose(wallet)}>
              {wallet.icon && <img src={wallet.icon} alt="" width="18" height="18" />}
              {t.walletConnect(plain(wallet.name, 40))}
            </button>
          ))}
        </span>
      )}
      {error && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
    </Card>
  );
}

const NO_KEY: Hex = `0x${"0".repeat(64)}`;

function Mine({ session }: { session: Session }) {
  const queries = useQueryClient();
  const account = useAccount(session.address);
  const [name, setName] = useState("");
  const [error, setError] = useState("");
  const [intent, setIntent] = useState<Intent>();
  const registered = account && account.registeredAt > 0n;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = name.trim();
    if (said === "" || new TextEncoder().encode(said).length > 64) {
      setError(t.renameWrong);
      return;
    }
    setError("");
    const key = session.kind === "key" ? session.encryptionKey : NO_KEY;
    setIntent({
      effect: <p>{t.registerEffect(plain(said, 64), session.kind === "key")}</p>,
      step: { module: "accounts", functionName: "register", args: [said, key] },
    });
  };
  return (
    <>
      <Card
        title={t.signedIn}
        action={
          <button type="button" className="button" onClick={signOut}>
            {session.kind === "key" ? t.lock : t.signOut}
          </button>
        }
      >
        <Facts>
          <Fact name={strings.account.name}>{plain(session.name, 64)}</Fact>
          <Fact name={t.address}>
            <Link to={`/accounts/${session.address}`}>
              <code className="hex whole">{session.address}</code>
            </Link>
          </Fact>
          {session.kind === "key" && (
            <Fact name={t.encryptionKey} hint={t.encryptionHint}>
              {isHex(session.encryptionKey) && (
                <Hash value={session.encryptionKey} what={strings.kinds.key} whole />
              )}
            </Fact>
          )}
          <Fact name={t.onLedger}>
            {account === undefined ? (
              <Loading />
            ) : registered ? (
              <>
                <Said text={account.name} />{" "}
                <span className="muted">
                  ({t.registered.toLowerCase()} <Time ms={Number(account.registeredAt) * 1000} />)
                </span>
              </>
            ) : (
              t.notRegistered
            )}
          </Fact>
        </Facts>
      </Card>
      {account !== undefined && !registered && (
        <Card title={t.registerTitle}>
          <p className="muted">{t.registerText}</p>
          <form className="form" onSubmit={submit} noValidate>
            <Field label={t.registerName} error={error}>
              {(props) => (
                <input
                  {...props}
                  value={name}
                  autoComplete="off"
                  onChange={(event) => setName(event.target.value)}
                />
              )}
            </Field>
            <button type="submit" className="button primary">
              {t.registerButton}
            </button>
          </form>
        </Card>
      )}
      {intent && (
        <Sign
          intent={intent}
          done={() => void queries.invalidateQueries({ queryKey: ["account"] })}
          close={() => setIntent(undefined)}
        />
      )}
    </>
  );
}

export default function KeysPage() {
  const session = useSession();
  const [keys, setKeys] = useState<store.Kept[]>();
  const [outcome, setOutcome] = useState<store.Outcome>("kept");
  const [fresh, setFresh] = useState<{ kept: store.Kept; outcome: store.Outcome }>();
  const load = useCallback(async () => {
    const found = await store.list();
    setKeys(found.keys);
    setOutcome(found.outcome);
  }, []);
  useEffect(() => {
    void load();
  }, [load]);
  const made = async (kept: store.Kept) => {
    const became = await store.put(kept);
    await load();
    if (!kept.saved || became !== "kept") setFresh({ kept, outcome: became });
  };
  const names = keys?.map((key) => key.name) ?? [];
  return (
    <>
      <Title text={t.title} />
      <p className="lead">{t.lead}</p>
      {!window.isSecureContext && <p className="notice">{t.insecure}</p>}
      {fresh ? (
        <Recovery
          {...fresh}
          done={async () => {
            await store.put({ ...fresh.kept, saved: true });
            setFresh(undefined);
          }}
        />
      ) : (
        <>
          {outcome === "blocked" && (
            <div className="notice">
              <p>
                <strong>{t.blocked.title}.</strong> {t.blocked.text}
              </p>
            </div>
          )}
          {session && <Mine session={session} />}
          {keys === undefined ? (
            <Loading />
          ) : (
            <>
              {keys.length === 0 && !session && <Empty title={t.none} />}
              <List keys={keys} changed={load} />
              <div className="columns">
                <Make names={names} made={made} />
                <Recover names={names} made={made} />
              </div>
              <Wallets />
            </>
          )}
        </>
      )}
    </>
  );
}
