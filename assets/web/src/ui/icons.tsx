import type { ReactNode, SVGProps } from 'react'

/** Icons are drawn here on a 20-unit grid with 1.5-unit lines; a component takes one by name. */
type IconProps = SVGProps<SVGSVGElement> & { size?: number }

function icon(children: ReactNode) {
  return function Icon({ size = 18, ...props }: IconProps) {
    return (
      <svg
        viewBox="0 0 20 20"
        width={size}
        height={size}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
        {...props}
      >
        {children}
      </svg>
    )
  }
}

export const InboxIcon = icon(<><path d="M3 11.5 5 4.8c.2-.7.8-1.1 1.5-1.1h7c.7 0 1.3.4 1.5 1.1l2 6.7" /><path d="M3 11.5h4.2l1 2h3.6l1-2H17v3.2c0 .9-.7 1.6-1.6 1.6H4.6c-.9 0-1.6-.7-1.6-1.6z" /></>)
export const SearchIcon = icon(<><circle cx="9" cy="9" r="5.2" /><path d="m13 13 3.6 3.6" /></>)
export const SettingsIcon = icon(<><path d="M3 6h6.5M14.5 6H17M3 14h2.5M10.5 14H17" /><circle cx="12" cy="6" r="2.2" /><circle cx="8" cy="14" r="2.2" /></>)
export const UserIcon = icon(<><circle cx="10" cy="7" r="3.2" /><path d="M3.8 16.5c.8-2.9 3.2-4.3 6.2-4.3s5.4 1.4 6.2 4.3" /></>)
export const UsersIcon = icon(<><circle cx="7.5" cy="7" r="2.9" /><path d="M2 16c.6-2.7 2.7-4 5.5-4s4.9 1.3 5.5 4" /><path d="M13 4.3a2.9 2.9 0 0 1 0 5.4M15 12.3c1.6.6 2.6 1.8 3 3.7" /></>)
export const UserPlusIcon = icon(<><circle cx="8" cy="7" r="3" /><path d="M2.3 16.3c.7-2.8 2.9-4.2 5.7-4.2 1.4 0 2.6.3 3.6 1M15 11.5v5M12.5 14h5" /></>)
export const CheckIcon = icon(<path d="m4 10.5 4 4 8-9" />)
export const TicksIcon = icon(<><path d="m1.8 10.8 3.6 3.7 7-8.5" /><path d="m9.3 13.3 1.2 1.2 7.2-8.5" /></>)
export const ClockIcon = icon(<><circle cx="10" cy="10" r="6.5" /><path d="M10 6.3V10l2.5 1.6" /></>)
export const AlertIcon = icon(<><path d="M10 3.2 17.3 16H2.7z" /><path d="M10 8.2v3.4M10 13.8v.1" /></>)
export const InfoIcon = icon(<><circle cx="10" cy="10" r="6.5" /><path d="M10 9.3v4M10 6.6v.1" /></>)
export const QuestionIcon = icon(<><circle cx="10" cy="10" r="6.5" /><path d="M8.2 8.2c0-1 .8-1.7 1.8-1.7s1.8.7 1.8 1.6c0 1.3-1.8 1.4-1.8 2.7M10 13.3v.1" /></>)
export const CloseIcon = icon(<path d="m5 5 10 10M15 5 5 15" />)
export const BackIcon = icon(<path d="m11.5 4.5-5.5 5.5 5.5 5.5" />)
export const ForwardIcon = icon(<path d="m8.5 4.5 5.5 5.5-5.5 5.5" />)
export const DownIcon = icon(<path d="m5 7.8 5 5 5-5" />)
export const MoreIcon = icon(<><circle cx="4.5" cy="10" r=".7" fill="currentColor" /><circle cx="10" cy="10" r=".7" fill="currentColor" /><circle cx="15.5" cy="10" r=".7" fill="currentColor" /></>)
export const NoteIcon = icon(<><path d="M4 3.5h12v8.2L11.7 16.5H4z" /><path d="M16 11.7h-4.3v4.8M7 7h6M7 10h3" /></>)
export const ReplyIcon = icon(<path d="M8 5 3.5 9.3 8 13.5M3.8 9.3h7.4c3 0 5.3 1.9 5.3 5.7" />)
export const SendIcon = icon(<path d="M3.2 10 3 4.2c0-.7.6-1 1.2-.8L17 9.3c.6.3.6 1.1 0 1.4L4.2 16.6c-.6.3-1.2-.1-1.2-.8zm0 0h6.3" />)
export const PanelIcon = icon(<><rect x="2.8" y="4" width="14.4" height="12" rx="2" /><path d="M12.3 4v12" /></>)
export const TransferIcon = icon(<path d="M3 7h12.5M12 3.5 15.5 7 12 10.5M17 13H4.5M8 9.5 4.5 13 8 16.5" />)
export const ArchiveIcon = icon(<><rect x="2.8" y="4" width="14.4" height="3.6" rx="1" /><path d="M4 7.6V15c0 .6.4 1 1 1h10c.6 0 1-.4 1-1V7.6M8.2 10.8h3.6" /></>)
export const ReopenIcon = icon(<path d="M4 10a6 6 0 1 0 2-4.5L4 7.3M4 3.5v3.8h3.8" />)
export const PhoneIcon = icon(<path d="M4.5 3.5h2.7l1.3 3.4-1.7 1.3a9 9 0 0 0 5 5l1.3-1.7 3.4 1.3v2.7c0 .6-.5 1.1-1.1 1C9.5 16.3 3.7 10.5 3.5 4.6c0-.6.4-1.1 1-1.1z" />)
export const MailIcon = icon(<><rect x="2.8" y="4.5" width="14.4" height="11" rx="1.8" /><path d="m3.3 6 6.7 5 6.7-5" /></>)
export const ChatIcon = icon(<path d="M10 3.5c4 0 7 2.6 7 6s-3 6-7 6c-.8 0-1.6-.1-2.3-.3L4 16.7l.7-3C3.6 12.6 3 11.1 3 9.5c0-3.4 3-6 7-6z" />)
export const QueueIcon = icon(<><path d="M3 5.5h9M3 10h9M3 14.5h6" /><path d="m14 12 2.5 2.5L14 17" /><path d="M16.5 14.5H12" /></>)
export const TagIcon = icon(<><path d="M3.5 4.5v5l7 7 6-6-7-7h-5a1 1 0 0 0-1 1z" /><circle cx="7" cy="7" r=".8" fill="currentColor" /></>)
export const CopyIcon = icon(<><rect x="7" y="7" width="9.5" height="9.5" rx="1.8" /><path d="M13 4.5c0-.6-.4-1-1-1H4.5c-.6 0-1 .4-1 1V12c0 .6.4 1 1 1" /></>)
export const KeyboardIcon = icon(<><rect x="2.3" y="5" width="15.4" height="10" rx="1.8" /><path d="M5.3 8.2h.1M8.4 8.2h.1M11.5 8.2h.1M14.6 8.2h.1M6.5 11.8h7" /></>)
export const SunIcon = icon(<><circle cx="10" cy="10" r="3.2" /><path d="M10 2.5v1.7M10 15.8v1.7M2.5 10h1.7M15.8 10h1.7M4.7 4.7l1.2 1.2M14.1 14.1l1.2 1.2M15.3 4.7l-1.2 1.2M5.9 14.1l-1.2 1.2" /></>)
export const MoonIcon = icon(<path d="M16.3 11.9A6.6 6.6 0 0 1 8.1 3.7a6.6 6.6 0 1 0 8.2 8.2z" />)
export const SignOutIcon = icon(<path d="M8 3.5H5c-.8 0-1.5.7-1.5 1.5v10c0 .8.7 1.5 1.5 1.5h3M12.5 6.5 16 10l-3.5 3.5M16 10H8" />)
export const PlugIcon = icon(<path d="M7.5 3v3.5M12.5 3v3.5M5.5 6.5h9v3a4.5 4.5 0 0 1-9 0zM10 14v3" />)
export const BuildingIcon = icon(<><path d="M4.5 16.5v-12c0-.6.4-1 1-1h6c.6 0 1 .4 1 1v12M12.5 8.5h2c.6 0 1 .4 1 1v7M2.8 16.5h14.4" /><path d="M7.3 6.8h2.4M7.3 9.8h2.4M7.3 12.8h2.4" /></>)
export const GlobeIcon = icon(<><circle cx="10" cy="10" r="6.7" /><path d="M3.3 10h13.4M10 3.3c2 2 2.8 4.2 2.8 6.7s-.8 4.7-2.8 6.7c-2-2-2.8-4.2-2.8-6.7S8 5.3 10 3.3z" /></>)
export const BoltIcon = icon(<path d="M11 2.8 4.5 11.3h4.7l-.7 5.9 6.5-8.5h-4.7z" />)
export const PlusIcon = icon(<path d="M10 4v12M4 10h12" />)
export const FilterIcon = icon(<path d="M3 5.5h14M5.5 10h9M8 14.5h4" />)
export const LockIcon = icon(<><rect x="4.5" y="9" width="11" height="7.5" rx="1.6" /><path d="M7 9V6.7a3 3 0 0 1 6 0V9" /></>)
export const RetryIcon = icon(<path d="M16 10a6 6 0 1 1-2-4.5L16 7.3M16 3.5v3.8h-3.8" />)
export const TrashIcon = icon(<path d="M4 5.8h12M8 5.5V4c0-.4.3-.7.7-.7h2.6c.4 0 .7.3.7.7v1.5M5.5 5.8l.6 9.7c0 .6.5 1 1.1 1h5.6c.6 0 1.1-.4 1.1-1l.6-9.7" />)
export const FlagIcon = icon(<path d="M5 17V3.8M5 4.3c3.5-1.6 6 1.4 10 0v7c-4 1.4-6.5-1.6-10 0" />)
export const WifiOffIcon = icon(<path d="m3 3 14 14M6 11.3c.6-.5 1.3-.9 2-1.1M3.3 8.4A9.8 9.8 0 0 1 6 6.6M9.3 5.5c2.7-.2 5.3.8 7.4 2.9M12.8 10.4l1.2.9M10 15v.1" />)
export const DeadLetterIcon = icon(<><rect x="2.8" y="4.5" width="14.4" height="11" rx="1.8" /><path d="m7.7 7.7 4.6 4.6M12.3 7.7l-4.6 4.6" /></>)
export const GaugeIcon = icon(<><path d="M3.5 14a7 7 0 1 1 13 0" /><path d="m10 12.5 3-4" /></>)
export const PencilIcon = icon(<path d="m4 16 .7-3.3L13 4.4c.6-.6 1.5-.6 2.1 0l.5.5c.6.6.6 1.5 0 2.1L7.3 15.3zM11.7 5.7l2.6 2.6" />)
export const BlockIcon = icon(<><circle cx="10" cy="10" r="6.5" /><path d="m5.5 5.5 9 9" /></>)
export const BookIcon = icon(<path d="M10 5.3C8.5 4 6.3 3.7 3.5 4v11c2.8-.3 5 0 6.5 1.3 1.5-1.3 3.7-1.6 6.5-1.3V4c-2.8-.3-5 0-6.5 1.3zm0 0v11" />)
export const SmileIcon = icon(<><circle cx="10" cy="10" r="6.7" /><path d="M7.6 8.2v.1M12.4 8.2v.1M7 11.8c1.6 2.1 4.4 2.1 6 0" /></>)
export const PassOnIcon = icon(<path d="M12 5l4.5 4.3-4.5 4.2M16.2 9.3H8.8c-3 0-5.3 1.9-5.3 5.7" />)
export const FileIcon = icon(<><path d="M5 3.3h6.2L15.5 7.6v9.1H5z" /><path d="M11 3.5v4.3h4.3" /></>)
export const PictureIcon = icon(<><rect x="2.8" y="4" width="14.4" height="12" rx="2" /><circle cx="7" cy="8" r="1.3" /><path d="m3.5 14.5 4.2-3.8 3 2.6 2.5-2.2 3.5 3.3" /></>)
export const VideoIcon = icon(<><rect x="2.5" y="5" width="10.5" height="10" rx="2" /><path d="m13 9 4.5-2.3v6.6L13 11z" /></>)
export const MicIcon = icon(<><rect x="7.5" y="2.8" width="5" height="9" rx="2.5" /><path d="M4.8 9.5a5.2 5.2 0 0 0 10.4 0M10 14.7v2.5" /></>)
export const PlayIcon = icon(<path d="M6.5 4.3v11.4l9-5.7z" fill="currentColor" />)
export const PauseIcon = icon(<path d="M7 4.5v11M13 4.5v11" strokeWidth={2.6} />)
export const DownloadIcon = icon(<path d="M10 3.5v9M6.3 9.2 10 12.8l3.7-3.6M3.8 16.3h12.4" />)
export const PinIcon = icon(<><path d="M10 17.3c3.6-3.9 5.4-6.8 5.4-9a5.4 5.4 0 0 0-10.8 0c0 2.2 1.8 5.1 5.4 9z" /><circle cx="10" cy="8.3" r="1.9" /></>)
export const CardIcon = icon(<><rect x="2.8" y="4" width="14.4" height="12" rx="2" /><circle cx="7.3" cy="8.8" r="1.6" /><path d="M4.8 13.3c.4-1.4 1.3-2 2.5-2s2.1.6 2.5 2M12.3 8.3h2.6M12.3 11.3h2.6" /></>)
export const BasketIcon = icon(<><path d="M2.8 4h2l1.7 8.5h7.8L16 6.5H5.3" /><circle cx="7.5" cy="15.5" r=".9" /><circle cx="13.3" cy="15.5" r=".9" /></>)
export const PollIcon = icon(<path d="M4 5h9M4 10h12M4 15h6" strokeWidth={2.2} />)
export const ListIcon = icon(<path d="M7.5 5.5H16M7.5 10H16M7.5 14.5H16M4 5.5h.1M4 10h.1M4 14.5h.1" />)
export const StickerIcon = icon(<><path d="M4 3.5h12v7.5c0 3-2.5 5.5-5.5 5.5H4z" /><path d="M16 11h-2.8a2.7 2.7 0 0 0-2.7 2.7v2.8" /></>)
export const OpenIcon = icon(<path d="M8 4.5H4.5v11h11V12M11.5 3.5h5v5M16.3 3.7 9.5 10.5" />)
export const HideIcon = icon(<><path d="M3 10c1.7-3 4.1-4.6 7-4.6s5.3 1.6 7 4.6c-1.7 3-4.1 4.6-7 4.6S4.7 13 3 10z" /><path d="m4 16 12-12" /></>)
export const ClipIcon = icon(<path d="m15.8 9.4-5.6 5.6a3.6 3.6 0 0 1-5.1-5.1l6-6a2.4 2.4 0 0 1 3.4 3.4l-5.9 5.9a1.2 1.2 0 0 1-1.7-1.7l5.3-5.3" />)
export const ButtonsIcon = icon(<><rect x="3" y="3.5" width="14" height="5" rx="1.5" /><path d="M3 12h14M3 16h14" /></>)
export const LinkIcon = icon(<path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.9-2.9a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-2.9 2.9a3 3 0 0 0 4.3 4.3l1-1" />)
export const TemplateIcon = icon(<><rect x="3" y="3" width="14" height="14" rx="1.8" /><path d="M6 7h8M6 10h8M6 13h4" /></>)
export const CalendarIcon = icon(<><rect x="3" y="4.3" width="14" height="12.5" rx="1.8" /><path d="M3 8.3h14M7 2.8v3M13 2.8v3" /></>)
export const BoldIcon = icon(<path d="M6 4h4.7a2.9 2.9 0 0 1 0 5.8H6zm0 5.8h5.5a3.1 3.1 0 0 1 0 6.2H6z" strokeWidth={1.9} />)
export const ItalicIcon = icon(<path d="M8.5 4H14M6 16h5.5M11.7 4 8.3 16" />)
export const StrikeIcon = icon(<path d="M13.8 6c-.5-1.3-1.9-2.1-3.7-2.1-2.2 0-3.8 1.1-3.8 2.9 0 1.1.6 1.9 1.7 2.4M3.5 10h13M6 13.7c.5 1.5 2 2.4 4 2.4 2.3 0 4-1.2 4-3 0-.6-.2-1.2-.5-1.6" />)
export const CodeIcon = icon(<path d="m7 6-4 4 4 4M13 6l4 4-4 4" />)
export const BellIcon = icon(<><path d="M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.2 1.5H4.3z" /><path d="M8.5 17h3" /></>)
export const QrIcon = icon(<><rect x="3" y="3" width="5.5" height="5.5" rx="1" /><rect x="11.5" y="3" width="5.5" height="5.5" rx="1" /><rect x="3" y="11.5" width="5.5" height="5.5" rx="1" /><path d="M11.5 11.5h2.200v2.200M17 11.5v2.200M11.5 17h2.200M17 16.800v.2h-.2" /></>)

/** The mark: a lighthouse throwing its beam. */
export function Mark({ size = 28, ...props }: IconProps) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false" {...props}>
      <path d="M16.7 10.8 30 5.6v10.8z" fill="var(--lamp)" opacity=".5" />
      <path d="M9.5 10.5 0 8v5z" fill="var(--lamp)" opacity=".22" />
      <path d="M8.9 9.3a4.1 4.1 0 0 1 8.2 0z" fill="currentColor" />
      <path d="M9.7 10.6h6.6l.3 3.2H9.4z" fill="var(--lamp)" />
      <path d="M9.3 15.1h7.4l.4 3.7H8.9zM8.7 20.1h8.6l.7 6H8z" fill="currentColor" />
      <rect x="6" y="27" width="14" height="2.2" rx="1.1" fill="currentColor" />
    </svg>
  )
}
