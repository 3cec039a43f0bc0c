/** Doing once more what failed in a finished run; what is done stays. */

import { ApiError } from '../api/http'
import { say, setMode, toast } from '../editor/actions'
import { api } from '../editor/api'
import { refresh } from './lines'
import { runs } from './store'

const FAILED: readonly string[] = ['failed', 'partial_failure']

export function canTryAgain(run: { status: string; isMine: boolean } | null): boolean {
  return run?.isMine === true && FAILED.includes(run.status)
}

export async function tryAgain(): Promise<void> {
  const { run } = runs()
  if (!run || !canTryAgain(run)) return
  try {
    await api.resumeRun(run.id)
    setMode('run')
    say('Retrying failed stages.')
  } catch (problem) {
    toast(problem instanceof ApiError ? problem.message : "Can't reach the server.")
  } finally {
    refresh()
  }
}
