/** Parts that are loaded on demand, also when the node has a newer build of the app by then. */
import { Component, type ComponentType, lazy, type ReactNode } from "react";
import { strings } from "../strings";

/** A part could not be loaded: this page is of an earlier build, or the node is away. */
export class Stale extends Error {}

export function part<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  return lazy(async () => {
    try {
      return await load();
    } catch (error) {
      throw new Stale(String(error));
    }
  });
}

interface Props {
  /** Another value begins anew, such as another page. */
  at: string;
  children: ReactNode;
}

interface State {
  error: unknown;
  at: string;
}

/** What is shown where a page failed, in the place of a blank one. */
export class Boundary extends Component<Props, State> {
  override state: State = { error: undefined, at: this.props.at };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): State {
    return props.at === state.at ? state : { error: undefined, at: props.at };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    const stale = this.state.error instanceof Stale;
    const text = stale ? strings.stale : strings.broken;
    return (
      <section className="empty" role="alert">
        <h1 tabIndex={-1}>{text.title}</h1>
        <p>{text.text}</p>
        <button type="button" className="button primary" onClick={() => window.location.reload()}>
          {text.action}
        </button>
      </section>
    );
  }
}

/** Whether the node serves another build than this page. It asks for the page and looks for its script. */
export async function isStale(): Promise<boolean> {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
  const name = script?.getAttribute("src");
  if (import.meta.env.DEV || !name) return false;
  try {
    const response = await fetch("/", { headers: { accept: "text/html" }, cache: "no-cache" });
    return response.ok && !(await response.text()).includes(name);
  } catch {
    return false;
  }
}
