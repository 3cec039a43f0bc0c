import { Mail, UserMinus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { People } from '../api/schema'
import { closeDialog } from '../editor/actions'
import { api } from '../editor/api'
import { GIVEN, type Role } from '../editor/roles'
import { saveNow, stopListening } from '../editor/session'
import { useEditor } from '../editor/store'
import { listed } from '../graph/words'
import { Avatar } from '../parts/Avatar'
import { Dialog } from '../parts/Dialog'

const NO_ONE: People = { people: [], invited: [], opens: [] }

/** The people of a template, and what the server is asked to change about them. */
function usePeople(id: string) {
  const [{ people, invited, opens }, setPeople] = useState<People>(NO_ONE)
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  const first = useRef<AbortController>(null)
  useEffect(() => {
    const request = new AbortController()
    first.current = request
    api
      .people(id, { signal: request.signal })
      .then(setPeople)
      .catch((error: Error) => !request.signal.aborted && setProblem(error.message))
    return () => request.abort()
  }, [id])
  const ask = async (call: () => Promise<People | null>) => {
    setBusy(true)
    setProblem('')
    try {
      const answer = await call()
      // The list from before must not arrive after the one of the change.
      first.current?.abort()
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
  const take = (username: string) => ask(() => api.removePerson(id, username))
  return {
    people,
    invited,
    opens,
    problem,
    isBusy,
    /** Invite someone, or change the role of one who is here. Answers whether that was possible. */
    give: (username: string, role: Role) => ask(() => api.invite(id, username, role)),
    take,
    leave: async (username: string) => {
      const listenAgain = stopListening()
      if (!(await take(username))) listenAgain()
    },
  }
}

type Shared = ReturnType<typeof usePeople>

/** The people who work on this. Only the owner invites people; they accept at My templates. */
export function ShareDialog() {
  const id = useEditor((state) => state.boot.templateId)
  const isOwner = useEditor((state) => state.template.isOwner)
  const shared = usePeople(id)
  return (
    <Dialog title="Share this draft" className="dialog-share">
      <p>
        Everyone here sees the draft and each other’s runs. The one who starts a run pays for it.
        {isOwner && ' Only you can publish.'}
      </p>
      <ul className="people">
        {shared.people.map((person) => (
          <PersonRow key={person.id} person={person} shared={shared} isOwner={isOwner} />
        ))}
        {shared.invited.map((one) => (
          <InvitedRow key={one.username} one={one} shared={shared} />
        ))}
      </ul>
      {isOwner && <InviteForm shared={shared} />}
      <p id="share-problem" className="help help-bad" role="alert">
        {shared.problem}
      </p>
      <div className="row">
        {isOwner && (
          <a
            className="btn btn-bare"
            href={`/t/${encodeURIComponent(id)}/app`}
            onClick={goWhenSaved}
          >
            Share as an app
          </a>
        )}
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

/** The page of the link saves the draft as a version: as the server has it. */
async function goWhenSaved(event: React.MouseEvent<HTMLAnchorElement>): Promise<void> {
  const { href } = event.currentTarget
  event.preventDefault()
  await saveNow()
  location.assign(href)
}

interface PersonProps {
  person: People['people'][number]
  shared: Shared
  isOwner: boolean
}

function PersonRow({ person, shared, isOwner }: PersonProps) {
  const { isBusy, give, take, leave } = shared
  const isMe = useEditor((state) => state.boot.me.id === person.id)
  const isFirst = person.role === 'owner'
  return (
    <li className="row">
      <Avatar name={person.name} hue={person.hue} size="l" />
      <span className="grow clip">
        {person.name}
        {isMe && ' (you)'}{' '}
        {person.username !== person.name && <span className="faint">{person.username}</span>}
      </span>
      {isOwner && !isFirst ? (
        <RoleSelect
          label={`Role of ${person.name}`}
          value={person.role}
          isBusy={isBusy}
          onPick={(given) => void give(person.username, given)}
        />
      ) : (
        <span className="faint">{LABELS[person.role]}</span>
      )}
      {!isFirst && (isOwner || isMe) && (
        <Remove
          label={isMe ? 'Leave' : `Remove ${person.name}`}
          words={isMe ? 'Leave' : ''}
          isBusy={isBusy}
          onPress={() => void (isMe ? leave : take)(person.username)}
        />
      )}
    </li>
  )
}

function InvitedRow({ one, shared }: { one: People['invited'][number]; shared: Shared }) {
  const { isBusy, give, take } = shared
  return (
    <li className="row">
      <span className="avatar avatar-l is-invited" aria-hidden>
        <Mail className="i" />
      </span>
      <span className="grow clip">
        {one.username} <span className="faint">Invited</span>
      </span>
      <RoleSelect
        label={`Role offered to ${one.username}`}
        value={one.role}
        isBusy={isBusy}
        onPick={(given) => void give(one.username, given)}
      />
      <Remove
        label={`Withdraw ${one.username}'s invitation`}
        words=""
        isBusy={isBusy}
        onPress={() => void take(one.username)}
      />
    </li>
  )
}

function InviteForm({ shared: { isBusy, problem, opens, give } }: { shared: Shared }) {
  const template = useEditor((state) => state.template.name)
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('editor')
  const invite = async (event: React.FormEvent) => {
    event.preventDefault()
    if (name.trim() && (await give(name.trim(), role))) setName('')
  }
  return (
    <>
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
        <RoleSelect label="Role" value={role} isBusy={isBusy} onPick={setRole} />
        <button type="submit" className="btn btn-ink" disabled={isBusy || !name.trim()}>
          Invite
        </button>
      </form>
      <p className="help">
        {GIVEN.find((one) => one.role === role)?.help}. They accept the invitation in My templates.
      </p>
      {opens.length > 0 && (
        <p className="help">
          Everyone who works on “{template}” will be able to open {listed(opens)}, which{' '}
          {opens.length === 1 ? 'is' : 'are'} private.
        </p>
      )}
    </>
  )
}

const LABELS: Readonly<Record<Role, string>> = {
  owner: 'Owner',
  editor: 'Editor',
  commenter: 'Commenter',
  viewer: 'Viewer',
}

interface RoleSelectProps {
  label: string
  value: Role
  isBusy: boolean
  onPick: (role: Role) => void
}

function RoleSelect({ label, value, isBusy, onPick }: RoleSelectProps) {
  return (
    <select
      className="input role-select"
      aria-label={label}
      value={value}
      disabled={isBusy}
      onChange={(event) => onPick(event.target.value as Role)}
    >
      {GIVEN.map((one) => (
        <option key={one.role} value={one.role} title={one.help}>
          {one.label}
        </option>
      ))}
    </select>
  )
}

interface RemoveProps {
  label: string
  words: string
  isBusy: boolean
  onPress: () => void
}

function Remove({ label, words, isBusy, onPress }: RemoveProps) {
  return (
    <button
      type="button"
      className={`btn btn-s btn-bare${words ? '' : ' btn-icon'}`}
      aria-label={label}
      title={label}
      disabled={isBusy}
      onClick={onPress}
    >
      <UserMinus className="i" aria-hidden />
      {words}
    </button>
  )
}
