import { useLayoutEffect } from 'react'
import type { SocketKind } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { curvePath, type Point } from '../../graph/geometry'
import { routePath } from '../../graph/routes'
import { Shape } from '../../parts/Shape'
import { OnPlane } from '../../viewport/OnPlane'
import { boxOf, portPoint } from '../scene'
import { useCanvas } from '../state'
import { camera, useView } from '../view'
import { routeFor } from '../wires'
import { type Drag, isStranger, shownFits } from './drag'
import { useConnect } from './state'

/** The edge that is being drawn, or the one that was refused and is still shown. */
function useShown(): Drag | null {
  return useConnect((state) => state.drag ?? state.refusal?.drag ?? state.which?.drag ?? null)
}

/** The edge that is being drawn, or that was refused, over the nodes. */
export function Overlay() {
  const drag = useShown()
  const wire = useConnect((state) => state.over?.wire ?? null)
  useMarks()
  if (!drag && wire === null) return null
  return (
    <OnPlane camera={camera}>
      <svg className="edges connecting" width="1" height="1" aria-hidden>
        {wire !== null && <Aimed id={wire} />}
        {drag && <FarPorts />}
        <Loose />
      </svg>
    </OnPlane>
  )
}

/** The edge that something would be put into. */
function Aimed({ id }: { id: string }) {
  const wire = useEditor((state) => state.wiring.edges.find((known) => known.id === id))
  const route = wire && routeFor(wire)
  return route ? <path className="selected" d={routePath(route)} /> : null
}

function Loose() {
  const from = useShown()?.from
  const refusal = useConnect((state) => state.refusal)
  const loose = useConnect((state) => state.loose)
  const aim = useConnect((state) => state.aim)
  if (!from) return null
  const start = portPoint(from.node, from.side, from.socket)
  const other = from.side === 'out' ? 'in' : 'out'
  const bad = refusal && portPoint(refusal.node, other, refusal.socket)
  if (!start) return null
  const begin = { x: start.x + (from.side === 'out' ? 9 : -9), y: start.y }
  // A refused edge stops short of the port, so that the ring round it can be seen.
  const end = bad ? shortOf(bad, from.side) : loose
  const isSnapped = aim?.type === 'port' && aim.fits
  const path = from.side === 'out' ? curvePath(begin, end) : curvePath(end, begin)
  return (
    <g className={`hue-${from.kind}`}>
      <path className="halo" d={path} />
      <path className="live" d={path} />
      <circle className="end" cx={end.x} cy={end.y} r={isSnapped ? 9 : 6} />
      {bad && <circle className="bad-ring" cx={bad.x} cy={bad.y} r="15" />}
    </g>
  )
}

function shortOf({ x, y }: Point, side: 'in' | 'out'): Point {
  return { x: side === 'out' ? x - 20 : x + 20, y: y + 6 }
}

/** Painted nodes have no ports in the page: those that fit are drawn here, with their names. */
function FarPorts() {
  const drag = useShown()
  const aim = useConnect((state) => state.aim)
  const zoom = useView((state) => state.view.zoom)
  const isFar = useCanvas((state) => state.isFar)
  const nodes = useEditor((state) => state.wiring.nodes)
  if (!drag || !isFar) return null
  const side = drag.from.side === 'out' ? 'in' : 'out'
  const ports: { key: string; title: string; kind: SocketKind; at: Point }[] = []
  const outsiders = [...nodes.keys()].filter((id) => isStranger(drag, id))
  for (const id of drag.options.keys()) {
    const node = nodes.get(id)
    if (!node) continue
    const fits = shownFits(drag, node)
    for (const socket of side === 'in' ? node.inputs : node.outputs) {
      const at = fits.has(socket.key) ? portPoint(id, side, socket.key) : null
      if (at) ports.push({ key: `${id} ${socket.key}`, title: socket.title, kind: socket.kind, at })
    }
  }
  return (
    <>
      {outsiders.map((id) => (
        <Veil key={id} id={id} />
      ))}
      {ports.map(({ key, title, kind, at }) => (
        <g key={key} className={`far-port hue-${kind}`} transform={`translate(${at.x} ${at.y})`}>
          <circle className="cut" r="13" />
          <g transform="translate(-11 -11)">
            <Shape kind={kind} size={22} />
          </g>
          {aim?.type === 'port' && key === `${aim.node} ${aim.socket}` && (
            <text
              x={(side === 'in' ? -12 : 12) / zoom}
              y={-10 / zoom}
              fontSize={13 / zoom}
              strokeWidth={4 / zoom}
              textAnchor={side === 'in' ? 'end' : 'start'}
            >
              {title}
            </text>
          )}
        </g>
      ))}
    </>
  )
}

/** Over the media of a painted node; its title stays readable. */
function Veil({ id }: { id: string }) {
  const box = boxOf(id)
  if (!box) return null
  return <rect className="veil" x={box.x} y={box.y} width={box.width} height={box.height - 44} />
}

/** Marks nodes in the page: what fits, and what is out of the way. Nothing re-renders for it. */
function useMarks(): void {
  const drag = useShown()
  const aim = useConnect((state) => state.aim)
  const over = useConnect((state) => state.over?.node ?? null)
  const target = aim?.node ?? over
  useLayoutEffect(() => {
    if (!drag) return
    const frame = document.querySelector('.work-area')
    frame?.setAttribute('data-connecting', '')
    const mark = () => {
      for (const element of document.querySelectorAll<HTMLElement>('.node[data-node-id]')) {
        const node = drag.ask.wiring.nodes.get(element.dataset.nodeId ?? '')
        if (!node) continue
        element.toggleAttribute('data-outsider', isStranger(drag, node.id))
        const fits = shownFits(drag, node)
        const side = drag.from.side === 'out' ? 'in' : 'out'
        if (node.id === drag.from.node) {
          const own = `[data-side="${drag.from.side}"][data-socket="${CSS.escape(drag.from.socket)}"]`
          element.querySelector(`.port${own}`)?.setAttribute('data-from', '')
        }
        for (const port of element.querySelectorAll<SVGElement>('.port[data-socket]'))
          port.toggleAttribute(
            'data-fits',
            port.dataset.side === side && fits.has(port.dataset.socket ?? ''),
          )
        const names = element.querySelectorAll('.ports > span')
        const sockets = side === 'in' ? node.inputs : node.outputs
        sockets.forEach((socket, at) => {
          names[at * 2 + (side === 'in' ? 0 : 1)]?.toggleAttribute(
            'data-fits',
            fits.has(socket.key),
          )
        })
      }
    }
    mark()
    // Nodes come into the page while the canvas moves along.
    const watch = new MutationObserver(mark)
    const nodes = document.querySelector('.work-area .surface-nodes')
    if (nodes) watch.observe(nodes, { childList: true })
    return () => {
      watch.disconnect()
      frame?.removeAttribute('data-connecting')
      for (const element of document.querySelectorAll(
        '[data-fits], [data-outsider], [data-from]',
      )) {
        element.removeAttribute('data-fits')
        element.removeAttribute('data-outsider')
        element.removeAttribute('data-from')
      }
    }
  }, [drag])
  useLayoutEffect(() => {
    if (target === null || boxOf(target) === null) return
    const element = document.querySelector(`.node[data-node-id="${CSS.escape(target)}"]`)
    element?.setAttribute('data-aimed', '')
    return () => element?.removeAttribute('data-aimed')
  }, [target])
}
