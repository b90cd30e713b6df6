/**
 * Every page in four looks, on a desktop and on a phone, in light and dark: there, accessible, within the screen,
 * and quiet. With `COMMONHOLD_SHOTS` each look becomes a picture in `target/web/shots`.
 */
import { memberFile } from "./command";
import { nobody, people, type Visit } from "./everywhere";
import { everyLook } from "./looks";
import { expect, expectAccessible, type Page, test, world } from "./page";
import { signIn, signInBy, visit } from "./person";

const { ledger } = world;

/** Pages that one browser window goes through: opening a new one for each would cost more than looking at it. */
const AT_ONCE = 6;

async function seen(page: Page, who: string, { route, says }: Visit): Promise<void> {
  const main = page.getByRole("main");
  await expect(main).toContainText(says);
  await expect(main.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(main.getByText("Loading…")).toHaveCount(0);
  await expect(page.getByRole("navigation", { name: "Menu" }).getByText("Live")).toBeVisible();
  // What moves by itself stands still while it is measured.
  if (route === "/") await page.getByRole("button", { name: "Pause" }).click();
  await everyLook(page, `${who}${route}`);
}

const filled = (route: string, more: Record<string, string> = {}) =>
  route.replace(/\{(\w+)\}/g, (_, name: string) => more[name] ?? String(ledger[name as "block"]));

for (let from = 0; from < nobody.length; from += AT_ONCE) {
  const some = nobody.slice(from, from + AT_ONCE);
  test(`the pages ${from + 1} to ${from + some.length}`, async ({ page }) => {
    for (const one of some) {
      await test.step(`${one.route} with ${one.says}`, async () => {
        await page.goto(filled(one.route, { proposal: ledger.proposal }));
        await seen(page, "nobody", one);
      });
    }
  });
}

for (const [who, visits] of Object.entries(people)) {
  for (let from = 0; from < visits.length; from += AT_ONCE) {
    const some = visits.slice(from, from + AT_ONCE);
    test(`the pages ${from + 1} to ${from + some.length} of ${who}`, async ({ page }) => {
      const member = /^Member (\d)$/.exec(who);
      if (member) await signInBy(page, memberFile(Number(member[1])));
      else await signIn(page, who);
      for (const one of some) {
        await test.step(`${one.route} with ${one.says}`, async () => {
          let certificate = "";
          if (one.route === "{certificate}") {
            await visit(page, "/energy/certificates");
            const link = page.getByRole("main").locator('a[href*="/certificates/"]').first();
            certificate = (await link.getAttribute("href")) ?? "";
          }
          await visit(page, filled(one.route, { certificate }));
          await seen(page, who, one);
        });
      }
    });
  }
}

test("on a phone the menu opens, and everything in it is large enough to touch", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await page.getByRole("button", { name: "Menu" }).click();
  await expect(page.getByRole("link", { name: "Check a stamp" })).toBeVisible();
  // The strip's last card is cut at the screen's edge: the looks say so, and it is not what the menu is asked for.
  await expectAccessible(page, '[aria-label="Newest blocks"]');
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
