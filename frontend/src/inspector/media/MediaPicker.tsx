import { X } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import type { MediaKind } from '../../api/schema'
import { A_KIND } from '../../uploads/upload'
import { TabList } from '../TabList'
import { FromAddress } from './FromAddress'
import { FromDevice } from './FromDevice'
import { FromMine } from './FromMine'
import type { Picked } from './picked'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  onPick: (picked: Picked) => void
  onClose: () => void
}

const TABS = [
  { id: 'device', label: 'Upload' },
  { id: 'mine', label: 'My files' },
  { id: 'address', label: 'URL' },
] as const
type TabId = (typeof TABS)[number]['id']

/** A dialog to choose a file: from the device, from one's own files, or by its URL. */
export function MediaPicker({ kind, onPick, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [tab, setTab] = useState<TabId>('device')
  const [presses, setPresses] = useState(0)
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
          <h2 id={`${id}t`}>Choose {A_KIND[kind]}</h2>
          <button
            type="button"
            className="btn btn-s btn-bare btn-icon"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <X className="i" aria-hidden />
          </button>
        </header>
        <TabList
          id={id}
          label="Source"
          tabs={TABS}
          current={tab}
          onChange={setTab}
          onPress={() => setPresses(presses + 1)}
        />
        <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
          {tab === 'device' && <FromDevice kind={kind} onPick={pick} />}
          {tab === 'mine' && <FromMine kind={kind} onPick={pick} />}
          {tab === 'address' && <FromAddress kind={kind} presses={presses} onPick={pick} />}
        </div>
      </div>
    </dialog>,
    document.body,
  )
}
