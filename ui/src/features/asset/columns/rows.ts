import type { AssetColumn } from '../queries';
import type { CheckResult, ColumnProfile, Profile } from '../queries-quality';

export interface Row {
  column: AssetColumn;
  profile: ColumnProfile | undefined;
  checks: CheckResult[];
}

/** Columns with what profile and checks say of each. */
export function rowsOf(columns: readonly AssetColumn[], profile: Profile | null, results: readonly CheckResult[]): Row[] {
  const profiles = new Map(profile?.columns.map((each) => [each.name, each]));
  const checks = new Map<string, CheckResult[]>();
  for (const result of results) {
    for (const name of result.columns) checks.set(name, [...(checks.get(name) ?? []), result]);
  }
  return columns.map((column) => ({ column, profile: profiles.get(column.name), checks: checks.get(column.name) ?? [] }));
}

/** How the answered checks of a column came out. */
export function tally(checks: readonly CheckResult[]): { passed: number; failed: number } {
  return {
    passed: checks.filter((each) => each.status === 'passed').length,
    failed: checks.filter((each) => each.status === 'failed' || each.status === 'error').length,
  };
}
