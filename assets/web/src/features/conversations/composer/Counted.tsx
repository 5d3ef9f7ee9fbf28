import type { InputHTMLAttributes, TextareaHTMLAttributes } from 'react'
import { useT } from '@/app/i18n'
import { Field, Input, TextArea } from '@/ui/field'
import type { Problems } from './more'

interface Counting {
  label: string
  max: number
  value: string
  onWrite: (value: string) => void
  problem?: Problems[string]
  optional?: boolean
  /** The label is spoken and not shown: its place says what it is. */
  bare?: boolean
}

/** An input that counts what is left of the longest text its channel takes. */
export function Counted({ label, max, value, onWrite, problem, optional, bare, multiline, ...rest }: Counting & { multiline?: boolean } & Pick<InputHTMLAttributes<HTMLInputElement> & TextareaHTMLAttributes<HTMLTextAreaElement>, 'placeholder' | 'autoFocus' | 'inputMode'>) {
  const t = useT()
  const left = max - value.trim().length
  const error = problem === 'tooLong' ? t('composer.left', { count: left }) : problem && t(`composer.problem.${problem}`)
  const counter = <span aria-hidden="true" className={left < 0 ? 'tabular font-semibold text-bad' : 'tabular font-normal text-text-3'}>{left}</span>
  const Control = multiline ? TextArea : Input
  const shown = (
    <span className="flex w-full justify-between gap-2">
      <span>{label}{optional && <span className="font-normal text-text-3"> · {t('word.optional')}</span>}</span>
      {counter}
    </span>
  )
  if (!bare) {
    return (
      <Field label={shown} error={error} className="[&_label>span]:w-full">
        {(control) => <Control {...control} {...rest} value={value} onChange={(event: { target: { value: string } }) => onWrite(event.target.value)} />}
      </Field>
    )
  }
  return (
    <Field label={<span className="sr-only">{label}</span>} error={error} className="min-w-0 flex-1">
      {(control) => (
        <span className="relative block">
          <Control {...control} {...rest} value={value} onChange={(event: { target: { value: string } }) => onWrite(event.target.value)} className="pr-11" />
          <span className="absolute top-2.5 right-2.5 text-xs max-sm:top-3.5">{counter}</span>
        </span>
      )}
    </Field>
  )
}
