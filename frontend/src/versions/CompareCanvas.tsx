import { type CSSProperties, useEffect, useMemo, useRef, useState } from 'react'
import { type Sheet, sheetOf } from '../canvas/scene'
import { pressedKey } from '../frame/press'
import { BoxIndex } from '../graph/boxIndex'
import { type Box, bounds, covers } from '../graph/geometry'
import { INPUTS } from '../graph/wiring'
import { Camera, useCamera } from '../viewport/camera'
import { OnPlane } from '../viewport/OnPlane'
import { type PlacedNode, Surface } from '../viewport/Surface'
import {
  ComparedCard,
  ComparedInputs,
  ComparedSheet,
  ComparedStage,
  type NodeData,
} from './ComparedNodes'
import { ComparedWires } from './ComparedWires'
import { type Comparison, lookAt, unionNow } from './comparison'
import type { Entry, Kind } from './entries'
import { comparing, isProposal } from './store'
import type { Union } from './union'

/** Below this, or with more nodes than that below half size, nodes are plain cards. */
const FAR = 0.32
const MANY = 120
const NEAR_ENOUGH = 0.55
/** Around everything, of the smaller side. */
const MARGIN = 0.06
/** Between the dots, and their radius, in px of the plane. */
const GAP = 24
const DOT = 0.8

interface Props {
  comparison: Comparison
  current: Entry | null
}

/** Both sides as one graph, to look at. It is drawn of the same parts as the canvas. */
export function CompareCanvas({ comparison, current }: Props) {
  const [camera] = useState(() => new Camera())
  const union = unionNow(comparison)
  const isFar = useCamera(camera, ({ view: { zoom } }) => {
    return zoom < FAR || (zoom < 0.5 && union.nodes.size > MANY)
  })
  const isMeasured = useCamera(camera, (state) => state.width > 0)
  const nodes = useMemo(
    () => placedNodes(comparison, union, current, isFar),
    [comparison, union, current, isFar],
  )
  const nodesIn = useMemo(() => {
    const index = new BoxIndex(nodes.map((node) => [node, node.box]))
    return (box: Box) => index.in(box).map(([node]) => node)
  }, [nodes])
  const currentNode = current?.node ?? null
  const isFitted = useRef(false)
  const around = bounds(nodes.map(({ box }) => box))
  // Another draft of a proposal may be where nothing was; what is compared else stays in view.
  const extent = isProposal() ? JSON.stringify(around) : ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: when there is room, and of an extent.
  useEffect(() => {
    if (!isMeasured) return
    const { width, height } = camera.size
    if (around) camera.fit(around, MARGIN * Math.min(width, height), 1)
    isFitted.current = true
  }, [isMeasured, extent])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another entry moves the view.
  useEffect(() => {
    const box = nodes.find((known) => known.id === currentNode)?.box
    // It opens with everything in view; who steps on is led there.
    if (!box || !isFitted.current || comparing().at === null) return
    const isReadable = camera.view.zoom >= FAR
    if (isReadable && covers(camera.seen(), box)) return
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    camera.center(middle, isReadable ? camera.view.zoom : NEAR_ENOUGH, true)
  }, [currentNode, isMeasured])
  const chooseAt = (event: { target: EventTarget }): boolean => {
    const node = (event.target as Element).closest<HTMLElement>('[data-node-id]')
    if (node?.dataset.nodeId) choose(comparison, node.dataset.nodeId)
    return Boolean(node)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its nodes are what is pressed.
    <div
      className="compare-surface"
      onClick={chooseAt}
      onKeyDown={(event) => {
        if (['Enter', ' '].includes(pressedKey(event)) && chooseAt(event)) event.preventDefault()
      }}
    >
      <Surface camera={camera} nodesIn={nodesIn}>
        <Dots camera={camera} />
        <OnPlane camera={camera}>
          <ComparedWires union={union} current={currentNode} />
        </OnPlane>
      </Surface>
    </div>
  )
}

/** The dots behind the graph, which move with it. */
function Dots({ camera }: { camera: Camera }) {
  const { x, y, zoom } = useCamera(camera, (state) => state.view)
  const size = GAP * zoom
  const style = {
    backgroundSize: `${size}px ${size}px`,
    backgroundPosition: `${x - size / 2}px ${y - size / 2}px`,
    '--dot-radius': `${DOT * zoom}px`,
  }
  return <div className="compare-dots" style={style as CSSProperties} />
}

function choose({ entries }: Comparison, id: string): void {
  const entry = entries.find((known) => known.node === id)
  if (entry) lookAt(entry.id)
}

function placedNodes(
  { entries }: Comparison,
  { doc, nodes }: Union,
  current: Entry | null,
  isFar: boolean,
): PlacedNode[] {
  const list: PlacedNode[] = []
  for (const [type, table] of [
    ['frame', 'frames'],
    ['note', 'notes'],
  ] as const)
    for (const key of doc[table].order) {
      const sheet: Sheet | null = sheetOf(doc, type, key)
      if (!sheet) continue
      const kind = kindOf(entries, sheet.id)
      const isSelected = current?.node === sheet.id
      const content = <ComparedSheet sheet={sheet} kind={kind} isSelected={isSelected} />
      const layer = type === 'frame' ? -2 : 0
      list.push({ id: sheet.id, box: sheet.box, content, layer, isHollow: false })
    }
  for (const [id, { node, kind, box }] of nodes) {
    const data: NodeData = {
      node,
      kind,
      isSelected: current?.node === id,
      words: wordsFor(entries, id, kind) || node.meta,
      doc,
    }
    const Shown = isFar ? ComparedCard : id === INPUTS ? ComparedInputs : ComparedStage
    list.push({ id, box, content: <Shown id={id} data={data} />, layer: 0, isHollow: false })
  }
  return list
}

function kindOf(entries: readonly Entry[], id: string): Kind | null {
  const own = entries.filter((entry) => entry.node === id)
  return (own.find((entry) => entry.kind !== 'moved') ?? own[0])?.kind ?? null
}

function wordsFor(entries: readonly Entry[], id: string, kind: Kind | null): string {
  if (kind !== 'changed') return ''
  const own = entries.filter((entry) => entry.node === id && entry.kind !== 'moved')
  const count =
    id === INPUTS ? own.length : own.reduce((sum, entry) => sum + entry.fields.length, 0)
  if (id === INPUTS) return count === 1 ? '1 input differs' : `${count} inputs differ`
  return count === 1 ? '1 field changed' : `${count} fields changed`
}
