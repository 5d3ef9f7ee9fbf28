import { useQuery } from '@tanstack/react-query'
import { conversations, system } from '@/api/calls'
import { can } from './session'

/** What the box says about itself; refused to people without `system.read`, which then see no hints about it. */
export function useSystem() {
  // A frame tells of changes; one that was missed is made up for after a while.
  return useQuery({ queryKey: ['system'], queryFn: system.info, enabled: can('system.read'), staleTime: Infinity, refetchInterval: 300_000 }).data
}

export function useCounters() {
  return useQuery({ queryKey: ['counters'], queryFn: conversations.counters, enabled: can('conversation.read') }).data
}
