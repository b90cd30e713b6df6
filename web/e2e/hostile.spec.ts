/**
 * Whoever writes on the ledger may be hostile: every text that a view of a module gives, on every kind of page, is
 * script, turned around, hidden, and ten thousand characters long. The ledger refuses most of that; another node's
 * ledger need not.
 */
import { type Abi, decodeFunctionData, decodeFunctionResult, encodeFunctionResult, type Hex } from "viem";
import { expect, expectFits, type Page, test, world } from "./page";
import { signIn, visit } from "./person";

const { ledger } = world;
const EVIL = `<img src=x onerror="window.broken=1">\u202E\u200Bپ${"W".repeat(10_000)}`;

interface Module {
  address: string;
  abi: Abi;
}
interface Call {
  id: number;
  method: string;
  params: { to?: string; data?: Hex }[];
}
interface Answer {
  id: number;
  result?: Hex;
}

/** Texts that are read by machines, and not shown. */
const READ = /^(ruleset|symbol)$/;

function poisoned(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith("0x") ? value : EVIL;
  if (Array.isArray(value)) return value.map(poisoned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner)]));
}

/** Puts hostile text in the place of every text that modules tell from now on. */
async function poison(page: Page): Promise<void> {
  const modules = (await (await fetch(`${world.members[0]?.url}/api/modules`)).json()) as Module[];
  const abis = new Map(modules.map((module) => [module.address.toLowerCase(), module.abi]));
  const change = (call: Call, answer: Answer): Answer => {
    const { to, data } = call.method === "eth_call" ? (call.params[0] ?? {}) : {};
    const abi = abis.get(to?.toLowerCase() ?? "");
    if (!abi || !data || !answer.result) return answer;
    const { functionName } = decodeFunctionData({ abi, data });
    if (READ.test(functionName)) return answer;
    const result = poisoned(decodeFunctionResult({ abi, functionName, data: answer.result }));
    return { ...answer, result: encodeFunctionResult({ abi, functionName, result }) };
  };
  await page.route(
    (url) => url.pathname === "/",
    async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      const asked = route.request().postDataJSON() as Call | Call[];
      const response = await route.fetch();
      const said = (await response.json()) as Answer | Answer[];
      const of = (answer: Answer) =>
        (Array.isArray(asked) ? asked : [asked]).find((call) => call.id === answer.id);
      const changed = (answer: Answer) => {
        const call = of(answer);
        return call ? change(call, answer) : answer;
      };
      await route.fulfill({ response, json: Array.isArray(said) ? said.map(changed) : changed(said) });
    },
  );
}

async function stands(page: Page, route: string): Promise<void> {
  await test.step(route, async () => {
    await visit(page, route);
    await expect(
      page
        .getByRole("main")
        .getByText(/‹U\+202E›‹U\+200B›پ/)
        .first(),
    ).toBeAttached();
    await expectFits(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectFits(page);
    await page.setViewportSize({ width: 1280, height: 860 });
    expect(await page.evaluate(() => (window as { broken?: number }).broken)).toBeUndefined();
  });
}

test("hostile text breaks no page of the shell", async ({ page }) => {
  await poison(page);
  await page.goto("/network");
  const routes = ["/members/votes", `/members/votes/${ledger.proposal}`, `/accounts/${ledger.alice}`];
  for (const route of routes) await stands(page, route);
});

test("hostile text breaks no page of works", async ({ page }) => {
  await signIn(page, "Hill & Sons");
  await poison(page);
  for (const route of [
    "/works/portfolio",
    "/works/projects/1",
    "/works/projects/1?show=contracts",
    "/works/projects/1?show=notices",
    "/works/decisions",
    "/works/payments/1",
    "/works/credit",
    "/works/fibre/1",
    "/works/bids/1",
    "/works/audit",
  ]) {
    await stands(page, route);
  }
});

test("hostile text breaks no page of energy or health", async ({ page }) => {
  await poison(page);
  await page.goto("/network");
  for (const route of ["/energy/neighbours", "/energy/rules", "/energy/live", "/energy/what-if"]) {
    await stands(page, route);
  }
  for (const route of ["/health/studies/1", "/health/requests/1", "/health/votes"]) await stands(page, route);
});
