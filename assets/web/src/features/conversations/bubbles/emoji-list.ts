/** The emoji people use most, by what they are about; the keyboard of a phone or desk has the rest. */
export const EMOJI = {
  faces: '😀 😃 😄 😁 😆 😅 😂 🤣 😊 😇 🙂 😉 😍 🥰 😘 😋 😜 🤪 🤗 🤭 🤔 🤨 😐 😑 😶 🙄 😏 😬 😮 😯 😲 🥱 😴 😌 😔 😕 🙁 ☹️ 😟 😢 😭 😤 😠 😡 🤬 😱 😨 😰 😥 😓 🤯 😳 🥺 🤒 🤕 🤧 😷 🤢 🥵 🥶 🤠 🥳 😎 🤓 🧐',
  people: '👍 👎 👌 🤏 ✌️ 🤞 🤙 👈 👉 👆 👇 ☝️ ✋ 🤚 👋 🖐️ 💪 🙏 🤝 👏 🙌 👐 ✍️ 🤷 🤷‍♀️ 🤷‍♂️ 🤦 🤦‍♀️ 🤦‍♂️ 🙋 🙋‍♀️ 🙋‍♂️ 🙇 💁 👨‍🔧 👩‍🔧 👮 👷 👨‍👩‍👧 👶 👀 🧠',
  hearts: '❤️ 🧡 💛 💚 💙 💜 🤎 🖤 🤍 💔 ❣️ 💕 💞 💓 💗 💖 💘 💝 💯 ✨ ⭐ 🌟 🔥 🎉 🎊 🎁 🎂 🏆 🥇',
  things: '🚗 🚕 🚙 🛻 🚚 🚛 🏍️ 🛵 🚲 🚨 🚧 🛞 🔧 🔩 🔨 🛠️ ⚙️ 🔋 🔌 ⛽ 🗺️ 📍 🏠 🏢 🏥 📞 📱 💻 🖨️ 📷 🎥 📦 📄 📃 📎 📌 📅 ⏰ ⏳ 💰 💶 💳 🧾 🔑 🔒 🔓 💡 🔔 🔕 📣',
  nature: '☀️ 🌤️ ⛅ 🌧️ ⛈️ ❄️ 🌈 🌊 🐶 🐱 🐾 🌹 🌻 🌳 🍀 🍎 🍕 🍔 🍰 ☕ 🍺 🍷 🥂 ⚽ 🏖️ ✈️ 🚀',
  signs: '✅ ☑️ ✔️ ❌ ❎ ❗ ❓ ⁉️ ‼️ ⚠️ 🚫 ⛔ 🆗 🆕 🆘 🔴 🟠 🟡 🟢 🔵 ⚫ ⚪ ▶️ ⏸️ ⬆️ ⬇️ ⬅️ ➡️ 🔄 1️⃣ 2️⃣ 3️⃣ 4️⃣ 5️⃣ 🇧🇷 🇵🇹 🇫🇷 🇪🇸 🇬🇧 🇺🇸',
} as const
export type EmojiGroup = keyof typeof EMOJI
export const EMOJI_GROUPS = Object.keys(EMOJI) as EmojiGroup[]
