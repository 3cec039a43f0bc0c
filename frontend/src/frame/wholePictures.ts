/** Pictures higher than wide, shown whole on a card, which is wider than high. */

type Picture = HTMLImageElement | HTMLVideoElement

const PICTURES = '.media > :is(img, video)'

export function showWholePictures(): void {
  for (const picture of document.querySelectorAll<Picture>(PICTURES)) look(picture)
  // These events don't bubble.
  for (const event of ['load', 'loadedmetadata']) {
    document.addEventListener(
      event,
      ({ target }) => {
        if (target instanceof Element && target.matches(PICTURES)) look(target as Picture)
      },
      true,
    )
  }
}

function look(picture: Picture): void {
  const [width, height] =
    picture instanceof HTMLVideoElement
      ? [picture.videoWidth, picture.videoHeight]
      : [picture.naturalWidth, picture.naturalHeight]
  picture.classList.toggle('is-high', height > width)
}
