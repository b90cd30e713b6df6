// One page, scripts and styles with their hashes in their names: what a node embeds and serves.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where a node runs while one works on the app: `npm run dev`.
const node = process.env.COMMONHOLD_RPC ?? "http://localhost:8545";

export default defineConfig({
  plugins: [react()],
  // Applications live in apps/NAME/web; what they share with the shell is here. They find the packages by
  // the link apps/node_modules, which the Makefile makes.
  resolve: {
    alias: {
      "@commonhold/light": new URL("./light/src/index.ts", import.meta.url).pathname,
      "@commonhold/web": new URL("./src", import.meta.url).pathname,
    },
  },
  worker: { format: "es" },
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    target: "es2022",
    // The content policy has no room for what is inlined, and every browser that we serve preloads.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    license: { fileName: "licences.txt" },
  },
  server: {
    proxy: {
      "^/(api/.*|health|metrics|openapi.json)$": { target: node, changeOrigin: true },
      "^/$": {
        target: node,
        changeOrigin: true,
        bypass: (request) => (request.method === "GET" ? request.url : undefined),
      },
      "/live": { target: node, changeOrigin: true, ws: true, rewriteWsOrigin: true, rewrite: () => "/" },
    },
  },
  test: {
    include: [
      "src/**/*.test.ts",
      "src/**/*.test.tsx",
      "light/src/**/*.test.ts",
      "../apps/*/web/**/*.test.ts",
    ],
    env: { TZ: "UTC" },
    testTimeout: 120_000,
  },
});
