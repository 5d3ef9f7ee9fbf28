/** Where a file that was handed in can be fetched. */
export const pictureOf = (mediaId: string | null | undefined): string | null => (mediaId ? `/api/v1/media/${encodeURIComponent(mediaId)}` : null)
