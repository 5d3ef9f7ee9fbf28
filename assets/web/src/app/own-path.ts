/** Only a path of this app may follow a sign-in; an address from outside could point anywhere. */
export function ownPath(path: string | undefined): string {
  return path && /^\/(?![/\\])/.test(path) ? path : '/inbox/mine'
}
