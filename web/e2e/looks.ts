/** A page in its four looks: desktop and phone, light and dark. */
import { join } from "node:path";
import { DESKTOP, expectAccessible, expectContrast, expectFits, type Page, PHONE } from "./page";

const into = new URL("../../target/web/shots/", import.meta.url).pathname;

/** Waits for what is drawn to its frame's width, and drawn anew in the next frames. */
const drawn = (page: Page) =>
  page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))),
      ),
  );

/** Looks at a page in all of them; `name` is what its pictures are called. */
export async function everyLook(page: Page, name: string): Promise<void> {
  const file = name.replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "");
  for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await drawn(page);
      await expectFits(page);
      // The strip scrolls, and its last card is cut where the screen ends: what is left of it may be small.
      const strip = size === "phone" ? '[aria-label="Newest blocks"]' : undefined;
      if (colorScheme === "light") await expectAccessible(page, strip);
      else await expectContrast(page);
      if (process.env["COMMONHOLD_SHOTS"]) {
        await page.screenshot({ path: join(into, `${file}-${size}-${colorScheme}.png`), fullPage: true });
      }
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(DESKTOP);
}
