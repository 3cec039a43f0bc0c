/** From a GLB file to what can be drawn. What a model names outside its file is never asked for. */

import {
  Box3,
  Group,
  LoadingManager,
  type Material,
  Mesh,
  type Object3D,
  Texture,
  TextureLoader,
  Vector3,
} from 'three'
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js'
import { isInside } from './turning'

const MOST_BYTES = 200_000_000

export interface Loaded {
  /** Its middle lies in the origin. */
  readonly model: Object3D
  readonly size: Vector3
}

/** Rejects for what is not there, too large, damaged, or made of more than its file. */
export async function load(url: string, signal: AbortSignal): Promise<Loaded> {
  const response = await fetch(url, { signal, credentials: 'same-origin' })
  if (!response.ok) throw new Error(`Couldn't load the 3D model (${response.status}).`)
  if (Number(response.headers.get('content-length')) > MOST_BYTES)
    throw new Error('The 3D model is too large.')
  const data = await response.arrayBuffer()
  const manager = new LoadingManager()
  manager.setURLModifier((address) => {
    if (!isInside(address)) throw new Error('The 3D model refers to another file.')
    return address
  })
  const loader = new GLTFLoader(manager)
  loader.register((parser) => {
    // By pictures instead of fetched bitmaps: the pages' policy lets pictures be blobs, and nothing
    // else has to be allowed.
    parser.textureLoader = new TextureLoader(manager)
    return { name: 'pictures' }
  })
  const { scene } = await loader.parseAsync(data, '')
  const box = new Box3().setFromObject(scene)
  const size = box.getSize(new Vector3())
  if (box.isEmpty() || !Number.isFinite(size.length()) || size.length() === 0)
    throw new Error('The 3D model has no surface.')
  scene.position.sub(box.getCenter(new Vector3()))
  const model = new Group()
  model.add(scene)
  return { model, size }
}

/** Give back what a scene holds of the graphics memory. */
export function dispose(scene: Object3D): void {
  scene.traverse((part) => {
    if (!(part instanceof Mesh)) return
    part.geometry.dispose()
    const materials: Material[] = Array.isArray(part.material) ? part.material : [part.material]
    for (const material of materials) {
      for (const value of Object.values(material)) if (value instanceof Texture) value.dispose()
      material.dispose()
    }
  })
}
