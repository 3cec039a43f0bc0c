import type { SocketKind } from '../api/schema'

/** Types as labels. */
export const KIND_NAMES: Readonly<Record<SocketKind, string>> = {
  image: 'Image',
  video: 'Video',
  audio: 'Audio',
  model: '3D model',
  text: 'Text',
  number: 'Number',
  choice: 'Choice',
}
