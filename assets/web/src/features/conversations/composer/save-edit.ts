import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import { errorWords } from '@/app/errors'
import { toast } from '@/ui/toasts'
import { focusComposer, stopEdit } from './state'

/** Changes the words of a sent message; what was typed stays where the change is refused. */
export async function saveEdit(conversationId: string, messageId: string, content: string): Promise<void> {
  const before = cache.get('message', messageId)
  if (before?.content === content) return stopEdit(conversationId)
  const takeBack = cache.hint('message', messageId, { content })
  try {
    cache.put('message', await messages.edit(messageId, content))
    stopEdit(conversationId)
    focusComposer(conversationId)
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
  } finally {
    takeBack()
  }
}
