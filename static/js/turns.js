// What a run asks: counts picks, keys 1 to 9, and sends answers without leaving the page.
// Everything works without it, by plain forms.

const CHOICES = 9;

const picksOf = (turn) => [...turn.querySelectorAll('input[name="pick"]')];

/** "2 of 3", and whether the answer can be sent as it is. */
function count(turn) {
  const place = turn.querySelector("[data-count]");
  if (!place) return;
  const least = Number(turn.dataset.least);
  const most = Number(turn.dataset.most);
  const chosen = picksOf(turn).filter((pick) => pick.checked).length;
  const wanted = least === most ? most : `${least}–${most}`;
  place.textContent = `${chosen} of ${wanted}`;
  const fits = chosen >= least && chosen <= most;
  const button = turn.querySelector('button[value="select"]');
  button.setAttribute("aria-disabled", String(!fits));
  button.title = fits ? "" : chosen < least ? `Choose ${least - chosen} more` : `Choose ${chosen - most} fewer`;
}

/** Keys in a grid of media: digits pick, arrows go on to the next. */
function onKey(event) {
  const turn = event.target.closest?.("[data-turn]");
  const grid = event.target.closest?.("[data-picks]");
  if (!turn || !grid || event.ctrlKey || event.altKey || event.metaKey) return;
  const picks = picksOf(turn);
  const digit = Number(event.key);
  if (Number.isInteger(digit) && digit >= 1 && digit <= Math.min(CHOICES, picks.length)) {
    event.preventDefault();
    picks[digit - 1].focus();
    picks[digit - 1].click();
    return;
  }
  // Radio buttons have arrows of their own.
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const here = picks.indexOf(event.target);
  if (!step || here < 0 || picks[here].type === "radio") return;
  event.preventDefault();
  picks[(here + step + picks.length) % picks.length].focus();
}

/** Make questions that are new on the page ready. */
export function prepareTurns(within = document) {
  for (const turn of within.querySelectorAll("[data-turn]")) count(turn);
}

/** What people have typed and picked stays: a question that is still asked keeps its element. */
export function keepTurns(before, after) {
  for (const old of before.querySelectorAll("[data-turn]")) {
    const fresh = after.querySelector(`[data-turn="${CSS.escape(old.dataset.turn)}"]`);
    fresh?.replaceWith(old);
  }
}

document.addEventListener("change", (event) => {
  const turn = event.target.closest?.("[data-turn]");
  if (turn) count(turn);
});
document.addEventListener("keydown", onKey);
document.addEventListener("submit", (event) => {
  const blocked = event.submitter?.getAttribute("aria-disabled") === "true";
  if (blocked && event.target.matches("[data-turn]")) event.preventDefault();
  // Before the listener that sends it.
}, true);
prepareTurns();
