import { useMemo } from 'react'
import { qrCode, qrPath } from '@/lib/qr'
import { cx } from '@/lib/cx'

/** Light modules around the code: readers need them. */
const QUIET = 4

/** A QR code, dark on white by day and by night: many readers take no other. */
export function QrCode({ text, label, className }: { text: string; label: string; className?: string }) {
  const code = useMemo(() => {
    const modules = qrCode(text)
    return modules && { path: qrPath(modules), size: modules.length + 2 * QUIET }
  }, [text])
  if (!code) return null
  return (
    <svg viewBox={`${-QUIET} ${-QUIET} ${code.size} ${code.size}`} role="img" aria-label={label} shapeRendering="crispEdges" className={cx('block rounded-lg bg-white', className)}>
      <path d={code.path} fill="#0b141a" />
    </svg>
  )
}
