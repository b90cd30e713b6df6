/** What the browser checks of what the node shows, and what it says of a node that lies. */
import { expect, expectAccessible, origin, type Page, test, world } from "./page";

/** The answers of the node to a JSON-RPC method, changed. */
async function answering(page: Page, method: string, change: (result: Record<string, unknown>) => void) {
  await page.route("**/", async (route) => {
    if (!route.request().postData()?.includes(method)) return route.fallback();
    const response = await route.fetch();
    const answer = await response.json();
    change(answer.result);
    return route.fulfill({ response, json: answer });
  });
}

/** `0x…` with one digit changed. */
const changed = (hex: string, at: number) =>
  hex.slice(0, at) + (hex[at] === "0" ? "1" : "0") + hex.slice(at + 1);

// The page goes on asking until it is closed.
test.afterEach(({ page }) => page.unrouteAll({ behavior: "wait" }));

test("the newest blocks are checked in the browser, by the network's key", async ({ page }) => {
  await page.goto("/");
  const main = page.getByRole("main");
  await expect(main).toContainText(/Checked in this browser: block [\d,]+ and those before it are final/);
  await expect(main).toContainText(world.networkKey.slice(0, 10));
  const strip = page.getByRole("list", { name: "Newest blocks" }).getByRole("listitem");
  await expect(strip.filter({ has: page.getByTitle("Checked in this browser") }).nth(8)).toBeVisible();
  await expectAccessible(page);
  await page.goto("/network");
  await expect(main).toContainText("Kept by this browser since");
  await expect(page.locator("[data-fault]")).toHaveCount(0);
});

test("a head that the network did not make final is called out, on every page", async ({ page }) => {
  await answering(page, "commonhold_getCertificate", (result) => {
    result["header"] = changed(String(result["header"]), 200);
  });
  await page.goto("/");
  const notice = page.locator('[data-fault="lie"]');
  await expect(notice).toContainText("This node lies.");
  await expect(notice).toContainText("the certificate is of another block");
  await expect(page.getByText("This browser could not confirm what this node shows")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Members" }).first().click();
  await expect(page.getByRole("heading", { name: "Members", level: 1 })).toBeVisible();
  await expect(notice).toBeVisible();
});

test("a certificate that is not the network's is called out", async ({ page }) => {
  await answering(page, "commonhold_getCertificate", (result) => {
    result["certificate"] = changed(String(result["certificate"]), String(result["certificate"]).length - 3);
  });
  await page.goto("/");
  await expect(page.locator('[data-fault="lie"]')).toContainText("did not make the certificate");
});

test("a block that is not the final one of its height is called out", async ({ page }) => {
  await page.route("**/api/blocks?*", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    answer.blocks[2].stateRoot = changed(answer.blocks[2].stateRoot, 9);
    return route.fulfill({ response, json: answer });
  });
  await page.goto("/");
  await expect(page.locator('[data-fault="shown"]')).toContainText(
    "that is not the one that the network made final",
  );
});

/** What the browser kept when it was here before; it keeps what it finds from then on. */
async function kept(page: Page, what: object) {
  await page.addInitScript((text) => {
    if (sessionStorage.getItem("been here")) return;
    sessionStorage.setItem("been here", "yes");
    localStorage.setItem("commonhold.network", text);
  }, JSON.stringify(what));
}

test("another network than before is called out, and taken when one says so", async ({ page }) => {
  await kept(page, { key: changed(world.networkKey, 20), since: 1 });
  await page.goto("/network");
  await expect(page.locator('[data-fault="network"]')).toContainText("This is another network.");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Take the new network's key" }).click();
  await expect(page.getByRole("main")).toContainText("Kept by this browser since");
  await expect(page.locator("[data-fault]")).toHaveCount(0);
});

test("a node that is behind what the browser saw before is called out", async ({ page }) => {
  const { genesis } = await (await page.request.get(`${origin}/api/network`)).json();
  const seen = { number: 1e9, hash: "0x01", timeMs: 4e12, genesis };
  await kept(page, { key: world.networkKey, since: 1, seen });
  await page.goto("/");
  await expect(page.locator('[data-fault="behind"]')).toContainText("This node is behind.");
});
