import { useT } from '@/app/i18n'
import { Button } from './button'
import { Input } from './field'
import { CopyIcon } from './icons'
import { toast } from './toasts'

/** A value to carry elsewhere: read-only, selected on focus, copied by a press where the browser allows. */
export function CopyField({ value, ...control }: { value: string; id?: string; 'aria-describedby'?: string }) {
  const t = useT()
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    toast(t('action.copied'))
  }
  return (
    <span className="flex gap-2">
      <Input {...control} readOnly value={value} onFocus={(event) => event.currentTarget.select()} className="flex-1 font-mono text-sm!" />
      {window.isSecureContext && (
        <Button className="h-9 max-sm:h-11" icon={<CopyIcon size={15} />} onClick={() => void copy()}>
          {t('action.copy')}
        </Button>
      )}
    </span>
  )
}
