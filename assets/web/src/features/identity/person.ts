import type { NewUser, User, UserChange } from '@/api/types'
import { check, digits, type Rule } from '@/lib/check'
import { phoneWords } from '@/lib/phone'
import { EMAIL_RULES, EXTENSION_RULES, NAME_RULES, NEW_PASSWORD_RULES, PHONE_RULES } from './rules'

/** A colleague as a form holds them: everything is text until it is sent. */
export interface PersonForm {
  name: string
  email: string
  password: string
  role: string
  queueIds: string[]
  extension: string
  phone: string
  maxTickets: string
  isActive: boolean
}

export function formOf(user: User | null): PersonForm {
  return {
    name: user?.name ?? '',
    email: user?.email ?? '',
    password: '',
    role: user?.role ?? 'AGENT',
    queueIds: user?.queueIds ?? [],
    extension: user?.extension ?? '',
    phone: phoneWords(user?.phone ?? ''),
    maxTickets: user?.maxTickets ? String(user.maxTickets) : '',
    isActive: user?.isActive ?? true,
  }
}

/** What the form says about a new colleague. */
export function wholeOf(form: PersonForm): NewUser {
  const { password, role, queueIds } = form
  const text = (value: string) => value.trim() || null
  return { name: form.name.trim(), email: form.email.trim(), password, role, queueIds, extension: text(form.extension), phone: text(form.phone), maxTickets: Number(form.maxTickets || 0) }
}

/** What the form changes about a colleague. What it leaves alone is not sent, so that two people editing one colleague don't undo each other. */
export function changesOf(user: User, form: PersonForm): UserChange {
  const whole: UserChange = { ...wholeOf(form), isActive: form.isActive }
  const before: UserChange = { ...wholeOf(formOf(user)), isActive: user.isActive }
  const same = (key: keyof UserChange) => JSON.stringify(whole[key]) === JSON.stringify(before[key])
  return Object.fromEntries((Object.keys(whole) as (keyof UserChange)[]).filter((key) => !same(key)).map((key) => [key, whole[key]]))
}

/** Of one who is there already, an empty password field changes nothing. */
const KEPT_PASSWORD_RULES: readonly Rule[] = NEW_PASSWORD_RULES.slice(1)

/** What can be seen to be wrong without asking. */
export function problemsOf({ name, email, password, extension, phone, maxTickets }: PersonForm, isNew: boolean) {
  return check(
    { name, email, password, extension, phone, maxTickets },
    { name: NAME_RULES, email: EMAIL_RULES, password: isNew ? NEW_PASSWORD_RULES : KEPT_PASSWORD_RULES, extension: EXTENSION_RULES, phone: PHONE_RULES, maxTickets: [digits] },
  )
}
