import { X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import type { MediaKind } from '../../types'
import { TabList } from '../TabList'
import { FromAddress } from './FromAddress'
import { FromDevice } from './FromDevice'
import { FromMine } from './FromMine'
import type { Picked } from './picked'
import { KIND_WORDS } from './uploading'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  onPick: (picked: Picked) => void
  onClose: () => void
}

const TABS = [
  { id: 'device', label: 'Upload' },
  { id: 'mine', label: 'Mine' },
  { id: 'address', label: 'From address' },
] as const
type TabId = (typeof TABS)[number]['id']

/** A dialog that brings a medium: from the device, from what one has, or from an address. */
export function MediaPicker({ kind, onPick, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [tab, setTab] = useState<TabId>('device')
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const pick = (picked: Picked) => {
    dialog.current?.close()
    onPick(picked)
  }
  // Outside of the form it was asked from: a field's own keys and drops do not reach it.
  return createPortal(
    <dialog
      className="dialog picker"
      ref={dialog}
      aria-labelledby={`${id}t`}
      data-own-keys=""
      onClose={onClose}
    >
      <div>
        <header className="picker-head">
          <h2 id={`${id}t`}>Choose a {KIND_WORDS[kind]}</h2>
          <button
            type="button"
            className="btn btn-s btn-bare btn-icon"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <X className="i" aria-hidden />
          </button>
        </header>
        <TabList id={id} label="Where from" tabs={TABS} current={tab} onChange={setTab} />
        <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
          {tab === 'device' && <FromDevice kind={kind} onPick={pick} />}
          {tab === 'mine' && <FromMine kind={kind} onPick={pick} />}
          {tab === 'address' && <FromAddress kind={kind} onPick={pick} />}
        </div>
      </div>
    </dialog>,
    document.body,
  )
}
