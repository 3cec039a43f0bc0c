import { UserMinus } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { People } from '../api/schema'
import { closeDialog } from '../editor/actions'
import { api } from '../editor/api'
import { useEditor } from '../editor/store'
import { Avatar } from '../parts/Avatar'
import { Dialog } from '../parts/Dialog'

/** Who edits this together with me. Only the owner invites people; they accept at My templates. */
export function ShareDialog() {
  const id = useEditor((state) => state.boot.templateId)
  const me = useEditor((state) => state.boot.me)
  const isOwner = useEditor((state) => state.template.isOwner)
  const [{ people, invited }, setPeople] = useState<People>({ people: [], invited: [] })
  const [name, setName] = useState('')
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    const asked = new AbortController()
    api
      .people(id, { signal: asked.signal })
      .then(setPeople)
      .catch((error: Error) => !asked.signal.aborted && setProblem(error.message))
    return () => asked.abort()
  }, [id])
  const ask = async (call: () => Promise<People | null>) => {
    setBusy(true)
    setProblem('')
    try {
      const answer = await call()
      if (answer) setPeople(answer)
      else location.assign('/me/templates')
      return true
    } catch (error) {
      setProblem((error as Error).message)
      return false
    } finally {
      setBusy(false)
    }
  }
  const invite = async (event: React.FormEvent) => {
    event.preventDefault()
    if (name.trim() && (await ask(() => api.invite(id, name.trim())))) setName('')
  }
  const [owner, ...others] = people
  return (
    <Dialog title="Share this draft">
      <p>People you invite can edit this draft with you. Only you can publish.</p>
      <ul className="people">
        {owner && (
          <li className="row">
            <Avatar name={owner.name} hue={owner.hue} size="l" />
            <span className="grow">
              {owner.name} <span className="faint">{owner.username}</span>
            </span>
            <span className="faint">Owner</span>
          </li>
        )}
        {others.map((person) => (
          <li key={person.id} className="row">
            <Avatar name={person.name} hue={person.hue} size="l" />
            <span className="grow">
              {person.name} <span className="faint">{person.username}</span>
            </span>
            {(isOwner || person.id === me.id) && (
              <button
                type="button"
                className="btn btn-s btn-bare"
                disabled={isBusy}
                onClick={() => ask(() => api.removePerson(id, person.username))}
              >
                <UserMinus className="i" aria-hidden />
                {person.id === me.id ? 'Leave' : 'Remove'}
              </button>
            )}
          </li>
        ))}
        {invited.map((username) => (
          <li key={username} className="row">
            <span className="grow">
              {username} <span className="faint">Invited, not accepted yet</span>
            </span>
            <button
              type="button"
              className="btn btn-s btn-bare"
              aria-label={`Withdraw ${username}'s invitation`}
              disabled={isBusy}
              onClick={() => ask(() => api.removePerson(id, username))}
            >
              <UserMinus className="i" aria-hidden />
              Withdraw
            </button>
          </li>
        ))}
      </ul>
      {isOwner && (
        <form onSubmit={invite} className="row share-form">
          <label className="field grow">
            <span className="label">Invite people</span>
            <input
              className="input"
              value={name}
              placeholder="Username"
              autoCapitalize="none"
              spellCheck={false}
              aria-invalid={problem ? true : undefined}
              aria-describedby="share-problem"
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <button type="submit" className="btn btn-ink" disabled={isBusy || !name.trim()}>
            Invite
          </button>
        </form>
      )}
      {isOwner && <p className="help">They accept the invitation in My templates.</p>}
      <p id="share-problem" className="help help-bad" role="alert">
        {problem}
      </p>
      <div className="row">
        <button
          type="button"
          className="btn"
          onClick={() => navigator.clipboard?.writeText(location.href)}
        >
          Copy link
        </button>
        <button type="button" className="btn" onClick={() => closeDialog()}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
