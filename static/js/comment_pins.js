// Where comments are pinned: marks below a player's timeline, numbered pins on its picture.
// A place is {key, atMs, x, y}: key names the file, x and y are shares of its picture.

// Around its moment a pin is on the picture.
const NEAR_MS = 500;
const STEP = 0.01;
// The browser's own controls at the bottom of a video stay within reach.
const CONTROLS_PX = 56;

const text = (name, words, className = "") => {
  const element = document.createElement(name);
  element.textContent = words;
  element.className = className;
  return element;
};

/** `0:02`, as `shown.moment` on the server. */
export function clockOf(ms) {
  const s = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(s / 60);
  return minutes < 60
    ? `${minutes}:${two(s % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** The players of a page: on a creation one for each file, on a run the one screen. */
export function players() {
  return [...document.querySelectorAll(".media[data-position], #run [data-screen]")];
}

/** Which file a player shows. */
export function keyOf(player) {
  return player.dataset.position ?? document.querySelector("#run [data-thumbs]")?.dataset.shown ?? "";
}

export function mediumOf(player) {
  return player.querySelector("video, audio, img:not([data-model]):not(.model-view img)");
}

export const lasts = (medium) => medium instanceof HTMLMediaElement;
export const isSeen = (medium) => Boolean(medium) && medium.tagName !== "AUDIO";

/** Pause at a moment, also where nothing is loaded yet. */
export function seek(film, ms) {
  film.pause();
  const go = () => {
    film.pause();
    film.currentTime = ms / 1000;
  };
  if (film.readyState >= HTMLMediaElement.HAVE_METADATA) {
    go();
    return;
  }
  film.addEventListener("loadedmetadata", go, { once: true });
  if (film.preload === "none" || film.networkState === HTMLMediaElement.NETWORK_EMPTY) {
    film.preload = "metadata";
    film.load();
  }
}

/** The picture inside its element: bars beside it are no part of it. In pixels of the player. */
function pictureBox(player, medium) {
  const [outer, box] = [player.getBoundingClientRect(), medium.getBoundingClientRect()];
  const wide = medium.videoWidth || medium.naturalWidth || box.width;
  const high = medium.videoHeight || medium.naturalHeight || box.height;
  const scale = Math.min(box.width / wide, box.height / high) || 1;
  const [width, height] = [wide * scale, high * scale];
  return {
    left: box.left - outer.left + (box.width - width) / 2,
    top: box.top - outer.top + (box.height - height) / 2,
    width,
    height,
  };
}

function put(element, { left, top, width, height }) {
  const style = { left, top, width, height };
  for (const [name, value] of Object.entries(style)) element.style[name] = `${value}px`;
}

/**
 * The pins and marks of one player.
 * placed(x, y): someone chose a point. cancelled(): they left it. chosen(id): they picked a pin.
 */
export class Pins {
  constructor(player, { placed, cancelled, chosen }) {
    this.player = player;
    this.chosen = chosen;
    this.remarks = [];
    this.selected = "";
    this.draft = null;
    this.layer = text("div", "", "pins");
    this.marks = text("div", "");
    this.layer.append(this.marks);
    this.target = text("div", "", "pins-target");
    this.target.hidden = true;
    this.hint = text("span", "Click in the picture to pin a point", "glass pins-hint");
    this.hint.hidden = true;
    // It stays in its place for good: what is taken out of the page loses the focus.
    this.layer.append(this.target, this.hint);
    this.strip = text("div", "", "comment-marks");
    this.strip.setAttribute("role", "group");
    this.strip.setAttribute("aria-label", "Comments on the timeline");
    this.strip.hidden = true;
    player.after(this.strip);
    player.classList.add("has-pins");
    new ResizeObserver(() => this.draw()).observe(player);
    new MutationObserver((changes) => {
      if (changes.some((one) => [...one.addedNodes].some((node) => node !== this.layer))) this.draw();
    }).observe(player, { childList: true });
    for (const name of ["loadedmetadata", "timeupdate", "seeked", "load"]) {
      player.addEventListener(name, () => this.draw(), true);
    }
    this.target.addEventListener("click", (event) => {
      const box = this.layer.getBoundingClientRect();
      const share = (value) => Math.min(1, Math.max(0, value));
      placed(share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height));
    });
    this.target.addEventListener("keydown", (event) => this.key(event, placed, cancelled));
  }

  get medium() {
    return mediumOf(this.player);
  }

  /** Arrow keys move the point, Enter sets it. */
  key(event, placed, cancelled) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const { x = 0.5, y = 0.5 } = this.draft ?? {};
    if (way) {
      const far = event.shiftKey ? 5 * STEP : STEP;
      const move = (value, by) => Math.min(1, Math.max(0, value + by * far));
      this.draft = { x: move(x, way[0]), y: move(y, way[1]) };
      this.draw();
    } else if (event.key === "Enter" || event.key === " ") placed(x, y);
    else if (event.key === "Escape") cancelled();
    else return;
    event.preventDefault();
  }

  /** Take a click into the picture as a point, until `rest`. byKeys: the target gets the focus. */
  ask({ byKeys = false } = {}) {
    this.target.hidden = false;
    this.target.tabIndex = 0;
    this.target.setAttribute("role", "button");
    this.target.setAttribute(
      "aria-label",
      "Point in the picture. Arrow keys move it, Enter sets it, Escape cancels.",
    );
    if (byKeys) this.draft ??= { x: 0.5, y: 0.5 };
    this.draw();
    if (byKeys) this.target.focus({ preventScroll: true });
  }

  rest() {
    this.target.hidden = true;
    this.draw();
  }

  draw() {
    const { medium, player } = this;
    if (!isSeen(medium)) this.layer.remove();
    else {
      if (this.layer.parentElement !== player) player.append(this.layer);
      put(this.layer, pictureBox(player, medium));
      this.target.style.bottom = medium.controls ? `${CONTROLS_PX}px` : "0";
      this.hint.hidden = this.target.hidden || this.draft !== null;
      this.drawPins(medium);
    }
    this.drawStrip(medium);
  }

  drawPins(medium) {
    const now = lasts(medium) ? 1000 * medium.currentTime : 0;
    const near = this.remarks.filter((one) => {
      if (one.x === null || (one.isResolved && one.id !== this.selected)) return false;
      return one.atMs === null || !lasts(medium) || Math.abs(now - one.atMs) <= NEAR_MS;
    });
    const { x, y } = this.draft ?? {};
    const drawn = JSON.stringify([near, x, y, this.selected]);
    if (drawn === this.drawnPins) return;
    this.drawnPins = drawn;
    this.marks.replaceChildren(...near.map((one) => this.pin(one)));
    if (this.draft) {
      const mark = text("span", "", "comment-pin is-draft");
      this.at(mark, this.draft);
      this.marks.append(mark);
    }
  }

  at(mark, { x, y }) {
    mark.style.left = `${100 * x}%`;
    mark.style.top = `${100 * y}%`;
  }

  pin(one) {
    const button = this.button(one, "comment-pin");
    this.at(button, one);
    return button;
  }

  button(one, className) {
    const button = text("button", one.number, `${className} num`);
    button.type = "button";
    button.classList.toggle("is-shown", one.id === this.selected);
    button.setAttribute(
      "aria-label",
      `Comment ${one.number} by ${one.author}${one.atMs === null ? "" : ` at ${clockOf(one.atMs)}`}`,
    );
    button.addEventListener("click", () => this.chosen(one.id));
    return button;
  }

  drawStrip(medium) {
    const duration = lasts(medium) && Number.isFinite(medium.duration) ? 1000 * medium.duration : 0;
    const marked = this.remarks.filter((one) => one.atMs !== null && duration);
    const drawn = JSON.stringify([marked, duration, this.selected]);
    // Rebuilt only where it changed: a button under the pointer or with the focus stays itself.
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focused = this.strip.contains(document.activeElement) && document.activeElement.dataset.id;
    this.strip.hidden = marked.length === 0;
    const rail = text("div", "", "comment-rail");
    for (const one of marked) {
      const mark = this.button(one, "comment-mark");
      mark.dataset.id = one.id;
      mark.classList.toggle("is-resolved", one.isResolved);
      mark.style.left = `${(100 * Math.min(one.atMs, duration)) / duration}%`;
      rail.append(mark);
    }
    this.strip.replaceChildren(rail);
    const shown = this.remarks.find((one) => one.id === this.selected);
    if (shown) {
      const caption = text("p", "", "comment-caption");
      const link = text("a", `${shown.number} ${shown.author}`, "link");
      link.href = `#comment-${shown.id}`;
      caption.append(link, text("span", ` ${shown.text}`));
      this.strip.hidden = false;
      this.strip.append(caption);
    }
    if (focused) rail.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}
