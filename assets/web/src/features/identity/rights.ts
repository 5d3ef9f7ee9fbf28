import { useQuery } from '@tanstack/react-query'
import { permissions, roles } from '@/api/calls'
import type { Permission, Reach, Role } from '@/api/types'
import { wordsFor } from '@/app/i18n'
import { can } from '@/app/session'

/** How far a permission reaches, narrowest first. */
export const REACHES: readonly Reach[] = ['own', 'queue', 'organisation', 'tenant']

type Rights = Record<string, Reach>
const far = (reach: Reach | undefined) => (reach ? REACHES.indexOf(reach) : -1)

/** Does `mine` reach as far as `theirs` in everything? Nobody gives more than they hold. */
export function covers(mine: Rights, theirs: Rights): boolean {
  return Object.entries(theirs).every(([name, reach]) => far(mine[name] ?? mine['*']) >= far(reach))
}

/** What a role adds to the one it extends: the part one edits. What reaches less far than the base is no addition. */
export function beyond(whole: Rights, base: Rights): Rights {
  return Object.fromEntries(Object.entries(whole).filter(([name, reach]) => far(reach) > far(base[name])))
}

/** How far one may give a permission: as far as it can reach at all, from what the base gives up to what oneself holds. */
export function givable(permission: Permission, floor: Reach | undefined, mine: Rights): Reach[] {
  const top = far(mine[permission.name] ?? mine['*'])
  return permission.reaches.filter((reach) => far(reach) >= far(floor) && far(reach) <= top)
}

/** What a role may be given at all, as the server lists it; that changes with the program only. */
export function usePermissions() {
  return useQuery({ queryKey: ['permission'], enabled: can('role.read'), queryFn: permissions.all, staleTime: Infinity, select: (all) => [...all].sort((a, b) => (a.name < b.name ? -1 : 1)) })
}

/** The firm's roles; frames of `role.*` ask for them again. */
export function useRoles() {
  return useQuery({ queryKey: ['role'], enabled: can('role.read'), queryFn: roles.all })
}

/** What people call a role: built-in ones in their language, the firm's own as it named them. */
export function roleName(key: string, all: readonly Role[] | undefined): string {
  return all?.find((role) => role.key === key && !role.builtIn)?.name ?? wordsFor('role', key, 'role.other', { key })
}

/** For who may not read roles: those every firm has and people work in. */
const COMMON = ['ADMIN', 'SUPERVISOR', 'AGENT'] as const

/** Roles somebody may give, and the one the person has already. */
export function roleChoices(all: readonly Role[] | undefined, mine: Rights, present?: string): { value: string; label: string }[] {
  const keys: string[] = all ? all.filter((role) => covers(mine, role.permissions)).map((role) => role.key) : [...COMMON]
  if (present && !keys.includes(present)) keys.push(present)
  return keys.map((value) => ({ value, label: roleName(value, all) }))
}
