/** The raw files of a fibre, each held against its fingerprint here. */
import { Badge, Card, Hash, Time } from "@commonhold/web/parts/basics";
import { Icon } from "@commonhold/web/parts/icons";
import { iso, Proof } from "@commonhold/web/parts/steps";
import { Table } from "@commonhold/web/parts/table";
import { save } from "@commonhold/web/text/csv";
import { plain } from "@commonhold/web/text/safe";
import type { Deal } from "./book";
import type { Attempt, Piece } from "./evidence";
import { isSite } from "./Orders";
import { strings } from "./strings";
import type { Read } from "./Traces";
import { bits, text } from "./words";

const t = strings.fibre;

const WEIGHTS = ["good", "wait", "bad"] as const;

/** What is wrong with a file, in words; nothing where it is read. */
function wrong(read: Read | undefined): string | undefined {
  if (read === undefined || read === "loading") return undefined;
  if (read === "failed") return t.notDrawn;
  if (read.is === "changed") return t.changed;
  if (read.is === "absent") return t.absent;
  return read.is === "unreadable" ? t.unreadable[read.error.why]?.(plain(read.error.what, 40)) : undefined;
}

export function Files({
  attempt,
  reads,
  order,
}: {
  attempt: Attempt;
  reads: Map<string, Read>;
  order: Deal["orders"][number];
}) {
  const ending = isSite(order.design) ? "s1p" : "sor";
  const what = (piece: Piece) =>
    isSite(order.design)
      ? t.sweep
      : t.fileOf(order.design.wavelengths[piece.slot >> 1] ?? 0, piece.slot & 1 ? "B" : "A");
  const readOf = (piece: Piece) => reads.get(String(piece.number));
  const serial = (piece: Piece) => {
    const known = order.design.instruments.find((one) => one.device === piece.device);
    return known ? text(known.serial) : "";
  };
  const findings = (piece: Piece) => bits(piece.findings).map((bit) => t.findings[bit] ?? strings.unknown);
  return (
    <Card title={t.evidence}>
      <p className="muted">{t.evidenceText}</p>
      <Table
        caption={t.evidence}
        rows={attempt.pieces}
        id={(piece) => String(piece.number)}
        empty={{ title: t.evidenceNone, text: t.evidenceNoneText }}
        columns={[
          {
            head: t.file,
            cell: (piece) => (
              <>
                {what(piece)}
                <span className="why">{serial(piece)}</span>
              </>
            ),
            text: (piece) => `${what(piece)} ${serial(piece)}`,
          },
          {
            head: t.found,
            cell: (piece) => (
              <>
                <Badge tone={WEIGHTS[piece.weight] ?? "bad"}>
                  {t.weights[piece.weight] ?? strings.unknown}
                </Badge>
                {piece.findings !== 0 && <span className="why">{findings(piece).join(", ")}</span>}
              </>
            ),
            text: (piece) => [t.weights[piece.weight], ...findings(piece)].join(": "),
          },
          {
            head: t.measured,
            cell: (piece) => <Time ms={Number(piece.time) * 1000} />,
            text: (piece) => iso(piece.time),
            wide: true,
          },
          {
            head: t.check,
            cell: (piece) => {
              const read = readOf(piece);
              const problem = wrong(read);
              if (problem) return <span className="error">{problem}</span>;
              if (typeof read !== "object") return <span className="muted">…</span>;
              return (
                <>
                  <Badge tone="good" icon="check">
                    {t.checked}
                  </Badge>{" "}
                  <Hash value={piece.file} what={t.check} />
                </>
              );
            },
            text: (piece) => piece.file,
            wide: true,
          },
          {
            head: t.save,
            cell: (piece) => {
              const read = readOf(piece);
              if (typeof read !== "object" || !("bytes" in read)) return <span className="muted">–</span>;
              return (
                <button
                  type="button"
                  className="button small"
                  aria-label={t.saveOf(what(piece))}
                  onClick={() =>
                    save(`evidence-${piece.number}.${ending}`, read.bytes, "application/octet-stream")
                  }
                >
                  <Icon name="download" /> {t.save}
                </button>
              );
            },
            text: (piece) => `evidence-${piece.number}.${ending}`,
          },
          {
            head: strings.transaction,
            cell: (piece) => <Proof hash={piece.transaction} what={what(piece)} />,
            text: (piece) => piece.transaction ?? "",
            wide: true,
          },
        ]}
      />
    </Card>
  );
}
