import { useId, type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes } from 'react'
import { cx } from '@/lib/cx'

const CONTROL =
  'w-full rounded-md border border-field-line bg-surface px-2.5 text-base text-text shadow-xs transition-colors hover:border-text-3 focus-visible:border-accent-text focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-bad disabled:opacity-60 dark:bg-sunken max-sm:text-lg'

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: string
  optional?: string
  children: (control: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean | undefined }) => ReactNode
  className?: string
}

/** A labelled control with a hint and, after a refusal, the words of what is wrong. */
export function Field({ label, hint, error, optional, children, className }: FieldProps) {
  const id = useId()
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="flex justify-between text-sm font-medium text-text-2">
        <span>{label}</span>
        {optional && <span className="font-normal text-text-3">{optional}</span>}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error && <p id={`${id}-error`} className="text-xs text-bad">{error}</p>}
      {hint && <p id={`${id}-hint`} className="text-xs text-text-3">{hint}</p>}
    </div>
  )
}

export function Input({ className, ...rest }: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input className={cx(CONTROL, 'h-9 max-sm:h-11', className)} {...rest} />
}

export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea className={cx(CONTROL, 'min-h-20 py-2', className)} {...rest} />
}

/** Label, input and messages in one, for the common case. */
export function TextField({ label, hint, error, optional, fieldClass, ...input }: Omit<FieldProps, 'children' | 'className'> & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement>; fieldClass?: string }) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={fieldClass}>
      {(control) => <Input {...control} {...input} />}
    </Field>
  )
}
