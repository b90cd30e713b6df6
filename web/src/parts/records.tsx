import type { ReactNode } from "react";
import type { RecordEntry } from "../ledger/api";
import { strings } from "../strings";
import * as format from "../text/format";
import { Address, RecordLink, Said, Time } from "./basics";
import { type Column, Table } from "./table";

const t = strings.records;

export function opens(record: RecordEntry): string {
  if (record.sealedKeyHash === null) return t.byOwner;
  return record.opensAt === null ? t.byNetwork : t.atTime;
}

interface Props {
  caption: string;
  rows: RecordEntry[];
  empty: { title: string; text?: ReactNode };
  pager?: ReactNode;
  /** All of one owner, who is named already. */
  owned?: boolean;
}

export function RecordTable({ caption, rows, empty, pager, owned = false }: Props) {
  const columns: Column<RecordEntry>[] = [
    { head: t.id, cell: (row) => <RecordLink id={row.id} copy={false} />, text: (row) => row.id },
    { head: t.kind, cell: (row) => <Said text={row.kind} max={40} />, text: (row) => row.kind },
    ...(owned
      ? []
      : [
          {
            head: t.owner,
            cell: (row: RecordEntry) => <Address value={row.owner} copy={false} />,
            text: (row: RecordEntry) => row.owner,
            wide: true,
          },
        ]),
    { head: t.sealed, cell: opens, text: opens, wide: true },
    {
      head: t.size,
      cell: (row) => format.bytes(row.length),
      text: (row) => String(row.length),
      right: true,
      wide: true,
    },
    {
      head: t.registered,
      cell: (row) => <Time ms={row.registeredAt * 1000} />,
      text: (row) => new Date(row.registeredAt * 1000).toISOString(),
    },
  ];
  return (
    <Table caption={caption} columns={columns} rows={rows} id={(row) => row.id} empty={empty} pager={pager} />
  );
}
