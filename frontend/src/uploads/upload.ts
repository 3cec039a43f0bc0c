/** An upload with its progress, which `fetch` does not tell. */

import { csrfToken, signedFetch } from '../api/csrf'
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
    await send(request, body, onProgress)
    const problem = problemOf(request, file.name, kind)
    if (problem) throw new Error(problem)
    return request.response as Uploaded
  }
  return { done: begin(), stop: () => request.abort() }
}

/** Send an opened request and wait for its answer, as JSON. Rejects as `Upload.done` does. */
export function send(
  request: XMLHttpRequest,
  body: XMLHttpRequestBodyInit,
  onProgress: Progress,
): Promise<void> {
  return new Promise((resolve, reject) => {
    request.upload.addEventListener('progress', (event) => {
      if (!event.lengthComputable) return
      onProgress(event.loaded === event.total ? null : event.loaded / event.total)
    })
    request.addEventListener('abort', () => reject(new Error('')))
    request.addEventListener('error', () =>
      reject(new Error('Upload failed: connection lost. Choose the file again.')),
    )
    request.addEventListener('load', () => resolve())
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.send(body)
  })
}

function problemOf({ status, response }: XMLHttpRequest, name: string, kind: MediaKind): string {
  if (status === 401) return "You're signed out. Sign in, then choose the file again."
  if (status !== 201) return response?.message ?? `Upload failed (${status}). Try again.`
  const answer = response as Uploaded
  if (answer.kind === kind) return ''
  forgetUpload(answer.id)
  return `${name} is ${A_KIND[answer.kind]}. This field takes ${A_KIND[kind]}.`
}

/** Delete an upload that is not wanted: it takes no space. */
export function forgetUpload(id: string): void {
  signedFetch(`/app/uploads/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(() => {})
}

/** As the person who is signed in. */
export const BY_SESSION: Sender = { start: startUpload, forget: forgetUpload }
