// The big picture of a run's page, and the small ones of everything made so far below it.
import { lazily } from "./batches.js";
import { leave, modelView, turn } from "./models.js";

const MOVING = !matchMedia("(prefers-reduced-motion: reduce)").matches;

const root = document.getElementById("run");
const all = (name, within = root) => within.querySelectorAll(`[data-${name}]`);
const one = (name, within = root) => within.querySelector(`[data-${name}]`);
const isOver = () => "over" in root.dataset;

function medium(artifact, label, { controls, moves = false, lazy = false }) {
  const tag = { image: "img", video: "video", audio: "audio", model: "img" }[artifact.type];
  if (!tag) return null;
  const element = document.createElement(tag);
  element.dataset.artifact = artifact.id;
  if (tag === "img") {
    element.alt = label;
    if (lazy) element.loading = "lazy";
  } else {
    element.setAttribute("aria-label", label);
    element.controls = controls || tag === "audio";
    element.preload = lazy ? "none" : "metadata";
    if (tag === "video") {
      // What moves on its own is silent. What a person starts has its sound.
      element.muted = !element.controls;
      element.playsInline = true;
      element.loop = moves;
      element.autoplay = moves;
    }
  }
  // Of a 3D model, its still.
  element.src = artifact.posterUrl ?? artifact.url;
  if (artifact.type === "model") element.dataset.model = artifact.url;
  return element;
}

let pinned = "";
/** Show it large. asked: a person chose it, so it gets its controls and, as a video, its sound. */
function screen(artifact, label, { asked = false } = {}) {
  const place = one("screen");
  if (!place) return;
  const over = isOver();
  const moves = MOVING && !over && !asked;
  const element =
    artifact.type === "model"
      ? modelView(artifact, label)
      : medium(artifact, label, { controls: !moves, moves });
  if (!element) return;
  if (over && artifact.type !== "model") element.classList.add("film");
  leave();
  place.replaceChildren(artifact.type === "audio" && !over ? withNote(element) : element);
  if (asked && artifact.type === "video") element.play().catch(() => {});
  if (artifact.type === "model") turn(element, artifact, label);
  const list = one("thumbs");
  list.dataset.shown = artifact.id;
  for (const button of list.querySelectorAll("button")) mark(list, button);
}

/** An audio player alone on the dark screen looks like a video that does not show. */
function withNote(element) {
  const box = document.createElement("div");
  box.className = "live-sound";
  box.append(document.getElementById("thumb-audio").content.cloneNode(true), element);
  return box;
}

/** The first click on a video that moves on its own starts it again, with sound and controls. */
function unmute(event) {
  const film = event.target.closest?.("[data-screen] video:not([controls])");
  if (!film) return;
  const { artifact } = film.dataset;
  pinned = artifact;
  screen({ id: artifact, type: "video", url: film.currentSrc || film.src }, film.ariaLabel, { asked: true });
}

/** The file that is on the screen is marked among the small ones, and is in view. */
function mark(list, button) {
  const isShown = button.dataset.shows === list.dataset.shown;
  button.setAttribute("aria-current", String(isShown));
  if (isShown) list.scrollLeft = button.parentElement.offsetLeft - list.clientWidth / 2;
}

const makers = new WeakMap();
/** A small picture of each file, in the order of the stages and their items. */
function thumb(step, artifact, label) {
  const list = one("thumbs");
  if (!list || root.querySelector(`[data-shows="${CSS.escape(artifact.id)}"]`)) return;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.shows = artifact.id;
  button.setAttribute("aria-label", `Show ${label}`);
  if (artifact.type === "audio") {
    button.append(document.getElementById("thumb-audio").content.cloneNode(true));
  } else {
    const small = medium(artifact, "", { controls: false, lazy: true });
    if (!small) return;
    delete small.dataset.artifact;
    small.removeAttribute("aria-label");
    if (small.tagName === "VIDEO") {
      button.append(document.getElementById("thumb-video").content.cloneNode(true));
      lazily(small);
    }
    button.append(small);
  }
  button.addEventListener("click", () => {
    pinned = artifact.id;
    screen(artifact, label, { asked: true });
  });
  const item = document.createElement("li");
  item.append(button);
  makers.set(item, step);
  let before = null;
  for (let last = list.lastElementChild; last; last = last.previousElementSibling) {
    const place = step.compareDocumentPosition(makers.get(last));
    if (!(place & Node.DOCUMENT_POSITION_FOLLOWING)) break;
    before = last;
  }
  list.insertBefore(item, before);
  mark(list, button);
}

const labelOf = (step) => `${step.dataset.title}, result`;
const TYPES = { IMG: "image", VIDEO: "video", AUDIO: "audio" };
const artifactOf = ({ dataset: { artifact: id, model }, tagName, src }) =>
  model ? { id, type: "model", url: model, posterUrl: src } : { id, type: TYPES[tagName], url: src };

/** A step made a file: it is in its row, among the small ones and, the newest, on the screen. */
export function arrived(step, artifact) {
  const media = one("media", step);
  if ([...media.children].some((element) => element.dataset.artifact === artifact.id)) return;
  const label = labelOf(step);
  const lazy = "itemOf" in step.dataset;
  const element = medium(artifact, label, { controls: true, lazy });
  if (!element) return;
  media.append(element);
  enlarging(step);
  thumb(step, artifact, label);
  // What can be heard only does not take the place of what can be seen.
  const hides = artifact.type === "audio" && one("screen")?.querySelector("img, video");
  if (!pinned && !hides) screen(artifact, label);
}

/** An item's result fits its fold; on the screen it is as large as the page allows. */
function enlarging(step) {
  const button = one("enlarge", step);
  const element = one("artifact", one("media", step));
  if (button) button.hidden = !one("screen") || !element || element.tagName === "AUDIO";
}

export function enlarge(event) {
  const step = event.target.closest?.("[data-enlarge]")?.closest("[data-step]");
  if (!step) return;
  const artifact = artifactOf(one("artifact", one("media", step)));
  pinned = artifact.id;
  screen(artifact, labelOf(step), { asked: true });
  one("screen").scrollIntoView({ block: "center", behavior: MOVING ? "smooth" : "auto" });
}

/** While a run waits the screen shows what is asked, as the server draws it. */
export function showAsked(fresh) {
  const [now, then] = [one("screen"), one("screen", fresh)];
  const waits = fresh.dataset.status === "waiting_for_user";
  if (!now || !then || !one("live-view", fresh) || !(waits || one("asks", now))) return;
  pinned = "";
  leave();
  one("thumbs").dataset.shown = one("thumbs", fresh).dataset.shown;
  now.replaceWith(then);
  prepareScreen();
}

/** What moves on its own begins, and everything made so far gets its small picture. */
export function prepareScreen() {
  const film = one("screen")?.querySelector("video:not([controls])");
  if (film && MOVING) {
    film.loop = true;
    film.play().catch(() => {});
  } else if (film) {
    film.controls = true;
    film.muted = false;
  }
  const model = one("screen")?.querySelector("img[data-model]");
  if (model) screen(artifactOf(model), model.alt);
  for (const step of all("step")) {
    for (const element of one("media", step).children) {
      if (element.tagName in TYPES) thumb(step, artifactOf(element), labelOf(step));
    }
    enlarging(step);
  }
}

root?.addEventListener("click", unmute);
