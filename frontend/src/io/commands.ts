import { open } from '../editor/actions'
import { register } from '../editor/commands'
import { type EditorState, editor, useEditor, whyViewOnly } from '../editor/store'
import { Deferred } from '../parts/fetching'
import { onDemand } from '../parts/onDemand'
import type { Scheme } from './colours'
import { listenForFiles } from './drop'

function isEmpty({ doc }: EditorState): string | null {
  return doc.stages.order.length + doc.inputs.order.length > 0 ? null : 'Nothing to export.'
}

const draw = onDemand(new Deferred(() => import('./export')), 'Export')

const SCHEMES: readonly [Scheme | null, string][] = [
  [null, ''],
  ['light', ', light'],
  ['dark', ', dark'],
]

register(
  {
    id: 'import',
    label: 'Import a template',
    group: 'Template',
    keys: ['Ctrl+O'],
    not: whyViewOnly,
    run: () => open({ name: 'import' }),
  },
  {
    id: 'export-json',
    label: 'Export as JSON',
    group: 'Template',
    run: () => draw((drawn) => drawn.exportJson()),
  },
  ...SCHEMES.flatMap(([scheme, words]) => [
    {
      id: `export-svg${scheme ? `-${scheme}` : ''}`,
      label: `Export as SVG${words}`,
      group: 'Template' as const,
      not: isEmpty,
      run: () => draw((drawn) => drawn.exportSvg(scheme)),
    },
    {
      id: `export-png${scheme ? `-${scheme}` : ''}`,
      label: `Export as PNG${words}`,
      group: 'Template' as const,
      not: isEmpty,
      run: () => draw((drawn) => drawn.exportPng(scheme)),
    },
  ]),
)

if (typeof document !== 'undefined') {
  listenForFiles()
  openAsAsked()
}

/** `#import`, as the page of my templates links to: open the import with the editor. */
function openAsAsked(): void {
  if (location.hash !== '#import') return
  history.replaceState(null, '', location.pathname + location.search)
  const leave = useEditor.subscribe(({ phase }) => {
    if (phase !== 'open') return
    leave()
    if (editor().canEdit) open({ name: 'import' })
  })
}
