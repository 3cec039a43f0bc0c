/**
 * Follow a run from a page on any origin. `getTicket` asks your own server, which sends
 * `POST /v1/realtime/tickets {"run": runId}` with its key and returns `data.ticket`.
 * Calls `onEvent` once for each event; resolves with the run's last status.
 */
function followRun(url, runId, getTicket, onEvent) {
  let last = 0
  let wait = 500
  return new Promise((resolve, reject) => {
    async function connect() {
      let ticket
      try {
        ticket = await getTicket(runId)
      } catch {
        return later()
      }
      const query = new URLSearchParams({ after: last, ticket })
      const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/runs/${runId}?${query}`)
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data)
        wait = 500
        if (message.event === 'workflow_event' && message.id > last) {
          last = message.id
          onEvent(message.data)
        } else if (message.event === 'workflow_status') {
          resolve(message.data.status)
        }
      }
      socket.onclose = ({ code }) => {
        if ([4400, 4403, 4404, 4423].includes(code)) reject(new Error(`closed with ${code}`))
        else if (code !== 1000) later()
      }
    }
    // A ticket opens one connection: the next one takes another.
    function later() {
      setTimeout(connect, wait)
      wait = Math.min(2 * wait, 15000)
    }
    connect()
  })
}
