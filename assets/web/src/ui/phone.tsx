import type { ClipboardEvent } from 'react'
import { cx } from '@/lib/cx'
import { phoneWords } from '@/lib/phone'

/** A number grouped for reading; marked and copied it is the number as programs dial it. */
export function Phone({ value, className }: { value: string; className?: string }) {
  const words = phoneWords(value)
  const copy = (event: ClipboardEvent) => {
    // Of a longer selection the number is only a part; then what one sees is what one gets.
    if (document.getSelection()?.toString().trim() !== words) return
    event.clipboardData.setData('text/plain', value)
    event.preventDefault()
  }
  return <span onCopy={copy} className={cx('tabular', className)}>{words}</span>
}
