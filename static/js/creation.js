// A creation's page: its 3D model turns, and phones pass its link on to other apps.
import { modelView, turn } from "./models.js";

const picture = document.querySelector(".made-main [data-model]");
if (picture) {
  const artifact = { id: "", url: picture.dataset.model, posterUrl: picture.src };
  const view = modelView(artifact, picture.alt);
  picture.replaceWith(view);
  turn(view, artifact, picture.alt);
}

for (const button of document.querySelectorAll("[data-pass-on]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    // Closing the system's dialog rejects.
    navigator.share({ title: button.dataset.title, url: button.dataset.passOn }).catch(() => {});
  });
}
