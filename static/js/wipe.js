// A result beside what it was made of: laid over each other with a divider, or side by side as the
// page has them without scripts. Clips play together.

const LEEWAY = 0.08;

function button(label, onClick) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn btn-s";
  element.textContent = label;
  element.addEventListener("click", onClick);
  return element;
}

/** The divider is a slider as wide as the picture: a finger, a mouse and arrow keys move it. */
function divider(room) {
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = 0;
  slider.max = 100;
  slider.step = 0.5;
  slider.value = 50;
  slider.className = "before-divider";
  slider.setAttribute("aria-label", "Divider");
  const set = () => {
    room.style.setProperty("--at", `${slider.value}%`);
    const before = Math.round(slider.value);
    slider.setAttribute("aria-valuetext", `${before}% before, ${100 - before}% after`);
  };
  slider.addEventListener("input", set);
  set();
  return slider;
}

/** Two clips as one: the later one leads and is heard. */
function together(first, second, bar) {
  const play = button("Play", () => {
    if (second.paused) {
      for (const clip of [first, second]) clip.play().catch(() => {});
    } else {
      for (const clip of [first, second]) clip.pause();
    }
  });
  const moment = document.createElement("input");
  moment.type = "range";
  moment.min = 0;
  moment.step = 0.01;
  moment.value = 0;
  moment.setAttribute("aria-label", "Time");
  moment.addEventListener("input", () => {
    for (const clip of [first, second]) clip.currentTime = Number(moment.value);
  });
  const keep = () => {
    play.textContent = second.paused ? "Play" : "Pause";
    if (Number.isFinite(second.duration)) moment.max = second.duration;
    moment.value = second.currentTime;
    if (Math.abs(first.currentTime - second.currentTime) > LEEWAY) {
      first.currentTime = second.currentTime;
    }
    if (second.paused) first.pause();
    else requestAnimationFrame(keep);
  };
  for (const name of ["play", "pause", "seeked", "loadedmetadata"]) {
    second.addEventListener(name, keep);
  }
  for (const clip of [first, second]) {
    clip.controls = false;
    clip.preload = "auto";
  }
  bar.append(play, moment);
}

function prepare(fold) {
  const room = fold.querySelector("[data-before-in]");
  const [first, second] = room.querySelectorAll("img, video");
  const bar = document.createElement("div");
  bar.className = "before-bar";
  const slider = divider(room);
  const beside = button("Side by side", () => {
    const isWipe = room.classList.toggle("is-wipe");
    slider.hidden = !isWipe;
    beside.setAttribute("aria-pressed", String(!isWipe));
  });
  beside.setAttribute("aria-pressed", "false");
  room.classList.add("is-wipe");
  room.append(slider);
  if (second.tagName === "VIDEO") together(first, second, bar);
  bar.append(beside);
  room.after(bar);
}

// It does not bubble, and the page's rows are drawn again while the run goes on.
document.addEventListener(
  "toggle",
  (event) => {
    const fold = event.target;
    if (!fold.matches?.("[data-before]") || !fold.open || "isPrepared" in fold.dataset) return;
    fold.dataset.isPrepared = "";
    prepare(fold);
  },
  true,
);
