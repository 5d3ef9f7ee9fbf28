/** 0:07, 12:30, 1:02:03. */
export function lengthWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/**
 * The room a picture gets before its bytes are there, in CSS pixels: as large as its place allows, in its own ratio as
 * far as that is one people can look at. Without a known size a square.
 */
export function roomFor(width: number | null | undefined, height: number | null | undefined, widest = 320, tallest = 380): { width: number; height: number } {
  if (!width || !height) return { width: 240, height: 240 }
  const ratio = Math.min(2.6, Math.max(0.5, width / height))
  const fit = Math.min(widest, tallest * ratio, Math.max(width, 200))
  return { width: Math.round(fit), height: Math.round(fit / ratio) }
}
