import type { Json } from '../api/schema'
import { isObject, row } from '../document/ops'
import { editor, useEditor } from '../editor/store'
import { setFrame, setNote } from '../graph/edits/places'
import { Field } from './form/Field'
import { TextControl } from './form/TextControl'
import { PanelFrame } from './PanelFrame'
import { perform } from './perform'

const HUES = [
  { name: 'No color', hue: undefined },
  { name: 'Amber', hue: 70 },
  { name: 'Green', hue: 150 },
  { name: 'Teal', hue: 190 },
  { name: 'Blue', hue: 250 },
  { name: 'Violet', hue: 300 },
  { name: 'Red', hue: 25 },
] as const

/** A frame's title and color, or a note's words. */
export function FramePanel({ table, item }: { table: 'frames' | 'notes'; item: string }) {
  const record = useEditor((state) => row(state.doc, table, item))
  const canEdit = useEditor((state) => state.canEdit)
  const fields = isObject(record) ? record : {}
  const isFrame = table === 'frames'
  const name = isFrame ? 'title' : 'text'
  const title = isFrame ? 'Title' : 'Text'
  const write = (value: Json | undefined) => {
    const text = typeof value === 'string' ? value : ''
    const { doc } = editor()
    perform(
      isFrame ? setFrame(doc, item, { title: text }) : setNote(doc, item, { text }),
      `${table}/${item}/${name}`,
    )
  }
  return (
    <PanelFrame
      head={
        <div className="grow">
          <h2 className="clip">
            {isFrame && typeof fields.title === 'string' && fields.title
              ? fields.title
              : isFrame
                ? 'Frame'
                : 'Note'}
          </h2>
          <small>{isFrame ? 'Moves everything inside it' : "Notes don't affect runs"}</small>
        </div>
      }
    >
      <fieldset className="form" disabled={!canEdit}>
        <Field label={title} name={name}>
          {(ids) => (
            <TextControl
              schema={
                isFrame ? { type: 'string', maxLength: 120, 'x-name': true } : { type: 'string' }
              }
              slot={{ value: fields[name], write }}
              ids={ids}
              label={title}
            />
          )}
        </Field>
        {isFrame && (
          <Field label="Color" name="hue" isGroup>
            {(ids) => (
              // biome-ignore lint/a11y/useSemanticElements: the label is outside
              <div className="hues" role="group" aria-labelledby={ids.labelId}>
                {HUES.map(({ name: word, hue }) => (
                  <button
                    type="button"
                    key={word}
                    className="hue"
                    style={hue === undefined ? {} : { background: `oklch(.66 .15 ${hue})` }}
                    aria-label={word}
                    title={word}
                    aria-pressed={(fields.hue ?? undefined) === hue}
                    onClick={() => perform(setFrame(editor().doc, item, { hue }))}
                  />
                ))}
              </div>
            )}
          </Field>
        )}
      </fieldset>
    </PanelFrame>
  )
}
