/** The surroundings of a model: light from all sides, a shadow below it. */

import {
  CanvasTexture,
  DirectionalLight,
  HemisphereLight,
  Mesh,
  MeshBasicMaterial,
  type Object3D,
  PlaneGeometry,
  PMREMGenerator,
  Scene,
  type Texture,
  type Vector3,
  type WebGLRenderer,
} from 'three'
import { RoomEnvironment } from 'three/addons/environments/RoomEnvironment.js'

/**
 * A scene with the model in it. size: of the model, whose middle lies in the origin. renderer: for
 * what metal mirrors; without one the light is plain, which takes no time to prepare.
 */
export function stageOf(model: Object3D, size: Vector3, renderer: WebGLRenderer | false): Scene {
  const scene = new Scene()
  if (renderer) scene.environment = roomOf(renderer)
  else scene.add(new HemisphereLight('#ffffff', '#9a9a9a', 2.4))
  scene.environmentIntensity = 0.85
  const key = new DirectionalLight('#ffffff', 1.3)
  key.position.set(-0.45, 0.65, 0.62)
  scene.add(key, model, shadowOf(size))
  return scene
}

/** Metal shows what is around it: without a room it is black. */
function roomOf(renderer: WebGLRenderer): Texture {
  const prefilter = new PMREMGenerator(renderer)
  const room = new RoomEnvironment()
  const { texture } = prefilter.fromScene(room, 0.04)
  room.dispose()
  prefilter.dispose()
  return texture
}

function shadowOf(size: Vector3): Mesh {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 128
  const context = canvas.getContext('2d')
  if (context) {
    const soft = context.createRadialGradient(64, 64, 4, 64, 64, 64)
    soft.addColorStop(0, 'rgb(0 0 0 / .5)')
    soft.addColorStop(0.5, 'rgb(0 0 0 / .22)')
    soft.addColorStop(1, 'rgb(0 0 0 / 0)')
    context.fillStyle = soft
    context.fillRect(0, 0, 128, 128)
  }
  const material = new MeshBasicMaterial({
    map: new CanvasTexture(canvas),
    transparent: true,
    depthWrite: false,
    toneMapped: false,
  })
  const reach = 0.35 * Math.max(size.x, size.z)
  const shadow = new Mesh(new PlaneGeometry(size.x + reach, size.z + reach), material)
  shadow.rotation.x = -Math.PI / 2
  shadow.position.y = -size.y / 2 - 0.002 * size.length()
  return shadow
}
