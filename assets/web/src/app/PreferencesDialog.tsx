import type { ReactNode } from 'react'
import { auth } from '@/api/calls'
import { Dialog } from '@/ui/dialog'
import { Switch, Segments } from '@/ui/controls'
import { Field } from '@/ui/field'
import { MoonIcon, SunIcon } from '@/ui/icons'
import { Select } from '@/ui/select'
import { activate, LOCALES, useT, type Locale } from './i18n'
import { prefer, usePreferences } from './preferences'
import { assumeMe } from './session'
import { i18n } from './i18n'

/** How this person likes the desk; every change shows at once. */
export function PreferencesDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useT()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('preferences.title')} description={t('preferences.description')} closeLabel={t('action.close')}>
      <PreferencesForm />
    </Dialog>
  )
}

export function PreferencesForm() {
  const t = useT()
  const preferences = usePreferences()
  const setLanguage = (language: Locale) => {
    prefer({ language })
    assumeMe({ language })
    void activate(language)
    // It is theirs wherever they sign in next; when the server refuses, the screen still keeps the choice.
    void auth.updateMe({ language }).catch(() => undefined)
  }
  return (
    <div className="flex flex-col gap-5">
      <Field label={t('preferences.language')}>
        {(control) => <Select {...control} value={i18n.locale as Locale} onChange={setLanguage} options={LOCALES.map(({ locale, name }) => ({ value: locale, label: name }))} />}
      </Field>
      <Row label={t('preferences.theme')}>
        <Segments
          label={t('preferences.theme')}
          value={preferences.theme}
          onChange={(theme) => prefer({ theme })}
          options={[
            { value: 'system', label: t('preferences.themeSystem') },
            { value: 'light', label: t('preferences.themeLight'), icon: <SunIcon size={15} /> },
            { value: 'dark', label: t('preferences.themeDark'), icon: <MoonIcon size={15} /> },
          ]}
        />
      </Row>
      <Row label={t('preferences.density')}>
        <Segments
          label={t('preferences.density')}
          value={preferences.density}
          onChange={(density) => prefer({ density })}
          options={[
            { value: 'cosy', label: t('preferences.densityCosy') },
            { value: 'compact', label: t('preferences.densityCompact') },
          ]}
        />
      </Row>
      <Row label={t('preferences.sendWith')}>
        <Segments
          label={t('preferences.sendWith')}
          value={preferences.sendWith}
          onChange={(sendWith) => prefer({ sendWith })}
          options={[
            { value: 'enter', label: 'Enter' },
            { value: 'ctrl-enter', label: 'Ctrl + Enter' },
          ]}
        />
      </Row>
      <Switch checked={preferences.shortcuts} onChange={(shortcuts) => prefer({ shortcuts })} label={t('preferences.shortcuts')} hint={t('preferences.shortcutsHint')} />
    </div>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <span className="text-sm font-medium">{label}</span>
      {children}
    </div>
  )
}
