// 3D models on the pages: their pictures turn when they are on the screen.

const address = () => document.querySelector("[data-model-viewer]")?.dataset.modelViewer;

let shown = { place: null, leave: () => {} };

/** The element for a model, to be put on the page; it begins to turn once it is there. */
export function modelView(artifact, label) {
  const view = document.createElement("div");
  view.className = "model-view";
  view.dataset.artifact = artifact.id;
  const poster = document.createElement("img");
  poster.alt = label;
  poster.src = artifact.posterUrl;
  view.append(poster);
  return view;
}

/** Let a model on the page turn; the one that did so before is put away. */
export async function turn(view, artifact, label) {
  leave();
  const here = { place: view, leave: () => {} };
  shown = here;
  if (!address()) return;
  try {
    const { show } = await import(address());
    if (shown === here && view.isConnected) here.leave = show(view, { url: artifact.url, name: label });
  } catch {
    const note = document.createElement("p");
    note.className = "model-note";
    note.setAttribute("role", "status");
    note.textContent = "Couldn't load the 3D viewer, so this is a still image.";
    view.append(note);
  }
}

/** Put away what turns, for something else takes its place. */
export function leave() {
  shown.leave();
  shown = { place: null, leave: () => {} };
}
