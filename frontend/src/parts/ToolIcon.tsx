import {
  AudioLines,
  BetweenHorizontalStart,
  Box,
  Brush,
  Captions,
  CircleDashed,
  Clapperboard,
  FileSearch,
  Film,
  Flag,
  Footprints,
  Hand,
  Hash,
  Image,
  ImageUp,
  Info,
  Layers,
  ListChecks,
  LogIn,
  type LucideIcon,
  MessageCircleQuestionMark,
  Mic,
  Music,
  Orbit,
  Palette,
  Proportions,
  RefreshCw,
  Repeat,
  Replace,
  Rotate3d,
  Scaling,
  Scan,
  ScanEye,
  ScanSearch,
  Scissors,
  ShieldCheck,
  Sparkles,
  Tag,
  ToggleLeft,
  Type,
  Video,
  Waypoints,
} from 'lucide-react'
import type { Tool } from '../api/schema'
import type { WiringNode } from '../graph/wiring'

/** The names that `tools/palette.py` gives; a test there knows them all. */
const ICONS: Readonly<Record<string, LucideIcon>> = {
  'audio-lines': AudioLines,
  'between-horizontal-start': BetweenHorizontalStart,
  box: Box,
  brush: Brush,
  captions: Captions,
  'circle-dashed': CircleDashed,
  clapperboard: Clapperboard,
  'file-search': FileSearch,
  film: Film,
  flag: Flag,
  footprints: Footprints,
  hand: Hand,
  hash: Hash,
  image: Image,
  'image-up': ImageUp,
  info: Info,
  inputs: LogIn,
  layers: Layers,
  'list-checks': ListChecks,
  'message-circle-question-mark': MessageCircleQuestionMark,
  mic: Mic,
  music: Music,
  orbit: Orbit,
  palette: Palette,
  proportions: Proportions,
  'refresh-cw': RefreshCw,
  repeat: Repeat,
  replace: Replace,
  'rotate-3d': Rotate3d,
  scaling: Scaling,
  scan: Scan,
  'scan-eye': ScanEye,
  'scan-search': ScanSearch,
  scissors: Scissors,
  'shield-check': ShieldCheck,
  sparkles: Sparkles,
  tag: Tag,
  text: Type,
  toggle: ToggleLeft,
  video: Video,
  waypoints: Waypoints,
}

/** A tool's picture. name: of ICONS; unknown ones are drawn as a dashed ring. */
export function Icon({ name, size = 16 }: { name: string; size?: number }) {
  const Drawn = (Object.hasOwn(ICONS, name) && ICONS[name]) || CircleDashed
  return <Drawn className="i" size={size} strokeWidth={1.75} aria-hidden />
}

/** The icon of a stage: its tool's, or that of its type. */
export function iconOf(tool: Tool | null, type = 'fixed'): string {
  if (type === 'interactive') return 'hand'
  if (type === 'batch') return 'repeat'
  return tool?.icon ?? 'circle-dashed'
}

/** The icon of a node on the canvas; one without a tool shows that stages are inside it. */
export function iconOfNode({ tool, asks, inside }: WiringNode): string {
  if (asks) return iconOf(tool, 'interactive')
  return tool === null && inside > 0 ? 'layers' : iconOf(tool)
}
