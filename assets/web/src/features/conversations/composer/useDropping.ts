import { useEffect, useState, type RefObject } from 'react'

/** Is something dragged over the thread that the composer stands in? What is let go there is handed over. */
export function useDropping(within: RefObject<HTMLElement | null>, isOpen: boolean, onFiles: (files: Iterable<File>) => void): DOMRect | null {
  const [over, setOver] = useState<DOMRect | null>(null)
  useEffect(() => {
    const zone = within.current?.parentElement
    if (!zone || !isOpen) return
    let depth = 0
    const brings = (event: DragEvent) => !!event.dataTransfer?.types.includes('Files')
    const enter = (event: DragEvent) => {
      if (!brings(event)) return
      event.preventDefault()
      // One enters a child before leaving its parent.
      if (++depth === 1) setOver(zone.getBoundingClientRect())
    }
    const leave = (event: DragEvent) => {
      if (brings(event) && --depth <= 0) end()
    }
    const stay = (event: DragEvent) => {
      if (!brings(event)) return
      event.preventDefault()
      event.dataTransfer!.dropEffect = 'copy'
    }
    const drop = (event: DragEvent) => {
      if (!brings(event)) return
      event.preventDefault()
      end()
      onFiles([...event.dataTransfer!.files])
    }
    const end = () => {
      depth = 0
      setOver(null)
    }
    zone.addEventListener('dragenter', enter)
    zone.addEventListener('dragleave', leave)
    zone.addEventListener('dragover', stay)
    zone.addEventListener('drop', drop)
    return () => {
      zone.removeEventListener('dragenter', enter)
      zone.removeEventListener('dragleave', leave)
      zone.removeEventListener('dragover', stay)
      zone.removeEventListener('drop', drop)
    }
  }, [within, isOpen, onFiles])
  return over
}
