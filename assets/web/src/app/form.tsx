import { useId, useRef, type ReactNode } from 'react'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Notice } from '@/ui/feedback'
import { errorWords, shownAtFields } from './errors'
import { useT } from './i18n'

interface FormProps {
  /** Why the last attempt failed. */
  error: unknown
  /** Fields that say themselves what is wrong with them; anything else is said above the form. */
  fields: readonly string[]
  /** The failure is told elsewhere in the form. */
  told?: boolean
  /** How often the form's own rules refused it; each time the caret goes where something has to change. */
  refusals?: number
  onSubmit: () => void
  id?: string
  className?: string
  children: ReactNode
}

/** A form that sends by its own code, tells a refusal, and puts the caret where something has to change. */
export function Form({ error, fields, told, refusals, onSubmit, id, className = 'flex flex-col gap-4', children }: FormProps) {
  const element = useRef<HTMLFormElement>(null)
  useFocusInvalid(element, error)
  useFocusInvalid(element, refusals)
  return (
    <form
      ref={element}
      id={id}
      noValidate
      className={className}
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {!!error && !told && !shownAtFields(error, fields) && <Notice tone="bad" role="alert" className="col-span-full">{errorWords(error)}</Notice>}
      {children}
    </form>
  )
}

interface DialogProps extends Omit<FormProps, 'id' | 'className' | 'error' | 'fields'>, Partial<Pick<FormProps, 'error' | 'fields'>> {
  title: string
  description?: string
  width?: 'sm' | 'md' | 'lg'
  /** Word of the button that sends. */
  submit?: string
  /** Only the button sends: Enter would come too early in a form of many lines. */
  byButton?: boolean
  busy?: boolean
  /** Beside the buttons. */
  note?: ReactNode
  onClose: () => void
}

/** A form in a dialog, with the buttons to leave it and to send it below; on a phone it comes up from there. */
export function FormDialog({ title, description, width, submit, byButton, busy, note, onClose, error = null, fields = [], ...form }: DialogProps) {
  const t = useT()
  const id = useId()
  const sends = byButton ? ({ type: 'button', onClick: form.onSubmit } as const) : ({ type: 'submit', form: id } as const)
  return (
    <Dialog
      open
      sheet
      width={width}
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      closeLabel={t('action.close')}
      footer={
        <>
          {note}
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" {...sends} busy={busy}>{submit ?? t('action.save')}</Button>
        </>
      }
    >
      <Form {...form} id={id} error={error} fields={fields} onSubmit={byButton ? () => undefined : form.onSubmit} />
    </Dialog>
  )
}
