/** Steps through a long list; each page of it has its own address. */
import { here, Link } from "../shell/router";
import { strings } from "../strings";

interface Props {
  /** The parameter that older pages have, and its value; none where there are none. */
  older?: { name: string; value: string } | undefined;
  /** Which parameter to leave out for the newest page; none where this is it. */
  newest?: string | undefined;
  /** Where one is. */
  text?: string | undefined;
}

export function Pager({ older, newest, text }: Props) {
  return (
    <nav className="pager" aria-label={strings.next}>
      {text && <span className="muted">{text}</span>}
      {newest && (
        <Link className="button" to={here({ [newest]: undefined })}>
          {strings.newer}
        </Link>
      )}
      {older && (
        <Link className="button" to={here({ [older.name]: older.value })}>
          {strings.older}
        </Link>
      )}
    </nav>
  );
}

/** Pages of a list that is counted from its oldest entry, the newest first. */
export function countedPage(
  total: number,
  page: number,
  size: number,
): { from: number; size: number; pages: number } {
  const end = Math.max(0, total - page * size);
  const from = Math.max(0, end - size);
  return { from, size: end - from, pages: Math.ceil(total / size) };
}

export function CountedPager({
  total,
  page,
  size,
  name,
}: {
  total: number;
  page: number;
  size: number;
  name: string;
}) {
  const pages = Math.ceil(total / size);
  if (total === 0) return null;
  if (pages <= 1) return <span className="muted">{strings.of(1, total, total)}</span>;
  const first = page * size + 1;
  return (
    <nav className="pager" aria-label={strings.next}>
      <span className="muted">{strings.of(first, Math.min(total, first + size - 1), total)}</span>
      {page > 0 && (
        <Link className="button" to={here({ [name]: page === 1 ? undefined : String(page - 1) })}>
          {strings.previous}
        </Link>
      )}
      {page + 1 < pages && (
        <Link className="button" to={here({ [name]: String(page + 1) })}>
          {strings.next}
        </Link>
      )}
    </nav>
  );
}
