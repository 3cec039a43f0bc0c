import { Box, FileText, Film, Image, Layers, type LucideIcon, Music, User } from 'lucide-react'

const ICONS: Readonly<Record<string, LucideIcon>> = {
  box: Box,
  film: Film,
  image: Image,
  layers: Layers,
  music: Music,
  user: User,
}

export function StageIcon({ name }: { name: string }) {
  const Found = ICONS[name] ?? FileText
  return <Found className="i" aria-hidden />
}
