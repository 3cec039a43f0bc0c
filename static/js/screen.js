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
      element.muted = true;
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
function screen(artifact, label) {
  const place = one("screen");
  if (!place) return;
  const over = isOver();
  const element =
    artifact.type === "model"
      ? modelView(artifact, label)
      : medium(artifact, label, { controls: over || !MOVING, moves: MOVING && !over });
  if (!element) return;
  if (over && artifact.type !== "model") element.classList.add("film");
  leave();
  place.replaceChildren(element);
  if (artifact.type === "model") turn(element, artifact, label);
  const list = one("thumbs");
  list.dataset.shown = artifact.id;
  for (const button of list.querySelectorAll("button")) mark(list, button);
}

/** The medium that is on the screen is marked among the small ones, and stands in view. */
function mark(list, button) {
  const isShown = button.dataset.shows === list.dataset.shown;
  button.setAttribute("aria-current", String(isShown));
  if (isShown) list.scrollLeft = button.parentElement.offsetLeft - list.clientWidth / 2;
}

const makers = new WeakMap();
/** A small picture of each medium, in the order of the stages and their items. */
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
    screen(artifact, label);
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

/** A step made a medium: it stands in its row, among the small ones and, the newest, on the screen. */
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
  if (!pinned) screen(artifact, label);
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
  screen(artifact, labelOf(step));
  one("screen").scrollIntoView({ block: "center", behavior: MOVING ? "smooth" : "auto" });
}

/** Films begin, and everything made so far gets its small picture. */
export function prepareScreen() {
  if (MOVING) one("screen")?.querySelector("video")?.play().catch(() => {});
  const model = one("screen")?.querySelector("img[data-model]");
  if (model) screen(artifactOf(model), model.alt);
  for (const step of all("step")) {
    for (const element of one("media", step).children) {
      if (element.tagName in TYPES) thumb(step, artifactOf(element), labelOf(step));
    }
    enlarging(step);
  }
}
