/** What every browser test begins with: a page that fails the test when anything is wrong with it. */
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export interface World {
  members: { name: string; url: string; directory: string }[];
  accounts: { address: string; privateKey: `0x${string}` }[];
  chainId: number;
  networkKey: string;
  network: string;
  program: string;
  dir: string;
  ledger: {
    alice: string;
    bob: string;
    clinic: string;
    record: string;
    registered: string;
    block: number;
    failed: string;
    created: string;
    sent: string;
    contract: string;
    said: Record<string, string>;
  };
}

export const world: World = JSON.parse(readFileSync(process.env["COMMONHOLD_WEB_TESTS"] ?? "", "utf8"));
export const origin = world.members[0]?.url ?? "";

interface Fixtures {
  /** Complaints that a test expects, such as those of a node that is away. */
  allowed: RegExp;
}

/** What matches nothing. */
const NOTHING = /(?!)/;

export const test = base.extend<Fixtures & { watched: undefined }>({
  allowed: [NOTHING, { option: true }],
  baseURL: origin,
  watched: [
    async ({ page, allowed }, use) => {
      const complaints: string[] = [];
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        const url = new URL(request.url());
        const here = /^(data|blob):$/.test(url.protocol) || /^(127\.0\.0\.1|localhost)$/.test(url.hostname);
        if (!here) complaints.push(`a request to ${request.url()}`);
      });
      await use(undefined);
      expect(complaints.filter((text) => !allowed.test(text))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

async function findings(axe: AxeBuilder): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

/** Nothing that axe finds. */
export async function expectAccessible(page: Page): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  expect(await findings(new AxeBuilder({ page }).withTags(tags))).toEqual([]);
}

/** What axe finds other in another scheme or width: the rest it has looked at already. */
export async function expectStillAccessible(page: Page, rules: string[]): Promise<void> {
  expect(await findings(new AxeBuilder({ page }).withRules(rules))).toEqual([]);
}

export async function expectFits(page: Page): Promise<void> {
  const beside = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(beside, "nothing is beside the screen").toBe(0);
}
