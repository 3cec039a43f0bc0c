// Reads a run's event stream with a parser that is not ours, as a program of somebody else would.
//
//   node read_stream.mjs URL API_KEY CUT
//
// Drops the connection after every CUT entries (0: never) and comes back with Last-Event-ID, until
// the server closes by itself. Prints one JSON object: {frames: [{id, event, data}], calls, comments}.
import { createParser } from '../../../frontend/node_modules/eventsource-parser/dist/index.js'

const [url, key, cut] = process.argv.slice(2)
// Who comes back with the very last entry of a run that waits is held: there is nothing to tell yet.
const closing = ['completed', 'failed', 'cancelled', 'partial_failure', 'waiting_for_user']
const frames = []
let calls = 0
let comments = 0
let last = ''

async function readOnce() {
  calls += 1
  const headers = { 'api-key': key, ...(last ? { 'last-event-id': last } : {}) }
  const answer = await fetch(url, { headers })
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
  let here = 0
  let gone = false
  const parser = createParser({
    onEvent(frame) {
      if (gone) return
      frames.push({ id: frame.id, event: frame.event, data: JSON.parse(frame.data) })
      last = frame.id
      here += 1
      const status = frames[frames.length - 1].data.status
      gone = Number(cut) > 0 && here >= Number(cut) && !closing.includes(status)
    },
    onComment() {
      comments += 1
    },
    onError(problem) {
      throw problem
    },
  })
  const text = new TextDecoder()
  for await (const bytes of answer.body) {
    parser.feed(text.decode(bytes, { stream: true }))
    // Leaving the loop closes the connection.
    if (gone) return false
  }
  return true
}

while (!(await readOnce())) {
  // Cut off: once more from where it was.
}
process.stdout.write(JSON.stringify({ frames, calls, comments }))
