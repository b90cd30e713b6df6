// A network of this machine, as `commonhold up` runs it, with something on its ledger to look at.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  // `up` takes four ports from here and four from a hundred further on.
  return Math.min(port, 60_000);
}

/** Starts four members; tells where they are, and how to stop them. */
export async function start() {
  const program = process.env.COMMONHOLD_BIN ?? join(root, "target/debug/commonhold");
  const dir = mkdtempSync(join(tmpdir(), "commonhold-web-"));
  const network = join(dir, "network");
  const port = String(await freePort());
  const args = ["up", "--json", "--fresh", "--samples", "--dir", network, "--port-base", port];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let said = "";
  child.stderr.on("data", (part) => {
    said += part;
  });
  const stop = async () => {
    child.kill("SIGINT");
    const [code] = await ended;
    if (code === 0) rmSync(dir, { recursive: true });
    else console.error(`${said}\nthe network ended with ${code}; its files are in ${dir}`);
    return code === 0;
  };
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
  process.once("SIGINT", stop);
  const key = (_, i) => `0x${readFileSync(join(network, `member-${i + 1}/account.key`), "utf8").trim()}`;
  return { ...up, program, dir, network, keys: up.members.map(key), stop };
}
