// Starts a network, puts something on its ledger, runs the browser tests against it, stops it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fill } from "./ledger.js";
import { start } from "./network.js";

const begun = Date.now();
const up = await start();
let code = 1;
try {
  const ledger = await fill(up);
  const path = join(up.dir, "ledger.json");
  const { members, accounts, chainId, networkKey, network, program, people, peoplePassphrase, dir } = up;
  const world = { members, accounts, chainId, networkKey, network, program, people, peoplePassphrase };
  writeFileSync(path, JSON.stringify({ ...world, ledger, dir }));
  console.log(`the network is up after ${Math.round((Date.now() - begun) / 1000)} s`);
  const env = { ...process.env, COMMONHOLD_WEB_TESTS: path };
  const tests = spawn("npx", ["playwright", "test", ...process.argv.slice(2)], {
    cwd: new URL("..", import.meta.url).pathname,
    stdio: "inherit",
    env,
  });
  [code] = await once(tests, "close");
} catch (error) {
  console.error(error);
}
if (process.env.COMMONHOLD_HOLD) {
  console.log(`${up.members[0].url} until Ctrl-C`);
  await once(process, "SIGINT");
}
if (!(await up.stop())) code ||= 1;
process.exit(code ?? 1);
