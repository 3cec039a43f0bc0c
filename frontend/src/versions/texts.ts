/** The differences between two texts, word by word. */

/** A stretch of a text. isSame: it is in the other text too. */
export interface Stretch {
  readonly text: string
  readonly isSame: boolean
}

export interface TextDiff {
  readonly old: readonly Stretch[]
  readonly new: readonly Stretch[]
}

/** Above this many comparisons the middle of two texts is shown as replaced whole. */
const MOST = 2_000_000
const WORDS = /\s+|[\p{L}\p{N}_’'-]+|[^\s\p{L}\p{N}_’'-]/gu

/** The shortest way from one text to the other, in words, signs and spaces. */
export function diffTexts(old: string, now: string): TextDiff {
  const from: readonly string[] = old.match(WORDS) ?? []
  const to: readonly string[] = now.match(WORDS) ?? []
  const pairs = common(from, to)
  return {
    old: stretches(
      from,
      pairs.map(([at]) => at),
    ),
    new: stretches(
      to,
      pairs.map(([, at]) => at),
    ),
  }
}

/** The places of words that both have, in order: a longest common subsequence. */
function common(from: readonly string[], to: readonly string[]): [number, number][] {
  let head = 0
  while (head < from.length && head < to.length && from[head] === to[head]) head += 1
  let tail = 0
  while (
    tail < from.length - head &&
    tail < to.length - head &&
    from[from.length - 1 - tail] === to[to.length - 1 - tail]
  )
    tail += 1
  const pairs: [number, number][] = Array.from({ length: head }, (_, at) => [at, at])
  pairs.push(...middle(from, to, head, tail))
  for (let at = tail; at > 0; at -= 1) pairs.push([from.length - at, to.length - at])
  return pairs
}

function middle(
  from: readonly string[],
  to: readonly string[],
  head: number,
  tail: number,
): [number, number][] {
  const rows = from.length - head - tail
  const columns = to.length - head - tail
  if (rows === 0 || columns === 0 || rows * columns > MOST) return []
  const width = columns + 1
  // longest[r][c]: what the rests from there on have in common.
  const longest = new Uint32Array((rows + 1) * width)
  for (let r = rows - 1; r >= 0; r -= 1)
    for (let c = columns - 1; c >= 0; c -= 1)
      longest[r * width + c] =
        from[head + r] === to[head + c]
          ? (longest[(r + 1) * width + c + 1] as number) + 1
          : Math.max(longest[(r + 1) * width + c] as number, longest[r * width + c + 1] as number)
  const pairs: [number, number][] = []
  let r = 0
  let c = 0
  while (r < rows && c < columns) {
    if (from[head + r] === to[head + c]) pairs.push([head + r++, head + c++])
    else if ((longest[(r + 1) * width + c] as number) >= (longest[r * width + c + 1] as number))
      r += 1
    else c += 1
  }
  return pairs
}

function stretches(words: readonly string[], kept: readonly number[]): Stretch[] {
  const same = new Set(kept)
  const parts: { text: string; isSame: boolean }[] = []
  words.forEach((text, at) => {
    // A space between two changed words belongs to them: one mark reads better than two.
    const isBetween = /^\s+$/.test(text) && !same.has(at - 1) && !same.has(at + 1)
    const isSame = same.has(at) && !(isBetween && at > 0 && at < words.length - 1)
    const last = parts.at(-1)
    if (last?.isSame === isSame) last.text += text
    else parts.push({ text, isSame })
  })
  return parts
}
