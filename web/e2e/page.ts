/** What every browser test begins with: a page that fails the test when anything is wrong with it. */
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export interface World {
  members: { name: string; url: string; directory: string }[];
  accounts: { address: string; privateKey: `0x${string}` }[];
  /** Those of the samples: their recovery files, and what opens them. */
  people: { name: string; address: string; file: string }[];
  peoplePassphrase: string;
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
    mallory: string;
    /** A proposal of the members that is open. */
    proposal: string;
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

export { expect, type Page };

async function findings(axe: AxeBuilder): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Nothing that axe finds, as the page is; `but` is left out. */
export async function expectAccessible(page: Page, but?: string): Promise<void> {
  const axe = new AxeBuilder({ page }).withTags(TAGS);
  expect(await findings(but ? axe.exclude(but) : axe)).toEqual([]);
}

/** The colours alone, which is what light and dark differ in. */
export async function expectContrast(page: Page): Promise<void> {
  expect(await findings(new AxeBuilder({ page }).withRules(["color-contrast"]))).toEqual([]);
}

/**
 * Nothing that axe finds in light or dark, where only colours differ, and nothing beside the screen of a
 * desktop or a phone.
 */
export async function expectFine(page: Page): Promise<void> {
  await expectFits(page);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectContrast(page);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(PHONE);
  await expectFits(page);
  await page.setViewportSize(DESKTOP);
}

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 860 };

/** What stands beside the screen, by how it begins; what scrolls in a frame of its own does not. */
export async function expectFits(page: Page): Promise<void> {
  const beside = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll("body *")].filter(
      (one) => one.getBoundingClientRect().right > clientWidth && !one.closest(".scroll"),
    );
    return [`${scrollWidth - clientWidth} px`, ...out.map((one) => one.outerHTML.slice(0, 90))];
  });
  expect(beside, "nothing is beside the screen").toEqual([]);
}
