/** What the pages of health share: who is asked about, cards, choices, and where a step is signed. */
import type { Intent } from "@commonhold/web/keys/Sign";
import { type Session, useSession } from "@commonhold/web/keys/session";
import type { Hex } from "@commonhold/web/ledger/api";
import { SignedOut as OfNobody } from "@commonhold/web/parts/application";
import { Loading, Problem, Title } from "@commonhold/web/parts/basics";
import { useSigning as signing } from "@commonhold/web/parts/steps";
import * as format from "@commonhold/web/text/format";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Request, type Study, subjectsOf } from "./law";
import { strings } from "./strings";
import { union, without } from "./words";

export { Asked } from "@commonhold/web/parts/basics";
export {
  date,
  iso,
  LOOK_MS,
  now,
  Proof,
  SIZE,
  same,
  useCalled,
  Who,
} from "@commonhold/web/parts/steps";

/** `3 days`, `12 hours`, for spans that somebody chose. */
export function span(seconds: number): string {
  if (seconds % 86_400 === 0) return format.counted(seconds / 86_400, "day");
  if (seconds % 3_600 === 0) return format.counted(seconds / 3_600, "hour");
  return format.duration(seconds);
}

/** Everything under which somebody has records. */
export function useSubjects(session: Session | undefined) {
  return useQuery({
    queryKey: ["health", "subjects", session?.address],
    queryFn: () => subjectsOf(session?.address ?? "0x"),
    enabled: session !== undefined,
    staleTime: 30_000,
  });
}

/** A page for who is signed in: of all their addresses. */
export function Mine({
  title,
  lead,
  action,
  children,
}: {
  title: string;
  lead: string;
  action?: ReactNode;
  children: (session: Session, subjects: Hex[]) => ReactNode;
}) {
  const session = useSession();
  const { data, error, refetch } = useSubjects(session);
  return (
    <>
      <Title text={title}>{session && action}</Title>
      <p className="lead">{lead}</p>
      {!session ? (
        <SignedOut />
      ) : data ? (
        children(session, data)
      ) : error ? (
        <Problem error={error} retry={refetch} />
      ) : (
        <Loading />
      )}
    </>
  );
}

export const SignedOut = () => <OfNobody words={strings.signIn} />;

/** One step at a time; everything of health is looked at anew afterwards. */
export const useSigning = () => signing("health");

export function step(functionName: string, ...args: unknown[]): Intent["step"] {
  return { module: "health", functionName, args };
}

export type Standing = "waiting" | "window" | "open" | "lacking" | "denied" | "vetoed" | "revoked" | "over";

/** What opens now under a request, as far as it says itself. */
export function opens(request: Request, at: number): number {
  if (request.state === 2 || request.state === 3) return 0;
  if (request.until !== 0n && Number(request.until) <= at) return 0;
  const standing = request.state === 0 && Number(request.readyAt) <= at ? request.standing : 0;
  return union(standing, request.approved);
}

/** What its owner is still asked. */
export const waits = (request: Request) => without(request.asking, request.approved);

/** What will open by itself. */
export const ripens = (request: Request, at: number) =>
  request.state === 0 && Number(request.readyAt) > at ? request.standing : 0;

export const denied = (request: Request) =>
  without(request.classes, union(request.standing, request.asking, request.needing, request.approved));

/** Where a request stands, in one word. */
export function standing(request: Request, at: number): Standing {
  if (request.state === 2) return "denied";
  if (request.state === 3) return "revoked";
  if (request.until !== 0n && Number(request.until) <= at) return "over";
  if (waits(request) !== 0) return "waiting";
  if (ripens(request, at) !== 0) return "window";
  if (opens(request, at) !== 0) return "open";
  if (request.state === 1) return "vetoed";
  return request.needing !== 0 ? "lacking" : "denied";
}

export const TONES: Record<Standing, "good" | "bad" | "wait" | "plain"> = {
  waiting: "wait",
  window: "wait",
  open: "good",
  lacking: "plain",
  denied: "bad",
  vetoed: "bad",
  revoked: "plain",
  over: "plain",
};

/** How a study stands with its board. */
export function approval(
  study: Study,
  at: number,
): "approved" | "suspended" | "lapsed" | "changed" | "notYet" {
  if (study.suspendedAt !== 0n) return "suspended";
  if (study.approvedVersion === 0n) return "notYet";
  if (study.approvedVersion !== study.versions) return "changed";
  return Number(study.approvedUntil) > at ? "approved" : "lapsed";
}
