/** Every state has an address; going somewhere is changing it. */
import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener("commonhold:go", listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener("commonhold:go", listener);
  };
}

/** Path and query, as they stand in the address bar. */
export function useHere(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname + window.location.search);
}

export function useQueryParam(name: string): string | undefined {
  const here = useHere();
  return new URLSearchParams(here.split("?")[1] ?? "").get(name) ?? undefined;
}

/** Goes to a path of this app. `replace` leaves no step behind to go back to. */
export function go(to: string, replace = false): void {
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  window.dispatchEvent(new Event("commonhold:go"));
}

/** This page with other parameters; `undefined` takes one away. */
export function here(change: Record<string, string | undefined>): string {
  const params = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  return window.location.pathname + (query ? `?${query}` : "");
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
}

/** A link within the app; with a modifier key, or to a new tab, the browser does as always. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const click = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    go(to);
  };
  return <a href={to} onClick={click} {...rest} />;
}

export type Params = Record<string, string>;

/** The parameters of a path by a pattern such as `/blocks/:id`; `undefined` where it is another's. */
export function match(pattern: string, path: string): Params | undefined {
  const wanted = pattern.split("/");
  const parts = path.replace(/\/+$/, "").split("/");
  if (path === "/") parts.push("");
  if (wanted.at(-1) !== "*" ? wanted.length !== parts.length : parts.length < wanted.length - 1)
    return undefined;
  const params: Params = {};
  for (const [at, want] of wanted.entries()) {
    const part = parts[at] ?? "";
    if (want === "*") {
      params["rest"] = parts.slice(at).join("/");
      return params;
    }
    if (want.startsWith(":")) {
      if (part === "") return undefined;
      try {
        params[want.slice(1)] = decodeURIComponent(part);
      } catch {
        return undefined;
      }
    } else if (want !== part) return undefined;
  }
  return params;
}
