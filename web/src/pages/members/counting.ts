/** How votes count. */

/** What comes of a vote, as the votes stand. */
export function outcome(
  approve: boolean,
  votes: { approve: boolean; counts: boolean }[],
  quorum: number,
  members: number,
): "accepted" | "refused" | number {
  const count = (of: boolean) => votes.filter((vote) => vote.counts && vote.approve === of).length;
  const yes = count(true) + (approve ? 1 : 0);
  const no = count(false) + (approve ? 0 : 1);
  if (yes >= quorum) return "accepted";
  return members - no < quorum ? "refused" : quorum - yes;
}
