import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { toast } from '../../../editor/actions'
import { singleKeysOn } from '../../../editor/commands'
import { BOOT, editor, useEditor } from '../../../editor/store'
import { shortcutKeys } from '../../../frame/press'
import { stageOf } from '../../../graph/documentReaders'
import { setArgument } from '../../../graph/edits/fields'
import { parameterValue } from '../../../graph/sockets'
import { ToolDialog } from '../../../parts/mediaTool/ToolDialog'
import type { Size } from '../../../parts/mediaTool/view'
import type { Source } from '../../../run/source'
import { useFound } from '../../../run/source'
import { startUpload, type Upload } from '../../../uploads/upload'
import { pickUpload } from '../../media/picked'
import { perform } from '../../perform'
import type { ByHandProps } from '../control'
import { useEditMedium } from '../editMedium'
import { NoSource } from '../NoSource'
import { encodeMask, type MaskKind, readMask } from './encode'
import { keepMask } from './keep'
import { MaskPanel } from './MaskPanel'
import { Painting, usePainted } from './Painting'
import { Paint } from './paint'
import { emptyPlane, featherEdges, type Plane } from './plane'
import { Strokes } from './strokes'
import { type Brush, FIRST_BRUSH, nextSize, type Shape } from './tools'

/** Masks that are not used yet, by stage and argument: closing the dialog loses nothing. */
const drafts = new Map<string, Paint>()
/** Larger pictures are painted on at a smaller size; their mask has theirs all the same. */
const MOST_PIXELS = 4_000_000
const TITLE = 'Draw mask'

/** Paint the area of an image or a video that a stage changes. */
export function MaskTool({ node, tool, argument, onClose }: ByHandProps) {
  const picture = tool.ports[0]
  const work = useEditMedium(node, tool, picture?.name ?? '')
  const { source, lack } = work.result
  const kind = picture?.kind === 'video' ? 'video' : 'image'
  if (!source)
    return (
      <ToolDialog title={TITLE} onClose={onClose}>
        {lack && <NoSource lack={lack} kind={kind} onPick={work.choose} />}
      </ToolDialog>
    )
  return <Mask {...{ node, tool, argument, onClose, source }} key={source.url} />
}

function Mask({ node, tool, argument, onClose, source }: ByHandProps & { source: Source }) {
  const kind: MaskKind = tool.name === 'video_to_video' ? 'white' : 'hole'
  const place = `${BOOT.templateId}/${node}/${argument}`
  const [brush, setBrush] = useState<Brush>(FIRST_BRUSH)
  const [problem, setProblem] = useState('')
  const earlier = useFound(node, argument).source
  const { size, paint, begin } = usePainting(place, kind, earlier, setProblem)
  usePainted(paint)
  const { progress, save } = useSaving({ node, tool, argument, kind, onProblem: setProblem })
  const use = async () => {
    if (!paint || !size || progress !== undefined || !(await save(paint, size))) return
    drafts.delete(place)
    onClose()
    tell(node)
  }
  const share = paint?.share ?? 0
  const whyNot = !paint ? `Loading ${source.kind}…` : share === 0 ? 'Nothing painted yet.' : ''
  const onKey = (event: KeyboardEvent) => {
    if (paint && byKey(event, paint, brush, setBrush)) event.preventDefault()
  }
  return (
    <ToolDialog
      title={TITLE}
      about={
        kind === 'hole'
          ? 'Paint the area to change. The rest stays the same.'
          : 'Paint the area to change throughout the video.'
      }
      onKey={onKey}
      onClose={onClose}
      foot={
        <>
          <span className="tool-said" role="status">
            {problem ? (
              <span className="help-bad">{problem}</span>
            ) : progress !== undefined ? (
              'Saving mask…'
            ) : (
              `${percent(share)} of the ${source.kind === 'video' ? 'frame' : 'image'}`
            )}
          </span>
          <button type="button" className="btn" onClick={onClose}>
            Close
          </button>
          <button
            type="button"
            className="btn btn-ink"
            aria-disabled={whyNot !== '' || undefined}
            aria-busy={progress !== undefined || undefined}
            title={whyNot || undefined}
            onClick={() => whyNot === '' && void use()}
          >
            Use mask
          </button>
        </>
      }
    >
      <div className="tool-split">
        <Painting source={source} size={size} onSize={begin} paint={paint} brush={brush} />
        {paint && size && <MaskPanel size={size} paint={paint} brush={brush} onBrush={setBrush} />}
      </div>
    </ToolDialog>
  )
}

