import { QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/api/client'

/** Answers are kept fresh by the socket; a query runs again when it says so, not because a window got the focus. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5 * 60_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < 3 && (!(error instanceof ApiError) || error.unknownOutcome || error.status === 429),
      retryDelay: (attempt, error) => (error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : Math.min(8000, 400 * 2 ** attempt)),
    },
    mutations: { retry: false },
  },
})

/** What is known of contacts beside themselves is asked for again once one is more, or less, than it was. */
export function askAboutPeople(): void {
  for (const name of ['contact', 'contact-conversations', 'contact-merges', 'contact-suggestions']) void queryClient.invalidateQueries({ queryKey: [name] })
}
