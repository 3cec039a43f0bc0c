import { ChevronDown } from 'lucide-react'
import { useRef } from 'react'
import { commandOf, runCommand } from '../editor/commands'
import { useEditor } from '../editor/store'

/** Commands of the menu beside the name, in groups; those that no room registered are left out. */
const GROUPS = [
  ['describe', 'change'],
  ['save', 'versions', 'history'],
  ['share', 'publish', 'comments'],
  ['import', 'export-json', 'export-svg', 'export-png'],
  ['outline.toggle', 'commands', 'keys'],
]

export function TemplateMenu() {
  const id = useEditor((state) => state.boot.templateId)
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  const menu = useRef<HTMLDivElement>(null)
  const groups = GROUPS.map((group) =>
    group
      .filter((one) => one !== (isBlank ? 'change' : 'describe'))
      .map(commandOf)
      .filter((command) => command !== undefined),
  ).filter((group) => group.length > 0)
  return (
    <>
      <button
        type="button"
        className="menu-button"
        aria-label="Template menu"
        popoverTarget="template-menu"
      >
        <ChevronDown className="i i-12" aria-hidden />
      </button>
      <div id="template-menu" ref={menu} popover="auto" className="menu template-menu" role="menu">
        {groups.map((group) => (
          <div key={group[0]?.id} role="none">
            {group.map((command) => (
              <button
                key={command.id}
                type="button"
                role="menuitem"
                onClick={() => {
                  menu.current?.hidePopover()
                  runCommand(command.id)
                }}
              >
                {command.icon && <command.icon className="i" aria-hidden />}
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
      </div>
    </>
  )
}

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform)
const SIGNS: Readonly<Record<string, string>> = {
  Ctrl: IS_MAC ? '⌘' : 'Ctrl',
  Enter: '↵',
  Delete: 'Del',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
}

/** `Ctrl+Enter` as people read it on their keyboard. */
export function shownKey(key: string): string {
  // The plus sign itself is a key, too.
  return key
    .split(/(?<=.)\+/)
    .map((part) => SIGNS[part] ?? part)
    .join(' ')
}
