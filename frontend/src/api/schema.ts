// Written by `manage.py generate` from the declarations in Python; do not edit it.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export const TABLE_NAMES = [
  'root',
  'inputs',
  'stages',
  'nodes',
  'frames',
  'notes',
  'seeds',
  'values',
] as const
export type TableName = (typeof TABLE_NAMES)[number]

export const MEDIA_KINDS = ['image', 'video', 'audio', 'model'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export const SOCKET_KINDS = [
  'text',
  'image',
  'video',
  'audio',
  'number',
  'choice',
  'model',
] as const
export type SocketKind = (typeof SOCKET_KINDS)[number]

export const TRANSFORMS = [
  'artifact_url',
  'image_url',
  'video_url',
  'audio_url',
  'artifact_data_uri',
  'image_index',
  'video_index',
  'audio_index',
  'subtitle_cues',
  'subtitle_srt',
  'overlay_items',
  'asset_ref',
] as const
export type Transform = (typeof TRANSFORMS)[number]

export const ON_ERRORS = ['stop', 'continue', 'skip', 'retry_once'] as const
export type OnError = (typeof ON_ERRORS)[number]

export const STEP_KINDS = ['tool', 'expand', 'wait', 'gate'] as const
export type StepKind = (typeof STEP_KINDS)[number]

export type PortOutline =
  | { width: number; height: number; radius: number }
  | { points: [number, number][] }
  | { radius: number; stroke: number }

export const PORT_OUTLINES: Record<SocketKind, PortOutline> = {
  text: {"width": 12.4, "height": 6.5, "radius": 1.9},
  image: {"width": 9.8, "height": 9.8, "radius": 1.9},
  video: {"points": [[-4.3, -5.7], [6.2, 0], [-4.3, 5.7]]},
  audio: {"radius": 5.4, "stroke": 0.0},
  number: {"points": [[0, -6.5], [6.5, 0], [0, 6.5], [-6.5, 0]]},
  choice: {"radius": 4, "stroke": 3},
  model: {"points": [[0, -6.2], [5.4, -3.1], [5.4, 3.1], [0, 6.2], [-5.4, 3.1], [-5.4, -3.1]]},
}
