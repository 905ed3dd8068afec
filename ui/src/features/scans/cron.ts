const days = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];
const number = /^\d+$/;

/** The usual schedules as people say them; nothing for an unusual one, which then speaks for itself. */
export function cronWords(cron: string): string {
  const [minute = '', hour = '', day, month, weekday = ''] = cron.trim().split(/\s+/);
  if (day !== '*' || month !== '*' || !number.test(minute)) return '';
  if (hour === '*' && weekday === '*') return minute === '0' ? 'Every hour' : `Every hour at ${minute} past`;
  if (!number.test(hour)) return '';
  const at = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (weekday === '*') return `Every day ${at}`;
  if (weekday === '1-5') return `On working days ${at}`;
  const named = number.test(weekday) ? days[Number(weekday) % 7] : undefined;
  return named ? `${named} ${at}` : '';
}
