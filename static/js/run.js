// Keeps a run's page true: the server's HTML is the state, the socket says what changes.
import { countItems, drawTile, expand, holdBatches, prepareBatches } from "./batches.js";
import { say, toast } from "./page.js";
import { arrived, enlarge, prepareScreen, showAsked } from "./screen.js";
import { keepTurns, prepareTurns } from "./turns.js";

const BACK_OFF_MS = [200, 500, 1000, 2000, 5000, 10000];
// A line that was silent for longer than two signs of life is dead, whatever the browser thinks.
const SILENCE_MS = 40_000;
const PONG_MS = 700;
const SAY_MS = 5000;
const ON_HOLD_MS = 15_000;
const REMARK_MS = 400;
const ASK_MS = 60;
const LOG_LINES = 200;
const CLOSED = { done: 1000, unauthenticated: 4401, forbidden: 4403, missing: 4404, suspended: 4423 };
// What may change what the run asks.
const ASKING = new Set([
  "step_waiting_for_user",
  "step_resumed",
  "workflow_waiting_for_user",
  "workflow_resumed",
  "cost_confirmation_resolved",
]);

const root = document.getElementById("run");
const all = (name, within = root) => within.querySelectorAll(`[data-${name}]`);
const one = (name, within = root) => within.querySelector(`[data-${name}]`);
const named = (name, value) => root.querySelector(`[data-${name}="${CSS.escape(value)}"]`);
const isOver = () => "over" in root.dataset;

// -- words and figures ----------------------------------------------------------------------------

