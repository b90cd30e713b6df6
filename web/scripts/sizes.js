// How much script the browser loads, after gzip: at the first page, and for each part on demand. Fails
// where the first load is over its limit.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const FIRST_LOAD_MAX = 250 * 1024;

const app = new URL("../dist/app/", import.meta.url);
const read = (name) => readFileSync(new URL(name, app));
const page = read("index.html").toString();
const first = new Set([...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((m) => m[1]));
const files = readdirSync(new URL("assets/", app)).filter((name) => /\.(js|css|woff2)$/.test(name));
const sized = files.map((name) => ({
  name: `assets/${name}`,
  size: name.endsWith(".woff2") ? read(`assets/${name}`).length : gzipSync(read(`assets/${name}`)).length,
}));
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`.padStart(12);
sized.sort((a, b) => b.size - a.size);
let total = 0;
for (const { name, size } of sized) {
  const when = first.has(name) ? "first load" : name.endsWith(".js") ? "on demand" : "";
  if (first.has(name)) total += size;
  console.log(`${kib(size)}  ${when.padEnd(11)} ${name}`);
}
console.log(`${kib(total)}  script at first load, gzip; limit ${kib(FIRST_LOAD_MAX).trim()}`);
if (total > FIRST_LOAD_MAX) process.exit(1);
