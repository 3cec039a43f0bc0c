/** What can be added that is no tool: inputs of each type, and stages that steer the others. */

import type { InputType, SocketKind } from '../api/schema'

export interface InputChoice {
  type: InputType
  title: string
  icon: string
  kind: SocketKind
}

export const INPUT_CHOICES: readonly InputChoice[] = [
  { type: 'text', title: 'Text', icon: 'text', kind: 'text' },
  { type: 'image', title: 'Image', icon: 'image', kind: 'image' },
  { type: 'video', title: 'Video', icon: 'video', kind: 'video' },
  { type: 'audio', title: 'Audio', icon: 'music', kind: 'audio' },
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
    title: 'Question',
    icon: 'hand',
    help: 'Pauses the run until someone answers.',
  },
  {
    type: 'batch',
    title: 'Repeat for each',
    icon: 'repeat',
    help: 'Runs a stage once for each item in a list.',
  },
]
