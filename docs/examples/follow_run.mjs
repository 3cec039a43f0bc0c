// Follow a run: `URL=https://… KEY=rg_… node follow_run.mjs <run id>`, with Node 22 or newer.
const sockets = process.env.URL.replace(/^http/, 'ws')
// Close codes after which connecting again changes nothing.
const final = [4400, 4401, 4403, 4404, 4423]
let last = 0
let wait = 500

function follow(runId) {
  const url = `${sockets}/ws/runs/${runId}?after=${last}`
  const socket = new WebSocket(url, ['bearer', process.env.KEY])
  let status = ''
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data)
    wait = 500
    if (message.event === 'workflow_event' && message.id > last) {
      console.log(message.id, message.data.message)
      last = message.id
    } else if (message.event === 'workflow_status') {
      status = message.data.status
    }
  }
  let isLost = false
  // Where a connection fails, some versions of Node tell only of the error.
  socket.onclose = socket.onerror = ({ code }) => {
    if (isLost) return
    isLost = true
    if (status) return console.log(status)
    if (final.includes(code)) throw new Error(`closed with ${code}`)
    setTimeout(follow, wait, runId)
    wait = Math.min(2 * wait, 15000)
  }
}

follow(process.argv[2])