function lasting(seconds) {
  if (seconds < 1) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** As `showing.about`: a time that is only estimated. */
function about(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

function localiseTimes(within) {
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of within.querySelectorAll("time[data-clock]")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = (today ? clock : full).format(at);
    time.title = at.toLocaleString();
  }
}

function ages() {
  for (const time of all("age")) {
    const seconds = Math.max(0, (Date.now() - new Date(time.dateTime).getTime()) / 1000);
    if (seconds < 3600) time.textContent = seconds < 2 ? "now" : lasting(seconds);
    else time.textContent = new Date(time.dateTime).toLocaleTimeString([], { timeStyle: "short" });
    time.title = new Date(time.dateTime).toLocaleString();
  }
}

let saidAt = 0;
let toSay = 0;
/** At most one announcement in five seconds; the newest wins. */
function announce(text) {
  clearTimeout(toSay);
  const wait = Math.max(0, saidAt + SAY_MS - Date.now());
  toSay = setTimeout(() => {
    saidAt = Date.now();
    say(text);
  }, wait);
}

function setPill(place, kind, status, word) {
  const pattern = document.querySelector(`template[data-${kind}-pill="${status}"]`);
  if (!pattern) return;
  const shown = place.firstElementChild;
  if (shown?.dataset.state !== status) place.replaceChildren(pattern.content.cloneNode(true));
  if (word) one("word", place).textContent = word;
}

// -- events ---------------------------------------------------------------------------------------

function setStage(step, status) {
  step.dataset.state = status;
  setPill(one("status", step), "step", status);
  for (const other of [named("bar", step.dataset.step), named("track", step.dataset.step)]) {
    if (other) other.dataset.state = status;
  }
}

function setProgress(step, progress) {
  step.dataset.progress = progress;
  const bar = named("bar", step.dataset.step)?.querySelector("progress");
  if (bar) bar.value = progress;
  if (step.dataset.state === "running" && progress > 0) {
    setPill(one("status", step), "step", "running", `${Math.round(100 * progress)}%`);
  }
}

/** An item changed: its tile, and what its batch says of all of them. */
function drawItem(step) {
  drawTile(step);
  const batch = named("step", step.dataset.itemOf);
  if (!batch) return;
  if (step.dataset.state === "running" && batch.dataset.state === "pending") {
    setStage(batch, "running");
  }
  const far = countItems(root, batch.dataset.step);
  if (far !== null && batch.dataset.state === "running") setProgress(batch, far);
}

/** What an event says to people: of a failure, what the server made of its cause. */
function headlineOf(event) {
  return event.data.error?.headline ?? event.message;
}

function applyToStep(event) {
  if (event.event === "step_expanded") {
    expand(root, event);
    countItems(root, event.stepId);
    remark();
  }
  const step = named("step", event.stepId);
  if (!step) return;
  const isItem = "itemOf" in step.dataset;
  const before = step.dataset.state;
  const status = event.stepStatus;
  if (status) setStage(step, status);
  const at = new Date(event.createdAt).getTime();
  if (event.event === "step_started") {
    step.dataset.began = at;
    step.dataset.ended = "";
    setProgress(step, 0);
  }
  if (status && status !== "running") step.dataset.ended = step.dataset.began ? at : "";
  if (event.data.progress !== undefined) setProgress(step, event.data.progress);
  if (status === "completed" && before !== "completed") {
    setProgress(step, 1);
    if (!isItem) root.dataset.done = Number(root.dataset.done) + 1;
    setUsed(Number(one("used").textContent) + Number(step.dataset.units));
  }
  if (status !== "completed" && status !== "running" && before === "running") setProgress(step, 0);
  const words = status === "completed" ? "" : headlineOf(event);
  if (event.event !== "artifact_created") {
    one("note", step).textContent = words;
    delete step.dataset.why;
    one("cause", step).textContent = event.data.error?.cause ?? "";
  }
  if (event.data.artifact) arrived(step, event.data.artifact);
  if (event.event === "step_expanded") {
    // From here on each item costs by itself.
    step.dataset.units = 0;
    one("note", step).textContent = "";
  }
  if (isItem) drawItem(step);
}

function setUsed(units) {
  const sum = Math.round(units * 1000) / 1000;
  one("used").textContent = sum;
  if (one("cost")) one("cost").value = sum;
}

function applyEvent(event) {
  if (event.sequence <= Number(root.dataset.last)) return;
  root.dataset.last = event.sequence;
  if (event.stepId) applyToStep(event);
  if (event.status) {
    rest(event.status, new Date(event.createdAt).getTime());
    root.dataset.status = event.status;
    setPill(one("run-status"), "run", event.status);
  }
  const line = document.createElement("li");
  const number = document.createElement("span");
  const message = document.createElement("p");
  const time = document.createElement("time");
  line.value = event.sequence;
  number.className = "num";
  number.textContent = event.sequence;
  message.textContent = event.message;
  time.dateTime = event.createdAt;
  time.dataset.age = "";
  line.append(number, message, time);
  const log = one("log");
  log.prepend(line);
  while (log.children.length > LOG_LINES) log.lastElementChild.remove();
  const count = one("last-word");
  count.textContent = event.sequence;
  count.nextSibling.textContent = event.sequence === 1 ? " event" : " events";
  if (event.event !== "step_progress") announce(headlineOf(event));
  const isItem = event.stepId && "itemOf" in (named("step", event.stepId)?.dataset ?? {});
  if (event.event === "step_completed" && !isItem) remark();
  if (ASKING.has(event.event) || asks(event.stepId)) refreshTurns();
}

/** A run that waits does not work: its clock leaves that time out. */
function rest(status, at) {
  const began = Number(root.dataset.resting);
  if (status === "waiting_for_user") root.dataset.resting = began || at;
  else if (began) {
    root.dataset.rested = Number(root.dataset.rested) + Math.max(0, at - began);
    root.dataset.resting = "";
  }
}

let toRemark = 0;
/**
 * What a finished stage said or could not do, and what each item costs, is not in their events: the
 * server's page says it.
 */
function remark() {
  clearTimeout(toRemark);
  toRemark = setTimeout(async () => {
    const fresh = await freshPage().catch(() => null);
    if (!fresh || isOver()) return;
    const rows = new Map([...all("step", fresh)].map((row) => [row.dataset.step, row]));
    // Those that ended before their price was known here.
    setUsed(Math.max(Number(one("used").textContent), Number(one("used", fresh).textContent)));
    for (const step of all("step")) {
      const other = rows.get(step.dataset.step);
      if (!other) continue;
      for (const name of ["units", "usual"]) step.dataset[name] = other.dataset[name];
      one("about", step).textContent = one("about", other).textContent;
      if (other.dataset.state !== step.dataset.state) continue;
      if (step.dataset.state === "completed") {
        for (const name of ["said", "note"]) {
          one(name, step).textContent = one(name, other).textContent;
        }
      }
    }
  }, REMARK_MS);
}

/**
 * Why stages wait for a worker, a limit or the operator is in no event: asked while the log is
 * silent, which the server says every few seconds.
 */
async function askWhy() {
  const waits = (step) => step.dataset.state === "pending" || step.dataset.state === "running";
  if (isOver() || document.visibilityState !== "visible" || ![...all("step")].some(waits)) return;
  const last = root.dataset.last;
  const id = encodeURIComponent(root.dataset.run);
  const answer = await fetch(`/app/runs/${id}/waiting`, { credentials: "same-origin" }).catch(
    () => null,
  );
  if (!answer?.ok || answer.redirected) return;
  const { steps } = await answer.json();
  // An event that came meanwhile knows better.
  if (isOver() || root.dataset.last !== last) return;
  for (const step of [...all("step")].filter(waits)) {
    const note = one("note", step);
    const why = steps[step.dataset.step];
    if (why) {
      if (note.textContent !== why) note.textContent = why;
      step.dataset.why = "";
    } else if ("why" in step.dataset) {
      note.textContent = "";
      delete step.dataset.why;
    }
  }
}

// -- questions ------------------------------------------------------------------------------------

/** Whether a question of this step is on the page: whatever happens to it, that may be over. */
const asks = (step) => Boolean(step) && [...all("turn")].some((turn) => turn.dataset.askedBy === step);

let toAsk = 0;
function refreshTurns() {
  clearTimeout(toAsk);
  toAsk = setTimeout(async () => {
    const fresh = await freshPage().catch(() => null);
    if (fresh && !isOver()) swapTurns(fresh);
  }, ASK_MS);
}

/** Show what is asked now. Questions that stay are not touched: someone may be typing. */
function swapTurns(fresh) {
  if (!one("waiting", fresh)) one("waiting")?.remove();
  showAsked(fresh);
  const [now, then] = [one("turns"), one("turns", fresh)];
  const ids = (place) => [...all("turn", place)].map((turn) => turn.dataset.turn);
  const known = ids(now);
  if (known.join() === ids(then).join()) return;
  const asked = [...all("turn", then)].find((turn) => !known.includes(turn.dataset.turn));
  const focus = holdFocus();
  keepTurns(now, then);
  now.replaceWith(then);
  prepareTurns(then);
  focus();
  if (asked) announce(`Your turn. ${asked.querySelector(".turn-what").textContent}`);
}

/** Remembers where someone is; the answer puts them back, or at the top when it is gone. */
function holdFocus() {
  const focused = document.activeElement?.closest?.("#run") ? document.activeElement : null;
  return () => {
    if (!focused || document.activeElement?.closest("#run")) return;
    const place = document.contains(focused) ? focused : document.getElementById("main");
    place.focus({ preventScroll: true });
  };
}

/** Send an answer, or ask for a link, and draw what the server says; the page stays. */
async function send(event) {
  const form = event.target.closest?.("[data-turn]");
  const button = event.submitter;
  if (!form || !button || event.defaultPrevented) return;
  event.preventDefault();
  if ("sending" in form.dataset) return;
  form.dataset.sending = "";
  try {
    const address = button.getAttribute("formaction") ?? form.getAttribute("action");
    const answer = await fetch(address, {
      method: "POST",
      body: new FormData(form, button),
      credentials: "same-origin",
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (new URL(answer.url).pathname === "/sign-in") return signedOut();
    for (const said of page.querySelectorAll("#toasts [data-toast]")) {
      toast(said.textContent.trim(), said.dataset.toast);
    }
    const [fresh, link] = [page.getElementById("run"), page.querySelector("[data-phone]")];
    if (link) showLink(form, link);
    else if (fresh) draw(fresh);
    else toast(page.querySelector("main p")?.textContent.trim() || "Something went wrong. Try again.", "error");
  } catch {
    toast("You're offline. Nothing was sent. Try again when you're back online.", "error");
  } finally {
    delete form.dataset.sending;
  }
}

function showLink(form, link) {
  one("phone-place", form).replaceChildren(link);
  localiseTimes(link);
  const address = link.querySelector("input");
  address.focus({ preventScroll: true });
  address.select();
}

// -- the clock ------------------------------------------------------------------------------------

/** Seconds a running stage still needs: by its own pace, else by what its tool usually takes. */
function left(step) {
  const taken = (Date.now() - Number(step.dataset.began)) / 1000;
  const progress = Number(step.dataset.progress || 0);
  if (progress > 0.1 && taken > 1) return (taken * (1 - progress)) / progress;
  const usual = Number(step.dataset.usual) / 1000;
  return usual ? Math.max(0, usual - taken) : null;
}

/** Of hundreds of items only those that are unfolded somewhere are drawn each second. */
function isInView(step) {
  const batch = step.dataset.itemOf;
  if (batch === undefined) return true;
  const times = named("tracks-of", batch);
  return times.firstElementChild.open || step.closest("details").open;
}

function drawTimeline(steps) {
  const begun = steps.filter((step) => step.dataset.began);
  if (!begun.length) return;
  const ends = (step) => Number(step.dataset.ended) || Date.now();
  const first = Math.min(...begun.map((step) => Number(step.dataset.began)));
  const span = Math.max(1, Math.max(...begun.map(ends)) - first);
  for (const step of begun) {
    if (!isInView(step)) continue;
    const track = named("track", step.dataset.step);
    const bar = track.querySelector("rect");
    const took = lasting((ends(step) - Number(step.dataset.began)) / 1000);
    bar.setAttribute("x", Math.round((1000 * (Number(step.dataset.began) - first)) / span));
    const width = Math.round((1000 * (ends(step) - Number(step.dataset.began))) / span);
    bar.setAttribute("width", Math.max(4, width));
    track.querySelector("svg").setAttribute("aria-label", took);
    one("track-took", track).textContent = took;
    one("took", step).textContent = took;
  }
}

/** "Postcards, 9 of 12". */
function doingWords(step) {
  const counted = one("count-words", step)?.textContent.split(",")[0];
  return counted?.includes(" of ") ? `${step.dataset.title}, ${counted}` : step.dataset.title;
}

function tick() {
  if (isOver()) return;
  const steps = [...all("step")];
  const running = steps.filter(
    (step) => step.dataset.state === "running" && !("itemOf" in step.dataset),
  );
  const clock = one("clockwork");
  if (root.dataset.resting) {
    clock.textContent = `waiting for ${lasting((Date.now() - Number(root.dataset.resting)) / 1000)}`;
  } else if (root.dataset.status === "running") {
    const began = new Date(root.dataset.began).getTime() + Number(root.dataset.rested);
    const since = lasting(Math.max(0, Date.now() - began) / 1000);
    clock.textContent = `${root.dataset.done} of ${root.dataset.count} stages, ${since}`;
  }
  const doing = one("doing");
  if (doing) {
    doing.hidden = !running.length;
    one("doing-words").textContent = running.map(doingWords).join(", ");
    const chip = one("left");
    const step = running[0];
    const seconds = step ? left(step) : null;
    const progress = Number(step?.dataset.progress || 0);
    const words = [];
    if (progress > 0) words.push(`${Math.round(100 * progress)}%`);
    if (seconds !== null && seconds >= 1) words.push(`about ${about(seconds)} left`);
    chip.hidden = !words.length;
    chip.textContent = words.join(", ");
    one("total").value = progress;
  }
  drawTimeline(steps);
  ages();
}

// -- the line -------------------------------------------------------------------------------------

let socket = null;
let failures = 0;
let heardAt = 0;
let again = 0;

function setLine(holds) {
  const dot = one("line");
  if (!dot) return;
  dot.dataset.line = holds ? "" : "lost";
  one("line-word").textContent = holds ? "Live" : "Reconnecting…";
}

function follow() {
  clearTimeout(again);
  if (isOver()) return;
  const old = socket;
  socket = null;
  old?.close();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const id = encodeURIComponent(root.dataset.run);
  const mine = new WebSocket(
    `${scheme}://${location.host}/ws/runs/${id}?after=${root.dataset.last}`,
  );
  socket = mine;
  mine.addEventListener("message", (message) => {
    if (socket !== mine) return;
    heardAt = Date.now();
    failures = 0;
    setLine(true);
    const said = JSON.parse(message.data);
    // The suspension that the page speaks of is over.
    if (isSuspended()) return location.reload();
    if (said.event === "ping") askWhy();
    if (said.event === "workflow_event") {
      applyEvent(said.data);
      if (said.data.event !== "step_progress") tick();
    } else if (said.event === "workflow_status") {
      showTruth().catch(() => retry());
    }
  });
  mine.addEventListener("close", (closed) => {
    if (socket !== mine) return;
    socket = null;
    if (closed.code === CLOSED.unauthenticated) return signedOut();
    if (closed.code === CLOSED.suspended) return suspended();
    if (closed.code === CLOSED.missing || closed.code === CLOSED.forbidden) {
      return toast("You no longer have access to this run.", "error");
    }
    // The server hangs up when the run waits; the next line hears how it goes on.
    if (closed.code === CLOSED.done && failures === 0) again = setTimeout(follow, BACK_OFF_MS[0]);
    else if (!isOver()) retry();
  });
}

/** The page as the server draws it says until when; then it asks now and then whether that holds. */
function suspended() {
  if (!isSuspended()) return location.reload();
  setLine(false);
  one("line-word").textContent = "On hold";
  again = setTimeout(follow, ON_HOLD_MS);
}

function isSuspended() {
  return document.getElementById("suspended") !== null;
}

function retry() {
  if (isOver()) return;
  setLine(false);
  clearTimeout(again);
  const wait = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)];
  failures += 1;
  again = setTimeout(async () => {
    // Where sockets do not come through at all, the page itself still tells the truth.
    if (failures > 2) await showTruth().catch(() => {});
    follow();
  }, wait * (0.75 + Math.random() / 2));
}

/** Back in view, or back from sleep: is the line still there? If not, a new one at once. */
function check() {
  if (isOver() || document.visibilityState !== "visible") return;
  tick();
  if (socket?.readyState !== WebSocket.OPEN) {
    failures = 0;
    return follow();
  }
  const mine = socket;
  const asked = Date.now();
  mine.send("ping");
  setTimeout(() => {
    if (socket === mine && heardAt < asked) follow();
  }, PONG_MS);
}

function signedOut() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
}

