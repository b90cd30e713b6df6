/**
 * The applications, one line each. What is in `apps/NAME/web` is loaded when somebody goes there. The module's
 * default export is a component that gets the rest of the path; its strings are in a file of its own there.
 */
import type { ComponentType } from "react";

export interface ApplicationProps {
  /** What follows `/NAME/` in the address. */
  rest: string;
}

export interface Application {
  /** Its part of the address: `/path` and all below it. */
  path: string;
  /** As the menu names it. */
  name: string;
  load: () => Promise<{ default: ComponentType<ApplicationProps> }>;
}

export const applications: Application[] = [
  { path: "health", name: "Health", load: () => import("../../apps/health/web/index") },
  { path: "energy", name: "Energy", load: () => import("../../apps/energy/web/index") },
  { path: "works", name: "Works", load: () => import("../../apps/works/web/index") },
];
