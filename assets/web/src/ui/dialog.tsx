import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { useRef, type ReactNode } from 'react'
import { cx } from '@/lib/cx'
import { Button, IconButton } from './button'
import { CloseIcon } from './icons'

const POPUP = 'overlay fixed z-40 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-lg outline-none'
const VEIL = 'veil fixed inset-0 z-40 bg-shade'

interface Props {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  children: ReactNode
  footer?: ReactNode
  /** Word of the close button. */
  closeLabel: string
  width?: 'sm' | 'md' | 'lg'
  /** Near the top, for things one types into. */
  high?: boolean
  /** The title is spoken but not shown. */
  bare?: boolean
  /** On a phone it comes up from below, as wide as the screen and near the thumb. */
  sheet?: boolean
}

const SHEET = 'max-sm:inset-x-0 max-sm:top-auto max-sm:bottom-0 max-sm:w-full max-sm:max-h-[calc(100dvh-3rem)] max-sm:translate-x-0 max-sm:translate-y-0 max-sm:rounded-b-none max-sm:border-x-0 max-sm:border-b-0 max-sm:pb-[env(safe-area-inset-bottom)]'

export function Dialog({ open, onOpenChange, title, description, children, footer, closeLabel, width = 'md', high, bare, sheet }: Props) {
  const popup = useRef<HTMLDivElement>(null)
  // What one types into comes first; without it the dialog itself, rather than its close button.
  const initialFocus = () => popup.current?.querySelector<HTMLElement>('input:not([readonly]), textarea') ?? popup.current
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className={VEIL} />
        <Base.Popup
          ref={popup}
          initialFocus={initialFocus}
          className={cx(
            POPUP,
            'left-1/2 -translate-x-1/2',
            high ? 'top-[max(1rem,12vh)]' : 'top-1/2 -translate-y-1/2',
            sheet && SHEET,
            width === 'sm' ? 'sm:w-96' : width === 'md' ? 'sm:w-[30rem]' : 'sm:w-[42rem]',
          )}
        >
          <div className={bare ? 'sr-only' : 'flex items-start justify-between gap-3 px-5 pt-4 pb-3'}>
            <div className="min-w-0">
              <Base.Title className="text-lg font-semibold">{title}</Base.Title>
              {description && <Base.Description className="mt-0.5 text-sm text-text-3">{description}</Base.Description>}
            </div>
            {!bare && (
              <Base.Close render={<IconButton label={closeLabel} size={28} className="-mr-1.5 max-sm:-mt-2.5 max-sm:-mr-3" />}>
                <CloseIcon size={16} />
              </Base.Close>
            )}
          </div>
          {bare ? children : <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>}
          {footer && <div className="flex justify-end gap-2 border-t border-line bg-sunken px-5 py-3">{footer}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

interface ConfirmProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  children: ReactNode
  confirm: string
  cancel: string
  onConfirm: () => void
  danger?: boolean
}

/** Asks before something that can't be taken back. */
export function Confirm({ open, onOpenChange, title, children, confirm, cancel, onConfirm, danger }: ConfirmProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={VEIL} />
        <AlertDialog.Popup className={cx(POPUP, 'top-1/2 left-1/2 -translate-x-1/2 -translate-y-1/2 sm:w-96')}>
          <div className="px-5 pt-4 pb-5">
            <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description className="mt-1 text-sm text-text-2">{children}</AlertDialog.Description>
          </div>
          <div className="flex justify-end gap-2 border-t border-line bg-sunken px-5 py-3">
            <AlertDialog.Close render={<Button>{cancel}</Button>} />
            <AlertDialog.Close render={<Button kind={danger ? 'danger' : 'primary'} onClick={onConfirm}>{confirm}</Button>} />
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
