// The console by keyboard; `?` lists the keys. Each is also a link, a field or a button of the page,
// and without this file they work as such.
import { say } from "./page.js";

const form = document.querySelector("[data-decide]");
const message = document.getElementById("decision-message");
const reason = document.getElementById("decision-reason");
const decides = document.querySelector("[data-decides]");
// The last words this page filled in itself: what a person typed is never replaced.
let filled = "";

function chosen() {
  return form?.querySelector('input[name="action"]:checked');
}

/** How many things a decision changes, with what is checked beside its subject. */
function reached() {
  return [...form.querySelectorAll("[data-reach]:checked:enabled")].reduce(
    (sum, box) => sum + Number(box.dataset.reach),
    1,
  );
}

/** Name the button after what it does, and write the usual words into an untouched letter. */
function follow() {
  const choice = chosen();
  if (!choice) return;
  for (const set of form.querySelectorAll("[data-with-problem]")) {
    // What goes with a problem isn't sent with a decision that finds none.
    set.disabled = !("upholds" in choice.dataset);
    set.hidden = set.disabled;
  }
  const cases = form.querySelectorAll('input[name="case"]:checked').length;
  const count = cases || reached();
  if (decides) decides.textContent = choice.dataset.title + (count > 1 ? ` ${count}` : "");
  if (!message) return;
  const letters = choice.dataset.letters;
  const tells = letters !== "";
  message.closest(".field").hidden = !tells;
  if (message.value !== filled && message.value !== "") return;
  filled = tells ? (JSON.parse(letters)[reason.value] ?? "") : "";
  message.value = filled;
}

form?.addEventListener("change", follow);
if (form) follow();

for (const sorter of document.querySelectorAll("[data-sends]")) {
  sorter.addEventListener("change", () => sorter.requestSubmit());
}

/** Show the media in place, so that nothing typed so far is lost. */
async function look(event) {
  event.preventDefault();
  const asked = event.target;
  let page = null;
  try {
    const answer = await fetch(asked.action, { method: "POST", body: new FormData(asked) });
    if (answer.ok) page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    // Offline: the form itself says so below.
  }
  const fresh = page?.getElementById("subject");
  if (!fresh) {
    asked.removeEventListener("submit", look);
    asked.requestSubmit();
    return;
  }
  document.getElementById("subject").replaceWith(fresh);
  fresh.focus();
  say("Media shown. The view was logged.");
}
document.querySelector("[data-look]")?.addEventListener("submit", look);

// --- several cases at once ---------------------------------------------------------------------

const bulk = document.querySelector("[data-bulk]");
const boxes = [...(bulk?.querySelectorAll('input[name="case"]') ?? [])];
// Where a range begins: the box that was checked last.
let anchor = null;

function countChosen() {
  const count = boxes.filter((box) => box.checked).length;
  bulk.querySelector("[data-bulk-count]").textContent = `${count} selected`;
}

/** Check a box, or with Shift all from the last one to it. */
function choose(box, isRange) {
  const from = boxes.indexOf(anchor);
  const to = boxes.indexOf(box);
  if (isRange && from >= 0) {
    for (const one of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      one.checked = box.checked;
    }
  }
  anchor = box;
  countChosen();
}

bulk?.addEventListener("click", (event) => {
  if (boxes.includes(event.target)) choose(event.target, event.shiftKey);
});
// A page that comes back from the history keeps its checks.
window.addEventListener("pageshow", () => bulk && countChosen());

/** The box that X means: of the row with the focus, or of the case beside the queue. */
function boxInHand() {
  const row =
    document.activeElement?.closest?.(".mod-queue li") ??
    bulk?.querySelector("[data-current]") ??
    bulk?.querySelector("li");
  return row?.querySelector('input[name="case"]');
}

/** Go to the row of the queue, or to the appeal, that follows or comes before. Returns false at the
 * end, where a link of the page goes on. */
function step(forward) {
  const inQueue = document.activeElement?.closest?.(".mod-queue li");
  const all = [...document.querySelectorAll(inQueue ? ".mod-queue li" : "[data-step]")];
  const place = all.indexOf(inQueue ?? document.activeElement?.closest?.("[data-step]"));
  const next = all[place + (forward ? 1 : -1)];
  if (!next) return false;
  (inQueue ? next.querySelector(".mod-row") : next).focus();
  return true;
}

// --- keys --------------------------------------------------------------------------------------

const typing = "input:not([type=radio], [type=checkbox]), textarea, select, dialog, [popover]";

function press(key, event) {
  if (key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (key === "v") {
    document.querySelector("[data-look]")?.requestSubmit();
  } else if (key === "x") {
    const box = boxInHand();
    if (!box) return false;
    box.checked = !box.checked;
    choose(box, event.shiftKey);
    box.focus();
  } else if (key === "b") {
    if (boxes.some((box) => box.checked)) bulk.requestSubmit();
  } else if (key >= "1" && key <= "4" && key.length === 1) {
    const within = document.activeElement?.closest?.("[data-step]") ?? form ?? document;
    const choice = within.querySelector(`[data-choice="${key}"]:enabled`);
    if (!choice) return false;
    choice.checked = true;
    choice.focus();
    if (form) follow();
  } else if (key === "j" || key === "k") {
    if (!step(key === "j")) document.querySelector(`[data-key="${key}"]`)?.click();
  } else if (["u", "c", "s", "r", "m", "d"].includes(key)) {
    const found = document.querySelector(`[data-key="${key}"]:enabled`);
    if (!found) return false;
    found.focus();
    if (!found.matches("select")) found.click();
  } else {
    return false;
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const sent = event.target.closest?.("[data-decide], [data-answer]") ?? form;
    const isOther = event.target.closest?.("form") && !event.target.closest("[data-decide], [data-answer], [data-bulk]");
    if (!sent || isOther) return;
    event.preventDefault();
    sent.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(typing)) return;
  if (press(event.key.toLowerCase(), event)) event.preventDefault();
});
