import { useState } from 'react'
import { closeDialog, focus, select } from '../editor/actions'
import { CommandIcon } from '../editor/CommandIcon'
import { allCommands, runCommand } from '../editor/commands'
import { shownKey } from '../editor/shownKey'
import { editor, useEditor } from '../editor/store'
import { INPUTS } from '../graph/documentReaders'
import { Dialog } from '../parts/Dialog'
import { best } from '../parts/matching'
import { Icon, iconOfNode } from '../parts/ToolIcon'
import { Listbox, type Option } from './Listbox'

/** Everything that can be done, and every stage, by a few letters. */
export function CommandPalette() {
  const [words, setWords] = useState('')
  const wiring = useEditor((state) => state.wiring)
  const stages: Option[] = [...wiring.nodes.values()].map((node) => ({
    id: `go:${node.id}`,
    group: 'Stages',
    label: node.title,
    icon: <Icon name={node.id === INPUTS ? 'inputs' : iconOfNode(node)} />,
    hint: <span className="faint">{node.meta}</span>,
  }))
  const commands: Option[] = allCommands()
    .filter((command) => command.id !== 'commands')
    .map((command) => ({
      id: command.id,
      group: command.group === 'Stages' ? 'Commands' : command.group,
      label: command.label,
      also: command.also,
      icon: <CommandIcon id={command.id} />,
      hint: command.keys?.[0] ? <kbd>{shownKey(command.keys[0])}</kbd> : null,
      not: command.not?.(editor()) ?? null,
    }))
  // What can be done now comes first, until words say what is wanted.
  const now = (thing: Option) => Number(Boolean(thing.not))
  const things = words
    ? [...commands, ...stages]
    : [...commands, ...stages.slice(0, 8)].sort((one, other) => now(one) - now(other))
  const matches = best(things, words, (thing) => [thing.label, thing.group, thing.also ?? ''])
  // By group, each in the order of its best member.
  const order = [...new Set(matches.map((thing) => thing.group))]
  const options = order.flatMap((group) => matches.filter((thing) => thing.group === group))
  return (
    <Dialog title="Commands" isBare className="listbox-dialog">
      <Listbox
        label="Search commands and stages"
        placeholder="Type a command"
        options={options}
        words={words}
        onWords={setWords}
        onChoose={(id) => {
          closeDialog()
          if (id.startsWith('go:')) {
            const node = id.slice(3)
            select([node])
            focus(node)
            runCommand('view.reveal')
          } else runCommand(id)
        }}
        none={<>No results for “{words}”</>}
      />
    </Dialog>
  )
}
