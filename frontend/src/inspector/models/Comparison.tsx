import { useId, useState } from 'react'
import type { Tool } from '../../api/schema'
import type { ModelChoice } from '../../chooser/choices'
import {
  creditWords,
  inputWords,
  providerName,
  rateWords,
  secondsWords,
  takes,
} from '../../chooser/facts'
import type { ProviderChoice } from '../../chooser/providers'
import { Dialog } from '../../parts/Dialog'
import { about } from '../../run/shared/time'

interface Props {
  tool: Tool
  choices: readonly ModelChoice[]
  /** The name of the model that the stage has. */
  first: string
  onUse: (name: string) => void
  onClose: () => void
}

/** Two models side by side. */
export function Comparison({ tool, choices, first, onUse, onClose }: Props) {
  const rows = choices.filter(({ name, doer }) => doer?.facts?.name === name)
  const begin = rows.find(({ name }) => name === first) ?? rows[0]
  const other = rows.find((choice) => choice !== begin)
  const [names, setNames] = useState([begin?.name ?? '', other?.name ?? ''])
  const sides = names.map((name) => rows.find((choice) => choice.name === name))
  const id = useId()
  return (
    <Dialog title="Compare models" className="model-compare" onClose={onClose}>
      <table className="model-table">
        <thead>
          <tr>
            <td />
            {names.map((name, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: there are a first and a second.
              <th scope="col" key={at} id={`${id}${at}`}>
                <select
                  className="input"
                  aria-label={at === 0 ? 'First model' : 'Second model'}
                  value={name}
                  onChange={(event) => setNames(names.with(at, event.target.value))}
                >
                  {rows.map((choice) => (
                    <option key={choice.name} value={choice.name}>
                      {choice.title}
                    </option>
                  ))}
                </select>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rowsOf(tool, sides).map(([title, ...cells]) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              {cells.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: there are a first and a second.
                <td key={at} headers={`${id}${at}`}>
                  {cell || <span className="faint">Not known</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        {sides.map(
          (side, at) =>
            side && (
              <button
                type="button"
                className="btn"
                // biome-ignore lint/suspicious/noArrayIndexKey: there are a first and a second.
                key={at}
                onClick={() => {
                  onUse(side.name)
                  onClose()
                }}
              >
                Use {side.title}
              </button>
            ),
        )}
        <button type="button" className="btn btn-bare" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  )
}

/** Title and a cell for each side; what is known of neither is left out. */
function rowsOf(tool: Tool, sides: readonly (ModelChoice | undefined)[]): string[][] {
  const row = (title: string, words: (doer: ProviderChoice, side: ModelChoice) => string) => [
    title,
    ...sides.map((side) => (side?.doer ? words(side.doer, side) : '')),
  ]
  const isTaken = (doer: ProviderChoice, what: string) => {
    const does = takes(doer, what)
    return does === null ? '' : does ? 'Yes' : 'No'
  }
  return [
    row('Provider', providerName),
    row('Built by', ({ facts }) => facts?.by ?? ''),
    row('Price', rateWords),
    row('This stage', (doer, { cost }) => (cost === null ? '' : creditWords(doer, cost))),
    row('Length', secondsWords),
    row('Sizes', ({ facts }) => facts?.sizes.join(', ') ?? ''),
    row('Inputs', (doer) => inputWords(tool, doer) || (takes(doer, '') === null ? '' : 'None')),
    row('Sound', (doer) => isTaken(doer, 'sound')),
    row('Seed', (doer) => isTaken(doer, 'seed')),
    row('Negative prompt', (doer) => isTaken(doer, 'negative')),
    row('Usual time', ({ facts }) => (facts?.usualSeconds ? about(facts.usualSeconds) : '')),
    row('Ignores', (doer) => ignoredTitles(tool, doer)),
    row('Quality', ({ isDraft }) => (isDraft ? 'Draft' : 'Final')),
  ].filter(([, ...cells]) => cells.some(Boolean))
}

function ignoredTitles(tool: Tool, { facts }: ProviderChoice): string {
  if (!facts) return ''
  const titles = facts.ignores.map(
    (name) => tool.parameters.find((parameter) => parameter.name === name)?.title ?? name,
  )
  return titles.join(', ') || (facts.price ? 'Nothing' : '')
}
