// A chat run and a replay record by the TypeScript SDK, as its own documentation does it.
//
// Environment: SDK, the package's folder; URL, KEY. Prints one JSON object of what was answered.
import { createRequire } from 'node:module'

const { SogniClient } = createRequire(import.meta.url)(process.env.SDK)
const client = await SogniClient.createInstance({
  appId: 'reelgraph-tests',
  apiKey: process.env.KEY,
  restEndpoint: process.env.URL,
  disableSocket: true
})
const { runs } = client.chat
const say = (content, more) =>
  runs.create({ messages: [{ role: 'user', content }], tokenType: 'spark', ...more })

async function followed(runId, options) {
  const events = []
  for await (const event of runs.streamEvents(runId, options)) events.push(event)
  return events
}

const found = {}
const first = await say('Draw a picture of a small lighthouse at dawn', { idempotencyKey: 'ts-1' })
found.again = (await say('Draw a picture of a small lighthouse at dawn', { idempotencyKey: 'ts-1' })).runId
found.events = await followed(first.runId)
found.later = await followed(first.runId, { lastEventId: found.events[1].sequence })
found.done = await runs.get(first.runId)

const asked = await say('Draw a picture of a small harbor at dawn', {
  runtimeConfig: { requireJobConfirmation: true }
})
found.waiting = await followed(asked.runId)
const { details } = (await runs.get(asked.runId)).waiting
const confirm = {
  toolCallId: details.toolCallId,
  decision: 'confirm',
  idempotencyKey: `confirm-${details.toolCallId}`
}
found.unseen = await runs.confirmCost(asked.runId, confirm).catch(error => error.status)
await runs.confirmCost(asked.runId, {
  ...confirm,
  acceptedCostPreview: details.costApprovalPreview
})
await followed(asked.runId)
found.confirmed = await runs.get(asked.runId)

const stopped = await say('Draw a picture of a small boat', { runtimeConfig: { requireJobConfirmation: true } })
found.cancelled = await runs.cancel(stopped.runId, 'enough')
found.missing = await runs.get('none').catch(error => error.status)

found.written = await client.replay.write({ run_id: 'ts-replay', rounds: [{ text: 'Hello' }] })
found.list = (await client.replay.list({ limit: 10 })).records
found.read = await client.replay.get('ts-replay')
found.ofRun = await client.replay.get(first.runId)
console.log(JSON.stringify(found))
process.exit(0)
