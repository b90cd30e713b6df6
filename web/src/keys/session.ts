/** Who signs on this page. */
export interface Session {
  name: string;
}

export function useSession(): Session | undefined {
  return undefined;
}
