/** One table for all lists: a caption, columns that give way on phones, a CSV file, and only the visible rows drawn. */
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { strings } from "../strings";
import { csv, save } from "../text/csv";
import { plain } from "../text/safe";
import { Empty } from "./basics";
import { Icon } from "./icons";

export interface Column<T> {
  head: string;
  cell: (row: T) => ReactNode;
  /** As it stands in the CSV file. */
  text: (row: T) => string;
  /** Numbers stand to the right. */
  right?: boolean;
  /** Only where there is room. */
  wide?: boolean;
}

interface Props<T> {
  /** What it lists; read out, and the name of the CSV file. */
  caption: string;
  columns: Column<T>[];
  rows: T[];
  /** What the CSV file has, where that is more than the rows of this page. */
  all?: T[];
  id: (row: T) => string;
  empty: { title: string; text?: ReactNode };
  /** Buttons to other pages of the list. */
  pager?: ReactNode;
  /** Rows above which only those in sight are drawn. */
  drawn?: number;
}

/** Above this many rows a table scrolls in a frame of its own and draws what is in sight. */
const DRAWN_MAX = 150;
const ROW_HEIGHT = 41;
const MARGIN = 12;

export function Table<T>({ caption, columns, rows, all, id, empty, pager, drawn = DRAWN_MAX }: Props<T>) {
  const label = useId();
  const frame = useRef<HTMLDivElement>(null);
  const [from, setFrom] = useState(0);
  const virtual = rows.length > drawn;
  const inSight = 40;
  useEffect(() => {
    const box = frame.current;
    if (!box || !virtual) return;
    const scrolled = () => setFrom(Math.max(0, Math.floor(box.scrollTop / ROW_HEIGHT) - MARGIN));
    box.addEventListener("scroll", scrolled, { passive: true });
    return () => box.removeEventListener("scroll", scrolled);
  }, [virtual]);
  const begin = virtual ? Math.min(from, Math.max(0, rows.length - inSight)) : 0;
  const shown = virtual ? rows.slice(begin, begin + inSight + 2 * MARGIN) : rows;
  const after = rows.length - begin - shown.length;
  const download = () => {
    const lines = (all ?? rows).map((row) => columns.map((column) => plain(column.text(row))));
    const head = columns.map((column) => column.head);
    save(`${caption.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`, csv(head, lines), "text/csv");
  };
  const kind = (column: Column<T>) =>
    [column.right ? "right" : "", column.wide ? "wide" : ""].join(" ").trim() || undefined;
  if (rows.length === 0) {
    return (
      <>
        <Empty title={empty.title}>{empty.text && <p>{empty.text}</p>}</Empty>
        {pager && <div className="table-foot">{pager}</div>}
      </>
    );
  }
  return (
    <>
      <section
        ref={frame}
        className={virtual ? "scroll tall" : "scroll"}
        tabIndex={0}
        aria-labelledby={label}
      >
        <table aria-rowcount={virtual ? rows.length + 1 : undefined}>
          <caption className="sr" id={label}>
            {caption}
          </caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.head} scope="col" className={kind(column)}>
                  {column.head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {begin > 0 && (
              <tr aria-hidden="true">
                <td colSpan={columns.length} className="gap" style={{ height: begin * ROW_HEIGHT }} />
              </tr>
            )}
            {shown.map((row, at) => (
              <tr key={id(row)} aria-rowindex={virtual ? begin + at + 2 : undefined}>
                {columns.map((column) => (
                  <td key={column.head} className={kind(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
            {after > 0 && (
              <tr aria-hidden="true">
                <td colSpan={columns.length} className="gap" style={{ height: after * ROW_HEIGHT }} />
              </tr>
            )}
          </tbody>
        </table>
      </section>
      <div className="table-foot">
        {pager}
        <button
          type="button"
          className="button quiet"
          aria-label={`${strings.csv}: ${caption}`}
          onClick={download}
        >
          <Icon name="download" /> {strings.csv}
        </button>
      </div>
    </>
  );
}
