/** Return the tile to which a key leads; null: it leads nowhere. Tiles lie in rows. */
export function tileAfterKey(
  key: string,
  here: number,
  tiles: readonly { offsetTop: number }[],
): number | null {
  const across = tiles.filter((tile) => tile.offsetTop === tiles[0]?.offsetTop).length
  switch (key) {
    case 'ArrowRight':
      return here + 1
    case 'ArrowLeft':
      return here - 1
    case 'ArrowDown':
      return here + across
    case 'ArrowUp':
      return here - across
    case 'Home':
      return 0
    case 'End':
      return tiles.length - 1
    default:
      return null
  }
}
