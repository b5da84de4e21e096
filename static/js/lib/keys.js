// Single keys that do something: {key: function}. They rest while someone types, in a dialog and beside Ctrl, Alt, Meta.
export function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (action(event) !== false) event.preventDefault();
  });
}

function isTyping(target) {
  return Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog"));
}
