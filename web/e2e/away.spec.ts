/** A node that goes away, and a page that is older than its node. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, world } from "./page";

test.describe("the node", () => {
  test.use({ allowed: /WebSocket|Failed to load resource|ERR_/ });

  test("is killed: the page says so, keeps what it has, and goes on when it is back", async ({ page }) => {
    const member = world.members[3];
    await page.goto(`${member?.url}/members`);
    const menu = page.getByRole("navigation", { name: "Menu" });
    await expect(menu.getByText("Live")).toBeVisible();
    await expect(page.getByRole("table")).toContainText("Member 4");
    process.kill(Number(readFileSync(join(world.network, "member-4/node.pid"), "utf8")), "SIGKILL");
    await expect(menu.getByText("Connection lost")).toBeVisible();
    await expect(page.getByRole("table")).toContainText("Member 4");
    await expect(menu.getByText("Live")).toBeVisible({ timeout: 90_000 });
  });

  test("goes away while something is signed: it is sent when it is back", async ({ page }) => {
    await page.goto("/account");
    await page.getByLabel("Name", { exact: true }).first().fill("patient");
    await page.getByLabel("Passphrase", { exact: true }).first().fill("a passphrase that is long");
    await page.getByLabel("Passphrase again").fill("a passphrase that is long");
    await page.getByRole("button", { name: "Make a key" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the recovery file" }).click(),
    ]);
    await download.path();
    await page.getByRole("button", { name: "Saved. Go on" }).click();
    await page.getByLabel("Name that others see").fill("Patience");
    await page.getByRole("button", { name: "Register" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("button", { name: "Sign" })).toBeVisible();
    let away = true;
    await page.route("**/", (route) => {
      const raw = route.request().postData()?.includes("eth_sendRawTransaction");
      return away && raw ? route.abort() : route.continue();
    });
    await dialog.getByRole("button", { name: "Sign" }).click();
    await expect(dialog).toContainText("The node went away before it answered");
    away = false;
    await expect(dialog).toContainText("Done, and final.");
  });
});

test.describe("a page of an earlier build", () => {
  test.use({ allowed: /Failed to load resource|Failed to fetch dynamically|404/ });

  test("says so where a part of it is gone, and loads again", async ({ page }) => {
    await page.goto("/");
    await page.route(/\/assets\/Stamp-.*\.js$/, (route) =>
      route.fulfill({ status: 404, body: "nothing is here" }),
    );
    await page.getByRole("link", { name: "Check a stamp" }).click();
    await expect(page.getByRole("heading", { name: "This page is from an earlier build" })).toBeVisible();
    await page.unroute(/\/assets\/Stamp-.*\.js$/);
    await page.getByRole("button", { name: "Load the page again" }).click();
    await expect(page.getByRole("heading", { name: "Check a stamp" })).toBeVisible();
  });
});
