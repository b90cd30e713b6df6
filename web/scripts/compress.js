// Puts NAME.br and NAME.gz beside each built file that gets smaller, for the node to send.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const app = new URL("../dist/app/", import.meta.url).pathname;
const packed = /\.(js|css|html|svg|json|txt)$/;

for (const name of readdirSync(app, { recursive: true })) {
  if (!packed.test(name)) continue;
  const path = join(app, name);
  const data = readFileSync(path);
  const brotli = brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } });
  const gzip = gzipSync(data, { level: 9 });
  if (brotli.length < data.length) writeFileSync(`${path}.br`, brotli);
  if (gzip.length < data.length) writeFileSync(`${path}.gz`, gzip);
}
