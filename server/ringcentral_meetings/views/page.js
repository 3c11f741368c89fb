// Building the page. Other people's text is set as text nodes alone: nothing here parses markup.

const el = (tag, props = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
};

const button = (label, onclick, props = {}) => el("button", { type: "button", onclick, ...props }, label);

const chip = (label, kind = "") => el("span", { class: `chip ${kind}` }, label);

const banner = (text, kind = "info") => el("p", { class: `banner ${kind}` }, text);

const announce = (text) => {
  document.getElementById("live").textContent = text;
};

const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// Arrow keys move within a list whose items hold one button with class "row"; Tab leaves the list.
const rovingFocus = (list) => {
  const rows = [...list.querySelectorAll("button.row")];
  rows.forEach((row, index) => (row.tabIndex = index ? -1 : 0));
  list.addEventListener("keydown", (event) => {
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || to === undefined || !rows[to]) return;
    event.preventDefault();
    rows[at].tabIndex = -1;
    rows[to].tabIndex = 0;
    rows[to].focus();
  });
  return list;
};

// A frame without the clipboard permission can still copy a selection.
const copySelection = (text) => {
  const area = el("textarea", { class: "hidden", readonly: true });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
};

const copyText = async (text) => {
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  const permitted = policy?.allowsFeature("clipboard-write") !== false;
  const copied = permitted && (await navigator.clipboard.writeText(text).then(() => true, () => false));
  announce(copied || copySelection(text) ? "Copied." : "Copying is not possible here.");
};
