import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 for everything it shows in /proc. */
const tickUs = 10_000;

/** CPU time of a process and all its threads, in microseconds. */
export function cpuUs(pid: number): number {
  return ownUs(statOf(pid));
}

/** CPU time of PostgreSQL: its postmaster, those it forked, and those of them that have ended. */
export function postgresCpuUs(postmaster: number): number {
  const stat = statOf(postmaster);
  let total = ownUs(stat) + (stat.childTicks ?? 0) * tickUs;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const child = statOf(Number(name));
    if (child.parent === postmaster) total += ownUs(child);
  }
  return total;
}

export function rssMb(pid: number): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB/m);
  return Number(line?.[1] ?? 0) / 1024;
}

type Stat = { parent: number; ticks: number; childTicks: number };

const ownUs = ({ ticks }: Stat) => ticks * tickUs;

/** proc_pid_stat(5); what ended meanwhile used nothing. */
function statOf(pid: number): Stat {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may itself hold spaces and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (index: number) => Number(fields[index]);
    return { parent: at(1), ticks: at(11) + at(12), childTicks: at(13) + at(14) };
  } catch {
    return { parent: 0, ticks: 0, childTicks: 0 };
  }
}
