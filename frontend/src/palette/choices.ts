/** What can be added that is no tool: inputs of each type, and stages that steer the others. */

import type { InputType } from '../graph/records'
import type { SocketKind } from '../types'

export interface InputChoice {
  type: InputType
  title: string
  icon: string
  kind: SocketKind
}

export const INPUT_CHOICES: readonly InputChoice[] = [
  { type: 'text', title: 'Words', icon: 'text', kind: 'text' },
  { type: 'image', title: 'Picture', icon: 'image', kind: 'image' },
  { type: 'video', title: 'Clip', icon: 'video', kind: 'video' },
  { type: 'audio', title: 'Sound', icon: 'music', kind: 'audio' },
  { type: 'number', title: 'Number', icon: 'hash', kind: 'number' },
  { type: 'select', title: 'Choice', icon: 'list-checks', kind: 'choice' },
  { type: 'boolean', title: 'Yes or no', icon: 'toggle', kind: 'choice' },
]

export interface StageChoice {
  type: 'interactive' | 'batch'
  title: string
  icon: string
  help: string
}

export const STAGE_CHOICES: readonly StageChoice[] = [
  {
    type: 'interactive',
    title: 'Ask a person',
    icon: 'hand',
    help: 'The run waits for an answer, then goes on.',
  },
  {
    type: 'batch',
    title: 'Repeat for each',
    icon: 'repeat',
    help: 'Does one stage for every item of a list.',
  },
]
