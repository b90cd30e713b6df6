/** What every rule says of a fibre, with what is left up to the limit. */
import type { Hex } from "@commonhold/web/ledger/api";
import { Badge, Card } from "@commonhold/web/parts/basics";
import { Proof } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import type { Attempt } from "./evidence";
import { type Outcome, RULE } from "./law";
import { strings } from "./strings";
import { measure, text } from "./words";

const t = strings.fibre;

const STATUSES = ["good", "wait", "plain", "bad"] as const;

/** How much of a limit a value takes. */
function Margin({ outcome }: { outcome: Outcome }) {
  if (!outcome.measured || outcome.limit === 0n) return <span className="muted">–</span>;
  const limit = Math.abs(Number(outcome.limit));
  // What reflects less is further below zero: there the margin counts against the limit's size.
  const part = Math.max(0, Math.min(1.25, (limit - Number(outcome.margin)) / limit));
  return (
    <svg className="margin" viewBox="0 0 100 12" width="100" height="12" aria-hidden="true" focusable="false">
      <rect className="margin-all" x="0" y="3" width="80" height="6" rx="3" />
      <rect
        className={outcome.status === RULE.fail ? "margin-bad" : "margin-good"}
        x="0"
        y="3"
        width={part * 80}
        height="6"
        rx="3"
      />
      <line className="margin-limit" x1="80" x2="80" y1="0" y2="12" />
    </svg>
  );
}

export function Rules({ attempt, now }: { attempt: Attempt; now: Outcome[] }) {
  const rows: (Outcome & { transaction?: Hex })[] = attempt.outcomes.length > 0 ? attempt.outcomes : now;
  const named = (one: Outcome) => t.ruleWords[text(one.rule)] ?? text(one.rule);
  const sorted = [...rows].sort((a, b) => b.status - a.status);
  return (
    <Card title={t.rules}>
      <p className="muted">{t.rulesText}</p>
      <Table
        caption={t.rules}
        rows={sorted}
        id={(one) => `${one.rule} ${one.wavelength}`}
        empty={{ title: t.rulesNone, text: t.rulesNoneText }}
        columns={[
          {
            head: t.rule,
            cell: (one) => (
              <>
                {named(one)}
                <code className="rule-code">{text(one.rule)}</code>
              </>
            ),
            text: (one) => text(one.rule),
          },
          {
            head: t.wavelength,
            cell: (one) => (one.wavelength === 0 ? t.all : t.nm(one.wavelength)),
            text: (one) => (one.wavelength === 0 ? "" : String(one.wavelength)),
            wide: true,
          },
          {
            head: t.value,
            cell: (one) => (one.measured ? measure(one.value, text(one.unit)) : "–"),
            text: (one) => (one.measured ? String(one.value) : ""),
            right: true,
          },
          {
            head: t.limit,
            cell: (one) => measure(one.limit, text(one.unit)),
            text: (one) => String(one.limit),
            right: true,
          },
          {
            head: t.margin,
            cell: (one) =>
              one.measured ? (
                <span className={one.margin < 0n ? "left bad" : "left"}>
                  <Margin outcome={one} /> {measure(one.margin, text(one.unit))}
                </span>
              ) : (
                "–"
              ),
            text: (one) => (one.measured ? String(one.margin) : ""),
            right: true,
            wide: true,
          },
          {
            head: t.status,
            cell: (one) => (
              <Badge tone={STATUSES[one.status] ?? "plain"}>
                {t.statuses[one.status] ?? strings.unknown}
              </Badge>
            ),
            text: (one) => t.statuses[one.status] ?? "",
          },
          {
            head: strings.transaction,
            cell: (one) => <Proof hash={one.transaction} what={`${named(one)} ${one.wavelength || ""}`} />,
            text: (one) => one.transaction ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}
