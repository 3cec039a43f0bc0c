// One WebSocket by a client that is not ours, the `ws` of npm, driven line by line.
//
//   node read_socket.mjs URL HEADERS PROTOCOLS ORIGIN
//
// HEADERS: a JSON object; PROTOCOLS: a JSON list. Prints one JSON object per line: {open: protocol},
// {text}, {code} at the close, {refused: status} for a handshake that failed. Reads lines, too:
// {"text"} and {"base64"} are sent, {"close": true} closes.
import { createInterface } from 'node:readline'
import WebSocket from '../../../frontend/node_modules/ws/wrapper.mjs'

const [url, headers, protocols, origin] = process.argv.slice(2)
const options = { headers: JSON.parse(headers), ...(origin ? { origin } : {}) }
const socket = new WebSocket(url, JSON.parse(protocols), options)
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)

socket.on('open', () => say({ open: socket.protocol }))
socket.on('message', (data, isBinary) => say({ text: isBinary ? '(binary)' : data.toString() }))
socket.on('unexpected-response', (request, response) => {
  say({ refused: response.statusCode })
  process.exit(0)
})
socket.on('error', () => {})
socket.on('close', (code) => {
  say({ code })
  process.exit(0)
})
createInterface({ input: process.stdin }).on('line', (line) => {
  const { text, base64, close } = JSON.parse(line)
  if (close) socket.close(1000)
  else socket.send(base64 === undefined ? text : Buffer.from(base64, 'base64'))
})
