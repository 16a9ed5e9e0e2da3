// What the portal can do better with script. Without it every page works: links go to pages of
// their own, forms are sent whole, and what could be copied can be marked.

const live = document.querySelector("[data-live]");

const tell = (words) => {
  live.textContent = "";
  // A screen reader reads out what changes, and the same words twice are no change.
  setTimeout(() => { live.textContent = words; }, 50);
};

// data-copy: the value that a button copies.

const copyable = (root) => {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
};

const copy = async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return;
  }
  const words = button.querySelector("span");
  const before = words?.textContent;
  button.classList.add("done");
  if (words) words.textContent = button.dataset.copied;
  tell(button.dataset.copied);
  button.closest("[data-ticks]")?.classList.add("ticked");
  setTimeout(() => {
    button.classList.remove("done");
    if (words) words.textContent = before;
  }, 3000);
};

// data-dialog: a link to a confirmation, which is opened over the page instead.

const openDialog = async (link) => {
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const confirmation = page.querySelector("[data-confirmation]");
  if (!answer.ok || !confirmation) throw new Error("no confirmation");
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "confirmation-title");
  dialog.append(document.adoptNode(confirmation));
  const symbols = document.querySelector(".symbols");
  for (const symbol of page.querySelectorAll(".symbols > symbol")) {
    if (!document.getElementById(symbol.id)) symbols.append(document.adoptNode(symbol));
  }
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[data-keep]")?.focus({ focusVisible: true });
};

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const at = (hook) => event.target.closest(`[${hook}]`);
  const button = at("data-copy");
  if (button) {
    copy(button);
    return;
  }
  const keep = at("data-keep");
  const dialog = keep?.closest("dialog");
  if (dialog) {
    event.preventDefault();
    dialog.close();
    return;
  }
  const close = at("data-close");
  if (close) {
    event.preventDefault();
    close.closest(".message").remove();
    document.getElementById("main").focus();
    return;
  }
  const link = at("data-dialog");
  if (link) {
    event.preventDefault();
    openDialog(link).catch(() => { location.assign(link.href); });
  }
});

// data-escape: the link that the Escape key follows, as the details' cross.

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  if (document.querySelector("dialog[open], [popover]:popover-open")) return;
  document.querySelector("[data-escape]")?.click();
});

// A menu closes when the focus goes on behind it, so that it covers nothing that is used.

document.addEventListener("focusin", ({ target }) => {
  for (const menu of document.querySelectorAll("[popover]:popover-open")) {
    if (!menu.contains(target) && target.getAttribute("popovertarget") !== menu.id) menu.hidePopover();
  }
});

// data-busy: what a button says while its form is on the way. Pressed twice, it is sent once.

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (!button?.dataset.busy) return;
  const label = button.querySelector("span") ?? button;
  event.target.dataset.sent = label.textContent;
  button.setAttribute("aria-disabled", "true");
  button.style.minInlineSize = `${button.offsetWidth}px`;
  setTimeout(() => {
    label.textContent = button.dataset.busy;
    tell(button.dataset.busy);
  }, 300);
});

// Back from the next page, the form can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    const button = form.querySelector("[data-busy]");
    button.removeAttribute("aria-disabled");
    (button.querySelector("span") ?? button).textContent = form.dataset.sent;
    delete form.dataset.sent;
  }
});

// data-submits: a choice that sends its form when it changes, as a list's filters. Arrows and letters
// pass through what isn't meant: after them the button sends the form that is there without script.

let passed;

document.addEventListener("keydown", ({ key, target }) => {
  passed = /^(Arrow|Page|Home|End)|^.$/.test(key) ? target : undefined;
});

document.addEventListener("pointerdown", () => { passed = undefined; });

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-submits]")) return;
  if (target !== passed) {
    target.form.requestSubmit();
    return;
  }
  for (const plain of target.form.querySelectorAll("noscript")) {
    plain.replaceWith(...new DOMParser().parseFromString(plain.textContent, "text/html").body.children);
  }
});

// data-options: where what is offered for a field comes from, while somebody types in it.

let typing;

const offer = async (field) => {
  const asked = field.value;
  const answer = await fetch(`${field.dataset.options}?${new URLSearchParams({ q: asked })}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // Answers may overtake each other.
  if (answer.ok && field.value === asked) field.list.replaceChildren(...page.querySelectorAll("option"));
};

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-options]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => { offer(event.target).catch(() => {}); }, 150);
});

// data-pattern: what an empty field follows from, once the address of the LMS's site is typed, or the
// issuer that is the same.

const siteOf = (form) => {
  const issuer = form.querySelector('#issuer[data-pattern="{site}"]');
  const typed = form.querySelector("#site")?.value.trim() || issuer?.value.trim() || "";
  return /^https?:\/\/[^/\s]/.test(typed) ? typed.replace(/\/+$/, "") : "";
};

document.addEventListener("change", (event) => {
  if (!event.target.matches("#site, #issuer, #client_id")) return;
  const { form } = event.target;
  const known = { "{site}": siteOf(form), "{client_id}": form.querySelector("#client_id")?.value.trim() };
  for (const field of form.querySelectorAll("[data-pattern]")) {
    const filled = field.dataset.pattern.replace(/\{\w+\}/g, (name) => known[name] || name);
    if (field.value || filled.includes("{")) continue;
    field.value = filled;
    tell(form.querySelector("[data-filled]").dataset.filled);
  }
});

copyable(document);
document.querySelector("[data-focus]")?.focus();
