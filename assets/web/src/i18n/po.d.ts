declare module '*.po' {
  import type { Messages } from '@lingui/core'
  export const messages: Messages
}

/** Hash of the sources this app was built from. */
declare const __BUILD__: string