/** The run's article as the server draws it now. */
async function freshPage() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("run");
  if (!fresh && new URL(answer.url).pathname === "/sign-in") signedOut();
  return fresh;
}

/** Draw the page as the server has it now. Once the run is over, it has the film on top. */
async function showTruth() {
  const fresh = await freshPage();
  if (fresh) draw(fresh);
}

function draw(fresh) {
  if (Number(fresh.dataset.last) < Number(root.dataset.last)) return;
  const focus = holdFocus();
  const unfold = holdBatches(root);
  keepTurns(root, fresh);
  root.replaceChildren(...fresh.childNodes);
  window.htmx?.process(root);
  for (const name of ["last", "status", "rested", "resting", "done", "count", "over"]) {
    if (name in fresh.dataset) root.dataset[name] = fresh.dataset[name];
  }
  prepare();
  unfold();
  focus();
  if (!isOver()) return;
  announce([one("run-status").textContent.trim(), one("summary")?.textContent].join(". "));
}

// -- the page -------------------------------------------------------------------------------------

function prepare() {
  localiseTimes(root);
  prepareTurns(root);
  ages();
  prepareScreen();
  prepareBatches(root);
  tick();
}

if (root) {
  prepare();
  follow();
  root.addEventListener("submit", send);
  root.addEventListener("click", enlarge);
  // An unfolded timeline is drawn at once.
  root.addEventListener("toggle", tick, true);
  setInterval(() => {
    tick();
    if (socket && heardAt && Date.now() - heardAt > SILENCE_MS) follow();
  }, 1000);
  document.addEventListener("visibilitychange", check);
  addEventListener("pageshow", (event) => event.persisted && check());
  addEventListener("online", check);
  addEventListener("pagehide", () => socket?.close());
}
