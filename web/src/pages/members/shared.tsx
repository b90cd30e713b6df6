/** What the pages of votes share: what a proposal asks for in words, how it stands, and where steps are signed. */
import type { Step } from "../../keys/send";
import { Badge } from "../../parts/basics";
import { strings } from "../../strings";
import * as format from "../../text/format";
import { plain } from "../../text/safe";
import { type Chamber, KIND, nameOf, PARAMETER, type Proposal, STATE } from "./law";

const t = strings.votes;

export type Asked = Pick<
  Proposal,
  "kind" | "member" | "name" | "endpoint" | "account" | "parameter" | "value"
>;

/** What a proposal asks for, in a sentence without its full stop. */
export function asks(chamber: Chamber, proposal: Asked): string {
  const member = plain(nameOf(chamber, proposal.member), 40);
  const endpoint = plain(proposal.endpoint, 80);
  switch (proposal.kind) {
    case KIND.admission:
      return t.asks.admission(plain(proposal.name, 64), endpoint);
    case KIND.expulsion:
      return t.asks.expulsion(member);
    case KIND.key:
      return t.asks.key(member);
    case KIND.endpoint:
      return t.asks.endpoint(member, endpoint);
    case KIND.account:
      return t.asks.account(member, format.short(proposal.account));
    case KIND.parameter:
      return proposal.parameter === PARAMETER.voteSeconds
        ? t.asks.voteSeconds(format.duration(Number(proposal.value)))
        : t.asks.blockGas(proposal.value);
    default:
      return t.asks.upgrade(plain(proposal.name, 20), proposal.value);
  }
}

/** What one who signs should know beside it. */
export function caveats(chamber: Chamber, { kind, parameter }: Asked): string[] {
  const now = chamber.committees.at(-1)?.seats.length ?? 0;
  if (kind === KIND.expulsion && now <= 4) return [t.effect.few(now - 1)];
  if (kind === KIND.upgrade) return [t.effect.upgrade];
  if (kind === KIND.parameter && parameter === PARAMETER.blockGas) return [t.effect.gas];
  return [];
}

export function Standing({ state }: { state: number }) {
  if (state === STATE.open) {
    return (
      <Badge tone="wait" icon="clock">
        {t.states[state]}
      </Badge>
    );
  }
  return state === STATE.accepted ? (
    <Badge tone="good" icon="check">
      {t.states[state]}
    </Badge>
  ) : (
    <Badge tone={state === STATE.refused ? "bad" : "plain"}>{t.states[state]}</Badge>
  );
}

export const step = (functionName: string, ...args: unknown[]): Step => ({
  module: "members",
  functionName,
  args,
});
