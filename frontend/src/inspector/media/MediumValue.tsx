import { ImagePlus, X } from 'lucide-react'
import { useState } from 'react'
import type { Json, MediaKind } from '../../api/schema'
import { isObject } from '../../document/ops'
import { A_KIND } from '../../uploads/upload'
import type { FieldIds } from '../form/Field'
import { move, Sortable } from '../Sortable'
import { MediaPicker } from './LatePicker'
import { titleOfMedium } from './picked'
import { ValueThumb } from './Thumb'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  value: Json | undefined
  isMultiple: boolean
  ids: FieldIds
  label: string
  onChange: (value: Json | undefined) => void
}

/** A file, or several in order: looked at, replaced, taken away. */
export function MediumValue({ kind, value, isMultiple, ids, label, onChange }: Props) {
  const [isPicking, setPicking] = useState(false)
  const media = (Array.isArray(value) ? value : [value]).filter(
    (one): one is Json => one !== undefined && one !== null && one !== '',
  )
  const write = (next: Json[]) =>
    onChange(next.length === 0 ? undefined : isMultiple ? next : (next.at(-1) ?? undefined))
  return (
    // biome-ignore lint/a11y/useSemanticElements: the label is outside, as with every field
    <div
      className="rows"
      role="group"
      id={ids.id}
      aria-labelledby={ids.labelId}
      aria-describedby={ids.describedBy}
    >
      <Sortable
        keys={media.map((one, at) => `${at} ${addressOf(one)}`)}
        nameOf={(at) => `${label} ${at + 1}`}
        onMove={(from, to) => write(move(media, from, to))}
      >
        {(at) => {
          const address = addressOf(media[at] ?? null)
          return (
            <div className="input bound medium" title={address}>
              <ValueThumb value={address} />
              <b className="clip" dir="auto">
                {titleOfMedium(address)}
              </b>
              <button
                type="button"
                className="mini-btn"
                aria-label={`Remove ${titleOfMedium(address)}`}
                onClick={() => write(media.filter((_, place) => place !== at))}
              >
                <X className="i i-14" aria-hidden />
              </button>
            </div>
          )
        }}
      </Sortable>
      <button type="button" className="btn btn-s add-row" onClick={() => setPicking(true)}>
        <ImagePlus className="i i-14" aria-hidden />
        {media.length === 0
          ? `Choose ${A_KIND[kind]}`
          : isMultiple
            ? `Add ${A_KIND[kind]}`
            : 'Replace'}
        <span className="visually-hidden"> for {label}</span>
      </button>
      {isPicking && (
        <MediaPicker
          kind={kind}
          onClose={() => setPicking(false)}
          onPick={(picked) => write(isMultiple ? [...media, picked.value] : [picked.value])}
        />
      )}
    </div>
  )
}

function addressOf(value: Json): string {
  const address = isObject(value) ? value.url : value
  return typeof address === 'string' ? address : JSON.stringify(address ?? value)
}
