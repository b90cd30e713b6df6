/** What somebody may mean by what they type into the search box. */

export type Meaning =
  | { kind: "block"; number: string }
  | { kind: "address"; address: string }
  | { kind: "hash"; hash: string }
  | { kind: "handle"; handle: string }
  | { kind: "nothing" };

/** The longest text that is looked at. */
export const QUERY_MAX = 200;

export function meaning(text: string): Meaning {
  const query = text.trim().slice(0, QUERY_MAX);
  const number = query.replace(/^(#|block\s+)/i, "").replace(/[,\s_]/g, "");
  if (/^\d{1,18}$/.test(number)) return { kind: "block", number: String(Number(number)) };
  const hex = query.toLowerCase().replace(/^0x/, "");
  if (/^[0-9a-f]{40}$/.test(hex)) return { kind: "address", address: `0x${hex}` };
  if (/^[0-9a-f]{64}$/.test(hex)) return { kind: "hash", hash: `0x${hex}` };
  const handle = query.replace(/^@/, "").toLowerCase();
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/.test(handle)) return { kind: "handle", handle };
  return { kind: "nothing" };
}
