/** An upload with its progress, which `fetch` does not tell. */

import type { MediaKind, Uploaded } from '../../api/schema'
import { csrfToken } from '../../document/api'

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

/** onProgress: 0 to 1; null while the server looks at the file. */
export function startUpload(
  file: File,
  kind: MediaKind,
  onProgress: (fraction: number | null) => void,
): Upload {
  const request = new XMLHttpRequest()
  const done = new Promise<Uploaded>((resolve, reject) => {
    const type = file.type.split('/')[0]
    if (file.type !== '' && type !== kind) {
      reject(new Error(`${file.name} isn't ${A_KIND[kind]}.`))
      return
    }
    const body = new FormData()
    body.append('file', file, file.name)
    request.open('POST', '/app/uploads')
    request.setRequestHeader('X-CSRFToken', csrfToken(document.cookie))
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.upload.addEventListener('progress', (event) => {
      if (!event.lengthComputable) return
      onProgress(event.loaded === event.total ? null : event.loaded / event.total)
    })
    request.addEventListener('abort', () => reject(new Error('')))
    request.addEventListener('error', () =>
      reject(new Error('The connection was lost. Choose the file again.')),
    )
    request.addEventListener('load', () => {
      const answer = request.response
      if (request.status === 201) {
        const uploaded = answer as Uploaded
        if (uploaded.kind === kind) resolve(uploaded)
        else reject(wrongKind(file.name, uploaded, kind))
      } else if (request.status === 401)
        reject(new Error("You're signed out. Sign in again, then choose the file."))
      else
        reject(
          new Error(answer?.message ?? `Couldn't upload this file (${request.status}). Try again.`),
        )
    })
    request.send(body)
  })
  return { done, stop: () => request.abort() }
}

function wrongKind(name: string, uploaded: Uploaded, kind: MediaKind): Error {
  // What is not wanted takes no space.
  void fetch(`/app/uploads/${encodeURIComponent(uploaded.id)}`, {
    method: 'DELETE',
    headers: { 'X-CSRFToken': csrfToken(document.cookie) },
  }).catch(() => {})
  return new Error(`${name} is ${A_KIND[uploaded.kind]}. This field takes ${A_KIND[kind]}.`)
}
