import { mkdirSync } from "node:fs";
import { chromium } from "@playwright/test";
const [who, looks, ...paths] = process.argv.slice(2);
const node = "http://localhost:28790", into = "/work/wt/webnet/works-data/shots/";
mkdirSync(into, { recursive: true });
const L = { dl: [1280, "light"], dd: [1280, "dark"], pl: [390, "light"], pd: [390, "dark"] };
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await (await browser.newContext({ locale: "en-GB", timezoneId: "UTC" })).newPage();
page.on("console", (m) => ["error", "warning"].includes(m.type()) && console.log("CONSOLE", m.text().slice(0, 400)));
page.on("pageerror", (e) => console.log("ERROR", String(e).slice(0, 600)));
await page.goto(`${node}/account`);
if (who !== "nobody") {
  const card = page.locator("section.card").filter({ hasText: "From a recovery file" });
  await card.getByLabel("Recovery file").setInputFiles(`/work/wt/webnet/works-data/fill/keys/${who}.json`);
  await card.getByLabel("Passphrase").fill("everybody may look at these samples");
  await card.getByRole("button", { name: "Take it in" }).click();
  await page.getByRole("heading", { name: "Signed in" }).waitFor();
}
for (const path of paths) {
  await page.evaluate((to) => { history.pushState(null, "", to); dispatchEvent(new Event("commonhold:go")); }, path);
  await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => !document.querySelector("main")?.textContent?.includes("Loading…"), null, { timeout: 30000 }).catch(() => console.log("still loading", path));
  await page.waitForTimeout(700);
  for (const look of looks.split(",")) {
    const [width, colorScheme] = L[look];
    await page.setViewportSize({ width, height: 860 }); await page.emulateMedia({ colorScheme }); await page.waitForTimeout(150);
    const beside = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (beside) console.log("BESIDE", path, look, beside);
    const name = `${who}${path.replace(/[^a-z0-9]+/gi, "-")}-${look}.png`;
    await page.screenshot({ path: into + name, fullPage: true }); console.log(into + name);
  }
}
await browser.close();
