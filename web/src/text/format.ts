/** Numbers, times and hashes as people read them. */

const whole = new Intl.NumberFormat("en-GB");
const day = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto", style: "short" });

/** `12,345`. */
export function count(value: number | bigint): string {
  return whole.format(value);
}

/** `1 block`, `2 blocks`. */
export function counted(value: number | bigint, one: string, many = `${one}s`): string {
  return `${count(value)} ${BigInt(value) === 1n ? one : many}`;
}

/** A decimal number of `places` from whole units, without trailing zeros: `1,234.5`. */
export function decimal(units: bigint, places: number): string {
  const sign = units < 0n ? "-" : "";
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, "0");
  const head = digits.slice(0, digits.length - places);
  const tail = digits.slice(digits.length - places).replace(/0+$/, "");
  return `${sign}${count(BigInt(head))}${tail ? `.${tail}` : ""}`;
}

/** `4.9 kB`. */
export function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  if (unit === 0) return value === 1 ? "1 byte" : `${count(value)} bytes`;
  return `${size >= 100 ? size.toFixed(0) : size.toFixed(1)} ${units[unit]}`;
}

/** `79 ms`, `1.2 s`. */
export function millis(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** `3 d 4 h`, `12 min`. */
export function duration(seconds: number): string {
  const d = Math.floor(seconds / 86_400);
  const h = Math.floor((seconds % 86_400) / 3600);
  const min = Math.floor((seconds % 3600) / 60);
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return min > 0 ? `${h} h ${min} min` : `${h} h`;
  return min > 0 ? `${min} min` : `${Math.floor(seconds)} s`;
}

/** A date with its time zone. Years that no calendar prints are given as they are. */
export function date(ms: number): string {
  const made = new Date(ms);
  return Number.isNaN(made.getTime()) || made.getUTCFullYear() > 9999
    ? `${count(Math.floor(ms / 1000))} seconds since 1970`
    : day.format(made);
}

/** `12 sec ago`. */
export function age(ms: number, now: number): string {
  const seconds = Math.round((ms - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 60) return relative.format(seconds, "second");
  if (size < 3600) return relative.format(Math.trunc(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.trunc(seconds / 3600), "hour");
  if (size < 86_400 * 60) return relative.format(Math.trunc(seconds / 86_400), "day");
  if (size < 86_400 * 730) return relative.format(Math.trunc(seconds / 2_592_000), "month");
  return relative.format(Math.trunc(seconds / 31_536_000), "year");
}

/** `0x1234…abcd`. */
export function short(hex: string, head = 6, tail = 4): string {
  return hex.length <= head + tail + 3 ? hex : `${hex.slice(0, 2 + head)}…${hex.slice(-tail)}`;
}

/** `requestOpening` becomes `request opening`, `ERC20InvalidSender` `erc20 invalid sender`. */
export function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/_/g, " ")
    .toLowerCase();
}

/** The same with a capital letter. */
export function title(name: string): string {
  const text = words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
