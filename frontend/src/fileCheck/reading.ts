/** Reading a file in parts, so that one of gigabytes needs little memory and the page stays usable. */

import { ClaimScanner } from './claims'
import { Sha256 } from './sha256'

/** Some 10 ms of work between two turns of the page. */
const PART = 1 << 20

export interface FileReport {
  readonly sha256: string
  /** Sentences about its origin, as it claims. */
  readonly claims: readonly string[]
}

/** onProgress: told a number from 0 to 1. Rejects if the file can't be read, and when it's stopped. */
export async function readFile(
  file: Blob,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<FileReport> {
  const hash = new Sha256()
  const scanner = new ClaimScanner()
  for (let start = 0; start < file.size; start += PART) {
    const part = new Uint8Array(await file.slice(start, start + PART).arrayBuffer())
    signal.throwIfAborted()
    hash.update(part)
    scanner.scan(part)
    onProgress((start + part.length) / file.size)
  }
  return { sha256: hash.digest(), claims: scanner.sentences() }
}
