/** An upload with its progress, which `fetch` does not tell. */

import { csrfToken, signedFetch } from '../api/csrf'
import { isObject, isRefusal, UNREACHABLE } from '../api/http'
import type { MediaKind, Uploaded } from '../api/schema'

export const KIND_WORDS: Readonly<Record<MediaKind, string>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  model: '3D model',
}

/** After “choose”, “is” and “takes”. */
export const A_KIND: Readonly<Record<MediaKind, string>> = {
  image: 'an image',
  video: 'a video',
  audio: 'audio',
  model: 'a 3D model',
}

export interface Upload {
  /** Rejects with an Error whose message is for people. */
  readonly done: Promise<Uploaded>
  readonly stop: () => void
}

/** Return the reason that a file can't be of this kind, by what the browser knows of it; or "". */
export function misfitOf(file: File, kind: MediaKind): string {
  // Many systems have no type for HEIC; the server looks at the bytes.
  const fits = file.type === '' || file.type.startsWith(`${kind}/`)
  return fits ? '' : `${file.name} isn't ${A_KIND[kind]}.`
}

/** Progress of an upload: 0 to 1; null while the server looks at the file. */
export type Progress = (fraction: number | null) => void

/** The way of files to the server. */
export interface Sender {
  readonly start: (file: File, kind: MediaKind, onProgress: Progress) => Upload
  /** A file is no longer wanted. */
  readonly forget: (id: string) => void
}

export function startUpload(file: File, kind: MediaKind, onProgress: Progress): Upload {
  const request = new XMLHttpRequest()
  const begin = async () => {
    const misfit = misfitOf(file, kind)
    if (misfit) throw new Error(misfit)
    const body = new FormData()
    body.append('file', file, file.name)
    request.open('POST', '/app/uploads')
    request.setRequestHeader('X-CSRFToken', csrfToken())
    const upload = await send<Uploaded>(request, body, onProgress)
    if (upload.kind === kind) return upload
    forgetUpload(upload.id)
    throw new Error(`${file.name} is ${A_KIND[upload.kind]}. This field takes ${A_KIND[kind]}.`)
  }
  return { done: begin(), stop: () => request.abort() }
}

const LOST = `${UNREACHABLE} Choose the file again.`

/**
 * Send an opened request and return the server's own answer. Rejects as `Upload.done` does, also
 * where a proxy answers in its place.
 */
export function send<T>(
  request: XMLHttpRequest,
  body: XMLHttpRequestBodyInit,
  onProgress: Progress,
): Promise<T> {
  return new Promise((resolve, reject) => {
    request.upload.addEventListener('progress', (event) => {
      if (!event.lengthComputable) return
      onProgress(event.loaded === event.total ? null : event.loaded / event.total)
    })
    request.addEventListener('abort', () => reject(new Error('')))
    request.addEventListener('error', () => reject(new Error(LOST)))
    request.addEventListener('load', () => {
      const { status, response } = request
      if (status >= 200 && status < 300 && isObject(response)) resolve(response as T)
      else reject(new Error(isRefusal(response) ? wordsOf(status, response.message) : LOST))
    })
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.send(body)
  })
}

function wordsOf(status: number, message: string): string {
  return status === 401 ? "You're signed out. Sign in, then choose the file again." : message
}

/** Delete an upload that is not wanted: it takes no space. */
export function forgetUpload(id: string): void {
  signedFetch(`/app/uploads/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(() => {})
}

/** As the person who is signed in. */
export const BY_SESSION: Sender = { start: startUpload, forget: forgetUpload }
