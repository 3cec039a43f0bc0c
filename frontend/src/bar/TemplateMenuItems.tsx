import { keptPlan } from '../describe/planRow'
import { CommandIcon } from '../editor/CommandIcon'
import { commandOf, runCommand } from '../editor/commands'
import { shownKey } from '../editor/shownKey'
import { useEditor } from '../editor/store'

/** Commands of the menu beside the name, in groups; those that no room registered are left out. */
const GROUPS = [
  ['describe', 'change', 'plan'],
  ['save', 'versions', 'history'],
  ['share', 'publish', 'comments'],
  ['run-table'],
  ['import', 'export-json', 'export-svg', 'export-png'],
  ['outline.toggle', 'commands', 'keys'],
]

export function TemplateMenuItems({ onChosen }: { onChosen: () => void }) {
  const id = useEditor((state) => state.boot.templateId)
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  const hasPlan = useEditor(({ doc }) => keptPlan(doc) !== null)
  const groups = GROUPS.map((group) =>
    group
      .filter((one) => one !== (isBlank ? 'change' : 'describe'))
      .filter((one) => one !== 'plan' || hasPlan)
      .map(commandOf)
      .filter((command) => command !== undefined),
  ).filter((group) => group.length > 0)
  return (
    <>
      {groups.map((group) => (
        <div key={group[0]?.id} role="none">
          {group.map((command) => (
            <button
              key={command.id}
              type="button"
              role="menuitem"
              onClick={() => {
                onChosen()
                runCommand(command.id)
              }}
            >
              <CommandIcon id={command.id} />
              <span className="grow">{command.label}</span>
              {command.keys?.[0] && <kbd>{shownKey(command.keys[0])}</kbd>}
            </button>
          ))}
          <hr />
        </div>
      ))}
      <a href={`/t/${encodeURIComponent(id)}`} role="menuitem">
        <span className="grow">Template page</span>
      </a>
      <a href="/me/templates" role="menuitem">
        <span className="grow">My templates</span>
      </a>
    </>
  )
}
