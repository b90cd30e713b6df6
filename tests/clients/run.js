// Starts a network (unless COMMONHOLD_RPC names one), runs every client against it, stops it.
// Prints each client's report and a closing line `N passed, N failed`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = new URL(".", import.meta.url).pathname;
const root = join(here, "../..");
const work = join(root, "target/clients");
const contracts = join(work, "contracts.json");
const node = [process.execPath, "--test", "--test-force-exit", "--test-reporter=tap"];
const clients = {
  viem: [...node, "viem.test.js"],
  ethers: [...node, "ethers.test.js"],
  cast: [...node, "cast.test.js"],
  "web3.py": [join(work, "venv/bin/python"), "web3_test.py"],
};
// Another Ethereum node seals nothing.
if (process.env.COMMONHOLD_FOREIGN !== "1") {
  clients.sealing = [join(work, "venv/bin/python"), "sealing_test.py"];
  clients.gateway = [join(work, "venv/bin/python"), "gateway_test.py"];
}

/** Runs a program to its end; what it printed and how it ended. */
async function finished([program, ...args], env = {}) {
  const child = spawn(program, args, { cwd: here, env: { ...process.env, ...env } });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (text += part));
  const [code] = await once(child, "close");
  return { text, code };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  // `up` takes four ports from here and four from a hundred further on.
  return Math.min(port, 60_000);
}

/** A whole network of this machine: its members' URLs, and how to stop it. */
async function network() {
  const program = process.env.COMMONHOLD_BIN ?? join(root, "target/debug/commonhold");
  const dir = mkdtempSync(join(tmpdir(), "commonhold-clients-"));
  const port = String(await freePort());
  const args = ["up", "--json", "--fresh", "--dir", join(dir, "network"), "--port-base", port];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let said = "";
  child.stderr.on("data", (part) => (said += part));
  const stop = async () => {
    child.kill("SIGINT");
    const [code] = await ended;
    if (code !== 0) {
      console.error(said);
      console.error(`the network ended with ${code}; its files are in ${dir}`);
    } else rmSync(dir, { recursive: true });
    return code === 0;
  };
  // The description is printed once every member is healthy.
  const description = new Promise((resolve) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
      try {
        resolve(JSON.parse(text));
      } catch {
        // It is not whole yet.
      }
    });
  });
  const up = await Promise.race([description, ended]);
  if (!up.members) {
    console.error(said);
    throw new Error(`${program} up did not start; its files are in ${dir}`);
  }
  // Whom a node sees, it knows by the blocks they propose: wait until every member had a turn.
  const others = up.members.length - 1;
  for (const member of up.members) {
    for (let health = {}; health.peers !== others; ) {
      health = await (await fetch(`${member.url}/health`)).json();
      if (health.block > 100) throw new Error(`${member.url} sees ${health.peers} of ${others}`);
    }
  }
  process.once("SIGINT", stop);
  const key = (_, i) => `0x${readFileSync(join(dir, `network/member-${i + 1}/account.key`), "utf8").trim()}`;
  const keys = up.members.map(key).join(",");
  return { urls: up.members.map((member) => member.url).join(","), stop, dir, keys };
}

const compiled = await finished([process.execPath, "compile.js", contracts]);
process.stdout.write(compiled.text);
if (compiled.code !== 0) process.exit(1);

const given = process.env.COMMONHOLD_RPC;
const keys = process.env.COMMONHOLD_MEMBER_KEYS;
const net = given ? { urls: given, stop: async () => true, keys } : await network();
const env = { COMMONHOLD_RPC: net.urls, COMMONHOLD_CONTRACTS: contracts };
// Money is issued by members, and roles are attested by them: whoever is not told their keys has neither.
if (net.keys) {
  clients.token = [...node, "token.test.js"];
  clients.health = [join(work, "venv/bin/python"), "health_test.py"];
  env.COMMONHOLD_MEMBER_KEYS = net.keys;
}

const total = { pass: 0, fail: 0 };
const add = (name, count) => (total[name] += Number(count));
const run = async ([client, command]) => {
  const { text, code } = await finished(command, env);
  let failed = 0;
  for (const [, name, count] of text.matchAll(/^# (pass|fail|cancelled) (\d+)$/gm)) {
    add(name === "pass" ? "pass" : "fail", count);
    if (name !== "pass") failed += Number(count);
  }
  if (code !== 0 && failed === 0) total.fail += 1;
  console.log(`== ${client}: ${code === 0 ? "ok" : "failed"}`);
  if (code !== 0) console.log(text);
};
await Promise.all(Object.entries(clients).map(run));
if (total.fail > 0 && net.dir) {
  const log = readFileSync(join(net.dir, "network/member-1/node.log"), "utf8");
  console.log(`== the end of member 1's log\n${log.split("\n").slice(-40).join("\n")}`);
}
if (!(await net.stop())) total.fail += 1;
console.log(`${total.pass} passed, ${total.fail} failed`);
process.exit(total.fail > 0 ? 1 : 0);
