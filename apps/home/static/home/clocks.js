// Clocks that go on: each [data-clock] shows the time in its zone, each [data-clock-day] the day of the week there.

const language = document.documentElement.lang || "en";

function show(now) {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const hourCycle = clock.dataset.hours === "12" ? "h12" : "h23";
    clock.textContent = new Intl.DateTimeFormat(language, {
      hour: "2-digit", minute: "2-digit", hourCycle, timeZone: clock.dataset.clock,
    }).format(now);
    clock.dateTime = now.toISOString();
  }
  for (const day of document.querySelectorAll("[data-clock-day]")) {
    day.textContent = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: day.dataset.clockDay }).format(now);
  }
}

/** Show the time when each minute begins. */
function go() {
  const now = new Date();
  show(now);
  setTimeout(go, 60_000 - (now.getTime() % 60_000));
}

go();
