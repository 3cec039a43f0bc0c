import { BookMarked, Globe, Layers2 } from 'lucide-react'
import { open } from '../editor/actions'
import { register } from '../editor/commands'
import type { EditorState } from '../editor/store'

function onlyEditors({ canEdit, boot }: EditorState): string | null {
  return canEdit ? null : `Only ${boot.owner} can change this.`
}

register(
  {
    id: 'save',
    label: 'Save as version',
    group: 'Versions',
    icon: BookMarked,
    keys: ['Ctrl+S'],
    inFields: true,
    not: onlyEditors,
    run: () => open({ name: 'save' }),
  },
  {
    id: 'versions',
    label: 'Versions',
    group: 'Versions',
    icon: Layers2,
    not: onlyEditors,
    run: () => open({ name: 'versions' }),
  },
  {
    id: 'publish',
    label: 'Publish',
    group: 'Versions',
    icon: Globe,
    not: (state) => (state.template.isOwner ? null : `Only ${state.boot.owner} publishes it.`),
    run: () => open({ name: 'publish' }),
  },
)
