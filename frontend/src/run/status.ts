/** Which runs go on. */

const UNFINISHED: readonly string[] = ['queued', 'running', 'waiting_for_user']

export function isUnfinished(run: { status: string } | null): boolean {
  return run !== null && UNFINISHED.includes(run.status)
}
