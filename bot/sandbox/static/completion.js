// What the composer offers while someone types: commands, a command's words, people to mention.

const folded = (text) => text.toLowerCase();

// Offers for the text before the caret: {label, hint, about, from, text, isSure} or a shortcut to use. A sure one is taken by Enter at once;
// the others only when an arrow key chose them.
export function offersFor(before, { commands, shortcuts, people, inThread }) {
  return inThread
    ? mentions(before, people)
    : (commandNames(before, commands, shortcuts) ?? commandWords(before, commands) ?? mentions(before, people));
}

function commandNames(before, commands, shortcuts) {
  if (!/^\/\S*$/.test(before)) return null;
  const own = shortcuts
    .filter((one) => one.type === "global" && folded(one.name).startsWith(folded(before.slice(1))))
    .map((one) => ({
      label: one.name,
      hint: "shortcut",
      about: one.description,
      shortcut: one.callback_id,
      isSure: true,
    }));
  const names = commands
    .filter((one) => folded(one.command).startsWith(folded(before)))
    .map((one) => ({
      label: one.command,
      hint: one.usage_hint,
      about: one.description,
      from: 0,
      text: `${one.command} `,
      isSure: one.command !== before,
    }));
  return [...names, ...own];
}

function commandWords(before, commands) {
  const command = commands.find((one) => before.startsWith(`${one.command} `));
  const typed = command && before.slice(command.command.length + 1);
  if (!command || typed.includes(" ") || !command.usage_hint?.includes("|")) return null;
  const forms = command.usage_hint
    .split("|")
    .map((form) => form.trim())
    .filter((form) => form.startsWith(folded(typed)) && form !== typed);
  return forms.map((form) => ({
    label: `${command.command} ${form}`,
    from: command.command.length + 1,
    text: `${form.split(" ")[0]}${form.includes(" ") ? " " : ""}`,
    isSure: false,
  }));
}

function mentions(before, people) {
  const found = before.match(/(?:^|\s)@([\w.-]*)$/);
  if (!found) return [];
  const typed = folded(found[1]);
  const fits = (one) =>
    folded(one.handle).startsWith(typed) ||
    folded(one.name)
      .split(/\s+/)
      .some((word) => word.startsWith(typed));
  return people
    .filter(fits)
    .slice(0, 8)
    .map((one) => ({
      label: `@${one.handle}`,
      hint: one.is_bot ? "app" : one.name,
      from: before.length - found[1].length,
      text: `${one.handle} `,
      isSure: true,
    }));
}
