import { Box, FileText, Film, Image, type LucideIcon, Music, User } from 'lucide-react'

const ICONS: Readonly<Record<string, LucideIcon>> = {
  box: Box,
  film: Film,
  image: Image,
  music: Music,
  user: User,
}

export function StageIcon({ name }: { name: string }) {
  const Found = ICONS[name] ?? FileText
  return <Found className="i" aria-hidden />
}
