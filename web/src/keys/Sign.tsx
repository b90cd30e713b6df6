/** Before anything is signed: what will happen, in words. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Hex } from "../ledger/api";
import { useLive } from "../ledger/live";
import { Address, Badge } from "../parts/basics";
import { decodedCall, useInterfaces, Values } from "../parts/decoded";
import { Link } from "../shell/router";
import { strings } from "../strings";
import { plain } from "../text/safe";
import { type Prepared, perform, prepare, type Receipt, type Step, WouldFail } from "./send";
import { useSession } from "./session";

const t = strings.sign;

export interface Intent {
  /** What will happen, in one or a few sentences that a patient understands. */
  effect: ReactNode;
  /** What is signed; several steps are signed one after another once the reader has said so. */
  step: Step | Step[];
  /** What the button says; `Sign` where nothing is said. */
  action?: string;
}

type State =
  | { is: "checking" }
  | { is: "ready"; prepared: Prepared[] }
  | { is: "signing" }
  | { is: "waiting"; hash: Hex; away: boolean; at: number }
  | { is: "done"; hash: Hex }
  | { is: "failed"; why: string; hash?: Hex };

interface Props {
  intent: Intent;
  /** It is final: all of it, or, where there are several steps, this one. */
  done: (receipt: Receipt, at: number) => void;
  close: () => void;
}

const steps = (intent: Intent): Step[] => (Array.isArray(intent.step) ? intent.step : [intent.step]);

/** Shows what will happen, signs when the reader says so, and stays until it is final. */
export function Sign({ intent, done, close }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const session = useSession();
  const { network } = useLive();
  const all = useInterfaces();
  const [state, setState] = useState<State>({ is: "checking" });
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    if (!session) return;
    let gone = false;
    const first = steps(intent).filter((step) => !step.follows);
    Promise.all(first.map((step) => prepare(session, step))).then(
      (prepared) => !gone && setState({ is: "ready", prepared }),
      (error: unknown) => {
        const why = plain(error instanceof Error ? error.message : String(error), 400);
        if (!gone)
          setState({ is: "failed", why: error instanceof WouldFail ? t.willFail(why) : t.failed(why) });
      },
    );
    return () => {
      gone = true;
    };
  }, [session, intent]);
  if (!session) return null;

  const confirm = async () => {
    setState({ is: "signing" });
    let sent: Hex | undefined;
    try {
      for (const [at, step] of steps(intent).entries()) {
        // What a step takes may be more by now: the one before it has changed the ledger.
        const prepared = await prepare(session, step);
        const receipt = await perform(
          session,
          prepared,
          (hash) => {
            sent = hash;
            setState({ is: "waiting", hash, away: false, at });
          },
          (away) => sent && setState({ is: "waiting", hash: sent, away, at }),
        );
        if (receipt.status !== "0x1") {
          setState({ is: "failed", why: t.failed(t.reverted), hash: receipt.transactionHash });
          return;
        }
        done(receipt, at);
      }
      if (sent) setState({ is: "done", hash: sent });
    } catch (error) {
      const why = t.failed(plain(error instanceof Error ? error.message : String(error), 400));
      setState(sent ? { is: "failed", why, hash: sent } : { is: "failed", why });
    }
  };
  const busy = state.is === "signing" || state.is === "waiting";
  const calls =
    state.is === "ready" ? state.prepared.flatMap(({ to, data }) => decodedCall(all, to, data) ?? []) : [];
  const many = steps(intent).length;
  return (
    <dialog
      ref={dialog}
      aria-labelledby="sign-title"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) close();
      }}
    >
      <h2 id="sign-title">{t.title}</h2>
      <div className="effect">{intent.effect}</div>
      <p>
        {t.as} <Address value={session.address} copy={false} />.{" "}
        {network?.baseFeePerGas === 0 ? t.free : t.fee}
      </p>
      <p className="muted">{t.seen}</p>
      {calls.length > 0 && (
        <details>
          <summary>{t.details}</summary>
          {calls.map((call, at) => (
            <Values key={at} values={call.values} />
          ))}
        </details>
      )}
      <div aria-live="polite">
        {state.is === "checking" && <p className="muted">{t.checking}</p>}
        {state.is === "signing" && <p>{t.signing}</p>}
        {state.is === "waiting" && (
          <p>{state.away ? t.lost : many > 1 ? t.waitingFor(state.at + 1, many) : t.waiting}</p>
        )}
        {state.is === "done" && (
          <p>
            <Badge tone="good" icon="check">
              {strings.final}
            </Badge>{" "}
            {t.done}
          </p>
        )}
        {state.is === "failed" && <p className="error">{state.why}</p>}
      </div>
      <div className="dialog-foot">
        {(state.is === "done" || (state.is === "failed" && state.hash)) && (
          <Link className="button" to={`/transactions/${state.hash}`} onClick={close}>
            {t.look}
          </Link>
        )}
        {!(state.is === "waiting" && !state.away) && state.is !== "signing" && (
          <button type="button" className="button" onClick={close}>
            {state.is === "done" || state.is === "failed" || state.is === "waiting"
              ? strings.close
              : strings.cancel}
          </button>
        )}
        {state.is === "ready" && (
          <button type="button" className="button primary" onClick={() => void confirm()}>
            {intent.action ?? t.confirm}
          </button>
        )}
      </div>
    </dialog>
  );
}
