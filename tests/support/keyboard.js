// The keyboard's way through a page: what can be reached, in which order it stands, and what each stop shows.
// `begin` takes down where everything stands; a listener takes down each stop before the next Tab leaves it.
(() => {
  const NATURAL = "a[href], area[href], button, input, select, textarea, summary, iframe, [contenteditable]";
  const MOUSE = "[onclick], [role=button], [role=link], [data-copy], [data-dialog], [data-close]";
  const ROOM = 64; // what the header takes of the window
  const html = (each) => each.outerHTML.replace(/\s+/g, " ").slice(0, 110);

  // What stands over the rest of the page, and is left before anything else is come to.
  const over = () => document.querySelector("dialog:modal, :popover-open");
  const layer = (each) => each.closest("dialog, [popover], header.top") ?? document.body;
  const opener = (menu) => [...document.querySelectorAll(`[popovertarget="${menu.id}"]`)].find(shown);

  const shown = (each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length > 0;
  const isStop = (each) => shown(each) && !each.disabled && each.type !== "hidden" && each.tabIndex >= 0
    && (!over() || over().contains(each)) && !each.closest("[inert]");
  // Buttons of a group are one stop: arrows go from one to the next.
  const thing = (each) => each.type === "radio" && each.name
    ? document.querySelector(`input[type=radio][name="${CSS.escape(each.name)}"]`) : each;
  const scrolls = (each) => /auto|scroll/.test(getComputedStyle(each).overflow)
    && (each.scrollHeight > each.clientHeight || each.scrollWidth > each.clientWidth);

  // Of a link that goes over several lines, the first.
  const box = (each) => [...each.getClientRects()].find((one) => one.width > 0 && one.height > 0)
    ?? each.getBoundingClientRect();

  const hasOutline = (each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
      && !/^rgba.*, 0\)$/.test(style.outlineColor);
  };
  // A field may show its focus at the box around it.
  const outlined = (each) => [each, each.parentElement, each.closest("label")].find((one) => one && hasOutline(one));

  // Whether some of the outline is cut off by what it stands in.
  const clipped = (each) => {
    const style = getComputedStyle(each);
    const away = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth) - 1;
    const mine = box(each);
    for (let at = each.parentElement; at && at !== document.documentElement; at = at.parentElement) {
      const over = getComputedStyle(at);
      if (over.overflowX !== "visible" && at !== document.body && over.display !== "contents") {
        const edge = at.getBoundingClientRect();
        if (mine.left - away < edge.left || mine.right + away > edge.right
          || mine.top - away < edge.top || mine.bottom + away > edge.bottom) return at;
      }
      if (over.position === "fixed") break;
    }
    return null;
  };

  const covered = (each) => {
    const { left, right, top, bottom } = box(each);
    const middle = (left + right) / 2;
    for (const [x, y] of [[middle, top + 3], [middle, bottom - 3], [middle, (top + bottom) / 2]]) {
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue; // taller than the window
      const hit = document.elementFromPoint(x, y);
      if (hit && !each.contains(hit) && !hit.contains(each) && !hit.closest("label")?.contains(each)) return hit;
    }
    return null;
  };

  const stop = (each) => {
    const faults = [];
    const { left, right, top, bottom } = box(each);
    const rim = outlined(each);
    const cutter = rim && clipped(rim);
    const cover = covered(each);
    if (!each.matches(":focus-visible") || !rim) faults.push("its focus isn't seen");
    if (cutter) faults.push(`its outline is cut by ${html(cutter)}`);
    if (cover) faults.push(`it is under ${html(cover)}`);
    // Of a text area the line with the caret is brought into sight, of what is tall a part.
    const isPart = each.matches("textarea") || bottom - top > (innerHeight - ROOM) / 2;
    const isInside = isPart ? bottom > ROOM && top < innerHeight - ROOM / 2 : top > -1 && bottom < innerHeight + 1;
    if (!isInside) faults.push("it is above or below the window");
    if (left < -1 || right > innerWidth + 1) faults.push("it is beside the window");
    return faults.map((fault) => `${fault}: ${html(each)}`);
  };

  const walk = {
    begin() {
      scrollTo(0, 0);
      // A menu whose button went away as the window grew is left alone.
      if (over()?.popover && !opener(over())) over().hidePopover();
      const start = over()?.popover ? opener(over()) : document.body;
      const all = [...document.querySelectorAll(`${NATURAL}, [tabindex]`)].filter(isStop);
      this.wanted = new Set(all.map(thing));
      this.boxes = new Map(all.map((each) => [each, box(each)]));
      this.mouse = [...document.querySelectorAll(MOUSE)]
        .filter((each) => shown(each) && !each.ariaDisabled && !each.matches(NATURAL) && !each.closest(`label, ${NATURAL}`))
        .map((each) => `only a mouse can press ${html(each)}`);
      if (start === document.body) start.tabIndex = -1;
      start.focus();
      this.start = start;
      this.forget();
      return this.wanted.size;
    },

    forget() {
      this.stops = [];
      this.faults = [];
    },

    // Where the keyboard is now; told again at each key, as it was before the key.
    see() {
      const at = document.activeElement;
      if (at === document.body || at === this.start || at === this.stops.at(-1)) return;
      if (this.start !== document.body && layer(at) === layer(this.start)) return;
      this.stops.push(at);
      this.faults.push(...stop(at));
    },

    isAtStart() {
      return document.activeElement === this.start;
    },

    isAround() {
      const at = document.activeElement;
      return at === document.body || at === this.stops[0] || (this.start !== document.body && !at.closest("[popover]"));
    },

    end() {
      removeEventListener("keydown", look, true);
      document.body.removeAttribute("tabindex");
      if (this.start !== document.body) this.start.click(); // opens the menu again
      const reached = new Set(this.stops.map(thing));
      const far = [...this.wanted].filter((each) => !reached.has(each));
      const odd = [...reached].filter((each) => !this.wanted.has(each) && !scrolls(each));
      return [
        ...this.mouse,
        ...this.faults,
        ...far.map((each) => `it is never reached: ${html(each)}`),
        ...odd.map((each) => `there is nothing to do: ${html(each)}`),
        ...this.outOfOrder(),
        ...this.beginning(),
      ];
    },

    // The first stop leads past the header, to where the page itself begins.
    beginning() {
      const [first] = this.stops;
      if (this.start !== document.body || over() || !document.querySelector("header.top")) return [];
      if (!first?.matches(".skip")) return ["it doesn't begin with a way past the header"];
      first.click();
      const has = document.activeElement === document.getElementById("main");
      return has ? [] : ["the way past the header leads elsewhere"];
    },

    // Lines go down the page, and in a line stops go as one reads; what comes next may also be the head of
    // a column beside the last.
    outOfOrder() {
      const isRtl = getComputedStyle(document.documentElement).direction === "rtl";
      const start = (one) => (isRtl ? -one.right : one.left);
      const end = (one) => (isRtl ? -one.left : one.right);
      const faults = [];
      const seen = this.stops.filter((each) => this.boxes.has(each) && !each.matches(".skip"));
      for (const [at, next] of seen.slice(1).entries()) {
        const last = seen[at];
        if (layer(last) !== layer(next)) continue;
        const [one, two] = [this.boxes.get(last), this.boxes.get(next)];
        const shared = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
        const inLine = shared > Math.min(one.height, two.height) / 2;
        const isAhead = inLine ? start(two) >= start(one) - 1
          : two.top > one.top || start(two) >= end(one) - 1;
        if (!isAhead) faults.push(`it comes too late: ${html(next)}, after ${html(last)}`);
      }
      return faults;
    },
  };

  const look = (event) => { if (event.key === "Tab") walk.see(); };
  addEventListener("keydown", look, true);
  window.walk = walk;
})();
