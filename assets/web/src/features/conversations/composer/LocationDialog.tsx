import { useState } from 'react'
import { FormDialog } from '@/app/form'
import { useT } from '@/app/i18n'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { Field, Input } from '@/ui/field'
import { PinIcon } from '@/ui/icons'
import type { Limits } from './abilities'
import { Counted } from './Counted'
import { placeOf } from './place'
import { PlanLater, useSend, type Made } from './ways-out'

/** How long a device may look for itself. */
const LOOK_MS = 15_000

/** A place to be sent: where one is, or what was pasted from a map. */
export default function LocationDialog({ limits, onClose }: { limits: Limits; onClose: () => void }) {
  const t = useT()
  const [pasted, setPasted] = useState('')
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const [state, setState] = useState<'idle' | 'looking' | 'refused' | 'insecure' | 'failed'>('idle')
  const [accuracy, setAccuracy] = useState<number | null>(null)
  const [refusals, setRefusals] = useState(0)
  const found = placeOf(pasted)
  const place = found === 'shortened' ? null : found

  const look = () => {
    if (!isSecureContext || !navigator.geolocation) return setState('insecure')
    setState('looking')
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState('idle')
        setAccuracy(Math.round(coords.accuracy))
        setPasted(`${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`)
      },
      (error) => setState(error.code === error.PERMISSION_DENIED ? 'refused' : 'failed'),
      { enableHighAccuracy: true, timeout: LOOK_MS, maximumAge: 60_000 },
    )
  }
  const isTooLong = name.trim().length > limits.placeName || address.trim().length > limits.placeAddress
  const make = (): Made | null => {
    if (!place || isTooLong) {
      setRefusals(refusals + 1)
      return null
    }
    return { content: '', more: { type: 'LOCATION', location: { latitude: place.latitude, longitude: place.longitude, name: name.trim() || place.name || undefined, address: address.trim() || undefined } } }
  }
  const submit = useSend(make)
  const wrong = pasted.trim() === '' ? refusals > 0 && t('composer.location.needed') : found === 'shortened' ? t('composer.location.shortened') : !found && t('composer.location.unread')
  return (
    <FormDialog title={t('composer.location.title')} submit={t('composer.send')} note={<PlanLater make={make} />} refusals={refusals} onSubmit={submit} onClose={onClose}>
      <Field label={t('composer.location.where')} hint={t('composer.location.hint')} error={wrong || undefined}>
        {(control) => <Input {...control} value={pasted} onChange={(event) => { setPasted(event.target.value); setAccuracy(null) }} placeholder="48.8584, 2.2945" autoComplete="off" />}
      </Field>
      <Button icon={<PinIcon size={16} />} busy={state === 'looking'} onClick={look} className="self-start">{t('composer.location.here')}</Button>
      {(state === 'refused' || state === 'insecure' || state === 'failed') && <Notice tone="warn" role="alert">{t(`composer.location.${state}`)}</Notice>}
      {place && (
        <p role="status" className="flex items-center gap-2 rounded-lg border border-line bg-sunken px-3 py-2 text-sm">
          <PinIcon size={18} className="shrink-0 text-accent-text" />
          <span className="min-w-0">
            {place.name && !name && <span className="block truncate font-medium">{place.name}</span>}
            <span className="tabular">{place.latitude.toFixed(5)}, {place.longitude.toFixed(5)}</span>
            {accuracy !== null && <span className="text-text-3"> · {t('composer.location.accuracy', { metres: accuracy })}</span>}
          </span>
        </p>
      )}
      <Counted label={t('composer.location.name')} optional max={limits.placeName} value={name} onWrite={setName} problem={name.trim().length > limits.placeName ? 'tooLong' : undefined} />
      <Counted label={t('composer.location.address')} optional max={limits.placeAddress} value={address} onWrite={setAddress} problem={address.trim().length > limits.placeAddress ? 'tooLong' : undefined} />
    </FormDialog>
  )
}
