/** Every page: there, accessible in light and dark, on a desktop and on a phone, and quiet. */
import { expect, expectAccessible, expectFine, test, world } from "./page";

const { ledger } = world;
const records = "0xc000000000000000000000000000000000000004";

const routes: [string, string][] = [
  ["/", "Overview"],
  ["/blocks", "Blocks"],
  [`/blocks/${ledger.block}`, "Block"],
  ["/blocks/999999999", "There is no block"],
  ["/transactions", "Transactions"],
  [`/transactions/${ledger.registered}`, "Register"],
  [`/transactions/${ledger.failed}`, "Failed"],
  [`/transactions/${ledger.created}`, "Create a contract"],
  [`/transactions/0x${"1".repeat(64)}`, "There is no such transaction"],
  [`/accounts/${ledger.alice}`, "Alice Example"],
  [`/accounts/${ledger.alice}/transactions`, "Alice Example"],
  [`/accounts/${ledger.alice}/records`, "application/fhir+json"],
  [`/accounts/${ledger.bob}`, "clinician"],
  [`/accounts/${ledger.contract}/code`, "Code hash"],
  [`/accounts/${ledger.contract}/interface`, "Give the interface"],
  [`/accounts/${records}/interface`, "requestOpening"],
  ["/records", "Records"],
  [`/records/${ledger.record}`, "Opening refused"],
  ["/members", "Members"],
  ["/contracts", "Records"],
  ["/network", "_MAX"],
  ["/stamp", "Check a stamp"],
  ["/account", "Your account"],
  ["/search?q=nobody.at.all", "Nothing is known as"],
  ["/nowhere/at/all", "There is no such page"],
  ["/health", "Sign in to see what is yours"],
  ["/health/studies", "Study 1"],
  ["/health/studies/1", "Approved until"],
  ["/health/studies/999", "There is no such study"],
  ["/health/requests/1", "How it would be decided now"],
  ["/health/requests/999999", "There is no such request"],
  ["/health/votes", "Board 1"],
  ["/health/nowhere", "There is no such page"],
  ["/energy", "Sign in to see your home"],
  ["/energy/neighbours", "Between neighbours"],
  ["/energy/proof", "It agrees"],
  ["/energy/corrections", "A slot that is settled stands"],
  ["/energy/join", "Sign in to see your home"],
  ["/energy/rules", "Where the price lies"],
  ["/energy/live", "The next slot"],
  ["/energy/what-if", "What it would come to"],
  ["/energy/settlement", "Balanced"],
  ["/energy/certificates/0/0", "There is no such certificate"],
  ["/energy/nowhere", "There is no such page"],
];

/** Pages that one browser window goes through: opening a new one for each would cost more than looking at it. */
const AT_ONCE = 7;

for (let from = 0; from < routes.length; from += AT_ONCE) {
  const some = routes.slice(from, from + AT_ONCE);
  test(`the pages ${from + 1} to ${from + some.length}`, async ({ page }) => {
    for (const [route, text] of some) {
      await test.step(`${route} with ${text}`, async () => {
        await page.goto(route);
        const main = page.getByRole("main");
        await expect(main).toContainText(text);
        await expect(main.getByRole("heading", { level: 1 })).toHaveCount(1);
        await expect(main.getByText("Loading…")).toHaveCount(0);
        await expect(page.getByRole("navigation", { name: "Menu" }).getByText("Live")).toBeVisible();
        await expectFine(page);
      });
    }
  });
}

test("on a phone the menu opens, and everything in it is large enough to touch", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await page.getByRole("button", { name: "Menu" }).click();
  await expect(page.getByRole("link", { name: "Check a stamp" })).toBeVisible();
  await expectAccessible(page);
});

test("what is served says how it may be used", async ({ request }) => {
  const page = await request.get("/network", { headers: { accept: "text/html" } });
  const policy = page.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  expect(page.headers()["cache-control"]).toBe("no-cache");
  expect(page.headers()["access-control-allow-origin"]).toBeUndefined();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
  const asset = await request.get(script, { headers: { "accept-encoding": "br" } });
  expect(asset.headers()["cache-control"]).toContain("immutable");
  expect(asset.headers()["content-encoding"]).toBe("br");
  expect((await request.get("/assets/index-00000000.js")).status()).toBe(404);
});
