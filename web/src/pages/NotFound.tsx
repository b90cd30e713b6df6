import { Title } from "../parts/basics";
import { Link } from "../shell/router";
import { strings } from "../strings";

export function NotFound() {
  return (
    <>
      <Title text={strings.notFound.title} />
      <div className="empty">
        <p>{strings.notFound.text}</p>
        <Link className="button primary" to="/">
          {strings.notFound.home}
        </Link>
      </div>
    </>
  );
}
