import { createPortal } from 'react-dom'
import { useT } from '@/app/i18n'
import { ClipIcon } from '@/ui/icons'

/** Shows where a file may be let go, over the whole thread. */
export function DropZone({ at }: { at: DOMRect }) {
  const t = useT()
  return createPortal(
    <div style={{ left: at.left, top: at.top, width: at.width, height: at.height }} className="pointer-events-none fixed z-30 p-3">
      <div className="flex size-full animate-enter flex-col items-center justify-center gap-2 rounded-xl border-2 border-dashed border-accent-text bg-surface/90 text-base font-semibold">
        <ClipIcon size={28} className="text-accent-text" />
        {t('composer.dropHere')}
      </div>
    </div>,
    document.body,
  )
}
