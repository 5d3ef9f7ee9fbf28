import type { Screen } from '@/app/screens'
import { TemplateIcon } from '@/ui/icons'
import './commands'

/** The screens of message templates below /settings. */
export const screens: readonly Screen[] = [
  { path: 'templates', title: 'templates.title', permission: 'template.read', nav: { group: 'channels', icon: TemplateIcon }, load: () => import('./Templates') },
  { path: 'templates/new', title: 'templates.newTitle', permission: 'template.manage', load: () => import('./NewTemplate') },
  { path: 'templates/$templateId', title: 'templates.title', permission: 'template.read', load: () => import('./TemplatePage') },
  { path: 'templates/$templateId/edit', title: 'templates.editTitle', permission: 'template.manage', load: () => import('./EditTemplate') },
]
