import { useState } from 'react'
import { Listbox } from '../dialogs/Listbox'
import { INPUT_CHOICES } from '../graph/choices'
import { Dialog } from '../parts/Dialog'
import { best } from '../parts/matching'
import { Icon } from '../parts/ToolIcon'
import { newInput } from './rowEdits'
import { askForInput } from './state'

/** Choose what people are asked for. */
export function AddInput() {
  const [words, setWords] = useState('')
  const matches = best(INPUT_CHOICES, words, (choice) => [choice.title, choice.type])
  return (
    <Dialog
      title="Add an input"
      isBare
      className="listbox-dialog"
      onClose={() => askForInput(false)}
    >
      <Listbox
        label="Add an input"
        placeholder="What should people provide?"
        words={words}
        onWords={setWords}
        options={matches.map((choice) => ({
          id: choice.type,
          group: '',
          label: choice.title,
          icon: (
            <span className={`hue-icon hue-${choice.kind}`}>
              <Icon name={choice.icon} />
            </span>
          ),
        }))}
        onChoose={(id) => {
          const chosen = INPUT_CHOICES.find((choice) => choice.type === id)
          if (chosen) newInput(chosen.type)
        }}
        none={<>No results for “{words}”.</>}
      />
    </Dialog>
  )
}
