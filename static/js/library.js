// My templates and My media: how many are ticked, ranges with Shift, all at once.
// Ticking and what is done with it are a form: without scripts they work as well.
import { say } from "./page.js";

const boxes = () => [...document.querySelectorAll(".pick")];
let last = null;

function count() {
  const picked = boxes().filter((box) => box.checked).length;
  for (const place of document.querySelectorAll("[data-picked]")) place.textContent = picked;
  for (const button of document.querySelectorAll("[data-pick-all]")) {
    button.hidden = picked === boxes().length;
  }
  return picked;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".pick");
  if (box) {
    const all = boxes();
    if (event.shiftKey && last?.isConnected) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const one of all.slice(from, to + 1)) one.checked = box.checked;
    }
    last = box;
    say(`${count()} selected`);
  } else if (event.target.closest?.("[data-pick-all]")) {
    for (const one of boxes()) one.checked = true;
    say(`${count()} selected`);
  } else if (event.target.closest?.("[data-pick-none]")) {
    event.preventDefault();
    for (const one of boxes()) one.checked = false;
    count();
    say("Nothing selected");
    document.querySelector("[data-search]")?.focus();
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  count();
  if (event.detail.target.id !== "results") return;
  const found = boxes().length;
  const more = document.getElementById("further") ? ", more below" : "";
  say(found ? `${found} shown${more}` : "No results");
});
count();