/** Return the mask of a picture of some size: one that was not used yet, else the present one. */
function usePainting(
  place: string,
  kind: MaskKind,
  earlier: Source | null,
  onProblem: (words: string) => void,
) {
  const [size, setSize] = useState<Size | null>(null)
  const [paint, setPaint] = useState<Paint | null>(null)
  const begin = (found: Size) => {
    setSize(found)
    const ratio = Math.min(1, Math.sqrt(MOST_PIXELS / (found.width * found.height)))
    const width = Math.max(1, Math.round(found.width * ratio))
    const height = Math.max(1, Math.round(found.height * ratio))
    const start = (plane: Plane) => {
      const fresh = new Paint(new Strokes(plane), width / found.width)
      fresh.subscribe(() => drafts.set(place, fresh))
      setPaint(fresh)
    }
    const draft = drafts.get(place)
    if (draft?.plane.width === width && draft.plane.height === height) setPaint(draft)
    else if (earlier)
      readEarlier(earlier.url, { width, height }, kind).then(start, () => {
        onProblem("Couldn't load the earlier mask. Your new one replaces it.")
        start(emptyPlane(width, height))
      })
    else start(emptyPlane(width, height))
  }
  return { size, paint, begin }
}

interface Saving extends Omit<ByHandProps, 'onClose'> {
  kind: MaskKind
  onProblem: (words: string) => void
}

/** The mask as a file that the stage gets. progress: undefined while none is saved. */
function useSaving({ node, tool, argument, kind, onProblem }: Saving) {
  const [progress, setProgress] = useState<number | null | undefined>(undefined)
  const upload = useRef<Upload | null>(null)
  const title = useEditor((state) => state.wiring.nodes.get(node)?.title ?? tool.title)
  useEffect(() => () => upload.current?.stop(), [])
  const save = async (paint: Paint, size: Size): Promise<boolean> => {
    onProblem('')
    setProgress(null)
    try {
      const soft = featherEdges(paint.plane, paint.feather * paint.ratio)
      const blob = await encodeMask(soft, size, kind)
      const file = new File([blob], `${fileName(title)}-mask.png`, { type: 'image/png' })
      upload.current = startUpload(file, 'image', setProgress)
      const medium = pickUpload(await upload.current.done)
      const port = tool.ports.find((one) => one.name === argument)
      if (port) perform(keepMask(editor().doc, editor().tools, node, port, medium))
      return true
    } catch (failure) {
      onProblem(failure instanceof Error ? failure.message : "Couldn't save the mask.")
      setProgress(undefined)
      return false
    } finally {
      upload.current = null
    }
  }
  return { progress, save }
}

const SHAPE_KEYS: Readonly<Record<string, Shape>> = {
  b: 'brush',
  e: 'eraser',
  l: 'lasso',
  r: 'rectangle',
}

/** Do a key's action on a mask; return false if it has none. */
function byKey(
  event: KeyboardEvent,
  paint: Paint,
  brush: Brush,
  onBrush: (brush: Brush) => void,
): boolean {
  return shortcutKeys(event).some((key) => {
    if (event.ctrlKey || event.metaKey) {
      if (key === 'z' && !event.shiftKey) paint.undo()
      else if (key === 'z' || key === 'y') paint.redo()
      else return false
      return true
    }
    const shape = SHAPE_KEYS[key]
    if (event.altKey || !singleKeysOn()) return false
    if (key === '[' || key === ']') onBrush({ ...brush, size: nextSize(brush.size, key === ']') })
    else if (shape) onBrush({ ...brush, shape })
    else return false
    return true
  })
}

/** Say that the mask is saved, or, for video that is remade, that it needs another mode. */
function tell(node: string): void {
  const { doc, tools } = editor()
  const stage = stageOf(doc, node)
  const tool = tools.get(stage.tool)
  const mode = tool?.name === 'video_to_video' && parameterValue('controlMode', tool, stage, tools)
  if (!mode || mode === 'inpaint') toast('Mask saved for the next run.')
  else
    toast('Masks only work in inpaint mode.', {
      label: 'Switch',
      run: () => perform(setArgument(editor().doc, node, 'controlMode', 'inpaint')),
    })
}

async function readEarlier(url: string, size: Size, kind: MaskKind): Promise<Plane> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`Something went wrong (${answer.status}).`)
  const picture = await createImageBitmap(await answer.blob())
  const canvas = new OffscreenCanvas(size.width, size.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error("Your browser can't draw masks.")
  context.drawImage(picture, 0, 0, size.width, size.height)
  return readMask(context.getImageData(0, 0, size.width, size.height).data, size, kind)
}

export function percent(part: number): string {
  if (part > 0 && part < 0.001) return 'Less than 0.1%'
  const value = part * 100
  return `${value === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)}%`
}

function fileName(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'image'
}
