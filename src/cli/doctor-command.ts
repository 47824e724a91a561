/** `doctor`: what keeps a gateway from working on this machine, and what to do. */
import type { Argv, CommandModule } from 'yargs';
import type { Finding } from '../app/doctor/doctor.ts';
import { loadSettings } from '../config/load.ts';
import type { CommandFacts } from './command-line.ts';
import { addSettingOptions, addSettingsFile, assignmentsOf, settingsFile } from './setting-options.ts';

const SIGNS: Readonly<Record<Finding['result'], string>> = { ok: 'ok  ', warn: 'look', fail: 'FAIL' };

/** Prints a line for each thing that was looked at. Exit code 1 where one of them fails; throws `ConfigError` for the settings. */
export const doctorCommand: CommandModule & CommandFacts = {
  otherNames: ['check-system', 'diagnose', 'diagnostics'],
  command: 'doctor [file]',
  describe: 'Look at what keeps a gateway from working on this machine: disk, ports, groups, broker',
  builder: (command: Argv) =>
    addSettingOptions(addSettingsFile(command).option('json', { type: 'boolean', default: false, describe: 'As JSON' }))
      .example('sudo -u mqtt-sn-gateway $0 doctor /etc/mqtt-sn-gateway/gateway.yaml', 'As the user of the service')
      .epilogue('Changes nothing. Exit code 1 where something fails.'),
  handler: async (values) => {
    const { settings } = loadSettings({
      file: settingsFile(values),
      environment: process.env,
      commandLine: assignmentsOf(values),
      workingFolder: process.cwd(),
    });
    const { examine } = await import('../app/doctor/doctor.ts');
    const findings = await examine(settings);
    process.stdout.write(values.json === true ? `${JSON.stringify(findings, undefined, 2)}\n` : findingsText(findings));
    process.exitCode = findings.some(({ result }) => result === 'fail') ? 1 : 0;
  },
};

/** A line for each finding, and one below it for what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.min(40, Math.max(...findings.map(({ what }) => what.length)));
  return findings
    .map(({ what, result, found, advice }) => {
      const line = `${SIGNS[result]}  ${what.padEnd(width)}  ${found}\n`;
      return advice === undefined ? line : `${line}      ${advice}\n`;
    })
    .join('');
}
