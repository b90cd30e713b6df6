/** The browser looks at every page: a route that is in no list of `e2e/everywhere.ts` fails here. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { nobody, people } from "../../e2e/everywhere";
import { match } from "./router";

const source = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

/** The patterns of a table of pages, as they stand in the source. */
const patterns = (path: string) =>
  [...source(path).matchAll(/\[\s*"(\/[^"]*)",\s*\(/g)].map((found) => found[1] ?? "");

const CERTIFICATE = "/energy/certificates/0/0";
const routes = [...nobody, ...Object.values(people).flat()].map(({ route }) =>
  (route === "{certificate}" ? CERTIFICATE : route).replace(/\?.*/, ""),
);

test.each([
  ["web/src/shell/routes.tsx", ""],
  ["apps/health/web/index.tsx", "/health"],
  ["apps/energy/web/index.tsx", "/energy"],
  ["apps/works/web/index.tsx", "/works"],
])("every page of %s is looked at", (path, within) => {
  const all = patterns(path);
  expect(all.length).toBeGreaterThan(10);
  const own = routes
    .filter((route) => route === within || route.startsWith(`${within}/`))
    .map((route) => `/${route.slice(within.length + 1)}`);
  // An exact pattern is of its own page; a list's page is no `:id`.
  const exact = new Set(all);
  const missing = all.filter(
    (pattern) => !own.some((route) => match(pattern, route) && (route === pattern || !exact.has(route))),
  );
  expect(missing).toEqual([]);
});
