// How fast the app is in Chromium against a running node: COMMONHOLD_RPC (http://localhost:8545), of a network with
// samples, whose people's recovery files are in COMMONHOLD_SAMPLES (data/samples). Prints, and asserts nothing:
// machines differ.
import { join } from "node:path";
import { chromium } from "@playwright/test";

const node = process.env.COMMONHOLD_RPC ?? "http://localhost:8545";
const people = process.env.COMMONHOLD_SAMPLES ?? new URL("../../data/samples", import.meta.url).pathname;
const passphrase = "everybody may look at these samples";
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath, args });
const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });

const usable = async (path, what) => {
  const begun = performance.now();
  await page.goto(node + path);
  await what().waitFor();
  return performance.now() - begun;
};
const strip = () => page.getByRole("list", { name: "Newest blocks" }).getByRole("link").first();
const print = (what, ms, more = "") =>
  console.log(`${what.padEnd(44)} ${ms.toFixed(0).padStart(6)} ms ${more}`);

print("overview with live blocks, nothing cached", await usable("/", strip), "(limit 1000)");
print("overview with live blocks, cached", await usable("/", strip));
print("blocks", await usable("/blocks", () => page.getByRole("table")));

// A list of 10,000 rows is scrolled through from one end to the other, a screen a frame.
const limits = Array.from({ length: 10_000 }, (_, at) => ({
  part: "test",
  name: `LIMIT_${at}_MAX`,
  value: at,
}));
await page.route("**/api/limits", (route) => route.fulfill({ json: limits }));
const frame = page.getByRole("region", { name: "Limits" });
await usable("/network", () => frame);
const times = await frame.evaluate(async (box) => {
  const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const taken = [];
  let last = await next();
  for (let top = 0; top < box.scrollHeight && taken.length < 300; top += box.clientHeight) {
    box.scrollTo(0, top);
    const now = await next();
    taken.push(now - last);
    last = now;
  }
  return taken.sort((a, b) => a - b);
});
const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
print("10,000 rows scrolled: a frame, median", at(0.5), "(limit 17)");
print("10,000 rows scrolled: a frame, 95 %", at(0.95));
await page.unroute("**/api/limits");

// Each page of the applications, gone to within the app as whoever it is for: until it says no more that it loads.
const pages = {
  anna: ["health/data", "health/sharing", "health/sharing/new", "health/activity", "health/requests"],
  rosa: ["health/studies", "health/asked", "health/files"],
  emma: ["health/votes"],
  lena: ["now", "today", "month", "bill", "limits", "certificates", "neighbours", "proof", "rules"].map(
    (name) => `energy/${name}`,
  ),
  grid: ["energy/live", "energy/what-if", "energy/settlement", "energy/corrections"],
  vera: ["portfolio", "projects/1", "decisions", "payments/1", "credit", "fibre/2", "bids", "audit"].map(
    (name) => `works/${name}`,
  ),
};
const go = (path) =>
  page.evaluate((to) => {
    window.history.pushState(null, "", to);
    window.dispatchEvent(new Event("commonhold:go"));
  }, path);
for (const [who, paths] of Object.entries(pages)) {
  await page.goto(`${node}/account`);
  const card = page.locator("section.card").filter({ hasText: "From a recovery file" });
  await card.getByLabel("Recovery file").setInputFiles(join(people, `${who}.json`));
  await card.getByLabel("Passphrase").fill(passphrase);
  await card.getByRole("button", { name: "Take it in" }).click();
  await page.getByRole("heading", { name: "Signed in" }).waitFor();
  for (const path of paths) {
    const begun = performance.now();
    await go(`/${path}`);
    await page.waitForFunction((to) => {
      const main = document.querySelector("main");
      const here = window.location.pathname === to && main?.querySelector("h1");
      return here && !main.textContent.includes("Loading…");
    }, `/${path}`);
    print(`/${path}`, performance.now() - begun, "(limit 1000)");
    await go("/network");
    await page.getByRole("heading", { level: 1, name: "Network" }).waitFor();
  }
}
await browser.close();
