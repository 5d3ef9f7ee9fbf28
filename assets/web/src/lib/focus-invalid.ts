import { useEffect, type RefObject } from 'react'

/** After a refusal, puts the caret into the first field that has to change. */
export function useFocusInvalid(form: RefObject<HTMLFormElement | null>, refusal: unknown): void {
  useEffect(() => {
    if (refusal) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [form, refusal])
}
