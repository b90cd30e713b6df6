import { defineConfig } from "@playwright/test";

// The distribution's Chromium: nothing is downloaded.
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "e2e",
  outputDir: "../target/web/results",
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  reporter: [["list"]],
  // How long a busy machine may take before a test counts as hung; what is waited for is always an event.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  use: {
    viewport: { width: 1280, height: 860 },
    actionTimeout: 60_000,
    locale: "en-GB",
    timezoneId: "UTC",
    // What is looked at stands still: colours are not measured while a block slides in.
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: { executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] },
  },
});
