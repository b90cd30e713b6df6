/** The list of transactions, as every page shows it. */
import type { ReactNode } from "react";
import type { Hex, Transaction } from "../ledger/api";
import { strings } from "../strings";
import * as format from "../text/format";
import { Address, Badge, BlockLink, Time, TransactionLink } from "./basics";
import { summary, useInterfaces } from "./decoded";
import { type Column, Table } from "./table";

export type Row = Pick<
  Transaction,
  "hash" | "from" | "to" | "created" | "input" | "block" | "timeMs" | "succeeded" | "value"
>;

export function Outcome({ succeeded }: { succeeded: boolean | null }) {
  if (succeeded === null) {
    return (
      <Badge tone="wait" icon="clock">
        {strings.transactions.waits}
      </Badge>
    );
  }
  return succeeded ? (
    <Badge tone="good" icon="check">
      {strings.transactions.succeeded}
    </Badge>
  ) : (
    <Badge tone="bad" icon="cross">
      {strings.transactions.failed}
    </Badge>
  );
}

interface Props {
  caption: string;
  rows: Row[];
  empty: { title: string; text?: ReactNode };
  pager?: ReactNode;
  /** Without block and age, which are the page's. */
  inBlock?: boolean;
  /** Without what there is little room for. */
  compact?: boolean;
}

export function TransactionTable({ caption, rows, empty, pager, inBlock = false, compact = false }: Props) {
  const all = useInterfaces();
  const t = strings.transactions;
  const ends = (row: Row): Hex | null => row.to ?? row.created;
  const value: Column<Row> = {
    head: t.value,
    cell: (row) =>
      row.value === "0" ? <span className="muted">0</span> : format.decimal(BigInt(row.value), 18),
    text: (row) => format.decimal(BigInt(row.value), 18).replaceAll(",", ""),
    right: true,
    wide: true,
  };
  const block: Column<Row> = {
    head: t.block,
    cell: (row) => (row.block === null ? "" : <BlockLink number={row.block} />),
    text: (row) => String(row.block ?? ""),
    right: true,
    wide: true,
  };
  const columns: Column<Row>[] = [
    {
      head: t.hash,
      cell: (row) => <TransactionLink hash={row.hash} copy={false} />,
      text: (row) => row.hash,
    },
    {
      head: t.what,
      cell: (row) => <span className="what">{summary(all, row)}</span>,
      text: (row) => summary(all, row),
    },
    {
      head: t.from,
      cell: (row) => <Address value={row.from} copy={false} />,
      text: (row) => row.from,
      wide: true,
    },
    {
      head: t.to,
      cell: (row) => {
        const to = ends(row);
        return to ? <Address value={to} copy={false} /> : <span className="muted">{strings.none}</span>;
      },
      text: (row) => ends(row) ?? "",
      wide: true,
    },
    ...(compact ? [] : [value]),
    ...(inBlock || compact ? [] : [block]),
    ...(inBlock
      ? []
      : [
          {
            head: t.age,
            cell: (row: Row) => (row.timeMs === null ? "" : <Time ms={row.timeMs} />),
            text: (row: Row) => (row.timeMs === null ? "" : new Date(row.timeMs).toISOString()),
          },
        ]),
    {
      head: t.result,
      cell: (row) => <Outcome succeeded={row.succeeded} />,
      text: (row) => (row.succeeded === null ? t.waits : row.succeeded ? t.succeeded : t.failed),
    },
  ];
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={rows}
      id={(row) => row.hash}
      empty={empty}
      pager={pager}
    />
  );
}
