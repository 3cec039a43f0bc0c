// Keeps a run's page true: the server's HTML is the state, the stream says what changes.
"use strict";

const root = document.getElementById("run");
const words = { waiting_for_user: "your turn", partial_failure: "done, with failures" };

function localiseTimes(within) {
  const format = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
  for (const time of within.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.textContent = format.format(at);
      time.title = at.toLocaleString();
    }
  }
}

function setPill(pill, status) {
  pill.textContent = words[status] || status;
  pill.className = `pill pill--${status}`;
}

function medium(artifact, label) {
  const tag = { image: "img", video: "video", audio: "audio" }[artifact.type];
  if (!tag) return null;
  const element = document.createElement(tag);
  element.src = artifact.url;
  element.dataset.artifact = artifact.id;
  if (tag === "img") {
    element.alt = label;
  } else {
    element.controls = true;
    element.preload = "metadata";
    element.muted = tag === "video";
    element.playsInline = true;
  }
  return element;
}

function applyToStep(event) {
  const step = [...root.querySelectorAll("[data-step]")].find(
    (element) => element.dataset.step === event.stepId,
  );
  if (!step) return;
  const progress = step.querySelector("[data-progress]");
  if (event.stepStatus) {
    setPill(step.querySelector("[data-status]"), event.stepStatus);
    step.className = `stage stage--${event.stepStatus}`;
    progress.hidden = event.stepStatus !== "running";
  }
  if (event.stepStatus === "completed") {
    const used = root.querySelector("[data-used]");
    used.textContent = Math.round((Number(used.textContent) + Number(step.dataset.units)) * 1000) / 1000;
  }
  if (event.data.progress !== undefined) progress.value = event.data.progress;
  step.querySelector("[data-note]").textContent =
    event.stepStatus === "completed" ? "" : event.message;
  const artifact = event.data.artifact;
  if (artifact && !step.querySelector(`[data-artifact="${artifact.id}"]`)) {
    const element = medium(artifact, event.message);
    if (element) step.querySelector("[data-media]").append(element);
  }
}

function applyEvent(event) {
  if (event.sequence <= Number(root.dataset.last)) return;
  root.dataset.last = event.sequence;
  if (event.stepId) applyToStep(event);
  if (event.status) setPill(root.querySelector("[data-run-status]"), event.status);
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.dateTime = event.createdAt;
  line.value = event.sequence;
  line.append(time, ` ${event.message}`);
  root.querySelector("[data-log]").append(line);
  localiseTimes(line);
  if (event.event !== "step_progress") {
    root.querySelector("[data-live]").textContent = event.message;
  }
}

// The run is over: its page, as the server now draws it, has the film on top.
async function showEnd() {
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("run");
  if (!fresh) return;
  root.replaceChildren(...fresh.childNodes);
  root.dataset.status = fresh.dataset.status;
  root.dataset.over = "";
  localiseTimes(root);
  document.title = page.title;
}

function follow() {
  const id = encodeURIComponent(root.dataset.run);
  const source = new EventSource(
    `/v1/creative-agent/workflows/${id}/events/stream?after=${root.dataset.last}`,
  );
  const live = root.querySelector("[data-live]");
  source.addEventListener("workflow_event", (message) => applyEvent(JSON.parse(message.data)));
  source.addEventListener("workflow_status", () => {
    source.close();
    showEnd().catch(() => {
      live.textContent = "The run is over. Reload to see the film.";
    });
  });
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) {
      live.textContent = "Reconnecting, nothing is lost";
      return;
    }
    // The browser gave up, for instance after an error answer: start over from the last event.
    live.textContent = "Reconnecting, nothing is lost";
    window.setTimeout(follow, 2000);
  });
}

if (root) {
  localiseTimes(document);
  if (!("over" in root.dataset)) follow();
}
