import { ApiError, UNREACHABLE } from '../../api/http'
import type { Turn } from '../../api/schema'
import { toast } from '../../frame/toasts'
import { inputOf, type Reply } from '../../run/shared/replies'
import type { Link } from '../turn/PhoneLink'
import { TurnCard } from '../turn/TurnCard'
import { api, refresh, runAddress, signIn } from './follow'
import { usePage } from './store'

/** Everything the run asks. */
export function Turns() {
  const turns = usePage((state) => state.run.page.turns)
  const mayAct = usePage((state) => state.run.page.actions.mayAct)
  if (!mayAct) return null
  return (
    <>
      {turns.map((turn) => (
        <TurnCard
          key={turn.id}
          turn={turn}
          action={runAddress('answer')}
          onReply={(reply) => answer(turn, reply)}
          link={{ address: runAddress('answer-link'), make: () => makeLink(turn) }}
        />
      ))}
    </>
  )
}

async function answer(turn: Turn, reply: Reply): Promise<void> {
  const body = inputOf(turn, reply)
  await answerOf(() => api.call(runAddress('answer'), { method: 'POST', body }))
  refresh()
}

async function makeLink(turn: Turn): Promise<Link | null> {
  const body = { waitId: turn.id }
  const answer = await answerOf(() =>
    api.call<{ data: Link }>(runAddress('answer-link'), { method: 'POST', body }),
  )
  return answer?.data ?? null
}

/** Return the server's answer; null when it refused, or when it was not reached. */
async function answerOf<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (problem) {
    if (!(problem instanceof ApiError))
      toast(`${UNREACHABLE} Your answer is kept here: send it again.`, 'error')
    else if (problem.status === 401) signIn()
    else toast(problem.message, 'error')
    return null
  }
}
