// A client of the Model Context Protocol from npm carries out a script of steps.
//
// Environment: SDK, the folder of the installed packages; ERA, `2026-07-28` by the package of the
// second version, `2025-11-25` by that of the first; URL, KEY; AGREES, `yes` where the client shows
// questions and its person agrees to all; STEPS, a JSON list of `[method, parameters]`. `$name.path`
// in parameters stands for a value of the answer that was kept as `name`; a step may say `until`,
// a status of the run for which it is repeated, and `as`, under which its answer is kept.
// Prints a JSON object: the answers by step, what the person was asked, and the revision.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const { SDK, ERA, URL: ORIGIN, KEY, AGREES } = process.env
const from = createRequire(join(SDK, 'package.json'))
const isModern = ERA === '2026-07-28'

const asked = []
const capabilities = AGREES === 'yes' ? { elicitation: { form: {} } } : {}
const agree = (request) => {
  asked.push(request.params.message)
  return { action: 'accept', content: { agree: true } }
}

async function connected() {
  const named = { name: 'reelgraph-tests', version: '1' }
  const requestInit = { headers: { Authorization: `Bearer ${KEY}` } }
  const address = new URL(`${ORIGIN}/mcp`)
  if (isModern) {
    const { Client, StreamableHTTPClientTransport } = from('@modelcontextprotocol/client')
    const client = new Client(named, { capabilities, versionNegotiation: { mode: 'auto' } })
    if (AGREES === 'yes') client.setRequestHandler('elicitation/create', agree)
    await client.connect(new StreamableHTTPClientTransport(address, { requestInit }))
    return client
  }
  const { Client } = from('@modelcontextprotocol/sdk/client/index.js')
  const { StreamableHTTPClientTransport } = from(
    '@modelcontextprotocol/sdk/client/streamableHttp.js'
  )
  const { ElicitRequestSchema } = from('@modelcontextprotocol/sdk/types.js')
  const client = new Client(named, { capabilities })
  if (AGREES === 'yes') client.setRequestHandler(ElicitRequestSchema, agree)
  await client.connect(new StreamableHTTPClientTransport(address, { requestInit }))
  return client
}

const kept = {}

function filled(value) {
  if (typeof value === 'string' && value.startsWith('$')) {
    const [name, ...path] = value.slice(1).split('.')
    return path.reduce((found, part) => found?.[part], kept[name])
  }
  if (Array.isArray(value)) return value.map(filled)
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one)]))
  return value
}

async function taken(client, { tool, arguments: given = {}, until }) {
  if (tool === 'tools/list') return { tools: (await client.listTools()).tools }
  for (let round = 0; round < 40; round++) {
    const answer = await client.callTool({ name: tool, arguments: filled(given) })
    const told = answer.structuredContent ?? {}
    if (!until || told.status === until || answer.isError)
      return { ...told, isError: answer.isError ?? false, content: answer.content }
  }
  throw new Error(`${tool} never came to ${until}`)
}

const client = await connected()
const answers = []
for (const step of JSON.parse(process.env.STEPS)) {
  const answer = await taken(client, step)
  if (step.as) kept[step.as] = answer
  answers.push(answer)
}
const revision = isModern ? client.getNegotiatedProtocolVersion?.() : client.transport.protocolVersion
console.log(JSON.stringify({ answers, asked, revision: revision ?? null }))
await client.close()
process.exit(0)
