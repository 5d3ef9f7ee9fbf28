/** How a picture lies in its window: its size against the fitting one, and how far its middle is from the window's. */
export interface View {
  scale: number
  x: number
  y: number
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 }
export const SCALE_MAX = 6

/** Larger or smaller, while the point under the finger stays under it. `x`, `y` from the window's middle. */
export function zoomed(view: View, by: number, x: number, y: number, room: { width: number; height: number }): View {
  const scale = Math.min(SCALE_MAX, Math.max(1, view.scale * by))
  const part = scale / view.scale
  return held({ scale, x: x - (x - view.x) * part, y: y - (y - view.y) * part }, room)
}

export const moved = (view: View, x: number, y: number, room: { width: number; height: number }): View => held({ ...view, x: view.x + x, y: view.y + y }, room)

/** It never leaves its window. */
function held({ scale, x, y }: View, { width, height }: { width: number; height: number }): View {
  const most = (size: number) => ((scale - 1) * size) / 2
  const within = (value: number, limit: number) => Math.min(limit, Math.max(-limit, value)) || 0
  return { scale, x: within(x, most(width)), y: within(y, most(height)) }
}
