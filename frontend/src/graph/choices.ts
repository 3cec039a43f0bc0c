/** Choices that are no tool: inputs of each type, and stages that steer the others. */

import type { InputType, SocketKind } from '../api/schema'
import { kindOfInput } from './documentReaders'
import { KIND_NAMES } from './kinds'

export interface InputChoice {
  type: InputType
  title: string
  icon: string
  kind: SocketKind
}

/** In the order in which they are offered. */
const INPUT_ICONS: Readonly<Record<InputType, string>> = {
  text: 'text',
  image: 'image',
  video: 'video',
  audio: 'music',
  number: 'hash',
  select: 'list-checks',
  boolean: 'toggle',
}

export function inputTitle(type: InputType): string {
  return type === 'boolean' ? 'Yes or no' : KIND_NAMES[kindOfInput(type)]
}

export const INPUT_CHOICES: readonly InputChoice[] = Object.entries(INPUT_ICONS).map(
  ([name, icon]) => {
    const type = name as InputType
    return { type, icon, title: inputTitle(type), kind: kindOfInput(type) }
  },
)

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
