/** "flux2 isn't offered here." */
export function MissingModel({ name }: { name: string }) {
  return (
    <span>
      <bdi>{name}</bdi> isn't offered here.
    </span>
  )
}
