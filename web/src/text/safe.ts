/**
 * Text that came from the ledger. Anybody can write there, so it is shown as what it is: what cannot be
 * seen is made visible, what reorders or piles up is taken out of effect, and what is long is cut.
 */

/** Characters shown before the reader asks for the rest. */
export const SHOWN_MAX = 120;

/** Characters shown at all. */
export const KEPT_MAX = 4_000;

// Controls, format characters (zero width, bidi, tags), private use, unassigned, line separators. What
// joins or varies emoji goes too: a ledger's names do without.
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|\u034F|\u115F|\u1160|\u17B4|\u17B5|[\u180B-\u180F]|\u2800|\u3164|[\uFE00-\uFE0F]|\uFFA0/gu;
const SPACES = /[\t\n\r\p{Zs}]+/gu;
const PILE = /(\p{M}{2})\p{M}+/gu;

/** A character's name for those who cannot see it, as in `‹U+202E›`. */
function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›`;
}

/** One line of text without anything hidden; `…` where it was longer than `max`. */
export function plain(text: string, max = KEPT_MAX): string {
  // Cut first: what follows may make it longer, never dearer than its limit.
  const characters = [...text.slice(0, max * 2 + 2)];
  const cut = characters.length > max;
  const shown = characters
    .slice(0, max)
    .join("")
    .toWellFormed()
    .replace(SPACES, " ")
    .replace(PILE, "$1")
    .replace(INVISIBLE, named);
  return cut ? `${shown}…` : shown;
}

/** The text of bytes32 that is filled up with zeros, as roles and reasons are; `undefined` where it is none. */
export function asciiOf(word: string): string | undefined {
  const digits = word.replace(/^0x/, "").replace(/(00)+$/, "");
  if (digits.length < 2 || digits.length % 2 !== 0) return undefined;
  const bytes = digits.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) return undefined;
  return String.fromCharCode(...bytes);
}
