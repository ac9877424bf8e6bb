// Emoji by the names people type between colons.

const TABLE = `
+1 👍 -1 👎 thumbsup 👍 thumbsdown 👎 wave 👋 clap 👏 pray 🙏 muscle 💪 raised_hands 🙌 open_hands 👐 handshake 🤝 ok_hand 👌
point_right 👉 point_left 👈 point_up ☝️ point_down 👇 raised_hand ✋ hand ✋ v ✌️ crossed_fingers 🤞 writing_hand ✍️ eyes 👀
smile 😄 smiley 😃 grinning 😀 grin 😁 laughing 😆 joy 😂 rolling_on_the_floor_laughing 🤣 slightly_smiling_face 🙂 wink 😉
blush 😊 innocent 😇 heart_eyes 😍 star-struck 🤩 sunglasses 😎 nerd_face 🤓 thinking_face 🤔 thinking 🤔 neutral_face 😐
upside_down_face 🙃 relieved 😌 sweat_smile 😅 sweat 😓 cry 😢 sob 😭 angry 😠 scream 😱 exploding_head 🤯 sleeping 😴
hugging_face 🤗 shushing_face 🤫 face_with_monocle 🧐 partying_face 🥳 saluting_face 🫡 facepalm 🤦 shrug 🤷 robot_face 🤖
heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 broken_heart 💔 sparkling_heart 💖 100 💯
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 sports_medal 🏅 first_place_medal 🥇 second_place_medal 🥈
third_place_medal 🥉 star ⭐ star2 🌟 sparkles ✨ dizzy 💫 fire 🔥 boom 💥 zap ⚡ rocket 🚀 dart 🎯 crown 👑 gem 💎
books 📚 book 📖 open_book 📖 closed_book 📕 green_book 📗 blue_book 📘 orange_book 📙 notebook 📓 bookmark 🔖 mortar_board 🎓
school 🏫 student 🧑‍🎓 teacher 🧑‍🏫 pencil 📝 memo 📝 pencil2 ✏️ pen ✒️ clipboard 📋 page_facing_up 📄 scroll 📜 newspaper 📰
bar_chart 📊 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 calendar 📆 date 📅 spiral_calendar_pad 🗓️ card_index 📇
file_folder 📁 open_file_folder 📂 paperclip 📎 pushpin 📌 round_pushpin 📍 scissors ✂️ triangular_ruler 📐 straight_ruler 📏
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ heavy_plus_sign ➕
heavy_minus_sign ➖ warning ⚠️ no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 rotating_light 🚨 construction 🚧 question ❓
exclamation ❗ bangbang ‼️ information_source ℹ️ bulb 💡 mag 🔍 mag_right 🔎 lock 🔒 unlock 🔓 key 🔑 link 🔗 hammer 🔨
wrench 🔧 hammer_and_wrench 🛠️ gear ⚙️ shield 🛡️ bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣 speech_balloon 💬 thought_balloon 💭
email 📧 envelope ✉️ inbox_tray 📥 outbox_tray 📤 package 📦 mailbox 📫 phone ☎️ iphone 📱 computer 💻 desktop_computer 🖥️
keyboard ⌨️ floppy_disk 💾 camera 📷 video_camera 📹 movie_camera 🎥 clapper 🎬 tv 📺 headphones 🎧 microphone 🎤 musical_note 🎵
hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰ stopwatch ⏱️ watch ⌚ clock1 🕐 clock9 🕘 repeat 🔁 arrows_counterclockwise 🔄
arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ leftwards_arrow_with_hook ↩️ arrow_forward ▶️ fast_forward ⏩
large_green_circle 🟢 large_yellow_circle 🟡 red_circle 🔴 large_blue_circle 🔵 white_circle ⚪ black_circle ⚫ green_square 🟩
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 zero 0️⃣ abc 🔤 1234 🔢
sunny ☀️ sunrise 🌅 crescent_moon 🌙 rainbow 🌈 snowflake ❄️ umbrella ☔ cloud ☁️ ocean 🌊 earth_africa 🌍 earth_americas 🌎
palm_tree 🌴 evergreen_tree 🌲 deciduous_tree 🌳 seedling 🌱 herb 🌿 four_leaf_clover 🍀 sunflower 🌻 tulip 🌷 rose 🌹 cactus 🌵
coffee ☕ tea 🍵 cake 🍰 birthday 🎂 pizza 🍕 bread 🍞 apple 🍎 beers 🍻 champagne 🍾 house 🏠 office 🏢 beach_with_umbrella 🏖️
airplane ✈️ train 🚆 bike 🚲 car 🚗 ship 🚢 snake 🐍 cat 🐱 dog 🐶 owl 🦉 bee 🐝 turtle 🐢 unicorn_face 🦄 penguin 🐧 bug 🐛
`;
const BY_NAME = new Map();
const words = TABLE.trim().split(/\s+/);
for (let at = 0; at < words.length; at += 2) BY_NAME.set(words[at], words[at + 1]);

const TONES = ["", "", "🏻", "🏼", "🏽", "🏾", "🏿"];

export function emoji(name, tone = 0) {
  const found = BY_NAME.get(name);
  return found ? found.replace("\ufe0f", tone > 1 ? "" : "\ufe0f") + (TONES[tone] ?? "") : `:${name}:`;
}

export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):(?::skin-tone-([2-6]):)?/g, (all, name, tone) =>
    BY_NAME.has(name) ? emoji(name, Number(tone ?? 0)) : all,
  );
}
