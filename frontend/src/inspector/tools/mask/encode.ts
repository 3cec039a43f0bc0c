/** A mask as a PNG and back. Browsers' own encoders lose what is under full transparency. */

import type { Size } from '../../../parts/mediaTool/view'
import { emptyPlane, type Plane, rowAt } from './plane'

/**
 * The way a tool reads a mask. hole: its transparent parts are selected; white: its white parts
 * are, and it has no transparency.
 */
export type MaskKind = 'hole' | 'white'

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const RGBA = 6
const GREY = 0

/** The PNG of a mask, at this size. What is chosen is white in both kinds. */
export async function encodeMask(plane: Plane, size: Size, kind: MaskKind): Promise<Blob> {
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, size.width)
  view.setUint32(4, size.height)
  view.setUint8(8, 8)
  view.setUint8(9, kind === 'hole' ? RGBA : GREY)
  const body = await compress(rows(plane, size, kind))
  return new Blob(
    [new Uint8Array(SIGNATURE), chunk('IHDR', head), chunk('IDAT', body), chunk('IEND')],
    { type: 'image/png' },
  )
}

/** Its rows, each after a byte that says they are as they are. */
function* rows(plane: Plane, size: Size, kind: MaskKind): Generator<Uint8Array<ArrayBuffer>> {
  const row = new Uint8Array(size.width)
  for (let y = 0; y < size.height; y += 1) {
    rowAt(plane, y, size, row)
    const line = new Uint8Array(1 + size.width * (kind === 'hole' ? 4 : 1))
    if (kind === 'white') line.set(row, 1)
    else
      for (let x = 0; x < size.width; x += 1) {
        const chosen = row[x] as number
        line.fill(chosen, 1 + 4 * x, 4 + 4 * x)
        line[4 + 4 * x] = 255 - chosen
      }
    yield line
  }
}

async function compress(
  lines: Iterable<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const zip = new CompressionStream('deflate')
  const writer = zip.writable.getWriter()
  const whole = new Response(zip.readable).arrayBuffer()
  for (const line of lines) {
    await writer.ready
    void writer.write(line)
  }
  await writer.close()
  return new Uint8Array(await whole)
}

function chunk(name: string, data: Uint8Array = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  bytes.set(new TextEncoder().encode(name), 4)
  bytes.set(data, 8)
  view.setUint32(8 + data.length, crc(bytes.subarray(4, 8 + data.length)))
  return bytes
}

/** The check sum that PNG asks for. */
function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return ~sum >>> 0
}

/** Read what a mask selects: transparent pixels of a `hole`; without any, white pixels. */
export function readMask(pixels: Uint8ClampedArray, size: Size, kind: MaskKind): Plane {
  const plane = emptyPlane(size.width, size.height)
  const { data } = plane
  let hasHoles = false
  if (kind === 'hole')
    for (let at = 0; at < data.length; at += 1) {
      data[at] = 255 - (pixels[4 * at + 3] as number)
      if (data[at]) hasHoles = true
    }
  if (!hasHoles)
    for (let at = 0; at < data.length; at += 1)
      data[at] = Math.round(
        0.299 * (pixels[4 * at] as number) +
          0.587 * (pixels[4 * at + 1] as number) +
          0.114 * (pixels[4 * at + 2] as number),
      )
  return plane
}
