/** Signing in: keys of this browser, recovery files, wallets; and what the ledger knows of the account. */
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { isHex } from "viem";
import { Field, List, Make, Recover, Recovery } from "../keys/forms";
import { type Intent, Sign } from "../keys/Sign";
import { type Session, signOut, useSession } from "../keys/session";
import * as store from "../keys/store";
import { connect, useWallets, type Wallet } from "../keys/wallets";
import type { Hex } from "../ledger/api";
import { useLive } from "../ledger/live";
import { useAccount } from "../ledger/names";
import { Card, Empty, Fact, Facts, Hash, Loading, Said, Time, Title } from "../parts/basics";
import { Link } from "../shell/router";
import { strings } from "../strings";
import { plain } from "../text/safe";

const t = strings.keys;

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
