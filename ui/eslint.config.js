import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const features = ['audit', 'asset', 'classification', 'compliance', 'home', 'quality', 'rulesets', 'scans', 'search', 'session', 'settings', 'sources'];

const alone = 'A feature imports shared parts and the API client, never another feature.';

/** Forbids imports by what is written: inside a feature paths are relative, across rooms `@/`. */
const only = (files, group, message) => ({
  files: [files],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
});

export default tseslint.config(
  { ignores: ['src/api/schema.d.ts', 'node_modules'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // It warns of what the React Compiler would skip; this bundle is built without it.
      'react-hooks/incompatible-library': 'off',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-explicit-any': 'error',
    },
  },
  // An arrow points only to the right: app -> features -> shared -> api; features never meet.
  only('src/api/**', ['@/shared/**', '@/features/**', '@/app/**', '../**'], 'The API client imports nothing of the UI.'),
  only('src/shared/**', ['@/features/**', '@/app/**', '../features/**', '../app/**'], 'Shared parts know no feature.'),
  ...features.flatMap((name) => [
    only(`src/features/${name}/*`, ['@/features/**', '@/app/**', '../**'], alone),
    only(`src/features/${name}/*/**`, ['@/features/**', '@/app/**', '../../**'], alone),
  ]),
);
