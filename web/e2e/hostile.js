// Text that somebody could put on the ledger to deceive, to break out, or to break the page.
export const hostile = {
  // As much as the ledger takes for a name: nothing hidden, and no longer than 64 bytes.
  name: '<img src=x onerror="window.broken=1"> مستشفى',
  script: '<img src=x onerror="window.broken=1"><script>window.broken=1</script>',
  right: "\u202Egnp.exe\u2066 pay \u2069me",
  hidden: "Cl\u200Bin\u2060ic\u00AD",
  pile: `Z${"\u0301".repeat(300)}`,
  long: "W".repeat(10_000),
  words: "spam ".repeat(2_000),
};
