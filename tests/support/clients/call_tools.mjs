// Calls each tool named in the environment by the TypeScript SDK, as its own README does.
//
// Environment: SDK, the package's folder; URL, KEY; CALLS, a JSON list of `executeTool` parameters.
// Prints a JSON list: what each call answered, or how it failed.
import { createRequire } from 'node:module'

const { SogniClient } = createRequire(import.meta.url)(process.env.SDK)
const client = await SogniClient.createInstance({
  appId: 'reelgraph-tests',
  apiKey: process.env.KEY,
  restEndpoint: process.env.URL,
  disableSocket: true
})
const answers = []
for (const call of JSON.parse(process.env.CALLS)) {
  try {
    answers.push(await client.chat.hosted.executeTool(call))
  } catch (error) {
    answers.push({ failed: error.message, status: error.status, details: error.details })
  }
}
console.log(JSON.stringify(answers))
process.exit(0)
