/** Being one of the people of the samples: signing in by their recovery file, going about, signing. */
import { expect, type Page } from "@playwright/test";
import { world } from "./page";

/** Goes to a page without loading the app anew, which would lock the key. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    window.history.pushState(null, "", to);
    window.dispatchEvent(new Event("commonhold:go"));
  }, path);
  await expect(page.getByRole("main").getByText("Loading…")).toHaveCount(0);
}

/** Signs in as one of the samples' people. */
export async function signIn(page: Page, name: string): Promise<void> {
  await signInBy(page, world.people.find((one) => one.name === name)?.file ?? "");
  await expect(page.getByRole("main")).toContainText(name);
}

/** Signs in by a recovery file that the people's passphrase opens. */
export async function signInBy(page: Page, file: string): Promise<void> {
  await page.goto("/account");
  const card = page.locator("section.card").filter({ hasText: "From a recovery file" });
  await card.getByLabel("Recovery file").setInputFiles(file);
  await card.getByLabel("Passphrase").fill(world.peoplePassphrase);
  await card.getByRole("button", { name: "Take it in" }).click();
  await expect(page.getByRole("heading", { name: "Signed in" })).toBeVisible();
}

/** Reads what will happen, signs, and waits until it is final. */
export async function sign(page: Page, effect: string | RegExp, button: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(effect);
  // biome-ignore lint/performance/useDomNodeTextContent: as it is shown, without what stands behind a click
  expect(await dialog.innerText()).not.toMatch(/\b(gas|nonce|hash)\b/i);
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await expect(dialog).toContainText("Done, and final.");
  await dialog.getByRole("button", { name: "Close" }).click();
}
