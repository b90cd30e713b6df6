/** Looking around: the search box, live blocks, what calls and events say, files, hostile text. */
import { readFileSync } from "node:fs";
import { boardAbi } from "./ledger.js";
import { expect, expectFits, test, world } from "./page";

const { ledger } = world;

test("one search box finds everything", async ({ page }) => {
  await page.goto("/");
  const search = async (text: string, url: RegExp, says: string) => {
    await page.getByRole("main").click({ position: { x: 2, y: 2 } });
    await page.keyboard.press("/");
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(url);
    await expect(page.getByRole("main")).toContainText(says);
  };
  await search(String(ledger.block), new RegExp(`/blocks/${ledger.block}$`), "State root");
  await search(ledger.registered, /\/transactions\/0x/, "registration");
  await search(ledger.alice, /\/accounts\/0x/, "Alice Example");
  await search("@alice.example", /\/accounts\/0x/, "Alice Example");
  await search(ledger.record, /\/records\/0x/, "Who may open it");
  await search("<script>", /\/search/, "Nothing is known as <script>");
});

test("blocks arrive by themselves, and can be paused", async ({ page }) => {
  await page.goto("/");
  const strip = page.getByRole("list", { name: "Newest blocks" }).getByRole("link");
  const first = (await strip.first().textContent()) ?? "";
  expect(first).toMatch(/final/);
  await expect(strip.first()).not.toHaveText(first);
  await page.getByRole("button", { name: "Pause" }).click();
  const paused = (await strip.first().textContent()) ?? "";
  await expect(page.getByText(/Paused, .* since/)).toBeVisible();
  expect(await strip.first().textContent()).toBe(paused);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(strip.first()).not.toHaveText(paused);
});

test("calls, events and reasons are in words", async ({ page }) => {
  await page.goto(`/transactions/${ledger.registered}`);
  await expect(page.getByText("application/fhir+json").first()).toBeVisible();
  await expect(page.getByText("Registered", { exact: true })).toBeVisible();
  await expect(page.getByText("Final", { exact: true })).toBeVisible();
  await page.goto(`/transactions/${ledger.failed}`);
  await expect(page.getByText("Failed: it changed nothing")).toBeVisible();
  await expect(page.getByText("Not owner", { exact: true })).toBeVisible();
});

test("a table is a file, too", async ({ page }) => {
  await page.goto("/records");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV: Records" }).click(),
  ]);
  const lines = readFileSync(await download.path(), "utf8")
    .trimEnd()
    .split("\r\n");
  expect(lines[0]).toBe("\uFEFFRecord,Kind,Owner,Opens,Encrypted size,Registered");
  expect(lines).toHaveLength(26);
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/page=1/);
  await expect(page.getByText(/^26–50 of \d+$/)).toBeVisible();
});

test("a contract speaks once its interface is given, and hostile text stays text", async ({ page }) => {
  await page.goto(`/transactions/${ledger.said["script"]}`);
  await page.getByRole("link", { name: "Give its interface" }).click();
  await page.getByLabel("ABI, as JSON").fill("not an interface");
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByRole("alert")).toContainText("not JSON");
  await page.getByLabel("What you call it").fill("Board <b>");
  await page.getByLabel("ABI, as JSON").fill(JSON.stringify(boardAbi));
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByText("say(string text)")).toBeVisible();
  const shown: Record<string, string> = {
    script: '<img src=x onerror="window.broken=1">',
    right: "‹U+202E›gnp.exe‹U+2066›",
    hidden: "Cl‹U+200B›in‹U+2060›ic‹U+00AD›",
    pile: "Z\u0301\u0301",
    name: '<img src=x onerror="window.broken=1"> مستشفى',
    long: "Show all",
    words: "Show all",
  };
  for (const [name, text] of Object.entries(shown)) {
    await page.goto(`/transactions/${ledger.said[name]}`);
    await expect(page.getByText("Said", { exact: true })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(text);
    if (text === "Show all") await page.getByRole("button", { name: text }).first().click();
    await expectFits(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectFits(page);
    await page.setViewportSize({ width: 1280, height: 860 });
  }
  expect(await page.evaluate(() => (window as { broken?: number }).broken)).toBeUndefined();
});

test("names of whoever is hostile break no page", async ({ page }) => {
  const evil = `<b>\u202E\u200B${"W".repeat(10_000)}`;
  const poison = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(poison);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) =>
        /^(name|kind|endpoint|version)$/.test(key) && typeof inner === "string"
          ? [key, evil]
          : [key, poison(inner)],
      ),
    );
  };
  await page.route(/\/api\/(network|members|records)/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: poison(await response.json()) });
  });
  for (const route of [
    "/",
    "/blocks",
    "/records",
    `/records/${ledger.record}`,
    "/members",
    "/network",
    `/accounts/${ledger.clinic}`,
  ]) {
    await page.goto(route);
    await expect(page.getByText(/‹U\+202E›‹U\+200B›W/).first()).toBeAttached();
    await expectFits(page);
    await page.setViewportSize({ width: 390, height: 844 });
    await expectFits(page);
    await page.setViewportSize({ width: 1280, height: 860 });
  }
});

test("everything can be reached by the keyboard", async ({ page }) => {
  await page.goto("/blocks");
  await expect(page.getByRole("table")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("region", { name: "Blocks" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  // Where one comes to takes the focus, so that a screen reader says it.
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("of ten thousand rows only those in sight are drawn", async ({ page }) => {
  const limits = Array.from({ length: 10_000 }, (_, at) => ({
    part: "test",
    name: `LIMIT_${at}_MAX`,
    value: at,
  }));
  await page.route("**/api/limits", (route) => route.fulfill({ json: limits }));
  await page.goto("/network");
  const table = page.getByRole("table", { name: "Limits" });
  await expect(table).toHaveAttribute("aria-rowcount", "10001");
  expect(await table.getByRole("row").count()).toBeLessThan(100);
  await page
    .getByRole("region", { name: "Limits" })
    .evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
  await expect(table.getByText("LIMIT_9999_MAX")).toBeVisible();
  expect(await table.getByRole("row").count()).toBeLessThan(100);
  await page.getByLabel("Filter limits").fill("limit_77_");
  await expect(table.getByRole("row")).toHaveCount(2);
});
