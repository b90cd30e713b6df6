// What the JavaScript clients share: where the network is, who they are, and the list of flows.
import { after, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const here = new URL(".", import.meta.url).pathname;
const json = (path) => JSON.parse(readFileSync(path, "utf8"));

export const { keys, modules, flows, moduleFlows } = json(join(here, "flows.json"));

/** The members' URLs; the first one gets the requests. */
export const urls = (process.env.COMMONHOLD_RPC ?? "http://localhost:8545").split(",");
export const url = urls[0];
export const ws = url.replace(/^http/, "ws");
/** Whether the node is another Ethereum node, which has no modules. */
export const foreign = process.env.COMMONHOLD_FOREIGN === "1";

export const contracts = json(process.env.COMMONHOLD_CONTRACTS);
export const abiOf = (module) =>
  json(join(here, `../../crates/system/tests/golden/${module}/abi.json`));

/** Makes a client's `flow(name, body)`; every flow must be there, or excused with a reason. */
export function flowsOf(client, excused = {}) {
  const wanted = { ...flows, ...moduleFlows };
  const seen = new Set(Object.keys(excused));
  after(() => {
    const missing = Object.keys(wanted).filter((name) => !seen.has(name));
    if (missing.length > 0) throw new Error(`${client} lacks the flows ${missing}`);
  });
  return (name, body) => {
    if (!(name in wanted)) throw new Error(`flows.json has no flow ${name}`);
    seen.add(name);
    if (foreign && name in moduleFlows) return;
    test(`${client}: ${wanted[name]}`, { timeout: 60_000 }, body);
  };
}

/** One JSON-RPC request as it stands, without a client between. */
export async function raw(body, to = url) {
  const response = await fetch(to, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** Asks until the answer is there; the test's time limit ends it. */
export async function until(ask) {
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A list that fills, and a wait for the first item that fits. */
export function inbox() {
  const items = [];
  let wake = () => {};
  return {
    items,
    put: (...more) => {
      items.push(...more);
      wake();
    },
    find: async (fits) => {
      for (;;) {
        const found = items.find(fits);
        if (found) return found;
        await new Promise((resolve) => (wake = resolve));
      }
    },
  };
}
