/** SHA-256 (FIPS 180-4) of data that comes in parts: the browser's own digest wants all at once, and
 * is missing on pages without TLS. */

const BLOCK = 64
const START = rootsOf(Math.sqrt, 8)
const ROUNDS = rootsOf(Math.cbrt, 64)

/** The first 32 bits behind the point of such roots of the first primes. */
function rootsOf(root: (prime: number) => number, count: number): Int32Array {
  const bits: number[] = []
  for (let number = 2; bits.length < count; number += 1) {
    let divisor = 2
    while (number % divisor !== 0) divisor += 1
    if (divisor === number) bits.push((root(number) % 1) * 2 ** 32)
  }
  return Int32Array.from(bits, (value) => value | 0)
}

export class Sha256 {
  private readonly state = START.slice()
  private readonly words = new Int32Array(64)
  /** Bytes that are no whole block yet. */
  private readonly rest = new Uint8Array(BLOCK)
  private length = 0

  update(data: Uint8Array): void {
    let start = 0
    const restLength = this.length % BLOCK
    this.length += data.length
    if (restLength > 0) {
      start = Math.min(data.length, BLOCK - restLength)
      this.rest.set(data.subarray(0, start), restLength)
      if (restLength + start < BLOCK) return
      this.mix(new DataView(this.rest.buffer), 0)
    }
    const view = new DataView(data.buffer, data.byteOffset, data.length)
    for (; start + BLOCK <= data.length; start += BLOCK) this.mix(view, start)
    this.rest.set(data.subarray(start))
  }

  /** Return the hash in hexadecimal digits. Nothing can be added then. */
  digest(): string {
    const end = new Uint8Array(BLOCK - ((this.length + 8) % BLOCK) + 8)
    end[0] = 0x80
    new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(this.length) * 8n)
    this.update(end)
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  private mix(data: DataView, start: number): void {
    const { words } = this
    const state = this.state as unknown as Eight
    // By their places: to iterate takes longer than to mix.
    let a = state[0]
    let b = state[1]
    let c = state[2]
    let d = state[3]
    let e = state[4]
    let f = state[5]
    let g = state[6]
    let h = state[7]
    for (let i = 0; i < 64; i += 1) {
      const word = i < 16 ? data.getInt32(start + 4 * i) : nextOf(words, i)
      words[i] = word
      const late = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const first = (h + late + (g ^ (e & (f ^ g))) + (ROUNDS[i] as number) + word) | 0
      const early = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      h = g
      g = f
      f = e
      e = (d + first) | 0
      const most = (a & b) | (c & (a | b))
      d = c
      c = b
      b = a
      a = (first + early + most) | 0
    }
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h
  }
}

/** The word that follows from sixteen before it. */
function nextOf(words: Int32Array, place: number): number {
  const x = words[place - 15] as number
  const y = words[place - 2] as number
  const early = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
  const late = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
  return ((words[place - 16] as number) + early + (words[place - 7] as number) + late) | 0
}

type Eight = [number, number, number, number, number, number, number, number]
