// Pictures of pages, to look at: each at the width of a desktop and of a phone, light and dark, into
// target/web/shots. COMMONHOLD_RPC is a node of a network with samples (http://localhost:8545), COMMONHOLD_SAMPLES
// the directory of its people's recovery files (data/samples). Arguments: parts of the names to take.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const node = process.env.COMMONHOLD_RPC ?? "http://localhost:8545";
const people = process.env.COMMONHOLD_SAMPLES ?? new URL("../../data/samples", import.meta.url).pathname;
const passphrase = "everybody may look at these samples";
const into = new URL("../../target/web/shots/", import.meta.url).pathname;
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

const explorer = ["/", "/blocks", "/blocks/3", "/transactions", "/records", "/members", "/contracts"];
const works = ["", "/projects/1", "/fibre/1", "/payments/1", "/bids", "/audit"].map(
  (path) => `/works${path}`,
);
const pages = {
  "": [
    ...explorer,
    "/network",
    "/stamp",
    "/account",
    "/search?q=nobody",
    "/health",
    "/health/studies",
    ...works,
  ],
  anna: ["data", "sharing", "sharing/new", "activity", "requests", "requests/1", "requests/2"],
  rosa: ["studies", "studies/1", "asked", "asked/new?study=1", "files", "files/3", "requests/3"],
  emma: ["votes", "data"],
};
const wanted = process.argv.slice(2);
const looks = [
  ["desktop-light", 1280, "light"],
  ["desktop-dark", 1280, "dark"],
  ["phone-light", 390, "light"],
  ["phone-dark", 390, "dark"],
];

mkdirSync(into, { recursive: true });
const browser = await chromium.launch({ executablePath, args });
for (const [who, paths] of Object.entries(pages)) {
  const routes = paths.map((path) => (path.startsWith("/") ? path : `/health/${path}`));
  const name = (route) => `${who || "nobody"}${route.replace(/[^a-z0-9]+/gi, "-")}`.replace(/-$/, "");
  const taken = routes.filter(
    (route) => wanted.length === 0 || wanted.some((part) => name(route).includes(part)),
  );
  if (taken.length === 0) continue;
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC" });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && console.error(message.text()));
  await page.goto(`${node}/account`);
  if (who) {
    const card = page.locator("section.card").filter({ hasText: "From a recovery file" });
    await card.getByLabel("Recovery file").setInputFiles(join(people, `${who}.json`));
    await card.getByLabel("Passphrase").fill(passphrase);
    await card.getByRole("button", { name: "Take it in" }).click();
    await page.getByRole("heading", { name: "Signed in" }).waitFor();
  }
  for (const route of taken) {
    await page.evaluate((to) => {
      window.history.pushState(null, "", to);
      window.dispatchEvent(new Event("commonhold:go"));
    }, route);
    await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
    await page.waitForFunction(() => !document.querySelector("main")?.textContent?.includes("Loading…"));
    for (const [look, width, colorScheme] of looks) {
      await page.setViewportSize({ width, height: 860 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(into, `${name(route)}-${look}.png`), fullPage: true });
    }
  }
  await context.close();
}
await browser.close();
