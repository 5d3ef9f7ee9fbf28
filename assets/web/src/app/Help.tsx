import { Dialog } from '@/ui/dialog'
import { Kbd, Overline } from '@/ui/text'
import { allCommands, shortcutWords, type Command } from './commands'
import { useT } from './i18n'
import { prefer, usePreferences } from './preferences'
import { Switch } from '@/ui/controls'

const GROUPS: readonly Command['group'][] = ['list', 'conversation', 'go', 'app']

/** The sheet behind "?": written from the same table that the keys obey. */
export function Help({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useT()
  const { shortcuts } = usePreferences()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('help.title')} description={t('help.description')} closeLabel={t('action.close')} width="lg">
      <div className="mb-5 rounded-md border border-line bg-sunken p-3">
        <Switch checked={shortcuts} onChange={(next) => prefer({ shortcuts: next })} label={t('preferences.shortcuts')} hint={t('preferences.shortcutsHint')} />
      </div>
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
        {GROUPS.map((group) => (
          <section key={group} className="flex flex-col gap-1">
            <Overline className="mb-1">{t(`commandGroup.${group}`)}</Overline>
            {allCommands()
              .filter((command) => command.group === group && command.shortcut)
              .map((command) => (
                <div key={command.id} className="flex items-center justify-between gap-4 text-sm">
                  <span className="text-text-2">{t(command.label)}</span>
                  <span className="flex gap-1">{shortcutWords(command.shortcut)!.split(' ').map((key) => <Kbd key={key}>{key}</Kbd>)}</span>
                </div>
              ))}
            {group === 'app' && (
              <>
                <Row words={t('command.help')} keys={['?']} />
                <Row words={t('help.send')} keys={['Ctrl', '↵']} />
                <Row words={t('help.leave')} keys={['Esc']} />
              </>
            )}
          </section>
        ))}
      </div>
    </Dialog>
  )
}

function Row({ words, keys }: { words: string; keys: readonly string[] }) {
  return (
    <div className="flex items-center justify-between gap-4 text-sm">
      <span className="text-text-2">{words}</span>
      <span className="flex gap-1">{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</span>
    </div>
  )
}
