/** The tools a stage may name, found by any spelling a template may use. Twin of tools/declaration/ports.py. */

import type { MediaKind, Tool, ToolParameter, ToolPort, Use } from '../api/schema'

/** The port or parameter of an argument. name: its declared spelling. Both null: unknown. */
export interface Argument {
  readonly name: string
  readonly port: ToolPort | null
  readonly parameter: ToolParameter | null
}

/** The beginning of a stage's name for a template: `template:<id>@<version>`. */
const TEMPLATE = 'template:'

export class ToolTable {
  readonly all: readonly Tool[]
  /** Templates that stages may be, by reference. They are in no list of tools. */
  readonly uses: ReadonlyMap<string, Use>
  private readonly byName: ReadonlyMap<string, Tool>
  private readonly forms = new Map<Tool, ReadonlyMap<string, Argument>>()

  constructor(tools: readonly Tool[], uses: readonly Use[] = []) {
    this.all = tools
    this.uses = new Map(uses.map((use) => [use.reference, use]))
    this.byName = new Map(tools.map((tool) => [tool.name, tool]))
  }

  /** The table with further templates, and with what is newly known of others. */
  withUses(uses: readonly Use[]): ToolTable {
    return new ToolTable(this.all, [...this.uses.values(), ...uses])
  }

  /** A tool as a stage writes it; the `sogni_` prefix is always optional. */
  get(name: string): Tool | null {
    if (isTemplate(name)) return this.use(name)?.tool ?? null
    return this.byName.get(name.startsWith('sogni_') ? name.slice(6) : name) ?? null
  }

  /** The template that a stage is by its tool; null: none, or one that is not available here. */
  use(name: string): Use | null {
    return this.uses.get(name) ?? null
  }

  argument(tool: Tool, argument: string): Argument {
    return this.form(tool).get(argument) ?? { name: argument, port: null, parameter: null }
  }

  /** The port an argument fills, in any spelling. */
  port(tool: Tool, argument: string): ToolPort | null {
    return this.argument(tool, argument).port
  }

  /** The parameter an argument sets, in any spelling. */
  parameter(tool: Tool, argument: string): ToolParameter | null {
    return this.argument(tool, argument).parameter
  }

  /** Tools whose result is this kind. */
  makers(kind: MediaKind): Tool[] {
    return this.all.filter((tool) => tool.output === kind)
  }

  private form(tool: Tool): ReadonlyMap<string, Argument> {
    const cachedForms = this.forms.get(tool)
    if (cachedForms) return cachedForms
    const form = new Map<string, Argument>()
    const add = (spelled: string, found: Argument) => {
      if (!form.has(spelled)) form.set(spelled, found)
    }
    // A declared name wins over another's alias, and a parameter over a file.
    for (const parameter of tool.parameters)
      add(parameter.name, { name: parameter.name, port: null, parameter })
    for (const parameter of tool.parameters)
      for (const name of [parameter.name, ...parameter.spellings])
        for (const spelling of spellings(name))
          add(spelling, { name: parameter.name, port: null, parameter })
    for (const port of tool.ports)
      for (const name of [port.argument, ...port.spellings])
        for (const spelling of spellings(name)) add(spelling, { name: name, port, parameter: null })
    this.forms.set(tool, form)
    return form
  }
}

/** An argument as people may write it: as declared, in camel case, in snake case. */
export function spellings(name: string): string[] {
  const snake = toSnake(name)
  return [...new Set([name, toWire(snake), snake])]
}

/** `negative_prompt` → `negativePrompt`. */
export function toWire(name: string): string {
  const [head = '', ...tail] = name.split('_')
  return head + tail.map(capitalize).join('')
}

/** `negativePrompt` → `negative_prompt`. */
export function toSnake(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase()
}

/** Return true if a stage of this tool is a template. */
export function isTemplate(tool: string): boolean {
  return tool.startsWith(TEMPLATE)
}

/** Return true if an argument of a port carries several media: twin of `Port.is_list`. */
export function isListArgument(port: ToolPort | null | undefined, argument: string): boolean {
  // An input of a template has any name: there the port says it.
  const isNamed = port == null || port.isList === hasListEnding(port.argument)
  return isNamed ? hasListEnding(argument) : port.isList
}

function hasListEnding(argument: string): boolean {
  return /(indices|urls)$/i.test(argument)
}

/** The parameter that carries a tool's words: `prompt`, else the first text it must have. */
export function mainText(tool: Tool): ToolParameter | null {
  const isText = (parameter: ToolParameter) =>
    parameter.schema.type === 'string' && !Array.isArray(parameter.schema.enum)
  return (
    tool.parameters.find((parameter) => parameter.name === 'prompt') ??
    tool.parameters.find((parameter) => parameter.isRequired && isText(parameter)) ??
    null
  )
}

function capitalize(part: string): string {
  return part
    .toLowerCase()
    .replace(/\p{L}+/gu, (word) => word.slice(0, 1).toUpperCase() + word.slice(1))
}
